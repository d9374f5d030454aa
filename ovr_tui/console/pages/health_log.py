"""What the collector says of its own work, as it says it; and who changed what."""

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.model.audit import AuditEntry
from collector.model.message import LEVELS, Message
from collector.wire import AuditAnswer, MessagesAnswer
from ovr_tui.console.grid import lay_out
from ovr_tui.console.health.messages import (
    AUDIT,
    LOG,
    at_least,
    audit_detail,
    audit_rows,
    log_detail,
    log_rows,
)
from ovr_tui.console.item_table import Item, ItemTable
from ovr_tui.console.now import Now
from ovr_tui.console.pages.health_tab import HealthList
from ovr_tui.console.text import Line

KEPT = 1000
LIMITS = (200, 1000, 10_000)
OPERATORS = "Only operators see this.", "Log in on the node as one of the group that may operate."


class LogPage(HealthList):
    """The newest lines of the collector's log. It follows them while the cursor is on the last."""

    TAB = 5
    EVERY_S = 2.0
    BELOW = 6
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "level", "level", tooltip="all, warnings and errors, only errors"),
        Binding("f", "follow", "follow", tooltip="follow the newest line, or hold"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._last = 0
        self._left_out = 0
        self._level = LEVELS[0]
        self._follow = True

    async def load(self) -> None:
        """What was said since."""
        app = self.console_app
        if not app.now().may_operate:
            return
        answer = await app.ask("/v1/messages", MessagesAnswer, after=self._last, limit=KEPT)
        if answer.last < self._last:  # another run of the collector
            self._messages.clear()
            answer = await app.ask("/v1/messages", MessagesAnswer, after=0, limit=KEPT)
        self._messages.extend(answer.messages)
        self._last, self._left_out = answer.last, answer.left_out

    def draw(self, now: Now) -> None:
        """The newest line stays in sight while it is followed."""
        super().draw(now)
        if self._follow and self.table.items:
            last = self.table.items[-1].key
            if self.table.cursor != last:
                self.table.select(last)
                super().draw(now)

    def _shown(self) -> list[Message]:
        return at_least(self._messages, self._level)

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """The lines of the level."""
        if now.snapshot is None or (self.loaded_at is None and now.may_operate):
            return None
        return log_rows(self._shown(), now.snapshot.timezone, now.glyphs, cells)

    def header(self, cells: int) -> Line:
        """The titles."""
        return lay_out(LOG, cells).header()

    def state(self, now: Now) -> Line:
        """Level, how many, and whether it follows."""
        level = "all" if self._level == LEVELS[0] else f"{self._level} and worse"
        level = "errors" if self._level == LEVELS[-1] else level
        middle = now.glyphs.middle
        zone = now.snapshot.timezone if now.snapshot else ""
        gone = f" {middle} {self._left_out} older ones forgotten" if self._left_out else ""
        return (
            (f" {len(self._shown())} of {len(self._messages)} lines", "bold"),
            (f" {middle} {level}", "accent"),
            (f" {middle} following" if self._follow else f" {middle} HELD: f follows", "accent"),
            (f" {middle} {now.glyphs.text(zone)}{gone}", "dim"),
        )

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The whole line."""
        found = next((m for m in self._messages if str(m.seq) == key), None)
        if found is None or now.snapshot is None:
            return []
        return log_detail(found, now.snapshot.timezone, now.glyphs, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """Nothing said is good."""
        if not now.may_operate:
            return OPERATORS
        if self._messages:
            return "Nothing so urgent was said.", "l shows the other levels."
        return (
            "The collector has said nothing yet.",
            "It speaks of what changes, not of what goes on.",
        )

    def on_cursor_table_moved(self, event: ItemTable.Moved) -> None:
        """Who looks back holds; who goes to the end follows."""
        items = self.table.items
        if event.key == self.table.cursor:  # not a move that the next one has undone
            self._follow = bool(items) and event.key == items[-1].key

    def action_level(self) -> None:
        """Only what is more urgent, or all again."""
        self._level = LEVELS[(LEVELS.index(self._level) + 1) % len(LEVELS)]
        self._follow = True
        self.console_app.redraw()

    def action_follow(self) -> None:
        """Follow, or hold."""
        self._follow = not self._follow
        self.console_app.redraw()


class AuditPage(HealthList):
    """Who changed what on this node, the newest first."""

    TAB = 6
    EVERY_S = 15.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "more", "more", tooltip="look further back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[AuditEntry, ...] = ()
        self._limit = 0

    async def load(self) -> None:
        """The newest entries."""
        app = self.console_app
        if app.now().may_operate:
            limit = LIMITS[self._limit]
            self._entries = (await app.ask("/v1/audit", AuditAnswer, limit=limit)).entries

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """A row for each deed."""
        if now.snapshot is None or (self.loaded_at is None and now.may_operate):
            return None
        return audit_rows(self._entries, now.snapshot, now.glyphs, cells)

    def header(self, cells: int) -> Line:
        """The titles."""
        return lay_out(AUDIT, cells).header()

    def state(self, now: Now) -> Line:
        """How many, and in which zone."""
        zone = now.glyphs.text(now.snapshot.timezone) if now.snapshot else ""
        more = " or more: m looks further back" if len(self._entries) == LIMITS[self._limit] else ""
        return (
            (f" {len(self._entries)} changes{more}", "bold"),
            (f" {now.glyphs.middle} {zone}", "dim"),
        )

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """The whole deed."""
        found = next((entry for entry in self._entries if entry.id == key), None)
        if found is None or now.snapshot is None:
            return []
        return audit_detail(found, now.snapshot, now.glyphs, cells)

    def empty(self, now: Now) -> tuple[str, str]:
        """Nothing was changed."""
        if not now.may_operate:
            return OPERATORS
        return "Nobody has changed anything on this node yet.", ""

    def action_more(self) -> None:
        """Look further back."""
        self._limit = min(self._limit + 1, len(LIMITS) - 1)
        self.reload()
