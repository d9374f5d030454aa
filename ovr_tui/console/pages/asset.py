"""The page of one asset."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from collector.model.kinds import AssetKind
from collector.wire import EventAnswer, OffersAnswer, RawAnswer
from ovr_tui.console.asset.panel import More
from ovr_tui.console.asset.starts import Starts
from ovr_tui.console.asset.view import AssetPanel
from ovr_tui.console.charts.look import RANGES, Range
from ovr_tui.console.charts.view import edges_of, find
from ovr_tui.console.control.words import where
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page, Right
from ovr_tui.console.pages.control import ControlPage
from ovr_tui.console.pages.links import LinksPage
from ovr_tui.console.pages.lockout import remove_lockout, set_lockout
from ovr_tui.console.pages.points import PointsPage
from ovr_tui.console.pages.raw import RawPage
from ovr_tui.console.widgets import ScrollLines

CONTROLLED = (AssetKind.BESS, AssetKind.GENERATOR)
"""Kinds that may offer commands at all."""


class AssetPage(Page):
    """All values of an asset, with a chart; `ids` is the order in which n and p walk."""

    EVERY_S = 5.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "back", key_display="esc"),
        Binding("v", "raw", "raw values", tooltip="every value that its device says, searchable"),
        Binding("l", "links", "links", tooltip="what it counts for and why, and who says so"),
        Binding("c", "control", "control", tooltip="what it can be told, and telling it"),
        Binding("L", "lockout", "lock out", show=False,
                tooltip="lock the asset out: somebody works there, nobody commands it"),
        Binding("L", "unlockout", "end lockout", show=False, tooltip="remove the asset's lockout"),
        Binding("n", "walk(1)", "next", tooltip="next asset of the table"),
        Binding("p", "walk(-1)", "previous", tooltip="previous asset of the table"),
        Binding("left_square_bracket", "measure(-1)", "chart", key_display="[ ]",
                tooltip="chart the measurement before, the next one"),
        Binding("right_square_bracket", "measure(1)", "chart: next", show=False, key_display="]",
                tooltip="chart the measurement before, the next one"),
        *(
            Binding(
                str(number),
                f"range({number})",
                f"chart: {each}",
                show=False,
                tooltip=f"chart: {each if number < len(RANGES) else 'since its event began'}",
            )
            for number, each in enumerate(RANGES, 1)
        ),
        Binding("plus,equals_sign", "zoom(0.5)", "zoom in", show=False, key_display="+"),
        Binding("minus", "zoom(2.0)", "zoom out", show=False, key_display="-"),
        Binding("left", "cursor(-1)", "cursor", key_display="← →",
                tooltip="chart: a cursor with the values of its moment"),
        Binding("right", "cursor(1)", "cursor right", show=False,
                tooltip="chart: a cursor with the values of its moment"),
        Binding("m", "keep", "keep", show=False,
                tooltip="keep this measurement in the chart (up to four), or let it go"),
        Binding("f", "enlarge", "big chart", show=False,
                tooltip="the chart over the whole page, or back"),
        Binding("o", "only", "only this", show=False,
                tooltip="of the measurements in the chart only this one, or all again"),
        Binding("t", "points", "values", show=False,
                tooltip="the chart's values as a table, newest first"),
        Binding("w", "export", "write CSV", show=False,
                tooltip="write what the chart shows into a CSV file, here or in your home"),
        Binding("W", "export_json", "write JSON", show=False,
                tooltip="write what the chart shows into a JSON file"),
    ]  # fmt: skip
    NEEDS: ClassVar[Mapping[str, Right]] = {
        "control": "control", "lockout": "operator", "unlockout": "control",
    }  # fmt: skip

    def __init__(self, asset: str, ids: Sequence[str]) -> None:
        super().__init__()
        self.asset = asset
        self._ids = list(ids)
        self._raw: RawAnswer | None = None
        self._starts: Starts | None = None
        self._controllable: set[str] = set()

    def content(self) -> ComposeResult:
        """The panel."""
        yield AssetPanel(beside=False)

    def begin(self) -> None:
        """The keys scroll the values."""
        self.query_one("#values", ScrollLines).focus()

    @property
    def _panel(self) -> AssetPanel:
        return self.query_one(AssetPanel)

    def draw(self, now: Now) -> None:
        """The panel of this moment."""
        view, shot = find(now.snapshot, self.asset), now.snapshot
        more = None
        if view is not None and shot is not None:
            marks = self._begun().marks(view, shot)
            raw = self._raw if self._raw is not None and self._raw.asset == view.id else None
            more = More(marks=marks, raw=raw)
        self._panel.show(now, self.asset, more)

    async def load(self) -> None:
        """What the snapshot does not hold: energies at the day's and the event's beginning (once),
        and the strings of PV."""
        now = self.console_app.now()
        view, shot = find(now.snapshot, self.asset), now.snapshot
        if view is None or shot is None:
            return
        operator = now.me is None or now.may_operate
        await self._begun().ask(view, shot, operator=operator)
        if view.kind is AssetKind.PV and operator and now.paused_s is None:
            path = f"/v1/assets/{view.id}/raw"
            self._raw = await self.console_app.ask(path, RawAnswer)
        if now.may_operate and view.kind in CONTROLLED and view.id not in self._controllable:
            told = await self.console_app.ask(f"{where(view.id)}/control", OffersAnswer)
            if told.control and told.offers:
                self._controllable.add(view.id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Control is only where there is something to control."""
        if action in ("control", "lockout", "unlockout"):
            view = find(self.console_app.now().snapshot, self.asset)
            locked_out = view is not None and view.lockout is not None
            here = locked_out or self.asset in self._controllable
            fits = {"lockout": not locked_out, "unlockout": locked_out}.get(action, True)
            if not (here and fits):
                return False
        return super().check_action(action, parameters)

    def _begun(self) -> Starts:
        if self._starts is None:
            app = self.console_app

            async def event(wanted: str) -> EventAnswer:
                return await app.ask(f"/v1/events/{wanted}", EventAnswer)

            self._starts = Starts(app.history, event)
        return self._starts

    def action_back(self) -> None:
        """Back to where one came from; on the site the cursor is on this asset."""
        self.console_app.back_from(self.asset)

    def action_measure(self, by: int) -> None:
        """Chart another measurement."""
        self._panel.chart.measure(by)

    def action_range(self, number: int) -> None:
        """How far back the chart reaches."""
        shot = self.console_app.now().snapshot
        view = find(shot, self.asset)
        begun = edges_of(view, shot).event_ms if view and shot else None
        if RANGES[number - 1] is Range.EVENT and begun is None:
            self.console_app.say("it is in no event now")
            return
        self._panel.chart.choose_range(number)

    def action_zoom(self, factor: float) -> None:
        """More or less time in the chart."""
        self._panel.chart.zoom(factor)

    def action_cursor(self, columns: int) -> None:
        """Move the chart's cursor."""
        self._panel.chart.move(columns)

    def action_keep(self) -> None:
        """Keep a measurement in the chart, or let it go."""
        self._panel.chart.keep()

    def action_enlarge(self) -> None:
        """The chart over the whole page, or back."""
        self._panel.enlarge()
        self.call_after_refresh(self.console_app.redraw)

    def action_only(self) -> None:
        """One of the chart's measurements, or all again."""
        self._panel.chart.focus_one()

    def action_points(self) -> None:
        """The chart's values as a table."""
        view = find(self.console_app.now().snapshot, self.asset)
        if view is not None:
            self.app.push_screen(PointsPage(view.name or view.id, self._panel.chart))

    def action_export(self) -> None:
        """Write the chart's values into a CSV file."""
        self._panel.chart.export()

    def action_export_json(self) -> None:
        """Write them into a JSON file."""
        self._panel.chart.export("json")

    def action_control(self) -> None:
        """What it can be told."""
        self.app.push_screen(ControlPage(self.asset))

    def action_lockout(self) -> None:
        """Lock it out."""
        set_lockout(self, self.asset)

    def action_unlockout(self) -> None:
        """End its lockout."""
        view = find(self.console_app.now().snapshot, self.asset)
        if view is not None and view.lockout is not None:
            remove_lockout(self, self.asset, view.lockout)

    def action_raw(self) -> None:
        """Every value."""
        self.app.push_screen(RawPage(self.asset))

    def action_links(self) -> None:
        """What it counts for."""
        self.app.push_screen(LinksPage(self.asset))

    def action_walk(self, by: int) -> None:
        """Show the next or previous asset."""
        if self.asset in self._ids:
            at = (self._ids.index(self.asset) + by) % len(self._ids)
            self.asset = self._ids[at]
            self.console_app.redraw()
            self.reload()
