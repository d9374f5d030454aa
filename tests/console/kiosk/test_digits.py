"""Big writing."""

import pytest

from ovr_tui.console.glyphs import ASCII, TTY, UNICODE
from ovr_tui.console.kiosk.digits import FACES, SIZES, best, big, fine, spelled


@pytest.mark.parametrize("glyphs", [UNICODE, TTY, ASCII], ids=["unicode", "tty", "ascii"])
def test_every_size_is_as_big_as_it_says(glyphs) -> None:
    """Each size draws each letter in the rows and cells that it names, with signs of the set."""
    halves = fine(glyphs)
    for size in SIZES[halves]:
        for text in (*FACES[size.face], "412.6", "EMPTIEST BATTERY"):
            drawn = big(text, size, glyphs.full, halves=halves)
            assert len(drawn) == size.rows
            assert {len(row) for row in drawn} == {size.cells(text)}
            assert set("".join(drawn)) <= set(" █▀▄" if halves else f" {glyphs.full}")


def test_digits_are_of_one_width_and_all_differ() -> None:
    """A figure that changes does not move what stands behind it, and no two digits look alike."""
    for face, letters in FACES.items():
        assert len({len(letters[digit][0]) for digit in "0123456789"}) == 1, face
        assert len({letters[digit] for digit in "0123456789"}) == 10
        for art in letters.values():
            assert len({len(row) for row in art}) == 1


def test_the_biggest_that_fits_is_taken() -> None:
    """The size grows with the room; where nothing fits there is none."""
    rows = [best(["412.6"], cells, cells // 3, UNICODE) for cells in (10, 20, 40, 80, 160)]
    assert rows[0] is None
    assert [size.rows for size in rows[1:] if size] == sorted(s.rows for s in rows[1:] if s)
    assert all(size.cells("412.6") <= 160 for size in rows if size)


def test_what_cannot_be_spelled() -> None:
    """Names become capitals; one with a letter that nobody drew is not drawn at all."""
    assert spelled("Main stage 1") == "MAIN STAGE 1"
    assert spelled("Ørsted") is None
