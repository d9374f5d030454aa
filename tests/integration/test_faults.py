"""What goes wrong on a site, through the whole collector, over the real protocols."""

import pytest

from collector.simulator import Fault, FaultKind
from tests.support.whole import LIVE, STALE, WRONG, device_of, site, statuses


async def test_totals_are_the_truth(tmp_path):
    """With meters behind and beside each other each flow counts once: the plant's own totals."""
    async with site(tmp_path) as (sim, node):

        def true():
            truth = sim.truth().total_power
            for quantity in ("load_power_w", "generator_power_w", "pv_power_w", "grid_power_w"):
                total = node.snapshot.totals[quantity]
                assert not total.partial
                assert total.value == pytest.approx(truth[quantity], rel=0.05, abs=1000)
            return True

        await node.until(true, 15)
        load = node.snapshot.totals["load_power_w"]
        parts = {a.id for a in node.snapshot.assets if "load_power_w" in a.readings}
        assert parts - set(load.counted), "no overlap: the test proves nothing"


async def test_link_down(tmp_path):
    """A meter's link breaks: stale within 15 s, out of the total, which is partial; then back."""
    async with site(tmp_path) as (sim, node):
        meter = next(
            d["id"]
            for d in sim.devices
            if d["id"] in node.snapshot.totals["load_power_w"].counted and d["kind"] == "acuvim"
        )
        await sim.inject(Fault(kind=FaultKind.LINK_DOWN, target=meter, for_s=12))
        await node.until(lambda: statuses(node, meter) == {STALE}, 15)
        total = node.snapshot.totals["load_power_w"]
        assert meter in total.left_out
        assert total.partial
        samples = [
            a.readings["load_power_w"].quality for a in node.snapshot.assets if a.id == meter
        ]
        assert samples == ["stale"]
        await node.until(lambda: statuses(node, meter) == {LIVE}, 60)
        await node.until(lambda: not node.snapshot.totals["load_power_w"].partial, 10)


async def test_frozen_heartbeat(tmp_path):
    """A GX whose connection stands but which says nothing is stale, not shown live."""
    async with site(tmp_path, 8) as (sim, node):
        gx = device_of(sim, "gx")
        await sim.inject(Fault(kind=FaultKind.FROZEN_HEARTBEAT, target=gx, for_s=35))
        await node.until(lambda: statuses(node, gx) == {STALE}, 30)
        await node.until(lambda: LIVE in statuses(node, gx), 60)


async def test_lost_unit_beside_a_live_one(tmp_path):
    """A unit that is silent behind a shared gateway goes stale; its neighbours stay live."""
    async with site(tmp_path) as (sim, node):
        ports: dict[int, list[str]] = {}
        for d in sim.devices:
            if d["kind"] == "acuvim":
                ports.setdefault(d["port"], []).append(d["id"])
        units = next(ids for ids in ports.values() if len(ids) > 1)
        await sim.inject(Fault(kind=FaultKind.DEVICE_LOST, target=units[0], for_s=20))
        await node.until(lambda: statuses(node, units[0]) == {STALE}, 15)
        for _ in range(5):
            await node.ticks(1)
            for neighbour in units[1:]:
                assert statuses(node, neighbour) == {LIVE}


async def test_exchanged_addresses(tmp_path):
    """Two GX exchange their addresses: both are wrong devices, nothing is booked, and when they
    are back where they belong they live again."""
    async with site(tmp_path, 12) as (sim, node):
        pair = [d["id"] for d in sim.devices if d["kind"] == "gx"][:2]
        await node.ticks(3)
        before = {name: node.value(name, "battery_charged_kwh") for name in pair}
        fault = Fault(kind=FaultKind.ADDRESSES_EXCHANGED, target=",".join(pair), for_s=20)
        await sim.inject(fault)
        await node.until(lambda: all(statuses(node, name) == {WRONG} for name in pair), 40)
        for name in pair:
            source = next(s for s in node.snapshot.sources if s.device == name)
            assert source.state == "wrong device"
            assert "expected" in source.cause
            assert name in node.snapshot.totals["load_power_w"].left_out
        await node.until(lambda: all(LIVE in statuses(node, name) for name in pair), 60)
        for name in pair:
            grown = node.value(name, "battery_charged_kwh") - before[name]
            assert 0 <= grown < 2, "energy of the other GX was booked"


async def test_meter_reset(tmp_path):
    """A meter's register goes back to zero: our own total goes on and never falls."""
    async with site(tmp_path, 12, speed=1.0) as (sim, node):
        meter = next(
            d["id"] for d in sim.devices if d["kind"] == "acuvim" and d["asset_kind"] == "load"
        )
        await node.ticks(2)
        before = node.value(meter, "load_energy_kwh")
        await sim.inject(Fault(kind=FaultKind.METER_RESET, target=meter))
        last = before
        for _ in range(8):
            await node.ticks(1)
            now = node.value(meter, "load_energy_kwh")
            assert now >= last
            last = now
        assert last - before < 1
