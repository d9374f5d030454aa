"""The saving of a system or of an event's systems together, by use case."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from msgspec import structs

from collector.model.event import UseCase
from collector.model.report.quality import Note
from collector.model.report.saving import BandShift, Emission, Saving, Side
from collector.model.terms import FuelKind
from reporting.rounding import HOURS, KG, LITRES, MONEY, kw, kwh, percent, rounded
from reporting.worth import baseline as plans
from reporting.worth import carbon, hybrid, offset, shaving, shifting
from reporting.worth.baseline import Plan
from reporting.worth.carbon import Litres
from reporting.worth.changed import note_of
from reporting.worth.facts import GRID, PV, Facts, note
from reporting.worth.prices import grid_cost, prices_of
from reporting.worth.without import grid_without

PRECEDENCE = (
    UseCase.HYBRIDIZATION,
    UseCase.PV_OFFSET,
    UseCase.PEAK_SHAVING,
    UseCase.TIME_SHIFTING,
    UseCase.METERING,
)
LEAST_KWH = 0.0005
MOST_UNEXPLAINED_PCT = 5.0
"""The balance that alarms call in doubt (DESIGN §5). A set that nobody measured would pass for a
saving."""


class SavingFigures(NamedTuple):
    """A saving, and what has to be said about it."""

    saving: Saving
    notes: tuple[Note, ...]


def combined_use_case(cases: Sequence[UseCase]) -> UseCase:
    """By which case an event's systems are judged together: the first of `PRECEDENCE` that any of
    them has, for hybridization's comparison takes in all fuel, sun and storage."""
    return next((case for case in PRECEDENCE if case in cases), UseCase.METERING)


def saving(facts: Facts) -> SavingFigures:
    """The saving of a time by its use case, with the emission of what ran.

    Below the minimum coverage the figures stand, `valid` is false and `why` says so. What cannot be
    told is None, with a note.
    """
    frame = _frame(facts)
    made = _CASES[facts.use_case](facts, frame)
    least = facts.event.terms.min_coverage_pct
    covered = facts.coverage_pct is not None and facts.coverage_pct >= least
    found = made.saving
    if found.valid and not covered:
        seen = "nothing" if facts.coverage_pct is None else f"{facts.coverage_pct:.1f} %"
        why = f"Only {seen} of the time was seen; a saving is claimed from {least:g} % on"
        found = structs.replace(found, valid=False, why=why)
    notes = made.notes
    if found.why and facts.use_case is not UseCase.METERING:
        notes = (*notes, note("saving-not-claimed", f"{found.why}.", "warning"))
    return SavingFigures(found, notes)


class _Frame(NamedTuple):
    """What every case has: litres by kind, factors, and a saving to fill in."""

    used: Sequence[Litres] | None
    kinds: Mapping[str, FuelKind]
    usual: str
    price: float | None
    blank: Saving


def _frame(facts: Facts) -> _Frame:
    terms = facts.event.terms
    kinds = carbon.kinds(terms)
    burnt = facts.fuel_l()
    used = None if burnt is None else carbon.by_kind(burnt, facts.log, terms.fuel.kind)
    grid = carbon.grid_kg(terms.carbon, facts.energy.grid_import_kwh)
    emitted = None if used is None else carbon.printed(carbon.emission(used, kinds, grid))
    blank = Saving(
        use_case=facts.use_case,
        valid=False,
        coverage_pct=percent(facts.coverage_pct),
        used=emitted,
        fuels=() if used is None else carbon.fuel_lines(used, kinds),
        pv_kwh=kwh(facts.energy.pv_kwh) if PV in facts.flows else None,
        currency=terms.tariff.currency,
        price_per_l=terms.fuel.price_per_l,
        factor_source=terms.carbon.source,
        factor_year=terms.carbon.year,
    )
    return _Frame(used, kinds, terms.fuel.kind, terms.fuel.price_per_l, blank)


def _metering(facts: Facts, frame: _Frame) -> SavingFigures:
    why = "It was there to measure: no saving is reckoned"
    return SavingFigures(structs.replace(frame.blank, why=why), ())


