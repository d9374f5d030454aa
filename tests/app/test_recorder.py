"""Between tick and journal."""

import asyncio

from collector.app.recorder import WAITING, Recorder, Tick
from collector.errors import JournalError
from collector.journal.store import Journal
from collector.model.series import encode_series
from collector.site.samples import Samples

SERIES = encode_series("a", {})


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


class FullDisk:
    """A journal whose disk is full until it is not; only the recorder's view of it matters."""

    def __init__(self):
        self.full = True
        self.kept = []

    @property
    def next_seq(self):
        """One above what was kept."""
        return len(self.kept) + 1

    async def append(self, batch):
        """Refuse, or keep."""
        if self.full:
            raise JournalError("no space left on device")
        self.kept.append(batch)


async def test_disk_full_and_back():
    """What cannot be kept is counted as lost; journaling resumes by itself, without a gap."""
    disk = FullDisk()
    recorder = Recorder(disk, seal=lambda *_: None, kept=lambda *_: None)  # type: ignore[arg-type]
    task = asyncio.create_task(recorder.run())
    for n in range(3):
        recorder.offer(tick(n))
    await recorder.flush(5)
    assert (recorder.lost_ticks, recorder.lost_samples) == (3, 3)
    assert "no space" in recorder.cause
    disk.full = False
    recorder.offer(tick(9))
    await recorder.flush(5)
    task.cancel()
    assert [b.seq for b in disk.kept] == [1]
    assert recorder.cause == ""


async def test_slow_disk_costs_the_oldest():
    """Beyond its bound the queue gives up the oldest tick, counted."""
    recorder = Recorder(FullDisk(), seal=lambda *_: None, kept=lambda *_: None)  # type: ignore[arg-type]
    for n in range(WAITING + 7):
        recorder.offer(tick(n))
    assert recorder.lost_ticks == 7
    await recorder.flush(0.01)


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
