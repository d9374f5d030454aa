"""How figures are rounded, wherever people read them: on a screen as in a report."""

from decimal import ROUND_HALF_UP, Decimal

_EXACT, _NEAR_TIE = 1e12, 1e-3
"""Below so many steps of the last decimal a double's own error is less than so much of a step."""


def half_up(value: float, decimals: int) -> float:
    """`value` with so many decimals, half away from nought in decimal (0.0005 → 0.001, 221.85 →
    221.9), so that it is what a person reckons by hand from the digits. Never gives -0.0.

    Raises ValueError for a value that is not finite.
    """
    near, scale = round(float(value), decimals), 10**decimals
    if abs(value) * scale < _EXACT and abs(abs(value - near) * scale - 0.5) > _NEAR_TIE:
        return near + 0.0  # no tie: both ways of rounding agree
    exact = Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"{value} is no figure: it cannot be rounded")
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0


def decimal(value: float, decimals: int) -> str:
    """`value` as text with exactly so many decimals, thousands apart by a comma; what is not finite
    as Python writes it."""
    finite = value - value == 0
    return f"{half_up(value, decimals) if finite else value:,.{decimals}f}"


def digits(value: float, most: int = 3) -> str:
    """`value` as text with as many decimals as it has and at most `most`, thousands apart by a
    comma: what a counter shows."""
    text = decimal(value, most)
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float, decimals: int) -> str:
    """`decimal` with its sign: how far one figure is beside another; of nought `+0.0`."""
    text = decimal(value, decimals)
    return text if text.startswith("-") else f"+{text}"
