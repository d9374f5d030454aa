"""Names of the state measurements' values.

The numbers of `INVERTER_STATE`, `INVERTER_MODE`, `AC_SOURCE` and `BATTERY_STATE` are Victron's
(Venus OS D-Bus `State`, `Mode`, `Ac/ActiveIn/Source`, `Dc/Battery/State`). `GENERATOR_STATE` and
`PV_STATE` are the program's own: several vendors' enums are mapped onto them at decode.
"""

from collections.abc import Mapping
from types import MappingProxyType

INVERTER_STATE: Mapping[int, str] = MappingProxyType({
    0: "off", 1: "low power", 2: "fault", 3: "bulk", 4: "absorption", 5: "float", 6: "storage",
    7: "equalise", 8: "passthru", 9: "inverting", 10: "assisting", 11: "power supply",
    244: "sustain", 245: "wake-up", 246: "repeated absorption", 247: "auto equalise",
    248: "battery safe", 249: "load detect", 250: "blocked", 251: "test",
    252: "external control", 256: "discharging", 257: "sustain", 258: "recharge",
    259: "scheduled charge", 260: "dynamic ESS", 261: "battery protect",
})  # fmt: skip

INVERTER_MODE: Mapping[int, str] = MappingProxyType(
    {1: "charger only", 2: "inverter only", 3: "on", 4: "off", 5: "eco", 251: "passthrough"}
)

AC_SOURCE: Mapping[int, str] = MappingProxyType(
    {0: "none", 1: "grid", 2: "generator", 3: "shore", 240: "inverter, no AC input"}
)
"""In the words of whoever asks what feeds the loads; Victron calls 240 "inverting"."""

BATTERY_STATE: Mapping[int, str] = MappingProxyType({0: "idle", 1: "charging", 2: "discharging"})

GENERATOR_STATE: Mapping[int, str] = MappingProxyType({
    0: "stopped", 1: "starting", 2: "warming up", 3: "running", 4: "cooling down",
    5: "stopping", 6: "stopped by tank level", 7: "error",
})  # fmt: skip

PV_STATE: Mapping[int, str] = MappingProxyType({
    0: "off", 1: "asleep", 2: "starting", 3: "producing", 4: "throttled",
    5: "shutting down", 6: "fault", 7: "standby",
})  # fmt: skip
