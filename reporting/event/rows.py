"""The event's tables: a row for each participation, the ranking, what happened when."""

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from math import fsum

from collector.model.assignment import Fact
from collector.model.report.event import Coincidence, Moment, Rank, SystemRow
from collector.model.report.load import Peak
from collector.model.report_input import EventInputs
from collector.model.rounding import half_up
from collector.model.said import LogEntry
from collector.model.text import clean
from reporting.event import sets
from reporting.event.combined import LOAD
from reporting.event.gathered import Gathered
from reporting.event.parts import Part
from reporting.event.totals import counted
from reporting.measured.model import MINUTE_MS
from reporting.rounding import HOURS, KW, LITRES, kw, kwh, rounded

MOST_MOMENTS = 5000
MOMENTS = ("started", "joined", "swapped", "corrected", "alarm", "log", "left", "ended")


def coincidence(gathered: Gathered, peak: Peak | None) -> Coincidence:
    """The event's greatest minute against the sum of the systems' own greatest minutes (NCP and CP
    of load research: Itron MetrixIDR)."""
    own = [one.peak_kw for one in gathered.systems if one.due_ms]
    seen = [value for value in own if value is not None]
    summed = fsum(seen) if seen and len(seen) == len(own) else None
    diversity = None
    if peak is not None and peak.kw > 0 and summed is not None:
        diversity = half_up(summed / peak.kw, 4)
    load = gathered.powers.get(LOAD)
    return Coincidence(
        coincident=peak,
        summed_kw=kw(summed),
        diversity=diversity,
        unseen_min=0 if load is None else load.unseen,
    )


def system_rows(
    parts: Sequence[Part], gathered: Gathered, peak: Peak | None
) -> tuple[SystemRow, ...]:
    """A row for each participation, by node, system and time."""
    return tuple(
        _row(part, index, gathered, None if peak is None else peak.at_ms)
        for index, part in enumerate(parts)
    )


def _row(part: Part, index: int, gathered: Gathered, peak_ms: int | None) -> SystemRow:
    report = part.report
    top = report.load.peak_1min
    return SystemRow(
        node=part.ref.node,
        system=part.ref.system,
        name=report.head.system_name,
        report=part.ref.report,
        revision=part.ref.revision,
        use_case=report.head.use_case,
        from_ms=report.head.from_ms,
        to_ms=report.head.to_ms,
        load_kwh=report.energy.load_kwh,
        counted_kwh=kwh(counted(gathered, index, "load_energy_kwh")),
        peak_kw=None if top is None else top.kw,
        peak_ms=None if top is None else top.at_ms,
        at_coincident_kw=kw(_at(gathered, index, peak_ms)),
        generator_h=rounded(sets.hours(report.generators), HOURS),
        fuel_l=rounded(sets.fuel_l(report.generators), LITRES),
        pv_kwh=report.energy.pv_kwh,
        discharged_kwh=report.energy.discharged_kwh,
        saved_l=report.saving.saved_l if report.saving.valid else None,
        coverage_pct=report.quality.coverage_pct,
        blocked=any(note.level == "blocks" for note in report.notes),
    )


def _at(gathered: Gathered, index: int, at_ms: int | None) -> float | None:
    """What a part's load that counts was in a minute; None where it was not there, or not seen."""
    if at_ms is None:
        return None
    first, values = gathered.load_kw[index]
    place = (at_ms - first) // MINUTE_MS
    if not 0 <= place < len(values) or math.isnan(values[place]):
        return None
    return values[place]


Figure = Callable[[SystemRow], float | None]
RANKED: tuple[tuple[str, Figure, int], ...] = (
    ("load_kwh", lambda row: row.load_kwh, KW),
    ("peak_kw", lambda row: row.peak_kw, KW),
    ("generator_h", lambda row: row.generator_h, HOURS),
    ("fuel_l", lambda row: row.fuel_l, LITRES),
    ("saved_l", lambda row: row.saved_l, LITRES),
)


