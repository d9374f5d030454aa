"""The worth of one system's window."""

from collections.abc import Sequence

from collector.model.kinds import AssetKind
from collector.model.report.generator import Generator
from reporting.figures.flows import plate_of
from reporting.figures.sets import set_curve, units
from reporting.measured.model import Measured
from reporting.worth.facts import BATTERY, GENERATOR, Facts, RunningSet, facts_of
from reporting.worth.saving import SavingFigures, saving


def saving_figures(measured: Measured, generators: Sequence[Generator]) -> SavingFigures:
    """The saving of a system by its use case; `generators` are its figures."""
    return saving(system_facts(measured, generators))


def system_facts(measured: Measured, generators: Sequence[Generator]) -> Facts:
    """What a system's saving is reckoned from."""
    bess = bool(measured.of_kind(AssetKind.BESS))
    return facts_of(
        measured,
        generators,
        running_sets(measured),
        has_battery=bess or BATTERY in measured.flows,
    )


def running_sets(measured: Measured) -> list[RunningSet]:
    """The sets whose power was seen, with their curves."""
    found = []
    for track in units(measured):
        power = measured.flow_of.get((track.asset.id, GENERATOR))
        if power is None:
            continue
        curve, _ = set_curve(measured, plate_of(measured, track))
        found.append(
            RunningSet(
                asset=track.asset.id,
                curve=curve,
                power=power,
                from_ms=track.from_ms,
                to_ms=track.to_ms,
            )
        )
    return found
