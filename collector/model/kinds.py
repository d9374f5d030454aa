"""The closed sets: what a device, an asset, a reading and a link can be."""

from enum import StrEnum


class AssetKind(StrEnum):
    """What one measuring place measures."""

    BESS = "bess"
    GENERATOR = "generator"
    GRID = "grid"
    LOAD = "load"
    PV = "pv"
    TANK = "tank"


class DeviceKind(StrEnum):
    """How a device is spoken to."""

    GX = "gx"
    ACUVIM = "acuvim"
    FRONIUS = "fronius"
    MODBUS = "modbus"
    HTTP = "http"


class Quality(StrEnum):
    """How far a reading may be trusted now."""

    GOOD = "good"
    STALE = "stale"
    BAD = "bad"


class AssetStatus(StrEnum):
    """The state of an asset as a person sees it; only `LIVE` counts in totals and sends samples."""

    LIVE = "live"
    STALE = "stale"
    """Was live, its device or its link is silent now."""
    LOST = "lost"
    """The device says the asset is gone, or the device has been out of reach for minutes."""
    WRONG = "wrong"
    """Another device answers at the address: nothing of it is used."""
    WAITING = "waiting"
    """Not heard since the collector started."""
    DISABLED = "disabled"


class LinkType(StrEnum):
    """How two assets measure related flows."""

    SAME_AS = "same_as"
    """Both measure one flow; the first is a check of the second and is never added."""
    BEHIND = "behind"
    """The first is fed by the second, hence a part of what the second measures."""
    APART = "apart_from"
    """They look alike and are two flows, a person says: both count."""
