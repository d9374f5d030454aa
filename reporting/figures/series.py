"""What the charts of a report are drawn from."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from collector.model.nominal import PAIRS, PHASES
from collector.model.report.power_quality import PowerQuality
from collector.model.report.series import HeatMap, Phases, Profile, Series, Values, VoltageBand
from collector.model.rollup_keys import in_unit
from reporting.figures.clock import DAY_MS, HOUR_MS, MINUTE_MS
from reporting.figures.column import Column, by_cell, column_of
from reporting.figures.distribution import Distribution
from reporting.figures.flows import (
    BATTERY,
    GENERATOR,
    GRID,
    LOAD,
    PV,
    QUANTA_PER_KW,
    counted,
    load_column,
    rows_of,
    tracks_of,
)
from reporting.figures.load import clock_of
from reporting.figures.phases import currents, load_meter
from reporting.figures.stored import soc_by_minute
from reporting.measured.model import Measured, Minutes
from reporting.rounding import AMPS, VOLTS, kw, percent, rounded

MOST_BUCKETS = 480
NICE_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)
"""Lengths of a bucket in minutes; longer ones are whole days."""


Slice = tuple[int, int]
"""Of a list: from an index up to another, that one excluded."""


class _Whole(NamedTuple):
    """A quantity in one bucket: good time, integral, its least and greatest (as in `Column`)."""

    good_ms: int
    integral: int
    least: int
    greatest: int

    @property
    def mean(self) -> float:
        """Over its good time."""
        return self.integral / self.good_ms


class Buckets(NamedTuple):
    """`number` buckets of `step_ms` from `from_ms` on, which cover the window."""

    from_ms: int
    step_ms: int
    number: int

    def slices(self, at_ms: Sequence[int]) -> list[Slice]:
        """Which of some moments, in order, lie in each bucket: from the first up to the last, that
        one excluded. What is before all buckets is in the first."""
        ends = range(self.from_ms + self.step_ms, self.to_ms + 1, self.step_ms)
        cuts = [0, *(bisect_left(at_ms, end) for end in ends)]
        return list(pairwise(cuts))

    @property
    def to_ms(self) -> int:
        """The end of the last one."""
        return self.from_ms + self.number * self.step_ms


def series_figures(measured: Measured, quality: Sequence[PowerQuality] = ()) -> Series:
    """All series. `quality` gives the voltage limits that are drawn (`power_quality_figures`)."""
    load = load_column(measured)
    if measured.inputs.to_ms <= measured.inputs.from_ms:
        return Series()
    buckets = buckets_of(measured)
    return Series(
        profile=_profile(measured, buckets, load),
        duration_kw=_duration(load),
        heat=_heat(measured, load),
        phases=_phases(measured, buckets),
        voltage=_voltage(measured, buckets, quality),
    )


def buckets_of(measured: Measured) -> Buckets:
    """At most 480 buckets (and one more, cut at both ends) of a length that people read easily,
    that begin at multiples of it on the event's clock as it was at the beginning."""
    begin, end = measured.inputs.from_ms, measured.inputs.to_ms
    length = end - begin
    nice = next((n for n in NICE_MIN if n * MINUTE_MS * MOST_BUCKETS >= length), 0)
    step = nice * MINUTE_MS or -(-length // (MOST_BUCKETS * DAY_MS)) * DAY_MS
    offset = clock_of(measured).offset_ms(begin)
    first = (begin + offset) // step * step - offset
    return Buckets(first, step, -(-(end - first) // step))


def _profile(measured: Measured, buckets: Buckets, load: Column) -> Profile | None:
    if not any(any(flow.good_ms) for flow in measured.flows.values()):
        return None
    flows = measured.flows
    grouped = _grouped([load], buckets)
    soc, slices = soc_by_minute(measured), buckets.slices(measured.starts_ms)
    grid = flows.get(GRID)
    exported = grid is not None and any(grid.neg)
    return Profile(
        from_ms=buckets.from_ms,
        step_ms=buckets.step_ms,
        load_kw=_per(grouped, lambda whole: whole.mean / QUANTA_PER_KW, kw),
        load_min_kw=_per(grouped, lambda whole: whole.least / QUANTA_PER_KW, kw),
        load_max_kw=_per(grouped, lambda whole: whole.greatest / QUANTA_PER_KW, kw),
        grid_kw=_side(slices, grid, positive=True),
        generator_kw=_side(slices, flows.get(GENERATOR), positive=True),
        pv_kw=_side(slices, flows.get(PV), positive=True),
        battery_kw=_side(slices, flows.get(BATTERY), positive=False),
        charge_kw=_side(slices, flows.get(BATTERY), positive=True),
        export_kw=_side(slices, grid, positive=False) if exported else (),
        soc_pct=_means(slices, soc) if any(s is not None for s in soc) else (),
    )


def _grouped(columns: Sequence[Column], buckets: Buckets) -> list[_Whole | None]:
    """What all columns together have in each bucket."""
    found: list[_Whole | None] = [None] * buckets.number
    for one in columns:
        for at, (first, last) in enumerate(buckets.slices(one.from_ms)):
            if first == last:
                continue
            whole = _Whole(
                sum(one.good_ms[first:last]),
                sum(one.integral[first:last]),
                min(one.least[first:last]),
                max(one.greatest[first:last]),
            )
            before = found[at]
            found[at] = whole if before is None else _both(before, whole)
    return found


def _both(one: _Whole, other: _Whole) -> _Whole:
    return _Whole(
        one.good_ms + other.good_ms,
        one.integral + other.integral,
        min(one.least, other.least),
        max(one.greatest, other.greatest),
    )


def _per(
    grouped: Sequence[_Whole | None],
    of: Callable[[_Whole], float],
    to: Callable[[float], float | None],
) -> Values:
    return tuple(None if whole is None else to(of(whole)) for whole in grouped)


def _side(slices: Sequence[Slice], flow: Minutes | None, *, positive: bool) -> Values:
    """The mean of a flow's positive or negative side over its good time, kW."""
    if flow is None:
        return ()
    side = flow.pos if positive else flow.neg
    seen = [one if good else 0 for one, good in zip(side, flow.good_ms, strict=True)]
    found = ((sum(seen[a:b]), sum(flow.good_ms[a:b])) for a, b in slices)
    return tuple(kw(total / ms / QUANTA_PER_KW) if ms else None for total, ms in found)


def _means(slices: Sequence[Slice], values: Sequence[float | None]) -> Values:
    """The mean of the minutes' values that are known, per cent."""
    found = ([one for one in values[a:b] if one is not None] for a, b in slices)
    return tuple(percent(sum(some) / len(some)) if some else None for some in found)


def _duration(load: Column) -> Values:
    """The load that was reached or exceeded for 0, 1, … 100 % of good time, kW."""
    if not load:
        return ()
    spread = Distribution(load)
    curve = (spread.exceeded(pct) for pct in range(101))
    return tuple(None if value is None else kw(value / QUANTA_PER_KW) for value in curve)


def _heat(measured: Measured, load: Column) -> HeatMap | None:
    """Mean load by day and clock hour in the event's zone."""
    if not load:
        return None
    clock = clock_of(measured)
    days = [day.day for day in clock.days()]
    totals = {day: [0] * 24 for day in days}
    good = {day: [0] * 24 for day in days}
    for cell, first, last in by_cell(load.from_ms, clock.cells(HOUR_MS)):
        totals[cell.day][cell.hour] += sum(load.integral[first:last])
        good[cell.day][cell.hour] += sum(load.good_ms[first:last])
    return HeatMap(
        days=tuple(day.isoformat() for day in days),
        hours=tuple(
            tuple(
                kw(total / ms / QUANTA_PER_KW) if ms else None
                for total, ms in zip(totals[day], good[day], strict=True)
            )
            for day in days
        ),
    )


def _phases(measured: Measured, buckets: Buckets) -> Phases | None:
    """Mean currents at the load's meter."""
    tracks, _ = load_meter(measured)
    columns = currents(rows_of(tracks))
    if not any(columns.values()):
        return None
    values = {
        line: _per(
            _grouped([column], buckets),
            lambda whole: in_unit("current_a.L1", whole.mean),
            lambda amps: rounded(amps, AMPS),
        )
        for line, column in columns.items()
    }
    return Phases(
        l1=values["L1"],
        l2=values["L2"],
        l3=values["L3"],
        neutral=values["N"] if columns["N"] else (),
    )


def _voltage(
    measured: Measured, buckets: Buckets, quality: Sequence[PowerQuality]
) -> VoltageBand | None:
    """Voltages to neutral (without any: between phases) at the first asset that reads them, the
    load's meters before all."""
    first = tracks_of(measured, counted(measured, LOAD))
    order = dict.fromkeys(track.asset.id for track in (*first, *measured.tracks))
    for asset in order:
        rows = rows_of(tracks_of(measured, [asset]))
        for lines in (PHASES, PAIRS):
            columns = [column_of(rows, f"voltage_v.{line}") for line in lines]
            if any(columns):
                return _band(asset, lines[0], _grouped(columns, buckets), quality)
    return None


def _band(
    asset: str, line: str, grouped: Sequence[_Whole | None], quality: Sequence[PowerQuality]
) -> VoltageBand:
    key = f"voltage_v.{line}"
    bands = [b for table in quality if table.asset == asset for b in table.voltages]
    limits = next((band for band in bands if band.key == key), None)
    least, mean, greatest = (
        _per(grouped, of, lambda volts: rounded(in_unit(key, volts), VOLTS))
        for of in map(attrgetter, ("least", "mean", "greatest"))
    )
    return VoltageBand(
        least=least,
        mean=mean,
        greatest=greatest,
        lower=None if limits is None else limits.lower,
        upper=None if limits is None else limits.upper,
        asset=asset,
    )
