"""From a post to the journal, the memory of what was taken, and minutes that nobody measured."""

import asyncio
import time
from array import array
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from collector.errors import OvrError
from collector.ingest import posted
from collector.ingest.axm import Post, Row, parse
from collector.ingest.minutes import MINUTE_MS, Minute, minutes
from collector.model.kinds import AssetKind
from collector.model.series import BadSeries, encode_series
from collector.model.text import clean
from collector.store import NodeDb

DAY_MS = 86_400_000
AHEAD_MS = 300_000
"""A clock that is ahead by no more is waited for: the post is put off until then."""
AT_ONCE = 4000
"""Samples of one batch; a tick goes between two batches."""
POSTS = 3
"""Posts in work, the one that is kept and those that wait for it."""
UNKNOWN_NAMES = 400
"""Of one meter: names that nobody knows, and that are kept as they are."""
SETTLED_MS = 180_000
"""A minute is filled when it is over for so long: by then it is known whether it had data."""
WAITING = 20_000

FUTURE = "from the future"
TOO_OLD = "older than the journal keeps"
TOO_MANY = "too many names"

log = structlog.get_logger("ingest")


class UnknownMeter(OvrError):
    """No device of the registry has the serial of the post."""


class NotNow(OvrError):
    """The post can be taken later. `after_s`: in how many seconds it may come again."""

    def __init__(self, message: str, after_s: int) -> None:
        super().__init__(message)
        self.after_s = after_s


class Meter(Struct, frozen=True, kw_only=True):
    """A device of the registry whose posts are taken, and its asset."""

    device: str
    serial: str
    asset: str
    kind: AssetKind
    system: str
    unit: int = 1


class Kept(Struct, frozen=True, kw_only=True):
    """What became of a post: rows, and samples of rows that were new."""

    device: str
    rows: int
    samples: int
    repeated: int
    left_out: Mapping[str, int]


class Past(NamedTuple):
    """Samples with times of their own, for the journal."""

    series: list[bytes]
    values: "array[float]"
    times: "array[int]"


class Meters(Protocol):
    """The devices of the registry by their serials."""

    def __call__(self) -> Sequence[Meter]:
        """All that have one now."""


Append = Callable[[Past], Awaitable[None]]
Fill = Callable[[Sequence[tuple[Meter, Minute]]], Awaitable[None]]


