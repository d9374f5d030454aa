"""What the batteries held, minute by minute: state of charge × capacity."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from collector.model.report.quality import Note
from collector.model.rollup_keys import BY_KEY
from reporting.figures.clock import MINUTE_MS
from reporting.figures.column import minutes_of
from reporting.figures.flows import BATTERY, counted, note, tracks_of
from reporting.measured.model import Measured, Track
from reporting.measured.rows import as_rows

SOC = "battery_soc_pct"
PER_PCT = BY_KEY[SOC].scale


class Stored(NamedTuple):
    """For each minute of the window the kWh in all batteries; None where one was not seen."""

    kwh: Sequence[float | None]


def battery_tracks(measured: Measured) -> list[Track]:
    """The tracks of batteries, each once: of the flows of record, else all that tell a state of
    charge, for their power may not be measured."""
    return tracks_of(measured, counted(measured, BATTERY)) or [
        track for track in measured.tracks if _tells(track)
    ]


def _tells(track: Track) -> bool:
    return SOC in as_rows(track.rows).told()


def stored_by_minute(measured: Measured) -> tuple[Stored | None, tuple[Note, ...]]:
    """The content of all batteries; None, and why, when a capacity or a state of charge is not
    known."""
    tracks = battery_tracks(measured)
    if not tracks:
        return None, ()
    bare = sorted({t.asset.id for t in tracks if t.rows and not t.asset.ratings.battery_kwh})
    silent = sorted(
        {t.asset.id for t in tracks} - {track.asset.id for track in tracks if _tells(track)}
    )
    if bare or silent:
        what = "capacity" if bare else "state of charge"
        text = (
            f"The {what} of {', '.join(bare or silent)} is not known. What was in the battery at "
            "the beginning is taken to be the least that explains what came out."
        )
        return None, (note("battery-content-unknown", text, "sources.origin"),)
    columns = [
        _column(measured, [track for track in tracks if track.asset.id == asset])
        for asset in sorted({track.asset.id for track in tracks})
    ]
    return Stored(_summed(columns)), ()


def _column(measured: Measured, tracks: Sequence[Track]) -> Sequence[float | None]:
    """What one battery held: of two units within a minute the later one's."""
    found: list[float | None] = [None] * len(measured.starts_ms)
    for track in tracks:
        capacity = track.asset.ratings.battery_kwh or 0.0
        for index, mean in _means(measured, track):
            found[index] = mean / 100 * capacity
    return found


def _means(measured: Measured, track: Track) -> Iterator[tuple[int, float]]:
    """The state of charge of each minute in per cent, with the minute's index."""
    begin = measured.starts_ms[0] // MINUTE_MS if measured.starts_ms else 0
    column = minutes_of(track.rows, SOC)
    for at_ms, mean in zip(column.from_ms, column.means(), strict=True):
        index = at_ms // MINUTE_MS - begin
        if 0 <= index < len(measured.starts_ms):
            yield index, mean / PER_PCT


def _summed(columns: Sequence[Sequence[float | None]]) -> Sequence[float | None]:
    found: list[float | None] = []
    for values in zip(*columns, strict=True):
        known = [value for value in values if value is not None]
        found.append(sum(known) if len(known) == len(values) else None)
    return found


def soc_by_minute(measured: Measured) -> Sequence[float | None]:
    """The state of charge of all batteries together in per cent, weighted by capacity; of one
    battery its own, whatever its capacity. None where it cannot be told."""
    tracks = battery_tracks(measured)
    assets = sorted({track.asset.id for track in tracks})
    if len(assets) == 1:
        return _percent(measured, tracks)
    stored, _ = stored_by_minute(measured)
    if stored is None:
        return [None] * len(measured.starts_ms)
    capacity = sum(
        max(t.asset.ratings.battery_kwh or 0.0 for t in tracks if t.asset.id == asset)
        for asset in assets
    )
    return [None if kwh is None else 100 * kwh / capacity for kwh in stored.kwh]


def _percent(measured: Measured, tracks: Sequence[Track]) -> Sequence[float | None]:
    found: list[float | None] = [None] * len(measured.starts_ms)
    for track in tracks:
        for index, mean in _means(measured, track):
            found[index] = mean
    return found
