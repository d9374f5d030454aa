"""`system/0`: what systemcalc makes of the other services, once a second."""

from collections.abc import Callable
from typing import Any

from collector.simulator.gx import battery, solar, supply, vebus
from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Counter, Get, Row, Service
from collector.simulator.physics.bess import Bess, Source
from collector.simulator.physics.flow import PHASES

_IDLE_W = 30
_SOURCE = {Source.NONE: 240, Source.GRID: 1, Source.GENERATOR: 2}
_VEBUS = f"vebus/{vebus.INSTANCE}"
_BATTERY = f"com.victronenergy.battery/{battery.INSTANCE}"


def build(plan: GxPlan) -> Service:
    """The service of `plan`'s whole system."""
    bess = plan.bess
    rows = [
        *_battery_rows(plan),
        *_ac_rows(plan),
        Row("Batteries", lambda: _batteries(plan), 3),
        Row("Dc/Pv/Power", lambda: round(bess.pv_dc_w, 1) if bess.mppts else None),
        Row(
            "Dc/Pv/Current",
            lambda: round(bess.pv_dc_w / bess.battery.voltage_v, 1) if bess.mppts else None,
        ),
        Row("Dc/Vebus/Power", lambda: round(bess.battery.flow.w - bess.pv_dc_w), 2),
        Row("Dc/InverterCharger/Power", lambda: round(bess.battery.flow.w - bess.pv_dc_w), 2),
        Row("SystemState/State", lambda: _state(bess)),
        Row("SystemState/LowSoc", lambda: int(bess.battery.soc_pct < 10), 5),
        Row("SystemState/DischargeDisabled", lambda: int(bess.battery.discharge_limit_a <= 0), 5),
        Row("SystemState/ChargeDisabled", lambda: int(bess.battery.charge_limit_a <= 0), 5),
        *_timers(bess),
        Row("Control/ActiveSocLimit", lambda: bess.minimum_soc_pct, 2),
        Row("Relay/0/State", lambda: _first_relay(plan)),
        Row("Relay/1/State", lambda: plan.relays[1]),
    ]
    writes = {f"Relay/{k}/State": _relay(plan, k) for k in (0, 1)}
    return Service("system", 0, rows, _static(plan), writes=writes, volatile=True)


def _battery_rows(plan: GxPlan) -> list[Row]:
    """Rows of the chosen battery monitor; without it they are invalid."""
    b = plan.bess.battery
    monitor = f"battery/{battery.INSTANCE}"

    def row(path: str, get: Get, every: int = 1) -> Row:
        return Row(f"Dc/Battery/{path}", lambda: None if monitor in plan.gone else get(), every)

    def to_go() -> float | None:
        return None if b.time_to_go_s is None else round(b.time_to_go_s, -2)

    return [
        row("Voltage", lambda: round(b.voltage_v, 2)),
        row("Current", lambda: round(b.current_a, 1)),
        row("Power", lambda: round(b.flow.w)),
        row("Soc", lambda: round(b.soc_pct, 1), 2),
        row("State", lambda: battery_state(b.flow.w)),
        row("Temperature", lambda: round(b.temperature_c, 1), 10),
        row("TimeToGo", to_go, 10),
        row("ConsumedAmphours", lambda: round((b.soc_pct - 100) * b.capacity_ah / 100, 1), 3),
    ]


def battery_state(watts: float) -> int:
    """`Dc/Battery/State`: idle within 30 W, else 1 charging or 2 discharging."""
    return 1 if watts > _IDLE_W else 2 if watts < -_IDLE_W else 0


def _ac_rows(plan: GxPlan) -> list[Row]:
    rows = [Row("Ac/ActiveIn/Source", lambda: _SOURCE[plan.bess.source])]
    for k in PHASES:
        rows += _ac_phase(plan, k)
    return rows


