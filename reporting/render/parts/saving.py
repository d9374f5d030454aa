"""What was saved, against what would have run."""

from collector.model.event import UseCase
from collector.model.report.saving import Emission, Saving, Side
from collector.model.report_document import (
    Block,
    Fact,
    Facts,
    Figure,
    Figures,
    Note,
    Prose,
    Row,
    Section,
)
from collector.model.terms import Terms
from reporting.render import words
from reporting.render.locale import UNKNOWN
from reporting.render.page import Page, left, right, table


def saving_section(saving: Saving, terms: Terms, page: Page) -> Section | None:
    """The claim, both sides of it, emissions by scope, and what it all stands on."""
    if saving.use_case is UseCase.METERING and saving.used is None and not saving.why:
        return None
    blocks: list[Block] = []
    if not saving.valid and saving.use_case is not UseCase.METERING:
        why = words.paragraph(saving.why) or "Not enough is known."
        blocks.append(Note(f"No saving is claimed. {why}", "caution"))
    figures = tuple(claims(saving, page))
    if figures and saving.valid:
        blocks.append(Figures(figures))
    if saving.with_us is not None or saving.without_us is not None:
        blocks.append(_sides(saving, page))
    if saving.saved is not None or saving.used is not None:
        blocks.append(_emissions(saving, page))
    if len(saving.fuels) > 1:
        blocks.append(_fuels(saving, page))
    if saving.bands:
        blocks.append(_bands(saving, page))
    blocks.append(Facts(_grounds(saving, terms, page), "What this stands on"))
    if saving.method:
        blocks.append(Prose(words.paragraph(saving.method), small=True))
    title = "Saving" if saving.use_case is not UseCase.METERING else "Emissions"
    return Section("saving", title, tuple(blocks))


def claims(saving: Saving, page: Page) -> list[Figure]:
    """What was saved, the figure that matters first; empty if nothing may be claimed."""
    if not saving.valid:
        return []
    number = page.reader.number
    found = [
        (saving.saved_l, Figure("Fuel saved", number(saving.saved_l, 1), "L", _part(saving, page))),
        (
            saving.saved_demand_kw,
            Figure("Demand reduced by", number(saving.saved_demand_kw, 1), "kW", "highest window"),
        ),
        (saving.moved_kwh, Figure("Energy shifted", number(saving.moved_kwh, 1), "kWh")),
        (saving.saved_h, Figure("Generator hours saved", number(saving.saved_h, 1), "h")),
        (
            saving.pv_offset_kwh,
            Figure("PV in a generator's place", number(saving.pv_offset_kwh, 1), "kWh"),
        ),
    ]
    if saving.saved is not None:
        kg = saving.saved.scope1_kg
        found.append((kg, Figure("CO₂e avoided", number(kg, 1), "kg", "scope 1")))
    if page.internal and saving.saved_money is not None:
        money = number(saving.saved_money, 2)
        found.append((saving.saved_money, Figure("Money saved", money, saving.currency)))
    return [figure for value, figure in found if value is not None]


def _part(saving: Saving, page: Page) -> str:
    without = saving.without_us
    if without is None or not without.fuel_l or saving.saved_l is None:
        return ""
    share = page.reader.percent(100 * saving.saved_l / without.fuel_l, 0)
    return f"{share} of the baseline's {page.reader.quantity(without.fuel_l, 'L', 1)}"


def _sides(saving: Saving, page: Page) -> Block:
    number = page.reader.number
    lines: list[tuple[str, str, int]] = [
        ("Generator hours, h", "generator_h", 2),
        ("Fuel, L", "fuel_l", 2),
        ("Not served, kWh", "unserved_kwh", 3),
        ("Highest grid demand, kW", "demand_kw", 3),
        ("From the grid, kWh", "grid_kwh", 3),
    ]
    if page.internal:
        lines.append((f"Cost, {words.name(saving.currency)}", "cost", 2))
    rows = []
    for label, field, decimals in lines:
        pair = [_value(side, field) for side in (saving.without_us, saving.with_us)]
        if any(value is not None for value in pair):
            rows.append(Row((label, *(number(value, decimals) for value in pair))))
    columns = (left("Quantity"), right("Baseline"), right("As it ran"))
    return table("Baseline and what ran", columns, rows)


