"""The health place: how all is at a glance; the digits lead to its other tabs."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.health.overview import health_lines
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.health_log import AuditPage, LogPage
from ovr_tui.console.pages.health_node import NodePage
from ovr_tui.console.pages.health_pipes import PipesPage
from ovr_tui.console.pages.health_sources import SourcesPage
from ovr_tui.console.pages.health_tab import DIGITS, TABS, show_tab, tab_line
from ovr_tui.console.widgets import Lines, ScrollLines

TABS.update({2: SourcesPage, 3: PipesPage, 4: NodePage, 5: LogPage, 6: AuditPage})


class HealthPage(Page):
    """How the collector, its sources, journal and sinks are, and this console."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left,backspace", "back", "site", key_display="esc"),
        *DIGITS,
    ]

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield Lines(self.console_app.palette, id="tabs")
        yield ScrollLines(self.console_app.palette, id="health")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#health", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """The state of this moment."""
        tab_line(self, 1)
        self.query_one("#health", ScrollLines).show(health_lines(now, self.size.width))

    def action_tab(self, tab: int) -> None:
        """Show another tab."""
        if tab != 1:
            show_tab(self, tab)
