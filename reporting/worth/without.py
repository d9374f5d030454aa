"""What the grid would have given without the battery, minute by minute.

What the loads took less what generators and PV gave: the meters on the AC side know it without any
conversion loss. Where no load is measured: the grid's power less what the battery took
(`battery_power_w` is + when charging, and mostly DC, so it includes the inverter's losses).
"""

from collections.abc import Sequence

from reporting.worth.facts import BATTERY, GENERATOR, GRID, LOAD, PV, Facts


def grid_without(facts: Facts) -> tuple[Sequence[float | None], str]:
    """kW by minute (negative: sent to the grid), and how it was reckoned; None in minutes in which
    any of its parts, or the grid itself, was not seen. Empty when it cannot be told at all."""
    if GRID not in facts.flows:
        return (), "the grid was not measured"
    if LOAD in facts.flows:
        others = [power for power in (GENERATOR, PV) if power in facts.flows]
        return _less(facts, LOAD, others), "load less generators and PV"
    if BATTERY in facts.flows:
        return _less(facts, GRID, [BATTERY]), "grid less what the battery took"
    return (), "neither the load nor the battery was measured"


def _less(facts: Facts, first: str, others: Sequence[str]) -> list[float | None]:
    found: list[float | None] = []
    for index in range(len(facts.starts_ms)):
        value = facts.kw(first, index)
        parts = [facts.kw(power, index) for power in others]
        if value is None or facts.kw(GRID, index) is None:
            found.append(None)
            continue
        known = [part for part in parts if part is not None]
        found.append(value - sum(known) if len(known) == len(parts) else None)
    return found
