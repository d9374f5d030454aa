"""The health page."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.health import health_lines
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.widgets import ScrollLines


class HealthPage(Page):
    """How the collector, its sources, journal and sinks are, and this console."""

    PLACE = "health"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left,backspace", "back", "site", key_display="←"),
    ]

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield ScrollLines(self.console_app.palette, id="health")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#health", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """The state of this moment."""
        self.query_one("#health", ScrollLines).show(health_lines(now, self.size.width))
