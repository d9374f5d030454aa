"""The colours of each theme, as data. What each has to satisfy: tests/console/test_themes.py."""

from collections.abc import Mapping

from msgspec import Struct

from ovr_tui.console.profile import ThemeName
from ovr_tui.console.text import Tone


class Colours(Struct, frozen=True, kw_only=True):
    """A theme in RGB: the ground, the ground under the cursor, and a colour for each tone; `under`
    are the tones that are another colour under the cursor."""

    ground: str
    cursor: str
    tones: Mapping[Tone, str]
    under: Mapping[Tone, str]
    dark: bool = True


DARK = Colours(
    ground="#10151b",
    cursor="#26323f",
    tones={
        "text": "#c9d1d9",
        "dim": "#77828f",
        "bold": "bold #eef2f6",
        "accent": "#6cb6ff",
        "good": "#5fb98b",
        "warn": "#e3a43a",
        "alert": "bold #ff6b5e",
        "head": "#8b98a6",
        "bar": "#5f83a8",
        "one": "#6cb6ff",
        "two": "#e3a43a",
        "three": "#5fb98b",
        "four": "#c792ea",
    },
    under={"dim": "#9aa6b2", "head": "#9aa6b2", "bar": "#82a8cf"},
)

LIGHT = Colours(
    ground="#fbfcfd",
    cursor="#d9e4ef",
    tones={
        "text": "#26303a",
        "dim": "#5a6672",
        "bold": "bold #0b1117",
        "accent": "#0b5cad",
        "good": "#1a6b43",
        "warn": "#8a5200",
        "alert": "bold #b3261e",
        "head": "#4d5965",
        "bar": "#35618e",
        "one": "#0b5cad",
        "two": "#8a5200",
        "three": "#1a6b43",
        "four": "#7b3fa0",
    },
    under={},
    dark=False,
)

_BLACK = "#000000"
CONTRAST = Colours(
    ground=_BLACK,
    cursor="#ffffff",
    tones={
        "text": "#ffffff",
        "dim": "#c8c8c8",
        "bold": "bold #ffffff",
        "accent": "#66d9ff",
        "good": "#5cff8f",
        "warn": "#ffd633",
        "alert": "bold #ff8a80",
        "head": "#c8c8c8",
        "bar": "#99ccff",
        "one": "#66d9ff",
        "two": "#ffd633",
        "three": "#5cff8f",
        "four": "#ff9cf5",
    },
    under={
        "text": _BLACK,
        "dim": "#404040",
        "bold": f"bold {_BLACK}",
        "accent": "#00467a",
        "good": "#004d1f",
        "warn": "#5c3a00",
        "alert": "bold #8f0000",
        "head": "#404040",
        "bar": "#00467a",
        "one": "#00467a",
        "two": "#5c3a00",
        "three": "#004d1f",
        "four": "#6a0d63",
    },
)

BLIND = Colours(
    ground="#10151b",
    cursor="#26323f",
    tones={
        "text": "#c9d1d9",
        "dim": "#8592a0",
        "bold": "bold #eef2f6",
        "accent": "#56b4e9",
        "good": "#009e73",
        "warn": "#f0e442",
        "alert": "bold #d55e00",
        "head": "#8b98a6",
        "bar": "#56b4e9",
        "one": "#56b4e9",
        "two": "#e69f00",
        "three": "#009e73",
        "four": "#cc79a7",
    },
    under={
        "dim": "#9aa6b2",
        "head": "#9aa6b2",
        "good": "#33c69a",
        "three": "#33c69a",
        "alert": "bold #ff7a1a",
        "four": "#f0d7e5",
    },
)
"""Okabe and Ito's colours (https://jfly.uni-koeln.de/color/), which people with any of the usual
kinds of colour blindness tell apart; lighter under the cursor."""

RGB: Mapping[ThemeName, Colours] = {
    ThemeName.DARK: DARK,
    ThemeName.LIGHT: LIGHT,
    ThemeName.CONTRAST: CONTRAST,
    ThemeName.BLIND: BLIND,
}

ANSI: Mapping[Tone, str] = {
    "text": "default",
    "dim": "dim default",
    "bold": "bold default",
    "accent": "cyan",
    "good": "green",
    "warn": "yellow",
    "alert": "bold red",
    "head": "default",
    "bar": "cyan",
    "one": "cyan",
    "two": "yellow",
    "three": "green",
    "four": "magenta",
}

VT: Mapping[Tone, str] = {
    **ANSI,
    "text": "bold default",
    "dim": "default",
    "warn": "bold yellow",
    "alert": "bold red",
    "two": "bold yellow",
    "four": "bold magenta",
}
"""The same on a Linux console, where dim is a grey that can hardly be read, plain a light grey, and
bold white."""

MONO: Mapping[Tone, str] = {
    "text": "",
    "dim": "dim",
    "bold": "bold",
    "accent": "",
    "good": "",
    "warn": "bold",
    "alert": "bold reverse",
    "head": "",
    "bar": "",
    "one": "",
    "two": "bold",
    "three": "dim",
    "four": "underline",
}

VT_MONO: Mapping[Tone, str] = {**MONO, "text": "bold", "dim": "", "three": "", "four": "bold"}
