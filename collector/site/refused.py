"""What counters were not given: listed until a person decides.

Accepting adds the amount to the total once. It is kept in the transaction that keeps the total, so
that no end of the process can add it twice, or decide it without adding it.
"""

from collections.abc import Callable, Iterable

from msgspec import structs

from collector.errors import NotPossible
from collector.model.ids import uuid7
from collector.model.refused import RefusedCount
from collector.model.text import clean
from collector.site.energy import INTEGRAL, Happened, Missed

MOST = 1000
MOST_OF_ONE = 20
"""Of one counter: a register that flaps says the same again and again."""
LEAST = 0.1
"""What could not be proven is listed from this amount up."""
AGAIN_MS = 60_000
"""A power that cannot be is one event for as long as it is seen again within this time."""


class Refusals:
    """The open ones, and which of all have changed since they were kept. `left_out` counts those
    that went because there were too many."""

    def __init__(
        self, kept: Iterable[RefusedCount] = (), *, new_id: Callable[[int], str] = uuid7
    ) -> None:
        self._open = {one.id: one for one in kept}
        self._changed: dict[str, RefusedCount] = {}
        self._new_id = new_id
        self.left_out = 0

    @property
    def open(self) -> tuple[RefusedCount, ...]:
        """Those that nobody has decided, the newest first."""
        return tuple(sorted(self._open.values(), key=lambda one: one.id, reverse=True))

    @property
    def unsaved(self) -> tuple[RefusedCount, ...]:
        """Those that are others than when they were kept."""
        return tuple(self._changed.values())

    def saved(self, kept: Iterable[RefusedCount]) -> None:
        """These are kept as they are."""
        for one in kept:
            if self._changed.get(one.id) is one:
                del self._changed[one.id]

    def note(self, asset: str, what: Happened, at_ms: int) -> None:
        """A counter was not given something at the tick `at_ms`."""
        missed = what.missed
        if missed is None:
            return
        same = [
            one
            for one in self._open.values()
            if (one.asset, one.measurement, one.alarms) == (asset, what.measurement, what.refused)
        ]
        last = max(same, key=lambda one: one.id, default=None)
        if last is not None and (more := _more(last, what, missed, at_ms, len(same))) is not None:
            self._put(more)
            return
        if not what.refused and missed.amount < LEAST:
            return
        if len(self._open) >= MOST:
            self.left_out += 1
            del self._open[min(self._open)]
        self._put(
            RefusedCount(
                id=self._new_id(at_ms),
                asset=asset,
                measurement=what.measurement,
                unit=missed.unit,
                path=missed.path,
                at_ms=at_ms,
                raw_before=missed.before,
                raw_after=missed.raw,
                amount=missed.amount,
                why=clean(what.event, 240),
                alarms=what.refused,
            )
        )

    def find(self, wanted: str) -> RefusedCount:
        """The open one with this id. Raises NotPossible."""
        found = self._open.get(wanted)
        if found is None:
            raise NotPossible(
                f"nothing open has the id {clean(wanted)}: ovr asset refused lists what is"
            )
        return found

    def decided(self, one: RefusedCount) -> None:
        """A person has decided, and that is kept: it is open no more."""
        self._open.pop(one.id, None)
        self._changed.pop(one.id, None)

    def _put(self, one: RefusedCount) -> None:
        self._open[one.id] = one
        self._changed[one.id] = one


def _more(
    last: RefusedCount, what: Happened, missed: Missed, at_ms: int, count: int
) -> RefusedCount | None:
    """The newest entry of a counter with what happened now, where that is no entry of its own:
    pauses of a meter that cannot be proven add up, a power that cannot be goes on tick after tick,
    and a register that flaps says the same again and again."""
    more = structs.replace(last, at_ms=at_ms, times=last.times + 1)
    if not what.refused:
        if (last.unit, last.path) != (missed.unit, missed.path):
            return None
        return structs.replace(more, raw_after=missed.raw, amount=last.amount + missed.amount)
    power = last.path == missed.path == INTEGRAL and at_ms - last.at_ms <= AGAIN_MS
    return more if power or count >= MOST_OF_ONE else None


def decision(
    one: RefusedCount, *, accept: bool, amount: float | None, person: str, note: str, now_ms: int
) -> RefusedCount:
    """`one` as a person decided it: `amount` (None: all of it) is to be added, or nothing.

    Raises NotPossible when nobody knows how much that is.
    """
    added = None
    if accept:
        added = one.amount if amount is None else amount
        if not added > 0:
            raise NotPossible(
                "nobody can say how much that was: say the amount that is to be added"
            )
    return structs.replace(
        one,
        decided_ms=now_ms,
        accepted=added,
        person=clean(person),
        note=clean(note, 300),
    )
