"""The saving of all systems together, reckoned once on the flows that count; never a sum.

Counted are the systems that the comparison is about, and all that have a generator: a load that was
only metered, or that a grid served, would have had no generator without us either.
"""

from collections.abc import Sequence

from msgspec import structs

from collector.model.assets import generator_kw
from collector.model.event import UseCase
from collector.model.report.generator import Generator
from collector.model.report.quality import Note
from collector.model.report_input import AssetInput, EventInputs
from reporting.event import sets, totals
from reporting.event import whole as wholes
from reporting.event.gathered import Gathered, Group
from reporting.event.parts import Part
from reporting.event.plan import plan
from reporting.figures.fuel import curve_of
from reporting.measured.model import MINUTE_MS, Measured
from reporting.worth.changed import later_changes
from reporting.worth.facts import Facts, RunningSet, windows_of
from reporting.worth.saving import SavingFigures, combined_use_case, saving


def compared(parts: Sequence[Part]) -> Group | None:
    """The systems that the saving is of, where these are not all."""
    case = combined_use_case([part.inputs.use_case for part in parts])
    some = [part for part in parts if _counts(part, case)]
    if case is UseCase.METERING or len(some) == len(parts):
        return None
    return Group(some, plan(some))


def combined(
    inputs: EventInputs,
    parts: Sequence[Part],
    gathered: Gathered,
    whole: Measured,
    generators: Sequence[Generator],
    some: tuple[Group, Gathered] | None,
) -> SavingFigures:
    """By the case that takes in all others (`combined_use_case`), against the event's baseline:
    the sets that would have served all of it. `gathered`, `whole` and `generators` are of all
    parts; where only some count (`compared`), `some` are these by themselves."""
    case = combined_use_case([part.inputs.use_case for part in parts])
    if some is None:
        return _of(inputs, parts, case, gathered, whole, generators)
    group, own = some
    powers = {power: one.minutes() for power, one in own.powers.items()}
    energy = totals.energy(group.parts, own)
    event = wholes.measured(inputs, energy, wholes.quality(inputs, group.parts, own), powers)
    sets_of, _ = sets.generators(group.parts, group.plan)
    found = _of(inputs, group.parts, case, own, event, sets_of)
    return SavingFigures(found.saving, (_left_out(parts, group.parts), *found.notes))


def _counts(part: Part, case: UseCase) -> bool:
    """Whether a system is one that a comparison is about."""
    if case is UseCase.HYBRIDIZATION:
        wanted = part.inputs.use_case in (UseCase.HYBRIDIZATION, UseCase.PV_OFFSET)
        return wanted or bool(part.report.generators)
    return part.inputs.use_case is case


def _left_out(parts: Sequence[Part], some: Sequence[Part]) -> Note:
    counted = sorted({part.name for part in some})
    others = sorted({part.name for part in parts} - set(counted))
    text = (
        f"The saving is of {', '.join(counted)}. Left out, as nothing there stood in for what is "
        f"compared: {', '.join(others)}."
    )
    return Note(code="saving-of", about="saving", text=text)


def _of(
    inputs: EventInputs,
    parts: Sequence[Part],
    case: UseCase,
    gathered: Gathered,
    whole: Measured,
    generators: Sequence[Generator],
) -> SavingFigures:
    changes = {change.id: change for part in parts for change in part.inputs.changes}
    return saving(
        Facts(
            event=inputs.event,
            use_case=case,
            baseline=inputs.event.terms.baseline,
            baseline_changes=later_changes(inputs.event, changes.values()),
            from_ms=inputs.from_ms,
            to_ms=inputs.to_ms,
            starts_ms=whole.starts_ms,
            window_ms=_there(inputs, parts, whole.starts_ms),
            flows=whole.flows,
            energy=structs.replace(
                whole.energy,
                flows=tuple(
                    structs.replace(flow, asset=f"{part.ref.node}/{flow.asset}")
                    for part in parts
                    for flow in part.report.energy.flows
                ),
            ),
            generators=generators,
            sets=tuple(_running(inputs, parts, gathered)),
            has_battery=any(part.report.batteries for part in parts),
            log=whole.inputs.log,
            coverage_pct=whole.quality.coverage_pct,
        )
    )


def _there(inputs: EventInputs, parts: Sequence[Part], starts_ms: Sequence[int]) -> list[int]:
    """For how much of each minute any of the parts took part."""
    found = [0] * len(starts_ms)
    ended = inputs.from_ms
    for head in sorted((part.report.head for part in parts), key=lambda head: head.from_ms):
        begin, end = max(head.from_ms, ended), min(head.to_ms, inputs.to_ms)
        if begin >= end:
            continue
        ended = end
        first = begin // MINUTE_MS - starts_ms[0] // MINUTE_MS
        last = (end - 1) // MINUTE_MS - starts_ms[0] // MINUTE_MS
        own = windows_of(starts_ms[first : last + 1], begin, end)
        for index, length in enumerate(own, first):
            found[index] += length
    return found


def _running(
    inputs: EventInputs, parts: Sequence[Part], gathered: Gathered
) -> Sequence[RunningSet]:
    found = []
    for (index, asset), power in sorted(gathered.sets.items()):
        part = parts[index]
        known = next((one for one in part.inputs.assets if one.id == asset), None)
        rated = next((one.rated_kw for one in part.report.generators if one.asset == asset), None)
        own = known.fuel_curve if known is not None else ()
        curve, _ = curve_of(rated or _rated(known), own, inputs.event.terms.fuel)
        name = f"{part.ref.node}/{asset}"
        head = part.report.head
        found.append(
            RunningSet(asset=name, from_ms=head.from_ms, to_ms=head.to_ms, curve=curve, power=power)
        )
    return found


def _rated(asset: AssetInput | None) -> float | None:
    """A set's rating in kW."""
    if asset is None:
        return None
    return generator_kw(asset.ratings.rated_kw, asset.ratings.rated_kva)
