"""The help page: every key of the page below it, generated from the bindings."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.columns import STATUS_WORD
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, fit
from ovr_tui.console.widgets import ScrollLines

Keys = list[tuple[str, Iterable[BindingType]]]


class HelpPage(Page):
    """Shows the keys of `sections`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left,backspace,question_mark,q", "back", "back", key_display="←"),
    ]

    def __init__(self, sections: Keys) -> None:
        super().__init__()
        self._sections = sections

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield ScrollLines(self.console_app.palette, id="help")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#help", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """The keys, and what the signs mean."""
        self.query_one("#help", ScrollLines).show(help_lines(self._sections, now.glyphs))

    def action_back(self) -> None:
        """Back to where one came from."""
        self.app.pop_screen()


_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "left": "←",
}


def key_name(binding: Binding) -> str:
    """The keys of a binding as people call them."""
    return binding.key_display or " ".join(_NAMES.get(key, key) for key in binding.key.split(","))


def help_lines(sections: Keys, glyphs: Glyphs) -> list[Line]:
    """Every binding with its long description, by section; then the signs."""
    lines: list[Line] = []
    for title, bindings in sections:
        lines += [(), ((f" {title}", "head"),)]
        for binding in bindings:
            if isinstance(binding, Binding):
                text = binding.tooltip or binding.description
                key = key_name(binding).replace("⏎", glyphs.enter)
                lines.append(((f"   {fit(key, 12)}", "accent"), (text, "text")))
    lines += [(), ((" Signs", "head"),)]
    for status, sign in glyphs.status.items():
        lines.append(((f"   {fit(sign, 12)}", "accent"), (STATUS_WORD[status], "text")))
    signs = (
        ("(88.1)", "stale: the last value heard, counted in no total"),
        ("--", "the device has no valid value for it now"),
        (glyphs.absent, "the device has no such quantity"),
        (f"{glyphs.up} {glyphs.down}", "rose or fell by a twentieth within 15 s"),
    )
    lines += [((f"   {fit(sign, 12)}", "accent"), (text, "text")) for sign, text in signs]
    return lines
