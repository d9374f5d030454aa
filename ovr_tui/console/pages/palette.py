"""The command palette: every command that is possible here, and every asset, by typing."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from ovr_tui.console.commands import Command, ranked
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.item_table import Item, ItemTable
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, Piece
from ovr_tui.console.widgets import Lines

COLUMNS = (
    Column(title="COMMAND", least=28, most=60),
    Column(title="KEY", least=12, rank=1),
    Column(title="WHERE", least=12, rank=2),
)
NOTHING: Line = ((" nothing is called so", "dim"),)


class PalettePage(Page):
    """Offers commands, and answers what is to be done, or None."""

    HOLDS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back", key_display="esc"),
        Binding("up", "move(-1)", "up", show=False, priority=True),
        Binding("down", "move(1)", "down", show=False, priority=True),
        Binding("pageup", "move(-10)", "page up", show=False, priority=True),
        Binding("pagedown", "move(10)", "page down", show=False, priority=True),
        Binding("enter", "choose", "do it", key_display="⏎", priority=True),
    ]
    DEFAULT_CSS = """
    PalettePage #ask { height: 1; }
    PalettePage #colon { width: 3; }
    PalettePage #words { height: 1; border: none; padding: 0; background: $background; }
    PalettePage #words:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__()
        self._commands = commands
        self._shown: list[Command] = []
        self._found_for = ""

    def content(self) -> ComposeResult:
        """The typed words above the list."""
        app = self.console_app
        with Horizontal(id="ask"):
            yield Lines(app.palette, id="colon")
            yield InputLine(placeholder="a part of a command, or of an asset's name", id="words")
        yield Lines(app.palette, id="header")
        yield ItemTable(app.palette, app.glyphs, id="list", nothing=NOTHING)

    def begin(self) -> None:
        """The keys go to the words."""
        self.query_one("#colon", Lines).show([((" : ", "accent"),)])
        self.query_one("#words", InputLine).focus()
        self.console_app.redraw()

    def draw(self, now: Now) -> None:
        """What the words find."""
        cells = self.size.width
        grid = lay_out(COLUMNS, cells)
        typed = self.query_one("#words", InputLine).value
        self._shown, self._found_for = ranked(self._commands, typed), typed
        self.query_one("#header", Lines).show([grid.header()])
        items = [
            Item(key=str(index), line=grid.line(_pieces(command, now.glyphs.enter)))
            for index, command in enumerate(self._shown)
        ]
        self.query_one("#list", ItemTable).show(items)

    def word(self, binding: Binding) -> str:
        """Enter does nothing where nothing was found."""
        return "" if binding.action == "choose" and not self._shown else super().word(binding)

    def on_input_changed(self, _: InputLine.Changed) -> None:
        """Search while typing; the first one found is at the cursor."""
        self.query_one("#list", ItemTable).cursor = "0"
        self.console_app.redraw()

    def action_move(self, by: int) -> None:
        """Another command."""
        self.query_one("#list", ItemTable).action_move(by)

    def action_choose(self) -> None:
        """Do what is at the cursor."""
        self.when_typed(self._choose)

    def _choose(self) -> None:
        typed = self.query_one("#words", InputLine).value
        cursor = self.query_one("#list", ItemTable).cursor
        if typed != self._found_for:  # typed so fast that it was not painted yet
            self._shown, cursor = ranked(self._commands, typed), "0"
        self.dismiss(self._shown[int(cursor)].run if cursor and self._shown else None)

    def action_cancel(self) -> None:
        """Do nothing."""
        self.dismiss(None)


def _pieces(command: Command, enter: str) -> tuple[Piece, ...]:
    keys = command.keys.replace("⏎", enter)
    return (command.name, "text"), (keys, "accent"), (command.where, "dim")
