"""Sinks, journal and outbox, with what was refused: sent again, or given up."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model.dead import DeadEntry
from collector.model.outbox import OutboxItem
from collector.wire import (
    DeadAnswer,
    DeadRequest,
    ForgottenAnswer,
    OutboxAnswer,
    OutboxRequest,
    ResentAnswer,
    RevisionsAnswer,
)
from ovr_tui.console.form import ConfirmPage
from ovr_tui.console.grid import lay_out
from ovr_tui.console.health import pipes
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.health_tab import HealthList
from ovr_tui.console.text import Line

MOST = 500


class PipesPage(HealthList):
    """Where samples and records go, and which were refused."""

    TAB = 3
    EVERY_S = 10.0
    NEEDS: ClassVar[Mapping[str, Right]] = {
        "resend": "operator", "forget": "operator", "mark": "operator",
    }  # fmt: skip
    PRESENT = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("R", "resend", "resend", tooltip="send what was refused once more"),
        Binding("F", "forget", "give up", tooltip="give up for good what was refused"),
        Binding("x", "mark", "mark", tooltip="mark, to do one thing to many"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._dead: tuple[DeadEntry, ...] = ()
        self._records: tuple[OutboxItem, ...] = ()
        self._counts: tuple[object, ...] = ()

    async def load(self) -> None:
        """What was refused, which operators see."""
        app = self.console_app
        if app.now().may_operate:
            self._dead = (await app.ask("/v1/dead", DeadAnswer, limit=MOST)).entries
            found = await app.ask("/v1/outbox", OutboxAnswer, state="refused", limit=MOST)
            self._records = found.items

    def draw(self, now: Now) -> None:
        """Asked anew at once when something more, or less, is refused."""
        shot = now.snapshot
        if shot is not None:
            before = self._counts
            dead = [sink.dead_samples for sink in shot.sinks]
            self._counts = (*shot.outbox.refused.items(), *dead)
            if self.loaded_at is not None and self._counts != before:
                self.reload()
        super().draw(now)

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """All under headings."""
        if now.snapshot is None:
            return None
        return pipes.pipe_rows(now.snapshot, self._dead, self._records, now.glyphs, cells)

    def header(self, cells: int) -> Line:
        """The titles."""
        return lay_out(pipes.COLUMNS, cells).header()

    def state(self, now: Now) -> Line:
        """Whether anything was refused."""
        count = len(self._dead) + len(self._records)
        if not count:
            return ((f" {now.glyphs.good} nothing refused", "good"),) if self.loaded_at else ()
        return ((f" {now.glyphs.alarm} {count} refused: R sends again, F gives up", "warn"),)

    def empty(self, now: Now) -> tuple[str, str]:
        """There always is a journal."""
        del now
        return "", ""

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """All that is known of the row."""
        shot = now.snapshot
        if shot is None:
            return []
        if key == "journal":
            return pipes.journal_detail(shot, now.glyphs, cells)
        if key == "outbox":
            return pipes.outbox_detail(shot, now.glyphs, cells)
        for sink in shot.sinks:
            if key == f"sink:{sink.sink}":
                return pipes.sink_detail(sink, now.glyphs, cells)
        for entry in self._dead:
            if key == f"{pipes.DEAD}{entry.id}":
                return pipes.dead_detail(entry, shot.timezone, now.glyphs, cells)
        for item in self._records:
            if key == f"{pipes.RECORD}{item.revision}":
                return pipes.record_detail(item, shot.timezone, now.glyphs, cells)
        return []

    # what can be done about what was refused

    def _chosen(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        keys = self.table.chosen()
        dead = [key.removeprefix(pipes.DEAD) for key in keys if key.startswith(pipes.DEAD)]
        records = [key.removeprefix(pipes.RECORD) for key in keys if key.startswith(pipes.RECORD)]
        return tuple(map(int, dead)), tuple(map(int, records))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only where something was refused."""
        if action in ("resend", "forget", "mark") and not (self._dead or self._records):
            return False
        return super().check_action(action, parameters)

    def action_resend(self) -> None:
        """Send it once more."""
        dead, records = self._chosen()
        if not dead and not records:
            self.console_app.say("put the cursor on what was refused, or mark it with x", "warn")
            return
        self.run_worker(self._resend(dead, records), name="resend", exit_on_error=False)

    async def _resend(self, dead: tuple[int, ...], records: tuple[int, ...]) -> None:
        app, words = self.console_app, []
        try:
            if dead:
                sent = await app.reader.post("/v1/dead/resend", ResentAnswer, DeadRequest(ids=dead))
                for outcome in dict.fromkeys(each.outcome for each in sent.entries):
                    count = sum(each.outcome == outcome for each in sent.entries)
                    words.append(f"{count} {outcome}")
                words += [each.why for each in sent.entries if each.why][:1]
            if records:
                again = await app.reader.post(
                    "/v1/outbox/resend", RevisionsAnswer, OutboxRequest(revisions=records)
                )
                count = len(again.revisions)
                turn = "record has" if count == 1 else "records have"
                words.append(f"{count} {turn} another turn")
        except ApiError as error:
            app.say(str(error), "alert")
        else:
            app.say(", ".join(words), "good")
        self._changed(True)

    def action_forget(self) -> None:
        """Give it up for good, after a question."""
        dead, records = self._chosen()
        if not dead and not records:
            self.console_app.say("put the cursor on what was refused, or mark it with x", "warn")
            return

        def facts(_: Now) -> list[str]:
            samples = sum(entry.samples for entry in self._dead if entry.id in dead)
            told = [f"{samples} samples in {len(dead)} entries"] if dead else []
            told += [f"{len(records)} business records"] if records else []
            return [*told, "They are deleted for good; nobody will ever receive them."]

        async def do() -> str:
            count = 0
            if dead:
                count += (
                    await self.console_app.reader.post(
                        "/v1/dead/forget", ForgottenAnswer, DeadRequest(ids=dead)
                    )
                ).forgotten
            if records:
                gone = await self.console_app.reader.post(
                    "/v1/outbox/forget", RevisionsAnswer, OutboxRequest(revisions=records)
                )
                count += len(gone.revisions)
            return f"{count} given up"

        page = ConfirmPage("Give up what was refused?", facts, do, verb="give up for good")
        self.app.push_screen(page, self._changed)

    def _changed(self, done: bool | None) -> None:
        if done:
            self.table.marked.clear()
            self.reload()
