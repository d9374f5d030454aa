"""What the running node knows of its assets, as reports want it."""

from pathlib import Path

from collector.config.load import LoadedRegistry
from collector.config.node import NodeConfig
from collector.model.assets import Asset, AssetSettings
from collector.model.report_input import AssetInput, Brand, Limits
from collector.reports.members import Known
from collector.site.site import Site

LOGO_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".svg": "image/svg+xml"}
MOST_LOGO = 1 << 20


def known_of(site: Site, node: NodeConfig, registry: LoadedRegistry, config: Path) -> Known:
    """The assets as they are now, the links that devices tell of, and what node.toml says. A logo
    that cannot be read is left out, with a note."""
    brand, note = _brand(node, config)
    return Known(
        node=node.id,
        site=node.site,
        assets={
            asset.id: _asset(asset, site, registry.settings.get(asset.id) or AssetSettings())
            for asset in (
                role.asset for image in site.images.values() for role in image.roles.values()
            )
        },
        links=tuple(link for link in site.links if link not in registry.links),
        limits=_limits(node),
        brand=brand,
        notes=(note,) if note else (),
    )


def _asset(asset: Asset, site: Site, said: AssetSettings) -> AssetInput:
    return AssetInput(
        id=asset.id,
        device=asset.device,
        device_kind=site.images[asset.device].device.kind if asset.device in site.images else None,
        kind=asset.kind,
        role=asset.role,
        name=asset.name,
        system=asset.system,
        model=asset.model,
        serial=asset.serial,
        unit_no=asset.unit_no or said.unit_no,
        ratings=asset.ratings,
        fuel_curve=said.fuel_curve,
        account=said.account,
        accuracy_class=said.accuracy_class,
        certified=bool(said.certificate),
    )


def _limits(node: NodeConfig) -> Limits:
    alarms = node.alarms
    return Limits(
        voltage_deviation_pct=alarms.voltage_deviation_pct,
        frequency_deviation_pct=alarms.frequency_deviation_pct,
        voltage_unbalance_pct=alarms.voltage_unbalance_pct,
        current_unbalance_pct=alarms.current_unbalance_pct,
        overload_pct=alarms.overload_pct,
        soc_low_pct=alarms.soc_low_pct,
    )


def _brand(node: NodeConfig, config: Path) -> tuple[Brand, str]:
    told = node.report
    if not told.logo:
        return Brand(company=told.company), ""
    path = config / told.logo
    bad = f"the logo {told.logo}"
    kind = LOGO_TYPES.get(path.suffix.lower())
    try:
        content = path.read_bytes() if kind else b""
    except OSError as error:
        return Brand(company=told.company), f"{bad} cannot be read: {error.strerror}"
    if kind is None or len(content) > MOST_LOGO:
        return Brand(company=told.company), f"{bad} is no PNG, JPEG or SVG below 1 MB"
    return Brand(company=told.company, logo=content, logo_type=kind), ""
