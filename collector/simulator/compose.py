"""Which systems a site of N assets has."""

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle

from collector.simulator import blocks, by_profile
from collector.simulator.layout import Layout
from collector.simulator.physics.noise import stream

MAX_ASSETS = 200
MIX = (*blocks.FESTIVAL, by_profile.CONTROLLED, by_profile.PLAIN)
"""The usual systems, in the order in which a site gets them."""


def compose(assets: int, seed: int, wall: Callable[[], float]) -> Layout:
    """A site of exactly `assets` assets (a GX' battery, generator, tank, each solar charger and
    so on count each). Raises ValueError outside 1 to 200."""
    if not 1 <= assets <= MAX_ASSETS:
        raise ValueError(f"a simulated site has 1 to {MAX_ASSETS} assets, not {assets}")
    return lay_out(tuple(_blocks(assets)), seed, wall)


def lay_out(chosen: Sequence[blocks.Block], seed: int, wall: Callable[[], float]) -> Layout:
    """A site of these blocks, in their order."""
    layout = Layout(seed=seed, random=stream(seed, "layout"), wall=wall)
    for block in chosen:
        block.add(layout)
    assets = sum(block.assets for block in chosen)
    if len(layout.truth) != assets:
        raise AssertionError(f"{len(layout.truth)} assets were laid out instead of {assets}")
    return layout


def _blocks(assets: int) -> Iterator[blocks.Block]:
    """The festival's usual mix, as often as it fits; what remains are single load meters."""
    left = assets
    if left < blocks.HYBRID.assets:
        first = blocks.SMALL if left >= blocks.SMALL.assets else blocks.LONE
        yield first
        left -= first.assets
    for block in cycle(MIX):
        if left <= 0:
            return
        chosen = block if block.assets <= left else blocks.LOAD
        yield chosen
        left -= chosen.assets
