"""The event's generators: one row for each set, however often its system took part."""

from collections.abc import Callable, Iterable, Sequence
from math import fsum

from msgspec import structs

from collector.model.report.generator import FuelMethod, Generator, LoadBand
from collector.model.report.quality import Note
from collector.model.rounding import half_up
from reporting.event.parts import Part
from reporting.event.places import Key, Plan
from reporting.rounding import HOURS, LITRES, kw, kwh, percent, rounded

TRUST: tuple[FuelMethod, ...] = ("log", "metered", "curve", "none")
Row = tuple[Part, int, Generator]


def generators(parts: Sequence[Part], plan: Plan) -> tuple[tuple[Generator, ...], tuple[Note, ...]]:
    """The sets that count, by node, asset, unit; of one that another meter of the event measures
    too a note. Asset ids have their node before them where the event has several nodes."""
    nodes = len({part.ref.node for part in parts}) > 1
    rows: dict[tuple[str, str, str], list[Row]] = {}
    notes = {}
    for index, part in enumerate(parts):
        for one in part.report.generators:
            place = plan.places[index].get(Key(index, one.asset, "generator_energy_kwh"))
            if place is not None and not place.counts and (place.same_as or place.behind):
                other = place.same_as or place.behind
                text = f"The set at {part.ref.node}/{one.asset} is the one at {other}: listed once."
                notes[text] = Note(code="listed-once", about=one.asset, text=text)
                continue
            rows.setdefault((part.ref.node, one.asset, one.unit), []).append((part, index, one))
    found = []
    for (node, asset, _), of_set in sorted(rows.items()):
        one = _whole([row[2] for row in of_set])
        found.append(structs.replace(one, asset=f"{node}/{asset}") if nodes else one)
    return tuple(found), tuple(notes[text] for text in sorted(notes))


def fuel_l(sets: Iterable[Generator]) -> float | None:
    """Litres of all sets; None where those of one that ran are not known, or there is none."""
    return _all(list(sets), lambda one: one.fuel_l)


def hours(sets: Iterable[Generator]) -> float | None:
    """Hours of all sets together."""
    return _all(list(sets), lambda one: one.hours)


def _all(rows: Sequence[Generator], of: Callable[[Generator], float | None]) -> float | None:
    values = [value for row in rows if (value := of(row)) is not None]
    return fsum(values) if values and len(values) == len(rows) else None


def _whole(rows: Sequence[Generator]) -> Generator:
    """One set over several times: sums, the greatest peak, and the least trusted of its methods."""
    if len(rows) == 1:
        return rows[0]
    ran, energy = hours(rows), _all(rows, lambda one: one.kwh)
    litres = fuel_l(rows)
    rating = next((one.rated_kw for one in rows if one.rated_kw is not None), None)
    top = max(
        (one for one in rows if one.peak_kw is not None),
        key=lambda one: (one.peak_kw or 0.0, -(one.peak_ms or 0)),
        default=rows[0],
    )
    average = None
    if ran and energy is not None and rating:
        average = 100 * energy / ran / rating
    starts = [one.starts for one in rows if one.starts is not None]
    return Generator(
        asset=rows[0].asset,
        name=rows[-1].name,
        unit=rows[0].unit,
        from_ms=min(one.from_ms for one in rows),
        to_ms=max(one.to_ms for one in rows),
        rated_kw=rating,
        hours=rounded(ran, HOURS),
        log_hours=rounded(_all(rows, lambda one: one.log_hours), HOURS),
        starts=sum(starts) if len(starts) == len(rows) else None,
        kwh=kwh(energy),
        average_load_pct=percent(average),
        bands=_bands(rows),
        peak_kw=kw(top.peak_kw),
        peak_ms=top.peak_ms,
        peak_pct=percent(top.peak_pct),
        fuel_l=rounded(litres, LITRES),
        fuel_method=max((one.fuel_method for one in rows), key=TRUST.index),
        fuel_log_l=rounded(_all(rows, lambda one: one.fuel_log_l), LITRES),
        fuel_metered_l=rounded(_all(rows, lambda one: one.fuel_metered_l), LITRES),
        fuel_curve_l=rounded(_all(rows, lambda one: one.fuel_curve_l), LITRES),
        cross_check_pct=None,
        delivered_l=rounded(_all(rows, lambda one: one.delivered_l), LITRES),
        kwh_per_l=rounded(energy / litres if energy is not None and litres else None, 3),
        l_per_h=rounded(litres / ran if litres is not None and ran else None, 3),
        idle_l=rounded(_all(rows, lambda one: one.idle_l), LITRES),
    )


def _bands(rows: Sequence[Generator]) -> tuple[LoadBand, ...]:
    hours_in: dict[tuple[float, float | None], list[float]] = {}
    for one in rows:
        for band in one.bands:
            hours_in.setdefault((band.from_pct, band.to_pct), []).append(band.hours)
    return tuple(
        LoadBand(from_pct=low, to_pct=high, hours=half_up(fsum(values), HOURS))
        for (low, high), values in sorted(hours_in.items(), key=lambda one: one[0][0])
    )
