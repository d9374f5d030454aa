"""Which assets a system's report speaks of, and what was known of each at the end of its window."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct, structs

from collector.model.assets import Link, Ratings
from collector.model.assignment import NUMBER, OTHERS, SERIAL, About, Fact, Timeline
from collector.model.kinds import AssetKind, LinkType
from collector.model.report_input import AssetInput, Brand, Limits
from collector.model.terms import FuelCurve
from collector.rollups import Subject


class Said(Protocol):
    """What was said of one asset at one moment."""

    def __call__(self, what: Fact, key: str = "") -> str:
        """The value of a fact, "" for none."""


_LINKS = frozenset({LinkType.SAME_AS.value, LinkType.BEHIND.value})


class Known(Struct, frozen=True, kw_only=True):
    """What the running node knows beside what is dated: its assets, also those that are silent or
    in no registry any more, as they were told of last; of those that were otherwise, until when
    (UTC ms) they were what; links that devices tell of, with their times; what node.toml says."""

    node: str
    site: str = ""
    assets: Mapping[str, AssetInput] = {}
    before: Mapping[str, tuple[tuple[int, AssetInput], ...]] = {}
    links: tuple[Link, ...] = ()
    limits: Limits = Limits()
    brand: Brand = Brand()
    notes: tuple[str, ...] = ()

    def at(self, at_ms: int) -> dict[str, AssetInput]:
        """The assets as they were at a moment."""
        found = dict(self.assets)
        for asset, times in self.before.items():
            found.update((asset, was) for until_ms, was in reversed(times) if at_ms < until_ms)
        return found


def members(
    timeline: Timeline,
    subjects: Iterable[Subject],
    known: Known,
    held: Collection[str],
    system: str,
    from_ms: int,
    to_ms: int,
) -> tuple[str, ...]:
    """The assets that belonged to a system at any time of a window, by id. `held` are those of
    its participation's hold; where nobody has said of which system an asset is, its rows do."""
    by_rows: dict[str, set[str]] = {}
    for subject in subjects:
        by_rows.setdefault(subject.asset, set()).add(subject.system)
    candidates = {
        *held,
        *known.assets,
        *by_rows,
        *(about.asset for about in timeline.facts if about.what is Fact.SYSTEM),
    }
    return tuple(
        asset
        for asset in sorted(candidates)
        if _belonged(timeline, asset, system, from_ms, to_ms, by_rows.get(asset, set()))
    )


def _belonged(
    timeline: Timeline, asset: str, system: str, from_ms: int, to_ms: int, by_rows: set[str]
) -> bool:
    device = asset.partition(".")[0]
    abouts = (
        About(asset, Fact.SYSTEM),
        About(device, Fact.SYSTEM, OTHERS),
        About(device, Fact.SYSTEM),
    )
    times = {from_ms}
    for about in abouts:
        times.update(each.from_ms for each in timeline.since(about, from_ms, to_ms - 1))
    found = {timeline.system(asset, at_ms) for at_ms in times}
    return system in found or (found == {""} and system in by_rows)


def neighbours(
    timeline: Timeline,
    links: Sequence[Link],
    own: Collection[str],
    from_ms: int,
    to_ms: int,
) -> tuple[str, ...]:
    """What assets are linked to in a window, either way, and are not themselves."""
    pairs = [
        (held.asset, held.key)
        for held in timeline.held(from_ms, to_ms)
        if held.what is Fact.LINK and held.value in _LINKS
    ]
    pairs += [(link.asset, link.other) for link in links if link.type.value in _LINKS]
    found = {other for one, other in pairs if one in own}
    found |= {one for one, other in pairs if other in own}
    return tuple(sorted(found - set(own)))


def described(
    timeline: Timeline,
    known: Mapping[str, AssetInput],
    subjects: Iterable[Subject],
    asset: str,
    at_ms: int,
) -> AssetInput:
    """An asset as it was at a moment: what is dated by the timeline, the rest as the node knows it
    now, and of one that it knows no more as its rows say."""
    device, _, role = asset.partition(".")
    kinds = {subject.asset: subject.kind for subject in subjects}
    base = known.get(asset) or AssetInput(
        id=asset, device=device, role=role, kind=kinds.get(asset, AssetKind.LOAD)
    )

    def said(what: Fact, key: str = "") -> str:
        return timeline.at(About(asset, what, key), at_ms)

    kind = said(Fact.ROLE)
    return structs.replace(
        base,
        kind=AssetKind(kind) if kind in set(AssetKind) else kinds.get(asset, base.kind),
        system=timeline.system(asset, at_ms) or base.system,
        serial=said(Fact.UNIT, SERIAL) or base.serial,
        unit_no=said(Fact.UNIT, NUMBER) or base.unit_no,
        ratings=_ratings(base.ratings, said),
        fuel_curve=_curve(said(Fact.RATING, "fuel_curve"), base.fuel_curve),
        account=said(Fact.ACCOUNT) or base.account,
        accuracy_class=said(Fact.RATING, "accuracy_class") or base.accuracy_class,
        certified=bool(said(Fact.RATING, "certificate")) or base.certified,
    )


def _ratings(base: Ratings, said: Said) -> Ratings:
    values = structs.asdict(base)
    for name in values:
        number = _number(said(Fact.RATING, name))
        values[name] = values[name] if number is None else number
    return Ratings(**values)


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _curve(text: str, base: FuelCurve) -> FuelCurve:
    try:
        return msgspec.json.decode(text, type=FuelCurve) if text else base
    except msgspec.MsgspecError:
        return base
