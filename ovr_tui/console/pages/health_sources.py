"""The sources of this node as a list."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.wire import SourceFailure
from ovr_tui.console.grid import lay_out
from ovr_tui.console.health.sources import (
    COLUMNS,
    Order,
    Rates,
    ranked,
    source_detail,
    source_rows,
)
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.health_tab import HealthList
from ovr_tui.console.text import Line


class SourcesPage(HealthList):
    """Each source: state, latency, rate, how it failed last."""

    TAB = 2
    OPENS = "its asset"
    EVERY_S = 5.0
    PRESENT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "next_order", "order", tooltip="sort by the next column"),
        Binding("O", "reverse", "reverse the order", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._rates = Rates()
        self._order = Order.STATE
        self._descending = False
        self._failures: dict[str, SourceFailure] = {}

    async def load(self) -> None:
        """How each failed last."""
        answer = await self.console_app.reader.health()
        self._failures = {failure.device: failure for failure in answer.failures}

    def draw(self, now: Now) -> None:
        """The sources of this moment."""
        if now.snapshot is not None:
            self._rates.feed(now.snapshot)
        super().draw(now)

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """A row for each source."""
        shot = now.snapshot
        if shot is None:
            return None
        sources = ranked(shot, self._rates, self._order, descending=self._descending)
        stale = now.stale_s is not None
        return source_rows(
            sources, self._failures, self._rates, shot, now.glyphs, cells, stale=stale
        )

    def header(self, cells: int) -> Line:
        """The titles."""
        return lay_out(COLUMNS, cells).header()

    def state(self, now: Now) -> Line:
        """How many run, and the order."""
        sources = now.snapshot.sources if now.snapshot else ()
        running = sum(source.state == "running" for source in sources)
        way = now.glyphs.descending if self._descending else now.glyphs.ascending
        late = running < len(sources)
        return (
            (f" {running} of {len(sources)} running", "warn" if late else "good"),
            (f" {now.glyphs.middle} {self._order} {way}", "accent"),
        )

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """All that is known of the source."""
        shot = now.snapshot
        found = next((s for s in shot.sources if s.device == key), None) if shot else None
        if shot is None or found is None:
            return []
        last, stale = self._failures.get(key), now.stale_s is not None
        return source_detail(found, last, shot, self._rates, now.glyphs, cells, stale=stale)

    def empty(self, now: Now) -> tuple[str, str]:
        """Where devices come from."""
        del now
        return "No sources yet.", "Each device is one: d finds, adds and tests devices."

    def opened(self, key: str) -> None:
        """The page of the asset that the source measures."""
        shot = self.console_app.now().snapshot
        ids = [view.id for view in shot.assets if view.device == key] if shot else []
        if ids:
            self.console_app.open_asset(ids[0], ids)

    def action_next_order(self) -> None:
        """Sort by the next column."""
        orders = list(Order)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self._descending = self._order in (Order.LATENCY, Order.RATE)
        self.console_app.redraw()

    def action_reverse(self) -> None:
        """The other way round."""
        self._descending = not self._descending
        self.console_app.redraw()
