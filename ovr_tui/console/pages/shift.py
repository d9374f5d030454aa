"""The last shift: a page that is read when one takes over, and can be kept as a text."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model.snapshot import Snapshot
from collector.wire import AlarmsAnswer, EventsAnswer, HistoryAnswer, LogListAnswer
from ovr_tui.console.events import shift, words
from ovr_tui.console.files import write_at
from ovr_tui.console.form import FormPage
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.event_files import path_field, path_of
from ovr_tui.console.pages.event_log import KindPage
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line

MOST = 1000


class ShiftPage(ListPage):
    """Asks once for a window; asks anew for another one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "hours(-1)", "fewer hours", show=False),
        Binding("right", "hours(1)", "8, 12, 24 h", key_display="← →"),
        Binding("R", "again", "look again"),
        Binding("l", "log_entry", "log", tooltip="write something down, or leave a word (o)"),
        Binding("O", "export", "export", tooltip="as a text file"),
    ]
    NEEDS: ClassVar[Mapping[str, Right]] = {"log_entry": "operator"}

    def __init__(self) -> None:
        super().__init__()
        self._hours = shift.HOURS[0]
        self._shift: shift.Shift | None = None
        self._done = self._all_asked = 0

    def begin(self) -> None:
        """Ask, once."""
        super().begin()
        if self._shift is None:
            self.reload()

    async def load(self) -> None:
        """All of the window; many small questions, one after another."""
        shot = self.console_app.now().snapshot
        if shot is None:
            raise ApiError("the collector has said nothing yet")
        self._shift = None
        to_ms = shot.at_ms
        from_ms = to_ms - self._hours * 3_600_000
        app = self.console_app
        alarms = await app.ask("/v1/alarms", AlarmsAnswer, from_=from_ms, to=to_ms, limit=MOST)
        log = await app.ask("/v1/log", LogListAnswer, from_=from_ms, to=to_ms)
        events = await app.ask("/v1/events", EventsAnswer, limit=MOST)
        self._shift = shift.Shift(
            from_ms=from_ms,
            to_ms=to_ms,
            snapshot=shot,
            alarms=alarms.history,
            log=log.entries,
            events=events.events,
            series=await self._series(shot, from_ms, to_ms),
        )

    async def _series(
        self, shot: Snapshot, from_ms: int, to_ms: int
    ) -> dict[shift.Key, HistoryAnswer | None]:
        step_ms = shift.STEP_S * 1000
        begin_ms = from_ms // step_ms * step_ms - step_ms
        keys = shift.wanted(shot)
        found: dict[shift.Key, HistoryAnswer | None] = {}
        self._all_asked = len(keys)
        for self._done, (asset, key) in enumerate(keys):
            try:
                found[asset, key] = await self.console_app.history(
                    asset, key, begin_ms, to_ms, shift.STEP_S
                )
            except ApiError as error:
                if error.code != "no_such_history":
                    raise
                found[asset, key] = None
            if self._done % 20 == 0 and self.is_current:
                self.console_app.redraw()
        return found

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """What happened."""
        return None if self._shift is None else shift.items(self._shift, now, cells)

    def header(self, cells: int) -> Line:
        """None: the headings are in the list."""
        del cells
        return ()

    def state(self, now: Now) -> Line:
        """Which window it is."""
        found = self._shift
        if found is None:
            told = f" {self._done} of {self._all_asked} asked" if self._all_asked else ""
            return ((f" Last {self._hours} h", "bold"), (f" · asking{told}", "accent"))
        zone = found.snapshot.timezone
        span = f"{words.exactly(found.from_ms, zone)} to {words.exactly(found.to_ms, zone)}"
        short = f"until {words.exactly(found.to_ms, zone)}"
        text = span if self.size.width >= 100 else short
        return (
            (f" Last {self._hours} h", "bold"),
            (f" {now.glyphs.middle} {text}", "dim"),
        )

    def empty(self, now: Now) -> tuple[str, str]:
        """Never so."""
        del now
        return "", ""

    def action_hours(self, by: int) -> None:
        """More hours, or fewer."""
        at = shift.HOURS.index(self._hours) + by
        self._hours = shift.HOURS[at % len(shift.HOURS)]
        self.action_again()

    def action_again(self) -> None:
        """As it is now."""
        self._shift, self._done, self._all_asked = None, 0, 0
        self.reload()
        self.console_app.redraw()

    def action_log_entry(self) -> None:
        """Write something down; it is then seen here."""
        self.app.push_screen(KindPage(), lambda sent: self.action_again() if sent else None)

    def action_export(self) -> None:
        """Into a text file."""
        found = self._shift
        if found is None:
            self.console_app.say("it is still being asked for", "warn")
            return
        content = shift.text(found, self.console_app.now())

        async def send(values: Mapping[str, object]) -> str:
            path = path_of(values)
            await write_at(path, content.encode())
            return f"the last {self._hours} h are in {path.name}"

        stamp = words.typed(found.to_ms // 60_000 * 60_000, found.snapshot.timezone)
        name = f"~/shift-{stamp.replace(' ', '-').replace(':', '')}.txt"
        about = [f"{len(content.splitlines())} lines of plain text."]
        self.app.push_screen(FormPage("Keep the last shift", [path_field(name)], send, about=about))
