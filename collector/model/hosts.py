"""Names and addresses of hosts, as people write them. Pure."""

import ipaddress
import re

MAX_TARGETS = 64
"""So many places to look for devices may be named at once."""
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\Z")
_NUMERIC = re.compile(r"[0-9.]+\Z")


def canonical_host(host: str) -> str:
    """`host` in the one way in which two spellings of an address are equal."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower().rstrip(".")


def host_wrong(host: str) -> tuple[str, str]:
    """Why `host` is no host name or IP address, and a hint; two empty texts when it is one."""
    bare = host.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return _name_wrong(host)
    if bare != host:
        return "an IPv6 address stands here without brackets", f'write "{bare}"'
    if address.is_unspecified or address.is_multicast:
        return "is no address of one device", "give the address that the device has in the network"
    return "", ""


def _name_wrong(host: str) -> tuple[str, str]:
    if not host.strip():
        return "is empty", "give an IP address or a host name"
    if "://" in host or "/" in host:
        return "is a URL or has a path, not a host", "only the IP address or the host name"
    name, colon, port = host.partition(":")
    if colon and port.isdigit():
        return "holds a port", f'write host = "{name}" and port = {port}'
    if _NUMERIC.match(host):
        return "is no IP address", "four numbers from 0 to 255 without leading zeros"
    labels = host.rstrip(".").split(".")
    if len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        return "is no host name", "letters, digits, - and dots, like gx-1.local or 10.20.0.21"
    return "", ""
