"""Which flows count in an event, and when: the totals rule over all its systems (DESIGN §5).

Within a system its own report has applied the rule. Across systems it is applied again on the
union of their assets and links, for each stretch of time in which the same systems took part and
the same links held: a stage's transformer behind a battery system counts while that system is not
there to measure it, and counts as a part of it while it is. Loads by balance are decided apart
(`reporting.event.balance`).
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import structs

from collector.model.assets import Link
from collector.model.assignment import OTHERS, Fact, Held
from collector.model.catalogue import ENERGIES
from collector.model.kinds import AssetKind, LinkType
from collector.model.report_input import ReportInputs
from collector.model.totals import groups
from reporting.event.balance import LOAD, SOURCES, Decided, Known, decide, merged
from reporting.event.parts import Part
from reporting.event.places import Behind, Key, Place, Plan, Stretch, joined
from reporting.measured.plan import links_at, moments
from reporting.profile.columns import BY_BALANCE

MIN_SERIAL = 4
"""Shorter serials are placeholders (`collector.site.links`)."""


class _Holder(NamedTuple):
    """A flow, and when its asset belonged to the part's system."""

    key: Key
    name: str
    owned: tuple[Stretch, ...]


def plan(parts: Sequence[Part]) -> Plan:
    """The places of all flows of `parts`, which are in order."""
    holders = [one for index, part in enumerate(parts) for one in _holders(index, part)]
    twins = tuple(_twins(parts))
    kinds = _kinds(parts)
    always = [
        Link(asset=other, type=LinkType.SAME_AS, other=one, why="serial") for one, other in twins
    ]
    owned = [(name, i, own) for i, part in enumerate(parts) for name, own in _owned(part)]
    decided: list[Decided] = []
    counts: dict[Key, list[Stretch]] = {}
    instead: dict[Key, tuple[str, str]] = {}
    behind: list[Behind] = []
    for during in map(Stretch._make, pairwise(_cuts(holders, parts))):
        there = [one for one in holders if any(_within(during, own) for own in one.owned)]
        present = sorted({one.key.part for one in there})
        links = [*always]
        for part in (parts[index] for index in present):
            links += _links(part, kinds[part.ref.node], during.from_ms)
        now: list[Key] = []
        for energy in ENERGIES:
            known: dict[str, Key] = {}
            for one in there:
                if one.key.energy == energy and one.key.asset != BY_BALANCE:
                    known.setdefault(one.name, one.key)
            for group in groups(known, links, energy):
                head = known[group.asset]
                if group.parent is None:
                    now.append(head)
                else:
                    instead.setdefault(head, ("", group.parent))
                    behind.append(Behind(head, known[group.parent], during))
                for check in group.checks:
                    instead.setdefault(known[check], (group.asset, ""))
        told = decide(_known(parts, owned, there, now, during), links, during)
        decided.append(told)
        for head in (*now, *told.alone):
            counts.setdefault(head, []).append(during)
    places: list[dict[Key, Place]] = [{} for _ in parts]
    for one in holders:
        other = instead.get(one.key, ("", ""))
        places[one.key.part][one.key] = Place(one.owned, joined(counts.get(one.key, ())), *other)
    return Plan(
        tuple(places),
        tuple(behind),
        twins,
        balances=merged(one for told in decided for one in told.together),
        alone=tuple(sorted({key for told in decided for key in told.alone})),
        untold=tuple(sorted({key for told in decided for key in told.untold})),
    )


def _within(during: Stretch, whole: Stretch) -> bool:
    return whole.from_ms <= during.from_ms and during.to_ms <= whole.to_ms


def _holders(index: int, part: Part) -> Iterable[_Holder]:
    for energy, assets in _own_flows(part).items():
        for asset in assets:
            owned = (_window(part),) if asset == BY_BALANCE else ownership(part.inputs, asset)
            yield _Holder(Key(index, asset, energy), _name(part, asset), owned)


def _window(part: Part) -> Stretch:
    return Stretch(part.report.head.from_ms, part.report.head.to_ms)


def _own_flows(part: Part) -> Mapping[str, tuple[str, ...]]:
    """The assets by the energy that the part knows of them, those of other systems left out."""
    found: dict[str, list[str]] = {}
    for flow in part.report.energy.flows:
        if flow.kwh is not None and flow.flow in ENERGIES and ownership(part.inputs, flow.asset):
            found.setdefault(flow.flow, []).append(flow.asset)
    if part.report.energy.load_kwh is not None and "load_energy_kwh" not in found:
        found["load_energy_kwh"] = [BY_BALANCE]
    return {energy: tuple(sorted(set(assets))) for energy, assets in found.items()}


def _name(part: Part, asset: str) -> str:
    """An asset's id in the event; a load by balance is one of its system."""
    below = f"{part.ref.system}/" if asset == BY_BALANCE else ""
    return f"{part.ref.node}/{below}{asset}"


