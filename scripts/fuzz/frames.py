"""Answers of a Modbus TCP server, mutilated in every way that is known from the field, and more.
Pure."""

import random
import struct
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

NAN = 0x7FC00000
SPECIAL = (
    0x7FC00000, 0x7F800000, 0xFF800000, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x00000001, 0x7F7FFFFF,
    0x80008000, 0, 0x3B9ACA00, 0x42480000,
)  # fmt: skip
"""NaN, infinities, sentinels, denormals, the largest float, a full energy register, 50 Hz."""
FUNCTIONS = (1, 2, 3, 4, 6, 16, 43, 0, 127)
CODES = (1, 2, 3, 4, 5, 6, 8, 10, 11, 0, 255)
HUGE = 200_000
REMEMBERED = 64


class Reply(NamedTuple):
    """What is sent in answer to one request.

    `pieces` go out one by one; `closes`: the connection ends then. `words`: what the asker may take
    for the answer, if anything. With `must`, it must take it.
    """

    kind: str
    pieces: tuple[bytes, ...]
    closes: bool = False
    words: tuple[int, ...] | None = None
    must: bool = False


class Request(NamedTuple):
    """One read, as it came over the wire."""

    transaction: int
    unit: int
    function: int
    address: int
    registers: int


def read_request(data: bytes) -> Request:
    """A request of twelve bytes."""
    transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", data[:12])
    return Request(transaction, unit, function, address, count)


def frame(transaction: int, unit: int, pdu: bytes, *, length: int | None = None) -> bytes:
    """A Modbus TCP frame; `length` other than the true one is a lie."""
    told = len(pdu) + 1 if length is None else length
    return struct.pack(">HHHB", transaction & 0xFFFF, 0, told & 0xFFFF, unit & 0xFF) + pdu


def answer_pdu(function: int, words: Sequence[int]) -> bytes:
    """Registers as an answer to function 3 or 4."""
    return struct.pack(f">BB{len(words)}H", function, 2 * len(words) & 0xFF, *words)


def honest(asked: Request, words: Sequence[int]) -> bytes:
    """The right answer."""
    return frame(asked.transaction, asked.unit, answer_pdu(asked.function, words))


