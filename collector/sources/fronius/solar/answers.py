"""What the answers of a Solar API mean. Pure functions; nothing raises for any content.

Keys are left out or null where there is no value: a Symo leaves out what it does not feed in at
night, a GEN24 says null. Values go by the names that the SunSpec models have, so that both ways
make readings by the same functions (`fronius.readings`). Source: Fronius' "Solar API V1"
(42,0410,2012), and recorded answers.
"""

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from collector.model.kinds import AssetKind
from collector.sources.fronius.events import BY_CODE
from collector.sources.fronius.readings import Counter, Readings

Data = Mapping[str, Any]
Values = dict[str, float | None]

STARTING, PRODUCING, SLEEPING = 3, 4, 2
_STATES: Mapping[float, int] = MappingProxyType({
    **dict.fromkeys(range(7), STARTING),
    7: PRODUCING, 8: 8, 9: 1, 10: 7, 11: 8, 12: 8, 13: SLEEPING,
})  # fmt: skip
"""`DeviceStatus.StatusCode` as SunSpec's `St`."""
_WORDS: Mapping[str, int] = MappingProxyType({
    "startup": STARTING, "running": PRODUCING, "standby": 8, "bootloading": 1, "error": 7,
    "idle": 8, "ready": 8, "sleeping": SLEEPING,
})  # fmt: skip
_INVERTER = ("W", "VA", "VAr", "PF", "Hz", "WH", "St")
_PHASES = ("A", "B", "C")
_LINES = (("AB", "12"), ("BC", "23"), ("CA", "31"))

GRID_POINT, CONSUMPTION, GENERATOR_POINT, SUB_LOADS = 0, 1, 3, range(256, 512)
DISABLED = "disabled"
_NO_SERIAL = ("n.a.", "na", "none", "null")


class Who(NamedTuple):
    """An inverter's entry of GetInverterInfo. Texts not cleaned."""

    unique: str = ""
    gen24: bool = False


class Inverter(NamedTuple):
    """An inverter by CommonInverterData and 3PInverterData; `model` is the SunSpec model that
    fits its phases, `error` the code that its display shows."""

    model: int
    values: Values
    wh: float | None
    error: float | None


class Flow(NamedTuple):
    """The site by GetPowerFlowRealtimeData. `battery_w` + charging, None without a battery;
    `inverter_w` and `hybrid` by inverter number."""

    battery_w: float | None
    inverter_w: dict[str, float | None]
    soc_pct: dict[str, float]
    """Of those that have a battery."""


class Store(NamedTuple):
    """A battery by GetStorageRealtimeData. Texts not cleaned."""

    readings: Readings
    model: str
    serial: str


class Meter(NamedTuple):
    """A smart meter by GetMeterRealtimeData. `kind` is None where it does not say where it
    stands; import is positive and `imported` what was drawn, whatever the meter's sign is."""

    number: str
    model: int
    values: Values
    imported: tuple[str, float | None]
    exported: tuple[str, float | None]
    name: str
    serial: str
    kind: AssetKind | None
    raw: Data

    @property
    def tells_volts(self) -> bool:
        """Whether it measures volts, as all but pulse counters do."""
        return any(self.values[f"PhVph{phase}"] is not None for phase in _PHASES)

    def counters(self, kind: AssetKind) -> list[Counter]:
        """Its energy registers as those of `kind`."""
        drawn, given = self.imported, self.exported
        wanted = {
            AssetKind.GRID: (("grid_import_kwh", drawn), ("grid_export_kwh", given)),
            AssetKind.LOAD: (("load_energy_kwh", drawn),),
            AssetKind.GENERATOR: (("generator_energy_kwh", drawn),),
            AssetKind.PV: (("pv_energy_kwh", given),),
            AssetKind.BESS: (("load_energy_kwh", drawn),),
        }.get(kind, ())
        return [
            Counter(name, wh / 1000.0, f"solar.{key}", None)
            for name, (key, wh) in wanted
            if wh is not None
        ]


