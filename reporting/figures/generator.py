"""What each generating set did: a line for each physical unit."""

from collections.abc import Sequence
from typing import NamedTuple

from collector.model.report.generator import Generator
from collector.model.report.quality import Note
from collector.model.rollup import Rollup
from collector.model.said import LogEntry, LogKind
from reporting.figures import fuel, running
from reporting.figures.column import column_of
from reporting.figures.flows import (
    GENERATOR,
    KWH,
    QUANTA_PER_KW,
    kwh_of,
    note,
    rated_kw,
)
from reporting.figures.sets import Set, set_curve, sets
from reporting.measured.model import Measured, Track
from reporting.measured.rows import as_rows
from reporting.rounding import HOURS, LITRES, kw, kwh, percent, rounded

RATIO_DECIMALS = 3

SLACK_MS = 3_600_000
"""A dip or a reading so long before the window or after it still is of its end (as long as for the
registers that a person reads: `reporting.measured.metering`)."""
HOURS_APART = 0.1
"""Hour meters count in tenths."""


class GeneratorFigures(NamedTuple):
    """One line for each set, and what has to be said about them."""

    generators: tuple[Generator, ...]
    notes: tuple[Note, ...]


class Engine(NamedTuple):
    """A set, its litres by all methods, and its curve in words."""

    set: Set
    burnt: fuel.Fuel
    curve: str


def engines(measured: Measured) -> list[Engine]:
    """The generating sets of a system."""
    return [Engine(one, *fuel_of(measured, one)) for one in sets(measured)]


def generator_figures(
    measured: Measured, known: Sequence[Engine] | None = None
) -> GeneratorFigures:
    """A line for each unit and time at an asset with a generator (DESIGN §10); a set that was
    swapped is two lines.

    - hours, also those in gaps: `reporting.figures.sets`; starts: `reporting.figures.running`;
    - kWh: of record; average load = mean power while running ÷ rated kW;
    - bands: hours by the load of each minute; peak: the greatest second;
    - litres: `reporting.figures.fuel`; kWh/L and L/h by the best of them; idle litres are the part
      of the curve's litres that was burnt below 25 % load, of the litres of record.

    `known` are its `engines`, where these were reckoned already.
    """
    generators, notes = [], []
    for one in engines(measured) if known is None else known:
        generator, said = _generator(measured, one)
        generators.append(generator)
        notes += said
    return GeneratorFigures(tuple(generators), tuple(notes))


def _generator(measured: Measured, engine: Engine) -> tuple[Generator, list[Note]]:
    one, burnt, curve_name = engine
    track = one.track
    notes: list[Note] = []
    rating, derived = rated_kw(one.plate)
    if derived:
        text = f"Its rating of {rating:g} kW is reckoned from its kVA at a power factor of 0.8."
        notes.append(note("rating-from-kva", text, track.asset.id))
    elif rating is None:
        text = "Its rating is not known: no load in per cent, and no load bands."
        notes.append(note("no-rating", text, track.asset.id, "warning"))
    hours, ran = one.hours, one.ran
    average = running.average_kw(ran)
    power = column_of(track.rows, GENERATOR)
    top = power.peak() if power else None
    peak = None if top is None else max(0, power.greatest[top]) / QUANTA_PER_KW
    energy = _energy(measured, track)
    log_hours = _log_hours(measured, one)
    notes += _notes(one, log_hours, burnt, curve_name)
    line = Generator(
        asset=track.asset.id,
        name=track.asset.name,
        unit=track.unit,
        from_ms=track.from_ms,
        to_ms=track.to_ms,
        rated_kw=kw(rating),
        hours=rounded(hours, HOURS),
        log_hours=rounded(log_hours, HOURS),
        starts=running.starts(one.engine),
        kwh=kwh(energy),
        average_load_pct=percent(_of(average, rating)),
        bands=running.load_bands(ran, rating) if rating and _seen(ran) else (),
        peak_kw=kw(peak),
        peak_ms=None
        if top is None
        else _peak_ms(track.rows, power.from_ms[top], power.greatest[top]),
        peak_pct=percent(_of(peak, rating)),
        fuel_l=rounded(burnt.best, LITRES),
        fuel_method=burnt.method,
        fuel_log_l=rounded(burnt.log.litres, LITRES),
        fuel_metered_l=rounded(burnt.metered.litres, LITRES),
        fuel_curve_l=rounded(burnt.curve.litres, LITRES),
        cross_check_pct=percent(burnt.cross_check_pct),
        delivered_l=rounded(burnt.delivered, LITRES),
        kwh_per_l=_ratio(energy, burnt.best),
        l_per_h=_ratio(burnt.best, hours),
        idle_l=rounded(burnt.idle, LITRES),
    )
    return line, notes


def _seen(ran: Sequence[running.Run]) -> bool:
    return any(run.kw is not None for run in ran)


def _of(value: float | None, rating: float | None) -> float | None:
    return None if value is None or not rating else 100 * value / rating


