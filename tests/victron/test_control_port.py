"""The control port on a real broker: when it is ready, and at which asset what stands."""

import asyncio

from collector.model.control import Outcome
from collector.sources.victron import VictronSource
from collector.sources.victron.control_write import Timing
from tests.victron.conftest import PORTAL, HandClock, gx, running
from tests.victron.gx import SMALL, fake_gx

QUICK = Timing(reads=(0.0, 0.05, 0.1), answer=0.5, settle=0.05, look=0.5)
TRAILER: dict[str, object] = {
    **SMALL,
    "vebus/276/Mode": 3,
    "generator/0/State": 0,
    "generator/0/ManualStart": 0,
    "generator/0/ManualStartTimer": 0,
    "generator/0/AutoStartEnabled": 1,
    "generator/0/Enabled": 1,
    "settings/0/Settings/Relay/Function": 1,
    "system/0/Relay/0/State": 0,
}
"""A GX whose relay starts the generator."""


async def test_a_pinned_gx_that_has_said_nothing(mosquitto) -> None:
    """The registry knows the portal id and the broker keeps its serial; until the GX itself speaks
    on this connection, and shows life, nothing may be written."""
    broker, clock = mosquitto(), HandClock()
    source = VictronSource(gx(broker.port, portal_id=PORTAL), clock=clock, timing=QUICK)
    assert "not connected" in source.control.unready
    async with fake_gx(broker.port, values=TRAILER) as talking:
        talking.deaf_for = 1000
        async with running(gx(broker.port), source=source) as run:
            await run.until(lambda: "who it is" in source.control.unready)
            talking.deaf_for = 0
            await talking.say_all()
            await talking.beat(1_795_000_000)
            await run.until(lambda: not source.control.unready)
            clock.now += 11
            assert "shows no life" in source.control.unready
            await talking.beat(1_795_000_011)
            await run.until(lambda: not source.control.unready)
        assert "not connected" in source.control.unready


async def test_a_generator_behind_a_relay(mosquitto) -> None:
    """Its start stands at its own asset, by the logic; the relay itself is not to be switched."""
    broker, clock = mosquitto(), HandClock()
    source = VictronSource(gx(broker.port), clock=clock, timing=QUICK)
    async with (
        fake_gx(broker.port, values=TRAILER) as talking,
        running(gx(broker.port), source=source) as run,
    ):
        await run.until(lambda: "genset" in run.image.assets)
        offered = source.control.points("genset")
        assert {name: point.target for name, point in offered.items()} == {
            "generator": "generator/0/ManualStart",
            "generator-auto": "generator/0/AutoStartEnabled",
        }
        assert "not manual" in source.control.points("")["relay-1"].why_not
        assert source.control.points("nowhere") == {}
        await talking.lose("generator/0")
        await run.until(lambda: source.control.points("genset") == {})


async def test_a_write_without_an_answer(mosquitto) -> None:
    """A GX that answers no read is told so; the write went out once, and the link stands."""
    broker = mosquitto()
    source = VictronSource(gx(broker.port), timing=QUICK)
    async with (
        fake_gx(broker.port, values=TRAILER) as talking,
        running(gx(broker.port), source=source) as run,
    ):
        await talking.client.subscribe(f"W/{PORTAL}/#")
        await run.until(lambda: "generator" in source.control.points("genset"))
        await talking.beat(1_795_000_000)
        await run.until(lambda: not source.control.unready)
        assert "does not say how generator/0/ManualStart" in await source.control.look(
            "genset", "generator"
        )
        reply = await source.control.write(
            "genset",
            "generator",
            "stop",
            for_s=None,
            still=lambda: "",
            later=lambda _: None,
        )
        assert (reply.outcome, reply.value) == (Outcome.NO_REPLY, "stop")
        topic = f"W/{PORTAL}/generator/0/ManualStart"
        async with asyncio.timeout(5):
            while not [each for each in talking.requests if each[0] == topic]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert [each for each in talking.requests if each[0].startswith("W/")] == [
            (topic, '{"value":0}')
        ]
        assert not source.control.unready
