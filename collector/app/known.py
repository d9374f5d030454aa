"""The registry's devices as a search for devices needs to know them."""

from collections.abc import Callable
from functools import partial

from collector.config.node import NodeConfig
from collector.config.paths import Home
from collector.discovery import DiscoveryDesk
from collector.discovery.mark import Known
from collector.discovery.plan import exclusion
from collector.discovery.search import World, shelved
from collector.site.image import Image
from collector.site.site import Site


def known_of(site: Site) -> list[Known]:
    """All devices, with who answers now as far as a source has heard."""
    return [_known(site, image) for image in site.images.values()]


def _known(site: Site, image: Image) -> Known:
    device = image.device
    main = image.roles.get("")
    return Known(
        device=device.id,
        kind=device.kind,
        host=device.host,
        port=device.port,
        unit=device.unit,
        serial=site.expected(device),
        tls=device.tls,
        name=device.name,
        model=main.asset.model if main else "",
        profile=device.profile,
        who=image.identity,
        heard=site.watches[device.id].state == "running",
    )


def discovery_desk(
    home: Home, node: NodeConfig, site: Site, in_event: Callable[[], bool]
) -> DiscoveryDesk:
    """The node's searches; `in_event` tells whether an event is on."""
    return DiscoveryDesk(
        known=lambda: known_of(site),
        in_event=in_event,
        excluded=exclusion(node.discovery.exclude),
        world=World(rate=node.discovery.rate, profiles=partial(shelved, home.config)),
    )
