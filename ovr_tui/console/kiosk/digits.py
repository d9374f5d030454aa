"""Big writing: digits and capitals drawn from blocks, in any size that fits. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from ovr_tui.console.glyphs import Glyphs

ALARM = "^"
Face = Literal["small", "large"]
Art = tuple[str, ...]
"""A letter as rows of `#` and `.`. The letter of ALARM is a triangle."""

_LARGE = (
    ("0123456789", """\
.###.|..#..|.###.|.###.|...#.|#####|.###.|#####|.###.|.###.
#...#|.##..|#...#|#...#|..##.|#....|#....|....#|#...#|#...#
#...#|..#..|....#|....#|.#.#.|####.|#....|...#.|#...#|#...#
#...#|..#..|...#.|..##.|#..#.|....#|####.|..#..|.###.|.####
#...#|..#..|..#..|....#|#####|....#|#...#|..#..|#...#|....#
#...#|..#..|.#...|#...#|...#.|#...#|#...#|..#..|#...#|....#
.###.|.###.|#####|.###.|...#.|.###.|.###.|..#..|.###.|.###."""),
    ("ABCDEFGHIJKLM", """\
.###.|####.|.###.|####.|#####|#####|.###.|#...#|###|..###|#...#|#....|#...#
#...#|#...#|#...#|#...#|#....|#....|#...#|#...#|.#.|...#.|#..#.|#....|##.##
#...#|#...#|#....|#...#|#....|#....|#....|#...#|.#.|...#.|#.#..|#....|#.#.#
#...#|####.|#....|#...#|####.|####.|#.###|#####|.#.|...#.|##...|#....|#.#.#
#####|#...#|#....|#...#|#....|#....|#...#|#...#|.#.|...#.|#.#..|#....|#...#
#...#|#...#|#...#|#...#|#....|#....|#...#|#...#|.#.|#..#.|#..#.|#....|#...#
#...#|####.|.###.|####.|#####|#....|.###.|#...#|###|.##..|#...#|#####|#...#"""),
    ("NOPQRSTUVWXYZ", """\
#...#|.###.|####.|.###.|####.|.####|#####|#...#|#...#|#...#|#...#|#...#|#####
##..#|#...#|#...#|#...#|#...#|#....|..#..|#...#|#...#|#...#|#...#|#...#|....#
#.#.#|#...#|#...#|#...#|#...#|#....|..#..|#...#|#...#|#...#|.#.#.|.#.#.|...#.
#..##|#...#|####.|#...#|####.|.###.|..#..|#...#|#...#|#.#.#|..#..|..#..|..#..
#...#|#...#|#....|#.#.#|#.#..|....#|..#..|#...#|#...#|#.#.#|.#.#.|..#..|.#...
#...#|#...#|#....|#..#.|#..#.|....#|..#..|#...#|.#.#.|##.##|#...#|..#..|#....
#...#|.###.|#....|.##.#|#...#|####.|..#..|.###.|..#..|#...#|#...#|..#..|#####"""),
    ("^khmin%.,:-()/ ", """\
...#...|#...|#...|.....|.|....|##..#|.|..|.|....|..#|#..|....#|..
..###..|#...|#...|.....|#|....|##..#|.|..|.|....|.#.|.#.|....#|..
..#.#..|#..#|#...|##.#.|.|###.|...#.|.|..|#|....|#..|..#|...#.|..
.##.##.|#.#.|###.|#.#.#|#|#..#|..#..|.|..|.|####|#..|..#|..#..|..
.#####.|##..|#..#|#.#.#|#|#..#|.#...|.|..|.|....|#..|..#|.#...|..
###.###|#.#.|#..#|#.#.#|#|#..#|#..##|.|.#|#|....|.#.|.#.|#....|..
#######|#..#|#..#|#.#.#|#|#..#|#..##|#|#.|.|....|..#|#..|#....|.."""),
)  # fmt: skip
_SMALL = (
    ("0123456789", """\
###|.#.|###|###|#.#|###|###|###|###|###
#.#|##.|..#|..#|#.#|#..|#..|..#|#.#|#.#
#.#|.#.|###|###|###|###|###|..#|###|###
#.#|.#.|#..|..#|..#|..#|#.#|..#|#.#|..#
###|###|###|###|..#|###|###|..#|###|###"""),
    ("ABCDEFGHIJKLM", """\
.#.|##.|.##|##.|###|###|.##|#.#|###|..#|#.#|#..|#...#
#.#|#.#|#..|#.#|#..|#..|#..|#.#|.#.|..#|#.#|#..|##.##
###|##.|#..|#.#|##.|##.|#.#|###|.#.|..#|##.|#..|#.#.#
#.#|#.#|#..|#.#|#..|#..|#.#|#.#|.#.|#.#|#.#|#..|#...#
#.#|##.|.##|##.|###|#..|.##|#.#|###|.#.|#.#|###|#...#"""),
    ("NOPQRSTUVWXYZ", """\
#..#|.#.|##.|.#..|##.|.##|###|#.#|#.#|#...#|#.#|#.#|###
##.#|#.#|#.#|#.#.|#.#|#..|.#.|#.#|#.#|#...#|#.#|#.#|..#
#.##|#.#|##.|#.#.|##.|.#.|.#.|#.#|#.#|#.#.#|.#.|.#.|.#.
#..#|#.#|#..|#.#.|#.#|..#|.#.|#.#|#.#|##.##|#.#|.#.|#..
#..#|.#.|#..|.#.#|#.#|##.|.#.|###|.#.|#...#|#.#|.#.|###"""),
    ("^khmin%.,:-()/ ", """\
..#..|#..|#..|.....|.|...|#.#|.|..|.|...|.#|#.|..#|.
.###.|#..|#..|.....|#|...|..#|.|..|#|...|#.|.#|..#|.
.#.#.|#.#|##.|####.|.|##.|.#.|.|..|.|###|#.|.#|.#.|.
##.##|##.|#.#|#.#.#|#|#.#|#..|.|.#|#|...|#.|.#|#..|.
#####|#.#|#.#|#.#.#|#|#.#|#.#|#|#.|.|...|.#|#.|#..|."""),
)  # fmt: skip


