"""The MQTT connection to a GX: aiomqtt, with messages handed over where they arrive.

aiomqtt puts each message into a queue and wakes its reader through a new task; at thousands of
messages a second that costs more than all the rest. `GxClient` hands a message over in the moment
it was read: there is no queue that could fill up, and what is not read yet waits in TCP.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, NoReturn, Protocol

import aiomqtt
import paho.mqtt.client as paho
from paho.mqtt.matcher import MQTTMatcher

from collector.model.assets import Device
from collector.pinning import Pin, pinning_context
from collector.sources.victron.reach import explain, reach

ANSWER_S = 10.0
MQTT_KEEPALIVE_S = 20
REFUSED = 128
"""SUBACK: from here on the subscription was not granted."""

_SILENT = logging.getLogger("collector.sources.victron.mqtt")
_SILENT.disabled = True  # what paho would log is raised here, once, and the supervisor logs it

Receive = Callable[[str | None, bytes, bool], None]
"""Called with topic (None: not UTF-8), payload, and whether the broker had kept it."""


class Connection(Protocol):
    """A connection that is logged in; what can be done with it raises MqttError."""

    client_id: str
    receive: Receive
    """Gets every message, and must not raise."""

    async def listen(self, topics: Sequence[str]) -> list[str]:
        """Subscribe; returns the topics that the broker refuses."""

    async def ignore(self, topics: Sequence[str]) -> None:
        """Unsubscribe."""

    async def say(self, topic: str, payload: str) -> None:
        """Publish, never retained."""

    def last_word(self, topic: str, payload: str) -> None:
        """Publish without waiting, as far as the connection still takes it."""

    async def until_lost(self) -> NoReturn:
        """Wait until the connection ends."""


Connect = Callable[[Device, Pin, Receive], AbstractAsyncContextManager[Connection]]
"""Connects and logs in: `connected` is the one for real brokers."""


class _NoFilters(MQTTMatcher):
    """Stands for callbacks by topic, of which there are none: paho would search them for each
    message, which is a tenth of what receiving costs."""

    def iter_match(self, topic: str) -> Iterator[Any]:
        """Nobody waits for `topic` in particular."""
        return iter(())


class GxClient(aiomqtt.Client):
    """One connection; `receive` gets every message and must not raise."""

    def __init__(self, device: Device, pin: Pin, receive: Receive) -> None:
        self.client_id = f"ovr-{secrets.token_hex(8)}"
        self.receive = receive
        self._thread_ended = asyncio.Event()
        user = device.username or ("ovr" if device.password else None)
        super().__init__(
            device.host,
            device.port,
            identifier=self.client_id,
            username=user,
            password=device.password or None,
            logger=_SILENT,
            protocol=aiomqtt.ProtocolVersion.V311,
            clean_session=True,
            keepalive=MQTT_KEEPALIVE_S,
            timeout=ANSWER_S,
            tls_context=pinning_context(pin) if device.tls else None,
        )
        none = _NoFilters()  # type: ignore[no-untyped-call]  # paho brings no types for it
        self._client._on_message_filtered = none  # noqa: SLF001  paho has no switch for it

    def _on_message(self, client: paho.Client, userdata: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = None
        self.receive(topic, bytes(message.payload), message.retain)

    def _client_connect(self) -> None:
        try:
            super()._client_connect()
        finally:
            self._loop.call_soon_threadsafe(self._thread_ended.set)

    async def open(self) -> None:
        """Connect and log in. When cancelled it leaves nothing open."""
        entering = asyncio.ensure_future(self.__aenter__())
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            await self._thread_ended.wait()
            entering.cancel()
            await asyncio.gather(entering, return_exceptions=True)
            raise

    async def listen(self, topics: Sequence[str]) -> list[str]:
        """Subscribe; returns the topics that the broker refuses. Raises MqttError."""
        granted = await self.subscribe([(topic, 0) for topic in topics])
        _raise_if_cancelled()
        codes = [code if isinstance(code, int) else code.value for code in granted]
        return [each for each, code in zip(topics, codes, strict=False) if code >= REFUSED]

    async def ignore(self, topics: Sequence[str]) -> None:
        """Unsubscribe. Raises MqttError."""
        await self.unsubscribe(list(topics))
        _raise_if_cancelled()

    async def say(self, topic: str, payload: str) -> None:
        """Publish, never retained. Raises MqttError."""
        await self.publish(topic, payload, retain=False)
        _raise_if_cancelled()

    def last_word(self, topic: str, payload: str) -> None:
        """Publish without waiting, as far as the connection still takes it; never retained."""
        self._client.publish(topic, payload, retain=False)

    async def until_lost(self) -> NoReturn:
        """Wait until the connection ends. Raises MqttError."""
        async for _ in self.messages:
            pass
        raise aiomqtt.MqttError("the connection was closed")

    async def close(self) -> None:
        """Say goodbye if that is possible at once, and close whatever is open."""
        self.receive = _ignore
        self._client.disconnect()
        await asyncio.sleep(0)  # what paho asked of the loop must be done before its socket goes
        if self._client.socket() is not None:
            self._client.loop_write()
            await asyncio.sleep(0)
        self._client._reset_sockets()  # noqa: SLF001  paho has no public way to close a stuck one
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.gather(self._misc_task, return_exceptions=True)
        if self._disconnected.done() and not self._disconnected.cancelled():
            self._disconnected.exception()


def _raise_if_cancelled() -> None:
    """aiomqtt waits with `asyncio.wait_for`, which before Python 3.12 loses a cancellation that
    comes in the moment of the answer; then nobody could ever end this task."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _ignore(topic: str | None, payload: bytes, retained: bool) -> None:
    """After the end."""


@asynccontextmanager
async def connected(device: Device, pin: Pin, receive: Receive) -> AsyncIterator[GxClient]:
    """A connection that is logged in; closed at the end, whatever happens.

    Raises NotConnected, Unauthorized, or WrongDevice for a certificate that is not the pinned one.
    """
    await reach(device)
    pin.shaken = False
    client = GxClient(device, pin, receive)
    try:
        try:
            await client.open()
        except aiomqtt.MqttError as error:
            raise explain(device, pin, error) from error
        yield client
    finally:
        await client.close()
