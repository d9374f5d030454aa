"""Loads that nobody meters, across systems: the balance over all that is linked.

A system's own report takes what flows into it for its load when nobody meters one. Across systems
that is not so: what came in may be what another one measures. So systems are taken together that
links connect, as if they were one (DESIGN §5: one flow counts once):

- with a metered load among them the loads are what is metered; what the balance has beyond is
  unmetered and losses;
- without one the load is the balance of all their flows of record: at the one furthest downstream;
- where one of these flows is not known nobody can tell, and nothing counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from collector.model.assets import Link
from collector.model.report.quality import Note
from collector.model.totals import feeders, same_flows
from collector.model.unions import Unions
from reporting.event.places import Balance, Key, Stretch, joined
from reporting.measured.energies import INTO, OUT_OF
from reporting.profile.columns import BY_BALANCE

LOAD = "load_energy_kwh"
SOURCES = (*INTO, *OUT_OF)


class Known(NamedTuple):
    """What is there in a stretch. `owned`: the parts by their assets; `flows`: all flows of the
    parts that are known; `counting`: those that count; `metered`: parts with a meter of loads,
    `unknown`: parts with a flow of which nothing is known."""

    owned: Mapping[str, frozenset[int]]
    flows: Sequence[Key]
    counting: frozenset[Key]
    metered: frozenset[int]
    unknown: frozenset[int]


class Decided(NamedTuple):
    """`alone` counts by its own report, `together` holds what is taken together, `untold` what
    nobody can tell."""

    alone: tuple[Key, ...]
    together: tuple[Balance, ...]
    untold: tuple[Key, ...]


def decide(known: Known, links: Sequence[Link], during: Stretch) -> Decided:
    """What of the loads by balance counts in a stretch."""
    alone: list[Key] = []
    together: list[Balance] = []
    untold: list[Key] = []
    derived = [key for key in known.flows if key.asset == BY_BALANCE]
    if not derived:
        return Decided((), (), ())
    for parts in connected(known.owned, links):
        own = [key for key in derived if key.part in parts]
        if not own:
            continue
        if len(parts) == 1:
            (alone if known.metered.isdisjoint(parts) else untold).extend(own)
        elif not known.unknown.isdisjoint(parts):
            untold += own
        else:
            together.append(_balance(known, parts, own, during))
    return Decided(tuple(alone), tuple(together), tuple(untold))


def _balance(known: Known, parts: frozenset[int], own: Sequence[Key], during: Stretch) -> Balance:
    counting = [key for key in known.flows if key.part in parts and key in known.counting]
    metered = not known.metered.isdisjoint(parts)
    return Balance(
        head=_downstream(known, own),
        metered=metered,
        parts=tuple(sorted(parts)),
        during=(during,),
        flows={key: (during,) for key in counting if key.energy in SOURCES},
        loads={key: (during,) for key in counting if key.energy == LOAD},
    )


def _downstream(known: Known, own: Sequence[Key]) -> Key:
    """The load that is furthest from what feeds all: of whose sources the fewest count, the others
    being measured by those before it; of several the first."""

    def counting(key: Key) -> int:
        return sum(
            one.part == key.part and one.energy in ("grid_import_kwh", "generator_energy_kwh")
            for one in known.counting
        )

    return min(own, key=lambda key: (counting(key), key))


def connected(
    owned: Mapping[str, frozenset[int]], links: Sequence[Link]
) -> tuple[frozenset[int], ...]:
    """The parts that links connect, directly or over assets of none of them: who measures the same,
    and who is fed by whom. Two that are fed by a third that is not there are not connected."""
    same = same_flows(links)
    fed = feeders(links, same)
    owners: dict[str, set[int]] = {}
    for name, some in owned.items():
        owners.setdefault(same.of(name), set()).update(some)
    parts = Unions[int]()
    for flow, holding in owners.items():
        for part in (*holding, *_feeding(flow, fed, owners)):
            parts.join(min(holding), part)
    found: dict[int, set[int]] = {}
    for some in owned.values():
        for part in some:
            found.setdefault(parts.of(part), set()).add(part)
    return tuple(sorted(map(frozenset, found.values()), key=min))


def _feeding(
    flow: str, fed: Mapping[str, Sequence[str]], owners: Mapping[str, set[int]]
) -> set[int]:
    """The nearest parts upstream."""
    seen, ahead = {flow}, list(fed.get(flow, ()))
    found: set[int] = set()
    while ahead:
        name = ahead.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in owners:
            found |= owners[name]
        else:
            ahead += fed.get(name, ())
    return found


def merged(balances: Iterable[Balance]) -> tuple[Balance, ...]:
    """The same balances of several stretches in one."""
    found: dict[tuple[Key, bool, tuple[int, ...]], Balance] = {}
    for one in balances:
        place = (one.head, one.metered, one.parts)
        before = found.get(place)
        if before is not None:
            one = one._replace(
                during=joined((*before.during, *one.during)),
                flows=_both(before.flows, one.flows),
                loads=_both(before.loads, one.loads),
            )
        found[place] = one
    return tuple(found[place] for place in sorted(found))


Times = Mapping[Key, tuple[Stretch, ...]]


def _both(one: Times, other: Times) -> Times:
    keys = sorted({*one, *other})
    return {key: joined((*one.get(key, ()), *other.get(key, ()))) for key in keys}


def notes(
    balances: Iterable[Balance],
    alone: Iterable[Key],
    untold: Iterable[Key],
    name: Callable[[int], str],
) -> Iterable[Note]:
    """What has to be said of loads by balance; `name` of a part."""
    for one in balances:
        systems = ", ".join(sorted({name(part) for part in one.parts}))
        if one.metered:
            text = (
                f"{systems} are linked, and loads are metered there: these count. What the others "
                "take for a load by balance is no load of its own; what came in beyond the metered "
                "loads is unmetered and losses."
            )
        else:
            text = (
                f"{systems} are linked, and no load is metered there: their load is the balance of "
                f"all their flows together, and stands at {name(one.head.part)}."
            )
        yield Note(code="balance-together", about=name(one.head.part), text=text)
    for system in sorted({name(key.part) for key in untold}):
        text = (
            f"The load of {system} by balance is not counted: a flow that is linked to it is not "
            "known, or a load is metered there at times, so nobody can tell what of it is load."
        )
        yield Note(code="balance-untold", level="warning", about=system, text=text)
    systems = ", ".join(sorted({name(key.part) for key in alone}))
    if systems:
        text = (
            f"The load counts by balance at {systems}: no link says that another system measures "
            "what flows there."
        )
        yield Note(code="balance-alone", about="load_energy_kwh", text=text)
