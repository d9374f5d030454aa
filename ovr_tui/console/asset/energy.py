"""Since when energy is counted for people: what counters showed at midnight and at a join."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from msgspec import Struct

from collector.model.snapshot import AssetView, Snapshot
from collector.wire import HistoryAnswer
from ovr_tui.console.format import local

NAMES: Mapping[str, str] = MappingProxyType({
    "load_energy_kwh": "to loads",
    "generator_energy_kwh": "generator",
    "grid_import_kwh": "from grid",
    "grid_export_kwh": "to grid",
    "pv_energy_kwh": "PV",
    "battery_charged_kwh": "charged",
    "battery_discharged_kwh": "discharged",
})  # fmt: skip
STEP_S = 60
MINUTE_MS = 60_000
LATE_MS = 3_600_000
"""A counter that begins within this time of the moment began there."""
NONE: Mapping[str, float] = MappingProxyType({})


class Marks(Struct, frozen=True, kw_only=True):
    """What each counter of an asset showed when the day began, and when its system joined;
    `since` names that moment."""

    today: Mapping[str, float] = NONE
    joined: Mapping[str, float] = NONE
    since: str = ""


class Moments(Struct, frozen=True, kw_only=True):
    """The moments that matter, UTC ms; None: it takes part in nothing."""

    midnight_ms: int
    joined_ms: int | None = None


def moments(view: AssetView, shot: Snapshot, joined_ms: int | None = None) -> Moments:
    """Of an asset now. `joined_ms` is when its system joined; without it, when its event began."""
    at = local(shot.at_ms, shot.timezone)
    begin = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if joined_ms is None:
        begun = [e.from_ms for e in shot.events if e.from_ms and view.system in e.systems]
        joined_ms = max(begun, default=None)
    return Moments(midnight_ms=round(begin.timestamp() * 1000), joined_ms=joined_ms)


def since_word(at_ms: int, shot: Snapshot) -> str:
    """A moment as the head of a column: its time, and the day where that is another."""
    at, now = local(at_ms, shot.timezone), local(shot.at_ms, shot.timezone)
    if at.date() == now.date():
        return f"join {at:%H:%M}"
    return f"join {at:%a}" if now - at < timedelta(days=6) else f"join {at:%d.%m}"


def base(answer: HistoryAnswer, at_ms: int) -> float | None:
    """What a counter showed at a moment, by values of minutes (each the last of its minute)."""
    before = None
    for start_ms, value in zip(answer.times, answer.values, strict=False):
        if value is None:
            continue
        if start_ms + MINUTE_MS <= at_ms:
            before = value
            continue
        if before is not None:
            return before
        return value if start_ms <= at_ms + LATE_MS else None
    return before


def asked(at_ms: int) -> tuple[int, int]:
    """From when to when minutes are asked for, to find what a counter showed at a moment."""
    start_ms = at_ms // MINUTE_MS * MINUTE_MS
    return start_ms - 10 * MINUTE_MS, start_ms + LATE_MS
