"""Tones as styles, for each theme: one accent, amber for attention, red for act now."""

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES, Theme

from ovr_tui.console import themes
from ovr_tui.console.profile import ThemeName
from ovr_tui.console.text import Line, Tone, cut

Styles = dict[Tone, Style]


class Palette:
    """The styles of one theme, which can be another at any time.

    Everything that draws holds the one palette, and compares `theme` where it keeps strips. `strip`
    makes what a line-API widget returns. With `vt` the terminal is a Linux console.
    """

    def __init__(self, theme: ThemeName, *, vt: bool = False) -> None:
        self._vt = vt
        self._take(theme)

    def _take(self, theme: ThemeName) -> None:
        self.theme = theme
        rgb = themes.RGB.get(theme)
        self._plain, self._selected = _in_rgb(rgb) if rgb else _of_terminal(theme, self._vt)

    def use(self, theme: ThemeName) -> None:
        """Change to another theme; what is on the screen has to be painted anew."""
        self._take(theme)

    def style(self, tone: Tone, *, selected: bool = False) -> Style:
        """The style of a tone, on the ground or under the cursor."""
        return (self._selected if selected else self._plain)[tone]

    def strip(self, line: Line, cells: int, *, selected: bool = False) -> Strip:
        """A line as exactly `cells` cells. Blank pieces join their neighbour: each change of
        style costs some forty bytes on the wire."""
        styles = self._selected if selected else self._plain
        segments: list[Segment] = []
        text, style, inked, length = "", styles["text"], False, 0
        for piece, tone in cut(line, cells):
            own, blank = styles[tone], not piece.strip(" ")
            if text and own is not style and (_seen(own, style) or (inked and not blank)):
                segments.append(Segment(text, style))
                text, inked = "", False
            if not text or not blank:
                style = own
            text += piece
            inked = inked or not blank
            length += cell_len(piece)
        if text:
            segments.append(Segment(text, style))
        return Strip(segments, length)


def _seen(one: Style, other: Style) -> bool:
    """Whether it shows in which of the two a blank is."""
    return bool(one.reverse) is not bool(other.reverse)


def _in_rgb(colours: themes.Colours) -> tuple[Styles, Styles]:
    ground, cursor = Style(bgcolor=colours.ground), Style(bgcolor=colours.cursor)
    under = {**colours.tones, **colours.under}
    return (
        {tone: Style.parse(spec) + ground for tone, spec in colours.tones.items()},
        {tone: Style.parse(spec) + cursor for tone, spec in under.items()},
    )


def _of_terminal(theme: ThemeName, vt: bool) -> tuple[Styles, Styles]:
    """In the terminal's own colours; under the cursor reversed, which on a Linux console must not
    be bold (grey on grey)."""
    specs: Mapping[Tone, str]
    if theme is ThemeName.ANSI:
        specs = themes.VT if vt else themes.ANSI
    else:
        specs = themes.VT_MONO if vt else themes.MONO
    strong = ("bold", "alert") if not vt else ()
    return (
        {tone: Style.parse(spec) for tone, spec in specs.items()},
        {tone: Style(bold=tone in strong, reverse=True) for tone in specs},
    )


_QUIET = {
    "ansi-background": "ansi_default",
    "ansi-foreground": "ansi_default",
    "border-blurred": "ansi_default",
    "block-cursor-foreground": "ansi_default",
    "block-cursor-background": "ansi_default",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "input-selection-background": "ansi_default",
    "input-selection-foreground": "ansi_default",
    "screen-selection-background": "ansi_default",
    "screen-selection-foreground": "ansi_default",
}
"""Nothing bright and nothing black on black: the terminal's own two colours, reversed for a cursor
by its text style."""


def theme(name: ThemeName) -> Theme:
    """Textual's own surfaces (screen, input field) in the colours of the theme."""
    rgb = themes.RGB.get(name)
    if rgb is None:
        return _terminal_theme(name)
    colour = {tone: Style.parse(spec).color for tone, spec in rgb.tones.items()}
    accent, warn, alert, good, text = (
        colour[tone].name  # type: ignore[union-attr]  # every tone has a colour
        for tone in ("accent", "warn", "alert", "good", "text")
    )
    return Theme(
        name=f"ovr-{name}",
        primary=accent,
        warning=warn,
        error=alert,
        success=good,
        accent=accent,
        foreground=text,
        background=rgb.ground,
        surface=rgb.ground,
        panel=rgb.ground,
        dark=rgb.dark,
    )


def _terminal_theme(name: ThemeName) -> Theme:
    plain = "ansi_default"
    colours = name is ThemeName.ANSI
    cyan = "ansi_cyan" if colours else plain
    return Theme(
        name=f"ovr-{name}",
        ansi=True,
        primary=cyan,
        secondary=cyan,
        warning="ansi_yellow" if colours else plain,
        error="ansi_red" if colours else plain,
        success="ansi_green" if colours else plain,
        accent=cyan,
        foreground=plain,
        background=plain,
        surface=plain,
        panel=plain,
        boost=plain,
        dark=True,
        variables=BUILTIN_THEMES["ansi-dark"].variables | _QUIET,
    )
