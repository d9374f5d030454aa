"""Text that is only text, whatever a device calls itself."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ovr_tui.console.console_font import WESTERN
from ovr_tui.console.glyphs import TTY, UNICODE, gauge, spark
from ovr_tui.console.palette import Palette
from ovr_tui.console.profile import ThemeName
from ovr_tui.console.text import (
    Line,
    cut,
    ends,
    fit,
    fold,
    join,
    plain,
    width,
    wrap,
)
from ovr_tui.foreign import shown

HOSTILE = (
    "[/]",
    "[link=http://x]y",
    "MPPT [/dev/ttyUSB0]",
    "[@click=app.quit]x[/]",
    "[bold red",
    "tail\\",
    "\x1b]0;owned\x07title",
    "\x1b[2J\x1b[H",
    "\x9b31mred",
    "nul\x00nul",
    "line\nbreak\rback\ttab",
    "\u202eright to left",
    "zero\u200bwidth",
    "lone \ud800 surrogate",
    "👩‍👩‍👧 family ⚠️",
    "Z̴̧̛̖͔̎͌a̶l̵g̷o̴" * 5,
    "日本語の蓄電池",
    "x" * 500,
    "",
    "   ",
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("cells", [0, 1, 2, 10, 40])
def test_hostile_text_keeps_its_place(text: str, cells: int) -> None:
    """Any name takes exactly the cells it is given, and holds nothing that a terminal obeys."""
    out = fit(shown(text), cells)
    assert cell_len(out) == cells
    assert not any(unicodedata.category(ch) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for ch in out)


def test_brackets_are_kept() -> None:
    """Markup is not read: the brackets of a name are seen."""
    assert shown("MPPT [/dev/ttyUSB0]") == "MPPT [/dev/ttyUSB0]"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("हिन्दी बैटरी", "हन्द बैटर"),
        ("கோவில் 1", "கவல் 1"),
        ("crew 👍🏽 B", "crew 👍 B"),
        ("a\u302eb\u302fc", "abc"),
        ("☰ menu ㉈", "? menu ?"),
        ("keys ⚊ 𝌆 𝍠", "keys ? ? ?"),
        ("sun ☀️", "sun ☀"),
        ("ที่ทำงาน", "ที่ทำงาน"),
        ("\u093e\u093f", "?"),
        ("", ""),
    ],
)
def test_what_is_measured_differently_is_not_shown(text: str, seen: str) -> None:
    """Terminals and the console count as many cells, so no column moves; what has no such trouble
    stays readable."""
    assert shown(text) == seen


@pytest.mark.parametrize("mark", ["\u0489", "\u20dd", "\u20e3", "\u0335", "\u0e35"])
def test_marks_in_masses_are_left_out(mark: str) -> None:
    """Two of them stand with a character, of whatever kind they are."""
    assert shown(f"A{mark * 60}B") == f"A{mark * 2}B"


@given(st.text(), st.integers(0, 60))
def test_any_text_as_a_strip(text: str, cells: int) -> None:
    """A line becomes a strip of exactly the asked width, for any text at all."""
    strip = Palette(ThemeName.DARK).strip(((shown(text), "text"), ("x", "alert")), cells)
    assert cell_len(strip.text) == strip.cell_length == cells
    assert "\x1b" not in strip.text


@given(st.text())
def test_a_console_font_is_enough(text: str) -> None:
    """In the tty set what the fonts do not hold becomes `?`, Latin letters stay."""
    assert set(TTY.text(text)) <= WESTERN
    assert TTY.text("Café Ørsted 230 V") == "Café Ørsted 230 V"


def test_ends_keeps_the_right_end() -> None:
    """Where both do not fit, the left end is cut."""
    line = ends((("left part", "text"),), (("12:00", "bold"),), 10)
    assert plain(line) == "lef… 12:00"
    assert width(line) == 10


def test_join_cut_wrap() -> None:
    """Lines are put beside each other, padded, and sentences are broken at words."""
    assert plain(join([(("a", "text"),), (("b", "dim"),)])) == "a   b"
    assert plain(cut((("ab", "text"),), 4)) == "ab  "
    assert [plain(line) for line in wrap("one two three", 11, indent=1)] == [" one two", " three"]


def test_selected_row_has_one_ground() -> None:
    """Under the cursor every cell has the cursor's ground, in every theme."""
    line: Line = (("a", "good"), (" ", "text"), ("b", "alert"))
    for theme in ThemeName:
        strip = Palette(theme).strip(line, 8, selected=True)
        grounds = {(s.style.bgcolor, s.style.reverse) for s in strip if s.style}
        assert len(grounds) == 1
        assert grounds != {(None, None)}


@pytest.mark.parametrize("theme", [ThemeName.ANSI, ThemeName.MONO])
def test_no_bright_colours(theme: ThemeName) -> None:
    """Sixteen-colour screens use no bright colour and no background; mono uses no colour."""
    palette = Palette(theme)
    for tone in ("text", "dim", "bold", "accent", "good", "warn", "alert", "head", "bar"):
        style = palette.style(tone)
        number = style.color.number if style.color else None
        assert style.bgcolor is None
        assert number is None or (theme is ThemeName.ANSI and 0 < number < 8)


@pytest.mark.parametrize(
    ("percent", "bar"),
    [(0, "░░░░"), (50, "██░░"), (100, "████"), (140, "████"), (-9, "░░░░"), (None, "    ")],
)
def test_gauge(percent: float | None, bar: str) -> None:
    """A bar is as long as asked, whatever the percentage."""
    assert gauge(percent, 4, UNICODE) == bar


def test_spark() -> None:
    """A sparkline runs from zero to the highest value; a gap is a gap; negatives stay inside."""
    assert spark((0, 50, 100, None), UNICODE) == "▁▅█ "
    assert spark((0, 50, 100, None), TTY) == "░▒█ "
    assert spark((None, None), UNICODE) == "  "
    assert spark((0, 0), UNICODE) == "▁▁"
    assert spark((-100, 0), UNICODE) == "▁█"


def test_blanks_are_cut_without_a_sign() -> None:
    """Only what is lost leaves an ellipsis: padding at the end is no loss."""
    assert fit("AC   ", 4) == "AC  "
    assert fit("AC      ", 2) == "AC"
    assert fit("AC x ", 3) == "AC…"


def test_a_command_stays_whole() -> None:
    """A sentence is broken at blanks only: what is typed can be copied."""
    text = "Start it: systemctl start ovr-collect"
    assert [plain(line) for line in wrap(text, 31)] == [
        " Start it: systemctl start", " ovr-collect",
    ]  # fmt: skip


def test_a_long_line_is_folded_at_blanks_and_keeps_its_tones() -> None:
    """Nothing is lost, nothing is wider than asked but a word that is wider itself."""
    line: Line = (
        ("  BESS 1", "bold"),
        ("  46 % now, lowest 12 %", "text"),
        ("   ▲ partial", "warn"),
    )
    folded = fold(line, 20, 4)
    assert [plain(part).rstrip() for part in folded] == [
        "  BESS 1  46 % now,", "    lowest 12 %   ▲", "    partial",
    ]  # fmt: skip
    assert [tone for _, tone in folded[2] if tone != "text"] == ["warn"]
    assert fold(line, 60) == [line]
    assert [plain(part) for part in fold((("x" * 30, "text"), (" y", "text")), 10)] == [
        "x" * 30 + " ",
        " y",
    ]
