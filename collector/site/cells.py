"""The smallest parts of a device's image: one series each, raw or canonical."""

import math
from array import array
from collections.abc import Callable

from collector.model.kinds import Quality
from collector.model.reading import Reading
from collector.site.history import new_ring


class RawCell:
    """One raw series. `set` is the hottest path of the program."""

    __slots__ = (
        "_dirty",
        "_reject",
        "_waits",
        "emitted",
        "ended",
        "sent_tick",
        "series",
        "set_tick",
        "unit",
        "value",
    )

    def __init__(
        self, series: bytes, dirty: "list[RawCell]", reject: Callable[[float], None]
    ) -> None:
        self.series = series
        self.unit = ""
        self.value = math.nan
        self.emitted = math.nan
        self.ended = True
        self.set_tick = 0
        self.sent_tick = 0
        self._dirty = dirty
        self._reject = reject
        self._waits = False

    def set(self, value: float) -> None:
        """The device said `value` now."""
        if not math.isfinite(value):
            self._reject(value)
            return
        self.value = value
        if not self._waits:
            self._waits = True
            self._dirty.append(self)

    def clear(self) -> None:
        """The device has no valid value now."""
        self.value = math.nan
        if not self._waits and not self.ended:
            self._waits = True
            self._dirty.append(self)

    def let_go(self) -> None:
        """What is still said of the series goes nowhere: nobody would end it."""
        self._waits = True

    def settle(self, tick: int) -> None:
        """The tick looks at the cell now."""
        self._waits = False
        self.set_tick = tick


class CanonCell:
    """One canonical reading of an asset: its value, its series and its recent history."""

    __slots__ = ("doubt", "emitted", "ended", "heard", "key", "reading", "ring", "series", "value")

    def __init__(self, key: str, series: bytes) -> None:
        self.key = key
        self.series = series
        self.value: float | None = None
        self.heard = False
        """Said since the last tick."""
        self.doubt = False
        """Not heard since the present connection began."""
        self.emitted: float | None = None
        self.ended = True
        """The series has no sample yet, or its last one is a stale marker."""
        self.reading = Reading(None, Quality.STALE, 0)
        self.ring: array[float] = new_ring()

    def relabelled(self, series: bytes) -> "CanonCell":
        """The same reading with its history, as a series that begins now."""
        cell = CanonCell(self.key, series)
        cell.value, cell.heard, cell.doubt = self.value, self.heard, self.doubt
        cell.reading, cell.ring = self.reading, self.ring
        return cell

    def put(self, value: float | None) -> None:
        """The device said `value` now; None: no valid value."""
        self.value = value
        self.heard = True
        self.doubt = False

    def freeze(self, at_ms: int, quality: Quality) -> None:
        """Make the reading of a tick at which something was heard or the quality has changed."""
        self.reading = Reading(self.value, quality, at_ms if self.heard else self.reading.at_ms)
        self.heard = False
