"""A simulated festival in virtual time, seen as scenes: the plant, its devices and faults, and the
collector's real sources, supervisor and site on it."""

import random
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import tomli_w

from collector.alarms.scene import Scene
from collector.config.load import Loaded, load
from collector.config.paths import find_home
from collector.model.snapshot import Total
from collector.simulator.blocks import Block
from collector.simulator.faults import Fault
from collector.simulator.truth import Truth
from collector.simulator.virtual.loop import VirtualLoop
from collector.simulator.virtual.site import VirtualSite
from collector.site.memory import Memory
from collector.site.site import Site

START_S = 1_782_420_000
"""A summer afternoon, 2026-06-25."""


class Field:
    """`scenes` gives the site's scenes, second by second, while `faults` happen by its clock."""

    def __init__(
        self,
        loop: VirtualLoop,
        site: int | Sequence[Block],
        seed: int,
        faults: Sequence[Fault],
    ) -> None:
        self._loop = loop
        self._seed = seed
        self._faults = faults
        self._site = VirtualSite(loop, site, seed, start_s=START_S)
        self.today: dict[str, Total] = {}
        """The site's energies at the newest scene."""

    def truth(self) -> Truth:
        """The plant's true figures now; energies count from when the site was made."""
        return self._site.truth()

    def _loaded(self, folder: Path) -> Loaded:
        home = find_home(str(folder), {})
        home.ensure()
        node = {"node": {"id": "bench", "site": "field", "timezone": "America/Los_Angeles"}}
        home.node_toml.write_text(tomli_w.dumps(node))
        home.registry_toml.write_text(tomli_w.dumps(self._site.registry()))
        return load(home, {})

    async def scenes(self, seconds: int) -> AsyncIterator[Scene]:
        """A scene a second. Faults count from the first one."""
        random.seed(self._seed)  # the supervisor's jitter
        with tempfile.TemporaryDirectory() as folder:
            loaded = self._loaded(Path(folder))
            site = Site(
                node="bench",
                site="field",
                timezone="America/Los_Angeles",
                devices=loaded.devices,
                settings=loaded.settings,
                links=loaded.links,
                memory=Memory({}, "", {}, {}),
                mono=self._loop.time,
            )
            async with self._site.reading(site, Path(folder) / "config"):
                for second in range(seconds):
                    for fault in self._faults:
                        if int(fault.at_s) == second:
                            await self._site.inject(fault)
                    await self._site.advance()
                    yield self._scene(site, loaded)

    def _scene(self, site: Site, loaded: Loaded) -> Scene:
        at_ms = int(self._site.wall()) * 1000
        taken = site.take(at_ms)
        self.today = taken.today
        return Scene(
            at_ms=at_ms,
            now_s=self._loop.now_s,
            assets=taken.assets,
            totals=taken.totals,
            sources=taken.sources,
            settings=loaded.settings,
            notices=site.notices(),
        )
