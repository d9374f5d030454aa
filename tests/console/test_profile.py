"""What a terminal can do."""

import pytest
from rich.cells import cell_len

from ovr_tui.console.console_font import LATIN, WESTERN
from ovr_tui.console.glyphs import ASCII, SETS, TTY, Glyphs, fitted
from ovr_tui.console.profile import TERMINALS_OWN, BadProfile, GlyphSet, ThemeName, resolve


@pytest.mark.parametrize(
    ("env", "tty", "glyphs", "theme", "mouse"),
    [
        (
            {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            "/dev/pts/3",
            "unicode",
            "dark",
            True,
        ),
        ({"TERM": "tmux-256color"}, "/dev/pts/3", "unicode", "dark", True),
        ({"TERM": "xterm"}, "/dev/pts/3", "unicode", "ansi", True),
        ({"TERM": "linux"}, "/dev/tty1", "tty", "ansi", False),
        ({"TERM": "linux"}, "", "tty", "ansi", False),
        ({"TERM": "xterm-256color"}, "/dev/tty2", "tty", "ansi", False),
        ({"TERM": "xterm-256color"}, "/dev/ttyS0", "unicode", "dark", True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "", "unicode", "mono", True),
        ({"TERM": "linux", "NO_COLOR": "1"}, "", "tty", "mono", False),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "", "unicode", "dark", True),
        ({"TERM": "linux", "OVR_GLYPHS": "unicode", "OVR_MOUSE": "1"}, "", "unicode", "ansi", True),
        ({"TERM": "xterm-256color", "OVR_THEME": "mono"}, "", "unicode", "mono", True),
        ({}, "", "unicode", "ansi", True),
        ({"TERM": "vt100"}, "/dev/ttyS0", "ascii", "ansi", False),
        ({"TERM": "dumb"}, "", "ascii", "ansi", False),
        ({"TERM": "xterm-256color", "LANG": "C"}, "", "ascii", "dark", True),
        ({"TERM": "xterm-256color", "LANG": "de_DE@euro"}, "", "ascii", "dark", True),
        ({"TERM": "xterm", "LC_ALL": "de_DE.utf8", "LANG": "C"}, "", "unicode", "ansi", True),
        ({"TERM": "xterm", "LC_CTYPE": "C.UTF-8", "LANG": "C"}, "", "unicode", "ansi", True),
        ({"TERM": "linux", "LANG": "C"}, "/dev/tty1", "tty", "ansi", False),
        ({"TERM": "linux", "OVR_GLYPHS": "ascii"}, "/dev/tty1", "ascii", "ansi", False),
        ({"TERM": "xterm-kitty", "OVR_LINK": "slow"}, "", "unicode", "ansi", True),
    ],
)
def test_resolve(env: dict[str, str], tty: str, glyphs: str, theme: str, mouse: bool) -> None:
    """Glyphs, colours and mouse follow the terminal; the environment overrides."""
    found = resolve(env, tty)
    assert (found.glyphs, found.theme, found.mouse) == (glyphs, theme, mouse)


def test_flags_win() -> None:
    """What is given on the command line wins over everything."""
    env = {"TERM": "linux", "OVR_THEME": "mono", "OVR_GLYPHS": "tty", "OVR_MOUSE": "0"}
    found = resolve(env, "/dev/tty1", glyphs="unicode", theme="dark", mouse=True)
    assert (found.glyphs, found.theme, found.mouse) == (GlyphSet.UNICODE, ThemeName.DARK, True)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"OVR_GLYPHS": "emoji"}, "glyphs 'emoji' is none of: unicode, tty, ascii"),
        (
            {"OVR_THEME": "neon"},
            "theme 'neon' is none of: dark, light, high-contrast",
        ),
        ({"OVR_MOUSE": "yes"}, "OVR_MOUSE 'yes' is none of: auto, 0, 1"),
        ({"OVR_LINK": "56k"}, "OVR_LINK '56k' is none of: fast, slow"),
    ],
)
def test_wrong_settings_are_told(env: dict[str, str], said: str) -> None:
    """A setting that does not exist is an error that names what does."""
    with pytest.raises(BadProfile, match=said):
        resolve(env)


