"""Which registers a device does not have: found once by halving, confirmed, then remembered.

A request that is refused for an illegal address is halved until what is refused is one value; a
profile for a whole family of devices may name many that one of them lacks.
"""

import re
from collections.abc import Awaitable, Callable, Iterator

from collector.profiles.plan import Learned, Request, halves
from collector.sources.modbus.errors import IllegalAddress, Refused

CONFIRM_S = 60.0
"""After this time what was refused is asked for once more, and remembered over restarts."""

_PLACES = re.compile(r"([1-4]):(\d{1,5})(?:-(\d{1,5}))?\Z")

Take = Callable[[Request], Awaitable[None]]
"""Reads a request and takes what it says. Raises what reading raises."""


class Finds:
    """What one search has found: registers that are missing, and requests that are answered."""

    def __init__(self) -> None:
        self.answered: list[Request] = []
        self.lost: list[Request] = []
        """Requests for one value each, or for a whole block, that are refused."""
        self.broken: set[tuple[int, int]] = set()
        """Blocks of the profile that are refused, but for some of their values."""

    def lose(self, request: Request) -> None:
        """No register of `request` is there."""
        self.lost.append(request)

    @property
    def missing(self) -> frozenset[tuple[int, int]]:
        """The registers that are not there, with their function. Those of a value that is not there
        whole (a list that is shorter in this device) are there if another value was answered from
        them."""
        there = {place for request in self.answered for place in _of(request)}
        lost = (set(_of(request)) for request in self.lost)
        return frozenset(place for each in lost for place in (each - there or each))

    def learned(self, before: Learned) -> Learned:
        """`before` and what was found. Where every value by itself is answered, it is what lies
        between them that is missing: requests begin anew there."""
        missing = self.missing
        cuts = [] if missing else [(each.function, each.start) for each in self.answered[1:]]
        return before | Learned(missing, frozenset(cuts), frozenset(self.broken))


def _of(request: Request) -> list[tuple[int, int]]:
    """The registers that a request's values take."""
    return [
        (request.function, register)
        for part in request.parts
        for register in range(part.piece.start, part.piece.end)
    ]


async def search(refused: Request, code: int, take: Take) -> Finds:
    """What of a request that was refused with Modbus exception `code` is not there. What is there
    is taken."""
    finds = Finds()
    if code == 1 or (refused.exact and refused.optional):
        finds.lose(refused)
        return finds
    if refused.exact:
        finds.broken.add((refused.function, refused.start))
    await _halve(refused, take, finds)
    return finds


async def _halve(request: Request, take: Take, finds: Finds) -> None:
    if len(request.parts) == 1:
        finds.lose(request)
        return
    for half in halves(request):
        try:
            await take(half)
        except IllegalAddress:
            await _halve(half, take, finds)
        else:
            finds.answered.append(half)


async def confirm(lost: list[Request], take: Take) -> bool:
    """Whether everything that was refused is refused still."""
    for request in lost:
        try:
            await take(request)
        except Refused as error:
            if not error.lasting:
                raise
        else:
            return False
    return True


def as_text(learned: Learned) -> str:
    """For keeping: `3:1024-1026 3:1030 | 3:2048 | 4:500`, missing registers, cuts and broken
    blocks, each by function."""
    parts = (learned.missing, learned.cuts, learned.broken)
    return " | ".join(" ".join(_ranges(part)) for part in parts)


def _ranges(places: frozenset[tuple[int, int]]) -> Iterator[str]:
    left = sorted(places)
    while left:
        function, first = left[0]
        size = next(
            (i for i, place in enumerate(left) if place != (function, first + i)), len(left)
        )
        yield f"{function}:{first}-{first + size - 1}" if size > 1 else f"{function}:{first}"
        left = left[size:]


def from_text(text: str) -> Learned:
    """What `as_text` has written; nothing of what it has not."""
    parts = [frozenset(_places(part)) for part in text.split("|")[:3]]
    return Learned(*parts)


def _places(text: str) -> Iterator[tuple[int, int]]:
    for word in text.split():
        found = _PLACES.match(word)
        if found:
            first, last = int(found[2]), int(found[3] or found[2])
            yield from ((int(found[1]), register) for register in range(first, last + 1))