def _ac_phase(plan: GxPlan, k: int) -> list[Row]:
    bess = plan.bess
    grid, genset, pv = bess.spec.grid_w > 0, bess.genset is not None, plan.pv_inverter_serial != ""

    def pair(
        where: str, power: Get, current: Get, *, there: bool = True, of: str = _VEBUS
    ) -> list[Row]:
        at = f"Ac/{where}/L{k + 1}"

        def shown(get: Get) -> Get:
            return lambda: None if not there or of in plan.gone else get()

        return [Row(f"{at}/Power", shown(power)), Row(f"{at}/Current", shown(current))]

    def gain() -> float:
        """The genset's own meter is used while there is one, else the inverter's AC input."""
        metered = plan.genset_serial and f"genset/{supply.GENSET}" not in plan.gone
        return plan.genset_gain if metered else 1.0

    load: Get = lambda: round(bess.served.p[k])  # noqa: E731 - twice the same row
    amps: Get = lambda: round(bess.served.amps(k), 1)  # noqa: E731 - twice the same row
    return [
        *pair("Consumption", load, amps),
        *pair("ConsumptionOnOutput", load, amps),
        *pair(
            "Grid",
            lambda: round(bess.input.p[k], 1),
            lambda: round(bess.input.amps(k), 2),
            there=grid,
        ),
        *pair(
            "Genset",
            lambda: round(bess.input.p[k] * gain()),
            lambda: round(bess.input.amps(k) * gain()),
            there=genset,
        ),
        *pair(
            "PvOnOutput",
            lambda: round(bess.pv_ac.p[k], 1),
            lambda: round(bess.pv_ac.amps(k), 2),
            there=pv,
            of=f"pvinverter/{solar.PV_INVERTER}",
        ),
    ]


