"""Releasing a revision: a note, then the question, with what stands against it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from collector.model.report_state import JobEntry, JobState, ReportEntry, ReportState
from collector.wire import ReleaseRequest, ReportAnswer
from ovr_tui.console.form import ConfirmPage, Field, FormPage
from ovr_tui.console.now import Now
from ovr_tui.console.reports.listed import blocked
from ovr_tui.console.reports.rows import figures
from ovr_tui.console.text import BLANK, Line, wrap

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

REFUSED = {
    ReportState.PROVISIONAL: "it is provisional: its last minute may still change",
    ReportState.SUPERSEDED: "it is superseded: release the newest revision",
    ReportState.RELEASED: "it is released already",
}
ANSWER_S = 60.0
"""Its pages are set anew, by a process that gives way to everybody."""
Done = Callable[[bool | None], None]


def release(
    app: "ConsoleApp", entry: ReportEntry, job: JobEntry | None, name: str, done: Done
) -> None:
    """Ask for a note, which a blocked one needs, then whether it shall go out. While `job` makes it
    anew it does not: its figures are those from before."""
    if entry.state in REFUSED:
        app.say(REFUSED[entry.state], "warn")
        return
    if job is not None and job.state is not JobState.FAILED:
        app.say("it is made anew, these figures are old: release what comes", "warn")
        return
    held = blocked(entry)
    notes = [""]

    async def noted(answers: Mapping[str, object]) -> str:
        notes[0] = str(answers["note"] or "")
        return ""

    why = "why it goes out although it is blocked" if held else "what is to be said about it"
    note = Field(name="note", label="note", needed=bool(held), most_chars=300,
                 text=f"{why}; it stays with the revision")  # fmt: skip
    about = [f"It is blocked: {reason}." for reason in held]
    page = FormPage(f"Release {name}", [note], noted, about=about, verb="go on")

    def ask(sent: bool | None) -> None:
        if sent:
            app.push_screen(_question(app, entry, name, notes[0]), done)

    app.push_screen(page, ask)


def _question(app: "ConsoleApp", entry: ReportEntry, name: str, note: str) -> ConfirmPage:
    held = blocked(entry)

    async def send() -> str:
        body = ReleaseRequest(report=entry.id, revision=entry.revision, note=note, force=bool(held))
        await app.reader.post("/v1/reports/release", ReportAnswer, body, answer_s=ANSWER_S)
        return f"{entry.system or 'whole event'}: revision {entry.revision} is released"

    return ConfirmPage(
        f"Release {name}?",
        partial(_facts, app, entry, note),
        send,
        verb="release it although it is blocked" if held else "release it",
        word=(entry.system or "whole event") if held else "",
    )


def _facts(app: "ConsoleApp", entry: ReportEntry, note: str, now: Now) -> list[str | Line]:
    out: list[str | Line] = [*figures(entry.headline, now), BLANK]
    for reason in blocked(entry):
        text = f"{now.glyphs.alarm} It is blocked: {now.glyphs.text(reason)}."
        out += wrap(text, app.size.width - 2, "warn")
    if note:
        out += [BLANK, f"Note: {note}"]
    told = (
        "Its HTML and PDF will say that it is released. A revision that was released before is "
        "superseded from then on."
    )
    return [*out, BLANK, told]
