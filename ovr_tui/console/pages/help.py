"""The help page: every key of the page below it, generated from the bindings."""

import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.columns import STATUS_WORD
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.keys import displayed, keys_of
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.text import Line, cut, fit
from ovr_tui.console.widgets import ScrollLines

Keys = Sequence[tuple[str, Iterable[BindingType]]]


class HelpPage(Page):
    """Shows the keys of `sections`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left,backspace,question_mark,q", "back", "back", key_display="esc"),
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
        self.query_one("#help", ScrollLines).show(
            help_lines(self._sections, now.glyphs, self.size.width)
        )


_COLUMNS = (
    ("POWER kW", "load of a BESS, else what the asset measures; of a grid below zero: fed in"),
    ("15 MIN", "that power in the last 15 minutes, from zero to its highest"),
    ("SOC %", "state of charge of a battery; how full a tank is"),
    ("V L-N", "the lowest voltage of a phase to neutral"),
    ("A max", "the highest current of a phase"),
    ("AGE", "seconds since the device was last heard (12m, 3h, 9d)"),
)


COLUMN_CELLS = 58
"""A column of help; as many stand beside each other as fit."""
WORD_CELLS = 12
"""The keys, or the sign, before what they mean."""


def help_lines(sections: Keys, glyphs: Glyphs, cells: int) -> list[Line]:
    """Every binding with its long description, by section; then columns and signs. In columns
    beside each other where there is room."""
    count = max(1, min(3, cells // COLUMN_CELLS))
    each = cells // count
    blocks = [_listed(title, _told(bindings, glyphs), each) for title, bindings in sections]
    blocks += [_listed("Columns", _COLUMNS, each), _listed("Signs", _signs(glyphs), each)]
    return beside([block for block in blocks if len(block) > 2], count, each)


def _told(bindings: Iterable[BindingType], glyphs: Glyphs) -> list[tuple[str, str]]:
    """Each thing to do with every key that does it."""
    told: dict[str, list[str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding):
            several = "," in binding.key
            keys = glyphs.key(keys_of(binding) if several else displayed(binding)).split(" ")
            known = told.setdefault(binding.tooltip or binding.description, [])
            known += [key for key in keys if key not in known]
    return [(" ".join(keys), text) for text, keys in told.items()]


def _signs(glyphs: Glyphs) -> tuple[tuple[str, str], ...]:
    return (
        *((sign, STATUS_WORD[status]) for status, sign in glyphs.status.items()),
        ("(88.1)", "stale: the last value heard, counted in no total"),
        ("--", "the device has no valid value for it now"),
        (glyphs.absent, "the device has no such quantity"),
        (f"{glyphs.up} {glyphs.down}", "rose or fell by a twentieth within 15 s"),
        (glyphs.alarm, "an alarm, a hint (open the asset) or a problem (h)"),
        (f"{glyphs.good} over", "an alarm that is over, and nobody has seen it"),
        ("partial, !", "something that belongs to the total is not in it"),
        ("in, out", "battery: charging, discharging; grid: taken, fed in"),
        ("###", "a number too long for its place: open the asset"),
    )


def beside(blocks: Sequence[list[Line]], count: int, each: int) -> list[Line]:
    """Blocks in `count` columns of `each` cells, none of them cut in two, about equally long."""
    columns: list[list[Line]] = [[] for _ in range(count)]
    share = sum(map(len, blocks)) / count
    at = 0
    for block in blocks:
        if at < count - 1 and columns[at] and len(columns[at]) + len(block) / 2 > share:
            at += 1
        columns[at] += block
    tall = max((len(column) for column in columns), default=0)
    return [
        tuple(
            piece
            for column in columns
            for piece in cut(column[row] if row < len(column) else (), each)
        )
        for row in range(tall)
    ]


def _listed(title: str, entries: Iterable[tuple[str, str]], cells: int) -> list[Line]:
    """A title, and below it words with what they mean, wrapped beside the word."""
    lines: list[Line] = [(), ((f" {title}", "head"),)]
    for word, text in entries:
        parts = textwrap.wrap(text, max(20, cells - 17), break_on_hyphens=False) or [""]
        names = textwrap.wrap(word, WORD_CELLS, break_on_hyphens=False)
        for name, part in zip_longest(names, parts, fillvalue=""):
            lines.append(((f"   {fit(name, WORD_CELLS)} ", "accent"), (part, "text")))
    return lines
