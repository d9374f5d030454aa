"""Every overlap of one site, through the whole collector, over the real protocols: each flow
counts once, and the totals are the plant's own."""

from collections.abc import Sequence
from contextlib import asynccontextmanager
from typing import Any

from collector.model.kinds import AssetStatus
from collector.simulator import SimulatedSite
from collector.simulator.overlaps import OVERLAPS
from tests.support.nodes import make_home, running

ASSETS = sum(block.assets for block in OVERLAPS)
POWERS = ("load_power_w", "generator_power_w", "pv_power_w", "grid_power_w", "battery_power_w")
FAST = 100.0
REGISTERS = {"generator_energy_kwh": ("dse-1", 0.3), "grid_import_kwh": ("feed-1", 0.3)}
"""Which register is of record, and what flows in the second between its reading and the look at
the plant (100 s of the plant), as far as that is not the same at both ends."""
PART = 0.005
STEP_KWH = 0.1
"""The coarsest register of record."""
TICKS = 15
READ_S = 4
"""A total is made of readings that are up to so many seconds old."""
RATED = ("rated_kva", "rated_kw", "inverter_kva")


@asynccontextmanager
async def overlapping(tmp_path, speed: float = 1.0):
    """The site and its node, once everything lives."""
    async with SimulatedSite(blocks=OVERLAPS, speed=speed) as sim:
        assets = [_faster(entry, speed) for entry in sim.assets]
        async with running(make_home(tmp_path, sim.devices, assets)) as node:
            await node.until(
                lambda: (
                    len(node.snapshot.assets) >= ASSETS
                    and all(a.status is AssetStatus.LIVE for a in node.snapshot.assets)
                ),
                40,
            )
            yield sim, node


def _faster(entry: dict[str, Any], speed: float) -> dict[str, Any]:
    """A plant that runs faster than the clock has its registers rise so much faster."""
    return {key: value * speed if key in RATED else value for key, value in entry.items()}


def apart(value: float, seen: Sequence[float], slack: float) -> float:
    """By how much a value is outside of what was true lately."""
    least, most = min(seen), max(seen)
    room = PART * max(abs(least), abs(most)) + slack
    return max(0.0, least - room - value, value - most - room)


async def test_each_flow_counts_once(tmp_path):
    """The generator that a GX, a meter and its controller measure, the stage behind the battery
    system, the inverter that the GX sees too, the feed with a meter inside and one outside: at
    every tick of half a minute each total is what the plant says, to 0.5 %."""
    async with overlapping(tmp_path) as (sim, node):
        true: list[dict[str, float]] = []
        wrong: dict[str, float] = {}
        begin = {q: node.snapshot.today[q].value or 0.0 for q in ("load_energy_kwh",)}
        zero = dict(sim.truth().total_energy)
        for _ in range(TICKS):
            await node.ticks(1)
            true.append(dict(sim.truth().total_power))
            for quantity in POWERS if len(true) >= READ_S else ():
                total = node.snapshot.totals[quantity]
                assert not total.partial, quantity
                assert total.value is not None
                seen = [moment[quantity] for moment in true[-READ_S:]]
                wrong[quantity] = max(
                    wrong.get(quantity, 0.0), apart(total.value, seen, slack=30.0)
                )
        assert wrong == dict.fromkeys(POWERS, 0.0)
        energy = (node.snapshot.today["load_energy_kwh"].value or 0.0) - begin["load_energy_kwh"]
        truly = sim.truth().total_energy["load_energy_kwh"] - zero["load_energy_kwh"]
        assert abs(energy - truly) <= PART * truly + truly * 2 / TICKS, "a second at either end"
        _every_overlap(node)


def _every_overlap(node) -> None:
    """Which asset counts for which flow, and what checks it."""
    totals = node.snapshot.totals
    checks = {
        quantity: {(check.asset, check.of) for check in total.checks}
        for quantity, total in totals.items()
    }
    generator = totals["generator_power_w"]
    assert generator.counted == ("dse-1",)
    assert {("gen-1", "dse-1"), ("bess-1.genset", "dse-1")} <= checks["generator_power_w"]
    grid = totals["grid_power_w"]
    assert "feed-1" in grid.counted
    assert ("bess-2.grid", "feed-1") in checks["grid_power_w"]
    assert not {"bess-2", "bess-2.grid"} & set(grid.counted)
    loads = totals["load_power_w"]
    assert not {"stage-1", "stage-2"} & set(loads.counted)
    assert {"stage-1", "stage-2"} <= {c for r in loads.remainders for c in r.children}
    pv = totals["pv_power_w"]
    seen_twice = {check for check, _ in checks["pv_power_w"] if ".pvinverter-" in check}
    assert seen_twice, "the inverter that its GX sees is a check of it"
    assert not seen_twice & set(pv.counted)
    assert all(not total.unverified for total in totals.values())


async def test_energies_of_registers(tmp_path):
    """The same plant, a hundred times as fast: what the registers of record counted in a third of
    an hour, of three that see the generator and two that see the feed, is what truly flowed."""
    async with overlapping(tmp_path, FAST) as (sim, node):
        begin, zero = await _at_a_reading(sim, node)
        await node.ticks(8)
        end, truth = await _at_a_reading(sim, node)
        for quantity, (counted, late_kwh) in REGISTERS.items():
            assert counted in node.snapshot.today[quantity].counted
            truly = truth[quantity] - zero[quantity]
            assert truly > 1
            room = PART * truly + 2 * STEP_KWH + late_kwh
            assert abs(end[quantity] - begin[quantity] - truly) <= room, (quantity, truly)


async def _at_a_reading(sim, node) -> tuple[dict[str, float], dict[str, float]]:
    """The totals when the controller, which is asked for its energy every five seconds, has just
    been; and the plant's."""
    before = node.value("dse-1", "generator_energy_kwh")
    await node.until(lambda: node.value("dse-1", "generator_energy_kwh") != before)
    found = {quantity: node.snapshot.today[quantity].value or 0.0 for quantity in REGISTERS}
    return found, dict(sim.truth().total_energy)
