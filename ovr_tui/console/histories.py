"""The last 15 minutes, second by second, of the few readings that are being charted."""

from collections import deque
from math import isfinite

from collector.model.kinds import AssetStatus, Quality
from collector.model.snapshot import Snapshot
from collector.wire import HistoryAnswer
from ovr_tui.console.chart import Series
from ovr_tui.console.format import scale
from ovr_tui.console.trends import WINDOW_S

KEPT = 4
Key = tuple[str, str]


class Histories:
    """Filled by one answer of the collector for each reading, then by the stream."""

    def __init__(self) -> None:
        self._points: dict[Key, deque[tuple[int, float | None]]] = {}
        self._seq = -1

    def wants(self, asset: str, key: str) -> bool:
        """Begin to keep a reading; True if its past has yet to be asked for. The longest unused
        of more than KEPT is forgotten."""
        wanted = (asset, key)
        points = self._points.pop(wanted, None)
        self._points[wanted] = points if points is not None else deque(maxlen=WINDOW_S + 60)
        while len(self._points) > KEPT:
            del self._points[next(iter(self._points))]
        return points is None

    def forget(self) -> None:
        """The stream broke off: what was missed has to be asked for."""
        self._points.clear()

    def fill(self, answer: HistoryAnswer) -> None:
        """Put the past before what the stream has brought since."""
        points = self._points.get((answer.asset, answer.measurement))
        if points is None:
            return
        first = points[0][0] if points else None
        past = [
            (at_ms, value)
            for at_ms, value in zip(answer.times, answer.values, strict=False)
            if first is None or at_ms < first
        ]
        points.extendleft(reversed(past))

    def feed(self, snapshot: Snapshot) -> None:
        """Take the wanted readings of a snapshot; whatever is not live and good is a gap."""
        if snapshot.seq == self._seq or not self._points:
            return
        self._seq = snapshot.seq
        for view in snapshot.assets:
            for (asset, key), points in self._points.items():
                if asset != view.id:
                    continue
                reading = view.readings.get(key)
                good = reading is not None and reading.quality is Quality.GOOD
                live = view.status is AssetStatus.LIVE
                value = reading.value if reading is not None and good and live else None
                points.append((snapshot.at_ms, value))

    def series(self, asset: str, key: str, end_ms: int, timezone: str) -> Series:
        """What is known, in the unit that people read, for the window that ends at `end_ms`."""
        how = scale(key)
        points = self._points.get((asset, key), ())
        return Series(
            times=tuple(at_ms for at_ms, _ in points),
            values=tuple(
                value / how.by if value is not None and isfinite(value) else None
                for _, value in points
            ),
            unit=how.unit,
            decimals=how.decimals,
            timezone=timezone,
            start_ms=end_ms - WINDOW_S * 1000,
            end_ms=end_ms,
        )
