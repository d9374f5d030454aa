"""What the pages about reports have in common: the newest list, and the files."""

from msgspec import Struct

from collector.model.report_state import JobEntry, ReportEntry
from ovr_tui.console.reports.files import ReportFiles
from ovr_tui.console.reports.listed import Listing


class Made(Struct, frozen=True):
    """A revision that came since the list before, and the one that it follows."""

    before: ReportEntry
    after: ReportEntry


class Shelf:
    """The newest list of reports (None: not asked yet), and their files."""

    def __init__(self) -> None:
        self.listing: Listing | None = None
        self.files = ReportFiles()

    def take(self, listing: Listing) -> list[Made]:
        """A newer list; which reports have a revision that the list before had not."""
        before, self.listing = self.listing, listing
        if before is None:
            return []
        known = {report.id: report.newest for report in before.reports}
        return [
            Made(former, report.newest)
            for report in listing.reports
            if report.newest is not None
            and (former := known.get(report.id)) is not None
            and report.newest.revision > former.revision
        ]

    def job(self, entry: ReportEntry) -> JobEntry | None:
        """What is being done or to be done about a revision: the newest one of a report alone."""
        report = None if self.listing is None else self.listing.report(entry.id)
        newest = None if report is None else report.newest
        if report is None or newest is None or newest.revision != entry.revision:
            return None
        return report.job

    def former(self, entry: ReportEntry) -> ReportEntry | None:
        """The revision before one."""
        report = None if self.listing is None else self.listing.report(entry.id)
        older = [] if report is None else report.revisions
        return next((one for one in older if one.revision < entry.revision), None)
