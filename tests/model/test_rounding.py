"""Rounding as a person does it by hand from the digits."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from collector.model.rounding import decimal, digits, half_up, signed

FIGURES = st.one_of(
    st.floats(min_value=-1e15, max_value=1e15),
    st.floats(min_value=-1e6, max_value=1e6),
    st.integers(-(10**9), 10**9).map(lambda count: count / 2000),
)


@given(FIGURES, st.integers(0, 6))
@example(0.0005, 3)
@example(-0.0005, 3)
@example(2.675, 2)
@example(-0.0001, 2)
def test_half_goes_away_from_nought_in_decimal(value, decimals):
    """Of all values what the digits of the repr come to, and never -0.0."""
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert repr(half_up(value, decimals)) == repr(float(exact) + 0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_no_figure(value):
    """Nothing of a report is infinite."""
    with pytest.raises(ValueError, match="no figure"):
        half_up(value, 2)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (221.85, 1, "221.9"),
        (-221.85, 1, "-221.9"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-0.04, 1, "0.0"),
        (1234567.005, 2, "1,234,567.01"),
        (float("inf"), 1, "inf"),
    ],
)
def test_as_text(value: float, decimals: int, text: str) -> None:
    """A screen prints what a report prints; the machine's own rounding would give 221.8."""
    assert decimal(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.85, "1,234,567.85"),
        (12345.67, "12,345.67"),
        (1000.0, "1,000"),
        (0.1 + 0.2, "0.3"),
        (0.0005, "0.001"),
        (-0.0001, "0"),
        (float("inf"), "inf"),
    ],
)
def test_a_counter_keeps_its_digits(value, text):
    """No digit of a register is lost but what is beyond three decimals, and no nought is added."""
    assert digits(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(2.25, "+2.3"), (-2.25, "-2.3"), (-0.04, "+0.0"), (1234.56, "+1,234.6")]
)
def test_a_deviation_has_its_sign(value, text):
    """Never -0.0."""
    assert signed(value, 1) == text
