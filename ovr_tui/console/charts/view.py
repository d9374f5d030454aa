"""A chart as a widget: two lines of title, and the picture below them."""

import asyncio
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from collector.errors import ApiError
from collector.model.kinds import AssetKind
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console import files
from ovr_tui.console.charts import export
from ovr_tui.console.charts.choice import Choice
from ovr_tui.console.charts.histories import recent
from ovr_tui.console.charts.look import RANGES, Edges, Look, Range
from ovr_tui.console.charts.pasts import step_of
from ovr_tui.console.charts.points import Points
from ovr_tui.console.charts.render import Picture
from ovr_tui.console.charts.series import Series, Track, Window, seen, series
from ovr_tui.console.charts.title import Above, Shown, title
from ovr_tui.console.format import figure, scale, scaled
from ovr_tui.console.now import Now
from ovr_tui.console.rows import standing
from ovr_tui.console.trends import WINDOW_S
from ovr_tui.console.widgets import Lines, Strips

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

SECONDS_S, MINUTES_S = 2.0, 10.0
"""How often a chart of seconds, and one of minutes, is drawn anew while only time changes."""
REST_S = 0.15
"""How long a person has to rest on an asset before its chart is drawn."""
LETTERS = "ABCD"


class _Wanted(Struct, frozen=True, kw_only=True):
    """What is to be drawn."""

    asset: str
    keys: tuple[str, ...]
    look: Look
    edges: Edges
    timezone: str

    @property
    def window(self) -> Window:
        """The time that it shows."""
        return self.look.window(self.edges)


