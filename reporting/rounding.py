"""How figures of a report are rounded: once, where they enter it.

Half goes away from nought in decimal (0.0005 kWh → 0.001), so that what is printed is what a person
reckons by hand from the digits of the repr.
"""

from decimal import ROUND_HALF_UP, Decimal

KWH, KW, VOLTS, HERTZ, PERCENT, LITRES, KG, MONEY, HOURS, AMPS = 3, 3, 2, 3, 2, 2, 2, 2, 4, 2
"""Decimals of each kind of figure."""


def rounded(value: float | None, decimals: int) -> float | None:
    """`value` with so many decimals; None stays None. Never gives -0.0.

    Raises ValueError for a value that is not finite.
    """
    return None if value is None else known(value, decimals)


def known(value: float, decimals: int) -> float:
    """`value` with so many decimals. Raises ValueError for a value that is not finite."""
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
