"""The command palette: every command that is possible here, and every asset, by typing."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.dom import DOMNode

from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.item_table import Item, ItemTable
from ovr_tui.console.keys import keys_of
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.places import PLACES
from ovr_tui.console.text import Line, Piece
from ovr_tui.console.widgets import Lines

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

COLUMNS = (
    Column(title="COMMAND", least=28, most=60),
    Column(title="KEY", least=12, rank=1),
    Column(title="WHERE", least=12, rank=2),
)
SHOWN = 200
NOTHING: Line = ((" nothing is called so", "dim"),)


class Command(Struct, frozen=True):
    """What can be done: its name, its keys, where it belongs, and doing it."""

    name: str
    keys: str
    where: str
    run: Callable[[], Awaitable[object]]


def ranked(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands that have all typed words in them; those that begin with the first one first."""
    words = typed.casefold().split()
    found = [c for c in commands if all(w in f"{c.name} {c.where}".casefold() for w in words)]
    if words:
        found.sort(key=lambda c: not c.name.casefold().startswith(words[0]))
    return found[:SHOWN]


MOVES = ("go(", "palette", "move(", "scroll_by(", "page(", "app.focus_")
"""Actions that are no commands, or are there under another name."""


def commands(page: Page) -> list[Command]:
    """What can be done on `page`, which is on top: the places, the actions of what has the keys, of
    the page and of the app, and the page of each asset."""
    app, now = page.console_app, page.console_app.now()
    found = [
        Command(place.text, place.key, place.name, _action(app, f"go('{place.word}')", app))
        for place in PLACES
    ]
    for active in page.active_bindings.values():
        binding, node = active.binding, active.node
        name = binding.tooltip or binding.description
        if binding.action.startswith(MOVES) or not name or any(c.name == name for c in found):
            continue
        where = "everywhere" if node is app else app.current_mode
        found.append(Command(name, keys_of(binding), where, _action(app, binding.action, node)))
    for view in now.snapshot.assets if now.snapshot else ():
        name, asset = now.glyphs.text(view.name or view.id), now.glyphs.text(view.id)
        found.append(Command(name, "", f"asset {asset}", _open(app, view.id)))
    return found


def _action(app: "ConsoleApp", action: str, node: DOMNode) -> Callable[[], Awaitable[object]]:
    return lambda: app.run_action(action, node)


def _open(app: "ConsoleApp", asset: str) -> Callable[[], Awaitable[object]]:
    async def run() -> None:
        app.open_asset(asset)

    return run


class PalettePage(Page):
    """Answers what is to be done, or None."""

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

    def __init__(self, below: Page) -> None:
        super().__init__()
        self._commands = commands(below)
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
