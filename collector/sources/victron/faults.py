"""Which paths of a service are complaints, and what they say: alarm paths and error numbers.

A number that no table knows is said as that number: firmware learns new errors.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from collector.model.alarm import Severity
from collector.sources.victron import errors, words
from collector.sources.victron.topics import is_alarm

OF_VALUE = {1.0: Severity.WARNING, 2.0: Severity.ALARM}
"""`Alarms/*`: 0 ok, 1 warning, 2 alarm."""

NUMBERED: Mapping[tuple[str, str], Mapping[int, str]] = {
    ("vebus", "VebusError"): errors.VEBUS,
    ("battery", "ErrorCode"): errors.BATTERY,
    ("alternator", "ErrorCode"): errors.ALTERNATOR,
    ("genset", "ErrorCode"): errors.GENSET,
    ("dcgenset", "ErrorCode"): errors.GENSET,
    ("pvinverter", "ErrorCode"): {},
    ("generator", "Error"): words.GENERATOR_ERROR,
    **{
        (kind, "ErrorCode"): errors.CHARGER
        for kind in ("solarcharger", "multi", "acsystem", "inverter", "charger", "dcdc")
    },
}
"""Error numbers, 0 for none."""

MAKERS: Mapping[str, str] = {
    "genset": "panda", "dcgenset": "panda", "alternator": "wakespeed",
}  # fmt: skip
"""Kinds of devices of several makers: whose numbers the table has, as its product is called. Those
of the others mean something else, and are said as numbers."""

FLAGS: Mapping[tuple[str, str], str] = {
    ("vebus", "Bms/Error"): "the BMS reports an error",
    ("battery", "Errors/SmartLithium/Communication"): "no communication with a battery",
    ("battery", "Errors/SmartLithium/InvalidConfiguration"): "batteries are configured wrongly",
    ("battery", "Errors/SmartLithium/NrOfBatteries"): "the number of batteries is wrong",
    ("battery", "Errors/SmartLithium/Voltage"): "the voltage of a battery is wrong",
}
"""Truth values that are true when something is wrong."""

_ENGINE = re.compile(r"\AError/\d{1,2}/Id\Z")
_CODE = re.compile(r":?([ewi])-?(?=[0-9])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Fault(NamedTuple):
    """What one path complains of now."""

    severity: Severity
    text: str


def can_complain(kind: str, path: str) -> bool:
    """Whether a service of `kind` says at `path` what is wrong with it."""
    key = (kind, path)
    if is_alarm(kind, path) or key in NUMBERED or key in FLAGS or key == ("evcharger", "Status"):
        return True
    return kind in ("genset", "dcgenset") and _ENGINE.match(path) is not None


def fault(kind: str, path: str, value: Any, product: str = "") -> Fault | None:
    """What `value` at such a path of a device called `product` complains of; None for nothing."""
    if isinstance(value, str):
        return _engine(value) if _ENGINE.match(path) else None
    if not isinstance(value, float) or not value:
        return None
    if (kind, path) == ("evcharger", "Status"):
        said = words.EV_FAULTS.get(int(value))
        return Fault(Severity.ALARM, said) if said else None
    if (kind, path) in NUMBERED:
        ours = MAKERS.get(kind, "") in product.lower()
        return Fault(Severity.ALARM, numbered(NUMBERED[kind, path] if ours else {}, value))
    if (kind, path) in FLAGS:
        return Fault(Severity.ALARM, FLAGS[kind, path]) if value == 1 else None
    severity = OF_VALUE.get(value)
    return Fault(severity, spelled(path)) if severity else None


def numbered(table: Mapping[int, str], number: float) -> str:
    """An error number in words, with the number that manuals list it by."""
    known = table.get(int(number)) if number.is_integer() else None
    return f"error {number:g}: {known}" if known else f"error {number:g}"


def _engine(told: str) -> Fault | None:
    """`manufacturer:[ewi]-code`: error, warning; information asks nothing of anybody."""
    found = _CODE.search(told)
    letter = found[1].lower() if found else "e"
    if not told.strip() or letter == "i":
        return None
    return Fault(Severity.WARNING if letter == "w" else Severity.ALARM, f"engine code {told}")


def spelled(path: str) -> str:
    """`Alarms/L1/HighTemperature` → `L1 high temperature`."""
    parts = [part for part in path.split("/") if part not in ("Alarms", "State")]
    split = (" ".join(_CAMEL.split(part)) for part in parts)
    return " ".join(word if word in ("L1", "L2", "L3") else word.lower() for word in split)
