"""What is done with a report, from the list and from the report itself."""

import asyncio
from collections.abc import Mapping
from functools import partial

from textual.binding import Binding, BindingType

from collector.model.report_state import ReportEntry
from collector.wire import BuildRequest, EventsAnswer, JobsAnswer, ReportsAnswer
from ovr_tui.console.form import Field, FormPage
from ovr_tui.console.pages.base import Page, Right
from ovr_tui.console.pages.correction import CorrectionsPage, correction_form
from ovr_tui.console.pages.report_compare import ComparePage
from ovr_tui.console.pages.report_export import export_form
from ovr_tui.console.pages.report_release import release
from ovr_tui.console.pages.work import WorkPage
from ovr_tui.console.reports.interim import interim_fields, interim_request
from ovr_tui.console.reports.listed import Listing, listing
from ovr_tui.console.reports.rows import title
from ovr_tui.console.reports.shelf import Shelf
from ovr_tui.console.reports.verify import verification

DEEDS: list[BindingType] = [
    Binding("w", "write", "write out", tooltip="to a USB stick or a folder"),
    Binding("R", "release", "release", tooltip="it goes out to the client"),
    Binding("v", "verify", "verify", tooltip="compute every figure again, and compare"),
    Binding("equals_sign", "compare", "before/after", key_display="=",
            tooltip="headline figures of two revisions side by side"),
    Binding("c", "correct", "correct", tooltip="measured data is to be read otherwise"),
    Binding("C", "corrections", "corrections", show=False, tooltip="all that was corrected"),
    Binding("b", "build", "build anew", show=False, tooltip="make it once more, as a new revision"),
]  # fmt: skip
NEEDED: Mapping[str, Right] = {
    "write": "operator",
    "release": "operator",
    "verify": "operator",
    "compare": "operator",
    "correct": "operator",
    "corrections": "operator",
    "build": "operator",
    "interim": "operator",
    "older": "operator",
    "mark": "operator",
}


MOST = 500
"""So many revisions are asked for, the latest windows first."""


class ReportDeeds(Page):
    """The actions, on the newest list. A page of this kind says which revision they are about."""

    EVERY_S = 3.0
    shelf: Shelf

    async def load(self) -> None:
        """Reports, jobs and events."""
        app = self.console_app
        reports, events = await asyncio.gather(
            app.ask("/v1/reports", ReportsAnswer, limit=MOST),
            app.ask("/v1/events", EventsAnswer),
        )
        for made in self.shelf.take(listing(reports, events)):
            name = made.after.system or "the event"
            app.say(f"revision {made.after.revision} of {name} is made: = shows before and after")

    def subject(self) -> ReportEntry | None:
        """The revision."""
        raise NotImplementedError

    def subjects(self) -> list[ReportEntry]:
        """The revisions, where several can be chosen."""
        raise NotImplementedError

    def report_id(self) -> str:
        """The report that is meant, made already or not."""
        entry = self.subject()
        return "" if entry is None else entry.id

    def changed(self) -> None:
        """Something was done: ask anew."""
        self.reload()

    def _done(self, done: bool | None) -> None:
        if done:
            self.changed()

    def _listing(self) -> Listing:
        return self.shelf.listing or Listing()

    def _meant(self) -> ReportEntry | None:
        """The revision; where there is none that is said."""
        entry = self.subject()
        if entry is None:
            self.console_app.say("there is no report at the cursor yet", "warn")
        return entry

    def _title(self, entry: ReportEntry) -> str:
        return title(entry, self._listing())

    def action_release(self) -> None:
        """It goes out, after a question."""
        if (entry := self._meant()) is not None:
            release(self.console_app, entry, self.shelf.job(entry), self._title(entry), self._done)

    def action_build(self) -> None:
        """Have it made once more; one that failed is tried anew."""
        report, entry = self.report_id(), self.subject()
        if not report:
            self._meant()
            return

        async def send(answers: Mapping[str, object]) -> str:
            body = BuildRequest(report=report, reason=str(answers["reason"] or ""))
            await self.console_app.reader.post("/v1/reports", JobsAnswer, body)
            return "it will be made; = shows before and after when it is"

        name = "The report" if entry is None else self._title(entry)
        reason = Field(name="reason", label="why", most_chars=300,
                       text="it is printed with the revision")  # fmt: skip
        page = FormPage(f"{name}: build it anew", [reason], send, verb="build")
        self.app.push_screen(page, self._done)

    def action_interim(self) -> None:
        """A report of any window."""
        app = self.console_app
        events = [one for one in self._listing().events.values() if one.from_ms is not None]
        if not events:
            app.say("no event has begun: e starts one", "warn")
            return
        shot = app.now().snapshot
        systems = sorted({view.system for view in shot.assets}) if shot is not None else []

        async def send(answers: Mapping[str, object]) -> str:
            body = interim_request(answers, app.now().wall_ms)
            count = len((await app.reader.post("/v1/reports", JobsAnswer, body)).jobs)
            return f"{count} interim {'report' if count == 1 else 'reports'} will be made"

        make = partial(interim_fields, events=events, systems=systems)
        about = ["It ends nothing. Windows are whole minutes."]
        page = FormPage("Interim report", make, send, about=about, verb="make it")
        self.app.push_screen(page, self._done)

    def action_verify(self) -> None:
        """Compute it again from what is stored, and compare."""
        if (entry := self._meant()) is not None:
            work = partial(verification, self.console_app, self.shelf.files, entry)
            self.app.push_screen(WorkPage(f"Verify {self._title(entry)}", work))

    def action_compare(self) -> None:
        """Two marked revisions of one report; else this one and the one before it."""
        chosen, entry = self.subjects(), self.subject()
        if not chosen and self._meant() is None:
            return
        if len(chosen) == 2 and chosen[0].id == chosen[1].id:
            first, last = sorted(chosen, key=lambda one: one.revision)
        elif entry is not None and (former := self.shelf.former(entry)) is not None:
            first, last = former, entry
        else:
            text = "there is no revision before it: c corrects, b builds it anew"
            self.console_app.say(text, "warn")
            return
        self.app.push_screen(ComparePage(first, last, self.shelf))

    def action_correct(self) -> None:
        """Say that data of this report is to be read otherwise."""
        if (entry := self._meant()) is not None:
            zone = self._listing().zone(entry.event)
            self.app.push_screen(correction_form(self.console_app, zone, entry), self._done)

    def action_corrections(self) -> None:
        """All that was said."""
        entry, shot = self.subject(), self.console_app.now().snapshot
        zone = shot.timezone if shot is not None else "UTC"
        if entry is not None:
            zone = self._listing().zone(entry.event)
        self.app.push_screen(CorrectionsPage(zone, entry))

    def action_write(self) -> None:
        """To a stick or a folder."""
        if entries := self.subjects():
            self.app.push_screen(export_form(self.console_app, self.shelf, entries))
        else:
            self._meant()
