"""The event's report, from its systems' report files alone.

The same function runs on a node and in the cloud. The order in which parts are given and the names
of their folders make no difference to a single byte.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import fsum

import msgspec
from msgspec import structs

from collector.model.report.days import Day
from collector.model.report.event import EventReport
from collector.model.report.load import Peak
from collector.model.report.quality import Note
from collector.model.report.system import Head
from collector.model.report_input import EventInputs, Missing, Stage
from collector.model.text import clean
from reporting.event import balance, bills, rows, saving, sets, totals, whole
from reporting.event.combined import Window
from reporting.event.gathered import Gathered, Group, gather
from reporting.event.parts import Part, canonical, chosen
from reporting.event.places import Plan, Stretch
from reporting.event.plan import plan
from reporting.figures import day_figures, load_figures, series_figures
from reporting.figures.clock import LocalClock
from reporting.measured.model import Measured
from reporting.rounding import HOURS, LITRES, kwh, rounded


def event_report(
    inputs: EventInputs, parts: Iterable[Part], missing: Iterable[Missing] = ()
) -> EventReport:
    """The report of an event over [from_ms, to_ms) of `inputs`.

    `missing` are the parts that could not be read, beside those that `inputs` names. Parts that
    are provisional make the whole provisional.
    """
    inputs = canonical(inputs)
    read = chosen(inputs, parts, [*inputs.missing, *missing])
    inputs, of = structs.replace(inputs, missing=read.missing), read.parts
    placed = plan(of)
    days = _show_days(inputs)
    apart = {index for index, part in enumerate(of) if not whole.has_sources(part)}
    whole_of, about = Group(of, placed, days, apart), saving.compared(of)
    groups = [whole_of] if about is None else [whole_of, about]
    gathered, *others = gather(Window(inputs.from_ms, inputs.to_ms), *groups)
    energy = totals.energy(of, gathered)
    powers = {power: one.minutes() for power, one in gathered.powers.items()}
    quality = whole.quality(inputs, of, gathered)
    entries = rows.log(inputs, of)
    event = whole.measured(structs.replace(inputs, log=entries), energy, quality, powers)
    load = load_figures(event)
    sources, source_notes = whole.sources(inputs, of, gathered, energy)
    generators, set_notes = sets.generators(of, placed)
    billed = bills.bills(of, placed)
    some = None if about is None else (about, others[0])
    saved = saving.combined(inputs, of, gathered, event, generators, some)
    peak = load.load.peak_1min
    table = rows.system_rows(of, gathered, peak)
    loads = (one for one in load.notes if one.code != "no-second-peak")
    said = (gathered.notes, loads, source_notes, set_notes, billed.notes, saved.notes)
    return EventReport(
        head=_head(inputs, of),
        parts=tuple(part.ref for part in of),
        missing=read.missing,
        coverage_pct=quality.coverage_pct,
        quality=quality,
        energy=energy,
        flows=totals.flows(of, placed, gathered),
        load=load.load,
        sources=sources,
        coincidence=rows.coincidence(gathered, peak),
        systems=table,
        generators=generators,
        days=_days(event, gathered, of),
        timeline=rows.timeline(inputs, of, entries),
        ranking=rows.ranking(table),
        billing=billed.billing,
        accounts=billed.accounts,
        saving=saved.saving,
        terms=inputs.event.terms,
        log=entries,
        series=series_figures(event),
        notes=tuple(chain(_notes(inputs, of, placed, gathered, peak), *said)),
        inputs_sha256=hashlib.sha256(msgspec.json.encode(inputs)).hexdigest(),
    )


def _show_days(inputs: EventInputs) -> list[Stretch]:
    """The days of the window, in the event's zone."""
    clock = LocalClock(inputs.event.timezone, inputs.from_ms, inputs.to_ms)
    return [Stretch(day.from_ms, day.to_ms) for day in clock.days()]


