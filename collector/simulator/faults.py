"""What can go wrong on the simulated site, by script or by hand."""

import difflib
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

from msgspec import Struct

from collector.errors import OvrError


class FaultKind(StrEnum):
    """The kinds of faults."""

    DEVICE_LOST = "device_lost"
    """A GX' service vanishes (empty payloads); a Modbus unit answers nothing."""
    STALE_SENSOR = "stale_sensor"
    """Values stand still while everything looks well."""
    METER_RESET = "meter_reset"
    """Energy registers begin again at zero."""
    GX_REBOOT = "gx_reboot"
    """The broker is gone for `for_s` (60), RAM counters restart, services come one by one."""
    FROZEN_HEARTBEAT = "frozen_heartbeat"
    """TCP stands, nothing is published."""
    ADDRESSES_EXCHANGED = "addresses_exchanged"
    """Two GX (`target = "bess-1,bess-2"`), or two devices behind Modbus, answer at each other's
    port."""
    LOW_CHARGE = "low_charge"
    """A GX' battery is at 12 %: it charges again when something charges it."""
    LINK_DOWN = "link_down"
    """TCP connections break and are refused."""
    MODBUS_OFF = "modbus_off"
    """Somebody switches Modbus off in a device; what else it speaks goes on."""
    GENERATOR_FAILED = "generator_failed"
    """A GX' generator stops and does not start again."""


class Fault(Struct, frozen=True, kw_only=True):
    """`at_s` after start, for `for_s` (0: until the end), both in simulated seconds.

    `target` is a device id, an asset id, or a GX' service (`bess-1/battery/512`).
    """

    kind: FaultKind
    target: str
    at_s: float = 0.0
    for_s: float = 0.0


class FaultScriptError(OvrError):
    """A script of faults cannot be used; the message lists every problem."""


_KEYS = ("at_s", "kind", "target", "for_s")


def load_faults(path: Path) -> tuple[Fault, ...]:
    """The faults of a TOML file (`[[fault]]` tables), by time. Raises FaultScriptError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FaultScriptError(f"{path}: cannot be read: {error}") from error
    problems = [
        f"{path}: {key}: unknown key (only [[fault]] tables)" for key in tables if key != "fault"
    ]
    entries = tables.get("fault", [])
    if not isinstance(entries, list):
        raise FaultScriptError(f"{path}: fault: write [[fault]], once for each fault")
    faults = []
    for number, entry in enumerate(entries, 1):
        fault, found = _parse(entry)
        problems += [f"{path}: fault {number}: {problem}" for problem in found]
        if fault is not None:
            faults.append(fault)
    if problems:
        raise FaultScriptError("\n".join(problems))
    return tuple(sorted(faults, key=lambda fault: fault.at_s))


def _parse(entry: Any) -> tuple[Fault | None, list[str]]:
    if not isinstance(entry, dict):
        return None, ["not a table"]
    problems = [f"{key}: unknown key{_hint(key, _KEYS)}" for key in entry if key not in _KEYS]
    kind, target = entry.get("kind"), entry.get("target")
    kinds = [str(k) for k in FaultKind]
    if kind not in kinds:
        problems.append(f"kind: {kind!r} is none of {', '.join(kinds)}{_hint(kind, kinds)}")
    if not isinstance(target, str) or not target:
        problems.append("target: name a device or an asset")
    times = {}
    for key in ("at_s", "for_s"):
        value = entry.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            problems.append(f"{key}: {value!r} is not a number of seconds from 0")
        else:
            times[key] = float(value)
    if problems:
        return None, problems
    return Fault(kind=FaultKind(str(kind)), target=str(target), **times), []


def _hint(word: object, known: tuple[str, ...] | list[str]) -> str:
    near = difflib.get_close_matches(str(word), known, 1)
    return f" (did you mean {near[0]!r}?)" if near else ""
