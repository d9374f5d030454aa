"""Names and addresses in the configuration: what may be written, and what this host is called."""

import ipaddress
import os
import re
import socket
import zoneinfo
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from collector.model.hosts import canonical_host, host_wrong
from collector.model.text import clean

_NOT_ID = re.compile(r"[^a-z0-9]+")
_ID_SIZE = 63


def slug(text: str) -> str:
    """`text` as an id (a-z, 0-9, - inside, at most 63); "" when nothing of it is left."""
    return _NOT_ID.sub("-", text.lower()).strip("-")[:_ID_SIZE].strip("-")


def own_name() -> str:
    """The node id of a host that nobody has named: its host name as an id."""
    return slug(socket.gethostname().partition(".")[0]) or "node"


def own_timezone(environ: Mapping[str, str], localtime: Path = Path("/etc/localtime")) -> str:
    """The time zone that this host is set to (`TZ`, else /etc/localtime); UTC when unknown."""
    linked = os.path.realpath(localtime).partition("/zoneinfo/")[2]
    for name in (environ.get("TZ", "").removeprefix(":"), linked):
        if name and is_timezone(name):
            return name
    return "UTC"


def is_timezone(name: str) -> bool:
    """Whether the time zone database knows `name`."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return False
    return True


def places_wrong(places: Iterable[str]) -> tuple[str, str]:
    """Why one of `places` is no address, network (10.20.0.0/24) or host name, and a hint."""
    for place in places:
        why, hint = _place_wrong(place)
        if why:
            return f'"{clean(place, 40)}" {why}', hint
    return "", ""


def _place_wrong(place: str) -> tuple[str, str]:
    if "/" not in place:
        return host_wrong(place)
    try:
        ipaddress.ip_network(place, strict=False)
    except ValueError:
        return "is no network", "like 10.20.0.0/24"
    return "", ""


def split_url(url: str) -> tuple[SplitResult | None, str, str]:
    """An http or https URL in parts; or None, why it is none, and a hint."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None, "is no URL", "like http://127.0.0.1:8428"
    if url != url.strip() or not url.isprintable() or " " in url:
        return None, "holds spaces or control characters", "like http://127.0.0.1:8428"
    if parts.scheme not in ("http", "https"):
        return None, "is no http or https URL", "like http://127.0.0.1:8428"
    if parts.username is not None or parts.password is not None:
        hint = "username, password_secret or token_secret beside the URL"
        return None, "holds a user or password", hint
    why, hint = host_wrong(host)
    if why or port == 0:
        return None, f"its host {why}" if why else "port 0 is no port", hint
    if parts.fragment:
        return None, "holds a fragment (#…), which is never sent", "leave it out"
    return parts, "", ""


def url_wrong(url: str) -> tuple[str, str]:
    """Why `url` is no http or https URL, and a hint; two empty texts when it is one."""
    return split_url(url)[1:]


def same_url(url: str) -> str:
    """A sound URL in the one way in which two spellings of a receiver are equal."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    place = f"{canonical_host(parts.hostname or '')} {port}"
    return f"{parts.scheme} {place} {parts.path.rstrip('/').lower()}?{parts.query}"


def address_wrong(address: str) -> tuple[str, str]:
    """Why the port behind an address to listen at is none, and a hint."""
    port = int(address.rpartition(":")[2])
    return ("", "") if 0 < port < 65536 else (f"{port} is no port", "a port from 1 to 65535")


def timezone_wrong(name: str) -> tuple[str, str]:
    """Why `name` is no time zone, and a hint; two empty texts when it is one."""
    if is_timezone(name):
        return "", ""
    near = get_close_matches(name, zoneinfo.available_timezones(), n=1)
    hint = f"did you mean {near[0]}?" if near else 'like "America/Los_Angeles"'
    return "is no time zone that this system knows", hint


def is_loopback(host: str) -> bool:
    """Whether what is sent to `host` stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
