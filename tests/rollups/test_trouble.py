"""When node.db is full, gone or behind: nothing that the journal holds is lost."""

from functools import partial

import pytest

from collector.errors import StoreError
from collector.journal.store import Journal
from collector.model.kinds import AssetKind
from collector.rollups import Fill, Subject, holds
from collector.rollups.queue import Queue
from tests.rollups.living import Living


def pages(conn, more):
    """Let the file grow by so many pages: beyond it SQLite says that the disk is full."""
    conn.execute("INSERT OR IGNORE INTO rollup (id, body) VALUES (1, zeroblob(3800))")
    used = conn.execute("PRAGMA page_count").fetchone()[0]
    conn.execute(f"PRAGMA max_page_count = {used + more}")


async def minutes_from_the_journal(node, tmp_path):
    """All minutes, made from the journal alone in another file."""
    await node.kill()
    (tmp_path / "node.db").rename(tmp_path / "node.db.first")
    await node.begin()
    await node.tick()
    await node.stored(node.at_ms)
    return await node.minutes(registers=False)


@pytest.mark.parametrize("most", [60, 2])
async def test_a_full_disk_makes_minutes_wait_and_then_all_are_there(tmp_path, most):
    """They wait, bounded; what is more than that is made from the journal afterwards."""
    async with Living(tmp_path) as node:
        node.rollups._queue = Queue(most)
        await node.tick()
        await node.stored(node.at_ms)
        await node.db.run("fill the disk", partial(pages, more=0))
        for _ in range(5 * 60):
            await node.tick()

        async def failing():
            return "no space left" in node.rollups.cause

        await node.until(failing)
        assert (node.rollups.left > 0) == (most == 2)
        full_ms = node.at_ms
        await node.db.run("free some", partial(pages, more=10_000))
        for _ in range(2 * 60):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        assert node.rollups.cause == ""
        await node.stop()
        await node.begin()
        live = await node.minutes(registers=False)
        registers = await node.minutes()
        whole = await minutes_from_the_journal(node, tmp_path)
    assert full_ms // 60_000 - min(minute for _, minute in live) >= 5
    assert live == whole
    known = sum(
        m[1]["load_energy_kwh"].raw_last is not None for (a, _), m in registers.items() if a == "d1"
    )
    assert known == len([a for a, _ in registers if a == "d1"]) if most == 60 else known >= 3


async def test_a_file_that_is_replaced_while_it_runs_gets_all_minutes_again(tmp_path):
    """The mark is gone: all that the journal holds is made anew, and live rows follow."""
    async with Living(tmp_path) as node:
        for _ in range(150):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)

        def forget(conn):
            conn.execute("DELETE FROM rollup")
            conn.execute("DELETE FROM rollup_mark")
            conn.execute("DELETE FROM rollup_track")

        await node.db.run("forget all", forget)
        for _ in range(60):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        await node.stop()
        await node.begin()
        live = await node.minutes(registers=False)
        whole = await minutes_from_the_journal(node, tmp_path)
    assert len(live) > 9
    assert live == whole


async def test_what_is_made_again_is_split_where_holds_begin_and_end(tmp_path):
    """A kill right after a join: its minute is cut there all the same."""
    async with Living(tmp_path) as node:
        for _ in range(5):
            await node.tick()
        await node.stored(node.rollups._from_ms)
        join = node.at_ms + 500
        await node.db.run("join", lambda conn: holds.hold(conn, "p1", ["d1"], join))
        for _ in range(5):
            await node.tick()
        await node.kill()
        await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        rows = [row.rollup() for row in await node.rows() if row.subject.asset == "d1"]
    assert join in [row.from_ms for row in rows]
    assert join in [row.to_ms for row in rows]