def _hybridization(facts: Facts, frame: _Frame) -> SavingFigures:
    plan = plans.plan(facts)
    if plan is None:
        why = "No load was seen that a generator could have served"
        return SavingFigures(structs.replace(frame.blank, why=why), ())
    found = hybrid.compare(facts, plan)
    notes = [*_plan_notes(facts, plan), *_hybrid_notes(facts, found)]
    money, cost_with, said = _hybrid_money(facts, frame, found)
    hours = [rounded(h, HOURS) for h in (found.served.hours, found.used_h, found.stored_h)]
    litres = [rounded(one, LITRES) for one in (found.served.litres, found.used_l, found.stored_l)]
    served, kinds = found.served, frame.kinds
    alone = carbon.emission([Litres(frame.usual, served.litres)], kinds)
    made = structs.replace(
        frame.blank,
        valid=found.saved_l is not None and facts.unexplained_pct() <= MOST_UNEXPLAINED_PCT,
        why=_why_not(facts, found),
        baseline=plan.text,
        baseline_default=plan.default,
        baseline_changed=bool(facts.baseline_changes),
        compared_h=rounded(served.seen_h + served.gap_h, HOURS),
        served_kwh=kwh(served.served_kwh),
        with_us=Side(
            generator_h=hours[1],
            fuel_l=litres[1],
            grid_kwh=kwh(facts.energy.grid_import_kwh),
            cost=rounded(cost_with, MONEY),
            emission=frame.blank.used,
        ),
        without_us=Side(
            generator_h=hours[0],
            fuel_l=litres[0],
            unserved_kwh=kwh(served.unserved_kwh),
            cost=rounded(_times(served.litres, frame.price), MONEY),
            emission=carbon.printed(alone),
        ),
        stored_kwh=kwh(found.drawn_kwh),
        stored_l=litres[2],
        saved_l=rounded(hybrid.less(*litres), LITRES),
        saved_h=rounded(hybrid.less(*hours), HOURS),
        saved_money=rounded(money, MONEY),
        saved=_saved(facts, frame, found),
        method=hybrid.METHOD,
    )
    return SavingFigures(made, (*notes, *said))


def _why_not(facts: Facts, found: hybrid.Hybrid) -> str:
    lacking = facts.unexplained_pct()
    if lacking > MOST_UNEXPLAINED_PCT:
        return f"{lacking:.1f} % of the load came from a source that was not measured"
    if found.saved_l is not None:
        return ""
    if found.used_l is None:
        return "The fuel that was used is not known"
    return "What the battery held at the beginning and at the end is not known"


def _saved(facts: Facts, frame: _Frame, found: hybrid.Hybrid) -> Emission | None:
    """Emission of the baseline less the part that the battery brought along, less that of what
    ran; grid energy only where its factor is given. A credit counts as what was burnt."""
    if frame.used is None or found.stored_l is None:
        return None
    brought, credit = max(0.0, found.stored_l), max(0.0, -found.stored_l)
    burnt = sum(one.litres for one in frame.used)
    kept = 1.0 - credit / burnt if burnt > 0 else 1.0
    theirs = [Litres(frame.usual, found.served.litres - brought)]
    ours = [Litres(one.kind, one.litres * kept) for one in frame.used]
    grid = carbon.grid_kg(facts.event.terms.carbon, facts.energy.grid_import_kwh)
    without = carbon.emission(theirs, frame.kinds, None if grid is None else 0.0)
    return carbon.printed(carbon.less(without, carbon.emission(ours, frame.kinds, grid)))


def _hybrid_money(
    facts: Facts, frame: _Frame, found: hybrid.Hybrid
) -> tuple[float | None, float | None, tuple[Note, ...]]:
    """Money saved, what ran cost, and what has to be said: the baseline's fuel less what ran, each
    kind at its price, and grid energy at the tariff's."""
    if frame.price is None:
        text = "No fuel price was given, so nothing is said of money."
        return None, None, (note("no-fuel-price", text),)
    if frame.used is None:
        return None, None, ()
    costs = [_times(one.litres, _price(frame, one.kind)) for one in frame.used]
    grid = grid_cost(facts, prices_of(facts))
    fuel = [cost for cost in costs if cost is not None]
    if len(fuel) < len(costs) or grid is None:
        what = "the energy from the grid" if grid is None else "one kind of fuel"
        text = f"No price was given for {what}, so nothing is said of money."
        return None, None, (note("no-price", text, "warning"),)
    ran = sum(fuel) + grid
    if found.stored_l is None:
        return None, ran, ()
    return (found.served.litres - found.stored_l) * frame.price - ran, ran, ()


