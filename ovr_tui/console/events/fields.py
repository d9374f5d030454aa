"""The forms of events: what can be said of one, and what is then sent. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from collector.model.event import Event, EventStatus, Participation, SystemUse, UseCase
from collector.model.terms import Baseline
from collector.wire import CreateEventRequest, EditEventRequest, EventListed
from ovr_tui.console.events import words
from ovr_tui.console.form import Choice, Field, Kind, Values, answers
from ovr_tui.console.format import zone
from ovr_tui.sets import (
    EXAMPLES,
    read_accounts,
    read_sets,
    read_shares,
    write_accounts,
    write_sets,
    write_shares,
)

BEGUN = (EventStatus.ACTIVE, EventStatus.ENDED)
USE_CHOICES = tuple(Choice(use.value, text) for use, text in words.USES.items())
WINDOWS = ("5", "10", "15", "20", "30", "60")
TEXTS = ("name", "job", "client", "site", "timezone", "locale", "notes", "client_notes")
TERMS: Mapping[str, tuple[str, str]] = {
    "fuel_kind": ("fuel", "kind"),
    "fuel_price": ("fuel", "price_per_l"),
    "scope1": ("carbon", "scope1_kg_per_l"),
    "well": ("carbon", "well_to_tank_kg_per_l"),
    "biogenic": ("carbon", "biogenic_kg_per_l"),
    "grid": ("carbon", "grid_kg_per_kwh"),
    "source": ("carbon", "source"),
    "year": ("carbon", "year"),
    "currency": ("tariff", "currency"),
    "energy_price": ("tariff", "energy_per_kwh"),
    "demand_price": ("tariff", "demand_per_kw"),
    "standing_price": ("tariff", "standing_per_day"),
}
"""Fields that are a part of a term, by its name and theirs."""


def _zone_wrong(text: str) -> str:
    return "" if zone(text) is not None else "no such zone; like Europe/Berlin"


def _sets_wrong(text: str) -> str:
    try:
        read_sets(text)
    except ValueError as error:
        return str(error)
    return ""


def _shares_wrong(text: str) -> str:
    try:
        read_shares(text)
    except ValueError as error:
        return str(error)
    return ""


def first(timezone: str) -> Event:
    """An event of which nothing is said yet."""
    return Event(id="", name="", timezone=timezone, created_ms=0, changed_ms=0)


def fields(event: Event, values: Values) -> list[Field]:
    """All that a person may say. Terms of a new event are left empty: then node.toml says them."""
    where = values.get("timezone", event.timezone)
    timezone = where if zone(where) is not None else event.timezone
    begun = event.status in BEGUN
    return [
        *_names(event),
        *(_times(event, timezone) if begun else ()),
        *_planned(event, timezone),
        *_terms(event, new=not event.id),
        Field(name="accounts", label="Who pays", value=write_accounts(event.terms.accounts),
              most_chars=4000, text="id=name, apart by commas: food=Food court, bar=Bar"),
        Field(name="shares", label="Shares", value=write_shares(event.terms.shares),
              most_chars=4000, check=_shares_wrong,
              text="how much of a meter an account pays: stage-a=food:40, stage-a=bar:60"),
        *([] if not event.id else [Field(name="locale", label="Language of reports",
              value=event.locale, needed=True, text="like en-US")]),
        Field(name="notes", label="Notes", value=event.notes, most_chars=2000, text="internal"),
        Field(name="client_notes", label="Notes for the client", value=event.client_notes,
              most_chars=2000, text="printed in the client's report"),
        *([reason(event)] if begun else ()),
    ]  # fmt: skip


def reason(event: Event) -> Field:
    """Why something is otherwise, which reports print."""
    text = "printed in the reports; needed for what figures depend on"
    ended = event.status in BEGUN
    return Field(name="reason", label="Reason", text=text if ended else "", most_chars=300)


def _names(event: Event) -> list[Field]:
    return [
        Field(name="name", label="Name", value=event.name, needed=True, most_chars=120),
        Field(name="job", label="Job code", value=event.job, most_chars=120,
              text="the company's: no other event may have it"),
        Field(name="client", label="Client", value=event.client, most_chars=120),
        Field(name="site", label="Site", value=event.site, most_chars=120,
              text="empty: this node's"),
        Field(name="timezone", label="Time zone", value=event.timezone, needed=True,
              check=_zone_wrong, text="all times of the event and its reports"),
    ]  # fmt: skip


def _planned(event: Event, timezone: str) -> list[Field]:
    text = "a reminder: nothing happens by itself"
    return [
        Field(name=name, label=label, kind=Kind.TIME, ahead=True, timezone=timezone, text=text,
              value=words.typed(at_ms, event.timezone))
        for name, label, at_ms in (
            ("planned_from_ms", "Planned start", event.planned_from_ms),
            ("planned_to_ms", "Planned end", event.planned_to_ms),
        )
    ]  # fmt: skip


def _times(event: Event, timezone: str) -> list[Field]:
    known = (("from_ms", "It began", event.from_ms), ("to_ms", "It ended", event.to_ms))
    return [
        Field(name=name, label=label, kind=Kind.TIME, timezone=timezone, needed=True,
              value=words.typed(at_ms, event.timezone), text="a correction, with a reason")
        for name, label, at_ms in known
        if at_ms is not None
    ]  # fmt: skip


def _terms(event: Event, *, new: bool) -> list[Field]:
    terms = event.terms
    default = "empty: as node.toml says" if new else ""

    def text(name: str, label: str, value: str, about: str = "") -> Field:
        return Field(name=name, label=label, value="" if new else value, text=about or default)

    def num(name: str, label: str, value: float | None, unit: str = "") -> Field:
        shown = "" if new or value is None else f"{value:.12g}"
        return Field(name=name, label=label, kind=Kind.NUMBER, value=shown, least=0.0, unit=unit,
                     text=default)  # fmt: skip

    year = "" if new or terms.carbon.year is None else str(terms.carbon.year)
    window = "" if new else str(terms.demand_window_min)
    windows = tuple(Choice(word, f"{word} min") for word in WINDOWS)
    return [
        Field(name="baseline", label="Baseline generators", value=write_sets(terms.baseline.sets),
              check=_sets_wrong, text=f"what would have run without us: {EXAMPLES}"),
        text("baseline_note", "Baseline note", terms.baseline.note),
        text("fuel_kind", "Fuel", terms.fuel.kind),
        num("fuel_price", "Fuel price per L", terms.fuel.price_per_l),
        text("currency", "Currency", terms.tariff.currency),
        num("energy_price", "Energy price per kWh", terms.tariff.energy_per_kwh),
        num("demand_price", "Demand price per kW", terms.tariff.demand_per_kw),
        num("standing_price", "Price per day", terms.tariff.standing_per_day),
        num("scope1", "CO2e of fuel", terms.carbon.scope1_kg_per_l, "kg/L"),
        num("well", "CO2e well to tank", terms.carbon.well_to_tank_kg_per_l, "kg/L"),
        num("biogenic", "CO2e biogenic", terms.carbon.biogenic_kg_per_l, "kg/L"),
        num("grid", "CO2e of the grid", terms.carbon.grid_kg_per_kwh, "kg/kWh"),
        text("source", "Source of factors", terms.carbon.source),
        Field(name="year", label="Year of factors", kind=Kind.WHOLE, value=year, least=1990,
              most=2100, text=default),
        Field(name="window", label="Demand window", kind=Kind.CHOICE, value=window,
              choices=((Choice("", "as node.toml says"),) if new else ()) + windows),
        num("coverage", "Least coverage", terms.min_coverage_pct, "%"),
    ]  # fmt: skip


def as_typed(made: Sequence[Field], now_ms: int) -> dict[str, object]:
    """What a form gives when nobody types anything."""
    return answers(made, {field.name: field.value for field in made}, now_ms)


def said(event: Event, found: Mapping[str, object], now_ms: int) -> dict[str, Any]:
    """What a form's answers say otherwise than `event`, as a request has it. Raises ValueError."""
    before = as_typed(fields(event, {"timezone": event.timezone}), now_ms)
    changed = {
        name: value
        for name, value in found.items()
        if name != "reason" and value != before.get(name)
    }
    out: dict[str, Any] = {name: changed[name] or "" for name in TEXTS if name in changed}
    times = ("planned_from_ms", "planned_to_ms", "from_ms", "to_ms")
    out |= {name: changed[name] for name in times if name in changed}
    for name, (table, key) in TERMS.items():
        if name in changed:
            text = name in ("fuel_kind", "source", "currency")
            value = changed[name] if not text else changed[name] or ""
            out.setdefault(table, {})[key] = value
    if "baseline" in changed or "baseline_note" in changed:
        sets = read_sets(str(found.get("baseline") or ""), event.terms.baseline.sets)
        note = str(found.get("baseline_note") or "")
        out["baseline"] = msgspec.to_builtins(Baseline(sets=sets, note=note))
    if "accounts" in changed:
        accounts = read_accounts(str(changed["accounts"] or ""), event.terms.accounts)
        out["accounts"] = msgspec.to_builtins(accounts)
    if "shares" in changed:
        out["shares"] = msgspec.to_builtins(read_shares(str(changed["shares"] or "")))
    if changed.get("window"):
        out["demand_window_min"] = int(str(changed["window"]))
    if changed.get("coverage") is not None:
        out["min_coverage_pct"] = changed["coverage"]
    return out


