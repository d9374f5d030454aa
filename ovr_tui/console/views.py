"""The views of a page, each with the digit that shows it. Pure."""

from collections.abc import Sequence

from ovr_tui.console.text import Line, Piece, width


def views_line(views: Sequence[tuple[str, int | str | None]], current: int, cells: int) -> Line:
    """` [1 active 3]  2 unacknowledged 2  3 history`: names with their counts, the one that is
    shown (from 1) in brackets; where the room is short the others lose their counts, then their
    names."""
    line: Line = ()
    for names, counts in ((True, True), (True, False), (False, False)):
        line = _line(views, current, names=names, counts=counts)
        if width(line) <= cells:
            break
    return line


def _line(
    views: Sequence[tuple[str, int | str | None]], current: int, *, names: bool, counts: bool
) -> Line:
    pieces: list[Piece] = []
    for digit, (name, count) in enumerate(views, 1):
        here = digit == current
        tail = f" {count}" if (here or counts) and count not in (None, "") else ""
        pieces.append((" [" if here else "  ", "bold"))
        pieces.append((str(digit), "accent"))
        if here or names:
            pieces.append((f" {name}{tail}", "bold" if here else "dim"))
        pieces.append(("]" if here else " " * counts, "bold"))
    return tuple(pieces)