class Ingest:
    """Takes posts. `append` returns when samples are durable in the journal; `fill` fills minutes
    of assets that had no good data; `confirmed` says whether the node's clock is right.

    Times in ms; `keep_ms` is how long the journal keeps samples.
    """

    def __init__(
        self,
        db: NodeDb,
        *,
        node: str,
        site: str,
        zone: str,
        meters: Meters,
        append: Append,
        fill: Fill,
        confirmed: Callable[[], bool],
        keep_ms: int,
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._db = db
        self._labels = {"db": "telegraf", "node": node, "site": site, "via": "axm"}
        self._zone = ZoneInfo(zone)
        self._meters = meters
        self._append = append
        self._fill = fill
        self._confirmed = confirmed
        self._keep_ms = keep_ms
        self._now_ms = now_ms
        self._turn = asyncio.Lock()
        self._inside = 0
        self._series: dict[tuple[str, str], bytes] = {}
        self._unknown: Counter[str] = Counter()
        self._minutes: dict[tuple[str, int], tuple[Meter, Minute]] = {}
        self.samples = 0
        """Samples that went into the journal since the start."""
        self.left_out: Counter[str] = Counter()
        """What was left out since the start, by reason."""

    async def take(self, content_type: str, body: bytes, serial: str = "") -> Kept:
        """Take a post; what is new in it is durable when this returns. `serial` is what the
        request itself says of the meter.

        Raises BadPost, UnknownMeter, NotNow, JournalError and StoreError; then it may come again.
        """
        if self._inside >= POSTS:
            raise NotNow("other posts are being kept: post again later", 10)
        self._inside += 1
        try:
            async with self._turn:
                return await self._take(content_type, body, serial)
        finally:
            self._inside -= 1

    async def _take(self, content_type: str, body: bytes, serial: str) -> Kept:
        if not self._confirmed():
            raise NotNow("the node does not know what time it is: post again later", 60)
        post = await asyncio.to_thread(parse, content_type, body, self._zone)
        meter = self._whose(post, serial)
        left_out = Counter(post.left_out)
        rows = self._in_time(post.rows, left_out)
        told = Kept(device=meter.device, rows=0, samples=0, repeated=0, left_out=left_out)
        new = samples = 0
        for at in range(0, len(rows), AT_ONCE // 4):
            some = rows[at : at + AT_ONCE // 4]
            fresh = await self._db.run(
                "look up posts", partial(posted.fresh, device=meter.device, rows=some)
            )
            samples += await self._keep(meter, fresh, left_out)
            new += len(fresh)
        self.samples += samples
        self.left_out.update(left_out)
        return Kept(
            device=told.device,
            rows=new,
            samples=samples,
            repeated=len(rows) - new,
            left_out=dict(left_out),
        )

    def _whose(self, post: Post, serial: str) -> Meter:
        known = {meter.serial.lower(): meter for meter in self._meters()}
        named = [text for text in (*post.serials, serial) if text]
        for text in named[:1] or post.hints:
            if (found := known.get(text.lower())) is not None:
                return found
        words = ", ".join(clean(text) for text in (*named[:1], *post.hints) if text) or "none"
        raise UnknownMeter(
            f"no device of the registry has the serial of this post ({words}): give its entry "
            "serial = …, or let the collector read the meter once"
        )

    def _in_time(self, rows: Sequence[Row], left_out: Counter[str]) -> list[Row]:
        """The rows that are neither too old nor from the future, in order of time."""
        now_ms = self._now_ms()
        ahead_ms = max((row.at_ms - now_ms for row in rows), default=0)
        if 0 < ahead_ms <= AHEAD_MS:
            seconds = ahead_ms // 1000 + 1
            raise NotNow(f"the meter's clock is {seconds} s ahead: post again then", seconds)
        good = []
        for row in rows:
            if row.at_ms > now_ms:
                left_out[FUTURE] += 1
            elif row.at_ms < now_ms - self._keep_ms:
                left_out[TOO_OLD] += 1
            else:
                good.append(row)
        return sorted(good, key=lambda row: row.at_ms)

    async def _keep(self, meter: Meter, rows: Sequence[Row], left_out: Counter[str]) -> int:
        """Rows that were not taken yet: into the journal, then into the memory. The samples."""
        kept = 0
        past = Past([], array("d"), array("q"))
        begun: list[Row] = []
        for row in rows:
            for name, value in row.values.items():
                series = self._series_of(meter, name)
                if series is None:
                    left_out[TOO_MANY] += 1
                    continue
                past.series.append(series)
                past.values.append(value)
                past.times.append(row.at_ms)
            begun.append(row)
            if len(past.values) >= AT_ONCE or row is rows[-1]:
                kept += len(past.values)
                await self._durable(meter, past, begun)
                past, begun = Past([], array("d"), array("q")), []
        return kept

    async def _durable(self, meter: Meter, past: Past, rows: Sequence[Row]) -> None:
        if past.values:
            await self._append(past)
        before_ms = self._now_ms() - self._keep_ms - DAY_MS
        await self._db.run(
            "remember posts",
            partial(posted.remember, device=meter.device, rows=rows, before_ms=before_ms),
        )
        for minute in minutes(meter.kind, rows):
            key = (meter.device, minute.at_ms)
            other = self._minutes.get(key)
            self._minutes[key] = (meter, minute if other is None else other[1].joined(minute))
            if len(self._minutes) > WAITING:
                del self._minutes[next(iter(self._minutes))]
                self.left_out["minutes that wait to be filled"] += 1

    def _series_of(self, meter: Meter, name: str) -> bytes | None:
        """The label bytes of a meter's series; None for one unknown name too many."""
        found = self._series.get((meter.device, name))
        if found is not None:
            return found
        if name.startswith("axm_"):
            if self._unknown[meter.device] >= UNKNOWN_NAMES:
                return None
            self._unknown[meter.device] += 1
        labels = {"device": meter.device, "unit": str(meter.unit)}
        try:
            found = encode_series(f"acuvim_{name}", self._labels | labels)
        except BadSeries:
            return None
        self._series[meter.device, name] = found
        return found

    async def fill_minutes(self) -> None:
        """Give the minutes to the rollups that are over for long enough. Raises StoreError; then
        they wait for the next try."""
        now_ms = self._now_ms()
        over = now_ms - MINUTE_MS - SETTLED_MS
        due = {key: one for key, one in self._minutes.items() if one[1].at_ms <= over}
        if due:
            await self._fill(list(due.values()))
            for key, one in due.items():
                if self._minutes.get(key) is one:
                    del self._minutes[key]

    async def run(self, ready: Callable[[], None]) -> None:
        """Fill minutes as they become due, until cancelled."""
        ready()
        while True:
            await asyncio.sleep(MINUTE_MS / 2000)
            await self.fill_minutes()
