"""What this terminal can do and how it is to be drawn on, decided before the app starts."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec import Struct

from collector.errors import OvrError


class GlyphSet(StrEnum):
    """Which characters the terminal's font has."""

    UNICODE = "unicode"
    TTY = "tty"
    """Only what Debian's console fonts hold: █ ░ ▒ ● ▲ ✗, box lines, Latin 1."""
    ASCII = "ascii"
    """Seven bits."""


class ThemeName(StrEnum):
    """Which colours it shows."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "high-contrast"
    BLIND = "colour-blind"
    ANSI = "ansi"
    """The terminal's own 16 colours, dim and bold; never a bright one."""
    MONO = "mono"


TERMINALS_OWN = (ThemeName.ANSI, ThemeName.MONO)
"""The themes that need nothing but what every terminal has."""
SLOW_S = 5


class Profile(Struct, frozen=True, kw_only=True):
    """How to draw on one terminal. `slow` is for a thin line: the picture comes every
    `interval_s`, without what is dear in bytes."""

    glyphs: GlyphSet = GlyphSet.UNICODE
    theme: ThemeName = ThemeName.DARK
    themes: tuple[ThemeName, ...] = tuple(ThemeName)
    """Those that the terminal can show, in the order in which they are offered."""
    mouse: bool = True
    slow: bool = False
    interval_s: int = 1


class BadProfile(OvrError):
    """A display setting that does not exist."""


_CONSOLE = re.compile(r"/dev/(tty\d+|console|vc/\d+)\Z")
_RICH_TERMS = ("256color", "direct", "kitty", "alacritty", "foot", "ghostty", "wezterm")
_BARE_TERMS = ("dumb", "vt100", "vt102", "vt220", "ansi")


def resolve(
    env: Mapping[str, str],
    tty: str = "",
    *,
    glyphs: str | None = None,
    theme: str | None = None,
    mouse: bool | None = None,
    slow: bool | None = None,
    kept: tuple[str, str] = ("", ""),
) -> Profile:
    """The profile for the environment `env` and the terminal device `tty` (`/dev/pts/3`).

    What is given by argument wins, then `OVR_GLYPHS`, `OVR_THEME`, `OVR_MOUSE` (0, 1) and
    `OVR_LINK` (slow, fast), then the theme and glyphs `kept` from the last time where they exist
    and this terminal can show them, then what it says of itself. Raises BadProfile.
    """
    term = env.get("TERM", "")
    console = bool(_CONSOLE.match(tty)) or term == "linux"
    bare = term in _BARE_TERMS
    rich = not console and not bare and _is_rich(env, term)
    thin = slow if slow is not None else _word("OVR_LINK", env, "fast", "slow") == "slow"
    offered = tuple(ThemeName) if rich else TERMINALS_OWN
    usual = "mono" if env.get("NO_COLOR") else "dark" if rich and not thin else "ansi"
    if kept[0] in offered and not thin and not env.get("NO_COLOR"):
        usual = kept[0]
    chosen = ThemeName(_one_of("theme", theme or env.get("OVR_THEME") or usual, ThemeName))
    usual_signs = _signs(env, console, bare)
    if kept[1] in (GlyphSet.TTY, GlyphSet.ASCII) and usual_signs != GlyphSet.ASCII:
        usual_signs = kept[1]
    signs = glyphs or env.get("OVR_GLYPHS") or usual_signs
    wish = _word("OVR_MOUSE", env, "auto", "0", "1")
    if mouse is None:
        mouse = wish == "1" if wish != "auto" else not console and not bare
    return Profile(
        glyphs=GlyphSet(_one_of("glyphs", signs, GlyphSet)),
        theme=chosen,
        themes=_offered(chosen, offered, colours=not env.get("NO_COLOR")),
        mouse=mouse,
        slow=thin,
        interval_s=SLOW_S if thin else 1,
    )


def _offered(
    chosen: ThemeName, offered: tuple[ThemeName, ...], *, colours: bool
) -> tuple[ThemeName, ...]:
    """The themes to choose from; whoever wants no colours gets none by a key either."""
    if not colours and chosen is ThemeName.MONO:
        return (ThemeName.MONO,)
    return offered if chosen in offered else (chosen, *offered)


def _is_rich(env: Mapping[str, str], term: str) -> bool:
    return env.get("COLORTERM") in ("truecolor", "24bit") or any(t in term for t in _RICH_TERMS)


def _signs(env: Mapping[str, str], console: bool, bare: bool) -> str:
    """A console is one in UTF-8 whatever the locale says; elsewhere a locale that says otherwise
    (or a terminal of old) has ASCII only. One that says nothing is taken for UTF-8."""
    if console:
        return "tty"
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or "UTF-8"
    utf8 = "utf8" in locale.lower().replace("-", "")
    return "unicode" if utf8 and not bare else "ascii"


def _word(name: str, env: Mapping[str, str], usual: str, *others: str) -> str:
    return _one_of(name, env.get(name) or usual, (usual, *others))


def _one_of(what: str, word: str, known: Iterable[str]) -> str:
    words = [str(each) for each in known]
    if word not in words:
        raise BadProfile(f"{what} {word!r} is none of: {', '.join(words)}")
    return word
