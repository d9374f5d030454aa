"""A simulated site and the whole collector on it, in one event loop."""

from contextlib import asynccontextmanager

from collector.model.kinds import AssetStatus
from collector.simulator import SimulatedSite
from tests.support.nodes import make_home, running

LIVE, STALE, WRONG = AssetStatus.LIVE, AssetStatus.STALE, AssetStatus.WRONG


@asynccontextmanager
async def site(tmp_path, assets=20, *, node_toml=None, **more):
    """Once everything lives: the simulated site, and the node that reads it."""
    async with SimulatedSite(assets=assets, **more) as sim:
        home = make_home(tmp_path, sim.devices, sim.assets, node_toml)
        async with running(home) as node:
            await node.until(
                lambda: (
                    len(node.snapshot.assets) >= assets
                    and all(a.status is LIVE for a in node.snapshot.assets)
                ),
                30,
            )
            yield sim, node


def device_of(sim, kind):
    """The first device of a kind."""
    return next(d["id"] for d in sim.devices if d["kind"] == kind)


def statuses(node, device):
    """The states of a device's assets."""
    return {a.status for a in node.snapshot.assets if a.device == device}
