"""All links of the site: what the registry says, what devices say of themselves, equal serials."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import structs

from collector.model.assets import Asset, Link
from collector.model.catalogue import CATALOGUE
from collector.model.kinds import LinkType

WORDS = {
    LinkType.SAME_AS: "measures the same as",
    LinkType.BEHIND: "is fed by",
    LinkType.APART: "is another flow than",
}
MIN_SERIAL = 4
"""Shorter serials are placeholders."""


class Numbered(Protocol):
    """An asset, as far as its serial tells something."""

    @property
    def id(self) -> str:
        """Which one it is."""

    @property
    def device(self) -> str:
        """Who tells of it."""

    @property
    def role(self) -> str:
        """What it is there; "" for the device itself."""

    @property
    def serial(self) -> str:
        """What is printed on it; "" where nobody has said."""


def all_links(
    assets: Iterable[Asset], registry: Sequence[Link], inside: Iterable[Link]
) -> tuple[Link, ...]:
    """The links in force. A person's word about an asset replaces what a device says of it for
    the same type of link, and for the quantities that the asset named by the person can have: that
    a battery system's load is metered elsewhere says nothing of its generator input."""
    known = {asset.id: asset for asset in assets}
    decided: dict[tuple[str, LinkType], list[Asset | None]] = {}
    for link in registry:
        decided.setdefault((link.asset, link.type), []).append(known.get(link.other))
    found = [*inside, *equal_serials(known.values())]
    left = (_beside(link, decided.get((link.asset, link.type), ())) for link in found)
    return (*registry, *(link for link in left if link is not None))


def _beside(link: Link, named: Sequence[Asset | None]) -> Link | None:
    """What is left of a device's link beside those to the assets that a person named; None:
    nothing."""
    if not named:
        return link
    if link.quantities is None or None in named:
        return None
    kinds = {asset.kind for asset in named if asset is not None}
    rest = frozenset(q for q in link.quantities if kinds.isdisjoint(CATALOGUE[q].kinds))
    return structs.replace(link, quantities=rest) if rest else None


def equal_serials(assets: Iterable[Numbered]) -> tuple[Link, ...]:
    """Assets of two devices with one serial are one thing seen twice: the device that is
    connected itself stands, what another device tells of it is a check."""
    first: dict[str, Numbered] = {}
    links = []
    for asset in sorted(assets, key=lambda a: (a.role != "", a.id)):
        if len(asset.serial.strip("0 ")) < MIN_SERIAL:
            continue
        known = first.setdefault(asset.serial.casefold(), asset)
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


def named_roles(settings: Iterable[str], links: Iterable[Link]) -> Mapping[str, set[str]]:
    """The roles of each device that the registry speaks of; "" is the main one."""
    named: dict[str, set[str]] = {}
    for asset in (*settings, *(name for link in links for name in (link.asset, link.other))):
        device, _, role = asset.partition(".")
        named.setdefault(device, set()).add(role)
    return named


def describe(link: Link) -> str:
    """A link in words, for people."""
    return f"{WORDS[link.type]} {link.other} ({link.why})"
