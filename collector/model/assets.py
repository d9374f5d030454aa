"""Devices, assets and the links between them, as the registry and the sources declare them."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from collector.model.kinds import AssetKind, DeviceKind, LinkType


class Ratings(Struct, frozen=True, kw_only=True):
    """What is written on the plate; None where nobody has said."""

    rated_kva: float | None = None
    rated_kw: float | None = None
    battery_kwh: float | None = None
    inverter_kva: float | None = None
    nominal_v: float | None = None
    ct_primary_a: float | None = None
    tank_l: float | None = None


def generator_kw(rated_kw: float | None, rated_kva: float | None) -> float | None:
    """What a generating set may give in kW: what its plate says, else 0.8 × kVA.

    Source: sets are rated at a power factor of 0.8 (ISO 8528-1)."""
    return rated_kw or (rated_kva * 0.8 if rated_kva else None)


class Asset(Struct, frozen=True, kw_only=True):
    """One measuring place. `id` is `<device>` or `<device>.<role>` and never changes."""

    id: str
    device: str
    role: str
    kind: AssetKind
    name: str
    system: str
    model: str = ""
    serial: str = ""
    unit_no: str = ""
    ratings: Ratings = Ratings()


class AssetSettings(Struct, frozen=True, kw_only=True):
    """What the registry says of an asset beside what its source declares; empty where nothing.

    `fuel_curve` holds points (kW, litres an hour), rising in both; `accuracy_class` is the
    meter's, as printed on it; `certificate` its approval for revenue ("": not revenue metering).
    """

    name: str = ""
    kind: AssetKind | None = None
    system: str = ""
    unit_no: str = ""
    ratings: Ratings = Ratings()
    fuel_curve: tuple[tuple[float, float], ...] = ()
    account: str = ""
    accuracy_class: str = ""
    certificate: str = ""


ASSUMED = "nobody knows any more"
"""Why a link is there that was never told: so that nothing counts twice."""


class Link(Struct, frozen=True, kw_only=True):
    """`asset` measures the same flow as `other`, or is fed by it.

    `quantities` limits the link to some measurements (a battery system's view of its generator
    input is a check of the generator's own meter; its load is nobody's check). None: all.

    It holds from `from_ms` to `to_ms` (UTC ms, excluded); left out where it always did, and does.
    """

    asset: str
    type: LinkType
    other: str
    quantities: frozenset[str] | None = None
    why: str = "registry"
    from_ms: int | UnsetType = UNSET
    to_ms: int | UnsetType = UNSET

    def holds(self, at_ms: int) -> bool:
        """Whether it is in force at a moment."""
        begun = self.from_ms is UNSET or self.from_ms <= at_ms
        return begun and (self.to_ms is UNSET or at_ms < self.to_ms)

    def covers(self, quantity: str) -> bool:
        """Whether the link says anything about `quantity`."""
        return self.quantities is None or quantity in self.quantities


def asset_id(device: str, role: str) -> str:
    """The id of a device's asset in `role`; the main asset has an empty role."""
    return f"{device}.{role}" if role else device


SolarApi = Literal["off", "fallback", "check"]
"""What a Fronius device's HTTP interface is for: nothing; where its Modbus is off; to compare."""


class Device(Struct, frozen=True, kw_only=True):
    """One entry of the registry: what is connected to, and how. Times in seconds."""

    id: str
    kind: DeviceKind
    host: str
    port: int
    name: str = ""
    system: str = ""
    enabled: bool = True
    control: bool = False
    portal_id: str = ""
    serial: str = ""
    username: str = ""
    password: str = ""
    tls: bool = False
    fingerprint: str = ""
    unit: int = 1
    solar_api: SolarApi = "fallback"
    solar_api_port: int = 80
    asset_kind: AssetKind | None = None
    model: str = ""
    profile: str = ""
    interval_s: float = 1.0
    timeout_s: float | None = None

    def __repr__(self) -> str:
        return f"Device({self.id} {self.kind} {self.host}:{self.port})"
