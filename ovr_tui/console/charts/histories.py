"""The past of the few readings that are being charted: the last 15 minutes second by second from
the stream, what lies before in steps of minutes."""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise, takewhile

from collector.model.kinds import AssetStatus, Quality
from collector.model.snapshot import Snapshot
from collector.wire import HistoryAnswer
from ovr_tui.console.charts.pasts import Pasts, step_of
from ovr_tui.console.charts.series import Track, Window
from ovr_tui.console.trends import WINDOW_S

KEPT = 8
MINUTE_MS = 60_000
Point = tuple[int, float | None]
Key = tuple[str, str]


class _Recent:
    """One reading's last 15 minutes. `whole`: what was before the stream has been asked for.
    `by_minute_ms`: until then a point stands for a minute, as a collector that was started lately
    knows it."""

    __slots__ = ("by_minute_ms", "points", "whole")

    def __init__(self) -> None:
        self.points: deque[Point] = deque(maxlen=WINDOW_S + 60)
        self.whole = False
        self.by_minute_ms = 0

    def add(self, at_ms: int, value: float | None) -> None:
        """One more point; a pause before it is a gap of its own, for points of minutes lie further
        apart than that."""
        last_ms = self.points[-1][0] if self.points else at_ms
        if at_ms - last_ms > Track().gap_ms and last_ms > self.by_minute_ms:
            self.points.append((last_ms + 1, None))
        self.points.append((at_ms, value))


class Histories:
    """Seconds are filled by one answer of the collector for each reading, then by the stream;
    `pasts` has the minutes."""

    def __init__(self) -> None:
        self.pasts = Pasts()
        self._recent: dict[Key, _Recent] = {}
        self._seq = -1

    def wants(self, asset: str, key: str) -> bool:
        """Begin to keep a reading; True if its past has yet to be asked for. The longest unused
        of more than KEPT is forgotten."""
        wanted = (asset, key)
        recent = self._recent.pop(wanted, None) or _Recent()
        self._recent[wanted] = recent
        while len(self._recent) > KEPT:
            del self._recent[next(iter(self._recent))]
        return not recent.whole

    def forget(self) -> None:
        """The stream broke off: what was missed has to be asked for. What is known stays."""
        for recent in self._recent.values():
            recent.whole = False

    def fill(self, answer: HistoryAnswer) -> None:
        """Put the past before what the stream has brought since; it knows better what was
        between."""
        recent = self._recent.get((answer.asset, answer.measurement))
        if recent is None:
            return
        recent.whole = True
        last_ms = answer.times[-1] if answer.times else 0
        newer = [point for point in recent.points if point[0] > last_ms]
        recent.by_minute_ms = _by_minute_ms(answer.times)
        recent.points.clear()
        for point in (*zip(answer.times, answer.values, strict=False), *newer):
            recent.add(*point)

    def feed(self, snapshot: Snapshot) -> None:
        """Take the wanted readings of a snapshot; whatever is not live and good is a gap."""
        if snapshot.seq == self._seq or not self._recent:
            return
        self._seq = snapshot.seq
        for view in snapshot.assets:
            for (asset, key), recent in self._recent.items():
                if asset != view.id:
                    continue
                reading = view.readings.get(key)
                good = reading is not None and reading.quality is Quality.GOOD
                live = view.status is AssetStatus.LIVE
                value = reading.value if reading is not None and good and live else None
                recent.add(snapshot.at_ms, value)

    def seconds(self, asset: str, key: str) -> Track:
        """What is known of the last 15 minutes."""
        recent = self._recent.get((asset, key))
        if recent is None:
            return Track()
        times, values = tuple(t for t, _ in recent.points), tuple(v for _, v in recent.points)
        if times and times[0] <= recent.by_minute_ms:
            return Track(times=times, values=values, gap_ms=MINUTE_MS * 3 // 2)
        return Track(times=times, values=values)

    def track(self, asset: str, key: str, window: Window, end_ms: int) -> Track:
        """What is known of a window: seconds where the last 15 minutes hold it, else minutes, and
        behind the last of them the seconds since. `end_ms` is the newest moment."""
        seconds = self.seconds(asset, key)
        if recent(window, end_ms):
            return seconds
        minutes = self.pasts.track(asset, key, window)
        step_ms = step_of(window) * 1000
        since_ms = minutes.times[-1] + step_ms if minutes.times else window.start_ms
        first = next((n for n, at_ms in enumerate(seconds.times) if at_ms >= since_ms), None)
        if first is None:
            return minutes
        values = seconds.values[first:]
        return Track(
            times=minutes.times + seconds.times[first:],
            values=minutes.values + values,
            least=minutes.least + values,
            greatest=minutes.greatest + values,
            gap_ms=step_ms * 2,
        )


def _by_minute_ms(times: Sequence[int]) -> int:
    """The last of the times at the beginning of which each stands for a minute; 0: none does."""
    steps = pairwise(times)
    minutes = takewhile(lambda step: MINUTE_MS <= step[1] - step[0] < 2 * MINUTE_MS, steps)
    return max((begin_ms for begin_ms, _ in minutes), default=0)


def recent(window: Window, end_ms: int) -> bool:
    """Whether the window lies in the last 15 minutes, of which every second is known."""
    return window.start_ms >= end_ms - WINDOW_S * 1000
