"""One request's way past a receiver that finds it too large, or dislikes something in it."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct

from collector.net.http import Answer
from collector.sinks.answers import Kept, Verdict, judge, refusal
from collector.sinks.remote_write import TimeSeries, halve, split

Post = Callable[[Sequence[TimeSeries]], Awaitable[Answer]]
"""Sends a request; raises Kept for every answer that is to be waited out."""

PATIENCE = 20
"""Refusals without anything taken, after which samples from all over the request are tried."""
PROBES = 12
"""So many; when none of them is taken either, everything is seen as refused."""


class Poison(Struct, frozen=True):
    """A sample that the receiver does not take, and what it says about it."""

    series: TimeSeries
    reason: str


class Bisection:
    """Sends one request, halving it as often as the receiver demands.

    A part that is refused down to its last sample, and then once more, is poison only if the
    receiver took another part of the same request before and after; else it may refuse everything
    (Debian's vmauth answers 400 to a wrong token), and nothing may be given up.
    """

    def __init__(self, post: Post, taken: Sequence[TimeSeries] = ()) -> None:
        """`taken`: something of the same request that the receiver has just taken."""
        self._post = post
        self._poison: list[Poison] = []
        self._taken = list(taken)
        self._refusals = 0
        self.too_large_bytes: int | None = None
        """Size of the smallest request that was too large."""

    async def send(
        self, parts: Sequence[list[TimeSeries]], first: Answer | None = None
    ) -> list[Poison]:
        """Send `parts` one after another, as one request; what is poison in them.

        `first` is the answer that the first part has had already. Raises Kept when samples were
        not taken and are not proven poison.
        """
        stack = [part for part in reversed(parts) if part]
        while stack:
            part = stack.pop()
            answer = first or await self._post(part)
            first = None
            if judge(answer) is Verdict.TAKEN:
                self._note_taken(part)
                continue
            self._note_refusal(part, answer)
            if not self._taken and self._refusals == PATIENCE:
                await self._probe([one for part in (*stack, part) for one in part], answer)
            halves = halve(part)
            if halves is None:
                self._poison.append(Poison(part[0], refusal(answer)))
            else:
                stack += (halves[1], halves[0])
        if self._poison and not self._taken:
            raise _all_refused(self._poison[-1].reason)
        poison = [one for one in self._poison if await self._refused_again(one)]
        if poison and judge(await self._post(self._taken[:1])) is not Verdict.TAKEN:
            raise _all_refused(poison[-1].reason)
        return poison

    def _note_taken(self, part: list[TimeSeries]) -> None:
        if not self._taken or len(part) < len(self._taken):
            self._taken = part

    def _note_refusal(self, part: list[TimeSeries], answer: Answer) -> None:
        self._refusals += 1
        if judge(answer) is Verdict.HALVE:
            size = sum(series.size for series in part)
            self.too_large_bytes = min(size, self.too_large_bytes or size)

    async def _probe(self, rest: Sequence[TimeSeries], answer: Answer) -> None:
        """Neighbours are often poisoned together: is there anything that the receiver takes?"""
        for place in sorted({number * len(rest) // PROBES for number in range(PROBES)}):
            sample = _first_sample(rest[place])
            if judge(await self._post([sample])) is Verdict.TAKEN:
                self._note_taken([sample])
                return
        raise _all_refused(refusal(answer))

    async def _refused_again(self, poison: Poison) -> bool:
        """Whether it is still refused, alone."""
        return judge(await self._post([poison.series])) is not Verdict.TAKEN


def _first_sample(series: TimeSeries) -> TimeSeries:
    return TimeSeries(series.labels, split(series.samples)[0])


def _all_refused(reason: str) -> Kept:
    return Kept(f"the receiver refuses everything: {reason}; check token, URL and its settings")
