"""Jump mode: a letter at everything that can be gone to; the letter goes there."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import ModalScreen

from ovr_tui.console.text import Line
from ovr_tui.console.widgets import Lines

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

LETTERS = "asdfghjklqwertyuiopzxcvbnmASDFGHJKLQWERTYUIOPZXCVBNM123456789"
OPEN_S = 5.0
"""Then it closes by itself: the page below is not painted meanwhile."""

KEYS: Line = (
    (" a letter", "accent"),
    (" goes there   ", "dim"),
    ("any other key", "accent"),
    (" back", "dim"),
)
Target = tuple[int, int, Callable[[], object]]
"""Column, row, and what is done there."""


class JumpPage(ModalScreen[None]):
    """Labels over the page below. Any other key closes it."""

    CSS = """
    JumpPage { background: transparent; }
    JumpPage Lines { position: absolute; width: 3; height: 1; }
    JumpPage #keys { width: 100%; }
    """
    BINDINGS: ClassVar[list[tuple[str, str, str]]] = []  # type: ignore[assignment]  # none at all

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__()
        self._targets = dict(zip(LETTERS, targets, strict=False))

    def compose(self) -> ComposeResult:
        """One label for each target."""
        palette = cast("ConsoleApp", self.app).palette
        for letter, (column, row, _) in self._targets.items():
            label = Lines(palette)
            label.lines = [((f"[{letter}]", "alert"),)]
            label.styles.offset = (column, row)
            yield label
        keys = Lines(palette, id="keys")
        keys.lines = [KEYS]
        keys.styles.offset = (0, self.app.size.height - 1)
        yield keys

    def on_mount(self) -> None:
        """Do not stay for long."""
        self.set_timer(OPEN_S, self._close)

    def _close(self) -> None:
        if self.is_current:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """A letter goes to its target."""
        event.stop()
        target = self._targets.get(event.character or "")
        self.dismiss(None)
        if target is not None:
            target[2]()
