"""Which addresses a search may ask: pure, from what a person named and where the node stands."""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from msgspec import Struct

from collector.errors import NotPossible
from collector.model.hosts import MAX_TARGETS, canonical_host, host_wrong
from collector.model.text import clean

MAX_HOSTS = 1022
"""Addresses of one search: as many as a /22 has."""
AROUND = 24
"""The prefix that is searched round this node's own address in a network larger than a /22."""
PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
LOOPBACK = IPv4Network("127.0.0.0/8")


class Interface(Struct, frozen=True, kw_only=True):
    """An address of this node and the network that it stands in."""

    name: str
    address: IPv4Address
    network: IPv4Network


class Exclusion(Struct, frozen=True, kw_only=True):
    """What is never asked: networks, and hosts by name."""

    networks: tuple[IPv4Network | ipaddress.IPv6Network, ...] = ()
    names: frozenset[str] = frozenset()

    def holds(self, host: str) -> bool:
        """Whether this address or name is never asked."""
        name = canonical_host(host)
        if name in self.names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


class Spot(NamedTuple):
    """A host to ask, and the one port to ask it at (0: the usual ones)."""

    host: str
    port: int = 0


class Plan(Struct, frozen=True, kw_only=True):
    """The hosts to ask, in order, and the interfaces on which all are asked at once (SSDP).

    `named` are the hosts that a person named one by one. `notes` say what was left out.
    """

    spots: tuple[Spot, ...]
    named: frozenset[str] = frozenset()
    shouts: tuple[Interface, ...] = ()
    notes: tuple[str, ...] = ()


def exclusion(words: Sequence[str]) -> Exclusion:
    """The exclusion list as it stands in node.toml: addresses, networks, names."""
    networks = []
    names = set()
    for word in words:
        try:
            networks.append(ipaddress.ip_network(word.strip(), strict=False))
        except ValueError:
            names.add(canonical_host(word.strip()))
    return Exclusion(networks=tuple(networks), names=frozenset(names))


def plan(
    targets: Sequence[str],
    interfaces: Sequence[Interface],
    excluded: Exclusion,
    *,
    in_event: bool = False,
    confirmed: bool = False,
) -> Plan:
    """The addresses that `targets` (networks, addresses, host names) stand for; without any, the
    private networks of `interfaces`.

    Raises NotPossible for what is no address, too many at once, public networks, and during an
    event for everything but single hosts that were confirmed.
    """
    if in_event:
        _only_hosts(targets, confirmed=confirmed)
    if not targets:
        return _local(interfaces, excluded)
    if len(targets) > MAX_TARGETS:
        raise NotPossible(f"{len(targets)} targets at once: name at most {MAX_TARGETS}")
    networks: list[IPv4Network] = []
    named: list[Spot] = []
    for target in targets:
        _sort_in(target.strip(), networks, named)
    size = sum(_size(network) for network in networks) + len(named)
    if size > MAX_HOSTS:
        raise NotPossible(
            f"{size} addresses at once are too many: name a /22 ({MAX_HOSTS}) at most, such as "
            f"{_part_of(networks[0]) if networks else 'part of them'}"
        )
    shouts = [i for i in interfaces if any(i.network.overlaps(network) for network in networks)]
    return _made(named, networks, shouts, interfaces, excluded, [])


def _only_hosts(targets: Sequence[str], *, confirmed: bool) -> None:
    if not targets or any("/" in target for target in targets):
        raise NotPossible(
            "an event is on: only single hosts are looked at, and no network; name them"
        )
    if not confirmed:
        raise NotPossible(
            "an event is on: looking at a host sends it a few requests; say that these hosts may "
            "be asked"
        )


