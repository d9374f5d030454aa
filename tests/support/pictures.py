"""What a screen shows as text that can be reviewed: its characters, then where which style is.

Pictures are kept beside the tests as plain files, so that a change of a page is a readable
difference.
"""

from typing import Any

from rich.style import Style
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from ovr_tui.console.app import ConsoleApp

FEW = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TextPicture(SingleFileSnapshotExtension):
    """One text file for each picture."""

    _write_mode = WriteMode.TEXT
    _file_extension = "txt"


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


def _name(style: Style | None) -> str:
    if style is None:
        return ""
    words = [
        word for word in ("bold", "dim", "reverse", "underline", "italic") if getattr(style, word)
    ]
    colour = style.color.name if style.color else ""
    ground = f"on {style.bgcolor.name}" if style.bgcolor else ""
    return " ".join(part for part in (*words, colour, ground) if part)
