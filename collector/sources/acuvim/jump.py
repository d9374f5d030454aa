"""Values that moved as a change of the meter's settings moves them."""

from collections.abc import Iterator

from collector.sources.acuvim.decode import Values
from collector.sources.acuvim.settings import Settings

VOLTS = (0.75, 1.33)
AMPERES = (0.6, 1.7)
"""What lies outside between two polls; the amperes of all phases together."""
LEAST_V, LEAST_A = 1.0, 0.05
ENERGIES = ("ep_import", "ep_export", "eq_import", "eq_export", "es")
RATE = 3.0
"""Of what the larger of two apparent powers makes in the time."""
COUNTS = 3


def jumped(before: Values, now: Values, seconds: float, settings: Settings) -> bool:
    """Whether values may have been scaled in another way between two polls: volts or all amperes
    moved at once, or energies fell or grew as nothing can. Settings that are asked again then cost
    a request; values that are used with the wrong ones would stand in totals for ever."""
    return (
        any(_outside(ratio, VOLTS) for ratio in _ratios(before, now, ("u1", "u12"), LEAST_V))
        or _all_outside(list(_ratios(before, now, ("i1", "i2", "i3"), LEAST_A)))
        or _energies_moved(before, now, seconds, settings)
    )


def _ratios(before: Values, now: Values, names: tuple[str, ...], least: float) -> Iterator[float]:
    for name in names:
        was, is_ = abs(before.get(name) or 0.0), abs(now.get(name) or 0.0)
        if was > least and is_ > least:
            yield is_ / was


def _outside(ratio: float, bounds: tuple[float, float]) -> bool:
    return not bounds[0] <= ratio <= bounds[1]


def _all_outside(ratios: list[float]) -> bool:
    return bool(ratios) and (max(ratios) < AMPERES[0] or min(ratios) > AMPERES[1])


def _energies_moved(before: Values, now: Values, seconds: float, settings: Settings) -> bool:
    powers = [abs(values.get("s_total") or 0.0) for values in (before, now)]
    most = RATE * max(powers) * seconds / 3.6e6 + COUNTS * settings.kwh_per_count
    for name in ENERGIES:
        was, is_ = before.get(name), now.get(name)
        if was is not None and is_ is not None and not 0.0 <= is_ - was <= most:
            return True
    return False
