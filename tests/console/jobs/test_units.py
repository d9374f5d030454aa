"""Which unit stands where, and what measures the same, by keyboard alone on a real collector: one
flow with several meters on it, whose registers count."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.simulator.meters.acuvim import Setup, acuvim_ii
from collector.simulator.meters.point import Point
from collector.simulator.physics.flow import Bus, Flow
from collector.simulator.physics.noise import stream
from collector.simulator.server_modbus import ModbusServer
from collector.site import twins
from collector.wire import AssignmentsAnswer
from tests.console.jobs.test_devices import console, meter, typed
from tests.console.jobs.test_devices_more import app_of, choose, live, screen
from tests.console.readers import shows
from tests.support.ports import free_port

STEP_S = 2.0


class Feeder:
    """A load of 300 to 420 kW, and the meters that stand in its feed."""

    def __init__(self) -> None:
        self.bus = Bus(stream(1, "bus"))
        self.served = Flow(self.bus)
        self.step(100_000.0)
        self._servers: list[ModbusServer] = []

    def step(self, watts: float) -> None:
        """Two seconds with so many watts on each phase."""
        self.bus.step(STEP_S, live=True)
        self.served.carry([watts] * 3, [0.0] * 3, STEP_S)

    async def meter(self, serial: str, first_kwh: float, port: int = 0) -> int:
        """One more meter, with what its register shows; the port at which it answers."""
        point = Point(self.served, stream(1, serial), first_kwh)
        setup = Setup(primary=True, ct=(2000, 5), serial=serial)
        server = ModbusServer({1: acuvim_ii(point, setup, 1, time.time)})
        self._servers.append(server)
        port = port or free_port()
        await server.start(port)
        return port

    async def run(self) -> None:
        """Time goes on: the load moves, registers count."""
        for watts in itertools.cycle((100_000.0, 100_000.0, 140_000.0, 140_000.0)):
            await asyncio.sleep(STEP_S)
            self.step(watts)

    async def take_away(self) -> None:
        """The meter that was added last is disconnected."""
        await self._servers.pop().stop()

    async def end(self) -> None:
        """No meter is left."""
        while self._servers:
            await self.take_away()


@asynccontextmanager
async def feeder() -> AsyncIterator[Feeder]:
    """A feeder that runs."""
    made = Feeder()
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await made.end()


async def test_one_flow_that_two_meters_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two meters in one feed count twice, and the collector asks about it. Once a person has said
    that they are one, the total is that of one meter, the other checks it, and nothing is asked any
    more."""
    monkeypatch.setattr(twins, "LAST_S", 4.0)  # ten minutes
    monkeypatch.setattr(twins, "EVERY_S", 0.5)
    async with feeder() as feed:
        devices = [
            meter("stage-a", await feed.meter("AH1", 100.0)),
            meter("stage-b", await feed.meter("AH2", 900.0)),
        ]
        async with console(tmp_path, devices) as (pilot, node, _):
            await live(node, "stage-a", "stage-b")
            await node.until(lambda: node.snapshot.totals["load_power_w"].unverified, 40)
            total = node.snapshot.totals["load_power_w"]
            assert total.counted == ("stage-a", "stage-b")
            await shows(pilot, "1 to decide (y)")
            await pilot.press("y")
            await shows(pilot, "ONE FLOW OR TWO?")
            await pilot.press("enter")
            await shows(pilot, "Is it one flow?")
            await shows(pilot, "the total falls by")
            await pilot.press("ctrl+s")
            await node.until(lambda: len(node.snapshot.totals["load_power_w"].counted) == 1)
            total = node.snapshot.totals["load_power_w"]
            assert not total.unverified
            (check,) = total.checks
            assert {check.asset, *total.counted} == {"stage-a", "stage-b"}
            assert total.value == node.value(total.counted[0], "load_power_w")
            await shows(pilot, "Nothing waits for a decision.")
            assert "stage-a is the same as stage-b" in screen(pilot)


async def test_a_device_that_stands_in_the_registry_twice(tmp_path: Path) -> None:
    """The second entry that leads to one meter is a wrong device, says which entry reads it, and
    goes by its name; the first one is live all the while."""
    async with feeder() as feed:
        first = await feed.meter("AH1", 100.0)
        second = await feed.meter("AH1", 100.0)
        devices = [meter("stage-a", first), meter("stage-b", second)]
        async with console(tmp_path, devices) as (pilot, node, _):
            await node.until(lambda: "wrong device" in [s.state for s in node.snapshot.sources])
            (wrong,) = [s.device for s in node.snapshot.sources if s.state == "wrong device"]
            (right,) = {"stage-a", "stage-b"} - {wrong}
            await live(node, right)
            assert node.snapshot.totals["load_power_w"].counted == (right,)
            await pilot.press("home" if wrong == "stage-a" else "end", "enter")
            await shows(pilot, "another entry reads this")
            await choose(pilot, "remove")
            await shows(pilot, "not typed yet")
            await typed(pilot, wrong)
            await pilot.press("enter")
            await node.until(lambda: len(node.snapshot.sources) == 1)
            assert node.asset(right).status.value == "live"
            await pilot.press("escape")
            await shows(pilot, "1 device ")


async def test_swapped_with_its_counter_carried_on(tmp_path: Path) -> None:
    """Another meter stands at the address, with another register: it is a wrong device until a
    person says that it was swapped. The asset's own counter then goes on from where it was, and
    counts what the new register counts; who stood there when is kept."""
    async with feeder() as feed:
        port = await feed.meter("AH1", 100.0)
        async with console(tmp_path, [meter("stage-a", port)]) as (pilot, node, _):

            def total() -> float:
                return node.value("stage-a", "load_energy_kwh") or 0.0

            await live(node, "stage-a")
            await node.until(lambda: total() > 0.5, 30)
            await feed.take_away()
            before = total()
            await feed.meter("AH2", 5000.0, port)
            await node.until(lambda: node.snapshot.sources[0].state == "wrong device", 40)
            await shows(pilot, "wrong")
            await pilot.press("enter")
            await shows(pilot, "it was swapped")
            await choose(pilot, "it was swapped")
            await shows(pilot, "Another unit stands at stage-a")
            await typed(pilot, "B 117")
            await pilot.press("ctrl+s")
            await shows(pilot, "stage-a is unit B 117 now")
            await live(node, "stage-a")
            await node.until(lambda: total() > before + 0.5, 30)
            assert before <= total() < before + 10, "nothing is added by the swap"
            held = (await app_of(pilot).ask("/v1/assignments", AssignmentsAnswer)).held
            serials = {one.value: one.to_ms for one in held if one.key == "serial"}
            assert serials["AH1"] is not None, "until then"
            assert serials["AH2"] is None, "from then on"
