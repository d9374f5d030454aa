"""kg CO2e of litres and of grid energy.

Scope 1 (what leaves the exhaust), well-to-tank (what making the fuel took) and biogenic CO2 (what
its plants had taken up) are three lines and never added: GHG Protocol, and the factor tables of EPA
(Emission Factors Hub) and DESNZ/DEFRA, whose units the factors have. Factors are terms of the
event, printed with source and year; one that nobody gave makes None, not nought.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from collector.model.report.saving import Emission, FuelLine
from collector.model.said import LogEntry, LogKind
from collector.model.terms import CarbonTerms, FuelKind, Terms
from reporting.rounding import KG, LITRES, rounded


class Litres(NamedTuple):
    """Litres of one kind of fuel."""

    kind: str
    litres: float


def kinds(terms: Terms) -> Mapping[str, FuelKind]:
    """All kinds of fuel that the terms know, the event's usual one first."""
    carbon = terms.carbon
    usual = FuelKind(
        kind=terms.fuel.kind,
        scope1_kg_per_l=carbon.scope1_kg_per_l,
        well_to_tank_kg_per_l=carbon.well_to_tank_kg_per_l,
        biogenic_kg_per_l=carbon.biogenic_kg_per_l,
        price_per_l=terms.fuel.price_per_l,
        source=carbon.source,
        year=carbon.year,
    )
    return {usual.kind: usual} | {one.kind: one for one in terms.fuels if one.kind != usual.kind}


def by_kind(litres: float, log: Iterable[LogEntry], usual: str) -> list[Litres]:
    """The litres that were burnt, by kind: in the proportion in which the log says that kinds were
    delivered (a tank mixes them); all of the usual kind where it says nothing of kinds."""
    delivered: dict[str, list[float]] = {}
    for one in log:
        if one.kind is LogKind.FUEL and one.withdrawn_ms is None and (one.value or 0.0) > 0:
            delivered.setdefault(one.measurement or usual, []).append(one.value or 0.0)
    total = fsum(value for values in delivered.values() for value in values)
    if not total or set(delivered) == {usual}:
        return [Litres(usual, litres)]
    return [Litres(kind, litres * fsum(v) / total) for kind, v in sorted(delivered.items())]


def emission(
    burnt: Sequence[Litres], known: Mapping[str, FuelKind], grid_kg: float | None = None
) -> Emission:
    """kg CO2e of litres: litres × the factor of their kind, summed over kinds line by line. A line
    is None when the factor of any kind of which something was burnt is not known."""
    return Emission(
        scope1_kg=_line([(b, _factor(known, b.kind, "scope1_kg_per_l")) for b in burnt]),
        well_to_tank_kg=_line(
            [(b, _factor(known, b.kind, "well_to_tank_kg_per_l")) for b in burnt]
        ),
        biogenic_kg=_line([(b, _factor(known, b.kind, "biogenic_kg_per_l")) for b in burnt]),
        grid_kg=grid_kg,
    )


def grid_kg(carbon: CarbonTerms, kwh: float | None) -> float | None:
    """kg CO2e of grid energy, only where the terms give a factor for this grid."""
    if carbon.grid_kg_per_kwh is None or kwh is None:
        return None
    return carbon.grid_kg_per_kwh * kwh


def less(a: Emission, b: Emission) -> Emission:
    """`a` − `b`, line by line; None where either is."""
    return Emission(
        scope1_kg=_minus(a.scope1_kg, b.scope1_kg),
        well_to_tank_kg=_minus(a.well_to_tank_kg, b.well_to_tank_kg),
        biogenic_kg=_minus(a.biogenic_kg, b.biogenic_kg),
        grid_kg=_minus(a.grid_kg, b.grid_kg),
    )


def printed(found: Emission) -> Emission:
    """As it stands in a report."""
    return Emission(
        scope1_kg=rounded(found.scope1_kg, KG),
        well_to_tank_kg=rounded(found.well_to_tank_kg, KG),
        biogenic_kg=rounded(found.biogenic_kg, KG),
        grid_kg=rounded(found.grid_kg, KG),
    )


def fuel_lines(burnt: Sequence[Litres], known: Mapping[str, FuelKind]) -> tuple[FuelLine, ...]:
    """A line for each kind of fuel, with its emission and where its factors come from."""
    return tuple(
        FuelLine(
            kind=one.kind,
            litres=rounded(one.litres, LITRES),
            emission=printed(emission([one], known)),
            source=known[one.kind].source if one.kind in known else "",
            year=known[one.kind].year if one.kind in known else None,
        )
        for one in burnt
    )


def _factor(known: Mapping[str, FuelKind], kind: str, line: str) -> float | None:
    found: float | None = getattr(known[kind], line) if kind in known else None
    return found


def _line(parts: Sequence[tuple[Litres, float | None]]) -> float | None:
    if any(factor is None and burnt.litres for burnt, factor in parts):
        return None
    if not any(factor is not None for _, factor in parts):
        return None
    return fsum(burnt.litres * (factor or 0.0) for burnt, factor in parts)


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b