def _value(side: Side | None, field: str) -> float | None:
    value: float | None = getattr(side, field) if side is not None else None
    return value


def _emissions(saving: Saving, page: Page) -> Block:
    number = page.reader.number
    lines = (
        ("Fuel burnt, scope 1", "scope1_kg"),
        ("Fuel's supply (well to tank), apart", "well_to_tank_kg"),
        ("Biogenic, outside the scopes, apart", "biogenic_kg"),
        ("Grid energy, apart", "grid_kg"),
    )
    rows = []
    for label, field in lines:
        pair = [_kg(one, field) for one in (saving.used, saving.saved)]
        if any(value is not None for value in pair):
            rows.append(Row((label, *(number(value, 2) for value in pair))))
    columns = (left("CO₂e"), right("Emitted", "kg"), right("Avoided", "kg"))
    return table("Emissions", columns, rows, "These lines are never added up.")


def _fuels(saving: Saving, page: Page) -> Block:
    """Kinds of fuel apart, each with where its factors come from."""
    number = page.reader.number
    rows = [
        Row(
            (
                words.name(fuel.kind),
                number(fuel.litres, 2),
                number(fuel.emission.scope1_kg, 2),
                number(fuel.emission.well_to_tank_kg, 2),
                number(fuel.emission.biogenic_kg, 2),
                words.line(fuel.source) + ("" if fuel.year is None else f", {fuel.year}"),
            )
        )
        for fuel in saving.fuels
    ]
    columns = (
        left("Fuel"),
        right("Burnt", "L"),
        right("Scope 1", "kg"),
        right("Well to tank", "kg"),
        right("Biogenic", "kg"),
        left("Factors"),
    )
    note = "Litres by kind in the proportion in which the log says that they were delivered."
    return table("Kinds of fuel", columns, rows, note)


def _bands(saving: Saving, page: Page) -> Block:
    """What came from the grid in each band of the tariff."""
    number = page.reader.number
    rows = [
        Row(
            (
                words.name(band.band) or "other times",
                number(band.without_kwh, 3),
                number(band.with_kwh, 3),
            )
        )
        for band in saving.bands
    ]
    columns = (left("Tariff band"), right("Without battery", "kWh"), right("As it ran", "kWh"))
    return table("From the grid by tariff band", columns, rows)


def _kg(emission: Emission | None, field: str) -> float | None:
    value: float | None = getattr(emission, field) if emission is not None else None
    return value


def _grounds(saving: Saving, terms: Terms, page: Page) -> tuple[Fact, ...]:
    reader = page.reader
    carbon = terms.carbon
    year = "" if saving.factor_year is None else f", {saving.factor_year}"
    facts = [Fact("Use", (words.use(saving.use_case),))]
    if saving.baseline:
        how = "by the default rule" if saving.baseline_default else "as entered for the event"
        if saving.baseline_changed:
            how += "; changed after the start, see changes"
        facts.append(Fact("Baseline", (words.paragraph(saving.baseline), how)))
    facts.append(
        Fact(
            "Emission factor, scope 1",
            (
                reader.quantity(carbon.scope1_kg_per_l, "kg CO₂e/L", 4),
                words.line(saving.factor_source or carbon.source) + year,
            ),
        )
    )
    for label, factor, unit in (
        ("Emission factor, well to tank", carbon.well_to_tank_kg_per_l, "kg CO₂e/L"),
        ("Emission factor, biogenic", carbon.biogenic_kg_per_l, "kg CO₂/L"),
        ("Emission factor of the grid", carbon.grid_kg_per_kwh, "kg CO₂e/kWh"),
    ):
        if factor is not None:
            facts.append(Fact(label, (reader.quantity(factor, unit, 4),)))
    stored = reader.quantity(saving.stored_kwh, "kWh", 3)
    if stored != UNKNOWN:
        litres = reader.quantity(saving.stored_l, "L", 2)
        counted = () if saving.stored_l is None else (f"counted: {litres}",)
        facts.append(Fact("Taken from what the battery held", (stored, *counted)))
    return tuple(facts)
