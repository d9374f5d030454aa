"""Dividing whole numbers so that nothing is lost: the method of the largest remainder (Hamilton's).

Energies are divided in tenths of a watt-hour and printed in watt-hours, as integers: whatever is
added up by hand from the printed digits gives the printed sum.
"""

from collections.abc import Sequence


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` ≥ 0 in proportion to weights ≥ 0 that are not all 0: each part is rounded down, and
    what is left goes, one each, to the largest remainders (of equals to the first)."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for number in order[: total - sum(parts)]:
        parts[number] += 1
    return parts


def settle(total: int, values: Sequence[int], per: int) -> list[int]:
    """Values (of either sign) in steps `per` times as coarse that sum to `total`, which is near to
    their own sum: rounded down, then the largest remainders up; what still differs is shared by all
    alike, again and again in that order."""
    if not values:
        return []
    parts = [value // per for value in values]
    order = sorted(range(len(values)), key=lambda n: (-(values[n] % per), n))
    each, rest = divmod(total - sum(parts), len(parts))
    parts = [part + each for part in parts]
    for number in order[:rest]:
        parts[number] += 1
    return parts
