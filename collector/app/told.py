"""What reports need to know of a running node's assets: as they are, and as they were told of."""

from msgspec import structs

from collector.config.node import NodeConfig
from collector.model.report_input import AssetInput, Brand, Limits
from collector.reports import Known
from collector.site.image import Image
from collector.site.site import Site
from collector.site.told import described, filled


def known_of(node: NodeConfig, site: Site, brand: Brand) -> Known:
    """What the node knows beside what is dated. What devices have told holds while they are silent;
    what people call it now holds for all time."""
    assets = site.told.assets()
    for image in site.images.values():
        for role in image.roles.values():
            told = assets.get(role.asset.id)
            if told is None or not role.expected:
                assets[role.asset.id] = filled(described(image, role), told)
    assets = {name: _called(site, asset) for name, asset in assets.items()}
    alarms = node.alarms
    return Known(
        node=node.id,
        site=node.site,
        assets=assets,
        before={
            name: tuple((until_ms, _as(assets[name], was)) for until_ms, was in times)
            for name, times in site.told.before().items()
        },
        links=tuple(site.told.links()),
        limits=Limits(
            voltage_deviation_pct=alarms.voltage_deviation_pct,
            frequency_deviation_pct=alarms.frequency_deviation_pct,
            voltage_unbalance_pct=alarms.voltage_unbalance_pct,
            current_unbalance_pct=alarms.current_unbalance_pct,
            overload_pct=alarms.overload_pct,
            soc_low_pct=alarms.soc_low_pct,
        ),
        brand=brand,
    )


def _called(site: Site, asset: AssetInput) -> AssetInput:
    """An asset with what the registry says of it now, if its device is in it."""
    image: Image | None = site.images.get(asset.device)
    if image is None:
        return asset
    said, device = site.settings(asset.id), image.device
    return structs.replace(
        asset,
        name=said.name or (device.name if not asset.role else "") or asset.name,
        system=said.system or device.system or device.id,
        unit_no=said.unit_no,
        ratings=structs.replace(
            asset.ratings,
            **{key: value for key, value in structs.asdict(said.ratings).items() if value},
        ),
    )


def _as(now: AssetInput, was: AssetInput) -> AssetInput:
    """What it was, as people call it now."""
    return structs.replace(
        was, name=now.name, system=now.system, unit_no=now.unit_no, ratings=now.ratings
    )
