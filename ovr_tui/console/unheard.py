"""What of a total nobody knows, as a device has not been heard since the collector started. Pure.

Until a device speaks, the snapshot has one assumed asset of it, and none of those behind it: what
it may have a part in is then not known, whatever the totals say.
"""

from collections.abc import Container

from collector.model.catalogue import MAIN_POWER, POWERS
from collector.model.kinds import AssetKind, AssetStatus, DeviceKind
from collector.model.snapshot import AssetView, Snapshot

_HEARD = frozenset({AssetStatus.LIVE, AssetStatus.DISABLED})
"""Nothing more is to be heard of what is disabled."""

_GX = frozenset(POWERS)
_FRONIUS = _GX - {"generator_power_w"}


def unheard(shot: Snapshot, quantity: str) -> tuple[str, ...]:
    """The devices that have told nothing so far and may have a part in the power `quantity`, beside
    what the totals know of: they name what is there for it, unless something else counts it."""
    told = {
        view.device
        for view in shot.assets
        if view.status in _HEARD or view.readings or MAIN_POWER.get(view.kind) == quantity
    }
    return _carriers(shot, quantity, told)


def silent(shot: Snapshot, quantity: str) -> bool:
    """Whether a device is not heard now, or only in part, that may have a part in `quantity`."""
    return bool(_carriers(shot, quantity, ()))


def missing(shot: Snapshot, quantity: str) -> int:
    """How many are missing from the total of a power: the assets that it leaves out, and devices
    that may have a part in it and have told nothing."""
    total = shot.totals.get(quantity)
    out = () if total is None else total.left_out
    device = {view.id: view.device for view in shot.assets}
    named = {device.get(asset, asset) for asset in out}
    return len(out) + len(set(unheard(shot, quantity)) - named)


def _carriers(shot: Snapshot, quantity: str, told: Container[str]) -> tuple[str, ...]:
    kinds = {source.device: source.kind for source in shot.sources}
    found = {
        view.device: None
        for view in shot.assets
        if view.status not in _HEARD
        and view.device not in told
        and quantity in _carries(view, kinds.get(view.device, ""))
    }
    return tuple(found)


def _carries(view: AssetView, device: str) -> Container[str]:
    """The powers that an asset, and others behind its device, may have; `device` is its kind."""
    if device == DeviceKind.GX or view.kind is AssetKind.BESS:
        return _GX
    if device == DeviceKind.FRONIUS:
        return _FRONIUS
    return (MAIN_POWER.get(view.kind, ""),)