def test_what_was_kept() -> None:
    """The theme and signs of the last time are taken where this terminal can show them: not on a
    console, not with NO_COLOR, not on a slow line, and what is unknown is passed over."""
    rich = {"TERM": "xterm-256color"}
    assert resolve(rich, kept=("light", "ascii")).theme is ThemeName.LIGHT
    assert resolve(rich, kept=("light", "ascii")).glyphs is GlyphSet.ASCII
    assert resolve(rich, kept=("neon", "emoji")) == resolve(rich)
    assert resolve({"TERM": "linux"}, kept=("light", "unicode")) == resolve({"TERM": "linux"})
    assert resolve({**rich, "NO_COLOR": "1"}, kept=("light", "")).theme is ThemeName.MONO
    assert resolve(rich, kept=("light", ""), slow=True).theme is ThemeName.ANSI
    assert resolve({**rich, "OVR_THEME": "dark"}, kept=("light", "")).theme is ThemeName.DARK


def test_a_slow_line() -> None:
    """OVR_LINK=slow or `--slow`: a picture every 5 s, in the terminal's own colours."""
    rich = {"TERM": "xterm-256color"}
    slow = resolve({**rich, "OVR_LINK": "slow"})
    assert (slow.slow, slow.interval_s, slow.theme) == (True, 5, ThemeName.ANSI)
    assert resolve(rich, slow=True) == slow
    assert (resolve(rich).slow, resolve(rich).interval_s) == (False, 1)


def test_themes_that_a_terminal_can_show() -> None:
    """Where RGB colours are shown all themes are offered; elsewhere those of the terminal's own
    colours, and one that was asked for."""
    assert resolve({"TERM": "xterm-256color"}).themes == tuple(ThemeName)
    assert resolve({"TERM": "linux"}).themes == TERMINALS_OWN
    assert resolve({"TERM": "linux", "OVR_THEME": "dark"}).themes == ("dark", *TERMINALS_OWN)


def signs(glyphs: Glyphs) -> list[str]:
    """Every sign of a set that stands in one cell."""
    single = (glyphs.alarm, glyphs.good, glyphs.absent, glyphs.up, glyphs.down, glyphs.left)
    more = (glyphs.right, glyphs.rule, glyphs.bar, glyphs.descending, glyphs.ascending)
    rest = (glyphs.full, glyphs.empty, glyphs.dash, glyphs.middle, glyphs.mark)
    return [*glyphs.status.values(), *single, *more, *rest, *glyphs.levels]


@pytest.mark.parametrize("glyphs", SETS.values(), ids=str)
def test_every_sign_is_one_cell(glyphs: Glyphs) -> None:
    """Signs take one cell each; those of states differ."""
    assert all(len(sign) == 1 == cell_len(sign) for sign in signs(glyphs))
    assert len(set(glyphs.status.values())) == len(glyphs.status)


def test_signs_are_in_the_fonts() -> None:
    """The tty set holds only what every Latin font of Debian's console-setup has, the ASCII set
    only printing ASCII."""
    assert set("".join(signs(TTY))) | {TTY.chart} <= LATIN
    assert "".join(signs(ASCII)).isascii()


def test_text_that_a_font_lacks() -> None:
    """What a font lacks becomes what looks like it, the letter without its accent, or as many `?`
    as it is wide: the width never changes."""
    text = "Łódź São “x” 日本 27 °C · ±3 … ✓ ▁▄█ ⠋ ┌┼ ↑ ― e\u0301 ½"
    tty, plain = fitted(text, GlyphSet.TTY), fitted(text, GlyphSet.ASCII)
    assert tty == "Lódz São “x” ???? 27 °C · ±3 ~ + ░▒█ • ┌┼ ↑ ― e ½"
    assert plain == 'Lodz Sao "x" ???? 27  C - ~3 ~ + .=# * ++ ^ - e ?'
    assert cell_len(text) == cell_len(tty) == cell_len(plain)
    assert set(tty) <= WESTERN
    assert fitted(text, GlyphSet.UNICODE) == text


def test_names_of_keys() -> None:
    """Keys are called by signs that the set has, else by words."""
    assert TTY.key("↑ k") == "↑ k"
    assert ASCII.key("↑ k") == "up k"
    assert (TTY.key("⏎"), ASCII.key("⏎"), ASCII.key("PgUp")) == ("enter", "enter", "PgUp")