def number(value: object) -> float | None:
    """A number that is one; `{"Value": …}` is taken apart."""
    if isinstance(value, Mapping):
        value = value.get("Value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        told = float(value)
    except OverflowError:
        return None
    return told if math.isfinite(told) else None


def _text(value: object) -> str:
    told = str(value).strip() if isinstance(value, str | int) else ""
    return "" if told.lower() in _NO_SERIAL else told


def _part(data: object, key: str) -> Data:
    found = data.get(key) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def who(info: Data, unit: str) -> Who | None:
    """The inverter `unit` of GetInverterInfo; None where it has no entry, as at night."""
    entry = info.get(unit)
    if not isinstance(entry, Mapping):
        return None
    gen24 = "InverterState" in entry or number(entry.get("DT")) == 1
    return Who(_text(entry.get("UniqueID")), gen24)


def serial_of(active: Data, device: str, number_of: str) -> str:
    """The serial number of an `Inverter` or `Meter` by GetActiveDeviceInfo."""
    return _text(_part(_part(active, device), number_of).get("Serial"))


def inverter(common: Data, phases: Data, told_w: float | None) -> Inverter:
    """An inverter's values. `told_w` is its power by the power flow, which is there where PAC is
    not. Without any AC value one that is not producing delivers nothing, and that is known."""
    status = _part(common, "DeviceStatus")
    values: Values = dict.fromkeys(_INVERTER)
    values |= {"Hz": number(common.get("FAC")), "VA": number(common.get("SAC"))}
    power = number(common.get("PAC"))
    values["W"] = told_w if power is None else power
    values["St"] = _state(status)
    values["WH"] = number(common.get("TOTAL_ENERGY")) or None
    for name, line in zip(_PHASES, ("L1", "L2", "L3"), strict=True):
        values[f"PhVph{name}"] = number(phases.get(f"UAC_{line}"))
        values[f"Aph{name}"] = number(phases.get(f"IAC_{line}"))
    values |= {f"PPVph{name}": None for name, _ in _LINES}
    error = number(status.get("ErrorCode"))
    if power is None and values["St"] == STARTING:
        values["W"] = 0.0
        flag = BY_CODE.get(int(error or 0))
        if flag is not None and flag.severity is None:
            values["St"] = SLEEPING
    several = any(values[f"PhVph{name}"] is not None for name in "BC")
    return Inverter(103 if several else 101, values, values["WH"], error)


def _state(status: Data) -> float | None:
    code = number(status.get("StatusCode"))
    if code is not None:
        return _STATES.get(code)
    for key in ("StatusCode", "InverterState"):
        word = status.get(key)
        if isinstance(word, str):
            return _WORDS.get(word.lower())
    return None


def flow(data: Data) -> Flow:
    """The power flow. Its P_Akku is + discharging; P_PV and P_Load are not used, for they are
    reckoned from what is measured."""
    inverters = {
        str(name): entry
        for name, entry in _part(data, "Inverters").items()
        if isinstance(entry, Mapping)
    }
    battery = number(_part(data, "Site").get("P_Akku"))
    charges = {
        name: soc
        for name, entry in inverters.items()
        if (soc := number(entry.get("SOC"))) is not None
        and str(entry.get("Battery_Mode", "")).lower() != DISABLED
    }
    return Flow(
        battery_w=None if battery is None else -battery,
        inverter_w={name: number(entry.get("P")) for name, entry in inverters.items()},
        soc_pct=charges,
    )


def storage(data: Data, battery_w: float | None) -> Store | None:
    """The first battery that is switched on; None where there is none. What it says of its current
    has no reliable sign: it gets that of its power."""
    for entry in data.values():
        controller = _part(entry, "Controller")
        if not controller or number(controller.get("Enable")) == 0:
            continue
        details = _part(controller, "Details")
        amps = number(controller.get("Current_DC"))
        if amps is not None:
            amps = None if battery_w is None else math.copysign(abs(amps), battery_w)
        readings: Readings = {
            "battery_soc_pct": number(controller.get("StateOfCharge_Relative")),
            "battery_power_w": battery_w,
            "battery_current_a": amps,
            "battery_voltage_v": number(controller.get("Voltage_DC")) or None,
            "battery_temperature_c": number(controller.get("Temperature_Cell")),
        }
        model = f"{_text(details.get('Manufacturer'))} {_text(details.get('Model'))}"
        return Store(readings, model.strip(), _text(details.get("Serial")))
    return None


_METER: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "W": ("PowerReal_P_Sum", "SMARTMETER_POWERACTIVE_MEAN_SUM_F64"),
    "VA": ("PowerApparent_S_Sum", "SMARTMETER_POWERAPPARENT_MEAN_SUM_F64"),
    "VAR": ("PowerReactive_Q_Sum", "SMARTMETER_POWERREACTIVE_MEAN_SUM_F64"),
    "PF": ("PowerFactor_Sum", "SMARTMETER_FACTOR_POWER_SUM_F64"),
    "Hz": ("Frequency_Phase_Average", "SMARTMETER_FREQUENCY_MEAN_F64"),
})  # fmt: skip
_METER_PHASE: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "Wph": ("PowerReal_P_Phase_{n}", "SMARTMETER_POWERACTIVE_MEAN_0{n}_F64"),
    "VAph": ("PowerApparent_S_Phase_{n}", "SMARTMETER_POWERAPPARENT_MEAN_0{n}_F64"),
    "VARph": ("PowerReactive_Q_Phase_{n}", "SMARTMETER_POWERREACTIVE_MEAN_0{n}_F64"),
    "PFph": ("PowerFactor_Phase_{n}", "SMARTMETER_FACTOR_POWER_0{n}_F64"),
    "PhVph": ("Voltage_AC_Phase_{n}", "SMARTMETER_VOLTAGE_MEAN_0{n}_F64"),
    "Aph": ("Current_AC_Phase_{n}", "SMARTMETER_CURRENT_0{n}_F64"),
})  # fmt: skip
_IMPORTED = (
    "EnergyReal_WAC_Sum_Consumed",
    "EnergyReal_WAC_Plus_Absolute",
    "SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64",
)
_EXPORTED = (
    "EnergyReal_WAC_Sum_Produced",
    "EnergyReal_WAC_Minus_Absolute",
    "SMARTMETER_ENERGYACTIVE_PRODUCED_SUM_F64",
)
_LOCATION = ("Meter_Location_Current", "SMARTMETER_VALUE_LOCATION_U16")
_SIGNED = ("W", "VAR", *(f"{name}ph{phase}" for name in ("W", "VAR") for phase in _PHASES))


