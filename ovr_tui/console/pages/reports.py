"""The reports: what there is, what is being made, and everything that is done with them."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.model.report_state import ReportEntry
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.pages.report import ReportPage
from ovr_tui.console.pages.report_deeds import DEEDS, NEEDED, ReportDeeds
from ovr_tui.console.reports.rows import counts, detail, grid, items
from ovr_tui.console.reports.shelf import Shelf
from ovr_tui.console.text import Line


class ReportsPage(ListPage, ReportDeeds):
    """The reports, by event."""

    MARKS = True
    SHARE = 0.62
    NEEDS = NEEDED
    OF_ROWS = ("write", "release", "verify", "compare", "correct")
    BINDINGS: ClassVar[list[BindingType]] = [
        *DEEDS,
        Binding("n", "interim", "interim report", tooltip="of any window; it ends nothing"),
        Binding("o", "older", "older revisions", show=False),
        Binding("x", "mark", "mark", show=False, tooltip="to write out several at once"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf()
        self.older = False

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """One row for each report."""
        if now.me is not None and not now.may_operate:
            return []
        if self.shelf.listing is None:
            return None
        return items(self.shelf.listing, now, cells, older=self.older)

    def header(self, cells: int) -> Line:
        """The columns."""
        return grid(cells).header()

    def state(self, now: Now) -> Line:
        """Counts."""
        return () if self.shelf.listing is None else counts(self.shelf.listing, now)

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The revision at the cursor."""
        report = None if self.shelf.listing is None else self.shelf.listing.report(key)
        if report is None or self.shelf.listing is None:
            return []
        return detail(report, self.shelf.listing.entry(key), self.shelf.listing, now, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """What to do."""
        if not now.may_operate:
            return "Reports are for operators.", "Who only looks on does not see them."
        return (
            "No reports yet.",
            "One is made by itself when a system leaves an event, and when an event ends (e). "
            "n makes an interim one of any window, which ends nothing.",
        )

    def opened(self, key: str) -> None:
        """The report itself."""
        entry = None if self.shelf.listing is None else self.shelf.listing.entry(key)
        if entry is not None:
            self.app.push_screen(ReportPage(entry, self.shelf))
        else:
            self.console_app.say("it is not made yet", "warn")

    def subject(self) -> ReportEntry | None:
        """The revision at the cursor."""
        return None if self.shelf.listing is None else self.shelf.listing.entry(self.table.cursor)

    def subjects(self) -> list[ReportEntry]:
        """The revisions that are marked, else the one at the cursor."""
        known = self.shelf.listing
        if known is None:
            return []
        found = [known.entry(key) for key in self.table.chosen()]
        return [entry for entry in found if entry is not None]

    def report_id(self) -> str:
        """The report at the cursor, made already or not."""
        return self.table.cursor.partition("#")[0]

    def action_older(self) -> None:
        """Show or hide the revisions before the newest."""
        self.older = not self.older
        self.console_app.redraw()
