"""Hybridization: a generator alone serving the same load over the same hours, against what ran.

saved = baseline − used − stored, in litres (DESIGN §10; reports.md §5.4.6). *Used* is the fuel of
record, what charged the battery among it. *Stored* settles what the battery held more at the
beginning than at the end:

- It holds less by D kWh: the baseline would have made these D of the L kWh that it serves with
  D ÷ L of its fuel and hours, so that part is taken off. A battery that arrives full, serves all of
  the load and leaves empty has D ≥ L: all of the baseline is taken off and nothing is saved. No
  conversion loss is granted, so the correction is rather too large.
- It holds more: fuel was burnt for what is still in it. Credited are D kWh at the litres per kWh of
  the sets that ran, at the baseline's if these are fewer, and never more than was burnt. Hours are
  not credited.
"""

from typing import NamedTuple

from reporting.worth.baseline import Plan, Served, serve
from reporting.worth.facts import Facts

METHOD = (
    "A generator alone serves the same load over the same hours, each minute through its fuel "
    "curve; less what ran, less what the battery had brought along."
)


class Hybrid(NamedTuple):
    """The comparison, unrounded; None is not known. `stored_l` and `stored_h` are taken off."""

    served: Served
    used_l: float | None
    used_h: float | None
    drawn_kwh: float | None
    stored_l: float | None
    stored_h: float | None
    saved_l: float | None
    saved_h: float | None


def compare(facts: Facts, plan: Plan) -> Hybrid:
    """The comparison of one time with a baseline."""
    served = serve(facts, plan)
    used_l, used_h, drawn = facts.fuel_l(), facts.generator_h(), facts.drawn_kwh()
    stored_l, stored_h = None, None
    if drawn is not None:
        stored_l = stored_litres(drawn, served, used_l, facts.energy.generator_kwh)
        stored_h = _share(drawn, served) * served.hours
    return Hybrid(
        served=served,
        used_l=used_l,
        used_h=used_h,
        drawn_kwh=drawn,
        stored_l=stored_l,
        stored_h=stored_h,
        saved_l=less(served.litres, used_l, stored_l),
        saved_h=less(served.hours, used_h, stored_h),
    )


def stored_litres(
    drawn_kwh: float, served: Served, used_l: float | None, generator_kwh: float | None
) -> float | None:
    """Litres that the change of the battery's content is worth; negative is a credit. None only
    for a credit where the fuel that ran is not known."""
    if drawn_kwh >= 0:
        return _share(drawn_kwh, served) * served.litres
    if used_l is None:
        return None
    if not generator_kwh or generator_kwh <= 0 or served.served_kwh <= 0:
        return 0.0
    rate = min(used_l / generator_kwh, served.litres / served.served_kwh)
    return -min(used_l, -drawn_kwh * rate)


def _share(drawn_kwh: float, served: Served) -> float:
    """Which part of what the baseline serves came out of what the battery brought along. Where the
    baseline serves nothing, all of it."""
    if drawn_kwh <= 0:
        return 0.0
    return 1.0 if drawn_kwh >= served.served_kwh else drawn_kwh / served.served_kwh


def less(whole: float | None, *parts: float | None) -> float | None:
    """`whole` less all parts; None when one of them is not known."""
    for part in parts:
        if whole is None or part is None:
            return None
        whole -= part
    return whole
