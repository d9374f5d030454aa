"""Batches of a clock that nobody has confirmed: kept, not sent, stamped later."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from collector.errors import JournalError
from collector.journal import Batch, Journal, SinkRecord
from collector.journal.boots import ESTIMATED
from tests.journal.test_store import _fill, _seqs, _tidied, opened
from tests.support.batches import START_MS, batch

ALL = 1 << 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a journal may be."""
    return tmp_path / "state" / "journal.db"


def early(seq: int, boot: str, mono_s: int, *, clock_ms: int = 0, samples: int = 10) -> Batch:
    """A batch of an unconfirmed clock, which started with `clock_ms`."""
    at_ms = clock_ms + 1000 * mono_s
    return replace(batch(seq, samples, at_ms=at_ms), boot=boot, mono_ms=1000 * mono_s)


async def put(journal: Journal, boot: str, count: int, *, clock_ms: int = 0) -> None:
    """Ticks of the seconds 1 to `count` of a boot."""
    for mono_s in range(1, count + 1):
        await journal.append(early(journal.next_seq, boot, mono_s, clock_ms=clock_ms))


async def times(journal: Journal) -> list[int]:
    """The times of all batches that may be sent."""
    return [one.at_ms for one in await journal.read(1, ALL, max_samples=ALL)]


async def test_what_is_unconfirmed_is_kept_and_not_given_to_sinks(path: Path) -> None:
    """Nothing that a sink asks for shows an unconfirmed batch; who rebuilds from the journal can
    read it, and sees that its time is provisional."""
    async with opened(path) as journal:
        await _fill(journal, 5)
        await put(journal, "b", 4)
        assert (journal.head, journal.newest, journal.next_seq) == (5, 9, 10)
        assert journal.last_ms == START_MS + 5000
        assert await _seqs(journal) == [1, 2, 3, 4, 5]
        assert await _seqs(journal, 6, 9) == []
        assert journal.health().unconfirmed == 4
        whole = await journal.read(1, ALL, max_samples=ALL, unconfirmed=True)
        assert [(one.seq, one.boot, one.mono_ms) for one in whole[4:]] == [
            (5, "", 0),
            *((5 + n, "b", 1000 * n) for n in range(1, 5)),
        ]


async def test_confirming_stamps_and_wakes(path: Path) -> None:
    """With the confirmation the batches have their right times, bits unchanged; whoever waits for
    batches wakes up; later reading, also by the next program, gives the same."""
    async with opened(path) as journal:
        await _fill(journal, 2)
        await put(journal, "b", 20)
        waiting = asyncio.create_task(journal.wait_beyond(2))
        await asyncio.sleep(0)
        start = START_MS + 500_000
        assert await journal.confirm("b", start, "NTP", now_ms=start + 20_000) == start
        await asyncio.wait_for(waiting, 5)
        assert (journal.head, journal.last_ms) == (22, start + 20_000)
        wanted = [START_MS + 1000, START_MS + 2000, *(start + 1000 * n for n in range(1, 21))]
        assert await times(journal) == wanted
        assert await journal.at_ms(3) == start + 1000
        assert await journal.tick_start(22, start + 15_000) == 17
        await journal.append(batch(23, at_ms=start + 21_000))
        assert journal.head == 23
        assert journal.health().unconfirmed == 0
    async with opened(path) as journal:
        assert (journal.head, journal.last_ms) == (23, start + 21_000)
        assert (await times(journal))[:-1] == wanted
        found = await journal.read(3, 22, max_samples=ALL)
        assert [one.values.tobytes() for one in found] == [
            batch(seq).values.tobytes() for seq in range(3, 23)
        ]
        assert all(not one.boot for one in found)


async def test_confirmation_holds_for_the_boot(path: Path) -> None:
    """A restart within the boot finds it confirmed, and a second confirmation changes nothing; the
    next boot is unconfirmed again."""
    async with opened(path) as journal:
        await put(journal, "b", 3)
        assert journal.confirmed_by("b") == ""
        await journal.confirm("b", START_MS, "GX bess-1", now_ms=START_MS + 3000)
    async with opened(path) as journal:
        assert journal.confirmed_by("b") == "GX bess-1"
        again = await journal.confirm("b", START_MS + 99_000, "NTP", now_ms=START_MS)
        assert again == START_MS
        assert journal.confirmed_by("b") == "GX bess-1"
        assert journal.confirmed_by("c") == ""
        await journal.append(early(4, "c", 7))
        assert journal.head == 3


async def test_a_boot_may_be_confirmed_before_its_first_batch(path: Path) -> None:
    """Then there is nothing to stamp, and batches are as ever."""
    async with opened(path) as journal:
        await journal.confirm("b", START_MS, "trusted", now_ms=START_MS)
        await _fill(journal, 3)
        assert journal.head == 3
    async with opened(path) as journal:
        assert journal.confirmed_by("b") == "trusted"
        assert await _seqs(journal) == [1, 2, 3]


async def test_a_tick_that_waited_for_the_disk_meanwhile_gets_its_time(path: Path) -> None:
    """A batch taken before the confirmation and appended after it is stamped at once."""
    async with opened(path) as journal:
        await put(journal, "b", 3)
        await journal.confirm("b", START_MS, "NTP", now_ms=START_MS + 5000)
        await journal.append(early(4, "b", 4))
        await journal.append(early(5, "b", 5))
        assert journal.head == 5
        assert await times(journal) == [START_MS + 1000 * n for n in range(1, 6)]
    async with opened(path) as journal:
        assert await times(journal) == [START_MS + 1000 * n for n in range(1, 6)]


