"""Where to look for devices, as it is typed: checked before the collector is asked. Pure."""

import ipaddress

from collector.model.hosts import MAX_TARGETS, host_wrong
from collector.model.text import clean

FIELD_CHARS = 2000
_SHOWN = 30


def targets(text: str) -> tuple[str, ...]:
    """The single targets of a text: blanks or commas stand between them."""
    return tuple(text.replace(",", " ").split())


def targets_wrong(text: str, *, only_hosts: bool = False) -> str:
    """What is wrong with the first target that is none, in words; "" where all are networks
    (10.20.0.0/24), addresses, or host names, those of IPv4 and names also with a port behind.
    `only_hosts`: no network. Which networks may be searched the collector says."""
    found = targets(text)
    if len(found) > MAX_TARGETS:
        return f"at most {MAX_TARGETS} at once; these are {len(found)}"
    for target in found:
        why = _network_wrong(target, only_hosts) if "/" in target else _host_wrong(target)
        if why:
            return f"{clean(target, _SHOWN)} {why}"
    return ""


def _network_wrong(target: str, only_hosts: bool) -> str:
    if "://" in target:
        return "is a URL: only its host, such as gx-1.local"
    try:
        network = ipaddress.ip_network(target, strict=False)
    except ValueError:
        return "is no network: write it like 10.20.0.0/24"
    if isinstance(network, ipaddress.IPv6Network):
        return "is too large to be searched: name its hosts one by one"
    return "is a network: only single hosts now" if only_hosts else ""


def _host_wrong(target: str) -> str:
    host, colon, port = target.partition(":")
    if ":" in port:
        none = "is no IPv6 address; one stands without brackets and without a port"
        return none if host_wrong(target)[0] else ""
    if colon and not (port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
        return "has no port behind the colon: 1 to 65535"
    why, hint = host_wrong(host)
    return f"{why}: {hint}" if why else ""
