"""Ticks as tests write them: which asset said what, when."""

from collections.abc import Mapping

from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.rollup import Rollup, merge
from collector.model.snapshot import AssetView
from collector.rollups.book import Book
from collector.rollups.track import Closed

START_MS = 1_780_000_040_000
"""Twenty seconds after the beginning of a UTC minute."""
MINUTE = 60_000

Values = Mapping[str, float | None]


def view(asset: str, values: Values, at_ms: int, kind=AssetKind.BESS, system="s1") -> AssetView:
    """An asset that says these values; None is a bad one."""
    readings = {
        key: Reading(value, Quality.BAD if value is None else Quality.GOOD, at_ms)
        for key, value in values.items()
    }
    return AssetView(
        id=asset, name=asset, kind=kind, system=system, device=asset, status=AssetStatus.LIVE,
        readings=readings,
    )  # fmt: skip


class Script:
    """A book, and ticks a second apart on both clocks."""

    def __init__(self, start_ms: int = START_MS, **kind) -> None:
        self.book = Book()
        self.kind = kind
        self.at_ms = start_ms - 1000
        self.mono_s = 1000.0
        self.rows: list[Rollup] = []
        self.closed: list[Closed] = []

    def tick(self, values: Values | None, ms=1000, mono_ms=None, counters=None) -> None:
        """One tick of the asset `a`; None: it is not there."""
        self.at_ms += ms
        self.mono_s += (ms if mono_ms is None else mono_ms) / 1000
        self.book.begin(self.at_ms, self.mono_s)
        views = [] if values is None else [view("a", values, self.at_ms, **self.kind)]
        self.book.take(views, counters or {})
        self.keep(self.book.end())

    def keep(self, closed) -> None:
        """Keep the closed parts of `a`."""
        self.closed += closed
        self.rows += [one.row for one in closed if one.subject.asset == "a"]

    def close(self) -> Rollup:
        """End the run a second after its last tick; the whole of it."""
        self.keep(self.book.close(self.at_ms + 1000))
        return merge(self.rows)
