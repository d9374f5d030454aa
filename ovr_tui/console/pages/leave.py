"""The question on leaving a console that hosts the collector."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from ovr_tui.console.leaving import Leave
from ovr_tui.console.text import Line
from ovr_tui.console.widgets import Lines

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

CELLS = 58


class LeavePage(ModalScreen[Leave | None]):
    """Answers Leave.LEFT, Leave.STOP, or None for staying; the cursor begins on staying."""

    CSS = """
    LeavePage { align: center middle; background: $background; }
    LeavePage Lines { width: 58; height: 11; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k,shift+tab", "move(-1)", "up", show=False),
        Binding("down,j,tab", "move(1)", "down", show=False),
        Binding("enter", "choose", "choose"),
        Binding("l", "answer('left')", "leave it running"),
        Binding("s", "answer('stop collector')", "stop collecting"),
        Binding("escape,c,q,ctrl+c,ctrl+q", "answer('')", "stay"),
    ]
    OPTIONS: ClassVar[tuple[tuple[str, str, str], ...]] = (
        ("", "c", "stay here"),
        ("left", "l", "leave: the collector goes on, `ovr` finds it again"),
        ("stop collector", "s", "stop collecting, for all: nothing is recorded then"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    def compose(self) -> ComposeResult:
        """One box of lines."""
        yield Lines(cast("ConsoleApp", self.app).palette, id="question")

    def on_mount(self) -> None:
        """Show the choices."""
        self._draw()

    def _draw(self) -> None:
        glyphs = cast("ConsoleApp", self.app).glyphs
        enter = glyphs.enter
        rule: Line = ((glyphs.rule * CELLS, "dim"),)
        asked = " A console has started this collector. Let it go on?"
        lines: list[Line] = [rule, ((asked, "bold"),), ()]
        for index, (_, key, text) in enumerate(self.OPTIONS):
            here = index == self._at
            lines.append(
                (
                    (" > " if here else "   ", "accent"),
                    (f"{key}  ", "accent"),
                    (text, "bold" if here else "text"),
                )
            )
        keys = f" {glyphs.up} {glyphs.down} {enter} or the letter"
        lines += [(), ((keys, "dim"),), rule]
        self.query_one("#question", Lines).show(lines)

    def action_move(self, by: int) -> None:
        """Another choice."""
        self._at = (self._at + by) % len(self.OPTIONS)
        self._draw()

    def action_choose(self) -> None:
        """Take the choice under the cursor."""
        self.action_answer(self.OPTIONS[self._at][0])

    def action_answer(self, word: str) -> None:
        """Answer."""
        self.dismiss(Leave(word) if word else None)
