"""Fronius inverters on the simulated site, through the whole collector."""

import pytest

from collector.simulator import Fault, FaultKind, SimulatedSite
from tests.support.nodes import make_home, running
from tests.support.whole import LIVE, site

STANDSTILL = 1e-9
"""A speed at which the plant's figures stand, so that every device says the same moment."""
FAST = 40.0


async def test_an_inverter_that_a_gx_sees_too(tmp_path):
    """A Fronius under a GX, by its own Modbus and as the GX' PV inverter, is one thing and counts
    once: solar power of the site is the plant's own within 0.5 %, and both say the same energy."""
    async with site(tmp_path, 12, speed=STANDSTILL) as (sim, node):
        pv = next(d["id"] for d in sim.devices if d["kind"] == "fronius")
        twin = next(a.id for a in node.snapshot.assets if ".pvinverter-" in a.id)
        assert node.asset(twin).serial == node.asset(pv).serial
        assert any("same serial" in link for link in node.asset(twin).links), node.asset(twin)
        for total in (node.snapshot.totals["pv_power_w"], node.snapshot.today["pv_energy_kwh"]):
            assert twin not in total.counted
            counted = {node.asset(name).device for name in total.counted}
            assert counted == {"bess-1", "bess-2"}, "the roof is a part of what its GX tells"

        def power_is_true():
            true = sim.truth().total_power["pv_power_w"]
            roof = sim.truth().power[pv]["pv_power_w"]
            assert roof > 0.2 * true, "the roof is small: the test proves nothing"
            told = node.snapshot.totals["pv_power_w"]
            return not told.partial and told.value == pytest.approx(true, rel=0.005)

        await node.until(power_is_true, 15)
        await node.ticks(6)  # every register has been told since the plant stands
        before = [node.value(name, "pv_energy_kwh") for name in (pv, twin)]
        true_before = sim.truth().energy[pv]["pv_energy_kwh"]
        sim.speed = FAST
        await node.ticks(6)
        sim.speed = STANDSTILL
        await node.ticks(6)
        true = sim.truth().energy[pv]["pv_energy_kwh"] - true_before
        assert true > 0.3
        for name, kwh in zip((pv, twin), before, strict=True):
            grown = node.value(name, "pv_energy_kwh") - kwh
            assert grown == pytest.approx(true, rel=0.005, abs=0.002), name


async def test_a_node_that_starts_beside_a_fronius_without_modbus(tmp_path):
    """Its Modbus is off: the inverter and its meter live by the Solar API, say so, and the totals
    are whole."""
    off = Fault(kind=FaultKind.MODBUS_OFF, target="pv-2")
    async with SimulatedSite(assets=14, speed=STANDSTILL) as sim:
        await sim.inject(off)
        home = make_home(tmp_path, sim.devices, sim.assets)
        async with running(home) as node:
            await node.until(lambda: node.asset("pv-2.meter").status is LIVE, 15)
            asset = node.asset("pv-2")
            assert asset.status is LIVE
            assert any(note.startswith("Read by its Solar API") for note in asset.notes)
            true = sim.truth().power["pv-2"]["pv_power_w"]
            assert node.value("pv-2", "pv_power_w") == pytest.approx(true)
            assert node.value("pv-2.meter", "grid_power_w") == pytest.approx(
                sim.truth().power["pv-2.meter"]["grid_power_w"]
            )
