"""When the energy of a meter came: its energy of record divided over times and bands of a tariff.

The total is that of record, whatever its method. It is divided by what the counter rose row by row
(where the register counts), else by the integral of the power. What a counter rose in a gap came
at no known minute: it is divided over the gap by time, so each band gets as much of it as it has of
the gap. Where nothing was seen at all, the whole time is such a gap.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from collector.model.report.evidence import Evidence
from collector.model.rollup import Counter, Rollup
from reporting.figures.flows import rows_of
from reporting.measured.model import Measured, Track
from reporting.measured.rows import Rows
from reporting.worth.apportion import apportion
from reporting.worth.hours import Bands, Span

POWER_OF: Mapping[str, tuple[str, int]] = {
    "load_energy_kwh": ("load_power_w", +1),
    "grid_import_kwh": ("grid_power_w", +1),
    "grid_export_kwh": ("grid_power_w", -1),
    "generator_energy_kwh": ("generator_power_w", +1),
    "pv_energy_kwh": ("pv_power_w", +1),
    "battery_charged_kwh": ("battery_power_w", +1),
    "battery_discharged_kwh": ("battery_power_w", -1),
}
"""The power that an energy is the integral of, and which sign of it."""
FINE = 10_000
"""Steps of 0.1 Wh in a kWh: what counters are kept in."""


class Piece(NamedTuple):
    """Some energy (a weight ≥ 0) that came evenly between two moments."""

    from_ms: int
    to_ms: int
    weight: int


class Batch(NamedTuple):
    """The energy of record of one unit, in steps of 0.1 Wh, and when it came."""

    total: int
    pieces: Sequence[Piece]


class Cell(NamedTuple):
    """One period of a meter and one band of that period's tariff (None: in no band)."""

    period: int
    band: int | None


class Period(NamedTuple):
    """A time, and the bands that count in it."""

    span: Span
    bands: Bands


def batches(measured: Measured, asset: str, flow: str) -> list[Batch]:
    """The energy of record of each unit that stood at an asset, where it is known."""
    tracks = [track for track in measured.tracks if track.asset.id == asset]
    found = []
    for one in measured.evidence:
        if one.asset == asset and one.flow == flow and one.kwh is not None:
            total = max(0, round(one.kwh * FINE))
            found.append(Batch(total, _pieces(one, tracks)))
    return found


def divide(some: Sequence[Batch], periods: Sequence[Period]) -> dict[Cell, int]:
    """The energy in steps of 0.1 Wh by period and band. All of it: what lies outside of every
    period goes to the nearest one. Periods are in order and adjoin."""
    cells: dict[Cell, int] = {}
    for batch in some:
        weights = _weights(batch.pieces, periods)
        names = list(weights)
        for cell, part in zip(
            names, apportion(batch.total, [weights[n] for n in names]), strict=True
        ):
            cells[cell] = cells.get(cell, 0) + part
    return cells


def _weights(pieces: Sequence[Piece], periods: Sequence[Period]) -> dict[Cell, int]:
    if len(periods) == 1 and len(set(periods[0].bands.numbers)) == 1 and pieces:
        return {Cell(0, periods[0].bands.numbers[0]): sum(piece.weight for piece in pieces)}
    weights: dict[Cell, int] = {}
    for piece in pieces:
        for cell, part in _by_cell(piece, periods):
            weights[cell] = weights.get(cell, 0) + part
    return weights


def evenly(from_ms: int, to_ms: int) -> Piece:
    """Energy that came evenly over a time, with a weight that can be divided to the millisecond."""
    length = max(1, to_ms - from_ms)
    return Piece(from_ms, from_ms + length, length)


def _pieces(one: Evidence, tracks: Sequence[Track]) -> list[Piece]:
    """When a unit's energy came; evenly over its time when nobody knows."""
    rows = rows_of([t for t in tracks if t.from_ms < one.to_ms and t.to_ms > one.from_ms])
    found = _counted(rows, one.flow) if one.method == "register" else []
    if not any(piece.weight for piece in found):
        found = _integrated(rows, one.flow)
    if not any(piece.weight for piece in found):
        return [evenly(one.from_ms, one.to_ms)]
    return [piece for piece in found if piece.weight]


def _counted(rows: Rows, flow: str) -> list[Piece]:
    found = []
    before: tuple[int, Counter] | None = None
    for from_ms, to_ms, counter in rows.counted(flow):
        if before is not None:
            start = min(before[0], from_ms - 1)
            found.append(Piece(start, from_ms, max(0, counter.first - before[1].last)))
        found.append(Piece(from_ms, to_ms, max(0, counter.last - counter.first)))
        before = to_ms, counter
    return found


def _integrated(rows: Rows, flow: str) -> list[Piece]:
    power, sign = POWER_OF[flow]
    told = rows.gauged(power)
    return list(map(Piece, told.from_ms, told.to_ms, told.pos if sign > 0 else told.neg))


def _by_cell(piece: Piece, periods: Sequence[Period]) -> Iterable[tuple[Cell, int]]:
    """A piece divided by time: nearly always it lies in one cell."""
    last = len(periods) - 1
    names: list[Cell] = []
    times: list[int] = []
    for number, period in enumerate(periods):
        start = piece.from_ms if number == 0 else max(piece.from_ms, period.span.from_ms)
        end = piece.to_ms if number == last else min(piece.to_ms, period.span.to_ms)
        if start >= end:
            continue
        for band, ms in period.bands.split(start, end):
            names.append(Cell(number, band))
            times.append(ms)
    if len(names) == 1:
        return ((names[0], piece.weight),)
    return zip(names, apportion(piece.weight, times), strict=True)


def reading_at(rows: Sequence[Rollup], flow: str, at_ms: int) -> int | None:
    """The own total at a moment, in steps of 0.1 Wh: in the row or gap that it falls into by time
    between its ends. None before the first and after the last."""
    ends: list[tuple[int, int]] = []
    for row in rows:
        counter = row.counters.get(flow)
        if counter is not None:
            ends += [(row.from_ms, counter.first), (row.to_ms, counter.last)]
    for (start, low), (end, high) in pairwise(ends):
        if start <= at_ms <= end:
            if end == start:
                return low
            return low + (high - low) * (at_ms - start) // (end - start)
    return None
