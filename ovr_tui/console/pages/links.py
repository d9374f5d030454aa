"""The page of what an asset counts for and why."""

from collections.abc import Mapping
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.wire import (
    AlarmsAnswer,
    AssignmentsAnswer,
    CorrectionsAnswer,
    RefusedAnswer,
    TwinsAnswer,
)
from ovr_tui.console.asset.common import title
from ovr_tui.console.asset.evidence import Evidence, evidence
from ovr_tui.console.asset.sheet import Sheet
from ovr_tui.console.charts.view import find
from ovr_tui.console.devices.known import Known
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page, Right
from ovr_tui.console.pages.device import AssetMenuPage
from ovr_tui.console.text import Line
from ovr_tui.console.widgets import Lines, ScrollLines

Kind = TypeVar("Kind", AlarmsAnswer, AssignmentsAnswer, CorrectionsAnswer, RefusedAnswer,
               TwinsAnswer)  # fmt: skip


class LinksPage(Page):
    """Totals, links, unit, sign-off, refused counters and corrections of an asset; viewers see what
    the collector gives them."""

    EVERY_S = 20.0
    DEFAULT_CSS = "LinksPage #said { height: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,l", "back", "asset", key_display="esc"),
        Binding("c", "change", "change",
                tooltip="say what is so: link, unit swapped, plate, role, commission"),
    ]  # fmt: skip
    NEEDS: ClassVar[Mapping[str, Right]] = {"change": "operator"}

    def __init__(self, asset: str) -> None:
        super().__init__()
        self.asset = asset
        self._known = Evidence()

    def content(self) -> ComposeResult:
        """Who it is, one scrolling text, and why a part of it is not there."""
        yield Lines(self.console_app.palette, id="who")
        yield ScrollLines(self.console_app.palette, id="links")
        yield Lines(self.console_app.palette, id="said")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#links", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """What is known."""
        cells = self.size.width
        view = find(now.snapshot, self.asset)
        lines: list[Line] = [(), ((" No such asset now.", "dim"),)]
        if now.snapshot is not None and view is not None:
            sheet = Sheet(view, now.snapshot, now.stale_s, now.glyphs)
            about = "what it counts for and why"
            known = evidence(view, now.snapshot, self._known, now.glyphs, cells)
            lines = [title(sheet, cells, about), *known]
        self.query_one("#who", Lines).show(lines[:1])
        self.query_one("#links", ScrollLines).show(lines[1:])
        said: Line = ()
        if self.trouble:
            said = ((f" {now.glyphs.alarm} {now.glyphs.text(self.trouble)}", "warn"),)
        elif now.me is not None and not now.may_operate:
            said = ((" Who may operate sees units, persons, corrections and more here.", "dim"),)
        self.query_one("#said", Lines).show([said])

    def action_change(self) -> None:
        """All that can be said of it, as among the devices; back here after."""
        self.app.push_screen(AssetMenuPage(Known(), self.asset))

    async def load(self) -> None:
        """Ask for each part by itself: one that fails takes no other along."""
        now = self.console_app.now()
        troubles: list[ApiError] = []
        operator = now.me is None or now.may_operate

        async def part(path: str, kind: type[Kind], **query: str | int) -> Kind | None:
            try:
                return await self.console_app.ask(path, kind, **query)
            except ApiError as error:
                troubles.append(error)
                return None

        alarms = await part("/v1/alarms", AlarmsAnswer, limit=0)
        self._known = Evidence(commissionings=alarms.commissioned if alarms else None)
        if operator:
            held = await part("/v1/assignments", AssignmentsAnswer, asset=self.asset)
            refused = await part("/v1/refused", RefusedAnswer)
            corrected = await part("/v1/corrections", CorrectionsAnswer, asset=self.asset)
            twins = await part("/v1/twins", TwinsAnswer)
            self._known = Evidence(
                commissionings=self._known.commissionings,
                held=held.held if held else None,
                refused=(*refused.open, *refused.decided) if refused else None,
                corrections=corrected.corrections if corrected else None,
                twins=twins.twins if twins else None,
            )
        if troubles:
            raise troubles[0]
