"""As much of MQTT 3.1.1 as a publisher of QoS 0 needs, as bytes.

A simulated GX sends some tens of messages a second and a site has dozens of GX: writing the
packets of a whole tick with one call costs a tenth of a general client.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from collector.errors import NotConnected

_CONNECT, _CONNACK, _PUBLISH, _SUBSCRIBE, _SUBACK, _DISCONNECT = 0x10, 0x20, 0x30, 0x82, 0x90, 0xE0
_ANSWER_S = 10.0
MAX_PACKET = 16 << 20
MAX_WAITING = 4 << 20


def length(value: int) -> bytes:
    """MQTT's variable-length integer."""
    out = bytearray()
    while True:
        value, low = divmod(value, 128)
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def text(value: str) -> bytes:
    """A UTF-8 string with its length."""
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def publish(topic: str, payload: bytes, *, retain: bool = False) -> bytes:
    """A PUBLISH packet of QoS 0."""
    head = text(topic)
    first = _PUBLISH | int(retain)
    return bytes((first,)) + length(len(head) + len(payload)) + head + payload


def connect(client_id: str, login: tuple[str, str] | None) -> bytes:
    """A CONNECT packet: clean session, no keepalive (both ends are on one machine)."""
    flags = 0x02 | (0xC0 if login else 0)
    body = text("MQTT") + bytes((4, flags, 0, 0)) + text(client_id)
    if login:
        body += text(login[0]) + text(login[1])
    return bytes((_CONNECT,)) + length(len(body)) + body


def subscribe(*filters: str) -> bytes:
    """A SUBSCRIBE packet at QoS 0."""
    body = b"\0\1" + b"".join(text(f) + b"\0" for f in filters)
    return bytes((_SUBSCRIBE,)) + length(len(body)) + body


class Link:
    """One connection to a broker. `received(topic, payload)` is called for each message."""

    def __init__(self, received: Callable[[str, bytes], None]) -> None:
        self._received = received
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def open(self) -> bool:
        """Whether the connection stands."""
        return self._task is not None and not self._task.done()

    async def start(
        self,
        port: int,
        client_id: str,
        filters: tuple[str, ...],
        *,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Connect to 127.0.0.1 and subscribe. Raises NotConnected."""
        refusal = ""
        try:
            async with asyncio.timeout(_ANSWER_S):
                self._reader, self._writer = await asyncio.open_connection(
                    "127.0.0.1", port, ssl=tls
                )
                self._writer.write(connect(client_id, login))
                kind, body = await self._packet()
                if kind & 0xF0 != _CONNACK or body[1:2] != b"\0":
                    refusal = f"it answered the login with {body.hex() or 'nothing'}"
                else:
                    self._writer.write(subscribe(*filters))
                    kind, _ = await self._packet()
                    if kind & 0xF0 != _SUBACK:
                        refusal = "it did not take the subscription"
        except (OSError, TimeoutError, EOFError) as error:
            refusal = str(error) or type(error).__name__
        if refusal:
            await self.stop()
            raise NotConnected(f"no connection to the broker on port {port}: {refusal}")
        self._task = asyncio.create_task(self._receive(), name=f"mqtt-{client_id}")

    def write(self, packets: bytes) -> bool:
        """Send packets; False when they are lost, as QoS 0 may be: there is no connection, or the
        broker has not taken the last `MAX_WAITING` bytes."""
        writer = self._writer
        if writer is None or writer.is_closing():
            return False
        if writer.transport.get_write_buffer_size() > MAX_WAITING:
            return False
        writer.write(packets)
        return True

    async def drained(self) -> None:
        """Wait until the broker has taken what was written."""
        if self._writer is not None and not self._writer.is_closing():
            try:
                await self._writer.drain()
            except ConnectionError:
                return

    async def stop(self) -> None:
        """Close the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._writer is not None:
            writer, self._writer = self._writer, None
            if not writer.is_closing():
                writer.write(bytes((_DISCONNECT, 0)))
            writer.close()
            try:
                await writer.wait_closed()
            except (OSError, EOFError):
                return  # it is closed, which is what was wanted

    async def _packet(self) -> tuple[int, bytes]:
        assert self._reader is not None  # noqa: S101 - only called after open_connection
        kind = (await self._reader.readexactly(1))[0]
        size = shift = 0
        while True:
            byte = (await self._reader.readexactly(1))[0]
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
            shift += 7
            if shift > 21:
                raise EOFError("a packet's length has more than four bytes")
        if size > MAX_PACKET:
            raise EOFError(f"a packet of {size} bytes")
        return kind, await self._reader.readexactly(size)

    async def _receive(self) -> None:
        try:
            while True:
                kind, body = await self._packet()
                if kind & 0xF0 != _PUBLISH:
                    continue
                end = 2 + int.from_bytes(body[:2], "big")
                start = end + (2 if kind & 0x06 else 0)
                self._received(body[2:end].decode("utf-8", "replace"), body[start:])
        except (OSError, EOFError):
            return  # the broker is gone: `open` says so
