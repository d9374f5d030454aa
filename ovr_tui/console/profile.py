"""What this terminal can do, decided once before the App exists (Textual fixes colours then)."""

import re
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from collector.errors import OvrError


class GlyphSet(StrEnum):
    """Which characters the terminal's font has."""

    UNICODE = "unicode"
    TTY = "tty"
    """Only what Debian's console fonts hold: █ ░ ▒ ● ○ ▲ ✗, box lines, Latin 1."""


class ThemeName(StrEnum):
    """Which colours it shows."""

    DARK = "dark"
    ANSI = "ansi"
    """The terminal's own 16 colours, dim and bold; never a bright one."""
    MONO = "mono"


class Profile(Struct, frozen=True, kw_only=True):
    """How to draw on one terminal."""

    glyphs: GlyphSet = GlyphSet.UNICODE
    theme: ThemeName = ThemeName.DARK
    mouse: bool = True


class BadProfile(OvrError):
    """A display setting that does not exist."""


_CONSOLE = re.compile(r"/dev/(tty\d+|console|vc/\d+)\Z")
_RICH_TERMS = ("256color", "direct", "kitty", "alacritty", "foot", "ghostty", "wezterm")


def resolve(
    env: Mapping[str, str],
    tty: str = "",
    *,
    glyphs: str | None = None,
    theme: str | None = None,
    mouse: bool | None = None,
) -> Profile:
    """The profile for the environment `env` and the terminal device `tty` (`/dev/pts/3`).

    What is given by argument wins, then `OVR_GLYPHS` (unicode, tty), `OVR_THEME` (dark, ansi,
    mono) and `OVR_MOUSE` (0, 1), then what the terminal says of itself. Raises BadProfile.
    """
    term = env.get("TERM", "")
    console = bool(_CONSOLE.match(tty)) or term in ("linux", "dumb", "vt100", "vt220")
    chosen_glyphs = glyphs or env.get("OVR_GLYPHS") or ("tty" if console else "unicode")
    chosen_theme = theme or env.get("OVR_THEME") or _theme(env, term, console)
    wish = env.get("OVR_MOUSE", "")
    if wish not in ("", "0", "1"):
        raise BadProfile(f"OVR_MOUSE={wish}: 0 (off) or 1 (on)")
    chosen_mouse = mouse if mouse is not None else wish == "1" if wish else not console
    return Profile(
        glyphs=GlyphSet(_one_of("glyphs", chosen_glyphs, GlyphSet)),
        theme=ThemeName(_one_of("theme", chosen_theme, ThemeName)),
        mouse=chosen_mouse,
    )


def _theme(env: Mapping[str, str], term: str, console: bool) -> str:
    if env.get("NO_COLOR"):
        return "mono"
    if console:
        return "ansi"
    rich = env.get("COLORTERM") in ("truecolor", "24bit") or any(t in term for t in _RICH_TERMS)
    return "dark" if rich else "ansi"


def _one_of(what: str, word: str, kind: type[StrEnum]) -> str:
    known = [str(member) for member in kind]
    if word not in known:
        raise BadProfile(f"{what} {word!r} is none of: {', '.join(known)}")
    return word