def ranking(rows: Sequence[SystemRow]) -> tuple[Rank, ...]:
    """The systems by each figure, the greatest first: sums of their participations, of peaks the
    greatest. A system that does not know one of them is not ranked by it."""
    found = []
    for by, of, decimals in RANKED:
        values: list[tuple[float, str]] = []
        for name, group in groupby(rows, key=lambda row: f"{row.node}/{row.system}"):
            each = [of(row) for row in group]
            told = [value for value in each if value is not None]
            if len(told) == len(each):
                whole = max(told) if by == "peak_kw" else fsum(told)
                values.append((half_up(whole, decimals), name))
        values.sort(key=lambda one: (-one[0], one[1]))
        if values:
            found.append(
                Rank(
                    by=by,
                    systems=tuple(name for _, name in values),
                    values=tuple(value for value, _ in values),
                )
            )
    return tuple(found)


def log(inputs: EventInputs, parts: Iterable[Part]) -> tuple[LogEntry, ...]:
    """The entries of the event and of its systems, each once, those that were withdrawn left out:
    what counts is the latest that is known of each."""
    found: dict[str, LogEntry] = {}
    for one in (*inputs.log, *(entry for part in parts for entry in part.report.log)):
        other = found.get(one.id)
        if other is None or (one.withdrawn_ms is not None and other.withdrawn_ms is None):
            found[one.id] = one
    entries = (one for one in found.values() if one.withdrawn_ms is None)
    return tuple(sorted(entries, key=lambda one: (one.at_ms, one.id)))


def timeline(
    inputs: EventInputs, parts: Sequence[Part], entries: Iterable[LogEntry]
) -> tuple[Moment, ...]:
    """What happened when; of more than five thousand moments the first ones."""
    found = [Moment(at_ms=inputs.from_ms, what="started", text=clean(inputs.event.name))]
    if inputs.stage == "final":
        found.append(Moment(at_ms=inputs.to_ms, what="ended"))
    for part in parts:
        found += _of_part(part)
    for one in entries:
        value = "" if one.value is None else f"{one.value:g} {one.unit}".strip()
        text = clean(" ".join(filter(None, (one.kind.value, one.asset, value, one.text))))
        found.append(Moment(at_ms=one.at_ms, what="log", system=one.system, text=text))
    unique = {(one.at_ms, one.what, one.node, one.system, one.text): one for one in found}
    return tuple(unique[key] for key in sorted(unique, key=_order))[:MOST_MOMENTS]


def _order(key: tuple[int, str, str, str, str]) -> tuple[int, int, str, str, str]:
    """By time; of one moment the event begins first and ends last."""
    at_ms, what, *rest = key
    node, system, text = rest
    return at_ms, MOMENTS.index(what), node, system, text


def _of_part(part: Part) -> Iterable[Moment]:
    head, node, system = part.report.head, part.ref.node, part.ref.system

    def moment(at_ms: int, what: str, text: str = "") -> Moment:
        return Moment(at_ms=at_ms, what=what, node=node, system=system, text=clean(text))

    yield moment(head.from_ms, "joined", head.system_name)
    if head.stage == "final" or head.upto_ms >= head.to_ms:
        yield moment(head.to_ms, "left", head.system_name)
    for held in part.inputs.assignments:
        if held.what is Fact.UNIT and head.from_ms < held.from_ms < head.to_ms:
            yield moment(held.from_ms, "swapped", f"{held.asset}: {held.value} {held.reason}")
    for effect in part.inputs.corrections:
        if effect.withdrawn_ms is None and head.from_ms < effect.from_ms < head.to_ms:
            text = f"{effect.asset}: {effect.kind.value} {effect.reason}"
            yield moment(effect.from_ms, "corrected", text)
    for alert in part.report.alerts:
        yield moment(alert.raised_ms, "alarm", f"{alert.asset}: {alert.text}")
