"""Past values: memory and rollups as one."""

from contextlib import asynccontextmanager

import pytest

from collector.app.past import past
from collector.journal.store import Journal
from collector.model.kinds import AssetKind
from collector.rollups import Rollups
from collector.store import NodeDb
from tests.support.sites import START_MS, Clocked, device

KEY = "load_power_w"
MINUTE_MS = 60_000


class Node(Clocked):
    """A site whose ticks also go into rollups."""

    def __init__(self, rollups):
        super().__init__(device())
        self.image().declare("", AssetKind.LOAD)
        self.rollups = rollups
        self.now_s = float(59 - START_MS // 1000 % 60)  # the first tick begins a minute

    def run(self, watts, seconds):
        """Ticks with one power."""
        image = self.image()
        for _ in range(seconds):
            image.put("", KEY, watts)
            image.alive("")
            self.tick()
            at_ms = START_MS + int(self.now_s) * 1000
            self.rollups.tick(at_ms, self.now_s, self.taken.assets, self.site.counters)

    @property
    def at_ms(self):
        """The newest tick."""
        return START_MS + int(self.now_s) * 1000

    async def past(self, from_ms, to_ms, step_s):
        """What a reader gets."""
        return await past(self.site, self.rollups, "d1", KEY, from_ms, to_ms, step_s)


@asynccontextmanager
async def node(tmp_path):
    """A running node on an empty folder."""
    db = NodeDb(tmp_path / "node.db")
    await db.open()
    journal = await Journal.open(tmp_path / "journal.db", cap_bytes=1 << 26, max_age_s=1e6)
    try:
        yield Node(Rollups(db, journal, node="n1"))
    finally:
        await journal.close()
        await db.close()


async def test_memory_answers_as_far_as_it_reaches(tmp_path):
    """Recent seconds come from memory, one by one."""
    async with node(tmp_path) as site:
        site.run(1000.0, 30)
        found = await site.past(site.at_ms - 9000, site.at_ms, 1)
        assert list(found.values) == [1000.0] * 10
        assert not found.least


async def test_what_is_older_comes_in_minutes(tmp_path):
    """Before memory begins values are minutes from rollups; each second is told once, in order."""
    async with node(tmp_path) as site:
        site.run(1000.0, 1200)
        site.run(3000.0, 600)
        begin = site.at_ms - 1_799_000
        found = await site.past(begin, site.at_ms, 1)
        assert list(found.times) == sorted(set(found.times))
        minutes = [
            t
            for t, later in zip(found.times, found.times[1:], strict=False)
            if later - t == MINUTE_MS
        ]
        assert len(minutes) in (14, 15)
        assert found.values[0] == found.least[0] == found.greatest[0] == pytest.approx(1000)
        assert found.values[-1] == 3000
        assert len(found.values) == len(found.least) == len(found.greatest)


async def test_long_steps_come_from_rollups(tmp_path):
    """Steps of a minute or more are means of whole minutes with their extremes; 90 s means 120."""
    async with node(tmp_path) as site:
        site.run(1000.0, 30)
        site.run(3000.0, 30)
        site.run(5000.0, 60)
        begin = site.at_ms - 119_000
        found = await site.past(begin, site.at_ms, 60)
        assert [round(v) for v in found.values] == [2000, 5000]
        assert [round(v) for v in found.least] == [1000, 5000]
        assert [round(v) for v in found.greatest] == [3000, 5000]
        wide = await site.past(begin, site.at_ms, 90)
        assert {(t - wide.times[0]) % 120_000 for t in wide.times} == {0}


async def test_no_such_reading(tmp_path):
    """What an asset does not have has no past."""
    async with node(tmp_path) as site:
        site.run(1000.0, 3)
        ways = [(site.at_ms - 9000, 1), (site.at_ms - 3_600_000, 1), (0, 60)]
        for from_ms, step_s in ways:
            assert (
                await past(site.site, site.rollups, "ghost", KEY, from_ms, site.at_ms, step_s)
                is None
            )
