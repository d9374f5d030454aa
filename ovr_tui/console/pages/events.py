"""The events page: all jobs, the newest first."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.model.event import Event, EventStatus
from collector.wire import EventListed, EventsAnswer
from ovr_tui.console.events import rows
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.event import EventPage
from ovr_tui.console.pages.event_deeds import EventDeeds
from ovr_tui.console.pages.event_files import import_page
from ovr_tui.console.pages.shift import ShiftPage
from ovr_tui.console.text import Line

SHOWN = 500


class EventsPage(EventDeeds):
    """All events; who may only look sees those of the snapshot."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_event", "new", tooltip="a new event"),
        Binding("w", "shift", "last shift", tooltip="what happened in the last hours"),
        Binding("I", "import_event", "import", show=False, tooltip="an event from a file"),
    ]
    NEEDS: ClassVar[Mapping[str, Right]] = {
        **EventDeeds.NEEDS,
        "import_event": "operator",
        "shift": "operator",
    }
    EVERY_S = 5.0
    BELOW = 12

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[EventListed, ...] | None = None

    async def load(self) -> None:
        """All events."""
        if self.console_app.now().may_operate:
            found = await self.console_app.ask("/v1/events", EventsAnswer, limit=SHOWN)
            self._found = found.events

    def _events(self, now: Now) -> tuple[EventListed, ...] | None:
        if now.may_operate or now.me is None:
            return self._found
        return tuple(rows.of_snapshot(one) for one in now.snapshot.events) if now.snapshot else None

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """One line for each event."""
        found = self._events(now)
        return None if found is None else rows.items(found, now, cells)

    def header(self, cells: int) -> Line:
        """The titles."""
        return rows.header(cells)

    def state(self, now: Now) -> Line:
        """How many there are of each kind."""
        found = self._events(now) or ()
        on = sum(one.event.status is EventStatus.ACTIVE for one in found)
        planned = sum(one.event.status is EventStatus.PLANNED for one in found)
        text = f" {len(found)} event{'s' if len(found) != 1 else ''}"
        more = f" {now.glyphs.middle} {on} on {now.glyphs.middle} {planned} planned"
        return ((text, "bold"), (more, "dim"))

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The event at the cursor."""
        one = self._one(now, key)
        return [] if one is None else rows.detail(one, now, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """What to do next."""
        if not now.may_operate and now.me is not None:
            return "No event is on.", "An operator starts one; then it is seen here."
        return (
            "No events yet.",
            "n makes one: a name is enough. Then say what systems are for (U), start it (S) and "
            "let systems join (J). Each system's report is made when it leaves.",
        )

    def _one(self, now: Now, key: str) -> EventListed | None:
        return next((one for one in self._events(now) or () if one.event.id == key), None)

    def subject(self) -> EventListed | None:
        """The one at the cursor."""
        if not self.ready:
            return None
        return self._one(self.console_app.now(), self.table.cursor)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who leaves is said on the event's own page."""
        return action != "leave_event" and super().check_action(action, parameters)

    def opened(self, key: str) -> None:
        """Its own page."""
        now = self.console_app.now()
        one = self._one(now, key)
        if one is None:
            return
        if now.may_operate:
            self.app.push_screen(EventPage(one))
        else:
            told = [f"{name}: {text}" for name, text in rows.facts(one.event, now)]
            self.console_app.tell(one.event.name, told)

    def changed(self, event: Event | None = None) -> None:
        """Look anew; a new event's page is opened."""
        self.reload()
        if event is not None:
            self.app.push_screen(EventPage(EventListed(event=event, participations=())))

    def action_shift(self) -> None:
        """What happened in the last hours."""
        self.app.push_screen(ShiftPage())

    def action_import_event(self) -> None:
        """An event from a file of another node."""
        self.app.push_screen(import_page(self), lambda sent: self.reload() if sent else None)
