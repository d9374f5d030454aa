"""Between tick and journal."""

import asyncio
import random

from collector.app.recorder import WAITING, Recorder, Stamp, Tick
from collector.journal.store import Journal
from collector.model.series import encode_series
from collector.site.samples import Samples

SERIES = encode_series("a", {})
BULK = [encode_series("bulk", {"n": str(n)}) for n in range(2000)]


def tick(at_ms, value=1.0):
    """One sample."""
    samples = Samples()
    samples.add(SERIES, value)
    return Tick(at_ms, samples, [])


async def open_journal(tmp_path):
    """A journal of its own."""
    return await Journal.open(tmp_path / "journal.db", cap_bytes=10**8, max_age_s=10**6)


async def test_order_and_marks(tmp_path):
    """Batches are kept in order, sealed with their number, and told of."""
    journal = await open_journal(tmp_path)
    sealed, kept = [], []
    recorder = Recorder(
        journal,
        seal=lambda samples, seq: sealed.append((seq, len(samples))),
        kept=lambda seq, t: kept.append((seq, t.at_ms)),
    )
    task = asyncio.create_task(recorder.run())
    for n in range(5):
        recorder.offer(tick(1000 * (n + 1)))
    await recorder.flush(5)
    task.cancel()
    assert sealed == [(n, 1) for n in range(1, 6)]
    assert kept == [(n, 1000 * n) for n in range(1, 6)]
    assert [b.at_ms for b in await journal.read(1, 5, max_samples=100)] == [n for _, n in kept]
    await journal.close()


async def room(journal, pages):
    """The file may have so many pages from now on, at least those that it has."""
    database = journal._database
    await journal._call(lambda: database._db.execute(f"PRAGMA max_page_count = {pages}").fetchone())


def full_ticks(first, count):
    """Ticks with more samples than a few pages hold."""
    out = []
    for n in range(first, first + count):
        samples = Samples()
        for series in BULK:
            samples.add(series, random.random())
        out.append(Tick(1000 * n, samples, []))
    return out


async def test_disk_full_and_back(tmp_path):
    """What cannot be kept is counted as lost, from when to when; journaling resumes by itself
    without a gap in the numbers, and then what was lost stands in the journal for good."""
    journal = await open_journal(tmp_path)
    recorder = Recorder(journal, seal=lambda *_: None, kept=lambda *_: None)
    task = asyncio.create_task(recorder.run())
    await room(journal, 1)
    for one in full_ticks(1, 12):
        recorder.offer(one)
    await recorder.flush(5)
    lost = recorder.lost_ticks
    assert lost >= 3
    assert recorder.lost_samples == lost * len(BULK)
    assert "no space" in recorder.cause
    health = recorder.health()
    assert health.state == "failing"
    assert "no space" in health.cause
    assert health.lost_samples == health.gap_samples == lost * len(BULK)
    assert health.gap is not None
    assert (health.gap.from_ms, health.gap.to_ms) == (1000 * (13 - lost), 12_000)
    assert journal.health().gap_ticks == 0, "nothing could be written yet"
    await room(journal, 1 << 30)
    recorder.offer(tick(13_000))
    await recorder.flush(5)
    assert recorder.cause == ""
    task.cancel()
    await journal.close()
    journal = await open_journal(tmp_path)
    assert journal.newest == 13 - lost
    assert journal.health().gap_ticks == lost
    assert journal.health().gap_samples == lost * len(BULK)
    (gap,) = await journal.gaps()
    assert (gap.from_ms, gap.to_ms, gap.ticks) == (1000 * (13 - lost), 12_000, lost)
    assert "no space" in gap.cause
    await journal.close()


async def test_slow_disk_costs_the_oldest(tmp_path):
    """Beyond its bound the queue gives up the oldest tick, counted, and noted at the end."""
    journal = await open_journal(tmp_path)
    recorder = Recorder(journal, seal=lambda *_: None, kept=lambda *_: None)
    for n in range(1, WAITING + 8):
        recorder.offer(tick(1000 * n))
    assert recorder.lost_ticks == 7
    task = asyncio.create_task(recorder.run())
    await recorder.flush(5)
    task.cancel()
    await recorder.note()
    (gap,) = await journal.gaps()
    assert (gap.from_ms, gap.to_ms, gap.ticks, gap.samples) == (1000, 7000, 7, 7)
    assert recorder.health().lost_samples == 7
    await journal.close()