async def test_earlier_boots_get_estimated_times_that_are_counted(path: Path) -> None:
    """The node went off twice before its clock was confirmed: those batches go out too, in order,
    by the same error of the clock; how many of them stands in the health, for good."""
    wrong = 7_200_000
    async with opened(path) as journal:
        await _fill(journal, 2)
        await put(journal, "a", 3, clock_ms=START_MS + 100_000 - wrong)
        await put(journal, "b", 4, clock_ms=START_MS + 200_000 - wrong)
    async with opened(path) as journal:
        assert (journal.head, journal.newest) == (2, 9)
        await put(journal, "c", 2, clock_ms=START_MS + 300_000 - wrong)
        right = START_MS + 300_000
        await journal.confirm("c", right, "NTP", now_ms=right + 3000)
        assert journal.head == 11
        assert await times(journal) == [
            START_MS + 1000,
            START_MS + 2000,
            *(START_MS + 100_000 + 1000 * n for n in range(1, 4)),
            *(START_MS + 200_000 + 1000 * n for n in range(1, 5)),
            right + 1000,
            right + 2000,
        ]
        assert journal.health().estimated_ticks == 7
        assert journal.confirmed_by("a") == ESTIMATED
    async with opened(path) as journal:
        assert journal.health().estimated_ticks == 7


async def test_a_clock_from_1970_costs_nothing_by_age(path: Path) -> None:
    """A provisional time far from the truth makes no batch look old, before and after."""
    async with opened(path, max_age_s=10_000) as journal:
        await _fill(journal, 60)
        await put(journal, "b", 70)
        await _tidied(journal)
        assert journal.first == 1
        right = START_MS + 200_000
        await journal.confirm("b", right, "NTP", now_ms=right + 71_000)
        for seq in range(131, 261):
            await journal.append(batch(seq, at_ms=right + 1000 * seq))
        await _tidied(journal)
        assert await _seqs(journal) == list(range(1, 261))


async def test_a_clock_from_the_future_deletes_nothing(path: Path) -> None:
    """An unconfirmed clock of 2099 is no reason to let confirmed batches go by age."""
    async with opened(path, max_age_s=10_000) as journal:
        await _fill(journal, 60)
        await put(journal, "b", 140, clock_ms=4_080_000_000_000)
        await _tidied(journal)
        assert journal.first == 1
        assert len(await _seqs(journal)) == 60


async def test_sinks_hold_what_is_unconfirmed(path: Path) -> None:
    """At the cap settled batches go before unconfirmed ones; if these must go they are counted."""
    async with opened(path, cap_bytes=400_000) as journal:
        await _fill(journal, 20, samples=200)
        await journal.save_sink(SinkRecord(name="a", head=20))
        for mono_s in range(1, 261):
            await journal.append(early(journal.next_seq, "b", mono_s, samples=200))
        await _tidied(journal)
        assert journal.first > 20
        lost = journal.health().lost_samples
        assert lost == 200 * (journal.first - 21)
        await journal.confirm("b", START_MS + 900_000, "NTP", now_ms=START_MS + 1_170_000)
        found = await journal.read(1, ALL, max_samples=ALL)
        assert [one.seq for one in found] == list(range(journal.first, 281))
        assert found[-1].at_ms == START_MS + 900_000 + 260_000


async def test_a_confirmation_that_cannot_be_written_changes_nothing(path: Path) -> None:
    """On a failing disk the boot stays unconfirmed and can be confirmed later."""
    async with opened(path) as journal:
        await put(journal, "b", 3)
        database = journal._database
        await journal._call(lambda: database._db.execute("PRAGMA query_only = 1"))
        with pytest.raises(JournalError, match="confirm the clock"):
            await journal.confirm("b", START_MS, "NTP", now_ms=START_MS + 3000)
        assert (journal.head, journal.confirmed_by("b")) == (0, "")
        await journal._call(lambda: database._db.execute("PRAGMA query_only = 0"))
        await journal.confirm("b", START_MS, "NTP", now_ms=START_MS + 3000)
        assert journal.head == 3


async def test_a_new_file_after_damage_knows_that_the_clock_is_confirmed(path: Path) -> None:
    """The replacement made while the collector runs goes on confirmed, also after a restart."""
    async with opened(path) as journal:
        await journal.confirm("b", START_MS, "NTP", now_ms=START_MS)
        await _fill(journal, 40)
        await journal._call(lambda: _break(journal, path))
        await _fill(journal, 2)
        assert "set aside" in journal.health().cause
        assert journal.confirmed_by("b") == "NTP"
        assert journal.head == 42
    async with opened(path) as journal:
        assert journal.confirmed_by("b") == "NTP"
        assert await _seqs(journal) == [41, 42]


def _break(journal: Journal, path: Path) -> None:
    db = journal._database._db
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
    db.execute("PRAGMA cache_size = 0")
    db.execute("PRAGMA shrink_memory")


async def test_boots_without_batches_are_forgotten(path: Path) -> None:
    """The table of boots does not grow for ever."""
    async with opened(path, cap_bytes=300_000) as journal:
        for number in range(60):
            for mono_s in (1, 2, 3, 4):
                await journal.append(early(journal.next_seq, f"b{number}", mono_s, samples=200))
            at_ms = START_MS + 100_000 * number
            await journal.confirm(f"b{number}", at_ms, "NTP", now_ms=at_ms + 5000)
            await _tidied(journal)
        first = journal.first
    assert first > 40
    db = sqlite3.connect(path)
    (count,) = db.execute("SELECT count(*) FROM boot").fetchone()
    (oldest,) = db.execute("SELECT min(last_seq) FROM boot").fetchone()
    db.close()
    assert count < 60 - 10
    assert oldest >= first - 4
