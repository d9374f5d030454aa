"""The assets table: rows drawn only where they are seen, painted only where they changed."""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ovr_tui.console.arrange import Entry, Section
from ovr_tui.console.columns import Layout, Paint, draw_row, draw_section, lay_out
from ovr_tui.console.keys import cursor_keys
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import BLANK, Line, plain

NOTHING: Line = (
    ("   No asset matches the filter. ", "dim"),
    ("esc", "accent"),
    (" clears it.", "dim"),
)


class AssetTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows entries; the cursor stays on its asset, wherever that moves."""

    DEFAULT_CSS = """
    AssetTable { height: 1fr; width: 1fr; scrollbar-size: 0 0; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = cursor_keys("table", "open the asset's page")

    class Moved(Message):
        """A person moved the cursor, or it had to go to another asset."""

        def __init__(self, asset: str) -> None:
            super().__init__()
            self.asset = asset

    class Scrolled(Message):
        """Other rows are in sight."""

    class Opened(Message):
        """A person wants the page of the asset."""

        def __init__(self, asset: str) -> None:
            super().__init__()
            self.asset = asset

    def __init__(self, palette: Palette, paint: Paint, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.entries: Sequence[Entry] = ()
        self.cursor = ""
        self.layout_ = lay_out(80)
        self._hidden: frozenset[str] = frozenset()
        self._palette = palette
        self._paint = paint
        self._row = 0
        self._drawn: dict[int, Line] = {}
        self._strips: dict[int, Strip] = {}
        self._coloured = palette.theme

    @property
    def columns(self) -> Layout:
        """The columns in use."""
        return self.layout_

    def in_sight(self) -> tuple[int, int] | None:
        """The first and the last row in sight, from 1; None when all are."""
        top, height = self.scroll_offset.y, self.size.height
        if len(self.entries) <= height:
            return None
        return top + 1, min(top + height, len(self.entries))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that other rows are in sight."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these entries; the cursor follows its asset, or stays at its place when that is
        gone."""
        self.entries = entries
        size = Size(self.size.width, len(entries))
        if size != self.virtual_size:
            self.virtual_size = size
        before, moved = self._row, self._place_cursor()
        top = self.scroll_offset.y
        seen = range(top, min(top + self.size.height, max(1, len(entries))))
        drawn = {index: self._draw(index) for index in seen}
        for index in range(top, top + self.size.height):
            if drawn.get(index) != self._drawn.get(index):
                self._strips.pop(index, None)
                self.refresh_line(index)
        self._drawn = drawn
        self._strips = {index: self._strips[index] for index in seen if index in self._strips}
        if before != self._row:
            self._repaint(before, self._row)
            if moved:
                self._keep_in_sight()

    def _place_cursor(self) -> bool:
        """Find the cursor's row; True if it had to be given another asset."""
        for index, entry in enumerate(self.entries):
            if not isinstance(entry, Section) and entry.id == self.cursor:
                moved = index != self._row
                self._row = index
                return moved
        self._go(self._row, 1)
        return True

    def _go(self, row: int, step: int) -> None:
        """Put the cursor on the nearest asset from `row` on, in the direction of `step`."""
        count = len(self.entries)
        row = min(max(row, 0), max(0, count - 1))
        onward, back = range(row, count), range(min(row, count - 1), -1, -1)
        for index in (*onward, *back) if step > 0 else (*back, *onward):
            entry = self.entries[index]
            if not isinstance(entry, Section):
                self._row = index
                if entry.id != self.cursor:
                    self.cursor = entry.id
                    self.post_message(self.Moved(entry.id))
                return
        self._row = 0
        self.cursor = ""

    def select(self, asset: str) -> None:
        """Put the cursor on an asset, if it is shown."""
        before, self.cursor = self._row, asset
        self._place_cursor()
        self._repaint(before, self._row)
        self._keep_in_sight()

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        before, asset = self._row, self.cursor
        self._go(self._row + by, 1 if by > 0 else -1)
        if asset == self.cursor:
            self.post_message(self.Moved(asset))
        self._repaint(before, self._row)
        self._keep_in_sight()

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_open(self) -> None:
        """Open the asset under the cursor."""
        if self.cursor:
            self.post_message(self.Opened(self.cursor))

    def _repaint(self, *rows: int) -> None:
        for row in set(rows):
            self._strips.pop(row, None)
            self.refresh_line(row)

    def _keep_in_sight(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if self._row < top or (self._row == 1 and top == 1):
            self.scroll_to(y=0 if self._row == 1 else self._row, animate=False)
        elif self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False)

    def _draw(self, index: int) -> Line:
        if not self.entries and index == 0:
            return NOTHING
        if not 0 <= index < len(self.entries):
            return BLANK
        entry = self.entries[index]
        if isinstance(entry, Section):
            return draw_section(entry, self._paint)
        return draw_row(entry, self.layout_, self._paint)

    def render_line(self, y: int) -> Strip:
        """One row, `y` from the top of what is seen."""
        index = y + self.scroll_offset.y
        if self._coloured is not self._palette.theme:
            self._coloured = self._palette.theme
            self._strips.clear()
        strip = self._strips.get(index)
        if strip is None:
            line = self._drawn.get(index) or self._draw(index)
            self._drawn[index] = line
            selected = index == self._row and bool(self.cursor)
            strip = self._palette.strip(line, self.size.width, selected=selected)
            self._strips[index] = strip
        return strip

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew."""
        self._lay_out(event.size.width)

    def hide(self, titles: Collection[str]) -> None:
        """Leave columns out."""
        if self._hidden != frozenset(titles):
            self._hidden = frozenset(titles)
            self._lay_out(self.size.width)

    def _lay_out(self, cells: int) -> None:
        self.layout_ = lay_out(cells, self._hidden)
        self._drawn.clear()
        self._strips.clear()
        self.virtual_size = Size(cells, len(self.entries))
        self.refresh()
        self._keep_in_sight()
        self.post_message(self.Scrolled())

    def row_text(self) -> str:
        """The row at the cursor as text."""
        return " ".join(plain(self._draw(self._row)).split()) if self.cursor else ""

    def jump_targets(self) -> list[tuple[int, int, Callable[[], object]]]:
        """The rows in sight."""
        region, top = self.region, self.scroll_offset.y
        seen = enumerate(self.entries[top : top + region.height])
        return [
            (region.x, region.y + y, partial(self.select, entry.id))
            for y, entry in seen
            if not isinstance(entry, Section)
        ]

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        row = event.y + self.scroll_offset.y
        if row < len(self.entries) and not isinstance(self.entries[row], Section):
            self.action_move(row - self._row)
            if event.chain > 1:
                self.action_open()
