"""Modbus TCP servers, each with one connection shared by all units behind it.

Users wait in one line, first come first served; who has the turn makes one request, or several
that belong together, one on the wire at a time. After anything but a clean answer the connection
is given up, so that a late answer can never be taken for another's. While others wait, a unit
that failed last time gets only as long as it has ever needed (a few times its slowest answer, and
with each further failure twice that, up to half its limit), so that a dead one hardly delays its
neighbours and one that has become slow is found again.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

from collector.errors import NotConnected
from collector.sources.modbus.errors import BadFrame, Lost, NoAnswer, Refused
from collector.sources.modbus.frame import COILS
from collector.sources.modbus.link import Link
from collector.sources.modbus.patience import Patience

CONNECT_LIMIT_S = 3.0
HOLD_OFF_S = 1.0
"""After a failed connect, requests of this long share its failure instead of each trying."""
LONG_TURN_S = 1.0
MAX_REGISTERS = 125
MAX_COILS = 2000


class Connection(Protocol):
    """What a gateway needs of an open connection; `Link` is the one to real servers."""

    @property
    def up(self) -> bool:
        """Whether the other end has not closed it."""

    @property
    def heard(self) -> int:
        """Bytes that came since the last question."""

    def close(self) -> None:
        """Close it now."""

    async def ask(self, unit: int, function: int, address: int, count: int) -> list[int]:
        """Registers (or coils, as 0 and 1) from a unit. Raises BadFrame, Lost, Refused."""


Open = Callable[[str, int, float], Awaitable[Connection]]
"""Connects to a host and port within so many seconds, or raises NotConnected."""


class _Pending(NamedTuple):
    """The request that is on the wire."""

    unit: Patience
    began: float
    limit_s: float
    limit: asyncio.Timeout


class Gateway:
    """One Modbus TCP server. Made by `Gateways`."""

    def __init__(
        self,
        host: str,
        port: int,
        mono: Callable[[], float] = time.monotonic,
        open_link: Open = Link.open,
    ) -> None:
        self.host = host
        self.port = port
        self.where = f"{host}:{port}"
        self.spacing_s = 0.0
        """Pause between two requests, for servers that need it."""
        self.connect_delay_s = 0.0
        """Pause between connecting and the first request."""
        self.epoch = 0
        """How many connections were made: whoever answers may be another after each."""
        self.answers = 0
        """How many clean answers came, exceptions included."""
        self._mono = mono
        self._line = asyncio.Lock()
        self._waiting = 0
        self._pending: _Pending | None = None
        self._open = open_link
        self._link: Connection | None = None
        self._units: dict[int, Patience] = {}
        self._claims: dict[str, str] = {}
        self._last_end = -60.0
        self._down: tuple[float, NotConnected] | None = None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator["Turn"]:
        """The gateway for one's own: requests that belong together, with nobody between them."""
        await self._queue()
        turn = Turn(self, self._mono())
        try:
            yield turn
        finally:
            if turn.held:
                self._line.release()

    async def _queue(self) -> None:
        self._waiting += 1
        self._hurry()
        try:
            await self._line.acquire()
        finally:
            self._waiting -= 1

    async def give_way(self, turn: "Turn") -> None:
        """`Turn.give_way`."""
        if self._waiting and self._mono() - turn.began_s >= LONG_TURN_S:
            turn.held = False
            self._line.release()
            await self._queue()
            turn.held = True
            turn.began_s = self._mono()

    async def read(
        self, unit: int, address: int, count: int, *, function: int = 3, timeout_s: float = 1.0
    ) -> list[int]:
        """One request as a turn of its own; see `Turn.read`."""
        async with self.turn() as turn:
            return await turn.read(unit, address, count, function=function, timeout_s=timeout_s)

    def claim(self, thing: str, owner: str) -> str:
        """Who reads `thing` (a serial) through this gateway: `owner` from now on if nobody did."""
        return self._claims.setdefault(thing, owner)

    def release(self, owner: str) -> None:
        """`owner` and its parts (`owner.part`) read nothing any more."""
        self._claims = {
            thing: who
            for thing, who in self._claims.items()
            if who != owner and not who.startswith(f"{owner}.")
        }

    async def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._link is not None:
            self.hang_up()
            await asyncio.sleep(0)

    # -- for whoever has the turn ------------------------------------------------------------

    async def ask(
        self, unit: int, function: int, address: int, count: int, timeout_s: float
    ) -> list[int]:
        """`Turn.read`."""
        used_before = self._link is not None
        try:
            return await self._ask(unit, function, address, count, timeout_s)
        except Lost:
            if not used_before:
                raise
        # It had been closed while it lay idle; that says nothing about the unit.
        return await self._ask(unit, function, address, count, timeout_s)

    async def _ask(
        self, unit: int, function: int, address: int, count: int, timeout_s: float
    ) -> list[int]:
        link = await self.connected()
        pause = self._last_end + self.spacing_s - self._mono()
        if pause > 0:
            await asyncio.sleep(pause)
        known = self._units.setdefault(unit, Patience())
        began = self._mono()
        clean = False
        try:
            async with asyncio.timeout(timeout_s) as limit:
                now = asyncio.get_running_loop().time()
                self._pending = _Pending(known, now, timeout_s, limit)
                self._hurry()
                registers = await link.ask(unit, function, address, count)
            clean = True
        except Refused:
            clean = True
            raise
        except TimeoutError:
            raise self._silence(link, unit, self._mono() - began) from None
        finally:
            self._pending = None
            self._last_end = self._mono()
            if clean:
                self.answers += 1
                known.answered(self._last_end - began)
            else:
                known.failures += 1
                self.hang_up()
        return registers

    def _silence(self, link: Connection, unit: int, waited_s: float) -> NoAnswer | BadFrame:
        where = f"{self.where} unit {unit}"
        if link.heard:
            return BadFrame(f"{where}: the answer broke off after {link.heard} bytes.")
        return NoAnswer(
            f"{where} gave no answer within {waited_s:.1f} s. "
            "Check the unit id and the wiring behind the gateway."
        )

    def _hurry(self) -> None:
        """Others wait: shorten the turn of a unit that failed last time."""
        asked = self._pending
        if asked is None or not self._waiting or not asked.unit.failures:
            return
        end = asked.began + asked.unit.patience_s(asked.limit_s)
        due = asked.limit.when()
        if due is not None and end < due and not asked.limit.expired():
            asked.limit.reschedule(end)

    async def connected(self) -> Connection:
        """The open connection. Raises NotConnected."""
        if self._link is not None:
            if self._link.up:
                return self._link
            self.hang_up()
        if self._down is not None and self._mono() - self._down[0] < HOLD_OFF_S:
            raise NotConnected(str(self._down[1]))
        try:
            self._link = await self._open(self.host, self.port, CONNECT_LIMIT_S)
        except NotConnected as error:
            self._down = (self._mono(), error)
            raise
        self._down = None
        self.epoch += 1
        if self.connect_delay_s:
            await asyncio.sleep(self.connect_delay_s)
        return self._link

    def hang_up(self) -> None:
        """`Turn.hang_up`."""
        if self._link is not None:
            self._link.close()
            self._link = None


