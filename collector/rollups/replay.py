"""Minutes made again from the journal's canonical samples, by the same reckoning as live ones.

A canonical series has a sample when its value changes and once in 30 ticks, and a stale marker when
it ends. So what each tick told is known once 30 ticks have been read, and the same ticks give the
same rows, bit for bit, but for three things that samples do not say: registers are unknown; where
the clock was stepped, times count as they are and not as the monotonic clock had them; and for up
to 30 s after ticks that never reached the journal a value may be the one before them.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from collector.journal.batch import Batch
from collector.model.kinds import AssetKind
from collector.model.rollup_codec import MINUTE_MS
from collector.model.rollup_keys import BY_KEY
from collector.model.series import decode_series
from collector.rollups.book import Book
from collector.rollups.tables import Row, packed
from collector.rollups.track import Closed, Subject
from collector.site.samples import CANON_REPEAT_TICKS

STARTED = "ovr_node_start_time_ms"
"""A series of the node's own: its value is another one in each run of the program."""
WARM_UP_MS = 90_000
"""So much earlier the reading begins, that all values are known at the beginning."""
LOOK_EVERY = 8

_CANONICAL = "ovr_"


class _Series(NamedTuple):
    """What a canonical series tells of."""

    subject: Subject
    key: str


class Replay:
    """Reads batches in order; gives the rows from `from_ms` to `to_ms`.

    `ends` says up to when an asset has rows already: they stay as they are. `cuts` are splits, by
    asset. Give it batches from `WARM_UP_MS` before `from_ms` on.
    """

    def __init__(
        self,
        from_ms: int,
        to_ms: int,
        *,
        ends: Mapping[str, int] | None = None,
        cuts: Mapping[str, Iterable[int]] | None = None,
    ) -> None:
        self._from_ms = from_ms
        self._to_ms = to_ms
        self._ends = {asset: end for asset, end in (ends or {}).items() if end > from_ms}
        self._book = Book()
        self._known: dict[bytes, _Series | float | None] = {}
        self._seen: dict[bytes, int] = {}
        """In which batch each live series was sampled last."""
        self._batches = 0
        self._started = math.nan
        self.finished = False
        """A tick at or after `to_ms` was read: all rows have been given."""
        for at_ms in (from_ms, to_ms):
            self._book.split_all(at_ms)
        for asset, end_ms in self._ends.items():
            self._book.split(asset, end_ms)
        for asset, times in (cuts or {}).items():
            for at_ms in times:
                self._book.split(asset, at_ms)

    @property
    def upto_ms(self) -> int:
        """Up to when all rows have been given."""
        minute_ms = self._book.at_ms // MINUTE_MS * MINUTE_MS
        return min(self._to_ms, max(self._from_ms, minute_ms))

    def feed(self, batches: Iterable[Batch]) -> list[Row]:
        """Read more batches; the rows that are complete now."""
        rows: list[Row] = []
        for batch in batches:
            if self.finished:
                break
            if batch.times is None and batch.at_ms > self._book.at_ms:
                self.finished = batch.at_ms >= self._to_ms
                rows += self._tick(batch)
        return rows

    def finish(self) -> list[Row]:
        """Nothing follows: the rows of what is open, up to `to_ms`."""
        if self.finished or self._book.at_ms == 0:
            return []
        return self._wanted(self._book.close(self._to_ms))

    def _tick(self, batch: Batch) -> list[Row]:
        book = self._book
        self._batches += 1
        told, fresh = self._told(batch)
        book.begin(batch.at_ms, fresh=fresh)
        for series, value in told:
            self._tell(series, value)
        if self._batches % LOOK_EVERY == 0:
            self._end_unseen()
        for track in book.tracks.values():
            track.told(book.now, book.at_ms)
        return self._wanted(book.end())

    def _told(self, batch: Batch) -> tuple[list[tuple[_Series, float | None]], bool]:
        """What a batch says of readings (None: the series has ended), and whether it is the first
        one of another run of the program."""
        found: list[tuple[_Series, float | None]] = []
        known, fresh = self._known, False
        for labels, value in zip(batch.series, batch.values, strict=True):
            if labels not in known:
                known[labels] = _meaning(labels)
            series = known[labels]
            if series is None:
                continue
            if isinstance(series, float):
                fresh = not math.isnan(self._started) and value != self._started
                self._started = value
            elif math.isnan(value):
                self._seen.pop(labels, None)
                found.append((series, None))
            else:
                self._seen[labels] = self._batches
                found.append((series, value))
        return found, fresh

    def _tell(self, series: _Series, value: float | None) -> None:
        book = self._book
        if value is None:
            track = book.tracks.get(series.subject.asset)
            if track is None or track.subject != series.subject:
                return  # the end of what the asset was called before
        else:
            track = book.track(series.subject)
        track.tell(series.key, value, book.now)

    def _end_unseen(self) -> None:
        """A series that was not repeated has ended, though its marker is missing."""
        for labels, batch in list(self._seen.items()):
            if self._batches - batch > CANON_REPEAT_TICKS:
                del self._seen[labels]
                series = self._known[labels]
                if isinstance(series, _Series):
                    self._tell(series, None)

    def _wanted(self, closed: Sequence[Closed]) -> list[Row]:
        return [
            packed(part)
            for part in closed
            if self._from_ms < part.row.to_ms <= self._to_ms
            and part.row.to_ms > self._ends.get(part.subject.asset, 0)
        ]


def _meaning(labels: bytes) -> _Series | float | None:
    """What a series tells of; a number for the one that names the run, None for any other."""
    name, values = decode_series(labels)
    if name == STARTED:
        return 0.0
    if not name.startswith(_CANONICAL) or "asset" not in values or "kind" not in values:
        return None
    key = name.removeprefix(_CANONICAL)
    phase = values.get("phase")
    key = f"{key}.{phase}" if phase else key
    if key not in BY_KEY:
        return None
    try:
        kind = AssetKind(values["kind"])
    except ValueError:
        return None
    return _Series(Subject(values["asset"], kind, values.get("system", "")), key)
