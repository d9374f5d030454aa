"""The AC inputs: what feeds them changes while the collector runs, and each kWh goes under the name
of what delivered it."""

import pytest

from tests.victron.stage import Stage

MAIN = "bess-1"
HOUR = 3600
ENERGIES = ("grid_import_kwh", "generator_energy_kwh")

BARE = {
    "vebus/276/ProductName": "Quattro",
    "vebus/276/Ac/Out/L1/P": 1000,
    "vebus/276/Ac/NumberOfAcInputs": 2,
    "vebus/276/Ac/ActiveIn/ActiveInput": 0,
    "vebus/276/Ac/ActiveIn/L1/P": 3000,
    "settings/0/Settings/SystemSetup/AcInput1": 1,
    "settings/0/Settings/SystemSetup/AcInput2": 2,
}
"""A GX without a summary of its own."""


def summed(grid: object, genset: object, source: int) -> dict[str, object]:
    """The summary of systemcalc: grid and generator, and which of them feeds the inverter."""
    return {
        "system/0/Ac/Grid/L1/Power": grid,
        "system/0/Ac/Genset/L1/Power": genset,
        "system/0/Ac/ActiveIn/Source": source,
        "system/0/Ac/Consumption/L1/Power": 1000,
    }


def booked(stage: Stage, grid: float, generator: float) -> bool:
    """Whether the battery system has booked so many kWh of each."""
    told = [stage.kwh(MAIN, each) for each in ENERGIES]
    return told == pytest.approx([grid, generator], abs=0.02)


@pytest.mark.parametrize(
    ("change", "source"),
    [
        ({"vebus/276/Ac/ActiveIn/ActiveInput": 1}, 2.0),
        ({"settings/0/Settings/SystemSetup/AcInput1": 2}, 2.0),
        ({"system/0/Ac/In/0/Source": 2}, 2.0),
        ({"vebus/276/Ac/In/1/Type": 2}, 2.0),
    ],
)
def test_from_grid_to_generator(change: dict[str, object], source: float) -> None:
    """The transfer switch takes the other input, or somebody sets what hangs at the input: an hour
    of 3 kW before it is grid, an hour after it generator, and neither jumps."""
    stage = Stage()
    stage.run(BARE, HOUR)
    assert stage.value(MAIN, "ac_source") == 1.0
    assert booked(stage, 3, 0)
    stage.run(change, HOUR)
    assert stage.value(MAIN, "ac_source") == source
    assert stage.value(MAIN, "grid_power_w") is None
    assert stage.value(MAIN, "generator_power_w") == 3000.0
    assert booked(stage, 3, 3)


def test_shore_is_grid_and_unused_is_nobody() -> None:
    """Shore power is booked as grid; power at an input that is called unused under no name."""
    stage = Stage()
    stage.run(BARE | {"settings/0/Settings/SystemSetup/AcInput1": 3}, HOUR)
    assert stage.value(MAIN, "ac_source") == 3.0
    assert booked(stage, 3, 0)
    stage.run({"settings/0/Settings/SystemSetup/AcInput1": 0}, HOUR)
    assert stage.value(MAIN, "ac_source") is None
    assert booked(stage, 3, 0)


def test_the_summary_follows() -> None:
    """So it is with the GX's own summary, whose grid ends as its generator begins."""
    stage = Stage()
    stage.run(BARE | summed(3000, None, 1), HOUR)
    stage.run(summed(None, 3000, 2), HOUR)
    stage.run(summed(None, None, 240), HOUR)
    assert stage.value(MAIN, "ac_source") == 240.0
    assert booked(stage, 3, 3)


def test_a_meter_that_is_set_to_another_role() -> None:
    """A meter with 5,000 kWh in its register is made the generator's meter: the grid's asset is
    gone, the generator's begins at nothing, and from then on it counts what the register does."""
    stage = Stage()
    grid = {
        "grid/30/Serial": "BP98305",
        "grid/30/Ac/Power": 3000,
        "grid/30/Ac/Energy/Forward": 5000.0,
    }
    stage.run(BARE | summed(3000, None, 1) | grid, 600)
    stage.run({"grid/30/Ac/Energy/Forward": 5000.5}, 600)
    assert stage.kwh("bess-1.grid", "grid_import_kwh") == pytest.approx(0.5)
    gone = dict.fromkeys(grid, ...)
    genset = {tail.replace("grid/30", "genset/30"): value for tail, value in grid.items()}
    stage.run(gone | genset | summed(None, 3000, 2), 600)
    stage.run({"genset/30/Ac/Energy/Forward": 5001.0}, 600)
    assert stage.site.asset("bess-1.grid").status == "lost"
    assert stage.kwh("bess-1.genset", "generator_energy_kwh") == pytest.approx(1.0)
    assert stage.value("bess-1.genset", "generator_power_w") == 3000.0
    total = stage.site.taken.totals["generator_power_w"]
    assert (total.value, total.counted) == (3000.0, ("bess-1.genset",))


def test_the_registers_of_a_vebus_are_no_energy() -> None:
    """They stand in the memory of the GX, jump and begin anew: whatever they say, energies are the
    integrals of powers."""
    stage = Stage()
    registers = {f"vebus/276/Energy/{each}": 900.0 for each in ("AcIn1ToAcOut", "AcIn1ToInverter")}
    stage.run(BARE | registers, HOUR)
    stage.run(dict.fromkeys(registers, 0.0), 600)
    stage.run(dict.fromkeys(registers, 50_000.0), 600)
    assert booked(stage, 4, 0)
    assert stage.kwh(MAIN, "load_energy_kwh") == pytest.approx(4 / 3, abs=0.02)


def test_a_generator_that_is_swapped() -> None:
    """Another set with a register of its own stands in place of the first: the asset goes on, as
    does all that is linked to it, and its total rises by what each of them delivered, no more."""
    stage = Stage()
    first = {"genset/9/Serial": "DSE-0001", "genset/9/Ac/Power": 5000, "genset/9/StatusCode": 8}
    second = first | {"genset/9/Serial": "DSE-0777"}
    energy, hours = "genset/9/Ac/Energy/Forward", "genset/9/Engine/OperatingHours"
    stage.run(BARE | summed(None, 5000, 2) | first | {energy: 900.0, hours: 3_600_000}, 60)
    stage.run({energy: 901.0, hours: 3_600_060}, 60)
    stage.run(dict.fromkeys((*first, energy, hours), ...), 120)
    assert stage.site.asset("bess-1.genset").status == "lost"
    stage.run(second | {energy: 5000.0, hours: 90_000}, 60)
    stage.run({energy: 5000.5, hours: 90_060}, 60)
    asset = stage.site.asset("bess-1.genset")
    assert (asset.status, asset.serial) == ("live", "DSE-0777")
    assert stage.kwh("bess-1.genset", "generator_energy_kwh") == pytest.approx(1.5)
    assert stage.kwh("bess-1.genset", "generator_run_s") == pytest.approx(120)
    assert {a.id for a in stage.site.taken.assets} == {MAIN, "bess-1.genset"}
