"""The devices of a moment: the registry's tables, what runs, and what is measured. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, structs

from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView, Snapshot, SourceHealth
from ovr_tui.console.called import without_place

Entry = Mapping[str, Any]
Tables = Mapping[str, Any]

MODBUS = ("acuvim", "fronius", "modbus")
PROFILED = ("modbus", "http")
WELL = "well"
KIND_WORDS = {
    "gx": "Victron GX, over MQTT",
    "acuvim": "ACUVIM meter, over Modbus",
    "fronius": "Fronius inverter, over Modbus or its Solar API",
    "modbus": "Modbus device that a profile describes",
    "http": "HTTP device that a profile describes",
}


class Row(Struct, frozen=True, kw_only=True):
    """One device. `entry` is its `[[device]]` as it is written; None where only what runs is known
    (who looks gets no registry). `source` is None when it is not in force."""

    id: str
    name: str
    kind: str
    place: str
    system: str
    enabled: bool
    control: bool
    entry: Entry | None
    source: SourceHealth | None
    assets: tuple[AssetView, ...]
    stale: str = ""
    """Why this is how it was and may be so no more; "" it is the present."""

    @property
    def status(self) -> AssetStatus:
        """How it is, as one of the states of assets."""
        if not self.enabled:
            return AssetStatus.DISABLED
        if self.source is None or self.source.state == "starting":
            return AssetStatus.WAITING
        if self.source.state == "wrong device":
            return AssetStatus.WRONG
        if self.source.state == "backoff":
            return AssetStatus.LOST
        states = {asset.status for asset in self.assets}
        if AssetStatus.LIVE in states:
            return AssetStatus.STALE if self.stale else AssetStatus.LIVE
        return AssetStatus.STALE if AssetStatus.STALE in states else AssetStatus.WAITING

    @property
    def amiss(self) -> bool:
        """Whether somebody should look at it: because of how it is, or was, not of how old that
        is."""
        return self.enabled and structs.replace(self, stale="").words != WELL

    @property
    def lockout(self) -> str:
        """Who has locked one of its assets out, which is nothing wrong; "" nobody."""
        found = (asset.lockout for asset in self.assets if asset.lockout is not None)
        one = next(found, None)
        return f"LOCKED OUT by {one.name}" if one else ""

    @property
    def words(self) -> str:
        """How it is, in words: why not well, when it is not; without its address."""
        source = self.source
        if not self.enabled:
            return "off: not read"
        if source is None:
            return "saved, not in force"
        if source.cause:
            word = "WRONG DEVICE: " if source.state == "wrong device" else ""
            return f"{word}{without_place(source.cause)}"
        if source.state != "running":
            return source.state
        amiss = [asset for asset in self.assets if asset.status is not AssetStatus.LIVE]
        if not self.assets:
            return "connected, no asset yet"
        if amiss:
            one = amiss[0]
            why = without_place(one.reason) or one.status.value
            return why if one.name == self.name else f"{one.name}: {why}"
        if self.stale:
            return f"as it was: {self.stale}"
        notes = [note for asset in self.assets for note in asset.notes]
        return notes[0] if notes else WELL


def rows(shot: Snapshot | None, tables: Tables | None, *, stale: str = "") -> list[Row]:
    """All devices in the order of the registry; without its tables those that run. `stale`: why
    what `shot` shows may be so no more."""
    found = _rows(shot, tables)
    return [structs.replace(row, stale=stale) for row in found] if stale else found


def _rows(shot: Snapshot | None, tables: Tables | None) -> list[Row]:
    sources = {source.device: source for source in shot.sources} if shot else {}
    assets: dict[str, list[AssetView]] = {}
    for view in shot.assets if shot else ():
        assets.setdefault(view.device, []).append(view)
    if tables is None:
        return [_running(source, assets.get(name, [])) for name, source in sources.items()]
    return [
        _registered(
            entry, tables, sources.get(_text(entry, "id")), assets.get(_text(entry, "id"), [])
        )
        for entry in entries(tables, "device")
    ]


def _registered(
    entry: Entry, tables: Tables, source: SourceHealth | None, assets: list[AssetView]
) -> Row:
    name = _text(entry, "id")
    said = asset_entry(tables, name)
    return Row(
        id=name,
        name=_text(said, "name") or _text(entry, "name") or name,
        kind=_text(entry, "kind"),
        place=place_of(entry),
        system=_text(said, "system") or _text(entry, "system") or name,
        enabled=entry.get("enabled", True) is not False,
        control=entry.get("control", False) is True,
        entry=entry,
        source=source,
        assets=tuple(assets),
    )


def _running(source: SourceHealth, assets: list[AssetView]) -> Row:
    first = next((view for view in assets if view.id == source.device), None)
    first = first or next(iter(assets), None)
    return Row(
        id=source.device,
        name=first.name if first and first.id == source.device else source.device,
        kind=source.kind,
        place=source.address,
        system=first.system if first else "",
        enabled=source.state != "disabled",
        control=False,
        entry=None,
        source=source,
        assets=tuple(assets),
    )


def entries(tables: Tables, table: str) -> list[Entry]:
    """The tables of `[[device]]` or `[[asset]]`."""
    found = tables.get(table)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def device_entry(tables: Tables, device: str) -> Entry | None:
    """A device's `[[device]]`."""
    return next((one for one in entries(tables, "device") if one.get("id") == device), None)


def asset_entry(tables: Tables, asset: str) -> Entry:
    """What the registry says of an asset; empty when nothing."""
    return next((one for one in entries(tables, "asset") if one.get("id") == asset), {})


def usual_port(kind: str, *, tls: bool) -> int:
    """The port of a device whose entry says none."""
    if kind == "gx":
        return 8883 if tls else 1883
    if kind == "http":
        return 443 if tls else 80
    return 502


def place_of(entry: Entry) -> str:
    """Where a device is reached, as people write it."""
    kind, host = _text(entry, "kind"), _text(entry, "host")
    if not host:
        host = next((f"${entry[key]}" for key in ("host_env", "host_secret") if key in entry), "?")
    host = f"[{host}]" if ":" in host else host
    tls = entry.get("tls") is True
    port = entry.get("port", usual_port(kind, tls=tls))
    unit = f" unit {entry.get('unit', 1)}" if kind in MODBUS else ""
    return f"{host}:{port}{unit}{' TLS' if tls else ''}"


def links_of(tables: Tables, asset: str) -> Iterator[tuple[str, str]]:
    """The links that the registry states of an asset: the other asset, and which link."""
    said = asset_entry(tables, asset)
    for key in ("same_as", "behind"):
        if isinstance(said.get(key), str):
            yield said[key], key
    apart = said.get("apart_from")
    for other in apart if isinstance(apart, list) else ():
        yield str(other), "apart_from"


def systems(tables: Tables) -> list[str]:
    """All systems that the registry names, in order."""
    found = {row.system for row in rows(None, tables)}
    found |= {str(one["system"]) for one in entries(tables, "asset") if one.get("system")}
    return sorted(found)


def _text(entry: Entry, key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
