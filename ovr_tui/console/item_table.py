"""A list of anything: lines with a cursor, and marks for doing one thing to many."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

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


class ItemTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows items; painted only where they changed."""

    DEFAULT_CSS = """
    ItemTable { height: 1fr; width: 1fr; scrollbar-size: 0 0; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = cursor_keys("list")

    class Moved(Message):
        """The cursor is on another item."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Opened(Message):
        """A person chose an item."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, palette: Palette, glyphs: Glyphs, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.items: Sequence[Item] = ()
        self.cursor = ""
        self.marked: set[str] = set()
        self._palette = palette
        self._glyphs = glyphs
        self._row = 0
        self._drawn: dict[int, tuple[Line, bool]] = {}

    def show(self, items: Sequence[Item]) -> None:
        """Show these items. The cursor stays with its item, or at its place when that is gone;
        marks of items that are gone go."""
        self.items = items
        keys = {item.key for item in items if item.key}
        self.marked &= keys
        size = Size(self.size.width, len(items))
        if size != self.virtual_size:
            self.virtual_size = size
        self._place_cursor(keys)
        self._paint_changed()
        self._keep_in_sight()

    def _place_cursor(self, keys: set[str]) -> None:
        if self.cursor in keys:
            self._row = next(i for i, item in enumerate(self.items) if item.key == self.cursor)
            return
        self._go(self._row, 1)

    def _go(self, row: int, step: int) -> None:
        count = len(self.items)
        row = min(max(row, 0), max(0, count - 1))
        onward, back = range(row, count), range(min(row, count - 1), -1, -1)
        for index in (*onward, *back) if step > 0 else (*back, *onward):
            if self.items[index].key:
                self._row = index
                if self.items[index].key != self.cursor:
                    self.cursor = self.items[index].key
                    self.post_message(self.Moved(self.cursor))
                return
        self._row, self.cursor = 0, ""

    def _paint_changed(self) -> None:
        top = self.scroll_offset.y
        for y in range(top, top + self.size.height):
            if self._drawn.get(y) != self._state(y):
                self.refresh_line(y)

    def _state(self, index: int) -> tuple[Line, bool]:
        if not 0 <= index < len(self.items):
            return BLANK, False
        item = self.items[index]
        if item.key in self.marked:
            first: Line = ((self._glyphs.mark, "accent"),)
            head, *rest = item.line or ((" ", "text"),)
            return (*first, (head[0][1:], head[1]), *rest), index == self._row
        return item.line, index == self._row and bool(item.key)

    def select(self, key: str) -> None:
        """Put the cursor on an item, if it is shown."""
        if any(item.key == key for item in self.items):
            self.cursor = key
            self._place_cursor({key})
            self._paint_changed()
            self._keep_in_sight()

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

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        self._go(self._row + by, 1 if by > 0 else -1)
        self._paint_changed()
        self._keep_in_sight()

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_open(self) -> None:
        """Choose the item under the cursor."""
        if self.cursor:
            self.post_message(self.Opened(self.cursor))

    def _keep_in_sight(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if not height:
            return
        headings = self._row
        while headings > 0 and not self.items[headings - 1].key:
            headings -= 1
        if headings < top:
            self.scroll_to(y=headings, animate=False)
        elif self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False)

    def render_line(self, y: int) -> Strip:
        """One row, `y` from the top of what is seen."""
        index = y + self.scroll_offset.y
        state = self._state(index)
        self._drawn[index] = state
        return self._palette.strip(state[0], self.size.width, selected=state[1])

    def on_resize(self, event: events.Resize) -> None:
        """Everything anew for the new size."""
        self._drawn.clear()
        self.virtual_size = Size(event.size.width, len(self.items))
        self.refresh()
        self._keep_in_sight()

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        row = event.y + self.scroll_offset.y
        if row < len(self.items) and self.items[row].key:
            self.action_move(row - self._row)
            if event.chain > 1:
                self.action_open()

    def row_text(self) -> str:
        """The row at the cursor as text."""
        found = next((item for item in self.items if item.key and item.key == self.cursor), None)
        return " ".join(plain(found.line).split()) if found else ""

    def jump_targets(self) -> list[tuple[int, int, Callable[[], object]]]:
        """The rows in sight."""
        region, top = self.region, self.scroll_offset.y
        found: list[tuple[int, int, Callable[[], object]]] = []
        for y in range(min(region.height, len(self.items) - top)):
            key = self.items[top + y].key
            if key:
                found.append((region.x, region.y + y, partial(self.select, key)))
        return found
