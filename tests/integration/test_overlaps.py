"""Every overlap of one site, through the whole collector, over the real protocols: each flow
counts once, and the totals are the plant's own. (`python -m scripts.overlaps` does it for energies,
over an hour in virtual time.)"""

from collections.abc import Sequence
from contextlib import asynccontextmanager

from collector.model.kinds import AssetStatus
from collector.model.snapshot import Total
from collector.simulator import SimulatedSite
from collector.simulator.overlaps import OVERLAPS
from collector.simulator.truth import Truth
from tests.support.nodes import make_home, running

ASSETS = sum(block.assets for block in OVERLAPS)
POWERS = ("load_power_w", "generator_power_w", "pv_power_w", "grid_power_w", "battery_power_w")
PART = 0.005
TICKS = 15
READ_S = 4
"""A total is made of readings that are up to so many seconds old."""


@asynccontextmanager
async def overlapping(tmp_path):
    """The site and its node, once everything lives."""
    async with (
        SimulatedSite(blocks=OVERLAPS) as sim,
        running(make_home(tmp_path, sim.devices, sim.assets)) as node,
    ):
        await node.until(
            lambda: (
                len(node.snapshot.assets) >= ASSETS
                and all(a.status is AssetStatus.LIVE for a in node.snapshot.assets)
            ),
            40,
        )
        yield sim, node


def apart(total: Total, quantity: str, seen: Sequence[Truth], slack: float) -> float:
    """By how much a total is outside of what was true lately. Each device that counts in it may
    have been read at another moment."""
    sums = [moment.total_power[quantity] for moment in seen]
    room = PART * max(map(abs, sums)) + slack
    if len(total.counted) > 1:
        for asset in total.counted:
            room += _spread([moment.power[asset][quantity] for moment in seen])
    value = total.value or 0.0
    return max(0.0, min(sums) - room - value, value - max(sums) - room)


def _spread(values: Sequence[float]) -> float:
    return max(values) - min(values)


async def test_each_flow_counts_once(tmp_path):
    """The generator that a GX, a meter and its controller measure, the stage behind the battery
    system, the inverter that the GX sees too, the feed with a meter inside and one outside: at
    every tick each total is what the plant says, to 0.5 %."""
    async with overlapping(tmp_path) as (sim, node):
        true: list[Truth] = []
        wrong: dict[str, float] = {}
        begin_kwh = node.snapshot.today["load_energy_kwh"].value or 0.0
        zero = dict(sim.truth().total_energy)
        for _ in range(TICKS):
            await node.ticks(1)
            true.append(sim.truth())
            for quantity in POWERS if len(true) >= READ_S else ():
                total = node.snapshot.totals[quantity]
                assert not total.partial, quantity
                assert total.value is not None
                off = apart(total, quantity, true[-READ_S:], slack=30.0)
                wrong[quantity] = max(wrong.get(quantity, 0.0), off)
        assert wrong == dict.fromkeys(POWERS, 0.0)
        energy = (node.snapshot.today["load_energy_kwh"].value or 0.0) - begin_kwh
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
