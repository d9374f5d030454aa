"""All links of the site: what the registry says, what devices say of themselves, equal serials."""

from collections.abc import Iterable, Sequence

from collector.model.assets import Asset, Link
from collector.model.kinds import LinkType

MIN_SERIAL = 4
"""Shorter serials are placeholders."""


def all_links(
    assets: Iterable[Asset], registry: Sequence[Link], inside: Iterable[Link]
) -> tuple[Link, ...]:
    """The links in force. A person's word about an asset replaces what a device says of it for
    the same type of link."""
    decided = {(link.asset, link.type) for link in registry}
    found = [*inside, *equal_serials(assets)]
    return (*registry, *(link for link in found if (link.asset, link.type) not in decided))


def equal_serials(assets: Iterable[Asset]) -> tuple[Link, ...]:
    """Assets of two devices with one serial are one thing seen twice: the device that is
    connected itself stands, what another device tells of it is a check."""
    first: dict[str, Asset] = {}
    links = []
    for asset in sorted(assets, key=lambda a: (a.role != "", a.id)):
        if len(asset.serial.strip("0 ")) < MIN_SERIAL:
            continue
        known = first.setdefault(asset.serial, asset)
        if known.device != asset.device:
            links.append(
                Link(
                    asset=asset.id,
                    type=LinkType.SAME_AS,
                    other=known.id,
                    why=f"same serial {asset.serial}",
                )
            )
    return tuple(links)


def describe(link: Link) -> str:
    """A link in words, for people."""
    words = "measures the same as" if link.type is LinkType.SAME_AS else "is fed by"
    return f"{words} {link.other} ({link.why})"
