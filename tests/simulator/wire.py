"""Plain MQTT clients for the simulator's tests."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt

LIMIT_S = 15.0


class Ear:
    """What arrived, in order, and a way to wait for more."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self.client = client
        self.heard: list[tuple[str, bytes, bool]] = []
        self._more = asyncio.Event()

    async def listen(self) -> None:
        """Collect until cancelled."""
        async for message in self.client.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((str(message.topic), message.payload, message.retain))
            self._more.set()

    async def until(self, found: Callable[[], bool], what: str) -> None:
        """Wait until `found` holds; fail after a limit."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not found():
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError as error:
            raise AssertionError(f"{what}: not within {LIMIT_S} s") from error

    async def topic_raw(self, topic: str) -> tuple[bytes, bool]:
        """The last payload of `topic` and whether it was retained, once there is one."""
        await self.until(lambda: any(t == topic for t, _, _ in self.heard), topic)
        return [(payload, retain) for t, payload, retain in self.heard if t == topic][-1]

    async def topic(self, topic: str) -> Any:
        """The last value of `topic`, once there is one; `...` for an empty payload."""
        await self.until(lambda: any(t == topic for t, _, _ in self.heard), topic)
        raw = [payload for t, payload, _ in self.heard if t == topic][-1]
        return json.loads(raw)["value"] if raw else ...


@asynccontextmanager
async def ear(port: int, *filters: str, **options: Any) -> AsyncIterator[Ear]:
    """A client on `port` that hears `filters`."""
    async with aiomqtt.Client("127.0.0.1", port, **options) as client:
        for topic in filters:
            await client.subscribe(topic)
        heard = Ear(client)
        task = asyncio.create_task(heard.listen())
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def within(found: Callable[[], bool], what: str) -> None:
    """Poll until `found` holds; fail after a limit."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LIMIT_S
    while not found():
        if loop.time() > deadline:
            raise AssertionError(f"{what}: not within {LIMIT_S} s")
        await asyncio.sleep(0.02)


def refuses(port: int) -> Callable[[], bool]:
    """Whether nothing listens on `port`."""
    from collector.simulator.broker import in_use

    return lambda: not in_use(port)


async def heard_to_the_end(client: aiomqtt.Client) -> None:
    """Read until the connection breaks, which raises MqttError."""
    async with asyncio.timeout(LIMIT_S):
        async for _ in client.messages:
            pass