async def test_what_still_waits_at_the_end_is_noted(tmp_path):
    """Ticks that the disk did not take before the collector ended are a gap like any other."""
    journal = await open_journal(tmp_path)
    recorder = Recorder(journal, seal=lambda *_: None, kept=lambda *_: None)
    recorder.offer(tick(1000))
    recorder.offer(tick(2000))
    await recorder.flush(0.01)
    await recorder.note()
    (gap,) = await journal.gaps()
    assert (gap.from_ms, gap.to_ms, gap.samples) == (1000, 2000, 2)
    await journal.close()


async def test_a_gap_of_an_unconfirmed_clock_gets_its_time_with_it(tmp_path):
    """What was lost before and while the clock was confirmed is one gap, in right times."""
    journal = await open_journal(tmp_path)
    recorder = Recorder(journal, seal=lambda *_: None, kept=lambda *_: None)
    task = asyncio.create_task(recorder.run())
    await room(journal, 1)
    early = [one._replace(stamp=Stamp("b", one.at_ms)) for one in full_ticks(5, 12)]
    for one in early:
        recorder.offer(one)
    await recorder.flush(5)
    before = recorder.lost_ticks
    gap = recorder.health().gap
    assert gap is not None
    assert gap.boot == "b"
    await room(journal, 1 << 30)
    await journal.confirm("b", 10_000_000, "NTP", now_ms=10_020_000)
    await room(journal, 1)
    for one in full_ticks(10_020, 12):
        recorder.offer(one)
    await recorder.flush(5)
    await room(journal, 1 << 30)
    recorder.offer(tick(10_050_000))
    await recorder.flush(5)
    task.cancel()
    found = await journal.gaps()
    assert {gap.boot for gap in found} == {""}
    assert min(gap.from_ms for gap in found) == 10_000_000 + 1000 * (17 - before)
    assert max(gap.to_ms for gap in found) <= 10_031_000
    assert sum(gap.ticks for gap in found) == recorder.lost_ticks
    await journal.close()


async def test_unforeseen_failure_does_not_end_journaling(tmp_path):
    """A tick that a fault of ours keeps from the journal is lost, counted and said; the next is
    kept."""
    journal = await open_journal(tmp_path)
    faults = iter([KeyError("mark"), None])

    def seal(*_):
        if fault := next(faults):
            raise fault

    recorder = Recorder(journal, seal=seal, kept=lambda *_: None)
    task = asyncio.create_task(recorder.run())
    recorder.offer(tick(1000))
    await recorder.flush(5)
    assert (recorder.lost_samples, recorder.cause) == (1, "fault of ours: KeyError: 'mark'")
    recorder.offer(tick(2000))
    await recorder.flush(5)
    assert (recorder.kept_ticks, recorder.cause) == (1, "")
    task.cancel()
    await journal.close()


async def test_a_full_disk_is_an_answer_and_a_fault_of_ours_is_none(tmp_path, monkeypatch):
    """The watchdog is fed while the journal answers, if only that it has no room."""
    now = [100.0]
    monkeypatch.setattr("collector.app.recorder.time.monotonic", lambda: now[0])
    faults: list[Exception] = []

    def seal(*_):
        if faults:
            raise faults[0]

    journal = await open_journal(tmp_path)
    recorder = Recorder(journal, seal=seal, kept=lambda *_: None)
    await room(journal, 1)
    for one in full_ticks(1, 12):
        now[0] += 1
        await recorder._append(one)
    assert recorder.lost_ticks
    assert recorder.answered_s == 112.0
    await room(journal, 1 << 30)
    now[0] += 1
    await recorder._append(tick(13_000))
    assert recorder.answered_s == 113.0
    faults.append(KeyError("mark"))
    now[0] += 1
    await recorder._append(tick(14_000))
    assert recorder.answered_s == 113.0
    await journal.close()
