"""What a screen's cells consist of: checks for every page and every kind of terminal."""

import re
from collections.abc import Iterator

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

from collector.model.kinds import AssetStatus
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.console_font import WESTERN

ASCII = frozenset(map(chr, range(0x20, 0x7F)))
FONTS = {"tty": WESTERN, "ascii": ASCII}


def segments(app: ConsoleApp) -> Iterator[Segment]:
    """Everything that the compositor would send to the terminal for the screen on top."""
    for strip in app.screen._compositor.render_strips():
        yield from strip


def check_signs(app: ConsoleApp, where: str) -> None:
    """Every character is in the font of the profile's set of signs."""
    font = FONTS.get(app.profile.glyphs)
    if font is None:
        return
    for segment in segments(app):
        strange = set(segment.text) - font
        assert not strange, f"{where}: {strange} in {segment.text!r}"


def _plain(colour: Color | None) -> bool:
    return colour is None or (colour.number is not None and colour.number < 8)


def check_console_colours(app: ConsoleApp, where: str) -> None:
    """What a Linux console shows well: eight colours, no dim, nothing bold and reversed at once."""
    for segment in segments(app):
        style = segment.style
        if style is None:
            continue
        said = f"{where}: {style!r} of {segment.text!r}"
        assert _plain(style.color), said
        assert _plain(style.bgcolor), said
        assert not style.dim, said
        assert not (style.bold and style.reverse), said
        assert not style.conceal, said


def check_no_colours(app: ConsoleApp, where: str) -> None:
    """No colour of any kind, hence nothing invisible."""
    for segment in segments(app):
        style = segment.style
        if style is not None:
            said = f"{where}: {style!r} of {segment.text!r}"
            assert style.color is None, said
            assert style.bgcolor is None, said
            assert not style.conceal, said


def _look(style: Style | None) -> tuple[object, ...]:
    """What one sees of a style, but for the ground."""
    if style is None:
        return (False, False, False, None)
    colour = style.color if style.color != Color.default() else None
    return bool(style.bold), bool(style.dim), bool(style.reverse), colour


def check_nothing_live(app: ConsoleApp, where: str) -> None:
    """Neither the sign of what lives, unless it is dim (on a Linux console it is also that of what
    has ended well), nor the colour of what is well."""
    sign, good = app.glyphs.status[AssetStatus.LIVE], app.palette.style("good").color
    dim = {_look(app.palette.style("dim", selected=selected)) for selected in (False, True)}
    for text, style, _ in segments(app):
        said = f"{where}: {style!r} of {text!r}"
        assert sign not in text or _look(style) in dim, said
        assert style is None or style.color != good or not text.strip(), said


SGR = re.compile(rb"\x1b\[([0-9;]*)m")
OTHER = re.compile(rb"\x1b(?:\[[0-9;?<>=$]*[A-Za-ln-z]|[=>78])")
"""Whatever else the console says to a terminal: cursor, modes, questions."""


def split(painted: bytes) -> tuple[str, set[tuple[int, ...]]]:
    """The text in the bytes written to a terminal, and the styles that it was written in."""
    styles = {tuple(int(word or 0) for word in found.split(b";")) for found in SGR.findall(painted)}
    text = OTHER.sub(b"", SGR.sub(b"", painted)).decode()
    return text, styles


def check_console_bytes(painted: bytes) -> None:
    """Bytes for a Linux console: characters of its fonts, its eight colours, nothing dim."""
    text, styles = split(painted)
    text = text.replace("\r\n", "")
    strange = set(text) - WESTERN
    assert not strange, [
        text[max(0, at - 20) : at + 20] for at, ch in enumerate(text) if ch in strange
    ]
    for style in styles:
        assert not {38, 48, 2, 8} & set(style), style
        assert not any(90 <= code <= 107 for code in style), style
        assert not {1, 7} <= set(style), style


def check_colourless_bytes(painted: bytes) -> None:
    """Bytes without any colour."""
    _, styles = split(painted)
    allowed = {0, 1, 2, 4, 7}
    assert all(set(style) <= allowed for style in styles), styles
