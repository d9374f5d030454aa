"""Blocks of lines on a page: beside each other as far as there is room. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from ovr_tui.console.text import BLANK, Line, Piece, cut, width

GAP = 2
LEAST_CELLS = 38
"""No column is narrower."""
MOST_COLUMNS = 4
BEYOND = 3
"""What stands beside something may be so many lines higher."""


class Block(Struct, frozen=True, kw_only=True):
    """Lines that stay together below their title."""

    title: str
    lines: Sequence[Line]

    @property
    def all(self) -> list[Line]:
        """With the title."""
        head: list[Line] = [((f" {self.title}", "head"),)] if self.title else []
        return [*head, *self.lines]

    @property
    def cells(self) -> int:
        """How wide its widest line is."""
        return max((width(line) for line in self.all), default=0)


def beside(left: Sequence[Line], right: Sequence[Line], left_cells: int) -> list[Line]:
    """Two runs of lines beside each other."""
    out: list[Line] = []
    for number in range(max(len(left), len(right))):
        line = left[number] if number < len(left) else BLANK
        more = right[number] if number < len(right) else BLANK
        gap: Piece = (" " * GAP, "text")
        out.append((*cut(line, left_cells), gap, *more) if more else line)
    return out


def stacked(blocks: Sequence[Block]) -> list[Line]:
    """One below the other, a blank line between."""
    out: list[Line] = []
    for block in blocks:
        if out:
            out.append(BLANK)
        out += block.all
    return out


def columns(blocks: Sequence[Block], cells: int) -> list[Line]:
    """In as many columns as there is room for, in order, about equally high."""
    blocks = [block for block in blocks if block.lines]
    if not blocks:
        return []
    widest = max(LEAST_CELLS, *(block.cells for block in blocks))
    count = max(1, min(MOST_COLUMNS, (cells + GAP) // (widest + GAP), len(blocks)))
    if count == 1:
        return stacked(blocks)
    each = (cells - GAP * (count - 1)) // count
    out: list[Line] = []
    for group in reversed(_parted(blocks, count)):
        out = beside(stacked(group), out, each)
    return out


def grid(block: Block, each: int, cells: int) -> list[Line]:
    """One block's lines, each of `each` cells at most, in as many columns as there is room for."""
    count = max(1, min(MOST_COLUMNS, (cells + GAP) // (each + GAP), len(block.lines)))
    tall = -(-len(block.lines) // count)
    parts = [block.lines[at : at + tall] for at in range(0, len(block.lines), tall)]
    out: list[Line] = []
    for part in reversed(parts):
        out = beside(part, out, each)
    return [*block.all[: len(block.all) - len(block.lines)], *out]


def _parted(blocks: Sequence[Block], count: int) -> list[list[Block]]:
    """The blocks in order in `count` groups, of which the highest is as low as can be."""
    heights = [len(block.all) + 1 for block in blocks]
    limit = max(max(heights), -(-sum(heights) // count))
    while True:
        groups: list[list[Block]] = [[]]
        high = 0
        for block, tall in zip(blocks, heights, strict=True):
            if groups[-1] and high + tall > limit:
                groups.append([])
                high = 0
            groups[-1].append(block)
            high += tall
        if len(groups) <= count:
            return groups + [[] for _ in range(count - len(groups))]
        limit += 1


def lead(
    first: Sequence[Line], first_cells: int, blocks: Sequence[Block], cells: int
) -> list[Line]:
    """What is most important, and beside it all blocks in columns, or as many of them as it is
    high; the others below in columns."""
    room = cells - first_cells - GAP
    rest = [block for block in blocks if block.lines]
    if rest and max(block.cells for block in rest) <= room:
        every = columns(rest, room)
        if len(every) <= len(first) + BEYOND:
            return beside(first, every, first_cells)
    chosen: list[Block] = []
    tall = 0
    while rest and rest[0].cells <= room and tall + len(rest[0].all) <= len(first) + BEYOND:
        tall += len(rest[0].all) + 1
        chosen.append(rest.pop(0))
    out = beside(first, stacked(chosen), first_cells) if chosen else list(first)
    below = columns(rest, cells)
    return [*out, *([BLANK] if out and below else []), *below]
