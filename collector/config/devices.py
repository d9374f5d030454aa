"""`[[device]]`: what is connected to, and how. The rules of each kind of device stand here."""

import re
from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from collector.config.columns import checked
from collector.config.document import Document, Report
from collector.config.outside import Outside
from collector.config.tables import Id, Key, Login, Name, Port, Secret, TableReader
from collector.config.toml_lines import Path as KeyPath
from collector.model.assets import Device, SolarApi
from collector.model.hosts import canonical_host, host_wrong
from collector.model.kinds import AssetKind, DeviceKind
from collector.model.text import clean

GX_PORT, GX_TLS_PORT, MODBUS_PORT, HTTP_PORT, HTTPS_PORT = 1883, 8883, 502, 80, 443
MODBUS_KINDS = (DeviceKind.ACUVIM, DeviceKind.FRONIUS, DeviceKind.MODBUS)
BY_PROFILE = (DeviceKind.MODBUS, DeviceKind.HTTP)

_LOGIN = ("username", "password", "tls", "fingerprint")
_ONLY_FOR: Mapping[str, tuple[DeviceKind, ...]] = {
    "portal_id": (DeviceKind.GX,),
    "profile": (DeviceKind.MODBUS, DeviceKind.HTTP),
    "unit": MODBUS_KINDS,
    **dict.fromkeys(("solar_api", "solar_api_port"), (DeviceKind.FRONIUS,)),
    **dict.fromkeys(_LOGIN, (DeviceKind.GX, DeviceKind.HTTP)),
}
_HEX_PAIRS = re.compile(r"(?i)\A(sha256( fingerprint)?[:=])?[0-9a-fA-F]{2}(:?[0-9a-fA-F]{2}){31}\Z")

Fingerprint = Annotated[
    str,
    Meta(
        pattern=_HEX_PAIRS.pattern,
        description="the SHA-256 of the device's certificate: 64 hex digits, colons allowed",
    ),
]


class DeviceTable(Struct, frozen=True, kw_only=True):
    """`[[device]]` as it is written. None: not written."""

    id: Id
    kind: DeviceKind
    host: Annotated[str, checked(host_wrong, "a host name or IP address in quotes")]
    port: Port | None = None
    name: Name = ""
    system: Key | None = None
    enabled: bool = True
    control: bool = False
    portal_id: (
        Annotated[
            str,
            Meta(
                pattern=r"\A[0-9A-Za-z_-]{0,64}\Z",
                description="a portal id as the GX shows it, 12 hex digits",
            ),
        ]
        | None
    ) = None
    serial: Name = ""
    username: Login | None = None
    password: Secret | None = None
    tls: bool | None = None
    fingerprint: Fingerprint | None = None
    unit: Annotated[int, Meta(ge=0, le=255, description="a Modbus unit from 0 to 255")] | None = (
        None
    )
    solar_api: SolarApi | None = None
    solar_api_port: Port | None = None
    asset_kind: AssetKind | None = None
    model: Name = ""
    profile: (
        Annotated[
            str,
            Meta(
                pattern=r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z",
                description="the name of a profile",
            ),
        ]
        | None
    ) = None
    interval_s: Annotated[float, Meta(ge=0.2, le=3600, description="seconds from 0.2 to 3600")] = (
        1.0
    )
    timeout_s: (
        Annotated[float, Meta(ge=0.1, le=120, description="seconds from 0.1 to 120")] | None
    ) = None

    def __repr__(self) -> str:
        return f"DeviceTable({self.id} {self.kind} {self.host})"


