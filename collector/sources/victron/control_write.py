"""One write to a GX and what it says to it: a GX answers no write, and says nothing at all to one
that it does not take.

`W` goes out once, never retained; the same path is read at once and twice more, because a value
that stays the same is not told again, and one that is refused is never told.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from collector.model.control import ControlValue, Outcome
from collector.sources.victron.control_points import WRITABLE
from collector.sources.victron.control_spots import Spot, word_of
from collector.sources.victron.control_system import unacknowledged
from collector.sources.victron.derive.common import num

NEAR = 1e-6

Say = Callable[[str, str], Awaitable[None]]
"""Publishes a payload at a topic, never retained."""


class Timing(NamedTuple):
    """Seconds after the write: when it is read, until when an answer counts, and how long after an
    answer as wanted the value and what comes of it are watched (a switch may set it back)."""

    reads: tuple[float, ...] = (0.0, 1.0, 3.0)
    answer: float = 5.0
    settle: float = 1.5
    look: float = 1.0
    """How long the GX may take to say, before a write, how it is set now."""
    resend: float = 20.0
    """How often a volatile override is written again; it lapses after 60 s."""


class Wish(NamedTuple):
    """What is written, what is read to see it and what comes of it, and whether it is as wanted."""

    tail: str
    payload: str
    reads: tuple[str, ...]
    watch: tuple[str, ...]
    met: Callable[[], bool]


class Watched:
    """Who waits for messages about which topics. Empty nearly always."""

    def __init__(self) -> None:
        self._by_topic: dict[str, asyncio.Event] = {}

    def __bool__(self) -> bool:
        return bool(self._by_topic)

    def said(self, topic: str) -> None:
        """The GX has said something about `topic`, which was taken."""
        event = self._by_topic.get(topic)
        if event is not None:
            event.set()

    @contextmanager
    def of(self, topics: tuple[str, ...]) -> Iterator[asyncio.Event]:
        """An event that is set at each message about one of `topics`."""
        event = asyncio.Event()
        self._by_topic.update(dict.fromkeys(topics, event))
        try:
            yield event
        finally:
            for topic in topics:
                self._by_topic.pop(topic, None)


def payload_of(value: ControlValue, numbers: Mapping[str, int | None], *, whole: bool) -> str:
    """The payload that sets `value`: integers as integers, null for a released override."""
    number: float | None
    number = numbers[value] if isinstance(value, str) else round(value) if whole else float(value)
    return json.dumps({"value": number}, separators=(",", ":"))


async def look(say: Say, watched: Watched, portal: str, spot: Spot, timing: Timing) -> bool:
    """Have the GX say how a point is set now; whether it did. Raises what `say` raises."""
    reads, watch = _reads(spot)
    with watched.of(tuple(f"N/{portal}/{tail}" for tail in watch)) as news:
        for tail in reads:
            await say(f"R/{portal}/{tail}", "")
        try:
            async with asyncio.timeout(timing.look):
                await news.wait()
        except TimeoutError:
            return False
    return True


async def write(say: Say, watched: Watched, portal: str, wish: Wish, timing: Timing) -> Outcome:
    """Write once, read back, compare. What the values are now stands in the tree.

    Raises ValueError for what may never be written, and what `say` raises.
    """
    if not WRITABLE.match(wish.tail):
        raise ValueError(f"{wish.tail} is not to be written by this program")
    loop = asyncio.get_running_loop()
    topics = tuple(f"N/{portal}/{tail}" for tail in wish.watch)
    with watched.of(topics) as news:
        await say(f"W/{portal}/{wish.tail}", wish.payload)
        began = loop.time()
        end = began + timing.answer
        reads = list(timing.reads)
        met = heard = False
        while loop.time() < end:
            if reads and loop.time() >= began + reads[0]:
                reads.pop(0)
                news.clear()
                for tail in wish.reads:
                    await say(f"R/{portal}/{tail}", "")
            due = min(end, began + reads[0]) if reads else end
            try:
                async with asyncio.timeout_at(due):
                    await news.wait()
            except TimeoutError:
                continue
            news.clear()
            heard = True
            if wish.met() and not met:
                met = True
                end = min(end, loop.time() + timing.settle)
            elif not reads and not wish.met():
                end = min(end, loop.time() + timing.settle)
    if wish.met() and heard:
        return Outcome.CONFIRMED
    return Outcome.INSTEAD if heard else Outcome.NO_REPLY


def _reads(spot: Spot) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is read to see how a point is set and what comes of it, and what then says the first."""
    service = spot.service
    root = f"{service.kind}/{service.instance}"
    if spot.point.command == "acknowledge":
        slots = tuple(f"{root}/{slot}" for slot in unacknowledged(service))
        return (f"{root}/Notifications",), slots
    shown = (f"{each.kind}/{each.instance}/{where}" for each, where in spot.effects)
    return (f"{root}/{spot.path}", *shown), (f"{root}/{spot.path}",)


def wish_of(spot: Spot, value: ControlValue) -> Wish:
    """What is written to set a point, and what is read to see it."""
    service, path = spot.service, spot.path
    reads, watch = _reads(spot)
    tail = f"{service.kind}/{service.instance}/{path}"
    payload = payload_of(value, spot.numbers, whole=spot.whole)
    if spot.point.command == "acknowledge":
        return Wish(tail, payload, reads, watch, lambda: not unacknowledged(service))
    wanted = spot.numbers[value] if isinstance(value, str) else value

    def met() -> bool:
        now = num(service.values, path)
        if wanted is None or now is None:
            return now is None and wanted is None
        return abs(now - wanted) <= NEAR * max(1.0, abs(wanted))

    return Wish(tail, payload, reads, watch, met)


def value_of(spot: Spot) -> ControlValue | None:
    """How it is set now."""
    if spot.point.command == "acknowledge":
        return float(len(unacknowledged(spot.service)))
    return word_of(num(spot.service.values, spot.path), spot.numbers)


def release_of(portal: str, spot: Spot) -> tuple[str, str]:
    """Topic and payload that end an override."""
    wish = wish_of(spot, "release")
    return f"W/{portal}/{wish.tail}", wish.payload
