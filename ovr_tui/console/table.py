"""The assets table: rows drawn only where they are seen, painted only where they changed."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ovr_tui.console.arrange import Entry, Section
from ovr_tui.console.columns import Layout, Paint, draw_row, draw_section, lay_out
from ovr_tui.console.cursor_table import CursorTable
from ovr_tui.console.keys import cursor_keys
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import BLANK, Line, plain


def nothing(why: str) -> Line:
    """That no asset passes the filter, and what may be wrong with it."""
    if why:
        return ((f"   No asset matches: {why}", "warn"),)
    return (
        ("   No asset matches the filter. ", "dim"),
        ("esc", "accent"),
        (" clears it.", "dim"),
    )


class AssetTable(CursorTable, can_focus=True, inherit_bindings=False):
    """Shows entries; the cursor stays on its asset, wherever that moves."""

    BINDINGS: ClassVar[list[BindingType]] = cursor_keys("table", "open the asset's page")

    class Scrolled(Message):
        """Other rows are in sight."""

    def __init__(self, palette: Palette, paint: Paint, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.entries: Sequence[Entry] = ()
        self.nothing = nothing("")
        """What stands there where no asset does."""
        self.layout_ = lay_out(80)
        self._hidden: frozenset[str] = frozenset()
        self._palette = palette
        self._paint = paint
        self._drawn: dict[int, Line] = {}
        self._strips: dict[int, Strip] = {}
        self._coloured = palette.theme

    @property
    def columns(self) -> Layout:
        """The columns in use."""
        return self.layout_

    def count(self) -> int:
        """Assets and heads of groups."""
        return len(self.entries)

    def key_at(self, row: int) -> str:
        """The asset; nothing for the head of a group."""
        entry = self.entries[row]
        return "" if isinstance(entry, Section) else entry.id

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Say that other rows are in sight."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())

    def show(self, entries: Sequence[Entry]) -> None:
        """Show these entries; the cursor follows its asset, or stays at its place when that is
        gone."""
        self.entries = entries
        self.hold(len(entries))
        before = self._row
        self.place_cursor()
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
            self.repaint(before, self._row)
            self.keep_in_sight()

    def repaint(self, *rows: int) -> None:
        """The cursor has left or reached these rows."""
        for row in set(rows):
            self._strips.pop(row, None)
            self.refresh_line(row)

    def _draw(self, index: int) -> Line:
        if not self.entries and index == 0:
            return self.nothing
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
        self.post_message(self.Sized())

    def hide(self, titles: Collection[str]) -> None:
        """Leave columns out."""
        if self._hidden != frozenset(titles):
            self._hidden = frozenset(titles)
            self._lay_out(self.size.width)

    def _lay_out(self, cells: int) -> None:
        self.layout_ = lay_out(cells, self._hidden)
        self._drawn.clear()
        self._strips.clear()
        self.hold(len(self.entries))
        self.refresh()
        self.keep_in_sight()
        self.post_message(self.Scrolled())

    def row_text(self) -> str:
        """The row at the cursor as text."""
        return " ".join(plain(self._draw(self._row)).split()) if self.cursor else ""
