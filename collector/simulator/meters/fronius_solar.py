"""The Solar API (version 1) of a simulated Fronius device, over the same flows as its registers.

A Datamanager (`gen24` false) leaves out at night what its inverter does not feed in; a GEN24 keeps
the keys with null, has no energies of the day and year, and no GetLoggerInfo. Errors come with HTTP
status 200 and a code in the head. Forms: recorded answers, and Fronius' document 42,0410,2012.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from collector.simulator.meters.fronius import Inverter
from collector.simulator.meters.point import Point
from collector.simulator.physics.flow import PHASES

BASE = "/solar_api/v1/"
AWAY, ARGUMENT, UNSUPPORTED = 12, 6, 11
_TO_DC = 1 / 0.972
GEN24_TYPE, SYMO_TYPE = 1, 121
DUSK = 307
"""What a Symo's display shows in the evening: the DC voltage is too low."""

Data = dict[str, Any]


class SmartMeter(Struct, kw_only=True):
    """A meter of the device; `location` as Fronius counts: 0 grid, 1 consumption, 256 … loads."""

    point: Point
    serial: str
    location: int = 0


class SolarApi(Struct, kw_only=True):
    """The answers of one device: its inverters and meters by number.

    `off`: there is no such interface. `codes` are heads' codes by the name of the request, and
    `mute` requests are answered with what is no JSON.
    """

    inverters: dict[str, Inverter]
    meters: dict[str, SmartMeter] = field(default_factory=dict)
    gen24: bool = True
    off: bool = False
    codes: dict[str, int] = field(default_factory=dict)
    instead: dict[str, Data] = field(default_factory=dict)
    """Data that is told in place of the true one, by request."""
    mute: set[str] = field(default_factory=set)
    serials: bool = True
    """Whether it tells the serial numbers of what is active."""
    ids: dict[str, str] = field(default_factory=dict)
    """`UniqueID` by inverter, where that is not the serial number."""

    def answer(self, path: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        """HTTP status and body."""
        if self.off:
            return 404, b"<html>not found</html>"
        if path == "/solar_api/GetAPIVersion.cgi":
            return 200, msgspec.json.encode({"APIVersion": 1, "BaseURL": BASE})
        name = path.removeprefix(BASE).partition(".")[0]
        made = self._requests().get(name)
        if not path.startswith(BASE) or made is None:
            return 404, b"<html>not found</html>"
        if name in self.mute:
            return 200, b"<html>busy</html>"
        code = self.codes.get(name)
        data: Data = {}
        if code is None:
            code, data = made(query)
            data = self.instead.get(name, data)
        status = {"Code": code, "Reason": "" if not code else f"code {code}", "UserMessage": ""}
        head = {"RequestArguments": dict(query), "Status": status}
        return 200, msgspec.json.encode({"Head": head, "Body": {"Data": data}})

    def _requests(self) -> dict[str, Callable[[Mapping[str, str]], tuple[int, Data]]]:
        return {
            "GetInverterInfo": self._info,
            "GetActiveDeviceInfo": self._active,
            "GetInverterRealtimeData": self._inverter,
            "GetPowerFlowRealtimeData": self._flow,
            "GetMeterRealtimeData": self._meters,
            "GetStorageRealtimeData": self._storage,
            "GetLoggerInfo": self._logger,
        }

    def _awake(self, inverter: Inverter) -> bool:
        return self.gen24 or not inverter.array.dark

    # -- the requests ------------------------------------------------------------------------

    def _info(self, _query: Mapping[str, str]) -> tuple[int, Data]:
        """Empty after dark on a Datamanager."""
        return 0, {
            number: {
                "CustomName": "&#80;&#86;", "DT": GEN24_TYPE if self.gen24 else SYMO_TYPE,
                "ErrorCode": 0, "PVPower": round(inverter.array.rated_w), "Show": 1,
                "StatusCode": 7, "UniqueID": self.ids.get(number, inverter.serial),
                **({"InverterState": "Running"} if self.gen24 else {}),
            }
            for number, inverter in self.inverters.items()
            if self._awake(inverter)
        }  # fmt: skip

    def _active(self, _query: Mapping[str, str]) -> tuple[int, Data]:
        if not self.serials:
            return UNSUPPORTED, {}
        inverters = {
            number: {"DT": GEN24_TYPE if self.gen24 else SYMO_TYPE, "Serial": inverter.serial}
            for number, inverter in self.inverters.items()
            if self._awake(inverter)
        }
        meters = {number: {"DT": -1, "Serial": m.serial} for number, m in self.meters.items()}
        return 0, {"Inverter": inverters, "Meter": meters, "Storage": {}}

    def _inverter(self, query: Mapping[str, str]) -> tuple[int, Data]:
        inverter = self.inverters.get(query.get("DeviceId", ""))
        if inverter is None:
            return ARGUMENT, {}
        if not self._awake(inverter):
            return AWAY, {}
        match query.get("DataCollection"):
            case "CommonInverterData":
                return 0, self._common(inverter)
            case "3PInverterData":
                return 0, self._phases(inverter)
            case _:
                return ARGUMENT, {}

    def _common(self, inverter: Inverter) -> Data:
        flow, asleep = inverter.point.flow, inverter.asleep
        ac = {"PAC": (flow.total_w, "W"), "FAC": (flow.bus.hz, "Hz"), "UAC": (flow.bus.u[0], "V"),
              "IAC": (sum(flow.amps(k) for k in PHASES), "A")}  # fmt: skip
        dc = {"UDC": (610.0, "V"), "IDC": (flow.total_w * _TO_DC / 610, "A")}
        if self.gen24:
            ac["SAC"] = (flow.total_va, "VA")
            dc["UDC_2"], dc["IDC_2"] = (570.0, "V"), (0.1, "A")
        total = {"TOTAL_ENERGY": (inverter.energy_wh, "Wh")}
        unit: dict[str, Data] = {
            key: {"Value": v, "Unit": u} for key, (v, u) in (ac | dc | total).items()
        }
        for key in ("DAY_ENERGY", "YEAR_ENERGY"):
            unit[key] = {"Value": None if self.gen24 else 1000.0, "Unit": "Wh"}
        if asleep and self.gen24:
            for key in ac | dc:
                unit[key]["Value"] = None
        elif asleep:
            unit = {key: value for key, value in unit.items() if key not in ac}
        code = (13 if self.gen24 else 3) if asleep else 7
        error = DUSK if asleep and not self.gen24 else 0
        status: Data = {"StatusCode": code, "ErrorCode": error}
        if self.gen24:
            status["InverterState"] = "Sleeping" if asleep else "Running"
        return {**unit, "DeviceStatus": status}

    def _phases(self, inverter: Inverter) -> Data:
        if inverter.asleep and not self.gen24:
            return {}
        flow = inverter.point.flow
        found: Data = {}
        for k in PHASES:
            found[f"UAC_L{k + 1}"] = {"Unit": "V", "Value": flow.bus.u[k]}
            found[f"IAC_L{k + 1}"] = {"Unit": "A", "Value": flow.amps(k)}
        return found

    def _flow(self, _query: Mapping[str, str]) -> tuple[int, Data]:
        produced = sum(i.point.flow.total_w for i in self.inverters.values())
        dark = all(inverter.asleep for inverter in self.inverters.values())
        grid = [m.point.flow.total_w for m in self.meters.values() if m.location == 0]
        site: Data = {
            "Mode": "bidirectional" if grid else "produce-only", "P_Akku": None,
            "P_Grid": grid[0] if grid else None,
            "P_Load": -(grid[0] + produced) if grid else None,
            "P_PV": None if dark else produced * _TO_DC,
            "E_Day": None if self.gen24 else 1000.0, "E_Year": None if self.gen24 else 2000.0,
            "E_Total": sum(i.energy_wh for i in self.inverters.values()),
        }  # fmt: skip
        inverters: Data = {
            number: {"DT": GEN24_TYPE if self.gen24 else SYMO_TYPE,
                     "P": inverter.point.flow.total_w, "E_Total": inverter.energy_wh}
            for number, inverter in self.inverters.items()
        }  # fmt: skip
        if self.gen24:
            for entry in inverters.values():
                entry |= {"Battery_Mode": "disabled", "SOC": 0.0}
        for number, inverter in self.inverters.items():
            if inverter.store is not None:
                site["P_Akku"] = -inverter.store.flow.w
                inverters[number] |= {"Battery_Mode": "normal", "SOC": inverter.store.soc_pct}
        return 0, {"Site": site, "Inverters": inverters, "Version": "12"}

    def _meters(self, _query: Mapping[str, str]) -> tuple[int, Data]:
        return 0, {number: _meter(meter) for number, meter in self.meters.items()}

    def _storage(self, _query: Mapping[str, str]) -> tuple[int, Data]:
        stores = [i.store for i in self.inverters.values() if i.store is not None]
        return 0, {
            str(number): {
                "Controller": {
                    "Capacity_Maximum": 11520, "DesignedCapacity": 11520, "Enable": 1,
                    "Current_DC": abs(store.flow.w) / 400, "Voltage_DC": 400.0,
                    "StateOfCharge_Relative": store.soc_pct, "Status_BatteryCell": 0,
                    "Temperature_Cell": 21.5, "TimeStamp": 0,
                    "Details": {"Manufacturer": "BYD", "Model": "BYD Battery-Box Premium HV",
                                "Serial": f"{store.serial}     "},
                },
                "Modules": [],
            }
            for number, store in enumerate(stores)
        }  # fmt: skip

    def _logger(self, _query: Mapping[str, str]) -> tuple[int, Data]:
        return (UNSUPPORTED, {}) if self.gen24 else (0, {})


def _meter(meter: SmartMeter) -> Data:
    """What stands in the consumption branch is negative where it draws."""
    flow, energies = meter.point.flow, meter.point.energies()
    sign = 1.0 if meter.location == 0 else -1.0
    drawn, given = energies["imp"] * 1000, energies["exp"] * 1000
    if sign < 0:
        drawn, given = given, drawn
    found: Data = {
        "Details": {"Manufacturer": "Fronius", "Model": "Smart Meter TS 65A-3",
                    "Serial": meter.serial},
        "Enable": 1, "Visible": 1, "TimeStamp": 0, "Meter_Location_Current": meter.location,
        "PowerReal_P_Sum": sign * flow.total_w, "PowerApparent_S_Sum": flow.total_va,
        "PowerReactive_Q_Sum": sign * flow.total_var, "PowerFactor_Sum": flow.power_factor(),
        "Frequency_Phase_Average": flow.bus.hz,
        "EnergyReal_WAC_Sum_Consumed": drawn, "EnergyReal_WAC_Plus_Absolute": drawn,
        "EnergyReal_WAC_Sum_Produced": given, "EnergyReal_WAC_Minus_Absolute": given,
    }  # fmt: skip
    for k, volts in enumerate(meter.point.line_to_line()):
        found[f"Voltage_AC_PhaseToPhase_{('12', '23', '31')[k]}"] = volts
    for k in PHASES:
        found |= {
            f"PowerReal_P_Phase_{k + 1}": sign * flow.p[k],
            f"PowerApparent_S_Phase_{k + 1}": flow.va(k),
            f"PowerReactive_Q_Phase_{k + 1}": sign * flow.q[k],
            f"PowerFactor_Phase_{k + 1}": flow.power_factor(k),
            f"Voltage_AC_Phase_{k + 1}": flow.bus.u[k],
            f"Current_AC_Phase_{k + 1}": flow.amps(k),
        }
    return found
