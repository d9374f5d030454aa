"""One cause, one alarm: devices that fall silent for one reason become one condition.

From the largest to the smallest: the node has no link; nobody in a subnet answers; nobody behind a
gateway does; several fell silent within some seconds, wherever they are (the switch, the access
point or the supply that they share). What is covered raises no alarm of its own; when the cause
ends and some stay silent, they do.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network

from msgspec import Struct

from collector.alarms.condition import Condition, key_of
from collector.alarms.presence import Out, Presence, place
from collector.config.figures import AlarmSettings
from collector.model.alarm import Rule, Severity

SUBNET_HOSTS = 3
"""Fewer silent hosts are no proof against their subnet."""
GATEWAY_DEVICES = 2
NODE_HOSTS = 3
TOGETHER_DEVICES = 3
TOGETHER_S = 15.0
"""Devices that share a fault are missed within their silence limits of each other."""
LEFT = 2
"""When fewer are left of those that fell silent together, they are on their own."""


class Company(Struct, frozen=True, kw_only=True):
    """Who belongs together by what was alarmed before.

    `groups`: by subject, the devices of the open alarms for such as fell silent together; they
    stay together while enough are left. `alone`: devices that have an alarm of their own.
    `origins`: devices that were covered by a larger cause a moment ago, and by which; they are no
    proof of another one.
    """

    groups: Mapping[str, Collection[str]] = {}
    alone: Collection[str] = ()
    origins: Mapping[str, str] = {}


class Causes(Struct, frozen=True, kw_only=True):
    """The conditions that stand for several devices, and the devices that they cover."""

    conditions: tuple[Condition, ...]
    covered: frozenset[str]


def causes(
    found: Presence,
    limits: AlarmSettings,
    *,
    link_up: bool | None,
    company: Company,
) -> Causes:
    """What lies behind the silence of several."""
    if not found.out:
        return Causes(conditions=(), covered=frozenset())
    conditions: list[Condition] = []
    covered: set[str] = set()
    for rule, subject, devices in _scopes(found, link_up, limits.off):
        left = [device for device in devices if device not in covered]
        if left and (rule is not Rule.GATEWAY or len(left) >= GATEWAY_DEVICES):
            conditions.append(_scope(rule, subject, [found.out[d] for d in left], limits))
            covered.update(left)
    if Rule.TOGETHER not in limits.off:
        for subject, devices in _together(found.out, covered, company):
            conditions.append(_group(subject, [found.out[d] for d in devices], limits))
            covered.update(devices)
    return Causes(conditions=tuple(conditions), covered=frozenset(covered))


def _scopes(
    found: Presence, link_up: bool | None, off: Collection[Rule]
) -> Iterator[tuple[Rule, str, list[str]]]:
    """Rule, subject and devices of each cause that explains all silence within its reach."""
    hosts: dict[str, list[str]] = {}
    nets: dict[str, set[str]] = {}
    for device, source in sorted(found.watched.items()):
        host = machine(source.address)
        hosts.setdefault(host, []).append(device)
        nets.setdefault(subnet(host), set()).add(host)
    dead = {host for host, devices in hosts.items() if all(d in found.out for d in devices)}
    everyone = dead == hosts.keys() and len(hosts) >= NODE_HOSTS
    unlinked = link_up is False and bool(found.out)
    if Rule.NODE_LINK not in off and (unlinked or (everyone and len(nets) > 1)):
        yield Rule.NODE_LINK, "", sorted(found.out)
    if Rule.SUBNET not in off:
        for net, members in sorted(nets.items()):
            if net and members <= dead and len(members) >= SUBNET_HOSTS:
                yield Rule.SUBNET, net, [d for host in sorted(members) for d in hosts[host]]
    if Rule.GATEWAY not in off:
        for host in sorted(dead):
            if len(hosts[host]) >= GATEWAY_DEVICES:
                yield Rule.GATEWAY, host, hosts[host]


@lru_cache(maxsize=1024)
def machine(address: str) -> str:
    """The machine at an address with a port. On the node itself each port is one of its own."""
    host, port = place(address)
    try:
        own = ip_address(host).is_loopback
    except ValueError:
        own = host == "localhost"
    return f"{host}:{port}" if own else host


@lru_cache(maxsize=1024)
def subnet(host: str) -> str:
    """The /24 (IPv6: /64) that a host is in; "" for names, and for the node itself."""
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    width = 24 if address.version == 4 else 64
    return str(ip_network(f"{address}/{width}", strict=False))


def _together(
    out: Mapping[str, Out], covered: Collection[str], company: Company
) -> Iterator[tuple[str, list[str]]]:
    free = {device: each for device, each in out.items() if device not in covered}
    for subject, members in sorted(company.groups.items()):
        left = sorted(free.keys() & set(members))
        if len(left) >= LEFT:
            yield subject, left
            for device in left:
                del free[device]
    apart: dict[str, dict[str, Out]] = {}
    for device, each in free.items():
        if device not in company.alone:
            apart.setdefault(company.origins.get(device, ""), {})[device] = each
    for those in apart.values():
        for devices in _clusters(those):
            yield next((d for d in devices if d not in company.groups), devices[0]), devices


def _clusters(free: Mapping[str, Out]) -> Iterator[list[str]]:
    """Those that were heard last within some seconds of one another, the longest silent first;
    those that were never heard since the start are one."""
    never = sorted(device for device, each in free.items() if each.age_s is None)
    if len(never) >= TOGETHER_DEVICES:
        yield never
    heard = sorted(
        (-(each.age_s or 0.0), device) for device, each in free.items() if device not in never
    )
    while heard:
        first = heard[0][0]
        near = [item for item in heard if item[0] - first <= TOGETHER_S]
        enough = len(near) >= TOGETHER_DEVICES
        heard = heard[len(near) if enough else 1 :]
        if enough:
            yield sorted(device for _, device in near)


_SAYS = {
    Rule.NODE_LINK: "nothing is reached from this node",
    Rule.SUBNET: "nobody answers in {subject}",
    Rule.GATEWAY: "nobody answers at {subject}",
}
_SEVERITY = {Rule.NODE_LINK: Severity.CRITICAL, Rule.SUBNET: Severity.CRITICAL}


def _scope(rule: Rule, subject: str, outs: Sequence[Out], limits: AlarmSettings) -> Condition:
    says = _SAYS[rule].format(subject=subject)
    return _condition(rule, subject, f"{says}: {_count(outs)}", outs, limits)


def _group(subject: str, outs: Sequence[Out], limits: AlarmSettings) -> Condition:
    return _condition(Rule.TOGETHER, subject, f"{_count(outs)} fell silent together", outs, limits)


def _count(outs: Sequence[Out]) -> str:
    return "1 device" if len(outs) == 1 else f"{len(outs)} devices"


def _condition(
    rule: Rule, subject: str, text: str, outs: Sequence[Out], limits: AlarmSettings
) -> Condition:
    return Condition(
        key=key_of(rule, subject),
        rule=rule,
        subject=subject,
        severity=_SEVERITY.get(rule, Severity.ALARM),
        text=text,
        members=tuple(each.asset for out in outs for each in out.missing),
        for_s=min(out.age_s or 0.0 for out in outs),
        delay_s=limits.stale_s,
        clear_s=limits.delay_s,
    )
