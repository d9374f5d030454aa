"""Columns for lists: which fit, and a row of them as a line. Pure."""

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len

from ovr_tui.console.text import Line, Piece, fit


class Column(Struct, frozen=True, kw_only=True):
    """One column. `least` and `most` are its widths in cells without the gap behind it; with a
    higher `rank` it goes first when the room is short. Numbers stand at the `right`."""

    title: str
    least: int
    most: int = 0
    rank: int = 0
    right: bool = False


class Grid(Struct, frozen=True):
    """The columns that fit in a width, by their place in the list, each with its own width."""

    columns: tuple[tuple[int, Column, int], ...]

    def header(self) -> Line:
        """The titles."""
        pieces = [(column.title, "head") for column in self._all()]
        return self.line(pieces)  # type: ignore[arg-type]  # "head" is a Tone

    def _all(self) -> list[Column]:
        count = max((place for place, _, _ in self.columns), default=-1) + 1
        known = {place: column for place, column, _ in self.columns}
        return [known.get(place, Column(title="", least=0)) for place in range(count)]

    def line(self, pieces: Sequence[Piece]) -> Line:
        """One row: a piece for every column of the list, those that do not fit are left out."""
        out: list[Piece] = [(" ", "text")]
        for place, column, cells in self.columns:
            text, tone = pieces[place] if place < len(pieces) else ("", "text")
            if column.right and cell_len(text) < cells:
                text = " " * (cells - cell_len(text)) + text
            out.append((fit(text, cells) + " ", tone))
        return tuple(out)


def lay_out(columns: Sequence[Column], cells: int) -> Grid:
    """The columns that fit in `cells`: the highest rank goes first, what is left is shared among
    those that can grow, from the left."""
    kept = list(enumerate(columns))
    room = cells - 1
    while kept and sum(column.least + 1 for _, column in kept) > room:
        worst = max(kept, key=lambda pair: (pair[1].rank, pair[0]))
        if len(kept) == 1:
            break
        kept.remove(worst)
    spare = room - sum(column.least + 1 for _, column in kept)
    widths = []
    for place, column in kept:
        more = min(max(0, spare), max(0, column.most - column.least))
        spare -= more
        widths.append((place, column, min(column.least + more, room)))
    return Grid(tuple(widths))
