"""The saving of an event: once, and of the systems that it is about."""

from pathlib import Path

import pytest
from msgspec import structs

from collector.model.event import UseCase
from collector.model.report import EventReport
from collector.model.terms import Baseline, BaselineSet, Terms
from reporting.event import event_report, read_parts
from reporting.measured.model import MINUTE_MS
from tests.reporting.event.made import HOUR, Flow, event, inputs_of, part
from tests.reporting.profile.made import START
from tests.reporting.worth.site import generator

LINE = ((0.0, 4.0), (100.0, 29.0))
"""4 L/h at no load and 0.25 L a kWh."""
TERMS = Terms(baseline=Baseline(sets=(BaselineSet(name="G", rated_kw=100, fuel_curve=LINE),)))


def reported(folder: Path, names: str, to_ms: int = START + HOUR) -> EventReport:
    """A hybrid system of 20 kW that its set serves at 4 L, and with it those of `names`: `l` a
    load of 50 kW that was only metered, `s` a battery on a grid that shaves its peaks."""
    show = event(terms=TERMS)
    ran = structs.replace(generator(fuel_l=4.0, hours=0.4, kwh=20.0), asset="g")
    refs = [
        part(
            folder / "parts" / "h",
            "h",
            [
                Flow(asset="h", kw=20),
                Flow(asset="g", energy="generator_energy_kwh", kw=20),
            ],
            use_case=UseCase.HYBRIDIZATION,
            generators=[ran],
            of=show,
        )
    ]
    if "l" in names:
        refs.append(part(folder / "parts" / "l", "l", [Flow(asset="l", kw=50)], of=show))
    if "s" in names:
        flows = [Flow(asset="s", kw=30), Flow(asset="m", energy="grid_import_kwh", kw=30)]
        refs.append(
            part(folder / "parts" / "s", "s", flows, use_case=UseCase.PEAK_SHAVING, of=show)
        )
    inputs = structs.replace(inputs_of(refs, to_ms=to_ms), event=show)
    read = read_parts(inputs, folder)
    return event_report(inputs, read.parts, read.missing)


@pytest.mark.parametrize("names", ["", "l", "s", "ls"])
def test_what_no_generator_would_have_served_is_in_no_saving(names: str, tmp_path: Path) -> None:
    """A baseline set at 20 kW burns 9 L in the hour, 4 were burnt: 5 L, whatever else was there.
    The load of all systems stays in the report's own figures."""
    found = reported(tmp_path, names)
    assert found.saving.without_us is not None
    assert found.saving.without_us.fuel_l == 9.0
    assert found.saving.saved_l == 5.0
    assert found.saving.valid
    said = [note.text for note in found.notes if note.code == "saving-of"]
    assert len(said) == bool(names)
    assert all(f"n1/{name}" in said[0] for name in names)
    assert found.energy.load_kwh == 20.0 + 50.0 * ("l" in names) + 30.0 * ("s" in names)


def test_time_in_which_nobody_took_part_is_no_gap(tmp_path: Path) -> None:
    """The event goes on for another hour without any system: one hour is compared."""
    found = reported(tmp_path, "", to_ms=START + 2 * HOUR)
    assert found.saving.compared_h == 1.0
    assert not [note for note in found.notes if note.code == "baseline-unseen"]
    assert HOUR == 60 * MINUTE_MS