class Hostile:
    """Makes replies. `contents`: frames without fault may hold senseless registers too."""

    def __init__(self, rng: random.Random, *, contents: bool, honesty: float) -> None:
        self._rng = rng
        self._contents = contents
        self._honesty = honesty
        self._past: deque[bytes] = deque(maxlen=REMEMBERED)
        made: list[tuple[int, Callable[[Request, Sequence[int]], Reply]]] = [
            (10, self._random), (12, self._truncated), (10, self._transaction), (8, self._unit),
            (6, self._function), (12, self._replayed), (8, self._length), (1, self._huge),
            (8, self._exception), (4, self._odd_exception), (6, self._twice), (3, self._pieces),
            (3, self._no_transaction), (3, self._hangs_up), (4, self._protocol), (6, self._count),
            (1, self._silence),
        ]  # fmt: skip
        if contents:
            made.append((40, self._senseless))
        self._weights = [weight for weight, _ in made]
        self._makers = [maker for _, maker in made]

    def reply(self, asked: Request, words: Sequence[int] | None) -> Reply:
        """One reply; `words` are the true registers, None where the unit has none."""
        if words is None:
            pdu = bytes((asked.function | 0x80, 2))
            return Reply("illegal address", (frame(asked.transaction, asked.unit, pdu),))
        if self._rng.random() < self._honesty:
            made = Reply("honest", (honest(asked, words),), words=tuple(words), must=True)
        else:
            (maker,) = self._rng.choices(self._makers, self._weights)
            made = maker(asked, words)
        self._past.append(honest(asked, words))
        return made

    # -- each kind ---------------------------------------------------------------------------

    def _bytes(self, most: int) -> bytes:
        return self._rng.randbytes(self._rng.randint(1, most))

    def _random(self, asked: Request, words: Sequence[int]) -> Reply:
        start = honest(asked, words)[: self._rng.choice((0, 0, 2, 6, 7, 8))]
        return Reply("random", (start + self._bytes(300),), closes=self._rng.random() < 0.5)

    def _truncated(self, asked: Request, words: Sequence[int]) -> Reply:
        whole = honest(asked, words)
        cut = whole[: self._rng.randrange(1, len(whole))]
        return Reply("truncated", (cut,), closes=self._rng.random() < 0.95)

    def _transaction(self, asked: Request, words: Sequence[int]) -> Reply:
        other = asked.transaction + self._rng.choice((-1, 1, -2, 256, self._rng.randint(3, 60_000)))
        if other & 0xFFFF in (0, asked.transaction):
            other = asked.transaction ^ 0x0101
        wrong = frame(other, asked.unit, answer_pdu(asked.function, words))
        return Reply("another transaction", (wrong,))

    def _unit(self, asked: Request, words: Sequence[int]) -> Reply:
        other = (asked.unit + self._rng.randint(1, 254)) & 0xFF
        pdu = answer_pdu(asked.function, words)
        return Reply("another unit", (frame(asked.transaction, other, pdu),))

    def _function(self, asked: Request, words: Sequence[int]) -> Reply:
        other = self._rng.choice(
            [f for f in (1, 2, 3, 4, 6, 16, 43, 0, 127) if f != asked.function]
        )
        pdu = answer_pdu(other, words)
        return Reply("another function", (frame(asked.transaction, asked.unit, pdu),))

    def _replayed(self, asked: Request, words: Sequence[int]) -> Reply:
        if not self._past:
            return self._transaction(asked, words)
        old = self._rng.choice(tuple(self._past))
        if int.from_bytes(old[:2]) in (asked.transaction, 0):
            return self._transaction(asked, words)
        return Reply("replayed", (old,))

    def _length(self, asked: Request, words: Sequence[int]) -> Reply:
        pdu = answer_pdu(asked.function, words)
        lie = self._rng.choice((0, 1, 2, len(pdu), len(pdu) + 2, 255, 65_535))
        if lie == len(pdu) + 1:
            lie = 0
        wrong = frame(asked.transaction, asked.unit, pdu, length=lie)
        return Reply("length lies", (wrong,), closes=self._rng.random() < 0.9)

    def _count(self, asked: Request, words: Sequence[int]) -> Reply:
        fewer = words[:-1] if len(words) > 1 and self._rng.random() < 0.5 else (*words, 0)
        pdu = answer_pdu(asked.function, fewer)
        return Reply("another count", (frame(asked.transaction, asked.unit, pdu),))

    def _huge(self, asked: Request, words: Sequence[int]) -> Reply:
        start = honest(asked, words)[: self._rng.choice((0, 7, 9))]
        return Reply("huge", (start + self._rng.randbytes(self._rng.randint(2_000, HUGE)),))

    def _exception(self, asked: Request, words: Sequence[int]) -> Reply:
        pdu = bytes(
            (asked.function | 0x80, self._rng.choice((1, 2, 3, 4, 5, 6, 8, 10, 11, 0, 255)))
        )
        return Reply("exception", (frame(asked.transaction, asked.unit, pdu),))

    def _odd_exception(self, asked: Request, words: Sequence[int]) -> Reply:
        pdu = bytes((asked.function | 0x80,)) + self._rng.randbytes(self._rng.randint(0, 30))
        wrong = frame(asked.transaction, asked.unit, pdu)
        return Reply("odd exception", (wrong,), closes=self._rng.random() < 0.9)

    def _twice(self, asked: Request, words: Sequence[int]) -> Reply:
        whole = honest(asked, words)
        apart = self._rng.random() < 0.5
        pieces = (whole, whole) if apart else (whole + whole,)
        return Reply("twice", pieces, words=tuple(words))

    def _pieces(self, asked: Request, words: Sequence[int]) -> Reply:
        whole = honest(asked, words)
        at = sorted(self._rng.sample(range(1, len(whole)), 2))
        parts = (whole[: at[0]], whole[at[0] : at[1]], whole[at[1] :])
        return Reply("in pieces", parts, words=tuple(words), must=True)

    def _no_transaction(self, asked: Request, words: Sequence[int]) -> Reply:
        pdu = answer_pdu(asked.function, words)
        return Reply("transaction 0", (frame(0, asked.unit, pdu),), words=tuple(words), must=True)

    def _hangs_up(self, asked: Request, words: Sequence[int]) -> Reply:
        return Reply("hangs up", (), closes=True)

    def _silence(self, asked: Request, words: Sequence[int]) -> Reply:
        return Reply("silence", ())

    def _protocol(self, asked: Request, words: Sequence[int]) -> Reply:
        whole = bytearray(honest(asked, words))
        whole[2:4] = self._rng.randint(1, 0xFFFF).to_bytes(2)
        return Reply("another protocol", (bytes(whole),))

    def _senseless(self, asked: Request, words: Sequence[int]) -> Reply:
        told = senseless(self._rng, words)
        return Reply("senseless", (honest(asked, told),), words=told, must=True)


def senseless(rng: random.Random, words: Sequence[int]) -> tuple[int, ...]:
    """Registers without sense: NaN and the like, zeros, ones, noise, or one wrong pair."""
    count = len(words)
    kind = rng.randrange(6)
    if kind == 0:
        return (0,) * count
    if kind == 1:
        return (0xFFFF,) * count
    if kind == 2:
        return tuple(struct.unpack(f">{count}H", rng.randbytes(2 * count)))
    if kind == 3:
        special = [rng.choice(SPECIAL) for _ in range(count // 2 + 1)]
        return tuple(half for value in special for half in divmod(value, 0x10000))[:count]
    told = list(words)
    for _ in range(1 if kind == 4 else max(1, count // 8)):
        at = rng.randrange(count)
        told[at : at + 2] = divmod(rng.choice(SPECIAL), 0x10000)
    return tuple(told[:count])