async def test_history_reaches_from_the_first_row_to_the_open_minute(tmp_path):
    """Stored, waiting and open minutes alike."""
    async with Living(tmp_path) as node:
        for _ in range(200):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        start = node.at_ms - 199_000
        found = await node.rollups.history("d1", "load_energy_kwh", start, node.at_ms, 60)
        assert found is not None
        assert None not in found.values
        assert found.times[0] == start // 60_000 * 60_000
        assert found.times[-1] == (node.at_ms - 1) // 60_000 * 60_000
        assert found.values[-1] == pytest.approx(
            node.clocked.site.counters["d1", "load_energy_kwh"].total, abs=1e-4
        )
        closed = [row async for some in node.rollups.rows(["d1"], 0, 2**41) for row in some]
        whole = [
            row
            async for some in node.rollups.rows(["d1"], 0, 2**41, with_open=True)
            for row in some
        ]
        assert whole[:-1] == closed
        assert whole[-1].rollup().to_ms == node.at_ms
        assert await node.rollups.history("d9", "load_energy_kwh", start, node.at_ms, 60) is None


async def test_a_join_that_is_told_late_splits_the_stored_minute(tmp_path):
    """The parts come to the very row that there was, registers at its ends included."""
    async with Living(tmp_path) as node:
        for _ in range(200):
            await node.tick()
        join = node.at_ms - 100_000 + 250
        assert not node.rollups.split(["d1"], join)
        await node.stored(node.at_ms // 60_000 * 60_000)
        before = await node.minutes()
        await node.db.run("join", lambda conn: holds.hold(conn, "p1", ["d1"], join))
        for _ in range(60):
            await node.tick()

        async def split():
            rows = await node.rows(join, join + 1)
            return [row for row in rows if row.subject.asset == "d1" and row.from_ms == join]

        await node.until(split)
        after = await node.minutes()
    assert {key: after[key] for key in before} == before
    assert node.rollups._recut.whole == 0


async def test_a_minute_that_the_journal_does_not_hold_stays_whole(tmp_path):
    """Its row is better than parts that do not come to it."""
    async with Living(tmp_path) as node:
        for number in range(200):
            node.keeps = number % 2 == 0
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        join = node.at_ms - 100_000 + 250
        before = await node.rows()
        await node.db.run("join", lambda conn: holds.hold(conn, "p1", ["d1"], join))
        for _ in range(60):
            await node.tick()

        async def refused():
            return node.rollups._recut.whole == 1

        await node.until(refused)
        after = await node.rows()
    assert set(before) <= set(after)


async def test_a_log_of_minutes_that_are_not_stored_yet_is_told_to_come_again(tmp_path):
    """What can be filled is; the rest is not forgotten by whoever brought it."""
    async with Living(tmp_path) as node:
        for _ in range(60):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        now = node.at_ms // 60_000 * 60_000
        meter = Subject("meter", AssetKind.LOAD, "s")
        fills = [Fill(meter, now + n * 60_000, {"load_power_w": 5.0}) for n in (-2, 0)]
        with pytest.raises(StoreError, match="1 minutes"):
            await node.rollups.fill(fills)
        assert await node.rollups.fill(fills[:1]) == 0
        for _ in range(60):
            await node.tick()
        await node.stored(now + 60_000)
        assert await node.rollups.fill(fills) == 1
        assert [
            row.from_ms async for some in node.rollups.rows(["meter"], 0, 2**41) for row in some
        ] == [
            now - 120_000,
            now,
        ]


async def test_rows_of_a_clock_that_was_ahead_do_not_hide_what_follows(tmp_path):
    """The journal was moved away and the clock set back: minutes are made again as ever."""
    async with Living(tmp_path) as node:
        node.now_s += 86_400
        for _ in range(130):
            await node.tick()
        await node.stored(node.at_ms // 60_000 * 60_000)
        ahead_ms = await node.mark()
        await node.kill()
        await node.journal.close()
        (tmp_path / "journal.db").rename(tmp_path / "journal.db.ahead")
        node.journal = await Journal.open(tmp_path / "journal.db", cap_bytes=1 << 30, max_age_s=1e6)
        node.now_s -= 86_400
        await node.begin()
        for _ in range(20):
            await node.tick()
        await node.stored(node.at_ms - 19_000)
        assert await node.mark() < ahead_ms
        await node.kill()
        await node.begin()
        await node.tick()
        await node.stored(node.at_ms)
        made = [row.rollup() for row in await node.rows(0, node.at_ms) if row.subject.asset == "d1"]
    assert made[-1].to_ms <= node.at_ms
    assert sum(row.good_ms("load_power_w") for row in made) > 5000
