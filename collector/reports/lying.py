"""How the assets of a report lie to each other, and what they were, whatever is silent now."""

from collections.abc import Iterable
from itertools import chain

from msgspec import UNSET, structs

from collector.model.assets import ASSUMED, Link
from collector.model.kinds import LinkType
from collector.model.report_input import AssetInput
from collector.reports.former import Former
from collector.reports.members import Known
from collector.site.told import filled


def assets_of(known: Known, former: Former, at_ms: int) -> dict[str, AssetInput]:
    """What is known of assets at a moment: by the former revision, if it stands, else by the node;
    what one of them knows nothing of is as the other has it."""
    then = known.at(at_ms)
    if not former.stands:
        now = {name: filled(one, former.assets.get(name)) for name, one in then.items()}
        return {**former.assets, **now}
    told = {name: one for name, one in former.assets.items() if _told(one) or name not in then}
    return {**then, **told}


def links_of(known: Known, former: Former, tracked: Iterable[str]) -> list[Link]:
    """Links that nobody dated: what devices have told, and of assets that the node knows nothing of
    what the former revision had. `tracked` are the assets of which there are minutes. Where nobody
    knows how one lies to the device that it belongs to, it is taken for a part of that: it may have
    measured the same, which must not count twice."""
    earlier = [
        link
        for link in former.links
        if link.why != ASSUMED and not {link.asset, link.other} <= known.assets.keys()
    ]
    linked = {name for link in earlier for name in (link.asset, link.other)}
    linked |= {name for name, one in former.assets.items() if _told(one)}
    assumed = (
        Link(asset=asset, type=LinkType.BEHIND, other=asset.partition(".")[0], why=ASSUMED)
        for asset in set(tracked)
        if "." in asset and asset not in known.assets and asset not in linked
    )
    found = chain(known.links, earlier, assumed)
    return sorted(found, key=lambda link: (link.asset, link.other, link.type.value, _begin(link)))


def within(links: Iterable[Link], from_ms: int, to_ms: int) -> list[Link]:
    """Those that were in force in a window. When one began before it, or ends after it, is no
    matter of the window."""
    found = []
    for link in links:
        begin, end = _begin(link), link.to_ms
        if begin < to_ms and (end is UNSET or end > from_ms):
            found.append(
                structs.replace(
                    link,
                    from_ms=UNSET if begin <= from_ms else begin,
                    to_ms=UNSET if end is UNSET or end >= to_ms else end,
                )
            )
    return found


def _begin(link: Link) -> int:
    return 0 if link.from_ms is UNSET else link.from_ms


def _told(asset: AssetInput) -> bool:
    """Whether a device told of it; else it is only what its minutes say."""
    return asset.device_kind is not None
