"""Sets of sequence numbers as sorted ranges: small tuples, never changed in place."""

from collections.abc import Iterable, Iterator

from collector.journal.records import Ranges

EMPTY: Ranges = ()


def normal(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """The same numbers as rising, disjoint, never adjoining ranges; empty ones left out."""
    out: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if last < first:
            continue
        if out and first <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        else:
            out.append((first, last))
    return tuple(out)


def union(*parts: Ranges) -> Ranges:
    """All numbers of all parts."""
    return normal(pair for part in parts for pair in part)


def minus(ranges: Ranges, taken: Ranges) -> Ranges:
    """The numbers of `ranges` that are not in `taken`."""
    return tuple(_minus(ranges, taken)) if taken else ranges


def _minus(ranges: Ranges, taken: Ranges) -> Iterator[tuple[int, int]]:
    for first, last in ranges:
        start = first
        for low, high in taken:
            if high < start or low > last:
                continue
            if low > start:
                yield start, low - 1
            start = high + 1
        if start <= last:
            yield start, last


def clip(ranges: Ranges, first: int, last: int) -> Ranges:
    """The numbers of `ranges` from `first` to `last`."""
    return tuple((max(a, first), min(b, last)) for a, b in ranges if a <= last and b >= first)


def count(ranges: Ranges) -> int:
    """How many numbers there are."""
    return sum(last - first + 1 for first, last in ranges)
