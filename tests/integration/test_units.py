"""Devices change places and are replaced by others, in the middle of a show: with real brokers and
servers, through the whole collector and by its commands, nothing goes to the wrong name."""

import asyncio
import json
import time
from contextlib import asynccontextmanager

from msgspec import structs

from collector.model.assignment import About, Fact, Timeline
from collector.model.kinds import AssetStatus
from collector.model.outbox import KINDS
from collector.simulator import Fault, FaultKind
from collector.simulator.gx import supply
from collector.simulator.meters.acuvim import Setup, acuvim_ii
from collector.simulator.meters.point import Point
from collector.simulator.physics.direct import MainsLoad
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.noise import stream
from collector.simulator.physics.sun import Sun
from collector.simulator.server_modbus import ModbusServer
from tests.support.nodes import make_home, running
from tests.support.ports import free_port
from tests.support.processes import said as ovr
from tests.support.whole import LIVE, WRONG, site, statuses

FAST_S = 40.0
"""Seconds of the load for each second of the clock, so that kilowatt-hours come about."""


class Feeder:
    """A load, and the meters that can be put onto it."""

    def __init__(self) -> None:
        self.port = free_port()
        self.sun = Sun(stream(1, "sun"))
        self.load = MainsLoad(LoadSpec(base_w=40_000, show_w=20_000), 1, "feeder")
        self._step()
        self._server: ModbusServer | None = None

    def _step(self) -> None:
        self.load.step(FAST_S / 4, 20.0, self.sun)

    async def put(self, serial: str, shows_kwh: float) -> None:
        """This meter measures from now on; it has counted so much elsewhere."""
        if self._server is not None:
            await self._server.stop()
        point = Point(self.load.served, stream(1, serial), shows_kwh)
        setup = Setup(primary=True, ct=(200, 5), serial=serial)
        self._server = ModbusServer({1: acuvim_ii(point, setup, 1, time.time)})
        await self._server.start(self.port)

    @asynccontextmanager
    async def flowing(self):
        """Energy flows while the block runs."""

        async def flow() -> None:
            while True:
                await asyncio.sleep(0.25)
                self._step()

        task = asyncio.create_task(flow())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self._server is not None:
                await self._server.stop()

    @property
    def true_kwh(self) -> float:
        return self.load.served.forward_wh / 1000


async def test_a_meter_that_shows_5000_kwh_more_replaces_another(tmp_path):
    """Another meter answers: nothing of it is used, and the asset says what can be done. A person
    says that it was swapped, two minutes ago: it lives at once, its 5,000 kWh are nobody's, and
    the book, which the cloud gets too, knows which unit stood there when."""
    async with Feeder().flowing() as feeder:
        await feeder.put("AH100", 100.0)
        device = {"id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": feeder.port,
                  "unit": 1, "asset_kind": "load"}  # fmt: skip
        home = make_home(tmp_path, [device], [{"id": "stage-a", "rated_kva": 10_000.0}])
        async with running(home) as node:

            def energy() -> float:
                return node.value("stage-a", "load_energy_kwh") or 0.0

            await node.until(lambda: energy() > 0.5)
            began_kwh = feeder.true_kwh - energy()
            await feeder.put("AH200", 5100.0)
            await node.until(lambda: node.asset("stage-a").status is AssetStatus.WRONG)
            before = energy()
            reason = node.asset("stage-a").reason
            for choice in ("move stage-a --seek", "swap stage-a", "forget stage-a"):
                assert f"ovr asset {choice}" in reason
            await node.ticks(2)
            assert energy() == before
            lost_kwh = feeder.true_kwh
            said = await ovr(
                tmp_path, "asset", "swap", "stage-a", "--unit", "M13", "--at", "2m ago",
                "--reason", "burnt out",
            )  # fmt: skip
            assert "AH200 is pinned" in said
            await node.until(lambda: energy() > before, 8)
            lost_kwh = feeder.true_kwh - lost_kwh
            await node.ticks(3)
            counted = feeder.true_kwh - began_kwh
            assert energy() <= counted + 0.2
            assert energy() >= counted - lost_kwh - 5
            await _the_book_knows(node, tmp_path)


