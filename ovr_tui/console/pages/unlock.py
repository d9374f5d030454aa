"""The page that takes the node's PIN."""

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from collector.errors import ApiError
from ovr_tui.console.format import span
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, wrap
from ovr_tui.console.widgets import Lines

WAIT = re.compile(r"looked at for (\d+) s")
SHAPE = re.compile(r"[0-9]{4,12}")
ABOUT = (
    "Commands are taken from this console until nobody has pressed a key for ten minutes. K locks "
    "it at once: do so before you walk away."
)


class PinInput(InputLine):
    """Digits that nobody sees, and that no key copies."""

    DEFAULT_CSS = """
    PinInput { height: 1; border: none; padding: 0; background: $background; }
    PinInput:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """

    def __init__(self) -> None:
        super().__init__(password=True, max_length=12, restrict="[0-9]*", id="pin")

    def action_copy(self) -> None:
        """Never."""

    def action_cut(self) -> None:
        """Never."""


class UnlockPage(Page):
    """Asks for the PIN and unlocks control. Answers True when it is unlocked. What was typed goes
    from the field before it is sent."""

    HOLDS = True
    DEFAULT_CSS = """
    UnlockPage #said { height: 1fr; }
    UnlockPage #about { height: 5; }
    UnlockPage #pin-line { height: 1; }
    UnlockPage #before { width: 19; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back, it stays locked", key_display="esc"),
        Binding("enter", "send", "unlock", key_display="⏎", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._refused = ""
        self._busy = False
        self._waits_until: float | None = None

    def content(self) -> ComposeResult:
        """What it is for, the field, what was wrong."""
        palette = self.console_app.palette
        yield Lines(palette, id="about")
        with Horizontal(id="pin-line"):
            yield Lines(palette, id="before")
            yield PinInput()
        yield Lines(palette, id="said")

    def begin(self) -> None:
        """The keys go to the PIN."""
        self.query_one("#before", Lines).show([((" PIN of this node ", "accent"),)])
        self.query_one("#pin").focus()

    def draw(self, now: Now) -> None:
        """What it is for, what was wrong, how long to wait."""
        cells = self.size.width - 2
        about: list[Line] = [(), ((" Unlock control", "bold"),), *wrap(ABOUT, cells, "dim"), ()]
        self.query_one("#about", Lines).show(about)
        said: list[Line] = [()]
        if self._busy:
            said.append(((" asking the collector", "accent"),))
        elif self._refused:
            said += wrap(now.glyphs.prose(f"{now.glyphs.alarm} {self._refused}"), cells, "alert")
        if (left := self._left(now)) > 0:
            said += wrap(f"No PIN is looked at for {span(left + 1)}.", cells, "warn")
        self.query_one("#said", Lines).show(said)

    def _left(self, now: Now) -> float:
        return 0.0 if self._waits_until is None else self._waits_until - now.at_s

    def action_send(self) -> None:
        """Try it, once it can be a PIN and one is looked at."""
        self.when_typed(self._send)

    def _send(self) -> None:
        field = self.query_one("#pin", InputLine)
        now = self.console_app.now()
        if self._busy or self._left(now) > 0:
            return
        pin = field.value
        if not SHAPE.fullmatch(pin):
            self._refused = "A PIN has 4 to 12 digits."
            self.console_app.redraw()
            return
        field.value = ""
        self._busy, self._refused = True, ""
        self.run_worker(self._sent(pin), name="unlock", exit_on_error=False)
        self.console_app.redraw()

    async def _sent(self, pin: str) -> None:
        app = self.console_app
        try:
            await app.unlocking.unlock(pin)
        except ApiError as error:
            text = str(error).removeprefix("the collector refused: ")
            self._refused = text[:1].upper() + text[1:]
            if found := WAIT.search(text):
                self._waits_until = app.now().at_s + int(found[1])
                self._refused = self._refused.partition(", and none")[0].partition(":")[0] + "."
            return
        finally:
            self._busy = False
            app.redraw()
        self.dismiss(True)
        app.call_later(app.say, "Control is unlocked; K locks it.", "good")

    def action_cancel(self) -> None:
        """It stays locked."""
        self.dismiss(False)
