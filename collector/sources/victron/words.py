"""Enums of Victron services in words, for what people read. A number that no table knows is
said as that number. Sources: dbus_modbustcp attributes.csv, gui-v2 src/enums.h."""

from collections.abc import Mapping

FLUID: Mapping[int, str] = {
    0: "fuel", 1: "fresh water", 2: "waste water", 3: "live well", 4: "oil", 5: "black water",
    6: "gasoline", 7: "diesel", 8: "LPG", 9: "LNG", 10: "hydraulic oil", 11: "raw water",
}  # fmt: skip
"""`tank` `FluidType`."""

SENSOR: Mapping[int, str] = {
    0: "ok", 1: "open circuit", 2: "short circuit", 3: "reverse polarity", 4: "unknown",
    5: "error",
}  # fmt: skip
"""`Status` of tanks and temperature sensors."""

TEMPERATURE: Mapping[int, str] = {
    0: "battery", 1: "fridge", 2: "generic", 3: "room", 4: "outdoor", 5: "water heater",
    6: "freezer",
}  # fmt: skip
"""`temperature` `TemperatureType`."""

INPUT: Mapping[int, str] = {
    0: "low", 1: "high", 2: "off", 3: "on", 4: "no", 5: "yes", 6: "open", 7: "closed", 8: "ok",
    9: "alarm", 10: "running", 11: "stopped",
}  # fmt: skip
"""`digitalinput` `State`."""

INPUT_TYPE: Mapping[int, str] = {
    0: "disabled", 1: "pulse meter", 2: "door", 3: "bilge pump", 4: "bilge alarm",
    5: "burglar alarm", 6: "smoke alarm", 7: "fire alarm", 8: "CO2 alarm", 9: "generator",
    10: "generic input", 11: "touch input",
}  # fmt: skip
"""`digitalinput` `Type`."""

EV_STATUS: Mapping[int, str] = {
    0: "disconnected", 1: "connected", 2: "charging", 3: "charged", 4: "waiting for sun",
    5: "waiting for RFID", 6: "waiting for start", 7: "low state of charge",
    8: "ground test error", 9: "welded contacts", 10: "CP input shorted",
    11: "residual current", 12: "undervoltage", 13: "overvoltage", 14: "too hot",
    20: "charging limit", 21: "start charging", 22: "switching to 3 phases",
    23: "switching to 1 phase", 24: "stop charging",
}  # fmt: skip
"""`evcharger` `Status`."""

EV_FAULTS: Mapping[int, str] = {k: v for k, v in EV_STATUS.items() if 8 <= k <= 14}

EV_MODE: Mapping[int, str] = {0: "manual", 1: "automatic", 2: "by schedule"}
"""`evcharger` `Mode`."""

HEAT_PUMP: Mapping[int, str] = {0: "off", 1: "error", 2: "starting", 3: "heating", 4: "cooling"}
"""`heatpump` `State`."""

CHARGER_STATE: Mapping[int, str] = {
    0: "off", 1: "low power", 2: "fault", 3: "bulk", 4: "absorption", 5: "float", 6: "storage",
    7: "equalise", 8: "passthru", 9: "inverting", 10: "assisting", 11: "power supply",
    244: "sustain", 245: "wake-up", 246: "repeated absorption", 247: "auto equalise",
    252: "external control",
}  # fmt: skip
"""`State` of `charger`, `dcdc`, `alternator`."""

OFF_REASON: Mapping[int, str] = {
    2: "switched off at the device", 4: "switched off by its mode", 8: "remote input",
    16: "protection active", 32: "waits for its token", 64: "signal of the BMS",
    512: "too cold",
}  # fmt: skip
"""Bits of `solarcharger` `DeviceOffReason` that a person can do something about: a night's lack of
sun is none."""

RUNNING_BY: Mapping[int, str] = {
    1: "by hand", 2: "for a test run", 3: "because communication is lost",
    4: "by state of charge", 5: "by AC load", 6: "by battery current", 7: "by battery voltage",
    8: "by inverter temperature", 9: "by inverter overload",
}  # fmt: skip
"""`generator` `RunningByConditionCode`: why the engine runs."""

STOPPED_BY: Mapping[int, str] = {
    10: "there is power at AC input 1", 11: "there is power at AC input 2",
    12: "of the tank level",
}  # fmt: skip
"""The same code: why it is kept from running."""

GENERATOR_ERROR: Mapping[int, str] = {
    1: "its remote start is disabled", 2: "its controller reports a fault",
    3: "it does not deliver at the AC input", 4: "no generator is enabled",
}  # fmt: skip
"""`generator` `Error`."""

BMS_STATE: Mapping[int, str] = {
    10: "error", 12: "shutdown", 13: "updating", 14: "standby", 15: "going to run",
    16: "pre-charging", 17: "contactor check", 18: "pending",
}  # fmt: skip
"""`battery` `State` of a Lynx, where it is neither starting (0 to 8) nor running (9)."""

BALANCER: Mapping[int, str] = {2: "balancing cells", 3: "cells are out of balance"}
"""`battery` `Balancer/Status`, where it is worth a word."""

REASONS: Mapping[str, str] = {
    "LowSoc": "low state of charge", "BatteryLife": "BatteryLife active",
    "ChargeDisabled": "charging disabled", "DischargeDisabled": "discharging disabled",
    "SlowCharge": "slow charge", "UserChargeLimited": "charging limited by the user",
    "UserDischargeLimited": "discharging limited by the user", "PeakShaving": "peak shaving",
}  # fmt: skip
"""Flags below `system` `SystemState/`."""


def word(table: Mapping[int, str], value: float | None) -> str:
    """The word for a number of an enum; the number where no table knows it; "" for none."""
    if value is None:
        return ""
    known = table.get(int(value)) if value.is_integer() else None
    return known if known is not None else f"state {value:g}"
