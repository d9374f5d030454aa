"""What a flow is in an event: when it counts, what stands for it, what is taken together."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Key(NamedTuple):
    """One flow of one part: `asset` is the node's own id, `energy` a counter of the catalogue."""

    part: int
    asset: str
    energy: str


class Stretch(NamedTuple):
    """A time, UTC ms, the end excluded."""

    from_ms: int
    to_ms: int


class Place(NamedTuple):
    """What a flow is in the event: when its asset belonged to its system, when it counts, and what
    stands for it when it does not (`node/asset` of the first such)."""

    owned: tuple[Stretch, ...]
    counts: tuple[Stretch, ...]
    same_as: str = ""
    behind: str = ""


class Behind(NamedTuple):
    """A flow that was a part of another for a time."""

    child: Key
    parent: Key
    during: Stretch


class Balance(NamedTuple):
    """Parts that links connect, of which one or several have a load by balance, at `head` the one
    furthest downstream: when, and in which times which flows and metered loads of theirs count.
    `metered`: there are meters of loads, so the balance is not load."""

    head: Key
    metered: bool
    parts: tuple[int, ...]
    during: tuple[Stretch, ...]
    flows: Mapping[Key, tuple[Stretch, ...]]
    loads: Mapping[Key, tuple[Stretch, ...]]


class Plan(NamedTuple):
    """For each part the flows that it knows an energy of, each with its place."""

    places: tuple[Mapping[Key, Place], ...]
    behind: tuple[Behind, ...]
    twins: tuple[tuple[str, str], ...]
    """Assets of two nodes that are one unit: the first counts."""
    balances: tuple[Balance, ...] = ()
    alone: tuple[Key, ...] = ()
    """Loads by balance that count, at times, by their own report."""
    untold: tuple[Key, ...] = ()
    """Loads by balance of which, at times, nobody can tell what is load."""


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches in order, those that touch made one."""
    found: list[Stretch] = []
    for one in stretches:
        if found and found[-1].to_ms == one.from_ms:
            found[-1] = Stretch(found[-1].from_ms, one.to_ms)
        else:
            found.append(one)
    return tuple(found)
