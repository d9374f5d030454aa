"""Local time of a stretch: its days, its clock hours, its demand windows.

A time zone is a list of offsets with the moments at which they begin; all else is arithmetic on
UTC milliseconds. Offsets of 30 and 45 minutes, days of 23 and 25 hours and hours that come twice
follow from that by themselves.
"""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
SCAN_MS = 6 * HOUR_MS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1)


class Cell(NamedTuple):
    """A stretch of the clock from `from_ms` to `to_ms` (UTC ms, the end excluded).

    `local_ms` is what a local clock showed at its nominal beginning, as ms since 1970-01-01 00:00;
    `whole` says that it has its nominal length: no change of the clock cut it. `again` says that
    the clock showed these times before: it had been put back.
    """

    from_ms: int
    to_ms: int
    local_ms: int
    whole: bool
    again: bool

    @property
    def day(self) -> date:
        """The local date at its beginning."""
        return EPOCH_DAY + timedelta(days=self.local_ms // DAY_MS)

    @property
    def hour(self) -> int:
        """The local clock hour at its beginning, 0 to 23."""
        return self.local_ms % DAY_MS // HOUR_MS


class Day(NamedTuple):
    """A local day, as far as it lies in the stretch (UTC ms, the end excluded)."""

    day: date
    from_ms: int
    to_ms: int


class LocalClock:
    """The clock of a time zone between two moments (UTC ms)."""

    def __init__(self, zone: str, from_ms: int, to_ms: int) -> None:
        """Raises what `ZoneInfo` raises for a zone that there is not."""
        self.from_ms = from_ms
        self.to_ms = to_ms
        self._zone = ZoneInfo(zone)
        self._starts = [from_ms]
        self._offsets = [self._offset(from_ms)]
        self._scan(from_ms, to_ms)

    def _offset(self, at_ms: int) -> int:
        at = (EPOCH + timedelta(milliseconds=at_ms)).astimezone(self._zone)
        offset = at.utcoffset() or timedelta()
        return offset // timedelta(milliseconds=1)

    def _scan(self, from_ms: int, to_ms: int) -> None:
        """Find each change of the offset, to the second."""
        at = from_ms
        while at < to_ms:
            ahead = min(at + SCAN_MS, to_ms)
            if self._offset(ahead) != self._offsets[-1]:
                changed = self._change(at, ahead)
                self._starts.append(changed)
                self._offsets.append(self._offset(changed))
            at = ahead

    def _change(self, before: int, after: int) -> int:
        held = self._offset(before)
        low, high = before // 1000, -(-after // 1000)
        while high - low > 1:
            middle = (low + high) // 2
            if self._offset(middle * 1000) == held:
                low = middle
            else:
                high = middle
        return high * 1000

    def offset_ms(self, at_ms: int) -> int:
        """Local time minus UTC at a moment."""
        return self._offsets[max(0, bisect_right(self._starts, at_ms) - 1)]

    def cells(self, length_ms: int) -> Iterator[Cell]:
        """The stretch in cells that begin where the local clock shows a multiple of `length_ms`
        (a divisor of a day) since midnight. The first and the last may reach beyond it. A change
        of the clock cuts the cell in which it falls."""
        ends = [*self._starts[1:], None]
        shown = self.from_ms + self._offsets[0] - DAY_MS
        for index, (start, offset) in enumerate(zip(self._starts, self._offsets, strict=True)):
            end = ends[index]
            stop = self.to_ms if end is None else min(end, self.to_ms)
            local = (start + offset) // length_ms * length_ms
            while local - offset < stop:
                from_ms, to_ms = local - offset, local - offset + length_ms
                if index and from_ms < start:
                    from_ms = start
                if end is not None and to_ms > end:
                    to_ms = end
                whole = to_ms - from_ms == length_ms
                yield Cell(from_ms, to_ms, local, whole, from_ms + offset < shown)
                local += length_ms
            shown = max(shown, stop + offset)

    def days(self) -> list[Day]:
        """The local days of the stretch, cut at both its ends."""
        found: dict[date, Day] = {}
        for cell in self.cells(HOUR_MS):
            from_ms, to_ms = max(cell.from_ms, self.from_ms), min(cell.to_ms, self.to_ms)
            known = found.get(cell.day)
            if from_ms < to_ms:
                begun = from_ms if known is None else known.from_ms
                found[cell.day] = Day(cell.day, begun, to_ms)
        return list(found.values())
