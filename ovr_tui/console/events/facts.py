"""All that is said of an event, and its head. Pure."""

from collections.abc import Iterator

from collector.model.event import Event, EventStatus
from collector.model.text import called
from collector.wire import EventListed
from ovr_tui.console.called import Names, names_of
from ovr_tui.console.events import rows, words
from ovr_tui.console.format import clock, span
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, cut, ends, fact, width, wrap
from ovr_tui.sets import write_sets


def head(one: EventListed, now: Now, cells: int) -> list[Line]:
    """Name, whose it is, state with clocks, local time; what somebody should do."""
    event, glyphs = one.event, now.glyphs
    here: Line = ((f"{clock(now.wall_ms, event.timezone)} ", "bold"),)
    name: list[Piece] = [(f" {glyphs.text(event.name)}", "bold")]
    for text in (event.job, event.client, event.site):
        if text:
            name += [(f" {glyphs.middle} ", "dim"), (glyphs.text(text), "dim")]
    lines = [ends(tuple(name), here, cells), _course(one, now, cells)]
    if one.prompt:
        text = words.todo(event, one.prompt)
        lines.append(cut(((f" {glyphs.alarm} {glyphs.text(text)}", "warn"),), cells))
    return lines


def _course(one: EventListed, now: Now, cells: int) -> Line:
    event, zone = one.event, one.event.timezone
    pieces: list[Piece] = [(" ", "text"), words.state(event.status, now.glyphs)]
    if event.from_ms is not None:
        pieces.append((f" since {words.when(event.from_ms, zone, now.wall_ms)}", "text"))
    if event.to_ms is not None:
        lasted = span((event.to_ms - (event.from_ms or event.to_ms)) / 1000)
        pieces.append(
            (f" until {words.when(event.to_ms, zone, now.wall_ms)}, {lasted} in all", "text")
        )
    elif event.status is EventStatus.ACTIVE and event.from_ms is not None:
        on = span((now.wall_ms - event.from_ms) / 1000)
        pieces.append((f"   {on} on, day {words.day(event, now.wall_ms)}", "bold"))
    elif event.status is EventStatus.PLANNED and event.planned_from_ms is not None:
        pieces.append((f" for {words.when(event.planned_from_ms, zone, now.wall_ms)}", "text"))
    if event.status is EventStatus.ACTIVE and event.planned_to_ms is not None:
        end = words.when(event.planned_to_ms, zone, now.wall_ms)
        more: Piece = (f"   planned end {end}", "dim")
        if width((*pieces, more)) <= cells:
            pieces.append(more)
    return cut(tuple(pieces), cells)


def items(one: EventListed, now: Now, cells: int) -> list[Item]:
    """Every fact as a line."""
    del cells
    return [
        Item(key=key, line=fact(name, (now.glyphs.text(text), "text")))
        for key, (name, text) in _all(one.event, now).items()
    ]


def whole(one: EventListed, key: str, now: Now, cells: int) -> list[Line]:
    """One fact at its full length."""
    name, text = _all(one.event, now).get(key, ("", ""))
    return [*wrap(now.glyphs.text(name), cells, "head"), (), *wrap(now.glyphs.prose(text), cells)]


def _all(event: Event, now: Now) -> dict[str, tuple[str, str]]:
    told = [*rows.facts(event, now), *_terms(event), *_rest(event, names_of(now.snapshot))]
    return {f"fact:{place}": each for place, each in enumerate(told) if each[1]}


def _terms(event: Event) -> Iterator[tuple[str, str]]:
    terms = event.terms
    fuel, carbon, tariff = terms.fuel, terms.carbon, terms.tariff
    yield "baseline", write_sets(terms.baseline.sets) or "none entered: the default rule counts"
    yield "baseline note", terms.baseline.note
    yield "fuel", f"{fuel.kind}{_price(fuel.price_per_l, tariff.currency, 'L')}"
    for kind in terms.fuels:
        yield "fuel too", f"{kind.kind}{_price(kind.price_per_l, tariff.currency, 'L')}"
    yield "CO2e of fuel", f"{carbon.scope1_kg_per_l:g} kg/L, {carbon.source} {carbon.year or ''}"
    yield "CO2e well to tank", _kg(carbon.well_to_tank_kg_per_l, "kg/L")
    yield "CO2e biogenic", _kg(carbon.biogenic_kg_per_l, "kg/L")
    yield "CO2e of the grid", _kg(carbon.grid_kg_per_kwh, "kg/kWh")
    yield "energy", _price(tariff.energy_per_kwh, tariff.currency, "kWh").removeprefix(", ")
    yield "demand", _price(tariff.demand_per_kw, tariff.currency, "kW").removeprefix(", ")
    yield "standing", _price(tariff.standing_per_day, tariff.currency, "day").removeprefix(", ")
    yield "demand window", f"{terms.demand_window_min} min"
    yield "least coverage", f"{terms.min_coverage_pct:g} %"


def _price(value: float | None, currency: str, per: str) -> str:
    return "" if value is None else f", {value:g} {currency}/{per}"


def _kg(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:g} {unit}"


def _rest(event: Event, names: Names) -> Iterator[tuple[str, str]]:
    for use in event.systems:
        own = f", own baseline {write_sets(use.baseline.sets)}" if use.baseline else ""
        yield f"use of {use.system}", words.USES[use.use_case] + own
    for account in event.terms.accounts:
        yield f"account {account.id}", account.name or account.id
    for share in event.terms.shares:
        yield (
            f"share of {share.account}",
            f"{share.percent:g} % of {names[share.asset]}",
        )
    yield "notes", event.notes
    yield "for the client", event.client_notes
    yield "language", event.locale
    made = words.exactly(event.created_ms, event.timezone)
    yield (
        "made",
        f"{made} by {called(event.created_by) or 'nobody'} on {event.origin or 'this node'}",
    )
    yield "revision", str(event.revision)
    yield "id", event.id
