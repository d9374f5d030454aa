"""Choosing systems: many at once, with marks."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.model.event import Event, EventStatus
from ovr_tui.console.events import part, words
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line, Piece

COLUMNS = (
    Column(title="SYSTEM", least=14, most=20),
    Column(title="kW NOW", least=9, rank=1),
    Column(title="USE IN THIS EVENT", least=17, rank=2),
    Column(title="IS IN", least=16, most=26, rank=1),
    Column(title="ASSETS", least=16, most=80, rank=3),
)


class SystemsPage(ListPage):
    """Systems of this node, but for those of `leave_out`; `then` is told which were chosen.

    Nothing is done here: `then` asks for what is still to be said. It closes with `done`.
    """

    OPENS = "go on"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "mark", "mark"),
        Binding("A", "mark_all", "mark all", tooltip="mark all that are shown, or none"),
    ]

    def __init__(
        self,
        title: str,
        event: Callable[[], Event],
        then: Callable[["SystemsPage", list[str]], None],
        *,
        leave_out: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._title = title
        self.event = event
        self._then = then
        self._leave_out = frozenset(leave_out)

    def items(self, now: Now, cells: int) -> list[Item] | None:
        """The systems by name."""
        if now.snapshot is None:
            return None
        grid, glyphs, event = lay_out(COLUMNS, cells), now.glyphs, self.event()
        said = {use.system for use in event.systems}
        out = []
        for name, views in words.systems_of(now.snapshot).items():
            if name in self._leave_out:
                continue
            other = words.event_of(now, name)
            use = words.USES[event.use_of(name).use_case]
            pieces: list[Piece] = [
                (glyphs.text(name), "text"),
                part.power(views, now),
                (use if name in said else f"({use})", "text" if name in said else "dim"),
                (glyphs.text(words.called(other)) if other else "", "accent"),
                (glyphs.text(words.listed([view.name for view in views], 5)), "dim"),
            ]
            out.append(Item(key=name, line=grid.line(pieces)))
        return out

    def header(self, cells: int) -> Line:
        """The titles."""
        return lay_out(COLUMNS, cells).header()

    def state(self, now: Now) -> Line:
        """What the choice is for."""
        return (
            (f" {now.glyphs.text(self._title)}", "bold"),
            (f" {now.glyphs.middle} x marks several, {now.glyphs.enter} goes on", "dim"),
        )

    def empty(self, now: Now) -> tuple[str, str]:
        """Nothing is left to choose."""
        del now
        if self.event().status is EventStatus.ACTIVE:
            return "All systems of this node are in.", "esc goes back."
        return "This node has no systems yet.", "d looks for devices; their assets say a system."

    def action_mark_all(self) -> None:
        """All that are shown, or none."""
        keys = {item.key for item in self.table.items if item.key}
        self.table.marked = set() if keys <= self.table.marked else keys
        self.table.refresh()
        self.console_app.redraw()

    def opened(self, key: str) -> None:
        """Go on with those that are marked, else with this one."""
        self._then(self, self.table.chosen() if self.table.marked else [key])
