"""That the colours of every theme can be read, and told apart by those who see fewer."""

from itertools import combinations

import pytest
from rich.color import Color

from ovr_tui.console import themes
from ovr_tui.console.palette import Palette
from ovr_tui.console.profile import ThemeName
from ovr_tui.console.text import Tone

Rgb = tuple[float, float, float]
STATUS: tuple[Tone, ...] = ("good", "warn", "alert")
SERIES: tuple[Tone, ...] = ("one", "two", "three", "four")

VGA = ("000000", "aa0000", "00aa00", "aa5500", "0000aa", "aa00aa", "00aaaa", "aaaaaa")
VGA_BOLD = ("555555", "ff5555", "55ff55", "ffff55", "5555ff", "ff55ff", "55ffff", "ffffff")
"""A Linux console's colours, and what bold makes of them (drivers/tty/vt/vt.c, default_red…)."""

DEFICIENT = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}
"""On linear RGB, severity 1: Machado, Oliveira, Fernandes, "A Physiologically-based Model for
Simulation of Color Vision Deficiency", IEEE TVCG 15 (2009); table at
https://www.inf.ufrgs.br/~oliveira/pubs_files/CVD_Simulation/CVD_Simulation.html."""


def linear(colour: Color | None) -> Rgb:
    """An RGB colour in linear light (WCAG 2.2, relative luminance)."""
    assert colour is not None
    assert colour.triplet is not None
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour.triplet.normalized
    )
    return red, green, blue


def contrast(one: Color | None, other: Color | None) -> float:
    """WCAG's contrast ratio."""
    dark, light = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (linear(one), linear(other))
    )
    return (light + 0.05) / (dark + 0.05)


def seen(colour: Color | None, kind: str) -> Rgb:
    """A colour as somebody with a deficiency sees it, in linear light."""
    light = linear(colour)
    red, green, blue = (
        min(1.0, max(0.0, sum(a * b for a, b in zip(row, light, strict=True))))
        for row in DEFICIENT[kind]
    )
    return red, green, blue


def apart(one: Rgb, other: Rgb) -> float:
    """How different two colours look: their distance in OKLab
    (https://bottosson.github.io/posts/oklab/), where black and white are 1 apart."""
    pairs = zip(_oklab(one), _oklab(other), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def _oklab(light: Rgb) -> Rgb:
    red, green, blue = light
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


@pytest.mark.parametrize("theme", list(themes.RGB))
def test_every_tone_can_be_read(theme: ThemeName) -> None:
    """Text has a contrast of 4.5 to its ground, in the high-contrast theme of 7, under the cursor
    too (WCAG 2.2, 1.4.3 and 1.4.6)."""
    least = 7.0 if theme is ThemeName.CONTRAST else 4.5
    palette = Palette(theme)
    for selected in (False, True):
        for tone in themes.RGB[theme].tones:
            style = palette.style(tone, selected=selected)
            found = contrast(style.color, style.bgcolor)
            assert found >= least, f"{tone}, selected {selected}: {found:.2f}"


def test_a_linux_console_s_colours_can_be_read() -> None:
    """On a console's black, bold bright as there, each tone has a contrast of 4.5."""
    black = Color.parse(f"#{VGA[0]}")
    palette = Palette(ThemeName.ANSI, vt=True)
    for tone in themes.VT:
        style = palette.style(tone)
        assert style.color is not None
        number = 7 if style.color.number is None else style.color.number
        shown = Color.parse(f"#{(VGA_BOLD if style.bold else VGA)[number]}")
        assert contrast(shown, black) >= 4.5, tone


@pytest.mark.parametrize("kind", list(DEFICIENT))
def test_the_colour_blind_tell_states_apart(kind: str) -> None:
    """In the colour-blind theme good, warn and alert stay apart, from each other and from text, and
    the four series of a chart too, on the ground and under the cursor."""
    for selected in (False, True):
        colour = {
            tone: seen(Palette(ThemeName.BLIND).style(tone, selected=selected).color, kind)
            for tone in ("text", *STATUS, *SERIES)
        }
        for one, other in combinations(("text", *STATUS), 2):
            assert apart(colour[one], colour[other]) >= 0.09, (one, other, selected)
        for one, other in combinations(SERIES, 2):
            assert apart(colour[one], colour[other]) >= 0.07, (one, other, selected)


def test_the_measure_knows_confusable_colours() -> None:
    """Red and green of the same lightness are far apart, but not for a deuteranope: what the test
    above would catch."""
    red, green = Color.parse("#c0504d"), Color.parse("#7a8b2f")
    assert apart(linear(red), linear(green)) > 0.15
    assert apart(seen(red, "deuteranopia"), seen(green, "deuteranopia")) < 0.09


@pytest.mark.parametrize("theme", list(ThemeName))
@pytest.mark.parametrize("vt", [False, True])
def test_every_theme_has_every_tone(theme: ThemeName, vt: bool) -> None:
    """No tone is missing from any theme; an alert looks unlike text everywhere."""
    palette = Palette(theme, vt=vt)
    for tone in themes.DARK.tones:
        palette.style(tone)
        palette.style(tone, selected=True)
    assert palette.style("alert") != palette.style("text")
