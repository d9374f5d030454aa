"""How good the supply was, at each asset that reads it."""

from collections.abc import Mapping, Sequence
from itertools import compress
from operator import not_
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from collector.model.kinds import AssetKind
from collector.model.nominal import DELTA_V, HERTZ, PAIRS, PHASES, STAR_V, near, said_volts
from collector.model.report.power_quality import Band, PowerQuality
from collector.model.report.quality import Note
from collector.model.rollup import Rollup
from collector.model.rollup_keys import BY_KEY, in_unit, quanta
from collector.model.rounding import half_up
from reporting.figures.clock import MINUTE_MS
from reporting.figures.column import Column, minutes_of, together
from reporting.figures.distribution import Distribution, Held
from reporting.figures.flows import LOAD, counted, note, rows_of, tracks_of
from reporting.figures.overload import overload_ms
from reporting.figures.phases import apart, currents, judged_minutes
from reporting.measured.model import Measured, Track
from reporting.measured.rows import Rows
from reporting.rounding import AMPS, VOLTS, percent, rounded
from reporting.rounding import HERTZ as HERTZ_DECIMALS

OFF = 0.05
"""Below this part of nominal there is no voltage (EN 50160: *supply interruption*)."""
VOLTAGE, FREQUENCY, VOLTAGE_UNBALANCE = "voltage_v", "frequency_hz", "voltage_unbalance_pct"


class QualityFigures(NamedTuple):
    """One table for each asset, and what has to be said about them."""

    assets: tuple[PowerQuality, ...]
    notes: tuple[Note, ...]


def power_quality_figures(measured: Measured) -> QualityFigures:
    """Voltage and frequency percentiles of minute means, minutes outside limits, THD, unbalance,
    neutral current, overload and alarms (DESIGN §10), for each asset that reads any of the first
    three. Limits are deviations from nominal: what somebody said, else the usual value that the
    median is near.

    The method is EN 50160's and IEC 61000-4-30's in kind (aggregates, percentiles, share outside),
    with minutes in place of their ten: no statement of conformity follows from it.
    """
    first = tracks_of(measured, counted(measured, LOAD))
    order = dict.fromkeys(track.asset.id for track in (*first, *measured.tracks))
    tables, notes = [], []
    for asset in order:
        tracks = tracks_of(measured, [asset])
        table, said = _table(measured, asset, tracks)
        if table is not None:
            tables.append(table)
            notes += said
    return QualityFigures(tuple(tables), tuple(notes))


def _table(
    measured: Measured, asset: str, tracks: Sequence[Track]
) -> tuple[PowerQuality | None, list[Note]]:
    rows = rows_of([_judged(track) for track in tracks])
    lines = {line: minutes_of(rows, f"{VOLTAGE}.{line}") for line in (*PHASES, *PAIRS)}
    lines = {line: volts for line, volts in lines.items() if volts}
    hertz = minutes_of(rows, FREQUENCY)
    amps = currents(rows)
    if not lines and not hertz and not any(amps.values()):
        return None, []
    limits, notes = measured.inputs.limits, []
    spreads = {line: Distribution(volts) for line, volts in lines.items()}
    nominals = {line: _nominal(line, spread, tracks[-1]) for line, spread in spreads.items()}
    on, off_ms = _without_off(lines, nominals)
    bands = [
        _band(
            f"{VOLTAGE}.{line}",
            volts,
            spreads[line] if volts is lines[line] else Distribution(volts),
            nominals[line],
            limits.voltage_deviation_pct,
        )
        for line, volts in on.items()
    ]
    if any(band.nominal is None for band in bands):
        text = "Its nominal voltage is not known: minutes outside limits are not counted."
        notes.append(note("no-nominal", text, asset))
    volts_u = _held(minutes_of(rows, VOLTAGE_UNBALANCE), VOLTAGE_UNBALANCE)
    if not volts_u.values:
        volts_u = _reckoned(on)
    amps_u = judged_minutes(amps)
    over = overload_ms(tracks, limits.overload_pct)
    volts_thd, amps_thd = _worst(rows, "voltage_thd_pct"), _worst(rows, "current_thd_pct")
    table = PowerQuality(
        asset=asset,
        name=tracks[-1].asset.name,
        voltages=tuple(bands),
        frequency=_frequency(measured, hertz),
        off_min=_minutes_of(off_ms if lines else None),
        voltage_thd_max_pct=percent(volts_thd.greatest),
        voltage_thd_over_min=_over(volts_thd.means, limits.voltage_thd_pct),
        current_thd_max_pct=percent(amps_thd.greatest),
        voltage_unbalance_max_pct=percent(volts_u.top()),
        voltage_unbalance_over_min=_over(volts_u, limits.voltage_unbalance_pct),
        current_unbalance_max_pct=percent(amps_u.top()),
        current_unbalance_over_min=_over(amps_u, limits.current_unbalance_pct),
        neutral_max_a=rounded(_greatest(amps["N"], "current_a.N"), AMPS),
        overload_min=_minutes_of(over),
        alarms=sum(alert.asset == asset for alert in measured.inputs.alerts),
    )
    return table, notes


def _judged(track: Track) -> Track:
    """With all rows; of a generator those through which it ran, for a set that stands or starts
    has no voltage to judge. One whose running nobody told is judged whole."""
    if track.kind is not AssetKind.GENERATOR or not any(row.running for row in track.rows):
        return track
    ran = Rows(
        row
        for row in track.rows
        if row.running is not None and row.running.ms == row.to_ms - row.from_ms
    )
    return replace(track, rows=ran)


class _Worst(NamedTuple):
    """The minute means of a percentage, and the greatest value that it ever had."""

    means: Held
    greatest: float | None


