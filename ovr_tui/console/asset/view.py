"""The asset panel as a widget: who it is, values that scroll, and a chart below them."""

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from ovr_tui.console.asset.panel import More, panel
from ovr_tui.console.charts.view import ChartView, find
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line
from ovr_tui.console.widgets import Lines, ScrollLines

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

CHART_ROWS = ((50, 22), (44, 18), (34, 14), (26, 11), (0, 8))
"""From so many rows of the panel on the chart has so many, its title included."""
MOST_CHART_ROWS = 34
"""So many it has where the values leave them."""


class AssetPanel(Vertical):
    """Shows one asset; used as a page of its own and `beside` the table."""

    DEFAULT_CSS = """
    AssetPanel { height: 1fr; }
    AssetPanel #values { height: 1fr; }
    AssetPanel.-chart #values { display: none; }
    AssetPanel.-chart ChartView { height: 1fr; }
    """

    def __init__(self, *, beside: bool = True) -> None:
        super().__init__()
        self.asset = ""
        self._beside = beside
        self._laid = (0, 0)

    def compose(self) -> ComposeResult:
        """Who it is, the values, the chart."""
        palette = cast("ConsoleApp", self.app).palette
        yield Lines(palette, id="who")
        yield ScrollLines(palette, id="values")
        yield ChartView(fixed=self._beside)

    @property
    def chart(self) -> ChartView:
        """Its chart."""
        return self.query_one(ChartView)

    def show(self, now: Now, asset: str, more: More | None = None) -> None:
        """Show `asset` as it is in this moment; says so when it is no longer there."""
        values = self.query_one("#values", ScrollLines)
        if asset != self.asset:
            self.asset = asset
            values.scroll_to(y=0, animate=False)
        shot, view = now.snapshot, find(now.snapshot, asset)
        if shot is None or view is None:
            lines: list[Line] = [(), ((" No such asset now.", "dim"),)]
        else:
            lines = panel(view, shot, now.stale_s, now.glyphs, self.size.width, more)
        self._size_chart(len(lines))
        self.query_one("#who", Lines).show(lines[:1])
        values.show(lines[1:])
        self.chart.show(now, view)

    def _size_chart(self, used: int) -> None:
        """The chart takes what `used` lines of values leave, and keeps it, for the next assets too,
        until some need more: nothing moves while one looks, and walking lays nothing out anew."""
        if self.has_class("-chart"):
            self.chart.styles.height = None
            return
        height = self.size.height
        laid_height, rows = self._laid
        least = next(rows for from_, rows in CHART_ROWS if height >= from_)
        if laid_height != height or (used + rows > height and rows > least):
            rows = max(least, min(height - used, MOST_CHART_ROWS))
            self._laid = (height, rows)
        self.chart.styles.height = rows

    def on_resize(self, _: events.Resize) -> None:
        """Draw for the new size at once: it may come later than the page's own."""
        self.call_after_refresh(cast("ConsoleApp", self.app).redraw)

    def next_measurement(self, by: int) -> None:
        """Chart the next (or previous) measurement that the asset has."""
        self.chart.measure(by)

    def enlarge(self) -> None:
        """The chart over the whole panel, or back."""
        self.toggle_class("-chart")
        self._size_chart(len(self.query_one("#values", ScrollLines).lines) + 1)
