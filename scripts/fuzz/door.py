"""The door of the Modbus sources, over real sockets, at full speed: in this process."""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from collector.errors import SourceError
from collector.sources.modbus.errors import NoAnswer
from collector.sources.modbus.gateway import Gateway
from scripts.bench.parts import rss_mb
from scripts.fuzz import maps
from scripts.fuzz.decoders import Decoders
from scripts.fuzz.frames import Hostile
from scripts.fuzz.outcome import Outcome, Quarters
from scripts.fuzz.server import Server

TIMEOUT_S = 0.05
PATIENT_S = 3.0
WIRES = 4
HONESTY = 0.1
WARM_UP = 2_000
Say = Callable[[str], None]


class _Wire:
    """One server, and who asks it."""

    def __init__(self, number: int, seed: int, outcome: Outcome) -> None:
        self._rng = random.Random(f"{seed} ask {number}")
        self._outcome = outcome
        self.units: dict[int, dict[int, int]] = {
            1: maps.acuvim_ii(10_000.0 + number, f"AH{number:08d}"),
            2: maps.acuvim_l(20_000.0 + number),
            3: maps.acurev(30_000.0 + number, 12),
            4: maps.fronius(40_000.0 + number, f"33{number:06d}"),
            5: maps.example(50_000.0 + number, f"EX{number:06d}"),
        }
        self._reads = [
            (u, *read) for u, known in self.units.items() for read in maps.readable(known)
        ]
        hostile = Hostile(random.Random(f"{seed} answer {number}"), contents=True, honesty=HONESTY)
        self.server = Server(self.units, hostile)
        self.decoders = Decoders(random.Random(f"{seed} decode {number}"))
        self.errors: Counter[str] = Counter()
        self.gateway: Gateway | None = None

    async def ask(self) -> None:
        """One question, and the judgement of what came of it."""
        assert self.gateway is not None
        unit, address, count = self._rng.choice(self._reads)
        try:
            words = await self.gateway.read(unit, address, count, timeout_s=TIMEOUT_S)
        except SourceError as error:
            self.errors[getattr(error, "reason", "not connected")] += 1
            self._missed(error)
            return
        self._judge((unit, address, count), tuple(words))
        try:
            self.decoders.take(tuple(words))
        except Exception as error:  # noqa: BLE001  whatever it is, it is what this looks for
            self._outcome.fault(f"decoding raised {type(error).__name__}: {error}")

    def _missed(self, error: SourceError) -> None:
        """That a usable answer was not taken is right only when it was too late, or when what is
        left of a doubled one came before it."""
        last = self.server.last
        if last is None or not last[1].must:
            return
        if self.server.before == "twice" or _late(error):
            self.errors["a usable answer after a doubled one, or too late"] += 1
        else:
            self._outcome.fault(f"an answer {last[1].kind} was refused: {error}")

    def _judge(self, read: tuple[int, int, int], words: tuple[int, ...]) -> None:
        last = self.server.last
        assert last is not None
        asked, reply = last
        if (asked.unit, asked.address, asked.registers) != read or reply.words != words:
            self._outcome.fault(f"a {reply.kind} answer to {asked} was taken for one to {read}")

    async def right(self) -> bool:
        """Whether every read is answered rightly now."""
        assert self.gateway is not None
        for unit, address, count in self._reads:
            try:
                words = await self.gateway.read(unit, address, count, timeout_s=PATIENT_S)
            except SourceError as error:
                self._outcome.fault(f"it does not recover: {error}")
                return False
            if words != [self.units[unit][address + n] for n in range(count)]:
                self._outcome.fault(f"unit {unit} at {address} is wrong after the hostilities")
                return False
        return True


def _late(error: SourceError) -> bool:
    """Whether time ran out, before or within the answer: the limit is short, and the machine has
    other work too."""
    return isinstance(error, NoAnswer) or "broke off" in str(error)


async def run(count: int, seed: int, say: Say) -> Outcome:
    """`count` hostile answers; nothing else is counted."""
    outcome = Outcome(name="modbus, the door and the decoders", what="hostile answers")

    def unseen(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        outcome.fault(f"raised past everybody: {context['message']} {context.get('exception')!r}")

    asyncio.get_running_loop().set_exception_handler(unseen)
    wires = [_Wire(number, seed, outcome) for number in range(WIRES)]
    for wire in wires:
        await wire.server.start()
        wire.gateway = Gateway("127.0.0.1", wire.server.port)
    try:
        await asyncio.gather(*(_some(wire, min(WARM_UP, count) // WIRES) for wire in wires))
        await _hostilities(wires, count, outcome, say)
        began = time.monotonic()
        for wire in wires:
            wire.server.hostile = None
        if all([await wire.right() for wire in wires]):
            outcome.right_s = time.monotonic() - began
    finally:
        for wire in wires:
            if wire.gateway is not None:
                await wire.gateway.close()
            await wire.server.stop()
    for wire in wires:
        outcome.kinds = dict(Counter(outcome.kinds) + wire.server.kinds)
        outcome.drops = dict(Counter(outcome.drops) + wire.errors)
    taken = sum(wire.decoders.taken for wire in wires)
    outcome.facts.append(f"{taken:,} answers were let through, each was decoded")
    return outcome


async def _hostilities(wires: list[_Wire], count: int, outcome: Outcome, say: Say) -> None:
    warm = sum(wire.server.hostilities for wire in wires)
    quarters = Quarters(outcome, count)
    ended = asyncio.Event()

    async def keep(wire: _Wire) -> None:
        while not ended.is_set():
            await _some(wire, 25)
            done = sum(each.server.hostilities for each in wires) - warm
            if quarters.pass_by(done, rss_mb(os.getpid())):
                say(f"{done:,} answers, {outcome.rss_mb[-1]:.1f} MB")
            if done >= count:
                ended.set()

    await asyncio.gather(*(keep(wire) for wire in wires))


async def _some(wire: _Wire, count: int) -> None:
    for _ in range(count):
        await wire.ask()
