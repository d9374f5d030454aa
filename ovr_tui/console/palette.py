"""Tones as colours, for each theme: one accent, amber for attention, red for act now."""

from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES, Theme

from ovr_tui.console.profile import ThemeName
from ovr_tui.console.text import Line, Tone, cut

GROUND = "#10151b"
GROUND_SELECTED = "#26323f"

_DARK: Mapping[Tone, str] = {
    "text": "#c9d1d9",
    "dim": "#77828f",
    "bold": "bold #eef2f6",
    "accent": "#6cb6ff",
    "good": "#5fb98b",
    "warn": "#e3a43a",
    "alert": "bold #ff6b5e",
    "head": "#8b98a6",
    "bar": "#5f83a8",
}
_ANSI: Mapping[Tone, str] = {
    "text": "default",
    "dim": "dim default",
    "bold": "bold default",
    "accent": "cyan",
    "good": "green",
    "warn": "yellow",
    "alert": "bold red",
    "head": "default",
    "bar": "cyan",
}
_MONO: Mapping[Tone, str] = {
    "text": "",
    "dim": "dim",
    "bold": "bold",
    "accent": "",
    "good": "",
    "warn": "bold",
    "alert": "bold",
    "head": "",
    "bar": "",
}


class Palette:
    """The styles of one theme. `strip` makes what a line-API widget returns."""

    def __init__(self, theme: ThemeName) -> None:
        self.theme = theme
        specs = {ThemeName.DARK: _DARK, ThemeName.ANSI: _ANSI, ThemeName.MONO: _MONO}[theme]
        dark = theme is ThemeName.DARK
        ground = Style(bgcolor=GROUND) if dark else Style.null()
        selected = Style(bgcolor=GROUND_SELECTED) if dark else Style(reverse=True)
        self._plain = {tone: Style.parse(spec) + ground for tone, spec in specs.items()}
        self._selected = {
            tone: (Style.parse(spec) if dark else Style(bold=tone in ("bold", "alert"))) + selected
            for tone, spec in specs.items()
        }

    def style(self, tone: Tone, *, selected: bool = False) -> Style:
        """The style of a tone, on the ground or under the cursor."""
        return (self._selected if selected else self._plain)[tone]

    def strip(self, line: Line, cells: int, *, selected: bool = False) -> Strip:
        """A line as exactly `cells` cells. Blank pieces join their neighbour: each change of
        style costs some forty bytes on the wire."""
        styles = self._selected if selected else self._plain
        segments: list[Segment] = []
        text, style, length = "", None, 0
        for piece, tone in cut(line, cells):
            own = styles[tone]
            if own is style or style is None or not piece.strip(" "):
                text += piece
                if style is None and piece.strip(" "):
                    style = own
            else:
                segments.append(Segment(text, style))
                text, style = piece, own
            length += cell_len(piece)
        if text:
            segments.append(Segment(text, style or styles["text"]))
        return Strip(segments, length)


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
    if name is ThemeName.DARK:
        return Theme(
            name="ovr-dark",
            primary="#6cb6ff",
            warning="#e3a43a",
            error="#ff6b5e",
            success="#5fb98b",
            accent="#6cb6ff",
            foreground="#c9d1d9",
            background=GROUND,
            surface=GROUND,
            panel=GROUND,
            dark=True,
        )
    plain = "ansi_default"
    cyan = "ansi_cyan" if name is ThemeName.ANSI else plain
    return Theme(
        name=f"ovr-{name}",
        ansi=True,
        primary=cyan,
        secondary=cyan,
        warning="ansi_yellow" if name is ThemeName.ANSI else plain,
        error="ansi_red" if name is ThemeName.ANSI else plain,
        success="ansi_green" if name is ThemeName.ANSI else plain,
        accent=cyan,
        foreground=plain,
        background=plain,
        surface=plain,
        panel=plain,
        boost=plain,
        dark=True,
        variables=BUILTIN_THEMES["ansi-dark"].variables | _QUIET,
    )
