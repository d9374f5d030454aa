"""`registry.toml`: devices, assets and links. The program writes it; people may edit it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from collector.config.assets import read_assets
from collector.config.devices import DeviceReader
from collector.config.document import Document, Report
from collector.config.outside import Outside
from collector.config.words import show
from collector.model.assets import AssetSettings, Device, Link
from collector.model.text import nearest

VERSION = 1
_KEYS = ("version", "device", "asset")


class Registry(Struct, frozen=True, kw_only=True):
    """What the node reads. `revision` names the bytes that this was read from."""

    devices: tuple[Device, ...] = ()
    settings: Mapping[str, AssetSettings] = {}
    links: tuple[Link, ...] = ()
    revision: str = ""


def read_registry(doc: Document, outside: Outside, report: Report, note: Report) -> Registry:
    """The sound part of the registry in `doc`; everything else was reported."""
    reader = DeviceReader(doc, outside, report, note)
    _check_top(reader)
    devices = reader.devices(doc.data.get("device", []))
    settings, links = read_assets(reader, doc.data.get("asset", []), _ids(doc))
    if not devices and not _ids(doc):
        hint = "each [[device]] takes an id, a kind and a host"
        note(doc.problem((), "there are no devices yet", hint))
    return Registry(
        devices=tuple(devices.values()), settings=settings, links=links, revision=doc.revision
    )


def _check_top(reader: DeviceReader) -> None:
    for key in reader.doc.data:
        if key not in _KEYS:
            reader.wrong((key,), "is no key that is known here", nearest(key, _KEYS))
    version: Any = reader.doc.data.get("version", VERSION)
    if type(version) is not int or version < 1:
        reader.wrong(("version",), f"expected {VERSION}, got {show(version)}")
    elif version > VERSION:
        message = f"is {show(version)}, and this program knows {VERSION}"
        reader.wrong(("version",), message, "the file is of a newer version of ovr: update ovr")


def _ids(doc: Document) -> tuple[str, ...]:
    """The ids of all entries, sound or not, so that one mistake is told once."""
    raw = doc.data.get("device")
    entries = raw if isinstance(raw, list) else []
    names = (entry.get("id") for entry in entries if isinstance(entry, Mapping))
    return tuple(name for name in names if isinstance(name, str))
