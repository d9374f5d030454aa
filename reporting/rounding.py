"""How figures of a report are rounded: once, where they enter it.

Half goes away from nought in decimal (0.0005 kWh → 0.001), so that what is printed is what a person
reckons by hand from the digits of the repr.
"""

from decimal import ROUND_HALF_UP, Decimal

KWH, KW, VOLTS, HERTZ, PERCENT, LITRES, KG, MONEY, HOURS, AMPS = 3, 3, 2, 3, 2, 2, 2, 2, 4, 2
"""Decimals of each kind of figure."""
_EXACT, _NEAR_TIE = 1e12, 1e-3
"""Below so many steps of the last decimal a double's own error is less than so much of a step."""


def rounded(value: float | None, decimals: int) -> float | None:
    """`value` with so many decimals; None stays None. Never gives -0.0.

    Raises ValueError for a value that is not finite.
    """
    return None if value is None else known(value, decimals)


def known(value: float, decimals: int) -> float:
    """`value` with so many decimals. Raises ValueError for a value that is not finite."""
    near, scale = round(float(value), decimals), 10**decimals
    if abs(value) * scale < _EXACT and abs(abs(value - near) * scale - 0.5) > _NEAR_TIE:
        return near + 0.0  # no tie: both ways of rounding agree
    exact = Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"{value} is no figure of a report")
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0


def kwh(value: float | None) -> float | None:
    """Kilowatt-hours."""
    return rounded(value, KWH)


def kw(value: float | None) -> float | None:
    """Kilowatts."""
    return rounded(value, KW)


def percent(value: float | None) -> float | None:
    """Per cent."""
    return rounded(value, PERCENT)