def _price(frame: _Frame, kind: str) -> float | None:
    return frame.kinds[kind].price_per_l if kind in frame.kinds else None


def _plan_notes(facts: Facts, plan: Plan) -> list[Note]:
    notes = [note("baseline-fault", f"{fault}.", "warning") for fault in plan.faults]
    if plan.default:
        notes.append(note("baseline-default", f"{plan.text}.", "warning"))
    return notes + [note_of(change) for change in facts.baseline_changes]


def _hybrid_notes(facts: Facts, found: hybrid.Hybrid) -> list[Note]:
    notes = []
    served = found.served
    if served.unserved_kwh > LEAST_KWH:
        text = (
            f"The baseline would not have served {served.unserved_kwh:.1f} kWh of the load: no set "
            "of it runs then, or the load is beyond its rating. Its fuel is without them."
        )
        notes.append(note("baseline-unserved", text, "warning"))
    if served.gap_h > 0:
        text = (
            f"In {served.gap_h:.2f} h the load was not seen; what its counters rose in them is "
            "served by the baseline at its mean."
        )
        notes.append(note("baseline-gaps", text))
    if served.unseen_h > 0:
        text = (
            f"In {served.unseen_h:.2f} h nothing is known of the load. The baseline has no fuel in "
            "them, what ran has: the saving is rather too small."
        )
        notes.append(note("baseline-unseen", text, "warning"))
    if (found.drawn_kwh or 0.0) > 0 and found.stored_l:
        text = (
            f"The battery holds {found.drawn_kwh or 0.0:.1f} kWh less than at the beginning. The "
            f"{found.stored_l:.1f} L that this is worth are taken off the saving."
        )
        notes.append(note("stored-less", text))
    imported = facts.energy.grid_import_kwh or 0.0
    if GRID in facts.flows and imported > LEAST_KWH:
        text = (
            f"The grid gave {imported:.1f} kWh of what the baseline's generator would have made; "
            "its emission is counted only where a factor for it was given."
        )
        notes.append(note("grid-in-saving", text, "warning"))
    return notes


def _pv_offset(facts: Facts, frame: _Frame) -> SavingFigures:
    if PV not in facts.flows:
        why = "No PV was measured"
        return SavingFigures(structs.replace(frame.blank, why=why), ())
    plan = plans.plan(facts)
    found = offset.offset(facts, plan)
    litres = found.ran_l + found.baseline_l
    counted = found.ran_kwh + found.baseline_kwh
    used_l, used_h = facts.fuel_l(), facts.generator_h()
    with_us = Side(
        generator_h=rounded(used_h, HOURS),
        fuel_l=rounded(used_l, LITRES),
        cost=rounded(_times(used_l, frame.price), MONEY),
        emission=frame.blank.used,
    )
    saved = carbon.emission([Litres(frame.usual, litres)], frame.kinds)
    made = structs.replace(
        frame.blank,
        valid=True,
        baseline="" if plan is None else plan.text,
        baseline_default=plan is not None and plan.default,
        baseline_changed=bool(facts.baseline_changes),
        with_us=with_us,
        without_us=Side(
            generator_h=rounded(_plus(used_h, found.hours), HOURS),
            fuel_l=rounded(_plus(used_l, litres), LITRES),
            cost=rounded(_times(_plus(used_l, litres), frame.price), MONEY),
        ),
        pv_kwh=frame.blank.pv_kwh if facts.energy.pv_kwh is not None else kwh(found.pv_kwh),
        pv_offset_kwh=kwh(counted),
        saved_l=rounded(litres, LITRES),
        saved_h=rounded(found.hours, HOURS),
        saved_money=rounded(_times(litres, frame.price), MONEY),
        saved=carbon.printed(saved),
        method=offset.METHOD,
    )
    return SavingFigures(made, tuple(_offset_notes(facts, found, plan)))


def _offset_notes(facts: Facts, found: offset.Offset, plan: Plan | None) -> list[Note]:
    notes = [] if plan is None or not found.baseline_kwh else _plan_notes(facts, plan)
    left = found.pv_kwh - found.ran_kwh - found.baseline_kwh
    if left > LEAST_KWH:
        text = (
            f"{left:.1f} kWh of PV took no generator's place and save no fuel here: sent to the "
            f"grid, beyond the load, while a grid was there ({found.grid_kwh:.1f} kWh), or at a "
            "time that was not seen."
        )
        notes.append(note("pv-not-offset", text))
    if found.unseen_h > 0:
        text = f"In {found.unseen_h:.2f} h with PV it is not known what ran; they save nothing."
        notes.append(note("pv-unseen", text, "warning"))
    return notes