def _worst(rows: Sequence[Rollup], name: str) -> _Worst:
    """A percentage of the whole; where it is told by phase, the worst phase of each minute."""
    whole = minutes_of(rows, name)
    if whole:
        return _Worst(_held(whole, name), _greatest(whole, name))
    worst: dict[int, tuple[float, int]] = {}
    greatest: float | None = None
    for key in (f"{name}.{phase}" for phase in PHASES):
        column = minutes_of(rows, key)
        means, good = _held(column, key)
        for at_ms, mean, ms in zip(column.from_ms, means, good, strict=True):
            if at_ms not in worst or mean > worst[at_ms][0]:
                worst[at_ms] = mean, ms
        tops = (greatest, _greatest(column, key))
        greatest = max((top for top in tops if top is not None), default=None)
    told = [worst[at_ms] for at_ms in sorted(worst)]
    return _Worst(Held([mean for mean, _ in told], [ms for _, ms in told]), greatest)


def nominal_volts(line: str, median_v: float | None, track: Track) -> float | None:
    """The nominal voltage of a phase or of a pair of phases: as somebody said it, else the usual
    one that the median is near (within 8 %)."""
    said = track.asset.ratings.nominal_v
    pair = line in PAIRS
    if said:
        return said_volts(said, PAIRS if pair else PHASES)
    return near(median_v, DELTA_V if pair else STAR_V) or None


def _nominal(line: str, spread: Distribution, track: Track) -> float | None:
    """The nominal voltage of a line; minutes below 1 V say nothing of it."""
    key = f"{VOLTAGE}.{line}"
    median = spread.median_from(quanta(key, 1.0))
    return nominal_volts(line, None if median is None else in_unit(key, median), track)


def _without_off(
    lines: Mapping[str, Column], nominals: Mapping[str, float | None]
) -> tuple[Mapping[str, Column], int]:
    """The minutes with voltage on any line, and for how many ms there was none on any."""
    off = {line: _off(volts, f"{VOLTAGE}.{line}", nominals[line]) for line, volts in lines.items()}
    if not any(map(any, off.values())):
        return lines, 0
    dark: dict[int, int] = {}
    lit: set[int] = set()
    for line, volts in lines.items():
        dark |= compress(zip(volts.from_ms, volts.good_ms, strict=True), off[line])
        lit |= set(compress(volts.from_ms, map(not_, off[line])))
    dark = {at_ms: ms for at_ms, ms in dark.items() if at_ms not in lit}
    kept = {line: one.where(at not in dark for at in one.from_ms) for line, one in lines.items()}
    return {line: volts for line, volts in kept.items() if volts}, sum(dark.values())


def _off(volts: Column, key: str, nominal: float | None) -> list[bool]:
    """Of each minute whether there was no voltage."""
    least = quanta(key, OFF * (nominal or 0.0))
    return [one < least * ms for one, ms in zip(volts.integral, volts.good_ms, strict=True)]


def _frequency(measured: Measured, hertz: Column) -> Band | None:
    """Of the minutes with a frequency: a bus without voltage shows 0 Hz or nothing."""
    live = hertz.where(mean >= 1000 for mean in hertz.means())
    if not live:
        return None
    limits, spread = measured.inputs.limits, Distribution(live)
    median = spread.median_from(0.0)
    usual = None if median is None else near(in_unit(FREQUENCY, median), HERTZ)
    nominal = limits.nominal_hz or usual or None
    return _band(FREQUENCY, live, spread, nominal, limits.frequency_deviation_pct)


def _band(
    key: str, column: Column, spread: Distribution, nominal: float | None, deviation_pct: float
) -> Band:
    decimals = HERTZ_DECIMALS if key == FREQUENCY else VOLTS
    scale = 1 / in_unit(key, 1)
    lower = upper = outside = None
    if nominal:
        lower, upper = nominal * (1 - deviation_pct / 100), nominal * (1 + deviation_pct / 100)
        outside = spread.outside_ms(lower * scale, upper * scale) / MINUTE_MS

    def at(permille: int) -> float:
        return half_up(in_unit(key, spread.permille(permille) or 0.0), decimals)

    return Band(
        key=key,
        nominal=rounded(nominal, decimals),
        lower=rounded(lower, decimals),
        upper=rounded(upper, decimals),
        least=half_up(in_unit(key, min(column.least)), decimals),
        p1=at(10),
        p5=at(50),
        p50=at(500),
        p95=at(950),
        p99=at(990),
        greatest=half_up(in_unit(key, max(column.greatest)), decimals),
        outside_min=rounded(outside, 2),
    )


def _reckoned(lines: Mapping[str, Column]) -> Held:
    """The voltage unbalance of each minute in per cent from the phases' means, in steps of 0.01 %:
    max |V − mean| ÷ mean (NEMA MG 1, 14.36), of phases to neutral or between phases."""
    names = PHASES if all(line in lines for line in PHASES) else PAIRS
    if not all(line in lines for line in names):
        return Held()
    three = together([lines[line] for line in names])
    mean, farthest = apart(three)
    live = mean > 0
    pct = np.rint(10_000 * farthest[live] / mean[live]) / BY_KEY[VOLTAGE_UNBALANCE].scale
    return Held(pct.tolist(), list(compress(three[0].good_ms, live)))


def _held(column: Column, key: str) -> Held:
    """The means in the unit of their measurement."""
    scale = BY_KEY[key].scale
    return Held([mean / scale for mean in column.means()], column.good_ms)


def _greatest(column: Column, key: str) -> float | None:
    return in_unit(key, max(column.greatest)) if column else None


def _over(held: Held, limit: float) -> float | None:
    return _minutes_of(held.over_ms(limit))


def _minutes_of(ms: int | None) -> float | None:
    return None if ms is None else half_up(ms / MINUTE_MS, 2)
