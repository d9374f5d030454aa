"""A page that says something at length: an answer of several lines, a refusal with its reasons."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, Tone, wrap
from ovr_tui.console.widgets import ScrollLines


class NoticePage(Page):
    """Shows lines of text, wrapped."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,backspace", "back", "back", key_display="esc"),
    ]

    def __init__(self, title: str, lines: Sequence[str], tone: Tone = "text") -> None:
        super().__init__()
        self._heading = title
        self._texts = tuple(lines)
        self._tone = tone

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield ScrollLines(self.console_app.palette, id="notice")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#notice", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """The text for this width."""
        cells = self.size.width - 2
        out: list[Line] = [()]
        if self._heading:
            out += [*wrap(now.glyphs.text(self._heading), cells, "bold"), ()]
        for text in self._texts:
            out += wrap(now.glyphs.prose(text), cells, self._tone) or [()]
        self.query_one("#notice", ScrollLines).show(out)


class DetailPage(NoticePage):
    """Shows what a list knows of one of its rows, as it is now, in its own columns."""

    def __init__(self, told: Callable[[Now, int], Sequence[Line]]) -> None:
        super().__init__("", ())
        self._lines = told

    def draw(self, now: Now) -> None:
        """What there is to say in this width."""
        lines = self._lines(now, self.size.width - 2)
        self.query_one("#notice", ScrollLines).show([(), *map(now.believed, lines)])
