"""What a receiver holds of devices in trouble: nothing that was not measured, nothing under
another's name."""

import pytest

from collector.simulator import Fault, FaultKind
from tests.support.proof import Proof
from tests.support.whole import LIVE, STALE, WRONG, device_of, site, statuses

pytestmark = pytest.mark.timeout(120)


async def delivered(node):
    """Wait until the sink has delivered what was journaled by now."""
    goal = node.snapshot.journal.head
    await node.until(
        lambda: node.snapshot.sinks[0].head >= goal and not node.snapshot.sinks[0].owed_batches, 20
    )


def of_device(proof, device):
    """The device's series that hold samples, canonical and raw."""
    return [
        series
        for name, found in proof.series.items()
        if not name.startswith("ovr_node_")
        for series in found
        if series["metric"].get("device") == device
        or series["metric"].get("asset", "").partition(".")[0] == device
    ]


async def test_silent_meter_ends(tmp_path, victoriametrics):
    """A meter that falls silent gets one stale marker on each of its series as the last sample,
    and nothing after; its neighbours go on; once it answers again its series go on."""
    server = victoriametrics()
    sinks = {"local": {"url": server.url}}
    async with site(tmp_path, 8, node_toml={"sinks": sinks}) as (sim, node):
        meter = device_of(sim, "acuvim")
        await sim.inject(Fault(kind=FaultKind.LINK_DOWN, target=meter, for_s=12))
        await node.until(lambda: statuses(node, meter) == {STALE}, 15)
        stale_ms = node.snapshot.at_ms
        await node.ticks(3)
        await delivered(node)
        proof = Proof(server, "n1")
        theirs = of_device(proof, meter)
        assert len(theirs) > 20
        for series in theirs:
            assert series["timestamps"][-1] == stale_ms, series["metric"]
            assert [n for n, v in enumerate(series["values"]) if v is None] == [
                len(series["values"]) - 1
            ], series["metric"]
        assert max(proof.samples) > stale_ms
        await node.until(lambda: statuses(node, meter) == {LIVE}, 60)
        await node.ticks(2)
        await delivered(node)
        again = of_device(Proof(server, "n1"), meter)
        assert {s["metric"]["__name__"] for s in again} == {s["metric"]["__name__"] for s in theirs}
        assert all(series["values"][-1] is not None for series in again)
        assert Proof(server, "n1").broken() == []


async def test_exchanged_systems_are_never_mixed(tmp_path, victoriametrics):
    """Before, while and after two GX answer at each other's address, every raw sample stands under
    the device whose portal id it came from, and no register of one is booked to the other."""
    server = victoriametrics()
    sinks = {"local": {"url": server.url}}
    async with site(tmp_path, 12, node_toml={"sinks": sinks}) as (sim, node):
        names = [d["id"] for d in sim.devices if d["kind"] == "gx"][:2]
        fault = Fault(kind=FaultKind.ADDRESSES_EXCHANGED, target=",".join(names), for_s=20)
        await sim.inject(fault)
        await node.until(lambda: all(statuses(node, name) == {WRONG} for name in names), 40)
        await node.ticks(2)
        await node.until(lambda: all(LIVE in statuses(node, name) for name in names), 60)
        await node.ticks(2)
        await delivered(node)
        proof = Proof(server, "n1")
        assert proof.broken() == []
        register = "victron_battery_history_charged_energy"
        first, second = (proof.values(register, device=name)[0] for name in names)
        assert abs(first - second) > 20, "registers are alike: the test proves nothing"
        for name in names:
            raw = [s for s in of_device(proof, name) if "portal_id" in s["metric"]]
            assert len(raw) > 100
            assert {s["metric"]["portal_id"] for s in raw} == {sim.portal_ids[name]}
            totals = proof.values("ovr_battery_charged_kwh", asset=name)
            assert len(totals) > 1
            assert totals == sorted(totals), "an own total fell"
            assert totals[-1] - totals[0] < 2, "energy of the other GX was booked"