def _timers(bess: Bess) -> list[Row]:
    def tens(of: Callable[[], float]) -> Counter:
        return Counter(lambda: of() // 10 * 10, 0.0, 0)

    seconds = bess.source_s
    return [
        Row("Timers/TimeOnGrid", tens(lambda: seconds[Source.GRID]), 10),
        Row("Timers/TimeOnGenerator", tens(lambda: seconds[Source.GENERATOR]), 10),
        Row("Timers/TimeOnInverter", tens(lambda: seconds[Source.NONE]), 10),
        Row("Timers/TimeOff", tens(lambda: bess.off_s), 10),
    ]


def _state(bess: Bess) -> int:
    state = vebus.state(bess)
    return 256 if state == 9 and bess.battery.flow.w < -_IDLE_W else state


def _batteries(plan: GxPlan) -> list[dict[str, Any]]:
    if f"battery/{battery.INSTANCE}" in plan.gone:
        return []
    b = plan.bess.battery
    shown = {
        "active_battery_service": True,
        "current": round(b.current_a, 1),
        "id": "com.victronenergy.battery.socketcan_can1",
        "instance": battery.INSTANCE,
        "name": "BESS battery",
        "power": float(round(b.flow.w)),
        "soc": round(b.soc_pct, 1),
        "state": battery_state(b.flow.w),
        "temperature": round(b.temperature_c, 1),
        "voltage": round(b.voltage_v, 2),
    }
    return [shown]


def _first_relay(plan: GxPlan) -> int:
    genset = plan.bess.genset
    return int(genset.wanted) if plan.by_relay and genset else plan.relays[0]


def _relay(plan: GxPlan, index: int) -> Callable[[Any], bool]:
    def set_relay(value: Any) -> bool:
        if value not in (0, 1) or isinstance(value, bool):
            return False
        if index == 0 and plan.by_relay:
            plan.bess.relay_start = bool(value)  # the engine runs outside its logic
        plan.relays[index] = int(value)
        return True

    return set_relay


def _static(plan: GxPlan) -> dict[str, Any]:
    bess = plan.bess
    input_type, input_instance = ("genset", supply.GENSET) if bess.genset else ("grid", supply.GRID)
    there = bool(plan.genset_serial if bess.genset else plan.grid_serial)
    values: dict[str, Any] = {
        "Serial": plan.portal_id, "ProductId": None, "ProductName": None,
        "FirmwareVersion": None, "HardwareVersion": None, "SystemType": "ESS",
        "Mgmt/ProcessName": "/opt/victronenergy/dbus-systemcalc-py/dbus_systemcalc.py",
        "Mgmt/ProcessVersion": "2.256", "Mgmt/Connection": "data from other dbus processes",
        "Ac/Consumption/NumberOfPhases": 3, "Ac/ConsumptionOnOutput/NumberOfPhases": 3,
        "Ac/ConsumptionOnInput/NumberOfPhases": None,
        "Ac/Grid/NumberOfPhases": 3 if bess.spec.grid_w else None,
        "Ac/Grid/DeviceType": 71 if plan.grid_serial else None, "Ac/Grid/ProductId": None,
        "Ac/Genset/NumberOfPhases": 3 if bess.genset else None,
        "Ac/Genset/DeviceType": None, "Ac/Genset/ProductId": None,
        "Ac/PvOnOutput/NumberOfPhases": 3 if plan.pv_inverter_serial else None,
        "Ac/PvOnGrid/NumberOfPhases": None, "Ac/PvOnGenset/NumberOfPhases": None,
        "Ac/In/NumberOfAcInputs": 1, "Ac/In/0/Connected": 1,
        "Ac/In/0/ServiceType": input_type if there else "vebus",
        "Ac/In/0/DeviceInstance": input_instance if there else vebus.INSTANCE,
        "Ac/In/0/ServiceName": f"com.victronenergy.{input_type if there else 'vebus'}.ttyS4",
        "Ac/In/0/Source": 2 if bess.genset else 1,
        "Ac/HasAcInLoads": 1, "Ac/HasAcOutSystem": 1,
        "ActiveBatteryService": _BATTERY, "AutoSelectedBatteryService": "BESS battery",
        "AutoSelectedBatteryMeasurement": "com_victronenergy_battery_512/Dc/0",
        "AvailableBatteryServices": '{"default": "Automatic", "nobattery": "No battery monitor"}',
        "AvailableBatteryMeasurements": {"default": "Automatic", "nobattery": "No battery"},
        "Dc/Battery/BatteryService": "com.victronenergy.battery.socketcan_can1",
        "Dc/Battery/TemperatureService": "com.victronenergy.battery.socketcan_can1",
        "Dc/Battery/ProductId": 45069,
        "Dc/Battery/Alarms/CircuitBreakerTripped": None, "Dc/System/Power": None,
        "Dc/System/MeasurementType": 0, "Dc/Charger/Power": None, "Dc/Alternator/Power": None,
        "VebusService": "com.victronenergy.vebus.ttyS3", "VebusInstance": vebus.INSTANCE,
        "Control/ScheduledSoc": None, "Control/Dvcc": 1,
        "Control/ScheduledCharge": 0, "Control/EffectiveChargeVoltage": 55.2,
        "Control/BmsParameters": 1, "Control/SolarChargeVoltage": 1,
        "Control/SolarChargeCurrent": 1, "Control/ExtraBatteryCurrent": 1,
        "Dvcc/Alarms/FirmwareInsufficient": 0, "Dvcc/Alarms/MultipleBatteries": 0,
        "PvInvertersProductIds": [41284] if plan.pv_inverter_serial else [],
        "SystemState/SlowCharge": 0, "SystemState/UserChargeLimited": 0,
        "SystemState/UserDischargeLimited": 0, "SystemState/PeakShaving": 0,
        "SystemState/BatteryLife": 0, "Buzzer/State": 0, "DynamicEss/Active": 0,
        "DynamicEss/Available": 0, "Hub": 4, "Debug/BatteryOperationalLimits/VebusVoltageOffset": 0,
    }  # fmt: skip
    for k in (1, 2, 3):
        for where in ("ConsumptionOnInput", "PvOnGrid", "PvOnGenset"):
            values[f"Ac/{where}/L{k}/Power"] = None
            values[f"Ac/{where}/L{k}/Current"] = None
    return values
