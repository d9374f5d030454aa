"""How an entry of the older stack's GX registry is read: its keys in the usual spellings.

The file's exact form is not documented, so anything that can mean one thing only is taken, and
everything else is named.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from collector.config.hosts import slug

PORTAL = re.compile(r"\A[0-9a-fA-F]{12}\Z")
_CONTAINERS = "systems gxsystems gx gxs gxdevices devices registry installations sites items data"
CONTAINERS = frozenset(_CONTAINERS.split())

_SPELLINGS: Mapping[str, str] = {
    "name": (
        "name label title systemname sitename gxname unitname displayname friendlyname customname "
        "alias description"
    ),
    "id": "id systemid deviceid assetid slug key",
    "host": (
        "host ip address addr ipaddress ipaddr hostname mqtthost mqttip mqttaddress broker "
        "brokerhost brokerip brokeraddress mqttbroker mqtthostname gxip gxhost gxhostname "
        "gxaddress gxipaddress server url uri mqtturl brokerurl gxurl endpoint"
    ),
    "port": "port mqttport brokerport gxport",
    "portal_id": (
        "portalid portal vrmid vrmportalid vrmportal vrm uniqueid gxid gxportalid gxportal"
    ),
    "username": "username user usr mqttuser mqttusername gxuser gxusername login",
    "password": "password pass passwd pwd pw mqttpassword mqttpass gxpassword",
    "tls": "tls ssl usetls usessl mqtttls mqttssl secure",
    "fingerprint": "fingerprint tlsfingerprint certfingerprint",
    "enabled": "enabled active",
    "disabled": "disabled inactive",
}
_MEANING = {word: field for field, words in _SPELLINGS.items() for word in words.split()}
_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0", "")


class Entry(Struct, kw_only=True):
    """One GX as it was understood. `strange` names what was not; values are not repeated."""

    table: dict[str, Any]
    password: str = ""
    strange: list[str] = []

    def __repr__(self) -> str:
        return f"Entry({self.table.get('id')})"


def simple(key: str) -> str:
    """`Portal-ID`, `portalId` and `portal_id` are one word."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def top_meanings(value: Mapping[str, Any]) -> set[str]:
    """What the plain values right inside an object say of a GX; nothing: it holds others."""
    return {
        meaning
        for key, part in value.items()
        if (meaning := _MEANING.get(simple(key))) and not isinstance(part, Mapping | list)
    }


def read_entry(key: str, value: Any) -> Entry:
    """The GX that `value` describes; `key` is what it stood under in an object, else ""."""
    entry = Entry(table={"kind": "gx"}, strange=[])
    given: dict[str, Any] = {}
    for meaning, name, part in _known({"host": value} if isinstance(value, str) else value):
        if meaning is None or part is None:
            entry.strange += [name] if meaning is None else []
        elif meaning in given:
            entry.strange.append(f"{name} (says {meaning} again)")
        else:
            given[meaning] = part
    if PORTAL.match(key):
        given.setdefault("portal_id", key)
    elif key:
        given.setdefault("name", key)
    _take_host(given)
    for field in ("name", "host", "portal_id", "username", "fingerprint"):
        if field in given and not isinstance(given[field], list | dict):
            entry.table[field] = str(given[field])
    _take_numbers(given, entry)
    if given.get("password") not in (None, ""):
        entry.password = str(given["password"])
    entry.table["id"] = _id_of(given)
    return entry


def _known(value: Mapping[str, Any]) -> Iterator[tuple[str | None, str, Any]]:
    """Meaning (None: not understood), key and value, also one level down (`"mqtt": {…}`)."""
    for key, part in value.items():
        if isinstance(part, Mapping):
            yield from ((_MEANING.get(simple(k)), f"{key}.{k}", v) for k, v in part.items())
        else:
            yield _MEANING.get(simple(key)), key, part


def _take_host(given: dict[str, Any]) -> None:
    """Split `mqtts://10.0.0.1:8883` and `10.0.0.1:1883` into host, port and TLS."""
    host = given.get("host")
    if not isinstance(host, str):
        return
    text = host.strip()
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return
    if name and (text.startswith("[") or text.count(":") - text.count("://") <= 1):
        given["host"] = name
        if port and parts.scheme not in ("http", "https"):  # those are the GX's web page
            given.setdefault("port", port)
        if parts.scheme in ("mqtts", "ssl", "tls"):
            given.setdefault("tls", True)


def _take_numbers(given: Mapping[str, Any], entry: Entry) -> None:
    """Port and switches, also where they stand in quotes."""
    port = given.get("port")
    digits = isinstance(port, str) and port.strip().isdigit() and len(port) < 9
    if port is not None and (digits or (isinstance(port, float) and port.is_integer())):
        port = int(port)
    if port is not None:
        entry.table["port"] = port
        if port == 8883 and "tls" not in given:
            entry.table["tls"] = True
    for field in ("tls", "enabled", "disabled"):
        if field in given:
            switch = _switch(given[field])
            if switch is None:
                entry.strange.append(f"{field} (neither true nor false)")
            else:
                entry.table["enabled" if field == "disabled" else field] = switch ^ (
                    field == "disabled"
                )


def _switch(value: Any) -> bool | None:
    text = str(value).strip().lower()
    return True if text in _YES else False if text in _NO else None


def _id_of(given: dict[str, Any]) -> str:
    """A name's words as an id, else the portal id; the same file always gives the same ids."""
    for field, before in (("id", ""), ("name", ""), ("portal_id", "gx-"), ("host", "gx-")):
        value = given.get(field)
        if isinstance(value, int) and not isinstance(value, bool):
            return f"gx-{value}"
        if isinstance(value, str) and slug(value):
            portal = "gx-" if PORTAL.match(value) else before
            return slug(portal + value)
    return "gx"