class Turn:
    """The right to use a gateway, as long as its `async with` lasts."""

    def __init__(self, gateway: Gateway, began_s: float) -> None:
        self._gateway = gateway
        self.where = gateway.where
        self.began_s = began_s
        self.held = True

    @property
    def epoch(self) -> int:
        """How many connections were made: whoever answers may be another after each."""
        return self._gateway.epoch

    async def connect(self) -> None:
        """Connect unless connected. Raises NotConnected."""
        await self._gateway.connected()

    def hang_up(self) -> None:
        """Close the connection: others want it. The next request opens another."""
        self._gateway.hang_up()

    async def give_way(self) -> None:
        """In the midst of something long, let those who wait go first, once a second of it has
        passed. The connection may be another afterwards."""
        await self._gateway.give_way(self)

    async def read(
        self, unit: int, address: int, count: int, *, function: int = 3, timeout_s: float = 1.0
    ) -> list[int]:
        """`count` registers (1…125) of a unit by holding (3) or input (4) function, or coils (1) or
        discrete inputs (2) as 0 and 1 (1…2000).

        `timeout_s` counts from when the request is sent. Raises NoAnswer, BadFrame, NotConnected
        (Lost), IllegalAddress, Busy, Asleep, Refused.
        """
        most = MAX_COILS if function in COILS else MAX_REGISTERS
        if not 1 <= count <= most:
            raise ValueError(f"{count} registers in one request; Modbus allows 1 to {most}")
        return await self._gateway.ask(unit, function, address, count, timeout_s)


class Gateways:
    """All Modbus TCP servers in use, by host and port. One for the whole collector. `open_link` is
    the way to them."""

    def __init__(
        self, mono: Callable[[], float] = time.monotonic, open_link: Open = Link.open
    ) -> None:
        self._mono = mono
        self._open_link = open_link
        self._open: dict[tuple[str, int, str], Gateway] = {}
        self._users: dict[tuple[str, int, str], int] = {}
        self._held: dict[tuple[str, int, int], str] = {}

    def lent(self) -> "Gateways":
        """The same connections, for somebody who only looks: what he reserves is forgotten with
        him."""
        lent = Gateways(self._mono, self._open_link)
        lent._open, lent._users = self._open, self._users
        lent._held = dict(self._held)
        return lent

    def reserve(self, host: str, port: int, unit: int, owner: str) -> None:
        """A unit id is `owner`'s until it is `free`, unless it is another's."""
        self._held.setdefault((host.lower(), port, unit), owner)

    def holder(self, host: str, port: int, unit: int) -> str:
        """Whose a unit id is; "" when nobody's."""
        return self._held.get((host.lower(), port, unit), "")

    def free(self, owner: str) -> None:
        """`owner` reads no unit any more: it has left the registry, or stands elsewhere."""
        self._held = {place: who for place, who in self._held.items() if who != owner}

    @asynccontextmanager
    async def use(
        self,
        host: str,
        port: int,
        owner: str,
        *,
        spacing_s: float = 0.0,
        connect_delay_s: float = 0.0,
        alone: bool = False,
    ) -> AsyncIterator[Gateway]:
        """The gateway at an address, shared with its other users; the last one closes it.

        `owner` (a device id) is whose claims end with the use; the longest `spacing_s` and
        `connect_delay_s` count. `alone`: a connection of its owner's own.
        """
        key = (host.lower(), port, owner if alone else "")
        gateway = self._open.get(key)
        if gateway is None:
            gateway = self._open[key] = Gateway(host, port, self._mono, self._open_link)
        self._users[key] = self._users.get(key, 0) + 1
        gateway.spacing_s = max(gateway.spacing_s, spacing_s)
        gateway.connect_delay_s = max(gateway.connect_delay_s, connect_delay_s)
        try:
            yield gateway
        finally:
            gateway.release(owner)
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._open[key]
                await gateway.close()
