"""A row for each day in the event's zone; the days sum to the whole."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from math import fsum
from typing import NamedTuple

from collector.model.report.days import Day as DayRow
from collector.model.rollup_keys import BY_KEY
from reporting.figures import fuel, running
from reporting.figures.clock import HOUR_MS, MINUTE_MS, Day, LocalClock
from reporting.figures.column import Column, column_of
from reporting.figures.demand import Window, greatest, windows
from reporting.figures.flows import (
    BATTERY,
    ENERGIES_OF,
    GENERATOR,
    GRID,
    KWH,
    LOAD,
    PV,
    QUANTA_PER_KW,
    counted,
    end_of,
    load_column,
    tracks_of,
)
from reporting.figures.generator import Engine, engines
from reporting.figures.load import clock_of
from reporting.figures.sets import Set, set_curve
from reporting.figures.stored import PER_PCT, SOC, battery_tracks
from reporting.measured.model import Measured
from reporting.rounding import HOURS, LITRES, kw, kwh, percent, rounded


class Energy(NamedTuple):
    """One energy: its power, whether what counts is the positive side, its counter, its total."""

    power: str
    positive: bool
    counter: str
    total: float | None


class Engines(NamedTuple):
    """Hours and litres of all sets by day; None where nothing told."""

    hours: Sequence[float | None]
    litres: Sequence[float | None]


def day_figures(measured: Measured, known: Sequence[Engine] | None = None) -> tuple[DayRow, ...]:
    """A row for each local day (midnight to midnight, 23 to 25 hours) that the window touches.

    An energy of a day is what its minutes come to, and its part of what came in gaps (even over
    the gap), all scaled by one factor so that the days sum to the energy of record. `known` are
    its `engines`, where these were reckoned already.
    """
    clock = clock_of(measured)
    days = clock.days()
    energies = {
        name: _column(measured, days, column) for name, column in _columns(measured).items()
    }
    demand = _demand(measured, clock, days)
    ran = _engines(measured, engines(measured) if known is None else known, days)
    levels = [column_of(track.rows, SOC) for track in battery_tracks(measured)]
    return tuple(
        DayRow(
            day=day.day.isoformat(),
            from_ms=day.from_ms,
            to_ms=day.to_ms,
            coverage_pct=percent(_coverage(measured, day)),
            load_kwh=kwh(energies["load"][index]),
            grid_kwh=kwh(energies["grid"][index]),
            generator_kwh=kwh(energies["generator"][index]),
            pv_kwh=kwh(energies["pv"][index]),
            battery_kwh=kwh(energies["battery"][index]),
            peak_kw=None if (top := demand[index]) is None else kw(top.mean / QUANTA_PER_KW),
            peak_ms=None if top is None else top.from_ms,
            generator_h=rounded(ran.hours[index], HOURS),
            fuel_l=rounded(ran.litres[index], LITRES),
            soc_min_pct=percent(_soc_min(levels, day)),
        )
        for index, day in enumerate(days)
    )


def _columns(measured: Measured) -> Mapping[str, Energy]:
    energy = measured.energy
    return {
        "load": Energy(LOAD, True, "load_energy_kwh", energy.load_kwh),
        "grid": Energy(GRID, True, "grid_import_kwh", energy.grid_import_kwh),
        "generator": Energy(GENERATOR, True, "generator_energy_kwh", energy.generator_kwh),
        "pv": Energy(PV, True, "pv_energy_kwh", energy.pv_kwh),
        "battery": Energy(BATTERY, False, "battery_discharged_kwh", energy.discharged_kwh),
    }


def _column(measured: Measured, days: Sequence[Day], column: Energy) -> Sequence[float | None]:
    """kWh of each day, summing to the total of record."""
    if column.total is None:
        return [None] * len(days)
    if len(days) == 1:
        return [column.total]
    raw = _by_minutes(measured, days, column)
    if raw is None or fsum(raw) <= 0:
        raw = _by_counters(measured, days, column.counter)
    whole = fsum(raw)
    if whole <= 0:
        return [0.0 if column.total == 0 else None] * len(days)
    return [one * column.total / whole for one in raw]


def _by_minutes(measured: Measured, days: Sequence[Day], column: Energy) -> Sequence[float] | None:
    """What the minutes of each day come to, and its part of the energy that came in gaps."""
    flow = measured.flows.get(column.power)
    if flow is None:
        return None
    side = flow.pos if column.positive else flow.neg
    found = []
    for day in days:
        first, last = _span(measured, day)
        quanta = sum(
            one
            for one, good in zip(side[first:last], flow.good_ms[first:last], strict=True)
            if good
        )
        found.append(quanta / KWH)
    names = (column.counter, column.power) if column.positive else (column.counter,)
    assets = set(counted(measured, column.power))
    for gap in measured.quality.gaps:
        if gap.flow in names and gap.asset in assets and gap.gap_kwh and gap.gap_kwh > 0:
            length = gap.to_ms - gap.from_ms
            for index, day in enumerate(days):
                inside = min(gap.to_ms, day.to_ms) - max(gap.from_ms, day.from_ms)
                if inside > 0:
                    found[index] += gap.gap_kwh * inside / length
    return found


def _by_counters(measured: Measured, days: Sequence[Day], counter: str) -> Sequence[float]:
    """What the counters of the flows of record rose on each day, where no power was read. What
    they rose between two rows is of the day of the later one."""
    power = next(name for name, counters in ENERGIES_OF.items() if counter in counters)
    scale = BY_KEY[counter].scale
    found = [0.0] * len(days)
    assets = counted(measured, power) or sorted({t.asset.id for t in measured.tracks})
    for track in tracks_of(measured, assets):
        before: int | None = None
        for row in track.rows:
            one = row.counters.get(counter)
            if one is None:
                continue
            rose = one.last - (one.first if before is None else before)
            before = one.last
            found[_day_of(days, row.from_ms)] += rose / scale
    return found


def _day_of(days: Sequence[Day], at_ms: int) -> int:
    return next((i for i, day in enumerate(days) if at_ms < day.to_ms), len(days) - 1)


def _span(measured: Measured, day: Day) -> tuple[int, int]:
    """The indices of a day's minutes; days begin at whole minutes or with the window."""
    first = bisect_left(measured.starts_ms, day.from_ms // MINUTE_MS * MINUTE_MS)
    last = bisect_left(measured.starts_ms, day.to_ms)
    return first, last


def _coverage(measured: Measured, day: Day) -> float | None:
    """Good time of the load on a day ÷ its length, as far as there can be data; without a load of
    the flow that was seen least."""
    length = min(day.to_ms, end_of(measured)) - day.from_ms
    load = measured.flows.get(LOAD)
    flows = [load] if load is not None else list(measured.flows.values())
    first, last = _span(measured, day)
    seen = [sum(flow.good_ms[first:last]) for flow in flows]
    return 100 * min(seen) / length if seen and length > 0 else None


def _demand(measured: Measured, clock: LocalClock, days: Sequence[Day]) -> Sequence[Window | None]:
    """The greatest demand window that begins on each day."""
    length = measured.inputs.event.terms.demand_window_min * MINUTE_MS
    by_day: list[list[Window]] = [[] for _ in days]
    for window in windows(load_column(measured), clock, length):
        by_day[_day_of(days, window.from_ms)].append(window)
    return [greatest(found) for found in by_day]


def _engines(measured: Measured, known: Sequence[Engine], days: Sequence[Day]) -> Engines:
    """Hours and litres of all sets on each day."""
    hours: list[list[float]] = [[] for _ in days]
    litres: list[list[float]] = [[] for _ in days]
    unknown = False
    for one, burnt, _ in known:
        parts = _weights(measured, one, days)
        whole = fsum(parts)
        unknown = unknown or burnt.best is None
        for index, day in enumerate(days):
            if one.hours is not None and one.track.from_ms < day.to_ms > day.from_ms:
                hours[index].append(one.hours_between(day.from_ms, day.to_ms))
            if burnt.best is not None:
                litres[index].append(burnt.best * parts[index] / whole if whole > 0 else 0.0)
    return Engines(
        [fsum(one) if one else None for one in hours],
        [fsum(one) if one and not unknown else None for one in litres],
    )


def _weights(measured: Measured, one: Set, days: Sequence[Day]) -> Sequence[float]:
    """How a set's litres spread over the days: by its curve, without one by its run time."""
    curve, _ = set_curve(measured, one.plate)
    found = []
    for day in days:
        if curve:
            ran = running.runs_between(one.ran, day.from_ms, day.to_ms)
            unseen = running.hours_between(one.darks, day.from_ms, day.to_ms)
            seen = sum(run.ms for run in ran) / HOUR_MS
            unloaded = max(0.0, one.hours_between(day.from_ms, day.to_ms) - seen - unseen)
            found.append(fuel.curve_litres(curve, ran, unseen, unloaded if one.by_meter else 0.0))
        else:
            found.append(one.hours_between(day.from_ms, day.to_ms))
    return found


def _soc_min(levels: Sequence[Column], day: Day) -> float | None:
    """The lowest state of charge of any battery."""
    found: list[int] = []
    for one in levels:
        first = bisect_left(one.from_ms, day.from_ms)
        found += one.least[first : bisect_left(one.from_ms, day.to_ms)]
    return min(found) / PER_PCT if found else None
