"""What a screen shows as text that can be reviewed: its characters, then where which style is.

Pictures are kept beside the tests as plain files, so that a change of a page is a readable
difference.
"""

import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from pytest_textual_snapshot import SVGImageExtension
from rich.style import Style
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex
from textual.pilot import Pilot

from ovr_tui.console.app import ConsoleApp

FEW = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


SIZES = ((80, 24), (120, 40), (200, 60))
"""The sizes of a terminal at which the pages are looked at."""


class _NamedByHand(SingleFileSnapshotExtension):
    """A picture that is given a name is `test_it[name]`, whatever the parameters of the test are:
    one test may take several."""

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        if isinstance(index, str):
            test_location = copy.copy(test_location)
            test_location.testname = test_location.methodname
        return super().get_snapshot_name(test_location=test_location, index=index)


class TextPicture(_NamedByHand):
    """One text file for each picture."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


class DrawnPicture(_NamedByHand, SVGImageExtension):  # type: ignore[misc]  # untyped
    """One SVG file for each picture, as `snap_compare` keeps them."""


def picture(app: ConsoleApp | Any) -> str:
    """The screen: its text, then for each row the letters of the styles, then what they stand
    for. Blank rows at the end of a row's styles are left out."""
    strips = app.screen._compositor.render_strips()
    letters: dict[str, str] = {}
    texts, styles = [], []
    for strip in strips:
        texts.append(strip.text.rstrip())
        row = ""
        for text, style, _ in strip:
            name = _name(style)
            letter = letters.setdefault(name, FEW[len(letters) % len(FEW)]) if name else " "
            row += "".join(" " if ch == " " and letter != "R" else letter for ch in text)
        styles.append(row.rstrip())
    legend = [f"{letter} {name}" for name, letter in letters.items()]
    return "\n".join([*texts, "=" * 20, *styles, "=" * 20, *legend, ""])


def drawing(app: ConsoleApp | Any) -> str:
    """The screen as SVG."""
    svg = app.export_screenshot(title=app.title, simplify=True)
    assert isinstance(svg, str)
    return svg


async def at_each_size(
    pilot: Pilot[Any],
    settle: Callable[[Pilot[Any]], Awaitable[None]],
    draw: Callable[[ConsoleApp | Any], str] = picture,
) -> AsyncIterator[tuple[str, str]]:
    """One running app at each size, as when the window of its terminal is pulled: the name of the
    size, and what is shown once `settle` is through."""
    for width, height in SIZES:
        await pilot.resize_terminal(width, height)
        await settle(pilot)
        yield f"{width}x{height}", draw(pilot.app)


def _name(style: Style | None) -> str:
    if style is None:
        return ""
    words = [
        word for word in ("bold", "dim", "reverse", "underline", "italic") if getattr(style, word)
    ]
    colour = style.color.name if style.color else ""
    ground = f"on {style.bgcolor.name}" if style.bgcolor else ""
    return " ".join(part for part in (*words, colour, ground) if part)
