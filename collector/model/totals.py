"""The totals rule: one flow counts once.

For a quantity, assets that measure the same flow (`same_as`) form a group; the one that all others
refer to stands for it, the others are checks. A group that is fed by another group with the same
quantity (`behind`) is a part of it: the parent counts, and parent minus children is what nobody
metered, and losses.

Links lead on through assets that do not have the quantity: the same as the same is the same, and a
load fed by something that is fed by a meter of loads is a part of what that meter measures. (Not so
with sources: a panel behind a stage's distribution is no part of what a battery system upstream
calls its solar power.)
"""

from collections.abc import Iterable, Mapping, Sequence, Set

from msgspec import Struct, structs

from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.model.snapshot import Check, Remainder, Total

DEVIATION_FLOOR = 500.0
"""Below this many watts a deviation in per cent says nothing."""
DEVIATION_FLOOR_KWH = 5.0
LOADS = ("load_power_w", "load_energy_kwh")


class Flow(Struct, frozen=True):
    """One asset's value of a quantity; `good` says whether it may count now."""

    value: float | None
    good: bool


class Group(Struct, frozen=True, kw_only=True):
    """Assets that measure one flow: who stands for it, who checks it, and who feeds it."""

    asset: str
    checks: tuple[str, ...]
    parent: str | None


def groups(assets: Iterable[str], links: Sequence[Link], quantity: str) -> tuple[Group, ...]:
    """The flows of `quantity` among `assets` (those that have it), ordered by id.

    A ring of `same_as` or `behind` is broken at the smallest id, so that nothing is lost.
    """
    names = sorted(set(assets))
    have = set(names)
    relevant = [k for k in _led_on(links, quantity, have) if k.other in have]
    same = {k.asset: k.other for k in relevant if k.type is LinkType.SAME_AS and k.asset != k.other}
    stands = {name: _follow(name, same) for name in names}
    behind: dict[str, str] = {}
    for k in relevant:
        child, parent = stands[k.asset], stands[k.other]
        if k.type is LinkType.BEHIND and child != parent:
            behind.setdefault(child, parent)
    rings = {a for a in behind if _in_ring(a, behind)}
    heads = {min(_ring_of(a, behind)) for a in rings}
    return tuple(
        Group(
            asset=name,
            checks=tuple(other for other in names if stands[other] == name and other != name),
            parent=None if name in heads else behind.get(name),
        )
        for name in names
        if stands[name] == name
    )


def _led_on(links: Sequence[Link], quantity: str, have: Set[str]) -> Iterable[Link]:
    """The links of `have`, each led on to the nearest asset in `have` where there is one."""
    onwards: dict[str, Link] = {}
    for k in links:
        if k.covers(quantity):
            onwards.setdefault(k.asset, k)
    for k in links:
        if not k.covers(quantity) or k.asset not in have:
            continue
        found, passed = k, {k.asset}
        while found.other not in have and found.other not in passed:
            passed.add(found.other)
            following = onwards.get(found.other)
            if following is None:
                break
            both = {found.type, following.type}
            if LinkType.BEHIND in both and quantity not in LOADS:
                break
            kind = LinkType.BEHIND if LinkType.BEHIND in both else LinkType.SAME_AS
            found = structs.replace(found, type=kind, other=following.other)
        yield found


def _follow(name: str, step: Mapping[str, str]) -> str:
    seen = [name]
    while (following := step.get(seen[-1])) is not None:
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
    return seen[-1]


def _ring_of(name: str, step: Mapping[str, str]) -> list[str]:
    ring = [name]
    while (following := step[ring[-1]]) != name:
        ring.append(following)
    return ring


def _in_ring(name: str, step: Mapping[str, str]) -> bool:
    seen = {name}
    at = name
    while (following := step.get(at)) is not None:
        if following == name:
            return True
        if following in seen:
            return False
        seen.add(following)
        at = following
    return False


def total(
    quantity: str, flows: Mapping[str, Flow], plan: Sequence[Group], *, counter: bool = False
) -> Total:
    """The site's total of `quantity` over the groups of `plan`.

    A flow that is not good is left out, and the total is partial. Of a counter what was counted
    until then stays in the sum, which is then the least that it can be.
    """
    counted: list[str] = []
    left_out: list[str] = []
    value: float | None = None
    for group in plan:
        if group.parent is not None:
            continue
        flow = flows[group.asset]
        if flow.good and flow.value is not None:
            counted.append(group.asset)
        elif not flow.good:
            left_out.append(group.asset)
        if flow.value is not None and (flow.good or counter):
            value = flow.value + (value or 0.0)
    return Total(
        quantity=quantity,
        value=value,
        counted=tuple(counted),
        left_out=tuple(left_out),
        checks=tuple(
            Check(
                asset=name,
                of=group.asset,
                deviation_pct=_deviation(flows, name, group.asset, counter=counter),
            )
            for group in plan
            for name in group.checks
        ),
        remainders=tuple(_remainders(flows, plan)),
    )


def _known(flows: Mapping[str, Flow], name: str) -> float | None:
    flow = flows[name]
    return flow.value if flow.good else None


def _deviation(flows: Mapping[str, Flow], name: str, of: str, *, counter: bool) -> float | None:
    ours, reference = _known(flows, name), _known(flows, of)
    floor = DEVIATION_FLOOR_KWH if counter else DEVIATION_FLOOR
    if ours is None or reference is None or abs(reference) < floor:
        return None
    return (ours - reference) / abs(reference) * 100


def _remainders(flows: Mapping[str, Flow], plan: Sequence[Group]) -> Iterable[Remainder]:
    children: dict[str, list[str]] = {}
    for group in plan:
        if group.parent is not None:
            children.setdefault(group.parent, []).append(group.asset)
    for parent, names in children.items():
        values = [_known(flows, name) for name in (parent, *names)]
        known = [v for v in values if v is not None]
        if len(known) == len(values):
            yield Remainder(parent=parent, children=tuple(names), value=known[0] - sum(known[1:]))
