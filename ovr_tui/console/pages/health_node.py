"""The node: its clock, disk, memory, load, versions; and this console."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from collector.wire import ClockAnswer, ClockRequest, HealthAnswer
from ovr_tui.console.alarms.words import day_and_time
from ovr_tui.console.form import ConfirmPage
from ovr_tui.console.health.node import node_lines
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page, Right
from ovr_tui.console.pages.health_tab import DIGITS, show_tab, tab_line
from ovr_tui.console.text import wrap
from ovr_tui.console.widgets import Lines, ScrollLines


class NodePage(Page):
    """What the collector runs on."""

    TAB = 4
    EVERY_S = 5.0
    NEEDS: ClassVar[Mapping[str, Right]] = {"confirm_clock": "operator"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left,backspace", "back", "overview", key_display="esc"),
        Binding("C", "confirm_clock", "confirm the clock", tooltip="the node's clock is right"),
        *DIGITS,
    ]

    def __init__(self) -> None:
        super().__init__()
        self._answer: HealthAnswer | None = None

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield Lines(self.console_app.palette, id="tabs")
        yield ScrollLines(self.console_app.palette, id="node")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#node", ScrollLines).focus()

    async def load(self) -> None:
        """What the snapshot does not hold."""
        self._answer = await self.console_app.reader.health()

    def draw(self, now: Now) -> None:
        """The state of this moment."""
        tab_line(self, self.TAB)
        cells = self.size.width - 2
        trouble = f"{now.glyphs.alarm} {now.glyphs.text(self.trouble)}" if self.trouble else ""
        lines = node_lines(now, self._answer, cells)
        self.query_one("#node", ScrollLines).show([*wrap(trouble, cells, "warn"), *lines])

    def action_tab(self, tab: int) -> None:
        """Show another tab."""
        if tab != self.TAB:
            show_tab(self, tab)

    def action_confirm_clock(self) -> None:
        """Ask a person to compare the node's clock with theirs."""

        def facts(now: Now) -> list[str]:
            shot = now.snapshot
            if shot is None:
                return ["The collector does not answer now."]
            return [
                f"The node's clock says {day_and_time(shot.at_ms, shot.timezone)}.",
                "Compare it with your watch or phone: day, hour, minute and zone.",
                "Once it is confirmed samples are sent and events may start, with these times.",
                f"It is {now.glyphs.text(shot.health.clock)} now.",
            ]

        async def do() -> str:
            answer = await self.console_app.reader.post(
                "/v1/clock/confirm", ClockAnswer, ClockRequest()
            )
            return f"the clock is {answer.clock}"

        page = ConfirmPage("Is the node's clock right?", facts, do, verb="it is right")
        self.app.push_screen(page, lambda _: self.reload())
