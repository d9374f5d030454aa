"""What the charts of a report are drawn from."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from collector.model.nominal import PAIRS, PHASES
from collector.model.report.power_quality import PowerQuality
from collector.model.report.series import HeatMap, Phases, Profile, Series, Values, VoltageBand
from collector.model.rollup_keys import in_unit
from reporting.figures.clock import DAY_MS, HOUR_MS, MINUTE_MS
from reporting.figures.distribution import Distribution
from reporting.figures.flows import (
    BATTERY,
    GENERATOR,
    GRID,
    LOAD,
    PV,
    QUANTA_PER_KW,
    counted,
    load_parts,
    tracks_of,
)
from reporting.figures.load import clock_of
from reporting.figures.parts import Part, by_cell, joined, parts_of
from reporting.figures.phases import currents, load_meter
from reporting.figures.stored import soc_by_minute
from reporting.measured.model import Measured, Minutes
from reporting.rounding import AMPS, VOLTS, kw, percent, rounded

MOST_BUCKETS = 480
NICE_MIN = (1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440)
"""Lengths of a bucket in minutes; longer ones are whole days."""


class Buckets(NamedTuple):
    """`number` buckets of `step_ms` from `from_ms` on, which cover the window."""

    from_ms: int
    step_ms: int
    number: int

    def of(self, at_ms: int) -> int:
        """The bucket in which a moment lies."""
        return (at_ms - self.from_ms) // self.step_ms


def series_figures(measured: Measured, quality: Sequence[PowerQuality] = ()) -> Series:
    """All series. `quality` gives the voltage limits that are drawn (`power_quality_figures`)."""
    parts = load_parts(measured)
    if measured.inputs.to_ms <= measured.inputs.from_ms:
        return Series()
    buckets = buckets_of(measured)
    return Series(
        profile=_profile(measured, buckets, parts),
        duration_kw=_duration(parts),
        heat=_heat(measured, parts),
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


def _profile(measured: Measured, buckets: Buckets, load: Sequence[Part]) -> Profile | None:
    if not any(any(flow.good_ms) for flow in measured.flows.values()):
        return None
    flows = measured.flows
    grouped = _grouped(load, buckets)
    soc = soc_by_minute(measured)
    grid = flows.get(GRID)
    exported = grid is not None and any(grid.neg)
    return Profile(
        from_ms=buckets.from_ms,
        step_ms=buckets.step_ms,
        load_kw=_per(grouped, lambda whole: whole.mean / QUANTA_PER_KW, kw),
        load_min_kw=_per(grouped, lambda whole: whole.least / QUANTA_PER_KW, kw),
        load_max_kw=_per(grouped, lambda whole: whole.greatest / QUANTA_PER_KW, kw),
        grid_kw=_side(measured, buckets, grid, positive=True),
        generator_kw=_side(measured, buckets, flows.get(GENERATOR), positive=True),
        pv_kw=_side(measured, buckets, flows.get(PV), positive=True),
        battery_kw=_side(measured, buckets, flows.get(BATTERY), positive=False),
        charge_kw=_side(measured, buckets, flows.get(BATTERY), positive=True),
        export_kw=_side(measured, buckets, grid, positive=False) if exported else (),
        soc_pct=_means(measured, buckets, soc) if any(s is not None for s in soc) else (),
    )


def _grouped(parts: Iterable[Part], buckets: Buckets) -> list[Part | None]:
    """The whole of the parts that begin in each bucket."""
    groups: list[list[Part]] = [[] for _ in range(buckets.number)]
    for part in parts:
        groups[buckets.of(part.from_ms)].append(part)
    return [joined(group) if group else None for group in groups]


def _per(
    grouped: Sequence[Part | None],
    of: Callable[[Part], float],
    to: Callable[[float], float | None],
) -> Values:
    return tuple(None if whole is None else to(of(whole)) for whole in grouped)


def _side(measured: Measured, buckets: Buckets, flow: Minutes | None, *, positive: bool) -> Values:
    """The mean of a flow's positive or negative side over its good time, kW."""
    if flow is None:
        return ()
    totals, good = [0] * buckets.number, [0] * buckets.number
    side = flow.pos if positive else flow.neg
    first = measured.inputs.from_ms
    for start, ms, integral in zip(measured.starts_ms, flow.good_ms, side, strict=True):
        if ms:
            index = buckets.of(max(start, first))
            totals[index] += integral
            good[index] += ms
    return tuple(
        kw(total / ms / QUANTA_PER_KW) if ms else None
        for total, ms in zip(totals, good, strict=True)
    )


def _means(measured: Measured, buckets: Buckets, values: Sequence[float | None]) -> Values:
    """The mean of the minutes' values that are known, per cent."""
    sums: list[list[float]] = [[] for _ in range(buckets.number)]
    first = measured.inputs.from_ms
    for start, value in zip(measured.starts_ms, values, strict=True):
        if value is not None:
            sums[buckets.of(max(start, first))].append(value)
    return tuple(percent(sum(one) / len(one)) if one else None for one in sums)


def _duration(parts: Sequence[Part]) -> Values:
    """The load that was reached or exceeded for 0, 1, … 100 % of good time, kW."""
    if not parts:
        return ()
    spread = Distribution.of(parts)
    curve = (spread.exceeded(pct) for pct in range(101))
    return tuple(None if value is None else kw(value / QUANTA_PER_KW) for value in curve)


def _heat(measured: Measured, parts: Sequence[Part]) -> HeatMap | None:
    """Mean load by day and clock hour in the event's zone."""
    if not parts:
        return None
    clock = clock_of(measured)
    days = [day.day for day in clock.days()]
    totals = {day: [0] * 24 for day in days}
    good = {day: [0] * 24 for day in days}
    for cell, inside in by_cell(parts, clock.cells(HOUR_MS)):
        if inside:
            totals[cell.day][cell.hour] += sum(part.integral for part in inside)
            good[cell.day][cell.hour] += sum(part.good_ms for part in inside)
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
    columns = currents(tracks)
    if not any(columns.values()):
        return None
    values = {
        line: _per(
            _grouped(parts, buckets),
            lambda whole: in_unit("current_a.L1", whole.mean),
            lambda amps: rounded(amps, AMPS),
        )
        for line, parts in columns.items()
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
        tracks = tracks_of(measured, [asset])
        for lines in (PHASES, PAIRS):
            parts = [
                part
                for line in lines
                for track in tracks
                for part in parts_of(track.rows, f"voltage_v.{line}")
            ]
            if parts:
                return _band(asset, lines[0], _grouped(parts, buckets), quality)
    return None


def _band(
    asset: str, line: str, grouped: Sequence[Part | None], quality: Sequence[PowerQuality]
) -> VoltageBand:
    key = f"voltage_v.{line}"
    bands = [b for table in quality if table.asset == asset for b in table.voltages]
    limits = next((band for band in bands if band.key == key), None)
    least, mean, greatest = (
        _per(grouped, of, lambda volts: rounded(in_unit(key, volts), VOLTS))
        for of in (_least, _mean, _greatest)
    )
    return VoltageBand(
        least=least,
        mean=mean,
        greatest=greatest,
        lower=None if limits is None else limits.lower,
        upper=None if limits is None else limits.upper,
        asset=asset,
    )


def _least(whole: Part) -> float:
    return whole.least


def _mean(whole: Part) -> float:
    return whole.mean


def _greatest(whole: Part) -> float:
    return whole.greatest
