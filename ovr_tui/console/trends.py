"""The last 15 minutes of every asset's main power, kept small: for arrows and sparklines."""

from collections import deque

from msgspec import Struct

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetStatus, Quality
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import HistoryAnswer

WINDOW_S = 900
CELLS = 8
BUCKET_MS = WINDOW_S * 1000 // CELLS
ARROW_S = 15
ARROW_SHARE = 0.05
ARROW_LEAST_W = 500.0
"""A change below a twentieth, or below this, is no trend."""
_NOTHING: tuple[float | None, ...] = (None,) * CELLS


class _Trend:
    __slots__ = ("buckets", "recent")

    def __init__(self) -> None:
        self.buckets: dict[int, tuple[float, int]] = {}
        self.recent: deque[tuple[int, float]] = deque(maxlen=ARROW_S + 1)

    def add(self, at_ms: int, value: float) -> None:
        bucket = at_ms // BUCKET_MS
        total, count = self.buckets.get(bucket, (0.0, 0))
        self.buckets[bucket] = (total + value, count + 1)
        while len(self.buckets) > CELLS + 1:
            del self.buckets[min(self.buckets)]


class _Held(Struct, frozen=True):
    """What is answered while the picture is held."""

    cells: dict[str, tuple[float | None, ...]]
    totals: dict[str, tuple[float | None, ...]]
    arrows: dict[str, int]


class Trends:
    """Fed with every snapshot; `backfill` adds what happened before this console looked. `hold`
    keeps what is answered as it is, until `go_on`."""

    def __init__(self) -> None:
        self._trends: dict[str, _Trend] = {}
        self._totals: dict[str, _Trend] = {}
        self._seq = -1
        self._at_ms = 0
        self._held: _Held | None = None

    def hold(self) -> None:
        """Answer what is so now, whatever comes."""
        self._held = None
        self._held = _Held(
            cells={asset: self.cells(asset) for asset in self._trends},
            totals={name: self.total_cells(name) for name in self._totals},
            arrows={asset: self.arrow(asset) for asset in self._trends},
        )

    def go_on(self) -> None:
        """Answer what is so at the newest snapshot."""
        self._held = None

    def feed(self, snapshot: Snapshot) -> None:
        """Take a snapshot's live powers; a snapshot seen before counts once. Assets that are gone
        are forgotten."""
        if snapshot.seq == self._seq:
            return
        self._seq, self._at_ms = snapshot.seq, snapshot.at_ms
        for view in snapshot.assets:
            value = main_power(view)
            if value is not None:
                trend = self._trends.setdefault(view.id, _Trend())
                trend.add(snapshot.at_ms, value)
                trend.recent.append((snapshot.at_ms, value))
        if len(self._trends) > len(snapshot.assets):
            kept = {view.id for view in snapshot.assets}
            self._trends = {key: trend for key, trend in self._trends.items() if key in kept}
        for name, total in snapshot.totals.items():
            if total.value is not None and not total.partial:
                self._totals.setdefault(name, _Trend()).add(snapshot.at_ms, total.value)

    def backfill(self, history: HistoryAnswer) -> None:
        """Fill the buckets before the first one that the stream has filled."""
        trend = self._trends.setdefault(history.asset, _Trend())
        first = min(trend.buckets, default=self._at_ms // BUCKET_MS + 1)
        for at_ms, value in zip(history.times, history.values, strict=False):
            if value is not None and at_ms // BUCKET_MS < first:
                trend.add(at_ms, value)

    def cells(self, asset: str) -> tuple[float | None, ...]:
        """Mean power of each eighth of the window, oldest first; None where nothing was live."""
        if self._held is not None:
            return self._held.cells.get(asset, _NOTHING)
        return self._means(self._trends.get(asset))

    def total_cells(self, name: str) -> tuple[float | None, ...]:
        """The same of a total, since this console looks; None where it was partial."""
        if self._held is not None:
            return self._held.totals.get(name, _NOTHING)
        return self._means(self._totals.get(name))

    def _means(self, trend: _Trend | None) -> tuple[float | None, ...]:
        if trend is None:
            return _NOTHING
        last = self._at_ms // BUCKET_MS
        return tuple(
            total / count if count else None
            for total, count in (
                trend.buckets.get(bucket, (0.0, 0)) for bucket in range(last - CELLS + 1, last + 1)
            )
        )

    def arrow(self, asset: str) -> int:
        """+1 rising, −1 falling, 0 neither, over the last 15 s."""
        if self._held is not None:
            return self._held.arrows.get(asset, 0)
        trend = self._trends.get(asset)
        if trend is None or len(trend.recent) < 2 or trend.recent[-1][0] != self._at_ms:
            return 0
        oldest_ms, old = trend.recent[0]
        if self._at_ms - oldest_ms > 2000 * ARROW_S:
            return 0
        change = trend.recent[-1][1] - old
        least = max(ARROW_LEAST_W, abs(old) * ARROW_SHARE)
        return 0 if abs(change) < least else 1 if change > 0 else -1


def main_power(view: AssetView) -> float | None:
    """The power that a list shows for the asset, in W, if it is live."""
    key = MAIN_POWER.get(view.kind)
    reading = view.readings.get(key) if key else None
    if reading is None or view.status is not AssetStatus.LIVE:
        return None
    return reading.value if reading.quality is Quality.GOOD else None
