"""What a terminal can do."""

import pytest

from ovr_tui.console.glyphs import TTY, UNICODE
from ovr_tui.console.profile import BadProfile, GlyphSet, ThemeName, resolve


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
        ({"OVR_GLYPHS": "emoji"}, "glyphs 'emoji' is none of: unicode, tty"),
        ({"OVR_THEME": "neon"}, "theme 'neon' is none of: dark, ansi, mono"),
        ({"OVR_MOUSE": "yes"}, "OVR_MOUSE=yes: 0 .off. or 1 .on."),
    ],
)
def test_wrong_settings_are_told(env: dict[str, str], said: str) -> None:
    """A setting that does not exist is an error that names what does."""
    with pytest.raises(BadProfile, match=said):
        resolve(env)


def test_every_sign_is_one_cell() -> None:
    """Signs take one cell each; the tty set holds only what a console font has."""
    for glyphs in (UNICODE, TTY):
        signs = (*glyphs.status.values(), glyphs.alarm, glyphs.good, glyphs.absent, glyphs.up)
        assert all(len(sign) == 1 for sign in signs)
    tty = "".join((*TTY.status.values(), TTY.alarm, TTY.good, TTY.absent, TTY.levels, TTY.chart))
    assert set(tty) <= set("●○✗▲·-░▒█")
