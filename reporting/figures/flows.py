"""From `Measured` to what figures are made of: minutes of a flow, tracks of an asset, energies."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from math import fsum

from collector.model.assets import generator_kw
from collector.model.kinds import AssetKind
from collector.model.report.quality import Note, NoteLevel
from collector.model.report_input import AssetInput
from collector.model.rollup import Rollup
from collector.model.rollup_keys import in_unit
from reporting.figures.clock import HOUR_MS, MINUTE_MS
from reporting.figures.column import Column
from reporting.measured.model import Measured, Minutes, Track
from reporting.measured.rows import Rows, as_rows

LOAD, GRID, GENERATOR, PV, BATTERY = (
    "load_power_w",
    "grid_power_w",
    "generator_power_w",
    "pv_power_w",
    "battery_power_w",
)
QUANTA_PER_KW = 10_000
"""A rollup keeps powers in steps of 0.1 W."""
KWH = QUANTA_PER_KW * HOUR_MS
"""Quanta times milliseconds in a kilowatt-hour."""


def note(code: str, text: str, about: str = "", level: NoteLevel = "info") -> Note:
    """One thing to be said of a figure."""
    return Note(code=code, level=level, about=about, text=text)


def flow_column(starts_ms: Sequence[int], flow: Minutes | None, from_ms: int, to_ms: int) -> Column:
    """The minutes of a flow that were seen; `starts_ms` are those that [from_ms, to_ms) touches, of
    which the first and the last are cut to it. The integral is net: positive less negative."""
    if flow is None or not starts_ms:
        return Column()
    begun = list(starts_ms)
    ended = [start + MINUTE_MS for start in begun]
    begun[0], ended[-1] = max(begun[0], from_ms), min(ended[-1], to_ms)
    net = [pos - neg for pos, neg in zip(flow.pos, flow.neg, strict=True)]
    good = list(flow.good_ms)
    return Column(begun, ended, good, net, list(flow.least), list(flow.greatest)).where(good)


def load_column(measured: Measured) -> Column:
    """The load by minute."""
    return power_column(measured, LOAD)


def power_column(measured: Measured, power: str) -> Column:
    """A power of the whole by minute."""
    inputs = measured.inputs
    flow = measured.flows.get(power)
    return flow_column(measured.starts_ms, flow, inputs.from_ms, inputs.to_ms)


def counted(measured: Measured, power: str) -> list[str]:
    """The assets whose flows make up the whole of a power, by id: those of record that are neither
    a check of another nor behind one."""
    names = ENERGIES_OF[power]
    return sorted(
        {flow.asset for flow in measured.energy.flows if flow.counted and flow.flow in names}
    )


def end_of(measured: Measured) -> int:
    """Until when there are data: of a provisional report these may end before its window does."""
    inputs = measured.inputs
    end = min(inputs.to_ms, inputs.upto_ms) if inputs.stage == "provisional" else inputs.to_ms
    return max(inputs.from_ms, end)


ENERGIES_OF = {
    LOAD: ("load_energy_kwh",),
    GRID: ("grid_import_kwh", "grid_export_kwh"),
    GENERATOR: ("generator_energy_kwh",),
    PV: ("pv_energy_kwh",),
    BATTERY: ("battery_charged_kwh", "battery_discharged_kwh"),
}


def twins(measured: Measured, asset: str, power: str) -> set[str]:
    """The assets that measure the same flow as `asset`, itself among them."""
    names = ENERGIES_OF[power]
    of = {f.asset: f.same_as for f in measured.energy.flows if f.flow in names and f.same_as}
    head = of.get(asset, asset)
    return {asset, head, *(other for other, to in of.items() if to == head)}


def tracks_of(measured: Measured, assets: Iterable[str]) -> list[Track]:
    """The tracks of some assets, by asset and time."""
    wanted = set(assets)
    found = (track for track in measured.tracks if track.asset.id in wanted)
    return sorted(found, key=lambda track: (track.asset.id, track.from_ms))


def rows_of(tracks: Sequence[Track]) -> Rows:
    """All rows of some tracks, one track after the other."""
    if len(tracks) == 1:
        return as_rows(tracks[0].rows)
    return Rows(row for track in tracks for row in track.rows)


def kwh_of(measured: Measured, track: Track, counter: str) -> float | None:
    """The energy of record of one unit at one asset: what its evidence says, else None."""
    found = [
        one.kwh
        for one in measured.evidence
        if one.asset == track.asset.id
        and one.flow == counter
        and one.from_ms >= track.from_ms
        and one.to_ms <= track.to_ms
    ]
    known = [kwh for kwh in found if kwh is not None]
    return fsum(known) if known else None


def rows_between(rows: Sequence[Rollup], from_ms: int, to_ms: int) -> Sequence[Rollup]:
    """The rows in order that begin in [from_ms, to_ms)."""
    first = bisect_left(rows, from_ms, key=_begin)
    return rows[first : bisect_left(rows, to_ms, key=_begin)]


def _begin(row: Rollup) -> int:
    return row.from_ms


def value_at_ends(rows: Iterable[Rollup], key: str) -> tuple[float | None, float | None]:
    """The first and the last good value of a gauge, in its unit."""
    told = as_rows(rows).gauged(key)
    if not told.from_ms:
        return None, None
    return in_unit(key, told.first[0]), in_unit(key, told.last[-1])


def plate_of(measured: Measured, track: Track) -> AssetInput | None:
    """Whose plate and fuel curve are those of the generating set that a track measures: its own, if
    it is a generator's; else those of a generator that is the same flow. A battery system that sees
    a generator at its input has a plate of its own."""
    if track.kind is AssetKind.GENERATOR:
        return track.asset
    same = tracks_of(measured, twins(measured, track.asset.id, GENERATOR))
    return next((one.asset for one in same if one.kind is AssetKind.GENERATOR), None)


def rated_kw(plate: AssetInput | None) -> tuple[float | None, bool]:
    """What a generating set is rated for in kW, and whether that was reckoned from its kVA."""
    if plate is None:
        return None, False
    ratings = plate.ratings
    rated = generator_kw(ratings.rated_kw, ratings.rated_kva)
    return rated, rated is not None and not ratings.rated_kw