def create(event: Event, found: Mapping[str, object], now_ms: int) -> CreateEventRequest:
    """A new event as it was typed. Raises ValueError, msgspec.ValidationError."""
    told = said(event, found, now_ms) | {"timezone": found["timezone"]}
    return msgspec.convert(told, CreateEventRequest)


def edit(event: Event, found: Mapping[str, object], now_ms: int) -> EditEventRequest | None:
    """What is otherwise; None when nothing is. Raises ValueError, msgspec.ValidationError."""
    told = said(event, found, now_ms)
    if not told:
        return None
    more = {"revision": event.revision, "reason": str(found.get("reason") or "")}
    return msgspec.convert(told | more, EditEventRequest)


# systems


def use_fields(event: Event, systems: Sequence[str]) -> list[Field]:
    """What some systems are there for."""
    known = event.use_of(systems[0])
    own = write_sets(known.baseline.sets) if known.baseline else ""
    return [
        Field(name="use", label="Use", kind=Kind.CHOICE, choices=USE_CHOICES,
              value=known.use_case.value, text="how their saving is reckoned"),
        Field(name="baseline", label="Own baseline", value=own, check=_sets_wrong,
              text=f"empty: the event's baseline counts; else {EXAMPLES}"),
        *([reason(event)] if event.status in BEGUN else ()),
    ]  # fmt: skip


