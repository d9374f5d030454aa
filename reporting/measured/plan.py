"""Who counts when: the totals rule (`collector.model.totals`) with the links of each time.

Links, systems and roles are dated, so the window is cut into *epochs* in which none changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct, structs

from collector.model.assets import Link
from collector.model.assignment import Held
from collector.model.catalogue import CATALOGUE, ENERGIES, MAIN_POWER, POWERS
from collector.model.kinds import AssetKind, LinkType
from collector.model.totals import Group, groups
from reporting.measured.corrections import FAMILIES
from reporting.measured.model import Track
from reporting.measured.rows import as_rows

LINK_TYPES = set(LinkType)


class Epoch(Struct, frozen=True, kw_only=True):
    """A time in which the flows of record are the same: for each quantity its groups."""

    from_ms: int
    to_ms: int
    groups: Mapping[str, Sequence[Group]]

    def counted(self, quantity: str) -> list[str]:
        """The assets that make up the total of a quantity."""
        return [one.asset for one in self.groups.get(quantity, ()) if one.parent is None]


def moments(dated: Iterable[Held | Link]) -> set[int]:
    """When links begin and end."""
    return {at for one in dated for at in (one.from_ms, one.to_ms) if isinstance(at, int)}


def epochs(
    tracks: Sequence[Track],
    links: Sequence[Link],
    dated: Sequence[Held],
    from_ms: int,
    to_ms: int,
) -> list[Epoch]:
    """The epochs of [from_ms, to_ms), in order."""
    edges = {from_ms, to_ms, *(at for one in tracks for at in (one.from_ms, one.to_ms))}
    edges |= moments((*dated, *links))
    ends = sorted(at for at in edges if from_ms <= at <= to_ms)
    having = _having(tracks)
    found: list[Epoch] = []
    for start, end in pairwise(ends):
        present = {one.asset.id: one for one in tracks if one.from_ms <= start and one.to_ms >= end}
        valid = links_at(links, dated, {a: t.kind for a, t in present.items()}, start)
        plan = {}
        for quantity, names in having.items():
            here = [a for a, t in present.items() if (a, t.kind) in names]
            if here:
                plan[quantity] = groups(here, valid, quantity)
        epoch = Epoch(from_ms=start, to_ms=end, groups=plan)
        if found and found[-1].groups == plan:
            epoch = structs.replace(epoch, from_ms=found.pop().from_ms)
        found.append(epoch)
    return found


def _having(tracks: Sequence[Track]) -> Mapping[str, set[tuple[str, AssetKind]]]:
    """Who has a part in each quantity: whoever told it at any time as that kind; of an asset that
    told nothing at all what its kind is there for. An energy also by its power."""
    told: dict[tuple[str, AssetKind], set[str]] = {}
    for track in tracks:
        told.setdefault((track.asset.id, track.kind), set()).update(as_rows(track.rows).told())
    found: dict[str, set[tuple[str, AssetKind]]] = {q: set() for q in (*POWERS, *ENERGIES)}
    for one, keys in told.items():
        wanted = keys or {MAIN_POWER.get(one[1], "")}
        for quantity, names in found.items():
            if quantity in wanted or FAMILIES.get(quantity) in wanted:
                names.add(one)
    return {quantity: names for quantity, names in found.items() if names}


def links_at(
    found: Iterable[Link], dated: Iterable[Held], kinds: Mapping[str, AssetKind], at_ms: int
) -> list[Link]:
    """The links in force at a moment, of those `found` by devices too. A person's word about an
    asset replaces what a device says of it, for the same type of link and the quantities that the
    named asset can have (the rule of the live site, `collector.site.links`)."""
    said = [
        Link(asset=one.asset, type=LinkType(one.value), other=one.key)
        for one in dated
        if one.value in LINK_TYPES
        and one.from_ms <= at_ms
        and (one.to_ms is None or one.to_ms > at_ms)
    ]
    named: dict[tuple[str, LinkType], list[str]] = {}
    for link in said:
        named.setdefault((link.asset, link.type), []).append(link.other)
    left = (
        _beside(link, named.get((link.asset, link.type), ()), kinds)
        for link in found
        if link.holds(at_ms)
    )
    return [*said, *(link for link in left if link is not None)]


def _beside(link: Link, named: Sequence[str], kinds: Mapping[str, AssetKind]) -> Link | None:
    if not named:
        return link
    if link.quantities is None or any(name not in kinds for name in named):
        return None
    having = {kinds[name] for name in named}
    rest = frozenset(q for q in link.quantities if having.isdisjoint(CATALOGUE[q].kinds))
    return structs.replace(link, quantities=rest) if rest else None
