"""The voice of a GX at a broker: keepalive, full publish, echo, heartbeat, as dbus-flashmq does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt

from tests.victron.conftest import PORTAL

SMALL: dict[str, object] = {
    "system/0/Serial": PORTAL,
    "system/0/Dc/Battery/Voltage": 52.8,
    "system/0/Dc/Battery/Soc": 71.0,
    "vebus/276/Connected": 1,
    "vebus/276/ProductName": "MultiPlus-II 48/5000",
    "vebus/276/Ac/Out/L1/P": 640,
    "vebus/276/Ac/Out/P": 640,
    "pvinverter/20/Connected": 1,
    "pvinverter/20/Serial": "PV0001",
    "pvinverter/20/Ac/Power": 900,
}
"""A GX with a battery, an inverter and a PV inverter."""


class FakeGx:
    """Talks when asked. `requests` is what clients sent to it, in order."""

    def __init__(
        self,
        client: aiomqtt.Client,
        portal: str = PORTAL,
        values: dict[str, object] | None = None,
    ) -> None:
        self.client = client
        self.portal = portal
        self.values = dict(SMALL if values is None else values)
        self.requests: list[tuple[str, str]] = []
        self.published = 0
        """How many full publishes have been sent to their end."""
        self.deaf_for = 0
        """So many of the next full publishes are refused without a word."""
        self.knows_keepalive = True
        """False: as old as dbus-mqtt 2.94."""
        self.knows_echo = True

    def payloads(self, tail: str) -> list[str]:
        """What was sent to `R/<portal>/<tail>`."""
        topic = f"R/{self.portal}/{tail}"
        return [payload for each, payload in self.requests if each == topic]

    async def serve(self) -> None:
        """Answer requests until cancelled."""
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            self.requests.append((str(message.topic), message.payload.decode()))
            await self._answer(str(message.topic), message.payload.decode())

    async def _answer(self, topic: str, payload: str) -> None:
        if topic.endswith("/system/0/Serial"):
            await self.say("system/0/Serial", self.portal)
            if not self.knows_keepalive:
                await self.say_all()
        if not topic.endswith("/keepalive") or not self.knows_keepalive:
            return
        if "suppress-republish" in payload:
            return
        if self.deaf_for > 0:
            self.deaf_for -= 1
            return
        await self.say_all()
        told: dict[str, object] = {"value": 1767225600}
        if payload and self.knows_echo:
            echo = "full-publish-completed-echo"
            told[echo] = json.loads(payload)["keepalive-options"][0][echo]
        await self.send("full_publish_completed", json.dumps(told))
        self.published += 1

    async def say_all(self) -> None:
        """Publish every value."""
        for tail, value in self.values.items():
            await self.say(tail, value)

    async def say(self, tail: str, value: object) -> None:
        """Publish one value (and keep it)."""
        self.values[tail] = value
        await self.send(tail, json.dumps({"value": value}))

    async def beat(self, value: object) -> None:
        """Publish a heartbeat."""
        await self.send("heartbeat", json.dumps({"value": value}))

    async def lose(self, service: str) -> None:
        """The D-Bus service vanishes: an empty payload on each of its topics."""
        for tail in [tail for tail in self.values if tail.startswith(f"{service}/")]:
            del self.values[tail]
            await self.send(tail, "")

    async def send(self, tail: str, payload: str | bytes) -> None:
        """Publish anything."""
        await self.client.publish(f"N/{self.portal}/{tail}", payload)
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # aiomqtt may have lost it
            raise asyncio.CancelledError


@asynccontextmanager
async def fake_gx(
    port: int,
    portal: str = PORTAL,
    *,
    retained: bool = True,
    host: str = "127.0.0.1",
    **more: dict[str, object],
) -> AsyncIterator[FakeGx]:
    """A GX at the broker; `retained`: with its serial kept there, as all but odd versions do."""
    async with aiomqtt.Client(host, port) as client:
        if retained:
            payload = json.dumps({"value": portal})
            await client.publish(f"N/{portal}/system/0/Serial", payload, retain=True)
        await client.subscribe(f"R/{portal}/#")
        gx = FakeGx(client, portal, **more)
        serving = asyncio.create_task(gx.serve())
        try:
            yield gx
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
