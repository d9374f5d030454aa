"""Before and after: two revisions of a report side by side."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from collector.model.report.evidence import Effect
from collector.model.report_state import ReportEntry
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.reports.compare import compared, effects
from ovr_tui.console.reports.listed import Listing
from ovr_tui.console.reports.rows import title
from ovr_tui.console.reports.shelf import Shelf
from ovr_tui.console.text import BLANK, Line, wrap
from ovr_tui.console.widgets import ScrollLines


class ComparePage(Page):
    """Headline figures of two revisions, and what the corrections in the later one did."""

    EVERY_S = 3600.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", key_display="esc"),
    ]

    def __init__(self, before: ReportEntry, after: ReportEntry, shelf: Shelf) -> None:
        super().__init__()
        self._before, self._after = before, after
        self._shelf = shelf
        self._effects: tuple[Effect, ...] | None = None

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield ScrollLines(self.console_app.palette, id="compared")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#compared", ScrollLines).focus()

    async def load(self) -> None:
        """What the corrections did stands in the report itself."""
        reader = self.console_app.reader
        self._effects = (await self._shelf.files.figures(reader, self._after)).effects

    def draw(self, now: Now) -> None:
        """Figures, then effects."""
        cells = self.size.width - 2
        listing = self._shelf.listing or Listing()
        name = now.glyphs.text(title(self._after, listing).rpartition(",")[0])
        lines: list[Line] = [BLANK, *wrap(name, cells, "bold"), BLANK]
        zone = listing.zone(self._after.event)
        lines += compared(self._before, self._after, zone, now, cells)
        lines.append(BLANK)
        if self._effects is not None:
            lines += effects(self._effects, now, cells)
        elif self.trouble:
            lines += wrap(now.glyphs.prose(self.trouble), cells, "warn")
        self.query_one("#compared", ScrollLines).show(lines)
