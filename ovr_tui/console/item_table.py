"""A list of anything: lines with a cursor, and marks for doing one thing to many."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import BindingType
from textual.strip import Strip

from ovr_tui.console.cursor_table import CursorTable
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.keys import cursor_keys
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import BLANK, Line, plain


class Item(Struct, frozen=True, kw_only=True):
    """One row. `key` names it for ever (the cursor stays with it); an empty key is a heading, which
    the cursor passes over. `text` is what a filter looks in, besides what is seen."""

    key: str
    line: Line
    text: str = ""


class ItemTable(CursorTable, can_focus=True, inherit_bindings=False):
    """Shows items, or the line `nothing` where there are none; painted only where they changed."""

    BINDINGS: ClassVar[list[BindingType]] = cursor_keys("list")

    def __init__(
        self,
        palette: Palette,
        glyphs: Glyphs,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        nothing: Line = BLANK,
    ) -> None:
        super().__init__(id=id)
        self.nothing = nothing
        self.items: Sequence[Item] = ()
        self.marked: set[str] = set()
        self._palette = palette
        self._glyphs = glyphs
        self._drawn: dict[int, tuple[Line, bool]] = {}

    def count(self) -> int:
        """Items and headings."""
        return len(self.items)

    def key_at(self, row: int) -> str:
        """The item's key."""
        return self.items[row].key

    def show(self, items: Sequence[Item]) -> None:
        """Show these items. The cursor stays with its item, or at its place when that is gone;
        marks of items that are gone go."""
        self.items = items
        self.marked &= {item.key for item in items if item.key}
        self.hold(len(items))
        self.place_cursor()
        self._paint_changed()
        self.keep_in_sight()

    def repaint(self, *rows: int) -> None:
        """The cursor has left or reached these rows."""
        del rows
        self._paint_changed()

    def _paint_changed(self) -> None:
        top = self.scroll_offset.y
        for y in range(top, top + self.size.height):
            if self._drawn.get(y) != self._state(y):
                self.refresh_line(y)

    def _state(self, index: int) -> tuple[Line, bool]:
        if not 0 <= index < len(self.items):
            return (BLANK if self.items or index else self.nothing), False
        item = self.items[index]
        if item.key in self.marked:
            first: Line = ((self._glyphs.mark, "accent"),)
            head, *rest = item.line or ((" ", "text"),)
            return (*first, (head[0][1:], head[1]), *rest), index == self._row
        return item.line, index == self._row and bool(item.key)

    def toggle_mark(self) -> None:
        """Mark the item under the cursor, or not any more, and go to the next one."""
        if self.cursor:
            self.marked ^= {self.cursor}
            self.action_move(1)

    def chosen(self) -> list[str]:
        """What an action is about: the marked items in their order, else the one at the cursor."""
        found = [item.key for item in self.items if item.key in self.marked]
        return found or ([self.cursor] if self.cursor else [])

    def below(self) -> int:
        """How many items, headings left out, are below those in sight."""
        return sum(bool(item.key) for item in self.items[self.scroll_offset.y + self.size.height :])

    def render_line(self, y: int) -> Strip:
        """One row, `y` from the top of what is seen."""
        index = y + self.scroll_offset.y
        state = self._state(index)
        self._drawn[index] = state
        return self._palette.strip(state[0], self.size.width, selected=state[1])

    def on_resize(self, _: events.Resize) -> None:
        """Everything anew for the new size."""
        self._drawn.clear()
        self.hold(len(self.items))
        self.refresh()
        self.keep_in_sight()
        self.post_message(self.Sized())

    def row_text(self) -> str:
        """The row at the cursor as text."""
        found = next((item for item in self.items if item.key and item.key == self.cursor), None)
        return " ".join(plain(found.line).split()) if found else ""