def _cut_out(banks: Iterable[tuple[str, str]]) -> dict[str, Art]:
    letters: dict[str, Art] = {}
    for signs, drawn in banks:
        rows = [row.split("|") for row in drawn.splitlines()]
        letters |= {sign: tuple(row[at] for row in rows) for at, sign in enumerate(signs)}
    return letters


FACES: Mapping[Face, Mapping[str, Art]] = {"small": _cut_out(_SMALL), "large": _cut_out(_LARGE)}
_HIGH: Mapping[Face, int] = {"small": 5, "large": 7}


class Size(NamedTuple):
    """How big: each point of a face is `wide` cells wide and `high` half rows high."""

    face: Face
    wide: int
    high: int

    @property
    def rows(self) -> int:
        """How many rows of a terminal a line of it takes."""
        return -(-_HIGH[self.face] * self.high // 2)

    def cells(self, text: str) -> int:
        """How many cells `text` takes."""
        return max(0, sum(len(_letter(self.face, ch)[0]) + 1 for ch in text) - 1) * self.wide


_FINE = [Size(face, n, n) for face in FACES for n in (1, 2, 3, 4)]
_COARSE = [Size(face, n, high) for face in FACES for n in (1, 2, 4) for high in (n * 2, n)]
SIZES: Mapping[bool, Sequence[Size]] = {
    fine: sorted(
        {size for size in sizes if fine or size.high % 2 == 0},
        key=lambda size: (size.rows, size.wide * len(FACES[size.face]["8"][0])),
        reverse=True,
    )
    for fine, sizes in ((True, _FINE + _COARSE), (False, _COARSE))
}
"""What there is with half blocks and without, the biggest first."""


def fine(glyphs: Glyphs) -> bool:
    """Whether the terminal's font has half blocks."""
    return "▄" in glyphs.levels


def spelled(text: str) -> str | None:
    """`text` in capitals, which can be drawn; None where some letter cannot."""
    capitals = text.upper()
    return capitals if all(ch in FACES["large"] for ch in capitals) else None


def best(texts: Sequence[str], cells: int, rows: int, glyphs: Glyphs) -> Size | None:
    """The biggest size in which each of `texts` fits; None where none does."""
    for size in SIZES[fine(glyphs)]:
        if size.rows <= rows and all(size.cells(text) <= cells for text in texts):
            return size
    return None


@lru_cache(256)
def big(text: str, size: Size, glyphs_full: str, *, halves: bool) -> tuple[str, ...]:
    """`text` as lines of one width. Unknown letters are blanks."""
    high = _HIGH[size.face]
    letters = [_letter(size.face, ch) for ch in text]
    points = [".".join(letter[row] for letter in letters) for row in range(high)]
    wide = ["".join(ch * size.wide for ch in row) for row in points]
    tall = [row for row in wide for _ in range(size.high)]
    if len(tall) % 2:
        tall.append("." * len(tall[0]))
    pairs = zip(tall[::2], tall[1::2], strict=True)
    signs = _HALVES if halves else {"##": glyphs_full, "#.": glyphs_full, ".#": " ", "..": " "}
    return tuple("".join(signs[a + b] for a, b in zip(up, low, strict=True)) for up, low in pairs)


_HALVES = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}


def _letter(face: Face, ch: str) -> Art:
    letters = FACES[face]
    return letters.get(ch) or letters.get(ch.upper()) or letters[" "]
