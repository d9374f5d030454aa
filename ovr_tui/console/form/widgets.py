"""The lines of a form: a field that is typed, one that is chosen."""

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ovr_tui.console.form.fields import Choice, Field, Kind
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.keys import named
from ovr_tui.console.palette import Palette
from ovr_tui.console.text import Line, fit

YES_NO = (Choice("no"), Choice("yes"))


class Typed(InputLine):
    """A field in which text stands."""

    DEFAULT_CSS = """
    Typed { height: 1; border: none; padding: 0; background: $background; width: 1fr;
        max-width: 60; }
    Typed:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """

    def __init__(self, field: Field, value: str) -> None:
        super().__init__(value, password=field.kind is Kind.SECRET)
        self.name_ = field.name

    def jump_targets(self) -> list[tuple[int, int, Callable[[], object]]]:
        """Itself."""
        return [(self.region.x, self.region.y, self.focus)]


class Chosen(Widget, can_focus=True):
    """A field with one of some values: ← and → take another one, a letter the next that begins
    with it."""

    DEFAULT_CSS = "Chosen { height: 1; width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = named(
        "choice",
        [
            Binding("left", "turn(-1)", "previous", show=False),
            Binding("right", "turn(1)", "next", key_display="← →"),
        ],
    )

    class Changed(Message):
        """Another value."""

        def __init__(self, chosen: "Chosen") -> None:
            super().__init__()
            self.chosen = chosen

    def __init__(self, field: Field, value: str, palette: Palette, glyphs: Glyphs) -> None:
        super().__init__()
        self.name_ = field.name
        self.choices = field.choices or YES_NO
        known = [choice.value for choice in self.choices]
        self._at = known.index(value) if value in known else 0
        self._palette = palette
        self._glyphs = glyphs

    @property
    def value(self) -> str:
        """The value that is chosen."""
        return self.choices[self._at].value

    @property
    def hidden(self) -> str:
        """The words of what is chosen, where there is no room for all of them."""
        words = self._glyphs.text(self.choices[self._at].words)
        room = self.size.width - len("<  >   9 of 9")
        return words if cell_len(words) > room else ""

    def action_turn(self, by: int) -> None:
        """Another value."""
        self._take((self._at + by) % len(self.choices))

    def _take(self, at: int) -> None:
        if at != self._at:
            self._at = at
            self.refresh()
            self.post_message(self.Changed(self))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Letters and digits choose."""
        del key
        return character is not None and character.isalnum()

    def key_letter(self, letter: str) -> bool:
        """The next value that begins with a letter; False if there is none."""
        count = len(self.choices)
        for step in range(1, count + 1):
            at = (self._at + step) % count
            if self.choices[at].words.casefold().startswith(letter.casefold()):
                self._take(at)
                return True
        return False

    def render_line(self, y: int) -> Strip:
        """The value between two signs that say that there are others."""
        del y
        count = f"   {self._at + 1} of {len(self.choices)}" if self.has_focus else ""
        words = self._glyphs.text(self.choices[self._at].words)
        words = fit(words, min(cell_len(words), self.size.width - len("<  >") - len(count)))
        line: Line = (
            ("< ", "accent" if self.has_focus else "dim"),
            (words, "bold" if self.has_focus else "text"),
            (" >", "accent" if self.has_focus else "dim"),
            (count, "dim"),
        )
        return self._palette.strip(line, self.size.width)

    def on_focus(self) -> None:
        """Shown otherwise."""
        self.refresh()

    def on_blur(self) -> None:
        """Shown otherwise."""
        self.refresh()

    def jump_targets(self) -> list[tuple[int, int, Callable[[], object]]]:
        """Itself."""
        return [(self.region.x, self.region.y, self.focus)]
