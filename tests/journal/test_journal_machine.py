"""The journal against a simple model, through appends, sinks, crashes, caps and damage."""

import asyncio
import random
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from collector.journal import Journal, SinkRecord
from collector.journal.ranges import clip, normal
from tests.support.batches import START_MS, batch

CAP_BYTES = 250_000


class JournalMachine(RuleBasedStateMachine):
    """`held` is what must be there: samples by sequence number."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.generation = 0
        self.held: dict[int, int] = {}
        self.newest = 0
        self.lost = 0
        self.record: SinkRecord | None = None
        self.journal = self._open()

    @property
    def path(self) -> Path:
        return self.folder / str(self.generation) / "journal.db"

    def _open(self) -> Journal:
        opening = Journal.open(
            self.path, cap_bytes=CAP_BYTES, max_age_s=1e9, clock=lambda: START_MS
        )
        return self.runner.run(opening)

    def _seqs(self) -> list[int]:
        found = self.runner.run(self.journal.read(1, 1 << 40, max_samples=1 << 40))
        for one in found:
            expected = batch(one.seq, self.held[one.seq])
            assert one.values.tobytes() == expected.values.tobytes()
            assert list(one.series) == list(expected.series)
        return [one.seq for one in found]

    async def _append(self, count: int, samples: int) -> None:
        for seq in range(self.journal.next_seq, self.journal.next_seq + count):
            await self.journal.append(batch(seq, samples))
            self.held[seq] = samples
            self.newest = seq
        if self.journal._tidying is not None:
            await self.journal._tidying

    @rule(count=st.integers(1, 40), samples=st.sampled_from([2, 20, 200]))
    def append(self, count: int, samples: int) -> None:
        self.runner.run(self._append(count, samples))
        self._account_for_the_cap()

    def _account_for_the_cap(self) -> None:
        seqs = set(self._seqs())
        gone = {seq: n for seq, n in self.held.items() if seq not in seqs}
        lost = self.journal.health().lost_samples - self.lost
        assert lost == sum(samples for seq, samples in gone.items() if self._waited_for(seq))
        if lost:
            settled = [seq for seq in seqs - {self.newest} if not self._waited_for(seq)]
            assert not settled, "something settled was kept while something owed was dropped"
        self.lost += lost
        for seq in gone:
            del self.held[seq]

    def _waited_for(self, seq: int) -> bool:
        record = self.record
        return record is not None and (seq > record.head or bool(clip(record.unsettled, seq, seq)))

    @rule(data=st.data())
    def a_sink_says_what_it_needs(self, data: st.DataObject) -> None:
        head = data.draw(st.integers(0, self.newest))
        pairs = st.tuples(st.integers(1, max(1, head)), st.integers(0, 30))
        drawn = data.draw(st.lists(pairs, max_size=3))
        unsettled = normal((first, min(head, first + more)) for first, more in drawn)
        self.record = SinkRecord(name="s", head=head, unsettled=unsettled)
        self.runner.run(self.journal.save_sink(self.record))

    @rule()
    def the_sink_is_removed(self) -> None:
        self.runner.run(self.journal.keep_sinks(()))
        self.record = None

    @rule()
    def it_ends_and_starts(self) -> None:
        self.runner.run(self.journal.close())
        self.journal = self._open()

    @rule()
    def the_power_fails(self) -> None:
        """What is on disk at this moment, WAL included, is what the next program finds."""
        target = self.folder / str(self.generation + 1)
        shutil.copytree(self.path.parent, target)
        self.runner.run(self.journal.close())
        self.generation += 1
        self.journal = self._open()

    @rule(seed=st.integers(0, 99))
    def the_file_is_damaged(self, seed: int) -> None:
        self.runner.run(self.journal.close())
        self.path.write_bytes(random.Random(seed).randbytes(5000))
        self.journal = self._open()
        assert self.journal.next_seq > self.newest
        assert "set aside" in self.journal.health().cause
        self.held.clear()
        self.record = None
        self.lost = 0

    @invariant()
    def everything_is_there_in_order(self) -> None:
        assert self._seqs() == sorted(self.held)
        assert self.journal.next_seq > self.newest

    @invariant()
    def the_sink_is_known(self) -> None:
        known = self.runner.run(self.journal.load_sinks())
        assert known == ({} if self.record is None else {"s": self.record})

    def teardown(self) -> None:
        self.runner.run(self.journal.close())
        self.runner.close()
        shutil.rmtree(self.folder)


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
