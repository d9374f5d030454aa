"""The journal file: order, durability, caps, damage, a full disk."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

import pytest

from collector.errors import JournalError
from collector.journal import Dead, Journal, SinkRecord, files
from tests.support.batches import START_MS, batch

ROOT = Path(__file__).parents[2]
FOREVER_S = 1e9
NOW_MS = START_MS


@asynccontextmanager
async def opened(
    path: Path, *, cap_bytes: int = 1 << 30, max_age_s: float = FOREVER_S, min_seq: int = 1
) -> AsyncIterator[Journal]:
    """A journal that is closed at the end."""
    journal = await Journal.open(
        path, cap_bytes=cap_bytes, max_age_s=max_age_s, min_seq=min_seq, clock=lambda: NOW_MS
    )
    try:
        yield journal
    finally:
        await journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be."""
    return tmp_path / "state" / "journal.db"


async def _seqs(journal: Journal, first: int = 1, last: int = 1 << 40) -> list[int]:
    return [b.seq for b in await journal.read(first, last, max_samples=1 << 40)]


async def _fill(journal: Journal, count: int, samples: int = 10) -> None:
    for seq in range(journal.next_seq, journal.next_seq + count):
        await journal.append(batch(seq, samples))


async def test_batches_come_back_after_reopening(path: Path) -> None:
    """What was appended is read again, in order and unchanged, by the next program."""
    async with opened(path) as journal:
        await _fill(journal, 12)
    async with opened(path) as journal:
        assert (journal.first, journal.head, journal.next_seq) == (1, 12, 13)
        assert journal.last_ms == START_MS + 12_000
        found = await journal.read(1, 12, max_samples=1000)
    assert [b.seq for b in found] == list(range(1, 13))
    assert found[4].values.tobytes() == batch(5).values.tobytes()
    assert list(found[4].series) == list(batch(5).series)


async def test_only_the_next_number_is_taken(path: Path) -> None:
    """A batch out of turn is refused, and nothing changes."""
    async with opened(path) as journal:
        await _fill(journal, 2)
        with pytest.raises(JournalError, match="expects 3"):
            await journal.append(batch(5))
        with pytest.raises(JournalError, match="expects 3"):
            await journal.append(batch(2))
        assert await _seqs(journal) == [1, 2]


async def test_reading_stops_at_the_limit_but_gives_one(path: Path) -> None:
    """A read holds at most `max_samples`, yet a batch larger than that still comes."""
    async with opened(path) as journal:
        await _fill(journal, 30, samples=10)
    async with opened(path) as journal:
        assert [b.seq for b in await journal.read(3, 30, max_samples=25)] == [3, 4]
        assert [b.seq for b in await journal.read(3, 30, max_samples=1)] == [3]
        assert await journal.read(31, 40, max_samples=1) == []


async def test_recent_batches_are_the_stored_ones(path: Path) -> None:
    """Reading what was just appended gives the same as reading it from the file."""
    async with opened(path) as journal:
        await _fill(journal, 20)
        recent = await journal.read(18, 20, max_samples=1000)
        stored = await journal.read(5, 20, max_samples=1000)
        assert [b.seq for b in recent] == [18, 19, 20]
        assert [b.seq for b in stored] == list(range(5, 21))
        assert recent[2].values.tobytes() == stored[-1].values.tobytes()
        assert [b.seq for b in await journal.read(18, 20, max_samples=1)] == [18]


async def test_waiting_ends_with_the_append(path: Path) -> None:
    """`wait_beyond` sleeps until a batch above the number is durable."""
    async with opened(path) as journal:
        waiting = asyncio.create_task(journal.wait_beyond(0))
        await asyncio.sleep(0)
        assert not waiting.done()
        await journal.append(batch(1))
        await asyncio.wait_for(waiting, 5)
        await asyncio.wait_for(journal.wait_beyond(0), 5)


async def test_what_the_head_names_can_be_read(path: Path) -> None:
    """As soon as `head` shows a batch, reading gives it, however early one asks."""
    async with opened(path) as journal:
        for seq in range(1, 301):
            append = asyncio.create_task(journal.append(batch(seq)))
            while journal.head < seq:  # noqa: ASYNC110 - to look at the very first moment
                await asyncio.sleep(0)
            assert [b.seq for b in await journal.read(seq, seq, max_samples=100)] == [seq]
            await append


