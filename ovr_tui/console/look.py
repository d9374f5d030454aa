"""The app's look: its signs, and its theme, which can be changed while it runs."""

from collections.abc import Sequence
from typing import TypeVar

from textual._styles_cache import StylesCache
from textual.app import App
from textual.filter import ANSIToTruecolor, LineFilter

from ovr_tui.console.driver import DroppingDriver
from ovr_tui.console.gate import Gate
from ovr_tui.console.glyphs import SETS
from ovr_tui.console.palette import Palette, theme
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName


def forget_painted() -> None:
    """Forget what was painted of widgets that are gone: Textual keeps that of 1024 widgets, up to
    20 MB."""
    StylesCache.get_inner_outer.cache_clear()


Answer = TypeVar("Answer")


class LookApp(App[Answer]):
    """Draws for one profile, beginning with its theme. All line widgets hold the one `palette`;
    everything painted passes the gate."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(driver_class=DroppingDriver)  # colours: as the theme says (`ansi`)
        self.profile = profile
        self.glyphs = SETS[profile.glyphs]
        self.palette = Palette(profile.theme, vt=profile.glyphs is GlyphSet.TTY)
        for name in ThemeName:
            self.register_theme(theme(name))
        self._dress(profile.theme)

    def _dress(self, name: ThemeName) -> None:
        self._gate = Gate(name, self.profile.glyphs)
        self.no_color = name is ThemeName.MONO
        self.theme = theme(name).name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line passes. (Textual's own filters for NO_COLOR are decided at the start.)"""
        self.before_painting()
        kept = [f for f in super().get_line_filters() if isinstance(f, ANSIToTruecolor)]
        return [*kept, self._gate] if self._gate.needed else kept

    def use_theme(self, name: ThemeName) -> None:
        """Change the colours; everything is painted anew."""
        self.palette.use(name)
        self._dress(name)
        stacks = self._screen_stacks.values()  # (Textual tells of the current mode's only)
        for screen in (screen for stack in stacks for screen in stack):
            for widget in screen.walk_children(with_self=True):
                widget.refresh()
        self.redraw()

    def action_theme(self) -> None:
        """The next theme that this terminal can show."""
        offered = self.profile.themes
        self.use_theme(offered[(offered.index(self.palette.theme) + 1) % len(offered)])

    def before_painting(self) -> None:
        """Called before a widget is painted: the last chance to draw it anew."""

    def redraw(self) -> None:
        """Draw the page on top."""
        raise NotImplementedError
