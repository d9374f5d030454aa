"""The load: how much, how high, when, and how evenly over the phases."""

from math import hypot
from typing import NamedTuple

from collector.model.report.load import Load, Peak
from collector.model.report.quality import Note
from collector.model.rollup import Peak as RowPeak
from collector.model.rounding import half_up
from reporting.figures.clock import MINUTE_MS, LocalClock
from reporting.figures.column import Column
from reporting.figures.demand import Window, greatest, greatest_minute, windows
from reporting.figures.distribution import Distribution
from reporting.figures.flows import (
    GRID,
    LOAD,
    QUANTA_PER_KW,
    counted,
    load_column,
    note,
    power_column,
    rows_between,
    tracks_of,
)
from reporting.figures.phases import phase_balance
from reporting.measured.model import Measured
from reporting.rounding import kw, kwh

FACTOR_DECIMALS = 4
COS_DECIMALS = 3


class LoadFigures(NamedTuple):
    """The load, and what has to be said about it."""

    load: Load
    notes: tuple[Note, ...]


def load_figures(measured: Measured) -> LoadFigures:
    """All figures of the load (DESIGN §10).

    - average: energy of good minutes ÷ their good time, so that gaps neither add nor take away;
    - peaks: the greatest second, minute and demand window (`demand`); a whole minute or window
      below the average is no peak (`_reaching`);
    - load factor = average ÷ greatest demand window (the ratio of average to peak demand: Itron
      MetrixIDR's load-research vocabulary; IEEE Std 100, *load factor*);
    - percentiles of minute means, weighted by good time (`distribution`); P5 is the base load.

    Without any minute of the load all but the energy are None.
    """
    column = load_column(measured)
    notes: list[Note] = []
    spread = Distribution(column)
    window_ms = measured.inputs.event.terms.demand_window_min * MINUTE_MS
    clock = clock_of(measured)
    average = column.mean() / QUANTA_PER_KW if column else None
    seen = windows(column, clock, window_ms)
    if not column:
        notes.append(_no_power(measured))
    elif not seen:
        notes.append(
            note(
                "no-demand-window",
                f"No whole window of {window_ms // MINUTE_MS} minutes was seen for 80 % of its "
                "time, so there is no demand peak and no load factor.",
                "load.peak_window",
            )
        )
    what = f"a window of {window_ms // MINUTE_MS} minutes"
    demand = _reaching(greatest(seen), average, "load.peak_window", what, notes)
    minute = _reaching(greatest_minute(column), average, "load.peak_1min", "a minute", notes)
    phases, said = phase_balance(measured)
    load = Load(
        kwh=kwh(measured.energy.load_kwh),
        average_kw=kw(average),
        peak_1s=_second(measured, column, notes),
        peak_1min=_peak(minute),
        peak_window=_peak(demand),
        window_min=window_ms // MINUTE_MS,
        load_factor=_factor(average, demand),
        p5_kw=_percentile(spread, 50),
        p50_kw=_percentile(spread, 500),
        p95_kw=_percentile(spread, 950),
        p99_kw=_percentile(spread, 990),
        p995_kw=_percentile(spread, 995),
        phases=phases,
        grid_peak_window=_grid_peak(measured, clock, window_ms),
    )
    return LoadFigures(load, (*notes, *said))


def clock_of(measured: Measured) -> LocalClock:
    """The clock of the event's zone over the window."""
    inputs = measured.inputs
    return LocalClock(inputs.event.timezone, inputs.from_ms, inputs.to_ms)


def _no_power(measured: Measured) -> Note:
    if measured.energy.load_kwh is None:
        return note("no-load", "Nothing measured the load in this time.", "load", "warning")
    return note(
        "no-load-power",
        "Only counters of the load were read: its energy is known, but no power, hence no peaks, "
        "no percentiles and no profile.",
        "load",
        "warning",
    )


def _reaching(
    found: Window | None, average: float | None, about: str, what: str, notes: list[Note]
) -> Window | None:
    """The greatest whole minute or window, unless the average lies above it: the average is of all
    that was seen, also of what the period cuts at its ends or a gap leaves of one, which is no
    peak. Then none is given, and a note says why."""
    if found is None or average is None:
        return found
    if half_up(found.mean / QUANTA_PER_KW, 3) >= half_up(average, 3):
        return found
    text = (
        f"The load was highest in {what} that the period cuts or that was too little measured: no "
        "other one reaches the average, so none is given as the peak."
    )
    notes.append(note("peak-cut", text, about))
    return None


def _peak(window: Window | None) -> Peak | None:
    if window is None:
        return None
    return Peak(kw=half_up(window.mean / QUANTA_PER_KW, 3), at_ms=window.from_ms)


def _factor(average: float | None, demand: Window | None) -> float | None:
    if average is None or demand is None or demand.mean <= 0:
        return None
    return half_up(average * QUANTA_PER_KW / demand.mean, FACTOR_DECIMALS)


def _percentile(spread: Distribution, permille: int) -> float | None:
    value = spread.permille(permille)
    return None if value is None else kw(value / QUANTA_PER_KW)


def _grid_peak(measured: Measured, clock: LocalClock, window_ms: int) -> Peak | None:
    """The greatest demand window of what came from the grid; None when nothing ever came."""
    found = greatest(windows(power_column(measured, GRID), clock, window_ms))
    return None if found is None or found.mean <= 0 else _peak(found)


def _second(measured: Measured, column: Column, notes: list[Note]) -> Peak | None:
    """The greatest single second, with apparent power and power factor of that very moment where
    the meter gave them. It exists only where one meter measures the whole load: seconds of several
    meters are not kept together."""
    if not column:
        return None
    top = column.peak()
    begun, highest = column.from_ms[top], column.greatest[top]
    meters = counted(measured, LOAD)
    if len(meters) != 1:
        why = f"{len(meters)} meters make up the load" if meters else "no meter measures the load"
        notes.append(
            note(
                "no-second-peak",
                f"{why[0].upper()}{why[1:]}: its greatest single second is not known, the greatest "
                "minute is.",
                "load.peak_1s",
            )
        )
        return None
    rows = [
        row
        for track in tracks_of(measured, meters)
        for row in rows_between(track.rows, begun, column.to_ms[top])
    ]
    moments = [row.peak for row in rows if row.peak is not None]
    moment = next((each for each in moments if each.p == highest), None)
    if moment is None:
        return Peak(kw=half_up(highest / QUANTA_PER_KW, 3), at_ms=begun)
    kva, factor = _apparent(moment)
    return Peak(
        kw=half_up(moment.p / QUANTA_PER_KW, 3), at_ms=moment.at_ms, kva=kva, power_factor=factor
    )


def _apparent(moment: RowPeak) -> tuple[float | None, float | None]:
    """kVA and power factor of a moment: as metered, else S = √(P² + Q²) (IEEE Std 1459, for
    sinusoidal and balanced three-phase power); PF = P ÷ S. An S below P is not of this load: of the
    output of an inverter, say, beside which PV feeds in."""
    s = moment.s
    if s is None and moment.q is not None:
        s = round(hypot(moment.p, moment.q))
    if not s or s < 0:
        return None, None
    factor = moment.p / s
    if abs(factor) > 1.02:
        return None, None
    return kw(s / QUANTA_PER_KW), half_up(max(-1.0, min(1.0, factor)), COS_DECIMALS)
