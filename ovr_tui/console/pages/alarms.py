"""The alarms page: what is wrong, who has it, what to do about it; and what was."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar
from urllib.parse import quote

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model.alarm import Alarm
from collector.wire import AckRequest, AlarmAnswer, AlarmsAnswer, NoRequest, ShelveRequest
from ovr_tui.console.alarms.asking import UNTIL, about, ack_fields, nobody, shelf_fields, whom
from ovr_tui.console.alarms.detail import alarm_detail
from ovr_tui.console.alarms.rows import OPEN, PAST, SHELVED, open_rows, past_rows
from ovr_tui.console.alarms.words import coming, unseen
from ovr_tui.console.form import Field, FormPage, Values
from ovr_tui.console.format import span
from ovr_tui.console.grid import lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line
from ovr_tui.console.views import views_line

ACTIVE, UNSEEN, HISTORY, SHELF = 1, 2, 3, 4
WINDOWS = ((86_400, "24 h"), (7 * 86_400, "7 days"), (30 * 86_400, "30 days"))
MOST = 1000


class AlarmsPage(ListPage):
    """What is open, from the snapshot; what is shelved and what was, from the collector."""

    MARKS = True
    BELOW = 9
    BESIDE_CELLS = 160
    SHARE = 0.6
    EVERY_S = 10.0
    OF_ROWS = ("acknowledge", "shelve", "unshelve")
    NEEDS: ClassVar[Mapping[str, Right]] = {
        "acknowledge": "operator",
        "shelve": "operator",
        "unshelve": "operator",
        "mark": "operator",
    }
    PRESENT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("A", "acknowledge", "acknowledge", tooltip="acknowledge: I have seen it"),
        Binding("S", "shelve", "shelve", tooltip="shelve: out of sight for a while"),
        Binding("U", "unshelve", "unshelve", tooltip="back into sight now"),
        Binding("x", "mark", "mark", tooltip="mark, to do one thing to many"),
        Binding("w", "window", "longer", tooltip="history of a day, a week, a month"),
        Binding("1", "view(1)", "alarms that are open", show=False),
        Binding("2", "view(2)", "alarms that nobody has acknowledged", show=False),
        Binding("3", "view(3)", "history of alarms", show=False),
        Binding("4", "view(4)", "alarms that are shelved", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view = ACTIVE
        self._window = 0
        self._answer: AlarmsAnswer | None = None
        self._open: frozenset[str] = frozenset()

    # what there is

    async def load(self) -> None:
        """What is shelved; the history where it is looked at."""
        shot = self.console_app.now().snapshot
        if shot is None:
            return
        past = self._view == HISTORY
        self._answer = await self.console_app.ask(
            "/v1/alarms",
            AlarmsAnswer,
            from_=max(0, shot.at_ms - WINDOWS[self._window][0] * 1000),
            limit=MOST if past else 0,
        )

    def draw(self, now: Now) -> None:
        """The list; what is no longer open may have been shelved, or be history."""
        still = frozenset(alarm.id for alarm in self._live(now))
        if still != self._open and self._answer is not None:
            self.reload()
        self._open = still
        super().draw(now)

    def _live(self, now: Now) -> Sequence[Alarm]:
        return now.snapshot.alarms if now.snapshot else ()

    def _shelved(self, now: Now) -> list[Alarm]:
        live = {alarm.id for alarm in self._live(now)}
        return [a for a in (self._answer.shelved if self._answer else ()) if a.id not in live]

    def _past(self, now: Now) -> list[Alarm]:
        live = {alarm.id: alarm for alarm in self._live(now)}
        return [live.get(a.id, a) for a in (self._answer.history if self._answer else ())]

    def _shown(self, now: Now) -> Sequence[Alarm]:
        if self._view == ACTIVE:
            return self._live(now)
        if self._view == UNSEEN:
            return [alarm for alarm in self._live(now) if unseen(alarm)]
        return self._past(now) if self._view == HISTORY else self._shelved(now)

    # what is drawn

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """The alarms of the view."""
        shot = now.snapshot
        if shot is None or (self._view in (HISTORY, SHELF) and self._answer is None):
            return None
        alarms, at_ms = self._shown(now), _present(now)
        if self._view == HISTORY:
            return past_rows(alarms, at_ms, shot.timezone, now.glyphs, cells)
        return open_rows(alarms, at_ms, now.glyphs, cells, shelved=self._view == SHELF)

    def header(self, cells: int) -> Line:
        """The titles of the view."""
        columns = PAST if self._view == HISTORY else SHELVED if self._view == SHELF else OPEN
        return lay_out(columns, cells).header()

    def state(self, now: Now) -> Line:
        """The views with their counts."""
        live = self._live(now)
        known = self._answer is not None
        past = len(self._answer.history) if self._answer and self._view == HISTORY else None
        views = (
            ("active", len(live)),
            ("unacknowledged", sum(map(unseen, live))),
            (f"history {WINDOWS[self._window][1]}", past),
            ("shelved", len(self._shelved(now)) if known else None),
        )
        return views_line(views, self._view, self.size.width - 2)

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """All that is known of the alarm at the cursor."""
        alarm = self._find(now, key)
        if alarm is None or now.snapshot is None:
            return []
        return alarm_detail(alarm, _present(now), now.snapshot, now.glyphs, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """Why there is none, and what that means."""
        if self._view == HISTORY:
            return f"No alarms in the last {WINDOWS[self._window][1]}.", "w looks further back."
        if self._view == SHELF:
            return "No alarm is shelved.", "S in the list of active ones puts one out of sight."
        if self._view == UNSEEN and self._live(now):
            return "Somebody has each of them.", "1 shows all that are active."
        if now.stale_s is None and (count := len(self._shelved(now))):
            which = (
                "1 is shelved: 4 shows it." if count == 1 else f"{count} are shelved: 4 shows them."
            )
            return "No alarm in sight.", which
        if self._answer is not None and not self._answer.commissioned:
            return (
                "No alarms: no asset is commissioned, so none can alarm.",
                "Commission assets once they are set up: d, then the asset.",
            )
        if now.unheard_s is not None:
            old = span(now.unheard_s)
            return f"No alarms {old} ago, when the collector was last heard.", "Now nobody knows."
        return "No alarms.", "3 shows what was. An alarm says itself here and on every page."

    def _find(self, now: Now, key: str) -> Alarm | None:
        return next((alarm for alarm in self._shown(now) if alarm.id == key), None)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes sense in the view."""
        views = {
            "acknowledge": (ACTIVE, UNSEEN, HISTORY),
            "shelve": (ACTIVE, UNSEEN),
            "mark": (ACTIVE, UNSEEN, SHELF),
            "unshelve": (SHELF,),
            "window": (HISTORY,),
        }
        if self._view not in views.get(action, (self._view,)):
            return False
        return super().check_action(action, parameters)

    def word(self, binding: Binding) -> str:
        """In the history there may be one that nobody has acknowledged."""
        if binding.action == "acknowledge" and self._view == HISTORY:
            chosen = self._chosen(self.console_app.now())
            return super().word(binding) if any(map(unseen, chosen)) else ""
        return super().word(binding)

    def arrived(self) -> None:
        """A person came from another place: something new is shown to them first."""
        if self._view in (HISTORY, SHELF) and any(map(unseen, self._live(self.console_app.now()))):
            self.action_view(ACTIVE)

    def action_view(self, view: int) -> None:
        """Show another view."""
        self._view = view
        self.table.marked.clear()
        if view == HISTORY:
            self._answer = None
            self.reload()
        self.refresh_bindings()
        self.console_app.redraw()

    def action_window(self) -> None:
        """Look further back, or only at the day again."""
        self._window = (self._window + 1) % len(WINDOWS)
        self._answer = None
        self.reload()
        self.console_app.redraw()

    def opened(self, key: str) -> None:
        """The page of the asset that it is about; what is about the node is on the health page."""
        now = self.console_app.now()
        alarm = self._find(now, key)
        if alarm is None:
            return
        known = {view.id for view in now.snapshot.assets} if now.snapshot else set()
        found = [asset for asset in (alarm.asset, *alarm.members) if asset in known]
        if found:
            self.console_app.open_asset(found[0], list(dict.fromkeys(found)))
        else:
            self.console_app.go("health")

    def _chosen(self, now: Now) -> list[Alarm]:
        wanted = self.table.chosen()
        return [alarm for alarm in self._shown(now) if alarm.id in wanted]

    def action_acknowledge(self) -> None:
        """Say that somebody has seen it. In the history only the one at the cursor is meant."""
        now = self.console_app.now()
        chosen = self._chosen(now)
        others = () if self._view == HISTORY else self._live(now)
        meant = whom(chosen, others, now.glyphs)
        if not meant:
            self.console_app.say(nobody(chosen))
            return
        ids = {each.value: each.ids for each in meant}

        async def send(values: Mapping[str, object]) -> str:
            body = AckRequest(note=str(values["note"] or ""))
            return await self._each(ids[str(values["which"])], "ack", body, "acknowledged")

        first = [alarm for alarm in self._live(now) if alarm.id in meant[0].ids]
        form = FormPage(
            "Acknowledge",
            ack_fields(meant),
            send,
            about=about(first, now.glyphs),
            verb="acknowledge",
        )
        self.app.push_screen(form, self._done)

    def action_shelve(self) -> None:
        """Out of sight for a while."""
        now = self.console_app.now()
        alarms = self._chosen(now)
        if not alarms or now.snapshot is None:
            return
        timezone = now.snapshot.timezone

        def fields(values: Values) -> list[Field]:
            return shelf_fields(values, self.console_app.now().wall_ms, timezone)

        async def send(values: Mapping[str, object]) -> str:
            reason = str(values["reason"])
            if values["span"] == UNTIL:
                at_ms = coming(str(values["until"]), self.console_app.now().wall_ms, timezone)
                body = ShelveRequest(reason=reason, until_ms=at_ms)
            else:
                body = ShelveRequest(reason=reason, for_s=int(str(values["span"])))
            return await self._each([alarm.id for alarm in alarms], "shelve", body, "shelved")

        form = FormPage("Shelve", fields, send, about=about(alarms, now.glyphs), verb="shelve")
        self.app.push_screen(form, self._done)

    async def action_unshelve(self) -> None:
        """Back into sight."""
        ids = [alarm.id for alarm in self._chosen(self.console_app.now())]
        if ids:
            self._do(lambda: self._each(ids, "unshelve", NoRequest(), "back in sight"))

    def _do(self, work: Callable[[], Awaitable[str]]) -> None:
        async def run() -> None:
            try:
                self.console_app.say(await work(), "good")
            except ApiError as error:
                self.console_app.say(str(error), "alert")
            self._done(True)

        self.run_worker(run(), name="alarms", group="do", exit_on_error=False)

    def _done(self, sent: bool | None) -> None:
        if sent:
            self.table.marked.clear()
            self.reload()

    async def _each(
        self,
        ids: Sequence[str],
        verb: str,
        body: AckRequest | ShelveRequest | NoRequest,
        word: str,
    ) -> str:
        """Do it to each; one that was closed meanwhile needs nothing. Raises ApiError."""
        done, over = 0, 0
        for alarm in ids:
            path = f"/v1/alarms/{quote(alarm, safe='')}/{verb}"
            try:
                await self.console_app.reader.post(path, AlarmAnswer, body)
                done += 1
            except ApiError as error:
                if error.code != "no_such_alarm":
                    more = f"{done} of {len(ids)} are {word}; then " if done else ""
                    raise ApiError(f"{more}{error}", error.code) from error
                over += 1
        gone = f", {over} over meanwhile" if over else ""
        return f"{done} {'alarm' if done == 1 else 'alarms'} {word}{gone}"


def _present(now: Now) -> int:
    """The moment that ages count to, on the collector's clock."""
    at_ms = now.snapshot.at_ms if now.snapshot else now.wall_ms
    return at_ms + round((now.stale_s or 0.0) * 1000)