def meters(data: Data) -> Iterator[Meter]:
    """The smart meters that are switched on. One in the consumption branch counts what is drawn
    there as negative: it is turned over."""
    for name, entry in data.items():
        if isinstance(entry, Mapping) and number(entry.get("Enable")) != 0:
            yield _meter(str(name), entry)


def _meter(name: str, entry: Data) -> Meter:
    values: Values = {point: _first(entry, keys)[1] for point, keys in _METER.items()}
    for n, phase in enumerate(_PHASES, 1):
        for point, forms in _METER_PHASE.items():
            keys = tuple(form.format(n=n) for form in forms)
            values[f"{point}{phase}"] = _first(entry, keys)[1]
    for phase, line in _LINES:
        values[f"PPVph{phase}"] = number(entry.get(f"Voltage_AC_PhaseToPhase_{line}"))
    imported, exported = _first(entry, _IMPORTED), _first(entry, _EXPORTED)
    location = _first(entry, _LOCATION)[1]
    if location is not None and (location == CONSUMPTION or location in SUB_LOADS):
        imported, exported = exported, imported
        for point in _SIGNED:
            told = values[point]
            values[point] = None if told is None else -told
    details = _part(entry, "Details")
    several = any(values[f"PhVph{phase}"] is not None for phase in "BC")
    return Meter(
        number=name,
        model=203 if several else 201,
        values=values,
        imported=imported,
        exported=exported,
        name=f"{_text(details.get('Manufacturer'))} {_text(details.get('Model'))}".strip(),
        serial=_text(details.get("Serial")),
        kind=_place(location),
        raw=entry,
    )


def _first(entry: Data, keys: tuple[str, ...]) -> tuple[str, float | None]:
    for key in keys:
        value = number(entry.get(key))
        if value is not None:
            return key, value
    return keys[0], None


def _place(location: float | None) -> AssetKind | None:
    if location == GRID_POINT:
        return AssetKind.GRID
    if location == GENERATOR_POINT:
        return AssetKind.GENERATOR
    if location is not None and (location == CONSUMPTION or location in SUB_LOADS):
        return AssetKind.LOAD
    return None