def _sort_in(target: str, networks: list[IPv4Network], named: list[Spot]) -> None:
    if "/" not in target:
        named.append(_spot(target))
        return
    try:
        network = ipaddress.ip_network(target, strict=False)
    except ValueError:
        raise NotPossible(f"'{clean(target)}' is no network: write it like 10.20.0.0/24") from None
    if isinstance(network, ipaddress.IPv6Network):
        raise NotPossible(f"{network} is too large to be searched: name its hosts one by one")
    if not any(network.subnet_of(private) for private in (*PRIVATE, LOOPBACK)):
        raise NotPossible(
            f"{network} is no private network, and its devices are not ours to ask: name a single "
            "host if you are sure"
        )
    networks.append(network)


def _spot(target: str) -> Spot:
    host, colon, port = target.partition(":")
    told = colon and port.isdecimal() and 0 < int(port[:6]) < 65536
    if not told:
        host = target
    why, hint = host_wrong(host)
    if why:
        raise NotPossible(f"'{clean(target)}' {why} ({hint})")
    return Spot(canonical_host(host), int(port) if told else 0)


def _size(network: IPv4Network) -> int:
    return network.num_addresses - (2 if network.prefixlen < 31 else 0)


def _part_of(network: IPv4Network) -> str:
    return str(next(network.subnets(new_prefix=22))) if network.prefixlen < 22 else str(network)


def searched(interfaces: Sequence[Interface]) -> tuple[str, ...]:
    """The networks of these interfaces that a search without targets looks at."""
    return tuple(map(str, _networks(interfaces)[0]))


def _local(interfaces: Sequence[Interface], excluded: Exclusion) -> Plan:
    networks, shouts, notes = _networks(interfaces)
    if not networks:
        why = "; ".join(notes) or "this node has no address in a private network"
        raise NotPossible(f"nothing to search: {why}; name a network or a host")
    return _made([], networks, shouts, interfaces, excluded, notes)


def _networks(
    interfaces: Sequence[Interface],
) -> tuple[list[IPv4Network], list[Interface], list[str]]:
    """The networks that this node stands in and that may be searched, on which interfaces all are
    asked at once, and what was left out."""
    networks: list[IPv4Network] = []
    shouts: list[Interface] = []
    notes: list[str] = []
    for one in interfaces:
        if not any(one.network.subnet_of(private) for private in PRIVATE):
            notes.append(f"{one.name} ({one.network}) is no private network: not searched")
            continue
        if one.network.prefixlen < 22:
            part = IPv4Network(f"{one.address}/{AROUND}", strict=False)
            notes.append(
                f"{one.name} stands in {one.network} ({_size(one.network)} addresses): only {part} "
                "round this node is searched; name other parts of it to search them"
            )
        else:
            part = one.network
        shouts.append(one)
        if part in networks:
            continue
        if sum(map(_size, networks)) + _size(part) > MAX_HOSTS:
            notes.append(f"{part} ({one.name}) would be too many at once: name it by itself")
            continue
        networks.append(part)
    return networks, shouts, notes


def _made(
    named: Sequence[Spot],
    networks: Sequence[IPv4Network],
    shouts: Sequence[Interface],
    interfaces: Sequence[Interface],
    excluded: Exclusion,
    notes: list[str],
) -> Plan:
    own = {str(one.address) for one in interfaces}
    wanted = dict.fromkeys(named)
    for network in networks:
        whole = network.num_addresses == 1
        hosts = [network.network_address] if whole else network.hosts()
        wanted |= dict.fromkeys(Spot(str(host)) for host in hosts if whole or str(host) not in own)
    left_out = [spot.host for spot in wanted if excluded.holds(spot.host)]
    if left_out:
        shown = ", ".join(left_out[:5]) + (" …" if len(left_out) > 5 else "")
        notes.append(f"not asked, because node.toml excludes them ([discovery] exclude): {shown}")
    spots = tuple(spot for spot in wanted if not excluded.holds(spot.host))
    if not spots:
        raise NotPossible(f"nothing is left to ask: {'; '.join(notes)}")
    return Plan(
        spots=spots,
        named=frozenset(spot.host for spot in named if spot in spots),
        shouts=tuple(shouts),
        notes=tuple(notes),
    )
