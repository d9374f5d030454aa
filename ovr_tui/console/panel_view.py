"""The asset panel as a widget: values that scroll, and a chart below them."""

import asyncio
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical

from collector.model.catalogue import MAIN_POWER
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console import panel
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line
from ovr_tui.console.widgets import Lines, ScrollLines, Strips

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

REDRAW_S = 2.0
"""How often a chart is drawn anew while nothing but time changes."""
REST_S = 0.15
"""How long a person has to rest on an asset before its chart is drawn."""


class AssetPanel(Vertical):
    """Shows one asset; used as a page of its own and beside the table."""

    DEFAULT_CSS = """
    AssetPanel { height: 1fr; }
    AssetPanel #values { height: 1fr; }
    AssetPanel #chart { height: 9; }
    AssetPanel.-tall #chart { height: 13; }
    AssetPanel.-low #chart { height: 6; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.asset = ""
        self._keys: dict[str, str] = {}
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._drawing = False
        self._wanted: tuple[str, str, Snapshot] | None = None

    def compose(self) -> ComposeResult:
        """Values above, chart below."""
        palette = self._app.palette
        yield ScrollLines(palette, id="values")
        yield Lines(palette, id="chart-title")
        yield Strips(palette, id="chart")

    @property
    def _app(self) -> "ConsoleApp":
        return cast("ConsoleApp", self.app)

    def show(self, now: Now, asset: str) -> None:
        """Show `asset` as it is in this moment; says so when it is no longer there."""
        if asset != self.asset:
            self.asset = asset
            self.query_one("#values", ScrollLines).scroll_to(y=0, animate=False)
        self.set_class(self.size.height >= 40, "-tall")
        self.set_class(self.size.height < 24, "-low")
        shot = now.snapshot
        view = find(shot, asset)
        if shot is None or view is None:
            self.query_one("#values", ScrollLines).show([(), ((" No such asset now.", "dim"),)])
            self.query_one("#chart-title", Lines).show([()])
            return
        cells = self.size.width
        lines: list[Line] = [
            *panel.head(view, now.stale_s, now.glyphs, cells),
            *panel.values(view, now.stale_s, shot.at_ms, now.glyphs, cells),
            *panel.counts_as(view, shot, now.glyphs, cells),
        ]
        self.query_one("#values", ScrollLines).show(lines)
        key = self.key_of(view)
        title = panel.chart_title(view, key, now.stale_s, cells, now.glyphs) if key else ()
        self.query_one("#chart-title", Lines).show([title])
        if key:
            self._chart(now, view.id, key, shot)

    def key_of(self, view: AssetView) -> str:
        """What is charted of the asset: the person's choice for its kind, else its main power."""
        keys = panel.chart_keys(view)
        wanted = self._keys.get(view.kind) or MAIN_POWER.get(view.kind, "")
        return wanted if wanted in keys else keys[0] if keys else ""

    def next_measurement(self, by: int) -> None:
        """Chart the next (or previous) measurement that the asset has."""
        now = self._app.now()
        view = find(now.snapshot, self.asset)
        keys = panel.chart_keys(view) if view is not None else []
        if view is None or not keys:
            return
        self._keys[view.kind] = keys[(keys.index(self.key_of(view)) + by) % len(keys)]
        self.show(now, self.asset)

    def _chart(self, now: Now, asset: str, key: str, shot: Snapshot) -> None:
        what = (asset, key, self.query_one("#chart", Strips).size)
        due = now.at_s - self._drawn_at >= REDRAW_S
        if what == self._drawn and not due:
            return
        self._drawn, self._drawn_at = what, now.at_s
        self._wanted = (asset, key, shot)
        if not self._drawing:
            self._drawing = True
            self.run_worker(self._draw_charts(), group="chart", exit_on_error=False)

    async def _draw_charts(self) -> None:
        """Draw what is wanted, and what was wanted meanwhile; one chart at a time."""
        app, widget = self._app, self.query_one("#chart", Strips)
        try:
            while self._wanted is not None:
                await asyncio.sleep(REST_S)
                (asset, key, shot), self._wanted = self._wanted, None
                await app.remember(asset, key)
                series = app.histories.series(asset, key, shot.at_ms, shot.timezone)
                width, height = widget.size
                strips = await asyncio.get_running_loop().run_in_executor(
                    app.chart_thread, app.charts.render, series, width, height, app.glyphs
                )
                widget.show(strips)
        finally:
            self._drawing = False


def find(shot: Snapshot | None, asset: str) -> AssetView | None:
    """The asset of that id, if the snapshot has it."""
    return next((view for view in shot.assets if view.id == asset), None) if shot else None