def _head(inputs: EventInputs, parts: Sequence[Part]) -> Head:
    event = inputs.event
    provisional = inputs.stage == "provisional" or any(
        part.report.head.stage == "provisional" for part in parts
    )
    stage: Stage = "provisional" if provisional else "final"
    return Head(
        kind="event",
        report=inputs.report,
        revision=inputs.revision,
        stage=stage,
        node=inputs.node,
        site=clean(event.site),
        system="",
        system_name="",
        use_case=None,
        event=event.id,
        event_name=clean(event.name),
        job=clean(event.job),
        client=clean(event.client),
        timezone=event.timezone,
        locale=event.locale,
        company=clean(inputs.brand.company),
        client_notes=event.client_notes,
        internal_notes=event.notes,
        from_ms=inputs.from_ms,
        to_ms=inputs.to_ms,
        upto_ms=inputs.to_ms,
    )


def _days(event: Measured, gathered: Gathered, parts: Sequence[Part]) -> tuple[Day, ...]:
    """A row for each day: energies that count, by when they flowed; hours, litres and the lowest
    state of charge from the systems' own days; coverage and peak of the event's load."""
    own: dict[str, list[Day]] = {}
    for part in parts:
        for day in part.report.days:
            own.setdefault(day.day, []).append(day)
    found = []
    for day, energies in zip(day_figures(event), gathered.by_day, strict=True):
        by_name: dict[str, list[float]] = {}
        for key, value in energies.items():
            by_name.setdefault(key.energy, []).append(value)
        flows: Mapping[str, float] = {name: fsum(values) for name, values in by_name.items()}
        of_systems = own.get(day.day, [])
        hours = [one.generator_h for one in of_systems if one.generator_h is not None]
        litres = [one.fuel_l for one in of_systems if one.fuel_l is not None]
        lows = [one.soc_min_pct for one in of_systems if one.soc_min_pct is not None]
        found.append(
            structs.replace(
                day,
                load_kwh=kwh(flows.get("load_energy_kwh")),
                grid_kwh=kwh(flows.get("grid_import_kwh")),
                generator_kwh=kwh(flows.get("generator_energy_kwh")),
                pv_kwh=kwh(flows.get("pv_energy_kwh")),
                battery_kwh=kwh(flows.get("battery_discharged_kwh")),
                generator_h=rounded(fsum(hours), HOURS) if hours else None,
                fuel_l=rounded(fsum(litres), LITRES) if litres else None,
                soc_min_pct=min(lows, default=None),
            )
        )
    return tuple(found)


def _notes(
    inputs: EventInputs,
    parts: Sequence[Part],
    placed: Plan,
    gathered: Gathered,
    peak: Peak | None,
) -> Iterable[Note]:
    """What has to be said of the whole."""
    for one in inputs.missing:
        yield Note(
            code="part-missing",
            level="warning",
            about=f"{one.node}/{one.system}",
            text=f"The report of {clean(one.system)} is not in these figures: {clean(one.why)}.",
        )
    for part in parts:
        head = part.report.head
        if head.stage == "provisional":
            text = f"The report of {part.name} is provisional; its last minutes may still change."
            yield Note(code="part-provisional", level="blocks", about=part.name, text=text)
        for note in part.report.notes:
            if note.level == "blocks":
                yield Note(
                    code="part-blocked",
                    level="blocks",
                    about=part.name,
                    text=f"{part.name}: {note.text}",
                )
    for first, other in placed.twins:
        text = f"{first} and {other} are one unit, by its serial: {first} counts."
        yield Note(code="twins", level="warning", about=other, text=text)
    yield from balance.notes(
        placed.balances, placed.alone, placed.untold, lambda index: parts[index].name
    )
    load = gathered.powers.get("load_power_w")
    if load is not None and load.unseen and peak is not None:
        yield Note(
            code="coincidence-least",
            level="warning",
            about="coincidence",
            text=f"In {load.unseen} minutes a meter that counts saw nothing: there the "
            "load is that of the others, and its peak may have been greater.",
        )
    outside = [
        part.name
        for part in parts
        if part.report.head.from_ms < inputs.from_ms or part.report.head.to_ms > inputs.to_ms
    ]
    if outside:
        yield Note(
            code="outside",
            level="warning",
            about="energy",
            text=f"{', '.join(outside)} took part beyond the event's time: the energies of that "
            "time count, its minutes do not.",
        )
