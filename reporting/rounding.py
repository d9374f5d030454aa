"""How figures of a report are rounded: once, where they enter it.

Half goes away from nought in decimal (0.0005 kWh → 0.001), so that what is printed is what a person
reckons by hand from the digits of the repr.
"""

from collector.model.rounding import half_up

KWH, KW, VOLTS, HERTZ, PERCENT, LITRES, KG, MONEY, HOURS, AMPS = 3, 3, 2, 3, 2, 2, 2, 2, 4, 2
"""Decimals of each kind of figure."""


def rounded(value: float | None, decimals: int) -> float | None:
    """`value` with so many decimals; None stays None. Never gives -0.0.

    Raises ValueError for a value that is not finite.
    """
    return None if value is None else half_up(value, decimals)


def kwh(value: float | None) -> float | None:
    """Kilowatt-hours."""
    return rounded(value, KWH)


def kw(value: float | None) -> float | None:
    """Kilowatts."""
    return rounded(value, KW)


def percent(value: float | None) -> float | None:
    """Per cent."""
    return rounded(value, PERCENT)
