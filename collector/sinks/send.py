"""Sending one load: packing, posting, finding what a receiver refuses, burying it."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import TypeVar

import structlog

from collector.journal import Dead, Journal
from collector.model.sink import SinkSettings
from collector.net.http import Answer, Http, Unreachable, place
from collector.sinks import remote_write
from collector.sinks.answers import OutOfOrder, Verdict, judge, kept, out_of_order, refusal
from collector.sinks.beside import beside
from collector.sinks.bisect import Bisection, Poison
from collector.sinks.collect import Load
from collector.sinks.login import credentials
from collector.sinks.remote_write import Packed, TimeSeries

MAX_SUSPECTS = 1000
MIN_REQUEST_BYTES = 64 << 10
SLOW_GROWTH = 1 + 1 / 64
"""How a request's largest size grows with each load, after the receiver has found one too large."""
FAST_GROWTH = 2.0
"""The same, after one did not get through."""
IN_LOOP_SERIES = 500
METERED_LEVEL = 11
"""Of zstd for a thinned sink, whose bytes cost more than a few milliseconds a minute."""

T = TypeVar("T")
Post = Callable[[Packed], Awaitable[Answer]]

log = structlog.get_logger("sink")


class Sender:
    """Posts to one receiver and counts. Set `http` before the first `send`.

    Series that were refused once go in a request of their own from then on, so that they do not
    hold up the others.
    """

    http: Http

    def __init__(self, settings: SinkSettings, journal: Journal) -> None:
        self.zstd = False
        self.may_connect = True
        """Else what is sent goes over a connection that is open, or raises Cold."""
        self.sent_samples = 0
        self.sent_bytes = 0
        self.dead_samples = 0
        self.dropped: Counter[str] = Counter()
        self._settings = settings
        self._journal = journal
        metered = settings.resolution_s > 1
        self._zstd = partial(remote_write.zstd, level=METERED_LEVEL if metered else 3)
        self._most = remote_write.MAX_REQUEST_BYTES if metered else remote_write.HANDY_REQUEST_BYTES
        self._limit = self._most
        self._growth = FAST_GROWTH
        self._suspects: dict[bytes, None] = {}

    async def send(self, load: Load, *, repeated: bool = False) -> bool:
        """Deliver `load`; what the receiver refuses for good is in the journal's `dead` then.

        Whether a connection broke on the way. Raises Kept or Unreachable when the load stays owed,
        JournalError when what was refused could not be kept, and OutOfOrder when the receiver
        says so of a load that may be `repeated`.
        """
        breaks: list[str] = []
        labels = {one.labels for one in load.series} if self._suspects else set()
        poison, too_large = await self._deliver(load, partial(self._post, breaks), repeated)
        if too_large is None:
            self._limit = min(self._most, round(self._limit * self._growth))
        self._suspects = {one: None for one in self._suspects if one not in labels}
        for one in poison:
            await self._bury(load, one)
        self.sent_samples += load.samples - sum(one.series.number for one in poison)
        self._note_dropped(load.dropped)
        return bool(breaks)

    async def send_again(self, dead: Dead) -> tuple[str, bool]:
        """Send what was refused once more: why it is refused again ("" when it was taken), and
        whether a connection broke on the way. Raises Kept or Unreachable."""
        breaks: list[str] = []
        try:
            series = remote_write.decode(dead.body)
        except (IndexError, ValueError):
            return "its bytes are damaged", False
        answer = await self._post(breaks, self._packed(series))
        if judge(answer) is not Verdict.TAKEN:
            return refusal(answer), bool(breaks)
        self.sent_samples += dead.samples
        return "", bool(breaks)

    def _note_dropped(self, dropped: Counter[str]) -> None:
        for reason, samples in dropped.items():
            if reason not in self.dropped:
                log.error(
                    "{samples} samples that no receiver takes are left out of what goes to "
                    "{sink}, please report it",
                    sink=self._settings.name,
                    cause=reason,
                    samples=samples,
                )
        self.dropped.update(dropped)

    async def _deliver(
        self, load: Load, post: Post, repeated: bool
    ) -> tuple[list[Poison], int | None]:
        """Post `load`; the poison in it, and the size of the smallest request that was too large.

        Few requests are refused. So all are packed in one go and unpacked again for a bisection.
        """
        if not load.series:
            return [], None
        requests = await _off_loop(len(load.series), partial(self._pack, load.series))
        for number, request in enumerate(requests):
            answer = await post(request)
            if judge(answer) is Verdict.TAKEN:
                continue
            if repeated and out_of_order(answer):
                raise OutOfOrder(answer.text)
            taken = await beside(requests[0].first) if number else []
            rest = await beside(partial(_unpacked, requests[number:]))
            bisection = Bisection(partial(self._pack_and, post), taken)
            try:
                return await bisection.send(rest, answer), bisection.too_large_bytes
            finally:
                self._shrink(bisection.too_large_bytes, regrow=SLOW_GROWTH)
        return [], None

    def _pack(self, series: list[TimeSeries]) -> list[Packed]:
        """The requests for `series`, which is empty afterwards: it is large, and this is no place
        for the event loop to let go of it."""
        parts: Iterable[list[TimeSeries]] = remote_write.by_size(series, self._limit)
        if self._suspects:
            good = [one for one in series if one.labels not in self._suspects]
            bad = [one for one in series if one.labels in self._suspects]
            parts = chain(
                remote_write.by_size(good, self._limit), remote_write.by_size(bad, self._limit)
            )
        packed = list(map(self._packed, parts))
        series.clear()
        return packed

    def _packed(self, series: Sequence[TimeSeries]) -> Packed:
        return self._zstd(series) if self.zstd else remote_write.snappy(series)

    async def _pack_and(self, post: Post, series: Sequence[TimeSeries]) -> Answer:
        return await post(await _off_loop(len(series), partial(self._packed, series)))

    def _shrink(self, too_large: int | None, *, regrow: float) -> None:
        if too_large is not None:
            self._limit = max(MIN_REQUEST_BYTES, min(self._limit, too_large // 2))
            self._growth = regrow

    async def _post(self, breaks: list[str], request: Packed) -> Answer:
        """Post `request`; a connection that broke on the way is noted in `breaks`."""
        answer = await self._post_once(breaks, request)
        if request.zstd and answer.status in (400, 415):
            self.zstd = False
            plain = await beside(lambda: remote_write.snappy(request.series()))
            answer = await self._post_once(breaks, plain)
        if judge(answer) is Verdict.KEEP:
            raise kept(answer, place(self._settings.write_url), time.time())
        return answer

    async def _post_once(self, breaks: list[str], request: Packed) -> Answer:
        url = self._settings.write_url
        headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "zstd" if request.zstd else "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
            **({"X-VictoriaMetrics-Remote-Write-Version": "1"} if request.zstd else {}),
            **credentials(self._settings, url),
        }
        try:
            answer = await self.http.post(url, request.body, headers, connect=self.may_connect)
        except Unreachable as error:
            if error.sent:
                self._shrink(request.size, regrow=FAST_GROWTH)
                self.sent_bytes += len(request.body)
            raise
        self.sent_bytes += len(request.body) * (2 if answer.retried else 1)
        if answer.retried:
            breaks.append(url)
        return answer

    async def _bury(self, load: Load, poison: Poison) -> None:
        dead = Dead(
            sink=self._settings.name,
            first_seq=load.span[0],
            last_seq=load.span[1],
            at_ms=int(time.time() * 1000),
            reason=poison.reason,
            samples=poison.series.number,
            body=remote_write.encode([poison.series]),
        )
        await self._journal.bury(dead)
        if not self.dead_samples:
            log.error(
                "Sink {sink} refuses samples for good, see ovr journal dead",
                sink=dead.sink,
                cause=dead.reason,
            )
        self.dead_samples += dead.samples
        if len(self._suspects) < MAX_SUSPECTS:
            self._suspects[poison.series.labels] = None


def _unpacked(requests: Sequence[Packed]) -> list[list[TimeSeries]]:
    return [request.series() for request in requests]


async def _off_loop(series: int, work: Callable[[], T]) -> T:
    """What `work` gives; with many series it is done beside the event loop."""
    if series <= IN_LOOP_SERIES:
        return work()
    return await beside(work)
