"""`solarcharger/*` (MPPT on VE.Can) and `pvinverter/20` (the Fronius that the GX reads itself)."""

from typing import Any

from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Counter, Row, Service, decimal, single
from collector.simulator.physics.bess import Bess
from collector.simulator.physics.flow import PHASES, DcFlow, Flow

FIRST_CHARGER = 278
PV_INVERTER = 20
HISTORY_DAYS = 8
_MPPT_V = 96.0


def charger(plan: GxPlan, index: int) -> Service:
    """The service of the `index`-th solar charger."""
    bess, flow = plan.bess, plan.bess.mppts[index]
    array = bess.arrays[index]
    rated = bess.spec.mppt_w[index]

    def pv_v() -> float:
        return _MPPT_V + 9 * (1 - flow.w / rated) if array.available_w else 1.1

    def limited() -> bool:
        return flow.w < array.available_w - 50

    rows = [
        Row("State", lambda: _charger_state(bess, flow), 2),
        Row("MppOperationMode", lambda: 0 if not flow.w else 1 if limited() else 2, 2),
        Row("Dc/0/Voltage", single(lambda: bess.battery.voltage_v + 0.05, 2), 2),
        Row("Dc/0/Current", single(lambda: flow.w / bess.battery.voltage_v, 1)),
        Row("Pv/V", single(pv_v, 2)),
        Row("Pv/I", single(lambda: flow.w / 0.98 / pv_v(), 1)),
        Row("Yield/Power", single(lambda: flow.w, 0)),
        Row(
            "Yield/System",
            Counter(lambda: flow.forward_wh / 1000, plan.lifetime_kwh / (index + 3)),
            10,
        ),
        Row(
            "Yield/User",
            Counter(lambda: flow.forward_wh / 1000, plan.lifetime_kwh / (index + 9)),
            10,
        ),
        Row("History/Daily/0/Yield", decimal(lambda: 11.3 + flow.forward_wh / 1000, 2), 20),
    ]

    def switch(value: Any) -> bool:
        if value not in (1, 4) or isinstance(value, bool):
            return False
        array.enabled = value == 1
        return True

    rows.append(Row("Mode", lambda: 1 if array.enabled else 4))
    name = FIRST_CHARGER + index
    return Service(
        "solarcharger", name, rows, _charger_static(plan, index), writes={"Mode": switch}
    )


def _charger_state(bess: Bess, flow: DcFlow) -> int:
    if not flow.w:
        return 0
    soc = bess.battery.soc_pct
    return 3 if soc < 90 else 4 if soc < 98 else 5


def _charger_static(plan: GxPlan, index: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "ProductId": 41316, "ProductName": "SmartSolar MPPT VE.Can 250/100 rev2",
        "CustomName": f"Solar {index + 1}", "Serial": plan.mppt_serials[index],
        "FirmwareVersion": 202503, "HardwareVersion": None, "ErrorCode": 0,
        "Mgmt/Connection": "VE.Can", "Mgmt/ProcessName": "vecan-dbus",
        "Mgmt/ProcessVersion": "3.35", "N2kDeviceInstance": index, "NrOfTrackers": 1,
        "Dc/0/Temperature": None, "Load/State": None, "Load/I": None, "Relay/0/State": 0,
        "Equalization/Pending": None, "Equalization/TimeRemaining": None,
        "Link/ChargeVoltage": 56.0, "Link/NetworkMode": 13, "Link/NetworkStatus": 4,
        "Link/ChargeCurrent": None, "Link/BatteryCurrent": None, "Link/TemperatureSense": None,
        "Settings/ChargeCurrentLimit": 100.0, "Settings/BmsPresent": 1,
        "Devices/0/CustomName": f"Solar {index + 1}", "Devices/0/FirmwareVersion": 202503,
        "Devices/0/Serial": plan.mppt_serials[index], "Alarms/LowVoltage": 0,
        "Alarms/HighVoltage": 0, "History/Overall/DaysAvailable": 31,
        "History/Overall/MaxPvVoltage": 241.3, "History/Overall/MaxBatteryVoltage": 57.1,
        "History/Overall/MinBatteryVoltage": 46.2,
        **{f"History/Overall/LastError{k}": 0 for k in range(1, 5)},
    }  # fmt: skip
    for day in range(HISTORY_DAYS):
        values |= {
            f"History/Daily/{day}/Yield": 21.4 - day * 1.3,
            f"History/Daily/{day}/MaxPower": 4100 - 130 * day,
            f"History/Daily/{day}/MaxPvVoltage": 131.5,
            f"History/Daily/{day}/MaxBatteryVoltage": 55.9,
            f"History/Daily/{day}/MinBatteryVoltage": 51.2,
            f"History/Daily/{day}/TimeInBulk": 402.0,
            f"History/Daily/{day}/TimeInAbsorption": 61.0,
            f"History/Daily/{day}/TimeInFloat": 0.0,
        }
    return values


def inverter(plan: GxPlan) -> Service:
    """The service of the AC-coupled PV inverter on the AC output."""
    bess, flow = plan.bess, plan.bess.pv_ac

    def running() -> int:
        if not bess.roof.available_w:
            return 8
        return 12 if bess.throttled else 11

    rows = [
        Row("Ac/Power", decimal(lambda: flow.total_w, 1), 2),
        Row("Ac/Frequency", decimal(lambda: flow.bus.hz, 2), 4),
        Row(
            "Ac/Energy/Forward",
            Counter(lambda: flow.forward_wh / 1000, plan.lifetime_kwh * 2, 3),
            5,
        ),
        Row("StatusCode", running, 2),
    ]
    for k in PHASES:
        rows += _inverter_phase(flow, k, plan.lifetime_kwh * 2 / 3)
    rated = bess.spec.pv_inverter_w
    static = {
        "ProductId": 41284, "ProductName": "Fronius Symo GEN24 12.0 Plus",
        "CustomName": "", "Serial": plan.pv_inverter_serial, "DataManagerVersion": "1.34.6-1",
        "FirmwareVersion": "1.34.6-1", "FroniusDeviceType": 1, "Position": 1, "ErrorCode": 0,
        "Ac/MaxPower": rated, "Ac/PowerLimit": rated, "DeviceType": 71,
        "Mgmt/Connection": "10.20.0.61 - 1 (sunspec)", "Mgmt/ProcessName": "dbus-fronius",
        "Mgmt/ProcessVersion": "3.1.4", "Error/Id": 0, "IsGenericEnergyMeter": 0,
    }  # fmt: skip
    return Service("pvinverter", PV_INVERTER, rows, static)


def _inverter_phase(flow: Flow, k: int, first_kwh: float) -> list[Row]:
    at = f"Ac/L{k + 1}"
    energy = Counter(lambda: flow.phase_forward_wh[k] / 1000, first_kwh, 3)
    return [
        Row(f"{at}/Power", decimal(lambda: flow.p[k], 1), 2),
        Row(f"{at}/Voltage", decimal(lambda: flow.bus.u[k], 1), 3),
        Row(f"{at}/Current", decimal(lambda: flow.amps(k), 2), 2),
        Row(f"{at}/Energy/Forward", energy, 10),
    ]
