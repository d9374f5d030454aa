"""Pages that are a list: its state in one line, a filter, the rows, details beside them."""

from collections.abc import Callable, Collection, Sequence
from typing import ClassVar

from msgspec import structs
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from ovr_tui.console.format import span
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.item_table import Item, ItemTable
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pattern import found, wrong
from ovr_tui.console.text import Line, ends, plain, wrap
from ovr_tui.console.widgets import Lines, ScrollLines

BELOW_ROWS = 20
"""On lower screens there are no details below a list."""
FILTER_HELP = "words that must be there, !word that must not, ~regex"


def nothing(why: str) -> Line:
    """That no item passes the filter, and what is wrong with it."""
    if why:
        return ((f" Nothing matches: {why}", "warn"),)
    return (
        (" Nothing matches the filter. ", "dim"),
        ("esc", "accent"),
        (" clears it.", "dim"),
    )


def passes(item: Item, words: Sequence[str]) -> bool:
    """Whether an item has all words, and none of those with a ! before them."""
    text = f"{plain(item.line)} {item.text}"
    return all(found(word.removeprefix("!"), text) != word.startswith("!") for word in words)


def filtered(items: Sequence[Item], text: str) -> list[Item]:
    """The items that pass a filter, and those headings that still have an item below them."""
    words = [word for word in text.split() if word not in ("!", "~", "!~")]
    out: list[Item] = []
    headings: list[Item] = []
    for item in items:
        if not item.key:
            headings = [*headings, item] if out and headings else [item]
        elif passes(item, words):
            out += [*headings, item]
            headings = []
    return out


