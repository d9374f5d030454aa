"""What the answers of a Solar API mean. Pure functions; nothing raises for any content.

Keys are left out or null where there is no value: a Symo leaves out what it does not feed in at
night, a GEN24 says null. Values go by the names that the SunSpec models have, so that both ways
make readings by the same functions (`fronius.readings`). Source: Fronius' "Solar API V1"
(42,0410,2012), and recorded answers.
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from collector.sources.fronius.events import BY_CODE
from collector.sources.fronius.readings import Readings

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
PHASES = ("A", "B", "C")
LINES = (("AB", "12"), ("BC", "23"), ("CA", "31"))

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


def text(value: object) -> str:
    """A text without outer white space; what stands for none is "". Not cleaned."""
    told = str(value).strip() if isinstance(value, str | int) else ""
    return "" if told.lower() in _NO_SERIAL else told


def part(data: object, key: str) -> Data:
    """The object under a key; an empty one where there is none."""
    found = data.get(key) if isinstance(data, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def who(info: Data, unit: str) -> Who | None:
    """The inverter `unit` of GetInverterInfo; None where it has no entry, as at night."""
    entry = info.get(unit)
    if not isinstance(entry, Mapping):
        return None
    gen24 = "InverterState" in entry or number(entry.get("DT")) == 1
    return Who(text(entry.get("UniqueID")), gen24)


def serial_of(active: Data, device: str, number_of: str) -> str:
    """The serial number of an `Inverter` or `Meter` by GetActiveDeviceInfo."""
    return text(part(part(active, device), number_of).get("Serial"))


def inverter(common: Data, phases: Data, told_w: float | None) -> Inverter:
    """An inverter's values. `told_w` is its power by the power flow, which is there where PAC is
    not. Without any AC value one that is not producing delivers nothing, and that is known."""
    status = part(common, "DeviceStatus")
    values: Values = dict.fromkeys(_INVERTER)
    values |= {"Hz": number(common.get("FAC")), "VA": number(common.get("SAC"))}
    power = number(common.get("PAC"))
    values["W"] = told_w if power is None else power
    values["St"] = _state(status)
    values["WH"] = number(common.get("TOTAL_ENERGY")) or None
    for name, line in zip(PHASES, ("L1", "L2", "L3"), strict=True):
        values[f"PhVph{name}"] = number(phases.get(f"UAC_{line}"))
        values[f"Aph{name}"] = number(phases.get(f"IAC_{line}"))
    values |= {f"PPVph{name}": None for name, _ in LINES}
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
        for name, entry in part(data, "Inverters").items()
        if isinstance(entry, Mapping)
    }
    battery = number(part(data, "Site").get("P_Akku"))
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
        controller = part(entry, "Controller")
        if not controller or number(controller.get("Enable")) == 0:
            continue
        details = part(controller, "Details")
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
        model = f"{text(details.get('Manufacturer'))} {text(details.get('Model'))}"
        return Store(readings, model.strip(), text(details.get("Serial")))
    return None
