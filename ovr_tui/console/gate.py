"""The last gate before the terminal: no sign that its font lacks, no colour that it may not have.

Whatever draws (our lines, Textual's input field, a chart), its cells pass here as the app's line
filter, so that nothing depends on every page having thought of it.
"""

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from ovr_tui.console.glyphs import fitted
from ovr_tui.console.profile import GlyphSet, ThemeName

_FAINT = Style(dim=False)
_THIN = Style(bold=False)


class Gate(LineFilter):
    """For one theme and set of signs.

    In the mono theme no colour passes at all, in the 16-colour theme the eight plain ones: neither
    bright ones nor *default*, which costs bytes and is there anyway. On a Linux console nothing is
    dim, and nothing both bold and reversed.
    """

    def __init__(self, theme: ThemeName, glyphs: GlyphSet) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._vt = glyphs is GlyphSet.TTY
        self._colours = theme is ThemeName.ANSI
        self._styles = theme in (ThemeName.ANSI, ThemeName.MONO)
        self.needed = self._styles or glyphs is not GlyphSet.UNICODE
        """Whether anything could be held back."""
        self._style = lru_cache(4096)(self._restrict)

    def apply(self, segments: list[Segment], _: Color) -> list[Segment]:
        """The segments as they may pass, each as wide as before."""
        return [
            Segment(
                text if text.isascii() else fitted(text, self._glyphs),
                style if style is None or not self._styles else self._style(style),
                control,
            )
            for text, style, control in segments
        ]

    def _restrict(self, style: Style) -> Style:
        kept = style.without_color
        if self._colours:
            kept += Style(color=_plain(style.color), bgcolor=_plain(style.bgcolor))
        if self._vt and kept.dim:
            kept += _FAINT
        if self._vt and kept.reverse and kept.bold:
            kept += _THIN
        return kept


def _plain(colour: RichColor | None) -> RichColor | None:
    if colour is None or colour.number is None or colour.type is ColorType.DEFAULT:
        return None
    return RichColor(f"color({colour.number % 8})", ColorType.STANDARD, colour.number % 8)