async def _the_book_knows(node, folder) -> None:
    found = json.loads(await ovr(folder, "asset", "assignments", "stage-a", "--json"))
    names = {(one["key"], one["value"]): one for one in found["held"] if one["what"] == "unit"}
    swap = names["serial", "AH200"]
    assert (swap["reason"], swap["to_ms"]) == ("burnt out", None)
    assert names["number", "M13"]["from_ms"] == swap["from_ms"]
    assert abs(time.time() * 1000 - 120_000 - swap["from_ms"]) < 30_000
    line = Timeline(await node.collector.parts.desks.units.book.read())
    assert line.unit("stage-a", swap["from_ms"] - 1) != "M13"
    assert line.unit("stage-a", swap["from_ms"]) == "M13"
    assert line.at(About("stage-a", Fact.UNIT, "serial"), swap["from_ms"]) == "AH200"
    items = await node.collector.parts.outbox.items("assignments", "waiting", 100)
    assert "assignments" in KINDS
    assert {one.record_id for one in items} == {one["id"] for one in found["statements"]} | {
        one.id for one in await node.collector.parts.desks.units.book.read()
    }
    audit = json.loads(await ovr(folder, "audit", "--json"))
    assert any(one["deed"]["action"] == "swap" for one in audit["entries"])


async def test_two_gx_that_have_changed_places_are_found(tmp_path):
    """Two GX answer at each other's address. `ovr asset move --seek` finds them: each entry goes
    to where its own device is, and goes on with its own register; not a kilowatt-hour of one is
    booked to the other."""
    async with site(tmp_path, 12) as (sim, node):
        one, two = [d["id"] for d in sim.devices if d["kind"] == "gx"][:2]
        ports = {d["id"]: d["port"] for d in sim.devices}

        def totals() -> dict[str, float]:
            counters = node.collector.parts.site.counters
            return {
                f"{asset} {measurement}": state.total
                for (asset, measurement), state in counters.items()
                if asset.partition(".")[0] in (one, two) and measurement.endswith("_kwh")
            }

        before = totals()
        assert len(before) > 4
        line = Timeline(await node.collector.parts.desks.units.book.read())
        for name in (one, two):
            serial = About(name, Fact.UNIT, "serial")
            assert line.at(serial, node.snapshot.at_ms + 60_000) == sim.portal_ids[name]
        behind = {about.asset for about in line.facts if "." in about.asset}
        assert behind, "a GX tells the serials of what it reads"
        fault = Fault(kind=FaultKind.ADDRESSES_EXCHANGED, target=f"{one},{two}", for_s=600)
        await sim.inject(fault)
        await node.until(lambda: all(statuses(node, name) == {WRONG} for name in (one, two)), 40)
        said = await ovr(tmp_path, "asset", "move", one, "--seek", "--reason", "re-rigged")
        assert f"{one} is at 127.0.0.1:{ports[two]}" in said
        assert f"{two} is at 127.0.0.1:{ports[one]}" in said
        await node.until(lambda: all(statuses(node, name) <= {LIVE} for name in (one, two)), 30)
        await node.ticks(2)
        for name in (one, two):
            image = node.collector.parts.site.images[name]
            assert image.identity is not None
            assert image.identity.serial == sim.portal_ids[name]
        after = totals()
        for key, total in before.items():
            assert 0 <= after[key] - total < 2, key


async def test_a_generator_behind_a_gx_is_swapped(tmp_path):
    """While its GX restarts a generator is replaced by one that has delivered 5,000 kWh more: the
    asset stays, the energy is nobody's, and the book knows from when on it was another unit."""
    async with site(tmp_path, 8) as (sim, node):
        device = next(d["id"] for d in sim.devices if d["kind"] == "gx")
        genset, station = f"{device}.genset", sim._stations[device]
        key = (genset, "generator_energy_kwh")
        counters = node.collector.parts.site.counters
        await node.until(lambda: key in counters)
        before = counters[key]
        await sim.inject(Fault(kind=FaultKind.GX_REBOOT, target=device, for_s=3))
        plan = station.plan
        other = structs.replace(
            plan, genset_serial="00NEW77", lifetime_kwh=plan.lifetime_kwh + 5000
        )
        station.gx.services["genset/1"] = supply.genset(other, plan.bess.genset)
        await node.until(lambda: counters[key].unit == "00NEW77", 60)
        await node.ticks(2)
        after = counters[key]
        assert after.raw > before.raw + 4999
        assert before.total <= after.total < before.total + 1
        assert LIVE in statuses(node, device)
        line = Timeline(await node.collector.parts.desks.units.book.read(genset))
        held = [one.value for one in line.held(0, 10**15) if one.key == "serial"]
        assert held == [plan.genset_serial, "00NEW77"]
