"""Rounding as a person does it by hand from the digits."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reporting.rounding import known

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
    assert repr(known(value, decimals)) == repr(float(exact) + 0.0)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_is_no_figure(value):
    """Nothing of a report is infinite."""
    with pytest.raises(ValueError, match="no figure"):
        known(value, 2)
