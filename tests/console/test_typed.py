"""Numbers as people type them."""

import pytest

from ovr_tui.console.form.typed import read_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1200", 1200),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("1,5", 1.5),
        ("1,25", 1.25),
        ("-0,125", -0.125),
        (".5", 0.5),
        ("1,615.7", 1615.7),
        ("12,345,678", 12_345_678),
        ("-12,345,678.9", -12_345_678.9),
        ("1 615,7", 1615.7),
        ("1\u202f615.7", 1615.7),
        ("33165,5", 33165.5),
        ("1e3", 1000),
    ],
)
def test_read(text: str, value: float) -> None:
    """Thousands may be kept apart as reports do, decimals be parted by a comma."""
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,200", "write 1200 or 1.200: the comma may mean either"),
        ("-33,165", "write -33165 or -33.165: the comma may mean either"),
    ],
)
def test_either(text: str, why: str) -> None:
    """A number that would be a thousand times too small or too large is asked for anew."""
    with pytest.raises(ValueError, match="either") as told:
        read_number(text)
    assert str(told.value) == why


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1 2",
        "1,2,3",
        "1.2.3",
        "1,20.5",
        "12,345,6789",
        "1 2345",
        "nan",
        "inf",
        "1e999",
        "1_000",
        "--1",
        ",",
    ],
)
def test_none(text: str) -> None:
    """Whatever else is no number."""
    with pytest.raises(ValueError, match="a number is needed here"):
        read_number(text)
