"""Columns of a printed table: no word runs into the next column."""

import pytest

from collector.model.report_document import Row, Table
from reporting.render.fonts import HERE
from reporting.render.page import left, right
from reporting.render.widths import BROKEN, TEXT_PT, _em, widths

SERIALS = ("c0619ab10001", "HQ2191489637", "AH711682005", "WWWWWWMMMMMM", "10:00\u202fPM PST")


def _table(*rows: tuple[str, ...]) -> Table:
    columns = (left("Asset"), left("Serial"), right("Energy", "kWh"), left("Text"))
    return Table("Title", columns, tuple(Row(one) for one in rows))


@pytest.mark.parametrize("serial", SERIALS)
def test_a_word_has_room_beside_long_texts(serial: str) -> None:
    """Whatever else is said: the shares come to no more than there is, and each is a word's width
    at least (matplotlib measures it in the same typeface)."""
    from matplotlib.ft2font import FT2Font

    table = _table(("BESS 1 Main stage", serial, "1,000.000", "long " * 40))
    asset, found, energy, text = widths(table)
    assert energy is None
    assert asset is not None
    assert found is not None
    assert text is not None
    assert asset + found + text < TEXT_PT
    face = FT2Font(str(HERE / "Inter-Regular.otf"))
    face.set_size(8.2, 72)
    face.set_text(serial, 0.0)
    assert found >= face.get_width_height()[0] / 64 + 2 * 4.5


def test_long_lines_get_what_is_left() -> None:
    """Longer lines get more of it."""
    asset, serial, _, text = widths(_table(("a", "b", "1", "several words of a longer text")))
    assert asset is not None
    assert serial is not None
    assert text is not None
    assert text > 2 * max(asset, serial)


def test_a_word_that_may_be_broken_takes_its_first_part_only() -> None:
    """A name of 200 signs leaves room for the others."""
    found = widths(_table(("x" * 200, "b", "1", "c")))
    assert found[0] is not None
    assert found[0] < TEXT_PT
    assert _em("x" * BROKEN) * 8.2 < found[0]
