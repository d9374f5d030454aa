"""A Modbus TCP server that answers as `frames.Hostile` says."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping

from scripts.fuzz.frames import Hostile, Reply, Request, read_request

Registers = Mapping[int, Mapping[int, int]]
"""By unit id: words by address."""
REQUEST = 12
PROPER = random.Random(0)


class Server:
    """Serves `registers` on a free port of loopback. `hostile` may be changed at any time; None:
    it speaks properly. `last` is the newest reply, and what it answered; `before` the kind of the
    one before."""

    def __init__(
        self, registers: Callable[[], Registers] | Registers, hostile: Hostile | None
    ) -> None:
        self._registers = registers
        self.hostile = hostile
        self.port = 0
        self.kinds: Counter[str] = Counter()
        self.last: tuple[Request, Reply] | None = None
        self.before = ""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def hostilities(self) -> int:
        """Replies that were not honest, silences and hang-ups included."""
        return sum(self.kinds.values()) - self.kinds["honest"] - self.kinds["illegal address"]

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.close()
            await asyncio.gather(*self._talks, return_exceptions=True)
            await self._server.wait_closed()

    def words(self, asked: Request) -> tuple[int, ...] | None:
        """The true registers; None where there are none."""
        known = self._registers() if callable(self._registers) else self._registers
        unit = known.get(asked.unit, {})
        found = [unit.get(asked.address + n) for n in range(asked.registers)]
        whole = [word for word in found if word is not None]
        return tuple(whole) if len(whole) == asked.registers else None

    def _reply(self, asked: Request) -> Reply:
        speaks = self.hostile or Hostile(PROPER, contents=False, honesty=1.0)
        return speaks.reply(asked, self.words(asked))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._writers.add(writer)
        self._talks.add(talk)
        try:
            while True:
                asked = read_request(await reader.readexactly(REQUEST))
                reply = self._reply(asked)
                self.kinds[reply.kind] += 1
                self.before = self.last[1].kind if self.last else ""
                self.last = (asked, reply)
                for number, piece in enumerate(reply.pieces):
                    if number:
                        await asyncio.sleep(0.0005)
                    writer.write(piece)
                await writer.drain()
                if reply.closes:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the collector has given this connection up, as it should
        finally:
            self._writers.discard(writer)
            self._talks.discard(talk)
            writer.close()