async def test_a_cancelled_append_is_still_known(path: Path) -> None:
    """When the caller of `append` is cancelled, a batch that was kept still counts and wakes."""
    async with opened(path) as journal:
        waiting = asyncio.create_task(journal.wait_beyond(0))
        append = asyncio.create_task(journal.append(batch(1)))
        await asyncio.sleep(0)
        append.cancel()
        await asyncio.wait_for(waiting, 5)
        assert journal.next_seq == 2
        assert await _seqs(journal) == [1]


async def test_sinks_states_last(path: Path) -> None:
    """A sink's state is there after reopening, and gone once it is configured no more."""
    record = SinkRecord(name="local", head=9, unsettled=((2, 3), (5, 9)))
    async with opened(path) as journal:
        await journal.save_sink(SinkRecord(name="local", head=1))
        await journal.save_sink(record)
    async with opened(path) as journal:
        assert await journal.load_sinks() == {"local": record}
        await journal.keep_sinks(("local", "cloud"))
        assert await journal.load_sinks() == {"local": record}
        await journal.keep_sinks(("cloud",))
        assert await journal.load_sinks() == {}


async def _tidied(journal: Journal) -> None:
    if journal._tidying is not None:
        await journal._tidying


def _size(path: Path) -> int:
    return path.stat().st_size


def _remove(path: Path) -> None:
    path.unlink()


# -- space


async def test_at_the_cap_the_oldest_settled_goes_first(path: Path) -> None:
    """Above the cap what all sinks have settled is deleted, oldest first; owed batches stay."""
    async with opened(path, cap_bytes=400_000) as journal:
        await journal.save_sink(SinkRecord(name="a", head=0))
        await _fill(journal, 30, samples=200)
        await journal.save_sink(SinkRecord(name="a", head=1 << 40, unsettled=((5, 20),)))
        await _fill(journal, 400, samples=200)
        await _tidied(journal)
        held = await _seqs(journal)
        health = journal.health()
    assert held[:16] == list(range(5, 21))
    assert held[16] > 100
    assert health.lost_samples == 0
    assert health.state == "ok"
    assert health.bytes <= 400_000 + 100_000


async def test_only_without_settled_ones_the_oldest_are_lost_and_counted(path: Path) -> None:
    """When nothing is settled the oldest batch goes, each of its samples is counted, for good."""
    async with opened(path, cap_bytes=400_000) as journal:
        await journal.save_sink(SinkRecord(name="a", head=0))
        await _fill(journal, 300, samples=200)
        await _tidied(journal)
        first = journal.first
        health = journal.health()
        assert first > 1
        assert await _seqs(journal) == list(range(first, 301))
        assert health.lost_samples == (first - 1) * 200
        assert health.state == "losing"
        assert health.cause
    async with opened(path, cap_bytes=400_000) as journal:
        assert journal.health().lost_samples == (first - 1) * 200


async def test_without_sinks_nothing_is_lost_by_the_cap(path: Path) -> None:
    """The embedded default: nobody waits, so the oldest go without being called lost."""
    async with opened(path, cap_bytes=400_000) as journal:
        await _fill(journal, 300, samples=200)
        await _tidied(journal)
        assert journal.first > 1
        assert journal.health().lost_samples == 0


async def test_age_deletes_only_what_is_settled(path: Path) -> None:
    """Batches older than the age cap go, counted from the newest batch, unless a sink waits."""
    async with opened(path, max_age_s=50) as journal:
        await journal.save_sink(SinkRecord(name="a", head=1 << 40, unsettled=((3, 4),)))
        await _fill(journal, 192)
        await _tidied(journal)
        held = await _seqs(journal)
    assert held[:2] == [3, 4]
    assert 140 <= held[2] <= 142
    assert held[-1] == 192


async def test_pages_are_given_back(path: Path) -> None:
    """After a large backlog is gone the file gives back all but a megabyte of spare pages."""
    async with opened(path, cap_bytes=20_000_000) as journal:
        await _fill(journal, 700, samples=200)
    large = _size(path)
    async with opened(path, cap_bytes=300_000) as journal:
        await _fill(journal, 256, samples=10)
    assert _size(path) <= 300_000 + (1 << 20) < large


async def test_numbers_are_never_reused(path: Path) -> None:
    """Deleting everything, or losing the file, never brings an earlier number back."""
    async with opened(path) as journal:
        await _fill(journal, 5)
    with sqlite3.connect(path) as db:
        db.execute("DELETE FROM batch")
    db.close()
    async with opened(path) as journal:
        assert journal.next_seq == 6
        await _fill(journal, 1)
    _remove(path)
    async with opened(path) as journal:
        assert journal.next_seq > 6
    async with opened(path, min_seq=1_000_000) as journal:
        assert journal.next_seq == 1_000_000


