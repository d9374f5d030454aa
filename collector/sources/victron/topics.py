"""The topics of a GX: which to ask for, how to take one apart, which are noise.

`N/<portal id>/<service>/<instance>/<path…>`; fewer than five levels are special ones (heartbeat,
full_publish_completed, keepalive). The instance is mostly a number and may be any string.
"""

import re
from typing import NamedTuple

MAX_TOPIC_CHARS = 400
MAX_INSTANCE_CHARS = 64

SERVICES = (
    "system", "vebus", "multi", "acsystem", "inverter", "battery", "solarcharger", "pvinverter",
    "grid", "acload", "genset", "dcgenset", "generator", "tank", "temperature", "digitalinput",
    "gps", "alternator", "dcdc", "dcsource", "dcload", "dcsystem", "charger", "evcharger",
    "heatpump", "fuelcell", "meteo", "hub4", "accharger", "ev", "motordrive", "pulsemeter",
    "pump", "switch",
)  # fmt: skip
"""Service types that are read whole."""

PLATFORM = ("Device/#", "Notifications/#", "Firmware/Installed/Version")

SETTINGS = (
    "SystemSetup/SystemName", "SystemSetup/AcInput1", "SystemSetup/AcInput2",
    "SystemSetup/MaxChargeCurrent", "SystemSetup/MaxChargeVoltage", "SystemSetup/BatteryService",
    "CGwacs/AcPowerSetPoint", "CGwacs/AcInputLimit", "CGwacs/AcExportLimit",
    "CGwacs/AlwaysPeakShave", "CGwacs/Hub4Mode", "CGwacs/MaxChargePower",
    "CGwacs/MaxDischargePower", "CGwacs/MaxFeedInPower", "CGwacs/OvervoltageFeedIn",
    "CGwacs/PreventFeedback", "CGwacs/RunWithoutGridMeter", "CGwacs/BatteryLife/MinimumSocLimit",
    "CGwacs/BatteryLife/SocLimit", "CGwacs/BatteryLife/State", "CGwacs/BatteryLife/Flags",
    "CGwacs/BatteryLife/Schedule/#", "CGwacs/BatteryUse", "CGwacs/MaxChargePercentage",
    "CGwacs/MaxDischargePercentage", "DynamicEss/+", "TransferSwitch/GeneratorCurrentLimit",
    "Relay/Function", "Relay/Polarity", "Relay/1/Function", "Relay/1/Polarity",
    "Relay/+/CustomName", "Generator0/#", "Generator1/#", "Pump0/+", "LEDs/Enable",
    "Network/VrmPortal",
    "Services/MqttLocal", "Services/Bol", "System/SecurityProfile", "System/TimeZone",
)  # fmt: skip
"""Below `settings/<n>/Settings/`: what says how the system is set up. The rest is nobody's need."""

_ALARM = re.compile(r"\A(?:[A-Za-z]+/){0,2}Alarms?(?:/L[1-3])?(?:/[A-Za-z]+)?\Z")
_TANK_ALARM = re.compile(r"\AAlarms/(?:Low|High)/State\Z")
_WISHES = frozenset({"platform", "settings"})
"""Services whose `Alarms` say which alarms are wanted, not which there are; so does what stands
below `Settings/` of a device (a Multi RS)."""

_NOISE = re.compile(r"History/Daily/|Devices/|VEDirect/")


class Address(NamedTuple):
    """Where on the D-Bus of the GX a value stands."""

    portal: str
    service: str
    instance: str
    path: str


def filters(portal: str) -> list[str]:
    """What to subscribe to for one GX."""
    root = f"N/{portal}"
    return [
        f"{root}/heartbeat",
        f"{root}/full_publish_completed",
        f"{root}/keepalive",
        *(f"{root}/{service}/+/#" for service in SERVICES),
        *(f"{root}/platform/+/{tail}" for tail in PLATFORM),
        *(f"{root}/settings/+/Settings/{tail}" for tail in SETTINGS),
    ]


def split(topic: str) -> Address | None:
    """The parts of a notification topic with at least five levels; None for any other."""
    if len(topic) > MAX_TOPIC_CHARS:
        return None
    levels = topic.split("/", 4)
    if len(levels) < 5 or levels[0] != "N" or not all(levels):
        return None
    _, portal, service, instance, path = levels
    if len(instance) > MAX_INSTANCE_CHARS or path.strip("/") != path:
        return None
    return Address(portal, service, instance, path)


def portal_of(topic: str) -> str:
    """The portal id of any notification topic; empty when there is none."""
    levels = topic.split("/", 2)
    return levels[1] if len(levels) == 3 and levels[0] == "N" and len(levels[1]) <= 64 else ""


def is_noise(path: str) -> bool:
    """Whether nobody needs the path: daily histories, device trees of a unit, line errors."""
    return _NOISE.match(path) is not None


def is_alarm(service: str, path: str) -> bool:
    """Whether a service says at this path that something is wrong (0 ok, 1 warning, 2 alarm)."""
    if "Alarm" not in path or service in _WISHES or path.startswith("Settings/"):
        return False
    return (_TANK_ALARM if service == "tank" else _ALARM).match(path) is not None