def _owned(part: Part) -> Iterable[tuple[str, tuple[Stretch, ...]]]:
    """All assets of a part, with when they belonged to its system."""
    for asset in part.inputs.assets:
        yield _name(part, asset.id), ownership(part.inputs, asset.id)


def _known(
    parts: Sequence[Part],
    owned: Iterable[tuple[str, int, tuple[Stretch, ...]]],
    there: Iterable[_Holder],
    counting: Iterable[Key],
    during: Stretch,
) -> Known:
    owners: dict[str, set[int]] = {}
    for name, index, own in owned:
        if any(_within(during, one) for one in own):
            owners.setdefault(name, set()).add(index)
    present = {index for some in owners.values() for index in some}
    found: dict[bool, set[int]] = {True: set(), False: set()}
    for index in present:
        for flow in parts[index].report.energy.flows:
            load = flow.flow == LOAD
            told = load or (flow.counted and flow.kwh is None and flow.flow in SOURCES)
            if told and index in owners.get(_name(parts[index], flow.asset), ()):
                found[load].add(index)
    return Known(
        owned={name: frozenset(some) for name, some in owners.items()},
        flows=[one.key for one in there],
        counting=frozenset(counting),
        metered=frozenset(found[True]),
        unknown=frozenset(found[False]),
    )


def ownership(inputs: ReportInputs, asset: str) -> tuple[Stretch, ...]:
    """When an asset belonged to the report's system, within its window; empty for one that is only
    linked to it. Said of an asset goes before said of its device (`Timeline.system`)."""
    device, _, role = asset.partition(".")
    asked = [(asset, ""), *([(device, OTHERS), (device, "")] if role else [])]
    said = [one for one in inputs.assignments if one.what is Fact.SYSTEM]
    known = next((one.system for one in inputs.assets if one.id == asset), None)
    if known is None:
        return ()
    cuts = {inputs.from_ms, inputs.to_ms}
    for one in said:
        if (one.asset, one.key) in asked:
            cuts.update((one.from_ms, inputs.to_ms if one.to_ms is None else one.to_ms))

    def system(at_ms: int) -> str:
        for about in asked:
            for one in said:
                if (one.asset, one.key) == about and one.value and _holds(one, at_ms):
                    return one.value
        return known or inputs.system

    times = sorted(at for at in cuts if inputs.from_ms <= at <= inputs.to_ms)
    pairs = map(Stretch._make, pairwise(times))
    return joined(one for one in pairs if system(one.from_ms) == inputs.system)


def _holds(one: Held, at_ms: int) -> bool:
    return one.from_ms <= at_ms and (one.to_ms is None or at_ms < one.to_ms)


def _moments(part: Part) -> set[int]:
    """When links that a part knows begin and end."""
    said = (one for one in part.inputs.assignments if one.what is Fact.LINK)
    return moments((*said, *part.inputs.links))


def _links(part: Part, kinds: Mapping[str, AssetKind], at_ms: int) -> Iterable[Link]:
    """The links that a part knows at a moment, by the rule of the live site."""
    said = [one for one in part.inputs.assignments if one.what is Fact.LINK and one.value]
    node = part.ref.node
    for link in links_at(part.inputs.links, said, kinds, at_ms):
        yield structs.replace(
            link, asset=_global(node, link.asset), other=_global(node, link.other)
        )


def _kinds(parts: Iterable[Part]) -> Mapping[str, Mapping[str, AssetKind]]:
    """The kinds of all assets, by node."""
    found: dict[str, dict[str, AssetKind]] = {}
    for part in parts:
        of_node = found.setdefault(part.ref.node, {})
        for asset in part.inputs.assets:
            of_node.setdefault(asset.id, asset.kind)
    return found


def _global(node: str, asset: str) -> str:
    return asset if "/" in asset else f"{node}/{asset}"


def _twins(parts: Sequence[Part]) -> Iterable[tuple[str, str]]:
    """Assets of different nodes with one serial and one kind: equal serials are linked by default
    (DESIGN §5). The first in order counts."""
    first: dict[tuple[str, str, str], tuple[str, str]] = {}
    told = set()
    for part in parts:
        for member in part.report.members:
            serial = member.serial.casefold()
            if len(serial.strip("0 ")) < MIN_SERIAL or not ownership(part.inputs, member.asset):
                continue
            name = f"{part.ref.node}/{member.asset}"
            role = member.asset.partition(".")[2]
            unit = (serial, member.kind, role)
            node, other = first.setdefault(unit, (part.ref.node, name))
            if node != part.ref.node and (other, name) not in told:
                told.add((other, name))
                yield other, name


def _cuts(holders: Sequence[_Holder], parts: Iterable[Part]) -> list[int]:
    """All moments at which something begins or ends."""
    cuts = {at for one in holders for own in one.owned for at in own}
    if not cuts:
        return []
    begin, end = min(cuts), max(cuts)
    cuts.update(at for part in parts for at in _moments(part) if begin < at < end)
    return sorted(cuts)