# -- damage


def _damage(path: Path, where: float, length: int) -> None:
    with path.open("r+b") as file:
        file.seek(int(_size(path) * where))
        file.write(random.Random(1).randbytes(length))


async def test_a_damaged_file_is_set_aside(path: Path) -> None:
    """A broken file moves away, a new one begins above its numbers, and health says where it is."""
    async with opened(path) as journal:
        await _fill(journal, 50, samples=200)
    with path.open("r+b") as file:
        file.write(b"no database at all")
    async with opened(path) as journal:
        assert journal.next_seq > 50
        assert "set aside" in journal.health().cause
        await _fill(journal, 3)
        assert len(await _seqs(journal, 51)) == 3
    assert len(list(path.parent.glob("journal.db.corrupt.*Z"))) == 1


async def test_a_damaged_page_is_found_at_open(path: Path) -> None:
    """`quick_check` finds damage in the middle of the tree, which opening alone would not."""
    async with opened(path) as journal:
        await _fill(journal, 50, samples=200)
    for where in (0.3, 0.5, 0.7):
        _damage(path, where, 20_000)
    async with opened(path) as journal:
        assert journal.next_seq > 50
        assert await _seqs(journal) == []
    assert list(path.parent.glob("journal.db.corrupt.*Z"))


@pytest.mark.parametrize("table", ["sink", "ledger", "boot", "gap"])
async def test_a_damaged_small_table_is_found_in_a_large_file(
    path: Path, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a file that is too large to be read in full, the tables that decide what is sent, and
    with which times, are checked all the same."""
    async with opened(path) as journal:
        await _fill(journal, 3)
        await journal.confirm("b", START_MS, "NTP", now_ms=START_MS)
    monkeypatch.setattr(files, "FULL_CHECK_BYTES", 0)
    async with opened(path) as journal:
        assert await _seqs(journal) == [1, 2, 3]
    db = sqlite3.connect(path)
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    (page,) = db.execute(query, (table,)).fetchone()
    db.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * files.PAGE_BYTES)
        file.write(random.Random(1).randbytes(files.PAGE_BYTES))
    async with opened(path) as journal:
        assert "set aside" in journal.health().cause


async def test_a_damaged_batch_costs_only_itself(path: Path) -> None:
    """A batch whose checksum fails is counted as lost and kept apart; its neighbours are read."""
    async with opened(path) as journal:
        await _fill(journal, 30)
    with sqlite3.connect(path) as db:
        body = bytearray(db.execute("SELECT body FROM batch WHERE seq = 4").fetchone()[0])
        body[-1] ^= 0xFF
        db.execute("UPDATE batch SET body = ? WHERE seq = 4", (bytes(body),))
    db.close()
    async with opened(path) as journal:
        assert await _seqs(journal, 3, 6) == [3, 5, 6]
        assert journal.health().lost_samples == 10
        (apart,) = await journal.dead("")
        assert (apart.first_seq, apart.samples, apart.body) == (4, 10, bytes(body))


async def test_damage_while_running_leads_to_a_new_file(path: Path) -> None:
    """When the file breaks under a running collector, the batch in hand is kept in a new file."""
    async with opened(path) as journal:
        await _fill(journal, 40, samples=200)
        await journal._call(
            lambda: journal._database._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        )
        with path.open("r+b") as file:
            file.write(os.urandom(_size(path)))
        await journal._call(lambda: journal._database._db.execute("PRAGMA cache_size = 0"))
        await journal._call(lambda: journal._database._db.execute("PRAGMA shrink_memory"))
        await _fill(journal, 5)
        assert journal.head == 45
        assert (await _seqs(journal, 38))[-5:] == [41, 42, 43, 44, 45]
        assert "set aside" in journal.health().cause
    assert list(path.parent.glob("journal.db.corrupt.*Z"))


async def test_a_newer_schema_is_refused(path: Path) -> None:
    """A file of a newer program is left alone, and the message says what to do."""
    async with opened(path):
        pass
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="newer program"):
        async with opened(path):
            pass
    assert _size(path)


async def test_a_second_program_is_refused(path: Path) -> None:
    """While one program holds the journal nobody else can open it."""
    async with opened(path) as journal:
        await _fill(journal, 1)
        with pytest.raises(JournalError, match="held by another"):
            async with opened(path):
                pass
        assert journal.next_seq == 2


# -- refused samples


async def test_refused_samples_are_kept_until_forgotten(path: Path) -> None:
    """What a receiver refused is listed by sink, counted, and leaves only when told to."""
    dead = Dead(
        sink="a", first_seq=1, last_seq=2, at_ms=5, reason="HTTP 400", samples=3, body=b"xyz"
    )
    async with opened(path) as journal:
        await journal.bury(dead)
        await journal.bury(dead)
    async with opened(path) as journal:
        assert await journal.dead_samples() == {"a": 6}
        first, second = await journal.dead("a")
        assert (first.body, first.reason) == (b"xyz", "HTTP 400")
        assert await journal.dead("a", after=first.id) == [second]
        assert await journal.dead("b") == []
        await journal.forget_dead((first.id,))
        assert await journal.dead() == [second]


# -- a full disk, a power cut


async def test_commits_are_forced_to_disk(path: Path) -> None:
    """Every commit is an fsync (FULL) on a WAL that this program holds alone."""
    async with opened(path) as journal:
        await _fill(journal, 1)

        def pragma(name: str) -> object:
            return journal._database._db.execute(f"PRAGMA {name}").fetchone()[0]

        assert await journal._call(lambda: pragma("synchronous")) == 2
        assert await journal._call(lambda: pragma("journal_mode")) == "wal"
        assert await journal._call(lambda: pragma("locking_mode")) == "exclusive"
        assert await journal._call(lambda: pragma("auto_vacuum")) == 2


async def test_a_full_disk_refuses_and_recovers_by_itself(path: Path) -> None:
    """Without space `append` raises and keeps its number; with space again the next one works."""
    async with opened(path) as journal:
        await _fill(journal, 3)
        await journal._call(lambda: journal._database._db.execute("PRAGMA max_page_count = 1"))
        with pytest.raises(JournalError, match="space"):
            await _fill(journal, 200, samples=200)
        seq = journal.next_seq
        assert journal.health().state == "failing"
        assert "space" in journal.health().cause
        await journal._call(lambda: journal._database._db.execute("PRAGMA max_page_count = 99999"))
        await journal.append(batch(seq, 200))
        assert journal.health().state == "ok"
        assert (await _seqs(journal))[-1] == seq


WRITER = """
import asyncio, resource, sys
from pathlib import Path
from collector.errors import JournalError
from collector.journal import Journal
from tests.support.batches import batch

async def main(path, limit):
    journal = await Journal.open(Path(path), cap_bytes=1 << 30, max_age_s=1e9)
    print("open", journal.next_seq, flush=True)
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    while True:
        seq = journal.next_seq
        try:
            await journal.append(batch(seq, 150))
        except JournalError as error:
            print("refused", seq, flush=True)
            if journal.health().state != "failing":
                print("silent", flush=True)
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            limit = 0
            continue
        print("kept", seq, flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def _writer(path: Path, limit: int = 0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(limit)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def _output(process: "subprocess.Popen[str]") -> IO[str]:
    assert process.stdout is not None
    return process.stdout


async def test_every_acknowledged_append_survives_sigkill(path: Path) -> None:
    """Killed at random moments, again and again, the journal holds all that was acknowledged."""
    rng = random.Random(11)
    kept: list[int] = []
    for _ in range(6):
        process = _writer(path)
        wanted = rng.randint(1, 120)
        lines: list[str] = []
        while len([line for line in lines if line.startswith("kept")]) < wanted:
            lines.append(_output(process).readline())
        process.send_signal(signal.SIGKILL)
        lines += _output(process).read().splitlines(keepends=True)
        process.wait()
        _output(process).close()
        whole = [line for line in lines if line.startswith("kept") and line.endswith("\n")]
        kept += [int(line.split()[1]) for line in whole]
        assert kept == sorted(set(kept))
    async with opened(path) as journal:
        held = await _seqs(journal)
        assert set(kept) <= set(held)
        assert held == list(range(1, journal.next_seq))
        assert len(held) - len(kept) <= 6


async def test_a_file_size_limit_is_survived(path: Path) -> None:
    """When the system refuses to let files grow, append says so, and goes on afterwards."""
    path.parent.mkdir()
    process = _writer(path, 300_000)
    lines: list[str] = []
    while not any(line.startswith("refused") for line in lines) or not lines[-1].startswith("kept"):
        lines.append(_output(process).readline())
        assert lines[-1], lines
    process.kill()
    process.wait()
    _output(process).close()
    refused = next(int(line.split()[1]) for line in lines if line.startswith("refused"))
    kept = [int(line.split()[1]) for line in lines if line.startswith("kept")]
    assert "silent\n" not in lines
    assert refused in kept
    async with opened(path) as journal:
        assert set(kept) <= set(await _seqs(journal))
