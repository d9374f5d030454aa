"""What the registry knows already of what was found: pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from msgspec import structs

from collector.config.devices import GX_PORT, GX_TLS_PORT, MODBUS_KINDS
from collector.model.assets import Device
from collector.model.discovery import Found
from collector.model.hosts import canonical_host
from collector.model.kinds import DeviceKind
from collector.model.reading import Identity


class Known(NamedTuple):
    """One device of the registry. `serial` is the identity that is pinned ("" when none is).

    `who` is the identity that answers now: None when the device is not heard. `addresses` are all
    ways to write its host. `alone`: it allows one master only, so nobody else may connect.
    """

    device: str
    kind: DeviceKind
    host: str
    port: int
    unit: int
    serial: str
    tls: bool = False
    name: str = ""
    model: str = ""
    profile: str = ""
    who: Identity | None = None
    heard: bool = False
    alone: bool = False
    addresses: frozenset[str] = frozenset()

    def at(self, host: str) -> bool:
        """Whether its address is this host."""
        return canonical_host(host) in {canonical_host(self.host), *self.addresses}


def shown(known: Known) -> Found:
    """A device that is read already, by what the collector knows of it; it was not asked."""
    who = known.who or Identity(serial=known.serial)
    unit = known.unit if known.kind in MODBUS_KINDS else None
    return Found(
        kind=known.kind,
        host=known.host,
        port=known.port,
        unit=unit,
        units=() if unit is None else (unit,),
        tls=known.tls,
        maker=who.maker,
        model=who.model or known.model,
        serial=who.serial,
        firmware=who.firmware,
        ways=("collector",),
        standing="known",
        device=known.device,
        id=known.device,
        title=known.name,
    )


def untouched(host: str, known: Iterable[Known], named: Collection[str]) -> list[Known]:
    """The devices because of which this host is left alone: those that are read there now, unless
    a person `named` the host; and those that allow no second master, whatever was named."""
    here = [one for one in known if one.at(host)]
    return [one for one in here if one.alone or (one.heard and host not in named)]


def busy_ports(host: str, known: Iterable[Known]) -> set[int]:
    """The ports of a host at which a device is read now: they are never opened again."""
    return {one.port for one in known if one.heard and one.at(host)}


def marked(found: Found, known: Sequence[Known]) -> Found:
    """`found` with what the registry knows of it."""
    if found.standing == "known":
        return found
    same = _same_identity(found, known)
    if same is not None:
        here = same.at(found.host) and _same_port(found, same)
        there = f"{same.host}:{same.port}"
        return structs.replace(
            found,
            standing="known" if here else "moved",
            device=same.device,
            moved_from="" if here else there,
        )
    for one in known:
        if one.at(found.host) and _same_port(found, one) and _same_unit(found, one):
            other = bool(one.serial and found.serial)
            return structs.replace(
                found, standing="swapped" if other else "known", device=one.device
            )
    return found


def _same_identity(found: Found, known: Sequence[Known]) -> Known | None:
    if not found.serial:
        return None
    serial = found.serial.lower()
    return next(
        (
            one
            for one in known
            if one.kind is found.kind and serial in {one.serial.lower(), _now(one)}
        ),
        None,
    )


def _now(known: Known) -> str:
    return known.who.serial.lower() if known.who else ""


def one_gx(port: int, other: int) -> bool:
    """Whether two ports of a host can be one GX: it has two, and SSDP tells none (0)."""
    return port == other or 0 in (port, other) or {port, other} <= {GX_PORT, GX_TLS_PORT}


def _same_port(found: Found, known: Known) -> bool:
    if found.kind is DeviceKind.GX and known.kind is DeviceKind.GX:
        return one_gx(found.port, known.port)
    if "solar api" in found.ways and known.kind is DeviceKind.FRONIUS:
        return True
    return found.port == known.port


def _same_unit(found: Found, known: Known) -> bool:
    return known.kind not in MODBUS_KINDS or found.unit is None or known.unit in found.units


def unread(device: Device) -> Known:
    """A device of the registry while no collector runs: nobody reads it."""
    return Known(
        device=device.id,
        kind=device.kind,
        host=device.host,
        port=device.port,
        unit=device.unit,
        serial=device.portal_id or device.serial,
        tls=device.tls,
        name=device.name,
        model=device.model,
        profile=device.profile,
    )
