"""Assets as control sees them: looked up anew each time, for the registry may change."""

from collections.abc import Callable, Iterable

from collector.app.fleet import Fleet
from collector.control.desk import Place
from collector.model.assets import asset_id
from collector.model.kinds import LinkType
from collector.model.snapshot import Snapshot
from collector.site.site import Site
from collector.sources.base import Controllable


class SitePlants:
    """`collector.control.desk.Plants` over the site, its sources and the newest snapshot."""

    def __init__(self, site: Site, fleet: Fleet, newest: Callable[[], Snapshot]) -> None:
        self._site = site
        self._fleet = fleet
        self._newest = newest

    def place(self, asset: str) -> Place | None:
        """The asset; None when there is none of this id."""
        view = next((each for each in self._newest().assets if each.id == asset), None)
        image = None if view is None else self._site.images.get(view.device)
        if view is None or image is None:
            return None
        source = self._fleet.source(view.device)
        return Place(
            view=view,
            role=asset.partition(".")[2],
            control=image.device.control and image.device.enabled,
            port=source.control if isinstance(source, Controllable) else None,
            ratings=self._site.settings(asset_id(view.device, "")).ratings,
        )

    def twins(self, asset: str) -> Iterable[str]:
        """The assets that a person says are the same thing."""
        for link in self._fleet.registry.links:
            if link.type is LinkType.SAME_AS and asset in (link.asset, link.other):
                yield link.other if link.asset == asset else link.asset
