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

from collections.abc import Container, Iterable, Mapping, Sequence

from msgspec import Struct

from collector.model.assets import Link
from collector.model.kinds import LinkType
from collector.model.snapshot import Check, Remainder, Total
from collector.model.unions import Unions

DEVIATION_FLOOR = 500.0
"""Below this many watts a deviation in per cent says nothing."""
DEVIATION_FLOOR_KWH = 5.0
LOADS = ("load_power_w", "load_energy_kwh")


class Flow(Struct, frozen=True):
    """One asset's value of a quantity; `good` says whether it may count now. `gone`: its device
    says that it is not there any more, so nothing is to be heard of it."""

    value: float | None
    good: bool
    gone: bool = False


class Group(Struct, frozen=True, kw_only=True):
    """Assets that measure one flow: who stands for it, who checks it, and who feeds it."""

    asset: str
    checks: tuple[str, ...]
    parent: str | None


def groups(assets: Iterable[str], links: Sequence[Link], quantity: str) -> tuple[Group, ...]:
    """The flows of `quantity` among `assets` (those that have it), ordered by id.

    A flow is all that is linked by `same_as`, over assets without the quantity too; the one that
    refers to no other stands for it, else the next one. A ring of `same_as` or `behind` is broken
    at the smallest id, so that nothing is lost.
    """
    covering = [k for k in links if k.covers(quantity) and k.asset != k.other]
    same = same_flows(covering)
    depth = _depths(covering)
    members: dict[str, list[str]] = {}
    for name in sorted(set(assets)):
        members.setdefault(same.of(name), []).append(name)
    stands = {
        flow: min(names, key=lambda name: (depth.get(name, 0), name))
        for flow, names in members.items()
    }
    fed = feeders(covering, same)
    behind: dict[str, str] = {}
    for flow, name in stands.items():
        parent = _counting(flow, fed, stands, onwards=quantity in LOADS)
        if parent is not None:
            behind[name] = stands[parent]
    rings = {a for a in behind if _in_ring(a, behind)}
    heads = {min(_ring_of(a, behind)) for a in rings}
    return tuple(
        Group(
            asset=name,
            checks=tuple(other for other in members[flow] if other != name),
            parent=None if name in heads else behind.get(name),
        )
        for name, flow in sorted((name, flow) for flow, name in stands.items())
    )


def same_flows(links: Iterable[Link]) -> Unions[str]:
    """What is the same flow by `same_as`; the smallest id stands for it."""
    same = Unions[str]()
    for k in links:
        if k.type is LinkType.SAME_AS:
            same.join(k.asset, k.other)
    return same


def _depths(links: Sequence[Link]) -> Mapping[str, int]:
    """How many steps of `same_as` each asset is away from one that refers to no other."""
    step: dict[str, str] = {}
    for k in links:
        if k.type is LinkType.SAME_AS:
            step.setdefault(k.asset, k.other)
    depths = {}
    for name in step:
        seen = {name}
        at = name
        while (following := step.get(at)) is not None and following not in seen:
            seen.add(following)
            at = following
        depths[name] = len(seen)
    return depths


def feeders(links: Iterable[Link], same: Unions[str]) -> Mapping[str, list[str]]:
    """The flows that each flow is fed by, in the order of the links; flows as in `same_flows`."""
    fed: dict[str, list[str]] = {}
    for k in links:
        child, parent = same.of(k.asset), same.of(k.other)
        if k.type is LinkType.BEHIND and child != parent:
            fed.setdefault(child, []).append(parent)
    return fed


def _counting(
    flow: str, fed: Mapping[str, list[str]], having: Container[str], *, onwards: bool
) -> str | None:
    """The nearest flow upstream that somebody measures; `onwards`: also beyond those that nobody
    does."""
    seen = {flow}
    ahead = list(fed.get(flow, ()))
    while ahead:
        parent = ahead.pop(0)
        if parent in seen:
            continue
        if parent in having:
            return parent
        seen.add(parent)
        if onwards:
            ahead += fed.get(parent, ())
    return None


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

    A flow that is not good is left out, and the total is partial; so is one that has no value while
    a check or a part of it does. Of a counter what was counted until then stays in the sum, which
    is then the least that it can be. Where what stands for a flow is gone, a good check does so.
    """
    floor = DEVIATION_FLOOR_KWH if counter else DEVIATION_FLOOR
    parts = _parts(plan)
    counted: list[str] = []
    left_out: list[str] = []
    value: float | None = None
    for group in plan:
        if group.parent is not None:
            continue
        name = group.asset if counter else _standing(flows, group)
        flow = flows[name]
        if flow.good and flow.value is not None:
            counted.append(name)
        elif not flow.good or _seen(flows, (*group.checks, *parts.get(group.asset, ())), floor):
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
        remainders=tuple(_remainders(flows, parts)),
    )


def _standing(flows: Mapping[str, Flow], group: Group) -> str:
    """Whose value is that of the flow now."""
    if not flows[group.asset].gone:
        return group.asset
    good = (name for name in group.checks if _known(flows, name) is not None)
    return next(good, group.asset)


def _parts(plan: Sequence[Group]) -> Mapping[str, list[str]]:
    """Who is fed by whom, by the one that feeds."""
    parts: dict[str, list[str]] = {}
    for group in plan:
        if group.parent is not None:
            parts.setdefault(group.parent, []).append(group.asset)
    return parts


def _seen(flows: Mapping[str, Flow], names: Iterable[str], floor: float) -> bool:
    """Whether one of these shows that something flows."""
    return any(abs(_known(flows, name) or 0.0) >= floor for name in names)


def _known(flows: Mapping[str, Flow], name: str) -> float | None:
    flow = flows[name]
    return flow.value if flow.good else None


def _deviation(flows: Mapping[str, Flow], name: str, of: str, *, counter: bool) -> float | None:
    ours, reference = _known(flows, name), _known(flows, of)
    floor = DEVIATION_FLOOR_KWH if counter else DEVIATION_FLOOR
    if ours is None or reference is None or abs(reference) < floor:
        return None
    return (ours - reference) / abs(reference) * 100


def _remainders(flows: Mapping[str, Flow], parts: Mapping[str, list[str]]) -> Iterable[Remainder]:
    for parent, names in parts.items():
        values = [_known(flows, name) for name in (parent, *names)]
        known = [v for v in values if v is not None]
        if len(known) == len(values):
            yield Remainder(parent=parent, children=tuple(names), value=known[0] - sum(known[1:]))
