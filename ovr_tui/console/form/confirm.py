"""The question before something is done."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.worker import Worker

from collector.errors import ApiError
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, wrap
from ovr_tui.console.widgets import Lines, ScrollLines


class ConfirmPage(Page):
    """Says what would be done and what follows, from the newest picture, and asks.

    With `word` it has to be typed exactly; otherwise the cursor begins on *cancel*. `do` does it
    and says what came of it; what it raises (ApiError) stays on the page. Answers True if it was
    done.
    """

    HOLDS = True
    DEFAULT_CSS = """
    ConfirmPage #facts { height: 1fr; }
    ConfirmPage #type-line { height: 1; display: none; }
    ConfirmPage.-word #type-line { display: block; }
    ConfirmPage #before { width: 26; }
    ConfirmPage #typed { height: 1; border: none; padding: 0; background: $background; }
    ConfirmPage #typed:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    ConfirmPage #choices { height: 5; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "back, nothing is done", key_display="esc"),
        Binding("up,down,tab,shift+tab", "move", "the other choice", show=False, priority=True),
        Binding("enter", "choose", "choose", key_display="⏎", priority=True),
    ]

    def __init__(
        self,
        title: str,
        facts: Callable[[Now], Sequence[str | Line]],
        do: Callable[[], Awaitable[str]],
        *,
        verb: str,
        word: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._facts = facts
        self._do = do
        self._verb = verb
        self._word = word
        self._yes = False
        self._refused: tuple[str, ...] = ()
        self._busy_at: float | None = None
        self._worker: Worker[Any] | None = None

    def content(self) -> ComposeResult:
        """Facts, the line to type in, the two choices."""
        palette = self.console_app.palette
        yield ScrollLines(palette, id="facts")
        with Horizontal(id="type-line"):
            yield Lines(palette, id="before")
            yield InputLine(id="typed")
        yield Lines(palette, id="choices")

    def begin(self) -> None:
        """The keys go to what is typed, else to the facts."""
        self.set_class(bool(self._word), "-word")
        self.query_one("#before", Lines).show([((" type it to go on: ", "accent"),)])
        self.query_one("#typed" if self._word else "#facts").focus()

    def draw(self, now: Now) -> None:
        """The facts as they are now."""
        cells = self.size.width - 2
        lines: list[Line] = [(), *wrap(now.glyphs.text(self._title), cells, "bold"), ()]
        for text in self._refused:
            lines += [*wrap(now.glyphs.prose(text), cells, "alert"), ()]
        for fact in self._facts(now):
            lines += wrap(now.glyphs.prose(fact), cells) if isinstance(fact, str) else [fact]
        if self._word:
            name = now.glyphs.text(self._word)
            lines += [(), ((" To go on, type:  ", "dim"), (name, "bold"))]
        self.query_one("#facts", ScrollLines).show(lines)
        self.query_one("#choices", Lines).show(self._choices(now))

    def _choices(self, now: Now) -> list[Line]:
        if self._busy_at is not None:
            return [(), ((f" working, {now.at_s - self._busy_at:.0f} s", "accent"),)]
        if self._word:
            ready = self._typed() == self._word
            text = f"{now.glyphs.enter} {self._verb}" if ready else "not typed yet"
            return [
                (),
                ((f"   {text}", "alert" if ready else "dim"),),
                (("   esc  cancel", "accent"),),
            ]
        out: list[Line] = [()]
        for yes, text in ((False, "cancel"), (True, self._verb)):
            here = yes is self._yes
            sign = " > " if here else "   "
            out.append(((sign, "accent"), (text, "bold" if here else "dim")))
        return out

    def _typed(self) -> str:
        return self.query_one("#typed", InputLine).value.strip()

    def on_input_changed(self, _: InputLine.Changed) -> None:
        """Whether it is right by now."""
        self.console_app.redraw()

    def word(self, binding: Binding) -> str:
        """While something is done, or cannot be yet, no key says that it does it."""
        if binding.action in ("choose", "cancel") and self._busy_at is not None:
            return ""
        if binding.action == "choose" and self._word:
            return self._verb if self._typed() == self._word else ""
        return super().word(binding)

    def action_move(self) -> None:
        """The other choice."""
        self._yes = not self._yes
        self.console_app.redraw()

    def action_choose(self) -> None:
        """Do it, or not."""
        self.when_typed(self._choose)

    def _choose(self) -> None:
        if self._busy_at is not None:
            return
        if self._word and self._typed() != self._word:
            self.console_app.say("that is not what has to be typed", "warn")
        elif self._word or self._yes:
            self._busy_at, self._refused = self.console_app.now().at_s, ()
            self._worker = self.run_worker(self._done(), name=self._title, exit_on_error=False)
            self.console_app.redraw()
        else:
            self.dismiss(False)

    async def _done(self) -> None:
        try:
            said = await self._do()
        except ApiError as error:
            self._refuse(*str(error).splitlines())
            return
        finally:
            self._busy_at = None
            self.console_app.redraw()
        app = self.console_app
        self.dismiss(True)
        if said:
            app.call_later(app.say, said, "good")

    def _refuse(self, *texts: str) -> None:
        """It was not done, and why: the first lines, and in sight."""
        self._refused = texts
        self.query_one("#facts", ScrollLines).scroll_to(y=0, animate=False)

    def action_cancel(self) -> None:
        """Nothing is done, unless it is under way."""
        if self._busy_at is None:
            self.dismiss(False)