class ChartView(Vertical):
    """The chart of one asset. Beside a table it has a fixed range of 15 minutes."""

    DEFAULT_CSS = """
    ChartView { height: 11; }
    ChartView #chart-title { height: 2; }
    ChartView #chart { height: 1fr; }
    """

    def __init__(self, *, fixed: bool) -> None:
        super().__init__()
        self._fixed = fixed
        self._look = Look(range=Range.QUARTER) if fixed else Look()
        self._choices: dict[AssetKind, Choice] = {}
        self._drawn: tuple[object, ...] = ()
        self._drawn_at = 0.0
        self._drawing = False
        self._wanted: _Wanted | None = None

    def compose(self) -> ComposeResult:
        """Title and picture."""
        yield Lines(self._app.palette, id="chart-title")
        yield Strips(self._app.palette, id="chart")

    @property
    def _app(self) -> "ConsoleApp":
        return cast("ConsoleApp", self.app)

    @property
    def look(self) -> Look:
        """Which part of the past is shown."""
        return self._look

    def show(self, now: Now, view: AssetView | None) -> None:
        """Show the asset's chart as it is in this moment; None: nothing."""
        shot = now.snapshot
        if view is None or shot is None:
            self.query_one("#chart-title", Lines).show([(), ()])
            self.query_one("#chart", Strips).show([])
            self._drawn = ()
            return
        wanted = self._want(view, shot)
        self.query_one("#chart-title", Lines).show(
            title(self._above(now, view, wanted), now.glyphs, self.size.width)
        )
        size, theme = self.query_one("#chart", Strips).size, self._app.palette.theme
        what = (wanted.asset, wanted.keys, wanted.look, size, theme)
        every_s = SECONDS_S if recent(wanted.window, wanted.edges.end_ms) else MINUTES_S
        if what == self._drawn and now.at_s - self._drawn_at < every_s:
            return
        quick = bool(self._drawn) and self._drawn[:2] == what[:2]
        self._drawn, self._drawn_at = what, now.at_s
        self._wanted = wanted
        if not self._drawing:
            self._drawing = True
            self.run_worker(self._draw(rest_s=0 if quick else REST_S), group="chart",
                            exit_on_error=False)  # fmt: skip

    def on_resize(self, _: events.Resize) -> None:
        """Drawn for the new size, which may come later than that of the panel."""
        self.call_after_refresh(self._app.redraw)

    def _want(self, view: AssetView, shot: Snapshot) -> _Wanted:
        edges = edges_of(view, shot)
        if self._look.range is Range.EVENT and edges.event_ms is None:
            self._look = Look(range=Range.DAY)
        return _Wanted(
            asset=view.id,
            keys=tuple(self._choice(view).shown(view)),
            look=self._look,
            edges=edges,
            timezone=shot.timezone,
        )

    def _choice(self, view: AssetView) -> Choice:
        return self._choices.get(view.kind, Choice())

    def _above(self, now: Now, view: AssetView, wanted: _Wanted) -> Above:
        status, _ = standing(view, now.stale_s)
        choice, cursor = self._choice(view), wanted.look.cursor(wanted.edges)
        shown = []
        for one in self._series(wanted):
            present = scaled(figure(view.readings.get(one.key), status), scale(one.key).by)
            at = None if cursor is None else seen(one, cursor)
            picked, here = one.key in choice.picked, one.key == choice.place(view)
            shown.append(Shown(series=one, now=present, at=at, picked=picked, here=here))
        window, pasts = wanted.window, self._app.histories.pasts
        troubles = [pasts.problem(wanted.asset, key, window) for key in wanted.keys]
        old = recent(window, wanted.edges.end_ms)
        return Above(
            look=wanted.look,
            edges=wanted.edges,
            timezone=wanted.timezone,
            shown=shown,
            fixed=self._fixed,
            alone=choice.alone,
            trouble="" if old else next(filter(None, troubles), ""),
            stale_s=now.stale_s,
        )

    def _series(self, wanted: _Wanted) -> list[Series]:
        return [
            series(key, letter, track)
            for (key, track), letter in zip(self._tracks(wanted), LETTERS, strict=False)
        ]

    def _tracks(self, wanted: _Wanted) -> list[tuple[str, Track]]:
        known, window, end_ms = self._app.histories, wanted.window, wanted.edges.end_ms
        return [(key, known.track(wanted.asset, key, window, end_ms)) for key in wanted.keys]

    async def _draw(self, *, rest_s: float) -> None:
        """Draw what is wanted, and what was wanted meanwhile; one chart at a time."""
        app, widget = self._app, self.query_one("#chart", Strips)
        try:
            while self._wanted is not None:
                await asyncio.sleep(rest_s)
                wanted, self._wanted = self._wanted, None
                problem = await self._ask(wanted)
                picture = Picture(
                    series=tuple(self._series(wanted)),
                    window=wanted.window,
                    timezone=wanted.timezone,
                    cursor_ms=wanted.look.cursor(wanted.edges),
                    empty=self._app.glyphs.text(problem) or nothing(wanted.look),
                )
                width, height = widget.size
                strips = await asyncio.get_running_loop().run_in_executor(
                    app.chart_thread, app.charts.render, picture, width, height, app.glyphs
                )
                widget.show(strips)
                self._retitle()
        finally:
            self._drawing = False

    def _retitle(self) -> None:
        """The title again, now that there are values for it."""
        now = self._app.now()
        view = find(now.snapshot, self._drawn[0]) if self._drawn else None
        if view is not None and now.snapshot is not None:
            above = self._above(now, view, self._want(view, now.snapshot))
            self.query_one("#chart-title", Lines).show(title(above, now.glyphs, self.size.width))

    async def _ask(self, wanted: _Wanted) -> str:
        """Have what is wanted at hand as far as the collector gives it; why it does not."""
        app, window, end_ms = self._app, wanted.window, wanted.edges.end_ms
        pasts, at_s, problem = app.histories.pasts, app.now().at_s, ""
        for key in wanted.keys:
            fresh = app.histories.wants(wanted.asset, key)
            due = None if recent(window, end_ms) else pasts.due(wanted.asset, key, window, at_s)
            try:
                if fresh:
                    start_ms = end_ms - WINDOW_S * 1000
                    past = await app.history(wanted.asset, key, start_ms, end_ms, 1)
                    app.histories.fill(past)
                if due is not None:
                    step_s = step_of(window)
                    answer = await app.history(wanted.asset, key, due.start_ms, due.end_ms, step_s)
                    pasts.fill(answer, due, step_s)
            except ApiError as error:
                problem = str(error)
                if due is not None:
                    pasts.failed(wanted.asset, key, window, problem, at_s)
        return problem

    # what a person does

    def choose_range(self, number: int) -> None:
        """One of the ranges, from 1 on: whole, without a cursor."""
        wanted = RANGES[number - 1]
        edges = self._edges()
        if edges is not None and (wanted is not Range.EVENT or edges.event_ms is not None):
            self._change(Look(range=wanted))

    def zoom(self, factor: float) -> None:
        """More or less time."""
        edges = self._edges()
        if edges is not None:
            self._change(self._look.zoomed(factor, edges))

    def move(self, columns: int) -> None:
        """The cursor to the right."""
        edges = self._edges()
        if edges is not None:
            width = max(1, self.query_one("#chart", Strips).size.width)
            self._change(self._look.moved(columns, width, edges))

    def measure(self, by: int) -> None:
        """Another measurement."""
        view = self._view()
        if view is not None:
            self._choices[view.kind] = self._choice(view).moved(by, view)
            self._again()

    def choose(self, key: str) -> None:
        """This measurement."""
        view = self._view()
        if view is not None:
            self._choices[view.kind] = replace(self._choice(view), at=key)
            self._again()

    def keep(self) -> None:
        """Keep this measurement in the chart, or let it go."""
        view = self._view()
        if view is not None:
            self._choices[view.kind], problem = self._choice(view).toggled(view)
            if problem:
                self._app.say(problem, "warn")
            self._again()

    def focus_one(self) -> None:
        """Only this measurement of those that are kept, or all again."""
        view = self._view()
        if view is not None:
            self._choices[view.kind], problem = self._choice(view).focused(view)
            if problem:
                self._app.say(problem)
            self._again()

    def look_at(self, at_ms: int) -> None:
        """The cursor goes to this moment."""
        self._change(replace(self._look, cursor_ms=at_ms))

    def extent(self) -> str:
        """How much time is shown, in words."""
        edges = self._edges()
        return str(self._look.range) if edges is None else self._look.extent(edges)

    def points(self) -> Points | None:
        """What is shown, as values."""
        shot, view = self._app.now().snapshot, self._view()
        if shot is None or view is None:
            return None
        wanted = self._want(view, shot)
        return Points(series=self._series(wanted), window=wanted.window, timezone=wanted.timezone)

    async def fetch(self) -> str:
        """Have the newest of what is shown at hand, also while nothing is drawn; why not."""
        shot, view = self._app.now().snapshot, self._view()
        return "" if shot is None or view is None else await self._ask(self._want(view, shot))

    def export(self, kind: str = "csv") -> None:
        """Write what is shown into a file: `csv` or `json`."""
        shot, view = self._app.now().snapshot, self._view()
        if shot is not None and view is not None:
            self.run_worker(self._write(self._want(view, shot), kind), group="export",
                            exit_on_error=False)  # fmt: skip

    async def _write(self, wanted: _Wanted, kind: str) -> None:
        rows = export.table(self._tracks(wanted), wanted.window, wanted.timezone)
        name = files.named(wanted.asset, wanted.window.end_ms, wanted.timezone)
        try:
            path = await asyncio.to_thread(export.write, rows, name, files.folders(), kind)
        except OSError as error:
            self._app.say(f"not written: {error.strerror or error}", "warn")
        else:
            self._app.say(f"{len(rows) - 1} rows in {path}")

    def _change(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self._again()

    def _again(self) -> None:
        """Show what is otherwise at once."""
        self.show(self._app.now(), self._view())

    def _view(self) -> AssetView | None:
        return find(self._app.now().snapshot, self._drawn[0]) if self._drawn else None

    def _edges(self) -> Edges | None:
        shot, view = self._app.now().snapshot, self._view()
        return None if shot is None or view is None else edges_of(view, shot)


def nothing(look: Look) -> str:
    """That there are no values in what is shown, and which key shows more."""
    back = f": {look.way_back} shows all of {look.range}" if look.way_back else ""
    return f"no values in this time{back}"


def edges_of(view: AssetView, shot: Snapshot) -> Edges:
    """What a look at the asset's past is at: the newest moment, and the beginning of the event in
    which its system takes part (of several the first)."""
    begun = [e.from_ms for e in shot.events if e.from_ms is not None and view.system in e.systems]
    return Edges(end_ms=shot.at_ms, event_ms=min(begun, default=None))


def find(shot: Snapshot | None, asset: object) -> AssetView | None:
    """The asset of that id, if the snapshot has it."""
    return next((view for view in shot.assets if view.id == asset), None) if shot else None
