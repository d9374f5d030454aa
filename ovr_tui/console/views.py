"""The views of a page, each with the digit that shows it. Pure."""

from collections.abc import Sequence

from ovr_tui.console.text import Line, Piece, width


def views_line(views: Sequence[tuple[str, int | None]], current: int, cells: int) -> Line:
    """` [1 active 3]  2 unacknowledged 2  3 history`: names with their counts, the one that is
    shown (from 1) in brackets; where the room is short the others are digits only."""
    for short in (False, True):
        pieces: list[Piece] = []
        for digit, (name, count) in enumerate(views, 1):
            here = digit == current
            tail = "" if count is None else f" {count}"
            pieces.append((" [" if here else "  ", "bold"))
            pieces.append((str(digit), "accent"))
            if here or not short:
                pieces.append((f" {name}{tail}", "bold" if here else "dim"))
            pieces.append(("]" if here else " ", "bold"))
        if width(tuple(pieces)) <= cells:
            break
    return tuple(pieces)
