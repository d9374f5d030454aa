"""How good the supply was, at each asset that reads it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from statistics import median_low
from typing import NamedTuple

from msgspec.structs import replace

from collector.model.kinds import AssetKind
from collector.model.nominal import DELTA_V, HERTZ, PAIRS, PHASES, STAR_V, near, said_volts
from collector.model.report.power_quality import Band, PowerQuality
from collector.model.report.quality import Note
from collector.model.rollup import Rollup
from collector.model.rollup_keys import in_unit, quanta
from reporting.figures.clock import MINUTE_MS
from reporting.figures.distribution import Distribution
from reporting.figures.flows import LOAD, counted, note, tracks_of
from reporting.figures.overload import overload_ms
from reporting.figures.parts import Part, minutes, parts_of
from reporting.figures.phases import judged_minutes
from reporting.measured.model import Measured, Track
from reporting.rounding import AMPS, VOLTS, known, percent, rounded

OFF = 0.05
"""Below this part of nominal there is no voltage (EN 50160: *supply interruption*)."""
VOLTAGE, FREQUENCY = "voltage_v", "frequency_hz"


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
    rows = [row for track in tracks for row in _judged_rows(track)]
    lines = {line: _parts(rows, f"{VOLTAGE}.{line}") for line in (*PHASES, *PAIRS)}
    lines = {line: parts for line, parts in lines.items() if parts}
    hertz = _parts(rows, FREQUENCY)
    amps = currents_of(rows)
    if not lines and not hertz and not any(amps.values()):
        return None, []
    limits, notes = measured.inputs.limits, []
    nominals = _nominals(lines, tracks[-1])
    on, off_ms = _without_off(lines, nominals)
    bands = [
        _band(f"{VOLTAGE}.{line}", parts, nominals[line], limits.voltage_deviation_pct, VOLTS)
        for line, parts in on.items()
    ]
    if any(band.nominal is None for band in bands):
        text = "Its nominal voltage is not known: minutes outside limits are not counted."
        notes.append(note("no-nominal", text, asset))
    volts_u = _parts(rows, "voltage_unbalance_pct") or _reckoned(on)
    amps_u = [(one.pct, one.ms) for one in judged_minutes(amps)]
    neutral = amps["N"]
    over = overload_ms(tracks, limits.overload_pct)
    thd = _any(rows, "voltage_thd_pct")
    table = PowerQuality(
        asset=asset,
        name=tracks[-1].asset.name,
        voltages=tuple(bands),
        frequency=_frequency(measured, hertz),
        off_min=_minutes_of(off_ms if lines else None),
        voltage_thd_max_pct=_max_pct(thd, "voltage_thd_pct"),
        voltage_thd_over_min=_over(_means(thd, "voltage_thd_pct"), limits.voltage_thd_pct),
        current_thd_max_pct=_max_pct(_any(rows, "current_thd_pct"), "current_thd_pct"),
        voltage_unbalance_max_pct=_top(_means(volts_u, "voltage_unbalance_pct")),
        voltage_unbalance_over_min=_over(
            _means(volts_u, "voltage_unbalance_pct"), limits.voltage_unbalance_pct
        ),
        current_unbalance_max_pct=_top(amps_u),
        current_unbalance_over_min=_over(amps_u, limits.current_unbalance_pct),
        neutral_max_a=rounded(in_unit("current_a.N", max(p.greatest for p in neutral)), AMPS)
        if neutral
        else None,
        overload_min=_minutes_of(over),
        alarms=sum(alert.asset == asset for alert in measured.inputs.alerts),
    )
    return table, notes


def _judged_rows(track: Track) -> Sequence[Rollup]:
    """All rows; of a generator those through which it ran, for a set that stands or starts has no
    voltage to judge. One whose running nobody told is judged whole."""
    if track.kind is not AssetKind.GENERATOR or not any(row.running for row in track.rows):
        return track.rows
    return [
        row
        for row in track.rows
        if row.running is not None and row.running.ms == row.to_ms - row.from_ms
    ]


def _parts(rows: Iterable[Rollup], key: str) -> list[Part]:
    return minutes(parts_of(rows, key))


def currents_of(rows: Sequence[Rollup]) -> Mapping[str, list[Part]]:
    """The currents of phases and neutral by minute."""
    return {line: _parts(rows, f"current_a.{line}") for line in (*PHASES, "N")}


def _any(rows: Sequence[Rollup], name: str) -> list[Part]:
    """A measurement of the whole; where it is told by phase, the worst phase of each minute."""
    whole = _parts(rows, name)
    if whole:
        return whole
    worst: dict[int, Part] = {}
    for part in chain.from_iterable(_parts(rows, f"{name}.{line}") for line in PHASES):
        before = worst.get(part.from_ms)
        if before is None or part.mean > before.mean:
            greatest = max(part.greatest, before.greatest if before else part.greatest)
            worst[part.from_ms] = replace(part, greatest=greatest)
        elif part.greatest > before.greatest:
            worst[part.from_ms] = replace(before, greatest=part.greatest)
    return [worst[at] for at in sorted(worst)]


def nominal_volts(line: str, median_v: float | None, track: Track) -> float | None:
    """The nominal voltage of a phase or of a pair of phases: as somebody said it, else the usual
    one that the median is near (within 8 %)."""
    said = track.asset.ratings.nominal_v
    pair = line in PAIRS
    if said:
        return said_volts(said, PAIRS if pair else PHASES)
    return near(median_v, DELTA_V if pair else STAR_V) or None


def _median(parts: Sequence[Part], key: str) -> float | None:
    return in_unit(key, median_low([part.mean for part in parts])) if parts else None


def _nominals(lines: Mapping[str, list[Part]], track: Track) -> Mapping[str, float | None]:
    """The nominal voltage of each line; minutes below 1 V say nothing of it."""
    one_volt = quanta(f"{VOLTAGE}.L1", 1.0)
    return {
        line: nominal_volts(
            line,
            _median([p for p in parts if p.integral >= one_volt * p.good_ms], f"{VOLTAGE}.{line}"),
            track,
        )
        for line, parts in lines.items()
    }


def _without_off(
    lines: Mapping[str, list[Part]], nominals: Mapping[str, float | None]
) -> tuple[Mapping[str, list[Part]], int]:
    """The minutes with voltage on any line, and for how many ms there was none on any."""
    least = {line: quanta(f"{VOLTAGE}.{line}", OFF * (nominals[line] or 0.0)) for line in lines}
    dark = {
        part.from_ms: part.good_ms
        for line, parts in lines.items()
        for part in parts
        if part.integral < least[line] * part.good_ms
    }
    if not dark:
        return lines, 0
    for line, parts in lines.items():
        for part in parts:
            if part.integral >= least[line] * part.good_ms:
                dark.pop(part.from_ms, None)
    kept = {line: [p for p in parts if p.from_ms not in dark] for line, parts in lines.items()}
    return {line: parts for line, parts in kept.items() if parts}, sum(dark.values())


def _frequency(measured: Measured, parts: Sequence[Part]) -> Band | None:
    """Of the minutes with a frequency: a bus without voltage shows 0 Hz or nothing."""
    live = [part for part in parts if part.mean >= 1000]
    if not live:
        return None
    limits = measured.inputs.limits
    nominal = limits.nominal_hz or near(_median(live, FREQUENCY), HERTZ) or None
    return _band(FREQUENCY, live, nominal, limits.frequency_deviation_pct, 3)


def _band(
    key: str, parts: Sequence[Part], nominal: float | None, deviation_pct: float, decimals: int
) -> Band:
    spread = Distribution.of(parts)
    scale = 1 / in_unit(key, 1)
    lower = upper = outside = None
    if nominal:
        lower, upper = nominal * (1 - deviation_pct / 100), nominal * (1 + deviation_pct / 100)
        outside = sum(spread.outside_ms(lower * scale, upper * scale)) / MINUTE_MS

    def at(permille: int) -> float:
        return known(in_unit(key, spread.permille(permille) or 0.0), decimals)

    return Band(
        key=key,
        nominal=rounded(nominal, decimals),
        lower=rounded(lower, decimals),
        upper=rounded(upper, decimals),
        least=known(in_unit(key, min(part.least for part in parts)), decimals),
        p1=at(10),
        p5=at(50),
        p50=at(500),
        p95=at(950),
        p99=at(990),
        greatest=known(in_unit(key, max(part.greatest for part in parts)), decimals),
        outside_min=rounded(outside, 2),
    )


def _reckoned(lines: Mapping[str, list[Part]]) -> list[Part]:
    """The voltage unbalance of each minute from the phases' means, as parts in quanta of 0.01 %:
    max |V − mean| ÷ mean (NEMA MG 1, 14.36), of phases to neutral or between phases."""
    names = PHASES if all(line in lines for line in PHASES) else PAIRS
    if not all(line in lines for line in names):
        return []
    second, third = ({part.from_ms: part for part in lines[line]} for line in names[1:])
    found = []
    for part in lines[names[0]]:
        if part.from_ms in second and part.from_ms in third:
            one, two, three = part.mean, second[part.from_ms].mean, third[part.from_ms].mean
            mean = (one + two + three) / 3
            if mean > 0:
                pct = round(
                    10_000 * max(abs(one - mean), abs(two - mean), abs(three - mean)) / mean
                )
                found.append(replace(part, integral=pct * part.good_ms, least=pct, greatest=pct))
    return found


def _means(parts: Sequence[Part], key: str) -> list[tuple[float, int]]:
    return [(in_unit(key, part.mean), part.good_ms) for part in parts]


def _max_pct(parts: Sequence[Part], key: str) -> float | None:
    return percent(in_unit(key, max(part.greatest for part in parts))) if parts else None


def _top(values: Sequence[tuple[float, int]]) -> float | None:
    return percent(max((value for value, _ in values), default=None))


def _over(values: Sequence[tuple[float, int]], limit: float) -> float | None:
    return _minutes_of(sum(ms for value, ms in values if value > limit) if values else None)


def _minutes_of(ms: int | None) -> float | None:
    return None if ms is None else known(ms / MINUTE_MS, 2)
