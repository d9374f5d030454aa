"""The saving of all systems together, reckoned once on the flows that count; never a sum."""

from collections.abc import Sequence

from msgspec import structs

from collector.model.report.generator import Generator
from collector.model.report_input import AssetInput, EventInputs
from reporting.event.gathered import Gathered
from reporting.event.parts import Part
from reporting.figures.fuel import curve_of
from reporting.measured.model import Measured
from reporting.worth.changed import later_changes
from reporting.worth.facts import Facts, RunningSet, windows_of
from reporting.worth.saving import SavingFigures, combined_use_case, saving


def combined(
    inputs: EventInputs,
    parts: Sequence[Part],
    gathered: Gathered,
    whole: Measured,
    generators: Sequence[Generator],
) -> SavingFigures:
    """By the case that takes in all others (`combined_use_case`), against the event's baseline:
    the sets that would have served the whole event."""
    changes = {change.id: change for part in parts for change in part.inputs.changes}
    return saving(
        Facts(
            event=inputs.event,
            use_case=combined_use_case([part.inputs.use_case for part in parts]),
            baseline=inputs.event.terms.baseline,
            baseline_changes=later_changes(inputs.event, changes.values()),
            from_ms=inputs.from_ms,
            to_ms=inputs.to_ms,
            starts_ms=whole.starts_ms,
            window_ms=windows_of(whole.starts_ms, inputs.from_ms, inputs.to_ms),
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
    """A set's rating: kW, else 0.8 × kVA (ISO 8528-1)."""
    if asset is None:
        return None
    ratings = asset.ratings
    return ratings.rated_kw or (ratings.rated_kva * 0.8 if ratings.rated_kva else None)
