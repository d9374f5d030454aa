"""A broker that breaks MQTT itself, or passes on what no broker would."""

import asyncio
import contextlib
import random

from scripts.bench.gx_wire import publish
from scripts.fuzz.payloads import Mad

GAP_S = 0.002


class Broker:
    """Answers a client as a GX's broker does, then sends it packets of every wrong kind. `lies`
    may be switched off: then it is a GX with one true value."""

    def __init__(self, rng: random.Random, portal: str) -> None:
        self._rng = rng
        self._portal = portal
        self._mad = Mad(rng, portal)
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self.lies = False
        self.sent = 0
        self.connects = 0
        self.port = 0

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close."""
        if self._server is not None:
            self._server.close()
            for talk in tuple(self._talks):
                talk.cancel()
            await asyncio.gather(*self._talks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        self.connects += 1
        speaking = asyncio.create_task(self._speak(writer))
        try:
            while True:
                kind = (await reader.readexactly(1))[0] >> 4
                size = shift = 0
                while True:
                    byte = (await reader.readexactly(1))[0]
                    size |= (byte & 0x7F) << shift
                    if byte < 0x80:
                        break
                    shift += 7
                self._answer(kind, await reader.readexactly(size), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the collector has had enough
        finally:
            speaking.cancel()
            self._talks.discard(talk)
            writer.close()

    def _answer(self, kind: int, body: bytes, writer: asyncio.StreamWriter) -> None:
        if self.lies and self._rng.random() < 0.02:
            writer.write(self._rng.randbytes(self._rng.randint(1, 40)))
        if kind == 1:
            writer.write(b"\x20\x02\x00\x00")
        elif kind == 8:
            writer.write(bytes((0x90, 2 + _filters(body))) + body[:2] + bytes(_filters(body)))
            writer.write(self._true())
        elif kind == 10:
            writer.write(b"\xb0\x02" + body[:2])
        elif kind == 12:
            writer.write(b"\xd0\x00")

    def _true(self) -> bytes:
        serial = b'{"value":"%b"}' % self._portal.encode()
        root = f"N/{self._portal}/"
        said = publish(f"{root}system/0/Serial", serial, retain=True)
        said += publish(f"{root}system/0/Dc/Battery/Soc", b'{"value":44.5}')
        said += publish(f"{root}vebus/276/State", b'{"value":9}')
        said += publish(f"{root}battery/512/Soc", b'{"value":44.5}')
        return said

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        beat = 1_700_000_000
        with contextlib.suppress(ConnectionError):
            while True:
                if self.lies:
                    self.sent += 1
                    writer.write(self._wrong())
                    await writer.drain()
                    await asyncio.sleep(GAP_S)
                else:
                    beat += 1
                    writer.write(publish(f"N/{self._portal}/heartbeat", b'{"value":%d}' % beat))
                    writer.write(self._true())
                    await asyncio.sleep(1)

    def _wrong(self) -> bytes:
        rng = self._rng
        topic, payload, _ = self._mad.message()
        whole = publish(topic, payload[:2000])
        way = rng.randrange(40)
        if way < 34:  # mostly what only a topic of bytes can say
            name = f"N/{self._portal}/system/0/".encode() + rng.randbytes(6)
            body = len(name).to_bytes(2) + name + b'{"value":1}'
            return whole if way < 17 else bytes((0x30, len(body))) + body
        if way == 34:
            return bytes((0x30, 0x05)) + b"\xff\xffabc"
        if way == 35:
            return bytes((0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F))
        if way == 36:
            return whole[: rng.randrange(1, len(whole))]
        if way == 37:
            return bytes((rng.randrange(256), 0))
        if way == 38:
            return rng.randbytes(rng.randint(1, 60))
        return bytes((rng.choice((0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xB0)), 2)) + rng.randbytes(2)


def _filters(body: bytes) -> int:
    at, count = 2, 0
    while at < len(body):
        at += int.from_bytes(body[at : at + 2]) + 3
        count += 1
    return count