def uses(
    event: Event, systems: Sequence[str], found: Mapping[str, object]
) -> tuple[SystemUse, ...]:
    """All uses of the event, with those of `systems` as the form says. Raises ValueError."""
    known = {use.system: use for use in event.systems}
    for system in systems:
        before = known.get(system, SystemUse(system=system))
        sets = read_sets(
            str(found.get("baseline") or ""), before.baseline.sets if before.baseline else ()
        )
        note = before.baseline.note if before.baseline else ""
        known[system] = SystemUse(
            system=system,
            use_case=UseCase(str(found["use"])),
            baseline=Baseline(sets=sets, note=note) if sets else None,
        )
    return tuple(known.values())


def move_fields(event: Event, *, joining: bool) -> list[Field]:
    """When systems come or leave."""
    over = event.status is EventStatus.ENDED
    found = [Field(name="at", label="Since" if joining else "At", kind=Kind.TIME, needed=over,
                   timezone=event.timezone)]  # fmt: skip
    if joining:
        found += [
            Field(name="use", label="Use", kind=Kind.CHOICE,
                  choices=(Choice("", "as the event says of each"), *USE_CHOICES)),
            Field(name="until", label="Until", kind=Kind.TIME, timezone=event.timezone,
                  needed=over, empty="they stay in", text="for those who are no more in"),
        ]  # fmt: skip
    return [*found, Field(name="reason", label="Remark", most_chars=300)]


def correct_fields(event: Event, one: Participation) -> list[Field]:
    """When a system was in, otherwise than it stands."""
    return [
        Field(name="from_ms", label="Joined", kind=Kind.TIME, needed=True,
              timezone=event.timezone, value=words.typed(one.from_ms, event.timezone)),
        *([] if one.to_ms is None else [
            Field(name="to_ms", label="Left", kind=Kind.TIME, needed=True,
                  timezone=event.timezone, value=words.typed(one.to_ms, event.timezone))
        ]),
        Field(name="use_case", label="Use", kind=Kind.CHOICE, choices=USE_CHOICES,
              value=one.use_case.value),
        Field(name="reason", label="Reason", needed=True, most_chars=300,
              text="printed in the report"),
    ]  # fmt: skip


def merge_fields(event: Event, others: Sequence[EventListed]) -> list[Field]:
    """With which one it is the same."""
    choices = tuple(Choice(one.event.id, words.called(one.event)) for one in others)
    return [
        Field(name="other", label="The same as", kind=Kind.CHOICE, choices=choices),
        Field(name="reason", label="Reason", needed=True, most_chars=300),
    ]