class ListPage(Page):
    """A list with its filter. A page of this kind says what its items are, as pure functions."""

    DEFAULT_CSS = """
    ListPage #filter-line { display: none; height: 1; }
    ListPage #prompt { width: 10; }
    ListPage #filter { height: 1; border: none; padding: 0; background: $background; }
    ListPage #filter:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    ListPage #detail { display: none; width: 1fr; margin-left: 1; }
    ListPage.-beside #detail, ListPage.-below #detail { display: block; }
    ListPage.-below #body { layout: vertical; }
    ListPage.-below #detail { margin-left: 0; }
    ListPage #empty { display: none; }
    ListPage.-empty #empty { display: block; }
    ListPage.-empty #body, ListPage.-empty #header { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/", tooltip=FILTER_HELP, priority=True),
        Binding("escape", "clear_or_back", "clear the filter, back", show=False, key_display="esc"),
    ]
    OPENS: ClassVar[str] = "open"
    """What enter does with the row at the cursor, in a word."""
    MARKS: ClassVar[bool] = False
    """Whether rows can be marked (`x`)."""
    OF_ROWS: ClassVar[Collection[str]] = ()
    """Actions on the row at the cursor; without one the last line does not offer them."""
    BESIDE_CELLS: ClassVar[int] = 110
    """From this width on the details of the row at the cursor stand beside the list."""
    SHARE: ClassVar[float] = 0.55
    """How much of the width the list has where details stand beside it."""
    BELOW: ClassVar[int] = 0
    """How many rows the details have below the list where there is no room beside it; 0: none."""

    PRESENT: ClassVar[bool] = False
    """Whether the rows say how things stand: in a picture that is old they look old."""

    def __init__(self) -> None:
        super().__init__()
        self.filter = ""
        self._all: Sequence[Item] = ()
        self._told = ""

    # what a page of this kind says

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """All rows for a width; None while they are not known yet."""
        raise NotImplementedError

    def header(self, cells: int) -> Line:
        """The titles of the columns."""
        raise NotImplementedError

    def state(self, now: Now) -> Line:
        """What the list shows, for the line above it: counts and choices."""
        raise NotImplementedError

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """What is to be said of the row at the cursor."""
        del now, key, cells
        return []

    def empty(self, now: Now) -> tuple[str, str]:
        """What there is not, and what to do next."""
        raise NotImplementedError

    def opened(self, key: str) -> None:
        """A person chose the row."""

    # widgets

    def content(self) -> ComposeResult:
        """State or filter line, header, list and details."""
        app = self.console_app
        yield Lines(app.palette, id="state")
        with Horizontal(id="filter-line"):
            yield Lines(app.palette, id="prompt")
            yield InputLine(placeholder=FILTER_HELP, id="filter")
        yield Lines(app.palette, id="header")
        with Horizontal(id="body"):
            yield ItemTable(app.palette, app.glyphs, id="list", nothing=nothing(""))
            yield ScrollLines(app.palette, id="detail")
        yield ScrollLines(app.palette, id="empty")

    @property
    def table(self) -> ItemTable:
        """The list."""
        return self.query_one("#list", ItemTable)

    def begin(self) -> None:
        """The keys go to the list."""
        self.query_one("#prompt", Lines).show([((" filter / ", "accent"),)])
        self.set_focus(self.query_one("#empty" if self.has_class("-empty") else "#list"))

    def draw(self, now: Now) -> None:
        """The list of this moment."""
        cells = self.size.width
        beside = cells >= self.BESIDE_CELLS and self._tells()
        below = not beside and bool(self.BELOW) and self.size.height >= BELOW_ROWS
        self.set_class(beside, "-beside")
        self.set_class(below, "-below")
        width = int(cells * self.SHARE) if beside else cells
        self.table.styles.width = width if beside else "1fr"
        found = self._items(now, width)
        if bool(found) is self.has_class("-empty") and not isinstance(self.focused, InputLine):
            self.begin_soon()
            self.call_after_refresh(self.console_app.redraw)  # tries again if it was too soon
        self.set_class(not found, "-empty")
        self._all = found or ()
        shown = filtered(self._all, self.filter) if self.filter else list(self._all)
        self.query_one("#header", Lines).show([self.header(width)])
        if not found:
            self.query_one("#empty", ScrollLines).show(self._nothing(now, known=found is not None))
        self.table.nothing = nothing(now.glyphs.text(wrong(self.filter)))
        self.table.show(shown)
        self._show_state(now, shown)
        if beside or below:
            self._show_detail(now, cells - width - 2 if beside else cells - 1, below=below)

    def word(self, binding: Binding) -> str:
        """What keys do depends on what is there."""
        if binding.action == "open":
            opens = type(self).opened is not ListPage.opened and self.table.cursor
            return self.OPENS if opens else ""
        if binding.action == "filter" and self.has_class("-empty"):
            return ""
        if binding.action in ("mark", *self.OF_ROWS) and not self.table.cursor:
            return ""
        return self._way_back() if binding.action == "clear_or_back" else super().word(binding)

    def _way_back(self) -> str:
        if self.filter:
            return "clear filter"
        if self.table.marked:
            return "unmark"
        return "back" if len(self.app.screen_stack) > 1 else ""

    def _items(self, now: Now, cells: int) -> Sequence[Item] | None:
        found = self.items(now, cells)
        if now.stale_s is None or found is None:
            return found
        how = self._how(now)
        return [
            structs.replace(item, line=how(item.line) if item.key else item.line) for item in found
        ]

    def _how(self, now: Now) -> Callable[[Line], Line]:
        return now.as_it_was if self.PRESENT else now.believed

    def _tells(self) -> bool:
        return type(self).detail is not ListPage.detail

    def _show_detail(self, now: Now, cells: int, *, below: bool) -> None:
        widget = self.query_one("#detail", ScrollLines)
        widget.styles.height = self.BELOW if below else "1fr"
        key = self.table.cursor
        if key != self._told:
            self._told = key
            widget.scroll_to(y=0, animate=False)
        rule: list[Line] = [((now.glyphs.rule * (cells + 1), "dim"),)] if below else []
        widget.show([*rule, *map(self._how(now), self.detail(now, key, cells))])

    def _show_state(self, now: Now, shown: Sequence[Item]) -> None:
        left = self._how(now)(self.state(now))
        if self.filter:
            every = sum(bool(item.key) for item in self._all)
            count = sum(bool(item.key) for item in shown)
            odd = " (no pattern)" if count and wrong(self.filter) else ""
            text = f" · {count} of {every} · filter {self.filter}{odd}"
            left = (*left, (text.replace("·", now.glyphs.middle), "accent"))
        if self.table.marked:
            left = (*left, (f" {now.glyphs.middle} {len(self.table.marked)} marked", "accent"))
        right = self._age(now) or self._more(now)
        self.query_one("#state", Lines).show([ends(left, right, self.size.width)])

    def _more(self, now: Now) -> Line:
        below = self.table.below()
        return ((f"{now.glyphs.down} {below} more ", "accent"),) if below else ()

    def _age(self, now: Now) -> Line:
        if self.PRESENT and now.stale_s is not None:
            return ((f"{now.glyphs.alarm} as it was {span(now.stale_s)} ago ", "warn"),)
        if self.trouble:
            return ((f"{now.glyphs.alarm} {now.glyphs.text(self.trouble)} ", "warn"),)
        if self.EVERY_S is None or self.loaded_at is None:
            return ()
        old = now.at_s - self.loaded_at
        if old < 2 * self.EVERY_S + 3:
            return ()
        return ((f"{now.glyphs.alarm} as it was {span(old)} ago ", "warn"),)

    def _nothing(self, now: Now, *, known: bool) -> list[Line]:
        cells = self.size.width - 3
        if not known:
            text = self.trouble or "Asking the collector."
            return [(), *wrap(now.glyphs.prose(text), cells, "warn" if self.trouble else "dim", 3)]
        first, rest = self.empty(now)
        return [(), *wrap(first, cells, "bold", 3), (), *wrap(rest, cells, "dim", 3)]

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed / is a character of it; marks are where they make sense."""
        if action == "filter":
            return not isinstance(self.focused, InputLine)
        return super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Type a filter. The very next key is already part of it."""
        self.query_one("#filter-line").display = True
        self.table.begin_filter()
        self.set_focus(self.query_one("#filter", InputLine))

    def action_clear_or_back(self) -> None:
        """No filter; where there is none, no marks; else back."""
        if self.filter or isinstance(self.focused, InputLine):
            self.query_one("#filter", InputLine).value = ""
            if self.filter:
                self.table.filter_changed()
            self.filter = ""
            self._end_filter()
        elif self.table.marked:
            self.table.marked.clear()
            self.console_app.redraw()
        else:
            self.action_back()

    def on_input_changed(self, event: InputLine.Changed) -> None:
        """Filter while typing."""
        if event.input.id == "filter" and event.value != self.filter:
            self.table.filter_changed()
            self.filter = event.value
            self.console_app.redraw()

    def on_input_submitted(self, event: InputLine.Submitted) -> None:
        """Keep the filter, back to the list."""
        if event.input.id == "filter":
            self._end_filter()

    def _end_filter(self) -> None:
        self.query_one("#filter-line").display = False
        self.table.end_filter()
        self.set_focus(self.table)
        self.console_app.redraw()

    def action_mark(self) -> None:
        """Mark the row, or not any more."""
        self.table.toggle_mark()
        self.console_app.redraw()

    def on_cursor_table_moved(self, _: ItemTable.Moved) -> None:
        """The details follow the cursor, once it is painted."""
        self.call_after_refresh(self.console_app.redraw)

    def on_cursor_table_sized(self, _: ItemTable.Sized) -> None:
        """How many rows are below those in sight is said anew."""
        self.call_after_refresh(self.console_app.redraw)

    def on_cursor_table_opened(self, event: ItemTable.Opened) -> None:
        """Open what was chosen."""
        self.opened(event.key)
