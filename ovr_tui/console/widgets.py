"""Widgets that show lines. All use Textual's line API: only lines that changed are painted."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ovr_tui.console.cursor_table import Rows
from ovr_tui.console.keys import named
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import BLANK, Line, ends, plain, width


class Lines(Widget):
    """A fixed place for some lines."""

    DEFAULT_CSS = "Lines { height: 1; width: 1fr; }"

    def __init__(
        self,
        palette: Palette,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._palette = palette
        self.lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines; what does not fit in the widget's height is not seen."""
        before, self.lines = self.lines, list(lines)
        for y in range(max(len(before), len(lines))):
            old = before[y] if y < len(before) else BLANK
            new = lines[y] if y < len(lines) else BLANK
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line, padded to the width."""
        line = self.lines[y] if y < len(self.lines) else BLANK
        return self._palette.strip(line, self.size.width)


class Strips(Widget):
    """A fixed place for ready strips (a chart)."""

    DEFAULT_CSS = "Strips { height: 1fr; width: 1fr; }"

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._palette = palette
        self._strips: list[Strip] = []

    def show(self, strips: list[Strip]) -> None:
        """Show these strips; equal ones are not painted again."""
        before, self._strips = self._strips, strips
        for y in range(max(len(before), len(strips))):
            if y >= len(before) or y >= len(strips) or before[y] != strips[y]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the chart."""
        if y < len(self._strips):
            return self._strips[y]
        return self._palette.strip(BLANK, self.size.width)


class ScrollLines(Rows, can_focus=True, inherit_bindings=False):
    """Lines that may be more than fit, scrolled by the keys; the last row in sight says how many
    are below."""

    BINDINGS: ClassVar[list[BindingType]] = named(
        "text",
        [
            Binding("up,k", "scroll_by(-1)", "up", show=False, key_display="↑ k"),
            Binding("down,j", "scroll_by(1)", "down", show=False, key_display="↓ j"),
            Binding("pageup", "page(-1)", "page up", show=False),
            Binding("pagedown", "page(1)", "page down", show=False),
            Binding("home", "scroll_by(-1000000)", "top", show=False),
            Binding("end", "scroll_by(1000000)", "bottom", show=False),
        ],
    )

    def __init__(self, palette: Palette, *, id: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self._palette = palette
        self.lines: list[Line] = []

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines, keeping the place where the person has scrolled to."""
        before, self.lines = self.lines, list(lines)
        self.hold(len(self.lines))
        top, last = self.scroll_offset.y, self.scroll_offset.y + self.size.height - 1
        for y in range(top, last + 1):
            old = before[y] if y < len(before) else BLANK
            new = lines[y] if y < len(lines) else BLANK
            if old != new or (y == last and len(before) != len(lines)):
                self.refresh_line(y)

    def render_line(self, y: int) -> Strip:
        """One line, `y` from the top of what is seen."""
        at = y + self.scroll_offset.y
        line = self.lines[at] if at < len(self.lines) else BLANK
        below = len(self.lines) - at - 1
        if below > 0 and y == self.size.height - 1:
            line = self._last(line, below)
        return self._palette.strip(line, self.size.width)

    def _last(self, line: Line, below: int) -> Line:
        """The last line in sight, if it fits beside the count; else it is one of those below, for
        a figure is never cut."""
        cells = self.size.width
        told: Line = ((f" ↓ {below} more ", "accent"),)
        if cell_len(plain(line).rstrip()) <= cells - width(told) - 1:
            return ends(line, told, cells)
        return ends(BLANK, ((f" ↓ {below + 1} more ", "accent"),), cells)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by some lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by a screenful."""
        self.action_scroll_by(by * max(1, self.size.height - 1))
