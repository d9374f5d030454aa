"""Exact across restarts: what is made again from the journal is what was reckoned live."""

import asyncio
from itertools import pairwise

import pytest

from collector.rollups import tables
from collector.supervisor import end
from tests.rollups.living import KINDS, Living

NOBODY = frozenset[str]()


async def play(node: Living, seconds: int) -> None:
    """Ticks with all that happens: silences, late ticks, a standstill."""
    silent = NOBODY
    for _ in range(seconds):
        if node.random.random() < 0.05:
            silent = frozenset(name for name in KINDS if node.random.random() < 0.3)
        await node.tick(node.random.choice((1, 1, 1, 1, 1, 1, 2, 4, 14)), silent)


async def test_minutes_made_from_the_journal_are_those_that_were_reckoned_live(tmp_path):
    """Bit for bit, but for registers, which no sample tells."""
    async with Living(tmp_path) as node:
        await play(node, 400)
        await node.stored(node.at_ms // 60_000 * 60_000)
        await node.stop()
        await node.begin()
        live = await node.minutes(registers=False)
        await node.kill()
        (tmp_path / "node.db").rename(tmp_path / "node.db.lost")
        await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        made = await node.minutes(registers=False)
    assert len(live) > 20
    assert made == live


@pytest.mark.parametrize("seed", [3, 7, 11])
async def test_a_kill_at_any_tick_changes_no_minute(tmp_path, seed):
    """Killed and restarted at random moments, then all of it again from the journal: the same."""
    async with Living(tmp_path, seed) as node:
        for _ in range(9):
            await play(node, node.random.randrange(1, 90))
            if node.random.random() < 0.5:
                await node.stored(node.rollups._from_ms)
            await (node.kill() if node.random.random() < 0.7 else node.stop())
            node.now_s += node.random.choice((0, 0, 2, 7, 30, 300))
            await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        await node.stop()
        await node.begin()
        pieced = await node.minutes(registers=False)
        await node.kill()
        (tmp_path / "node.db").rename(tmp_path / "node.db.lost")
        await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        whole = await node.minutes(registers=False)
    assert len(pieced) > 10
    assert whole == pieced


async def test_an_orderly_end_in_the_middle_of_a_minute_keeps_its_part(tmp_path):
    """The rest of the minute merges with it; registers at both ends are known."""
    async with Living(tmp_path) as node:
        for _ in range(10):
            await node.tick()
        await node.stop()
        assert node.rollups.cause == ""
        await node.begin()
        assert await node.mark() == node.at_ms + 1000
        for _ in range(100):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        minutes = await node.minutes()
        counters = [m[1]["load_energy_kwh"] for (asset, _), m in minutes.items() if asset == "d1"]
    assert len(counters) == 2
    assert all(counter.raw_first and counter.raw_last for counter in counters)


async def test_making_again_is_done_once(tmp_path):
    """A second start finds nothing to do; rows stay as they are, with their registers."""
    async with Living(tmp_path) as node:
        await play(node, 100)
        await node.stored(node.at_ms // 60_000 * 60_000)
        before = await node.rows(0, await node.mark())
        for _ in range(2):
            await node.kill()
            await node.begin()
            await node.tick()
            await node.stored(node.at_ms)
        after = {(row.subject, row.from_ms): row for row in await node.rows()}
    assert before
    assert all(after[row.subject, row.from_ms] == row for row in before)


async def test_a_part_that_was_split_off_before_a_kill_is_kept_and_not_counted_twice(tmp_path):
    """It is stored at once; the rest of its minute is made from the journal."""
    async with Living(tmp_path) as node:
        for _ in range(5):
            await node.tick()
        cut_ms = node.at_ms + 1500
        assert node.rollups.split(["d1"], cut_ms)
        for _ in range(5):
            await node.tick()
        await node.stored(node.rollups._from_ms)

        async def split_off() -> bool:
            return await node.db.run("read", lambda db: "d1" in tables.ends(db, 2**41))

        await node.until(split_off)
        await node.kill()
        await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        rows = [row.rollup() for row in await node.rows() if row.subject.asset == "d1"]
    assert rows[0].to_ms == rows[1].from_ms == cut_ms
    assert rows[0].counters["load_energy_kwh"].raw_last is not None
    assert sum(row.good_ms("frequency_hz") for row in rows) <= 10_000
    assert all(a.to_ms <= b.from_ms for a, b in pairwise(rows))


async def test_a_cut_counts_when_all_before_it_is_stored(tmp_path):
    """Not while its time lies ahead, not while its part waits for the disk, and not beyond its
    minute; an asset without data has nothing to wait for."""
    async with Living(tmp_path) as node:
        for _ in range(5):
            await node.tick()
        await node.stored(node.rollups._from_ms)
        await end(node.task)  # nothing is stored now
        cut_ms = node.at_ms + 1500
        assert node.rollups.split(["d1", "d9"], cut_ms)
        assert not node.rollups.split(["d2"], node.at_ms)
        await node.tick()
        assert node.rollups.cuts() == {}
        await node.tick()
        assert node.rollups.cuts() == {"d9": cut_ms}
        node.task = asyncio.create_task(node.rollups.run())

        async def counts() -> bool:
            return node.rollups.cuts() == {"d1": cut_ms, "d9": cut_ms}

        await node.until(counts)
        assert (await node.db.run("read", lambda db: tables.ends(db, 2**41)))["d1"] == cut_ms
        for _ in range(60):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        assert node.rollups.cuts() == {}


async def test_ticks_that_the_journal_does_not_hold_leave_a_gap_only(tmp_path):
    """What was never journaled cannot be made; the rest is."""
    async with Living(tmp_path) as node:
        for _ in range(60):
            await node.tick()
        node.keeps = False
        for _ in range(30):
            await node.tick()
        node.keeps = True
        await node.tick()
        await node.kill()
        await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        rows = [row.rollup() for row in await node.rows() if row.subject.asset == "d1"]
    good = sum(row.good_ms("load_power_w") for row in rows)
    assert 0 < good <= 62_000  # of 91 ticks the journal holds 61; one holds for its own second
