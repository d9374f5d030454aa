"""What lists have in common: rows that scroll, and a cursor that stays with what it is on."""

from collections.abc import Callable
from functools import partial

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView


class Rows(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows that may be more than fit. There is no scrollbar, so how many there are changes nothing
    about the page: it is not laid out anew."""

    DEFAULT_CSS = """
    Rows { height: 1fr; width: 1fr; scrollbar-size: 0 0; overflow-x: hidden; overflow-y: scroll; }
    """

    def hold(self, rows: int) -> None:
        """It has so many rows now; what is in sight stays as far as it is there. While it is hidden
        it has no lines to paint, so what it had painted is forgotten: it comes back anew."""
        if not self.size:
            self.refresh()
        size = Size(self.size.width, rows)
        if size != self.virtual_size:
            self.set_reactive(ScrollView.virtual_size, size)
            self.scroll_y = self.validate_scroll_y(self.scroll_y)


class CursorTable(Rows, can_focus=True, inherit_bindings=False):
    """A list with a cursor. A kind of list says what its rows are (`count`, `key_at`) and repaints
    some of them; a row without a key is a heading, which the cursor passes over."""

    class Moved(Message):
        """A person moved the cursor, or it had to go to another row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Sized(Message):
        """Other rows are in sight than before: it has become larger or smaller."""

    class Opened(Message):
        """A person chose the row at the cursor."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.cursor = ""
        self._row = 0
        self._before: str | None = None
        self._anew: str | None = None
        self._opens = False

    def count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def key_at(self, row: int) -> str:
        """The key of a row; "" of a heading."""
        raise NotImplementedError

    def repaint(self, *rows: int) -> None:
        """The cursor has left or reached these rows."""
        raise NotImplementedError

    def in_sight(self) -> tuple[int, int] | None:
        """The first and the last row in sight, from 1; None when all are."""
        top, height = self.scroll_offset.y, self.size.height
        if self.count() <= height:
            return None
        return top + 1, min(top + height, self.count())

    def place_cursor(self) -> None:
        """The rows are others: the cursor stays with its key, or at its place when that is gone.
        Where a filter that is being typed made them others: with the key that it had before the
        filter was begun, else on the first row; never with what half a word happened to find."""
        anew, self._anew = self._anew, None
        wanted = self.cursor if anew is None else anew
        found = range(self.count()) if wanted else ()
        row = next((row for row in found if self.key_at(row) == wanted), None)
        if row is not None:
            self._go(row, 1)
        else:
            self._go(self._row if anew is None else 0, 1)
        if self._opens:
            self._opens = False
            self.action_open()

    def begin_filter(self) -> None:
        """A filter is going to be typed; until `end_filter` the cursor's place is the one now."""
        self._before = self.cursor

    def filter_changed(self) -> None:
        """The rows shown next are those of another filter."""
        if self._before is not None:
            self._anew = self._before

    def end_filter(self) -> None:
        """The filter is typed: from now on the cursor stays with what it is on."""
        self._before = None

    def _go(self, row: int, step: int) -> None:
        """Put the cursor on the nearest row with a key from `row` on, the way that `step` goes."""
        count = self.count()
        row = min(max(row, 0), max(0, count - 1))
        onward, back = range(row, count), range(min(row, count - 1), -1, -1)
        for index in (*onward, *back) if step > 0 else (*back, *onward):
            key = self.key_at(index)
            if key:
                self._row = index
                if key != self.cursor:
                    self.cursor = key
                    self.post_message(self.Moved(key))
                return
        self._row, self.cursor = 0, ""

    def select(self, key: str) -> None:
        """Put the cursor on a row, if it is shown."""
        if any(self.key_at(row) == key for row in range(self.count())):
            before, self.cursor = self._row, key
            self._moved()
            self.place_cursor()
            self.repaint(before, self._row)
            self.keep_in_sight()

    def action_move(self, by: int) -> None:
        """Move the cursor by some rows."""
        before, key = self._row, self.cursor
        self._go(self._row + by, 1 if by > 0 else -1)
        self._moved()
        if key == self.cursor:
            self.post_message(self.Moved(key))
        self.repaint(before, self._row)
        self.keep_in_sight()

    def _moved(self) -> None:
        """A person chose the place, also in the middle of a filter."""
        if self._before is not None:
            self._before = self.cursor

    def action_page(self, by: int) -> None:
        """Move the cursor by a screenful."""
        self.action_move(by * max(1, self.size.height - 1))

    def action_open(self) -> None:
        """Choose the row under the cursor; of rows that wait for a slow terminal, once they are
        shown."""
        if self._anew is not None:
            self._opens = True
        elif self.cursor:
            self.post_message(self.Opened(self.cursor))

    def keep_in_sight(self) -> None:
        """Scroll until the cursor is in sight, with the headings right above it."""
        top, height = self.scroll_offset.y, self.size.height
        if not height:
            return
        headings = self._row
        while headings > 0 and not self.key_at(headings - 1):
            headings -= 1
        if self._row >= top + height:
            self.scroll_to(y=self._row - height + 1, animate=False)
        elif headings < top:
            self.scroll_to(y=max(headings, self._row - height + 1), animate=False)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens."""
        row = event.y + self.scroll_offset.y
        if row < self.count() and self.key_at(row):
            self.action_move(row - self._row)
            if event.chain > 1:
                self.action_open()

    def jump_targets(self) -> list[tuple[int, int, Callable[[], object]]]:
        """The rows in sight."""
        region, top = self.region, self.scroll_offset.y
        last = min(top + region.height, self.count())
        return [
            (region.x, region.y + row - top, partial(self.select, self.key_at(row)))
            for row in range(top, last)
            if self.key_at(row)
        ]
