"""What a sink has still to send, as a pure state machine over sequence numbers.

Every number up to `head` is in exactly one of these conditions:

- *owed*: never answered, or answered in vain; to be sent;
- *flying*: in a request that has no answer yet;
- *answered*: the receiver said 2xx, which is no promise: it may die with it within seconds;
- *settled*: answered, and the same receiver process was seen alive a minute later.

Everything above `head` is live: not looked at yet. A restart of the receiver, or a failure on the
way, makes everything unsettled owed again; sending twice is harmless (deduplication).

The receiver's *epoch* names its process. It is *vouched for* when it comes from the process that
stores, not from a proxy before it. After a mere failure under a vouched epoch the answers keep
their times: if the same epoch is seen a minute after the answer they settle after all, so that a
flapping link cannot keep a sink from ever settling.
"""

from collections.abc import Iterable
from math import floor
from typing import Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from collector.journal.ranges import clip, count, minus, union
from collector.journal.records import Ranges, SinkRecord

SETTLE_S = 60.0

Span = tuple[int, int]
"""First and last sequence number, both included."""


class Answered(Struct, frozen=True):
    """What was answered up to `at_s` on the monotonic clock."""

    ranges: Ranges
    at_s: float


T = TypeVar("T", bound="SinkState")


class SinkState(Struct, frozen=True, kw_only=True):
    """One sink at one moment. Methods give the next state; times are monotonic seconds.

    `owed` was never answered and goes first, `again` was answered in vain. `generation` counts the
    events after which an answer to an older request proves nothing.
    """

    head: int = 0
    owed: Ranges = ()
    again: Ranges = ()
    flying: Ranges = ()
    answers: tuple[Answered, ...] = ()
    epoch: str | None = None
    vouched: bool = False
    generation: int = 0
    settle_s: float = SETTLE_S

    @classmethod
    def restore(
        cls, record: SinkRecord | None, *, first: int, head: int, settle_s: float = SETTLE_S
    ) -> Self:
        """The state after a start, when the journal holds batches from `first` to `head`.

        A sink without a record is owed everything that is held.
        """
        if record is None:
            return cls(head=min(first - 1, head), settle_s=settle_s)
        known = min(record.head, head)
        return cls(head=known, owed=clip(record.unsettled, 1, known), settle_s=settle_s)

    def record(self, name: str) -> SinkRecord:
        """What must outlive the process."""
        return SinkRecord(name=name, head=self.head, unsettled=self.unsettled)

    @property
    def pending(self) -> Ranges:
        """Everything owed."""
        return union(self.owed, self.again)

    @property
    def answered(self) -> Ranges:
        """Everything that was answered and has not settled."""
        return union(*(answer.ranges for answer in self.answers))

    @property
    def unsettled(self) -> Ranges:
        """Everything up to `head` that the receiver may not have."""
        return union(self.owed, self.again, self.flying, self.answered)

    @property
    def settled(self) -> int:
        """All numbers up to this one have settled."""
        unsettled = self.unsettled
        return unsettled[0][0] - 1 if unsettled else self.head

    # -- sending

    def take_live(self, head: int, limit: int) -> tuple[Self, Span | None]:
        """The newest `limit` numbers up to `head` take off; what is older becomes owed."""
        if head <= self.head:
            return self, None
        first = max(self.head + 1, head - limit + 1)
        return replace(
            self,
            head=head,
            owed=union(self.owed, ((self.head + 1, first - 1),)),
            flying=union(self.flying, ((first, head),)),
        ), (first, head)

    def take_owed(self, limit: int) -> tuple[Self, Span | None]:
        """The oldest owed numbers take off, `limit` at most, in one run."""
        ranges = self.owed or self.again
        if not ranges:
            return self, None
        first, last = ranges[0]
        return self._take((first, min(last, first + limit - 1)))

    def take_oldest(self, head: int, limit: int) -> tuple[Self, Span | None]:
        """The oldest of all that is owed or live up to `head` takes off, never out of order."""
        pending = self.pending
        if pending:
            first, last = pending[0]
            return self._take((first, min(last, first + limit - 1)))
        if head <= self.head:
            return self, None
        return self.take_live(min(head, self.head + limit), limit)

    def _take(self, span: Span) -> tuple[Self, Span]:
        return replace(
            self,
            owed=minus(self.owed, (span,)),
            again=minus(self.again, (span,)),
            flying=union(self.flying, (span,)),
        ), span

    def give_back(self, span: Span) -> Self:
        """They were not sent, or there was no good answer: owed as before."""
        repeated = clip(self.answered, *span)
        return replace(
            self,
            flying=minus(self.flying, (span,)),
            owed=union(self.owed, minus((span,), repeated)),
            again=union(self.again, repeated),
        )

    def gone(self, span: Span) -> Self:
        """The journal holds none of them any more: there is nothing to send."""
        return replace(
            self,
            flying=minus(self.flying, (span,)),
            answers=_without(self.answers, (span,)),
        )

    def answer(self, span: Span, *, generation: int, at_s: float) -> Self:
        """The receiver took them; they were sent in `generation`."""
        landed = replace(self, flying=minus(self.flying, (span,)))
        if generation != self.generation:
            return replace(landed, again=union(landed.again, (span,)))
        new = minus((span,), self.answered)
        stamp = floor(at_s) + 1.0
        answers = self.answers
        if answers and answers[-1].at_s == stamp:
            new = union(answers[-1].ranges, new)
            answers = answers[:-1]
        return replace(landed, answers=(*answers, Answered(new, stamp)) if new else answers)

    # -- doubt and certainty

    def doubt(self) -> Self:
        """A failure on the way: everything unsettled is owed again."""
        return replace(
            self,
            again=union(self.again, minus(self.answered, self.flying)),
            answers=self.answers if self.vouched else (),
            generation=self.generation + 1,
        )

    def observe(self, epoch: str, *, at_s: float, vouched: bool) -> Self:
        """The receiver named its epoch in answer to a question that was asked at `at_s`."""
        if epoch != self.epoch:
            doubtful = replace(self, vouched=False).doubt()
            return replace(doubtful, epoch=epoch, vouched=vouched)
        if not vouched:
            return self.unseen(at_s=at_s)
        return _settle(replace(self, vouched=True), at_s)

    def unseen(self, *, at_s: float) -> Self:
        """The storing process does not show its epoch: only time without failures counts."""
        if self.vouched:
            return replace(self, vouched=False).doubt()
        return _settle(self, at_s)

    @property
    def owed_count(self) -> int:
        """How many batches up to `head` have still to be sent (again)."""
        return count(self.pending)


def _settle(state: T, at_s: float) -> T:
    ripe = union(*(a.ranges for a in state.answers if a.at_s + state.settle_s <= at_s))
    if not ripe:
        return state
    answers = tuple(a for a in state.answers if a.at_s + state.settle_s > at_s)
    return replace(state, answers=answers, again=minus(state.again, ripe))


def _without(answers: Iterable[Answered], taken: Ranges) -> tuple[Answered, ...]:
    kept = (Answered(minus(answer.ranges, taken), answer.at_s) for answer in answers)
    return tuple(answer for answer in kept if answer.ranges)
