"""Simulated GX on brokers of their own, and ears at `W/#`."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import aiomqtt

from collector.simulator import mqtt
from collector.simulator.gx import build
from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.unit import Gx

IDS = itertools.count(1)
SUPPRESS = b'{"keepalive-options":["suppress-republish"]}'


class SimulatedGx:
    """One GX of a composed site on a broker of its own, and an ear at `W/#`."""

    def __init__(self, plan: GxPlan, port: int, clock: Callable[[], float]) -> None:
        self.plan = plan
        self.port = port
        self._out: list[bytes] = []
        self.writes: list[tuple[str, str, bool]] = []
        self._link = mqtt.Link(self._received)
        self._marks: dict[str, asyncio.Event] = {}
        self.gx = Gx(
            plan.portal_id,
            build.services(plan, lambda: 1_795_000_000 + clock()),
            gone=plan.gone,
            send=self._send,
            clock=clock,
            wall=lambda: 1_795_000_000 + clock(),
        )

    def _received(self, topic: str, payload: bytes) -> None:
        self.gx.received(topic, payload)
        self.flush()

    def _send(self, topic: str, payload: bytes, retain: bool) -> None:
        self._out.append(mqtt.publish(topic, payload, retain=retain))

    def flush(self) -> None:
        """Send what it has to say."""
        if self._out:
            self._link.write(b"".join(self._out))
            self._out.clear()

    def tick(self) -> None:
        """A second has passed. Somebody keeps it talking: the source does so in real time, of
        which a minute here takes none."""
        self.gx.received(f"R/{self.plan.portal_id}/keepalive", SUPPRESS)
        self.gx.tick()
        self.flush()

    def value(self, name: str, path: str) -> Any:
        """What stands at a path of the GX now."""
        service = self.gx.services[name]
        service.renew()
        return service.values[path]

    def say(self, name: str, path: str, value: Any) -> None:
        """Another value stands at a path, and is told."""
        self.gx.services[name].values[path] = value
        self._received(f"R/{self.plan.portal_id}/{name}/{path}", b"")

    async def start(self, stack: AsyncExitStack) -> None:
        """Go onto the broker."""
        portal = self.plan.portal_id
        await self._link.start(self.port, f"gx-{portal}", (f"R/{portal}/#", f"W/{portal}/#"))
        stack.push_async_callback(self._link.stop)
        self.gx.connected()
        self.flush()
        ear = await stack.enter_async_context(aiomqtt.Client("127.0.0.1", self.port))
        await ear.subscribe("W/#")
        self._ear = ear
        listening = asyncio.create_task(self._listen(ear))
        stack.callback(listening.cancel)

    async def _listen(self, ear: aiomqtt.Client) -> None:
        async for message in ear.messages:
            topic = str(message.topic)
            if topic in self._marks:
                self._marks.pop(topic).set()
                continue
            assert isinstance(message.payload, bytes)
            self.writes.append((topic, message.payload.decode(), bool(message.retain)))

    async def heard(self) -> list[tuple[str, str, bool]]:
        """Every write so far: a mark goes the same way behind them."""
        mark = f"W/mark/{next(IDS)}"
        event = self._marks[mark] = asyncio.Event()
        await self._ear.publish(mark, b"")
        await asyncio.wait_for(event.wait(), 10)
        return self.writes


async def written(gx: SimulatedGx) -> list[tuple[str, str]]:
    """What was written to a GX, below its portal id; nothing of it may be kept by the broker."""
    root = f"W/{gx.plan.portal_id}/"
    heard = await gx.heard()
    assert not any(retained for _, _, retained in heard)
    assert all(topic.startswith(root) for topic, _, _ in heard)
    return [(topic.removeprefix(root), payload) for topic, payload, _ in heard]