def _ratio(value: float | None, by: float | None) -> float | None:
    return None if value is None or not by else rounded(value / by, RATIO_DECIMALS)


def _energy(measured: Measured, track: Track) -> float | None:
    """kWh of record, else the integral of the power."""
    found = kwh_of(measured, track, "generator_energy_kwh")
    if found is not None:
        return found
    told = as_rows(track.rows).gauged(GENERATOR)
    return sum(told.pos) / KWH if told.from_ms else None


def _peak_ms(rows: Sequence[Rollup], from_ms: int, greatest: int) -> int:
    """When in that minute: as the rows kept it, else the beginning of the row."""
    row = next(row for row in rows if row.from_ms == from_ms)
    if row.peak is not None and row.peak.p == greatest:
        return row.peak.at_ms
    return from_ms


def fuel_of(measured: Measured, one: Set) -> tuple[fuel.Fuel, str]:
    """The litres of a set by all methods, and the curve in words."""
    ran, hours = one.ran, one.hours
    rating, _ = rated_kw(one.plate)
    curve, name = set_curve(measured, one.plate)
    by_curve = fuel.Litres(None, name)
    if hours == 0:
        by_curve = fuel.Litres(0.0)
    elif curve and hours:
        by_curve = fuel.Litres(fuel.curve_litres(curve, ran, one.unseen_h, one.unloaded_h))
    window = _window(measured, one.track)
    entries = [entry for entry in measured.inputs.log if _about(entry, one, window)]
    log, delivered = fuel.log_litres(entries, one.tank, ran, window, one.tank_l)
    metered = fuel.metered_litres(one.tank, sum(run.ms for run in ran), one.tank_l)
    best, method = fuel.best_of(log, metered, by_curve)
    share = fuel.idle_share(curve, ran, rating) if curve and rating else None
    idle = None if best is None or share is None else best * share
    check = fuel.cross_check(log, metered, by_curve)
    return fuel.Fuel(best, method, log, metered, by_curve, idle, delivered, check), name


def _window(measured: Measured, track: Track) -> tuple[int, int]:
    """Which times of the log are of a unit: those while it stood there, and an hour before the
    window's beginning and after its end."""
    begin, end = track.from_ms, track.to_ms
    if begin <= measured.inputs.from_ms:
        begin -= SLACK_MS
    if end >= measured.inputs.to_ms:
        end += SLACK_MS
    return begin, end


def _about(entry: LogEntry, one: Set, window: tuple[int, int]) -> bool:
    """Whether an entry is of this set: of its assets, or of the system while it was the only set
    there. What was written down about the whole event is of no set."""
    if not window[0] <= entry.at_ms < window[1]:
        return False
    if entry.asset:
        return entry.asset in one.assets
    return one.only and entry.system != ""


def _log_hours(measured: Measured, one: Set) -> float | None:
    """Hours by the hour meter as people read it: last − first."""
    window = _window(measured, one.track)
    read = sorted(
        (entry.at_ms, entry.value)
        for entry in measured.inputs.log
        if entry.kind is LogKind.HOURS
        and entry.withdrawn_ms is None
        and entry.value is not None
        and _about(entry, one, window)
    )
    return read[-1][1] - read[0][1] if len(read) > 1 and read[-1][1] >= read[0][1] else None


def _notes(one: Set, log_hours: float | None, burnt: fuel.Fuel, curve_name: str) -> list[Note]:
    asset, hours = one.track.asset.id, one.hours
    found = []
    if hours is None:
        found.append(note("no-hours", "Nothing told whether it ran.", asset, "warning"))
    elif one.unknown_h > 1 / 60:
        text = (
            f"For {one.unknown_h:.2f} h nothing told whether it ran: running then is in neither "
            "its hours nor its litres."
        )
        found.append(note("hours-unknown", text, asset, "warning"))
    if one.unseen_h > 0:
        text = (
            f"{one.unseen_h:.2f} h of its running lie in gaps of the data: by its hour counter, or "
            "by the energy of its register at its mean power."
        )
        found.append(note("hours-in-gaps", text, asset))
    if hours is not None and log_hours is not None and abs(log_hours - hours) > HOURS_APART:
        text = f"Its hour meter as read says {log_hours:.1f} h, the data {hours:.2f} h."
        found.append(note("hours-differ", text, asset, "warning"))
    if burnt.log.why:
        found.append(note("no-log-fuel", f"Not by the log: {burnt.log.why}.", asset))
    if burnt.metered.why:
        found.append(note("no-metered-fuel", f"Not by the tank: {burnt.metered.why}.", asset))
    if burnt.method == "none" and hours:
        text = f"Its litres are not known: {burnt.curve.why or curve_name}."
        found.append(note("no-fuel", text, asset, "warning"))
    if burnt.method == "curve" and burnt.best:
        text = f"Its litres are an estimate by {curve_name}."
        found.append(note("fuel-by-curve", text, asset))
    return found
