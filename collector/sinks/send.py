"""Sending one load: packing, posting, finding what a receiver refuses, burying it."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence

import structlog

from collector.journal import Dead, Journal
from collector.model.sink import SinkSettings
from collector.sinks import remote_write
from collector.sinks.answers import Verdict, judge, kept
from collector.sinks.bisect import Bisection, Poison
from collector.sinks.collect import Load
from collector.sinks.http import Answer, Http, credentials, place
from collector.sinks.remote_write import TimeSeries

MAX_SUSPECTS = 1000
MIN_REQUEST_BYTES = 64 << 10
IN_LOOP_SERIES = 500

log = structlog.get_logger("sink")


class Sender:
    """Posts to one receiver and counts. Set `http` before the first `send`.

    Series that were refused once go in a request of their own from then on, so that they do not
    hold up the others.
    """

    http: Http

    def __init__(self, settings: SinkSettings, journal: Journal) -> None:
        self.zstd = False
        self.sent_samples = 0
        self.sent_bytes = 0
        self.dead_samples = 0
        self.dropped: Counter[str] = Counter()
        self._settings = settings
        self._journal = journal
        self._limit = remote_write.MAX_REQUEST_BYTES
        self._suspects: dict[bytes, None] = {}
        self._retried = False

    async def send(self, load: Load) -> bool:
        """Deliver `load`; what the receiver refuses for good is in the journal's `dead` then.

        Whether a connection broke on the way. Raises Kept or Unreachable when the load stays owed,
        JournalError when what was refused could not be kept.
        """
        self._retried = False
        if load.series:
            bisection = Bisection(self._post)
            try:
                poison = await bisection.send(self._parts(load.series))
            finally:
                self._shrink(bisection.too_large_bytes)
            if self._suspects:
                sent = {one.labels for one in load.series}
                self._suspects = {labels: None for labels in self._suspects if labels not in sent}
            for one in poison:
                await self._bury(load, one)
        self.dropped.update(load.dropped)
        return self._retried

    def _parts(self, series: Sequence[TimeSeries]) -> list[list[TimeSeries]]:
        if not self._suspects:
            return list(remote_write.by_size(series, self._limit))
        good = [one for one in series if one.labels not in self._suspects]
        bad = [one for one in series if one.labels in self._suspects]
        return [
            *remote_write.by_size(good, self._limit),
            *remote_write.by_size(bad, self._limit),
        ]

    def _shrink(self, too_large: int | None) -> None:
        if too_large is not None:
            self._limit = max(MIN_REQUEST_BYTES, min(self._limit, too_large // 2))

    async def _post(self, series: Sequence[TimeSeries]) -> Answer:
        answer = await self._post_packed(series)
        if self.zstd and answer.status in (400, 415):
            self.zstd = False
            answer = await self._post_packed(series)
        verdict = judge(answer)
        if verdict is Verdict.KEEP:
            raise kept(answer, place(self._settings.write_url), time.time())
        if verdict is Verdict.TAKEN:
            self.sent_samples += sum(one.number for one in series)
        return answer

    async def _post_packed(self, series: Sequence[TimeSeries]) -> Answer:
        use_zstd = self.zstd
        pack = remote_write.zstd if use_zstd else remote_write.snappy
        if len(series) <= IN_LOOP_SERIES:
            body = pack(remote_write.encode(series))
        else:
            body = await asyncio.to_thread(lambda: pack(remote_write.encode(series)))
        url = self._settings.write_url
        headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "zstd" if use_zstd else "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
            **({"X-VictoriaMetrics-Remote-Write-Version": "1"} if use_zstd else {}),
            **credentials(self._settings, url),
        }
        answer = await self.http.post(url, body, headers)
        self.sent_bytes += len(body) * (2 if answer.retried else 1)
        self._retried |= answer.retried
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
            log.error("A receiver refuses samples.", sink=dead.sink, cause=dead.reason)
        self.dead_samples += dead.samples
        if len(self._suspects) < MAX_SUSPECTS:
            self._suspects[poison.series.labels] = None
