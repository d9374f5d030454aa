"""What batteries hold at both ends: state of charge × capacity."""

from collections.abc import Iterable

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.rollup_codec import MINUTE_MS
from reporting.measured.model import Track

SOC = "battery_soc_pct"
QUANTA_FULL = 10_000
NEAR_MS = 10 * MINUTE_MS
"""A state of charge this far from an end still says what was stored there."""


class Stored(Struct, frozen=True, kw_only=True):
    """kWh in all batteries at the beginning and at the end; None where one of them is not known."""

    start_kwh: float | None
    end_kwh: float | None


def stored(tracks: Iterable[Track], from_ms: int, to_ms: int) -> Stored:
    """What was stored at both ends of [from_ms, to_ms) by the batteries that stood there then."""
    batteries = [
        track
        for track in tracks
        if track.kind is AssetKind.BESS or any(SOC in row.gauges for row in track.rows)
    ]
    start = [_first(one, from_ms) for one in batteries if one.from_ms <= from_ms]
    end = [_last(one, to_ms) for one in batteries if one.to_ms >= to_ms]
    return Stored(start_kwh=_sum(start), end_kwh=_sum(end))


def _sum(known: list[float | None]) -> float | None:
    values = [value for value in known if value is not None]
    return sum(values) if values and len(values) == len(known) else None


def _first(track: Track, at_ms: int) -> float | None:
    for row in track.rows:
        if row.from_ms > at_ms + NEAR_MS:
            return None
        if SOC in row.gauges:
            return _held(track, row.gauges[SOC].first)
    return None


def _last(track: Track, at_ms: int) -> float | None:
    for row in reversed(track.rows):
        if row.to_ms < at_ms - NEAR_MS:
            return None
        if SOC in row.gauges:
            return _held(track, row.gauges[SOC].last)
    return None


def _held(track: Track, soc: int) -> float | None:
    capacity = track.asset.ratings.battery_kwh
    return None if capacity is None else capacity * soc / QUANTA_FULL
