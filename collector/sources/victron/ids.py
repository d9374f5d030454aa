"""Names of the assets of a GX: stable when MQTT instances change and across restarts.

A role is built from the serial number where the device has one that is worth the name, else from
the instance (a resistive tank sender has none). The one grid meter and the one generator that a
GX works with are plainly `grid` and `genset`.
"""

import re

from collector.sources.victron.derive.common import Values, text

PREFIX = {
    "solarcharger": "mppt",
    "pvinverter": "pvinverter",
    "tank": "tank",
    "acload": "load",
    "battery": "battery",
    "grid": "grid",
    "genset": "genset",
    "dcgenset": "genset",
    "generator": "genset",
    "alternator": "alternator",
    "fuelcell": "fuelcell",
    "heatpump": "heatpump",
    "evcharger": "evcharger",
    "dcload": "dcload",
    "dcsystem": "dcload",
    "multi": "pv",
    "inverter": "pv",
}

MIN_SERIAL = 4
MAX_SLUG = 32


def slug(text: str) -> str:
    """`text` in lower case letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:MAX_SLUG].strip("-")


def serial_of(values: Values) -> str:
    """The serial number; empty when there is none, or only a placeholder."""
    serial = text(values, "Serial").strip()
    return serial if len(serial.strip("0 -")) >= 1 and len(slug(serial)) >= MIN_SERIAL else ""


def role_of(kind: str, instance: str, values: Values) -> str:
    """The role of a device that is one of several of its kind."""
    return f"{PREFIX[kind]}-{slug(serial_of(values)) or slug(instance) or '0'}"


def unit_of(portal: str, kind: str, instance: str, values: Values) -> str:
    """Whose counters these are: the serial, else the place on this very GX."""
    return serial_of(values) or f"{portal}/{kind}/{instance}"


def label(values: Values, fallback: str) -> str:
    """What people call it."""
    return text(values, "CustomName") or text(values, "ProductName") or fallback
