"""The page of one event: who takes part, what happened, the log, the reports, all that is said."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from collector.model.alarm import Alarm
from collector.model.event import Event, EventStatus, Participation
from collector.model.said import LogEntry
from collector.wire import (
    AlarmsAnswer,
    EventAnswer,
    EventListed,
    LogAnswer,
    LogListAnswer,
    ReasonRequest,
    ReportsAnswer,
)
from ovr_tui.console.called import names_of
from ovr_tui.console.events import facts, logbook, making, part, rows, timeline, words
from ovr_tui.console.form import Field
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.event_deeds import EventDeeds, path
from ovr_tui.console.pages.event_files import export_page
from ovr_tui.console.pages.notice import DetailPage
from ovr_tui.console.pages.shift import ShiftPage
from ovr_tui.console.text import Line
from ovr_tui.console.views import views_line
from ovr_tui.console.widgets import Lines

ALARMS = 1000
WIDE = 150
"""From here on details stand beside the views that have much text of their own."""
LATELY = 8


class View(StrEnum):
    """What of an event is listed."""

    SYSTEMS = "Systems"
    TIMELINE = "Timeline"
    LOG = "Log"
    REPORTS = "Reports"
    CONFLICTS = "Conflicts"
    FACTS = "Facts"


VIEWS = tuple(View)


class EventPage(EventDeeds):
    """One event. `listed` is what the list knew of it; the rest is asked for."""

    DEFAULT_CSS = """
    EventPage #head { height: 2; }
    EventPage.-prompt #head { height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "mark", "mark", show=False, tooltip="mark the system: L is about all marked"),
        Binding("F", "correct_part", "correct", show=False,
                tooltip="correct when the system at the cursor was in"),
        Binding("W", "withdraw", "withdraw", tooltip="the log entry at the cursor does not count"),
        Binding("O", "export_event", "export", show=False, tooltip="into a file"),
        Binding("w", "shift", "last shift", show=False, tooltip="what happened in the last hours"),
        Binding("left", "view_by(-1)", "view to the left", show=False, key_display="←"),
        Binding("right", "view_by(1)", "views", key_display="← →",
                tooltip="the next view: systems, timeline, log, reports, conflicts, facts"),
        *(
            Binding(str(number), f"view('{view.value}')", view.value.lower(), show=False)
            for number, view in enumerate(VIEWS, 1)
        ),
    ]  # fmt: skip
    NEEDS: ClassVar[Mapping[str, Right]] = {
        **EventDeeds.NEEDS,
        **dict.fromkeys(("correct_part", "withdraw", "export_event", "shift"), "operator"),
    }
    EVERY_S = 5.0
    SHARE = 0.66
    BELOW = 9

    def __init__(self, listed: EventListed) -> None:
        super().__init__()
        self.view = View.SYSTEMS
        self._listed = listed
        self._answer: EventAnswer | None = None
        self._log: tuple[LogEntry, ...] = ()
        self._reports: ReportsAnswer | None = None
        self._happened: Sequence[timeline.Happening] = ()

    # what is known

    async def load(self) -> None:
        """The event, its log, its alarms and its reports."""
        app, event = self.console_app, self._listed.event
        begun = event.from_ms or event.created_ms
        answer, log, alarms, reports = await asyncio.gather(
            app.ask(path(event), EventAnswer),
            app.ask("/v1/log", LogListAnswer, event=event.id),
            app.ask("/v1/alarms", AlarmsAnswer, from_=begun, to=event.to_ms, limit=ALARMS),
            app.ask("/v1/reports", ReportsAnswer, event=event.id, limit=ALARMS),
        )
        self._answer, self._log, self._reports = answer, log.entries, reports
        self._listed = EventListed(
            event=answer.event,
            participations=answer.participations,
            conflicts=len(answer.conflicts),
            prompt=answer.prompt,
        )
        about_us = self._about_us(alarms.history)
        self._happened = timeline.of_event(
            answer, log.entries, about_us, reports, names_of(self.console_app.now().snapshot)
        )

    def _about_us(self, alarms: Sequence[Alarm]) -> tuple[Alarm, ...]:
        """Those of our systems' assets, and those that are about no asset."""
        shot = self.console_app.now().snapshot
        own = {one.system for one in self._listed.participations}
        systems = {view.id: view.system for view in (shot.assets if shot else ())}
        return tuple(
            one for one in alarms if not one.asset or systems.get(one.asset, "") in {*own, ""}
        )

    def subject(self) -> EventListed:
        """This one."""
        return self._listed

    def changed(self, event: Event | None = None) -> None:
        """Look anew."""
        del event
        self.table.marked.clear()
        self.reload()

    def leaving(self) -> list[Participation]:
        """The marked systems, else the one at the cursor; those that are in."""
        if self.view is not View.SYSTEMS or not self.ready:
            return []
        chosen = set(self.table.chosen())
        return [one for one in self._own(self._listed) if one.id in chosen]

    def cursor_system(self) -> str:
        """The system at the cursor."""
        one = self._part()
        return one.system if one else ""

    def _part(self) -> Participation | None:
        if self.view is not View.SYSTEMS or not self.ready:
            return None
        parts = self._listed.participations
        return next((one for one in parts if one.id == self.table.cursor), None)

    def _entry(self) -> LogEntry | None:
        if self.view is not View.LOG or not self.ready:
            return None
        return next((one for one in self._log if one.id == self.table.cursor), None)

    # drawing

    def content(self) -> ComposeResult:
        """The event's head above the list."""
        yield Lines(self.console_app.palette, id="head")
        yield from super().content()

    def draw(self, now: Now) -> None:
        """Head, then the list."""
        lines = facts.head(self._listed, now, self.size.width)
        self.set_class(len(lines) > 2, "-prompt")
        self.query_one("#head", Lines).show([now.believed(line) for line in lines])
        super().draw(now)

    def _tells(self) -> bool:
        return self.view in (View.SYSTEMS, View.FACTS) or self.size.width >= WIDE

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """What the view lists."""
        answer = self._answer
        if answer is None:
            return None
        zone = answer.event.timezone
        if self.view is View.SYSTEMS:
            return part.items(answer, self._reports, now, cells)
        if self.view is View.TIMELINE:
            return timeline.items(self._happened, zone, now, cells)
        if self.view is View.LOG:
            return logbook.items(self._log, zone, now, cells)
        if self.view is View.REPORTS:
            return making.items(self._reports, now, cells) if self._reports else None
        if self.view is View.CONFLICTS:
            return self._conflicts(now)
        return facts.items(self._listed, now, cells)

    def _conflicts(self, now: Now) -> list[Item]:
        answer = self._answer
        told = [
            timeline.conflict(answer.event, one, answer.participations) for one in answer.conflicts
        ] if answer else []  # fmt: skip
        return [
            Item(key=f"conflict:{place}", line=((f" {now.glyphs.text(text)}", "warn"),))
            for place, text in enumerate(told)
        ]

    def header(self, cells: int) -> Line:
        """The view's titles."""
        if self.view is View.CONFLICTS:
            return ((" WHAT WAS CHANGED IN TWO PLACES: E DECIDES", "head"),)
        made = {
            View.SYSTEMS: part.header,
            View.TIMELINE: timeline.header,
            View.LOG: logbook.header,
            View.REPORTS: making.header,
        }.get(self.view)
        return made(cells) if made else ((" WHAT IS SAID OF IT", "head"),)

    def state(self, now: Now) -> Line:
        """The views, with how many things each holds."""
        reports = self._reports
        counts: Mapping[View, int | str] = {
            View.SYSTEMS: words.still_in(self._listed.participations),
            View.TIMELINE: len(self._happened),
            View.LOG: len(self._log),
            View.REPORTS: len(making.newest(reports)) + len(making.under_way(reports)),
            View.CONFLICTS: self._listed.conflicts,
            View.FACTS: "",
        }
        views = [(view.value.lower(), counts[view]) for view in VIEWS]
        line = views_line(views, VIEWS.index(self.view) + 1, self.size.width - 4)
        return (*line, (f" {now.glyphs.alarm}", "warn")) if self._listed.conflicts else line

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The thing at the cursor; beside the facts the whole event."""
        answer = self._answer
        if answer is None:
            return []
        zone = answer.event.timezone
        if self.view is View.SYSTEMS and key:
            lines = part.detail(answer, key, self._reports, now, cells)
            return [*lines, (), *timeline.lately(self._happened[:LATELY], zone, now)]
        if self.view is View.TIMELINE:
            found = next((one for one in self._happened if one.key == key), None)
            return timeline.detail(found, zone, now, cells) if found else []
        if self.view is View.LOG:
            entry = self._entry()
            return logbook.detail(entry, zone, now, cells) if entry else []
        if self.view is View.REPORTS and key.startswith("report:"):
            return making.headline(key.removeprefix("report:"), self._reports, now, cells)
        if self.view is View.FACTS:
            return facts.whole(self._listed, key, now, cells)
        return rows.detail(self._listed, now, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """What to do next."""
        del now
        planned = self._listed.event.status is EventStatus.PLANNED
        return _NOT_YET if planned and self.view is View.SYSTEMS else _EMPTY[self.view]

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each where its thing is at the cursor."""
        if action in ("mark", "leave_event") and self.view is not View.SYSTEMS:
            return False
        if action == "correct_part" and self._part() is None:
            return False
        if action == "withdraw":
            entry = self._entry()
            if entry is None or entry.withdrawn_ms is not None:
                return False
        return super().check_action(action, parameters)

    def action_view(self, view: str) -> None:
        """Another view."""
        self.view = View(view)
        self.table.marked.clear()
        self.table.scroll_to(y=0, animate=False)
        self.console_app.redraw()

    def action_view_by(self, by: int) -> None:
        """The next view."""
        self.action_view(VIEWS[(VIEWS.index(self.view) + by) % len(VIEWS)])

    def opened(self, key: str) -> None:
        """At length what a narrow screen does not show; a report is on its own page."""
        if self.view is View.REPORTS:
            self.console_app.go("reports")
            return
        self.app.push_screen(DetailPage(lambda now, cells: self.detail(now, key, cells)))

    def action_correct_part(self) -> None:
        """When the system at the cursor was in."""
        one = self._part()
        if one is not None:
            self.correct(self._listed.event, one)

    def action_export_event(self) -> None:
        """Into a file."""
        self.app.push_screen(export_page(self, self._listed.event))

    def action_shift(self) -> None:
        """What happened in the last hours."""
        self.app.push_screen(ShiftPage())

    def action_withdraw(self) -> None:
        """The log entry at the cursor does not count any more."""
        entry = self._entry()
        if entry is None:
            return

        async def send(found: Mapping[str, object]) -> str:
            body = ReasonRequest(reason=str(found["reason"]))
            await self.console_app.reader.post(f"/v1/log/{entry.id}/withdraw", LogAnswer, body)
            return f"withdrawn: {logbook.NAMES[entry.kind]} {logbook.value(entry)}".strip()

        form = [Field(name="reason", label="Why", needed=True, most_chars=300)]
        about = [logbook.said(entry), "It does not count any more; it stays in the list."]
        self._ask(f"Withdraw {logbook.NAMES[entry.kind]}", form, send, about=about, verb="withdraw")


_NOT_YET = (
    "No system took part yet.",
    "U says what systems are for. S starts it; then J lets systems join.",
)
_EMPTY: Mapping[View, tuple[str, str]] = {
    View.SYSTEMS: (
        "No system took part yet.",
        "U says what systems are for, J lets systems join.",
    ),
    View.TIMELINE: ("Nothing happened yet.", ""),
    View.LOG: ("Nothing is written down.", "l writes down fuel, a dip, hours, a reading, a note."),
    View.REPORTS: (
        "No reports yet.",
        "One is made for each system when it leaves, and for the event when it ends.",
    ),
    View.CONFLICTS: (
        "No conflicts.",
        "What was changed in two places while nodes were apart would stand here.",
    ),
    View.FACTS: ("", ""),
}
