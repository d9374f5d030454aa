"""Fuel tanks (`tank/<n>`); tanks of water and waste are no fuel."""

from collector.sources.victron.derive.common import Derived, Values, num

FUELS = frozenset({0.0, 6.0, 7.0, 8.0, 9.0})
"""`FluidType`: fuel, gasoline, diesel, LPG, LNG."""

LITRES_PER_M3 = 1000.0


def is_fuel(values: Values) -> bool:
    """Whether what is in the tank drives a generator."""
    return num(values, "FluidType") in FUELS


def tank(values: Values) -> Derived:
    """Level and content; none while the sensor is open, short or reversed (`Status` ≠ 0)."""
    if num(values, "Status") not in (None, 0.0):
        return Derived({"fuel_level_pct": None, "fuel_remaining_l": None})
    remaining = num(values, "Remaining")
    return Derived(
        {
            "fuel_level_pct": num(values, "Level"),
            "fuel_remaining_l": None if remaining is None else remaining * LITRES_PER_M3,
        }
    )