class DeviceReader(TableReader):
    """Reads the devices of one document."""

    def __init__(self, doc: Document, outside: Outside, report: Report, note: Report) -> None:
        super().__init__(doc, outside, report)
        self._note = note

    def devices(self, raw: object) -> dict[int, Device]:
        """The sound devices by their place in the file; the rest was reported."""
        tables = self.tables(DeviceTable, ("device",), raw)
        found: dict[int, Device] = {}
        for index, table in enumerate(tables):
            if table is not None:
                device = self._device(("device", index), table)
                if device is not None:
                    found[index] = device
        self._unique(found)
        return found

    def _device(self, path: KeyPath, table: DeviceTable) -> Device | None:
        self.outside.goes_to(self.doc, path, canonical_host(table.host))
        if not self._only_what_fits(path, table):
            return None
        if table.kind in BY_PROFILE and table.profile is None:
            hint = f"a device of kind {table.kind} is read by a profile"
            self.wrong(path, "profile is missing", hint)
            return None
        self._notes(path, table)
        return _made(table)

    def _only_what_fits(self, path: KeyPath, table: DeviceTable) -> bool:
        """Whether the device has only keys that mean something to its kind."""
        fits = True
        for key, kinds in _ONLY_FOR.items():
            if getattr(table, key) is not None and table.kind not in kinds:
                message = f"means nothing to a device of kind {table.kind}"
                written = [k for k in (key, f"{key}_env", f"{key}_secret") if k in self._raw(path)]
                hint = f"it is for {', '.join(kinds)}; remove it"
                self.wrong((*path, written[0] if written else key), message, hint)
                fits = False
        return fits

    def _raw(self, path: KeyPath) -> Mapping[str, object]:
        found: Mapping[str, object] = self.doc.data["device"][path[1]]
        return found

    def _notes(self, path: KeyPath, table: DeviceTable) -> None:
        if table.kind is DeviceKind.GX and table.port == GX_TLS_PORT and not table.tls:
            message = f"a GX speaks TLS at port {GX_TLS_PORT}"
            self._note(self.doc.problem((*path, "port"), message, "tls = true is missing"))
        if table.kind is DeviceKind.GX and table.password and not table.tls:
            message = "the password crosses the network unencrypted"
            self._note(self.doc.problem(path, message, "use tls = true if the GX offers it"))

    def _unique(self, devices: Mapping[int, Device]) -> None:
        """No two entries for one thing: ids of all, addresses and identities of what is enabled."""
        self._same_ids()
        places: dict[tuple[object, ...], int] = {}
        for index, device in devices.items():
            if not device.enabled:
                continue
            host = canonical_host(device.host)
            where = _address(device, host)
            self._once(places, ("address", *where), (index, "host"), f"{' '.join(map(str, where))}")
            if device.portal_id:
                key = ("portal id", device.portal_id.lower())
                self._once(places, key, (index, "portal_id"), device.portal_id)
            if device.serial:
                key = ("serial", device.serial.lower())
                self._once(places, key, (index, "serial"), device.serial)

    def _once(
        self,
        seen: dict[tuple[object, ...], int],
        key: tuple[object, ...],
        at: tuple[int, str],
        shown: str,
    ) -> None:
        index, name = at
        first = seen.setdefault(key, index)
        if first == index:
            return
        line = self.doc.line(("device", first, name))
        other = self.doc.show(("device", first))
        self.wrong(
            ("device", index, name),
            f"{key[0]} {shown} is that of {other} too" + (f" (line {line})" if line else ""),
            "one entry for each device; remove or disable one of the two",
        )

    def _same_ids(self) -> None:
        raw = self.doc.data.get("device")
        seen: dict[str, int] = {}
        for index, entry in enumerate(raw if isinstance(raw, list) else ()):
            name = entry.get("id") if isinstance(entry, Mapping) else None
            if not isinstance(name, str):
                continue
            first = seen.setdefault(name, index)
            if first != index:
                line = self.doc.line(("device", first, "id"))
                self.wrong(
                    ("device", index, "id"),
                    f'"{clean(name)}" is the id of another device'
                    + (f" (line {line})" if line else ""),
                    "ids are unique; choose another one here",
                )


def _address(device: Device, host: str) -> tuple[object, ...]:
    """What two entries must not share. A GX listens on both of its ports."""
    if device.kind in MODBUS_KINDS:
        return (f"{host}:{device.port}", "unit", device.unit)
    if device.kind is DeviceKind.GX and device.port in (GX_PORT, GX_TLS_PORT):
        return (f"{host}:{GX_PORT}/{GX_TLS_PORT}",)
    return (f"{host}:{device.port}",)


def _made(table: DeviceTable) -> Device:
    return Device(
        id=table.id,
        kind=table.kind,
        host=table.host,
        port=table.port or _usual_port(table),
        name=clean(table.name),
        system=table.system or table.id,
        enabled=table.enabled,
        control=table.control,
        portal_id=table.portal_id or "",
        serial=table.serial.strip(),
        username=table.username or "",
        password=table.password or "",
        tls=bool(table.tls),
        fingerprint=_digits(table.fingerprint or ""),
        unit=1 if table.unit is None else table.unit,
        solar_api=table.solar_api or "fallback",
        solar_api_port=table.solar_api_port or HTTP_PORT,
        asset_kind=table.asset_kind,
        model=table.model,
        profile=table.profile or "",
        interval_s=table.interval_s,
        timeout_s=table.timeout_s,
    )


def _digits(fingerprint: str) -> str:
    """A fingerprint as 64 small digits, without openssl's words before it."""
    text = fingerprint.lower().removeprefix("sha256").removeprefix(" fingerprint")
    return text.lstrip(":=").replace(":", "")


def _usual_port(table: DeviceTable) -> int:
    if table.kind is DeviceKind.GX:
        return GX_TLS_PORT if table.tls else GX_PORT
    if table.kind is DeviceKind.HTTP:
        return HTTPS_PORT if table.tls else HTTP_PORT
    return MODBUS_PORT
