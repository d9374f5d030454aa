"""Where the node stands: what `node.toml` says, else what a GX with a GPS receiver says."""

from collections.abc import Callable, Mapping

from collector.config.node import NodeConfig
from collector.sources.fronius import Place

Told = Callable[[], Mapping[str, tuple[float, float]]]
"""By device the latitude and longitude that it has told."""


class Whereabouts:
    """The position of a node, asked when it is needed: a GX tells it some time after the start."""

    def __init__(self, node: NodeConfig, told: Told) -> None:
        self._said = _said(node)
        self._told = told

    def place(self) -> Place | None:
        """Where the node stands; None when nobody has said."""
        if self._said is not None:
            return self._said
        found = next(iter(self._told().values()), None)
        return None if found is None else Place(*found)

    def hint(self) -> str:
        """What a person may write into node.toml, for a GX moves along with its trailer; "" where
        it is written, or nothing is known."""
        if self._said is not None:
            return ""
        for device, (latitude, longitude) in self._told().items():
            return (
                f"node.toml says no position; {device} stands at {latitude:.5f}, {longitude:.5f} "
                f"by its GPS, which is used meanwhile: set latitude and longitude"
            )
        return ""


def _said(node: NodeConfig) -> Place | None:
    if node.latitude is None or node.longitude is None:
        return None
    return Place(node.latitude, node.longitude)
