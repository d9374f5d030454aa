"""What the registry expects of a device, and the device does not have."""

from collections.abc import Collection, Mapping

from collector.model.assets import Device, asset_id
from collector.model.kinds import AssetKind, DeviceKind
from collector.site.image import Image

FIRST_KIND: Mapping[DeviceKind, AssetKind] = {
    DeviceKind.GX: AssetKind.BESS,
    DeviceKind.FRONIUS: AssetKind.PV,
}
"""What the main asset of devices that measure themselves is."""
EXPECTED_GONE_S = 15.0
READ_S = 60.0


def expected_kind(device: Device) -> AssetKind | None:
    """What a device's main asset is before it answers; None when its entry does not tell."""
    return device.asset_kind or FIRST_KIND.get(device.kind)


def tell_unseen(
    images: Mapping[str, Image], named: Mapping[str, Collection[str]], now_s: float
) -> None:
    """A hint where the registry names an asset (`named`: roles by device) that its device, read
    for a minute, does not tell of: with a misprint in a link one flow would count twice."""
    for device, roles in named.items():
        image = images.get(device)
        seen = [r for r in image.roles.values() if r.live_since_s is not None] if image else []
        if image is None or not any(now_s - (r.live_since_s or now_s) > READ_S for r in seen):
            continue
        unseen = sorted(asset_id(device, role) for role in set(roles) - image.roles.keys())
        known = ", ".join(role.asset.id for role in image.roles.values())
        text = f"registry.toml names {', '.join(unseen)}, not seen so far; there are {known}"
        image.note(seen[0].asset.role, "registry", text if unseen else "")


def never_came(image: Image, now_s: float) -> bool:
    """Whether the main asset that was assumed of a device is none: others live for a while."""
    others = [role for name, role in image.roles.items() if name and role.confirmed]
    return any(
        role.live_since_s is not None and now_s - role.live_since_s > EXPECTED_GONE_S
        for role in others
    )