def _peak_shaving(facts: Facts, frame: _Frame) -> SavingFigures:
    _, how = grid_without(facts)
    found = shaving.shave(facts) if GRID in facts.flows else None
    if found is None:
        why = f"The demand without the battery cannot be told ({how})"
        return SavingFigures(structs.replace(frame.blank, why=why), ())
    price = facts.event.terms.tariff.demand_per_kw
    down = found.without_kw - found.with_kw
    notes = []
    if price is None:
        notes.append(note("no-demand-price", "No price of a kW was given: no demand charge."))
    if down < 0:
        text = "The battery raised the highest demand on the grid: it charged at the peak."
        notes.append(note("peak-raised", text, "warning"))
    made = structs.replace(
        frame.blank,
        valid=True,
        baseline=f"The grid without the battery: {how}",
        with_us=Side(
            demand_kw=kw(found.with_kw),
            demand_ms=found.with_ms,
            grid_kwh=kwh(facts.energy.grid_import_kwh),
            cost=rounded(_times(found.with_kw, price), MONEY),
        ),
        without_us=Side(
            demand_kw=kw(found.without_kw),
            demand_ms=found.without_ms,
            cost=rounded(_times(found.without_kw, price), MONEY),
        ),
        saved_demand_kw=kw(down),
        saved_money=rounded(_times(down, price), MONEY),
        method=shaving.METHOD,
    )
    return SavingFigures(made, tuple(notes))


def _time_shifting(facts: Facts, frame: _Frame) -> SavingFigures:
    prices = prices_of(facts)
    found = shifting.shift(facts, prices)
    _, how = grid_without(facts)
    if found is None:
        why = f"The grid without the battery cannot be told ({how})"
        return SavingFigures(structs.replace(frame.blank, why=why), ())
    drawn = facts.drawn_kwh()
    money = None
    if found.without_cost is not None and found.with_cost is not None:
        money = hybrid.less(found.without_cost, found.with_cost, found.stored_cost)
    notes = []
    if found.with_cost is None:
        text = "No price was given for all of the time: nothing is said of money."
        notes.append(note("no-price", text, "warning"))
    less_kwh = None if drawn is None else found.without_kwh - found.with_kwh - drawn
    grid = carbon.grid_kg(facts.event.terms.carbon, less_kwh)
    known = found.moved_kwh is not None
    made = structs.replace(
        frame.blank,
        valid=known,
        why="" if known else "What the battery held at the beginning and the end is not known",
        baseline=f"The grid without the battery: {how}",
        compared_h=rounded(found.seen_h, HOURS),
        with_us=Side(grid_kwh=kwh(found.with_kwh), cost=rounded(found.with_cost, MONEY)),
        without_us=Side(grid_kwh=kwh(found.without_kwh), cost=rounded(found.without_cost, MONEY)),
        stored_kwh=kwh(drawn),
        stored_cost=rounded(found.stored_cost, MONEY),
        saved_money=rounded(money, MONEY),
        moved_kwh=kwh(found.moved_kwh),
        bands=tuple(
            BandShift(
                band=prices.name(band.number),
                price=prices.of(band.number),
                with_kwh=rounded(band.with_kwh, 3) or 0.0,
                without_kwh=rounded(band.without_kwh, 3) or 0.0,
            )
            for band in found.bands
        ),
        saved=None if grid is None else _grid_only(grid),
        method=shifting.METHOD,
    )
    return SavingFigures(made, tuple(notes))


def _grid_only(kg: float) -> Emission:
    return Emission(scope1_kg=None, well_to_tank_kg=None, biogenic_kg=None, grid_kg=rounded(kg, KG))


_CASES: Mapping[UseCase, Callable[[Facts, _Frame], SavingFigures]] = {
    UseCase.METERING: _metering,
    UseCase.HYBRIDIZATION: _hybridization,
    UseCase.PV_OFFSET: _pv_offset,
    UseCase.PEAK_SHAVING: _peak_shaving,
    UseCase.TIME_SHIFTING: _time_shifting,
}


def _times(value: float | None, price: float | None) -> float | None:
    return None if value is None or price is None else value * price


def _plus(a: float | None, b: float) -> float | None:
    return None if a is None else a + b
