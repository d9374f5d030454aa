"""The journal and a sink's state against a simple model: appends, deliveries, deaths of either
side, full disks, damage, clocks that nobody has confirmed."""

import asyncio
import itertools
import random
import shutil
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from collector.errors import JournalError
from collector.journal import Batch, Journal, SinkRecord
from collector.journal.boots import ESTIMATED
from collector.journal.ranges import clip
from collector.model.snapshot import Gap
from collector.sinks.state import SinkState
from tests.journal.receiver import Receiver
from tests.support.batches import START_MS, batch

MEMORY = Path("/dev/shm")  # noqa: S108  folders in it are made by mkdtemp
"""Where nothing waits for a disk: what is tested here is what is written, not how fast."""
CAP_BYTES = 200_000
ALL = 1 << 40
NAME = "s"
ROOMY = 1 << 30
SAMPLES = st.sampled_from([200, 20, 2])
OUTCOMES = st.sampled_from(["2xx", "2xx", "2xx", "dies meanwhile", "no answer", "not reached"])
SELDOM = st.integers(0, 5).map(lambda drawn: drawn == 5)


class JournalMachine(RuleBasedStateMachine):
    """`held` is what must be there, by number: samples and true time. `gone` was counted as lost.

    `now_s` is the true time, `steady_s` what this boot's steady clock says.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.generation = 0
        self.held: dict[int, int] = {}
        self.true_ms: dict[int, int] = {}
        self.told_ms: dict[int, int] = {}
        self.boot_of: dict[int, int] = {}
        self.gone: set[int] = set()
        self.newest = 0
        self.lost = 0
        self.gap: Gap | None = None
        self.gap_ticks = 0
        self.now_s = START_MS // 1000
        self.boots = 0
        self.clock_error_s = 0
        self.receiver = Receiver()
        self.record = SinkRecord(name=NAME, head=0)
        self.journal = self._open()
        self._boot()
        self.runner.run(self.journal.save_sink(self.record))
        self._begin_sink()

    # -- parts of the rules

    @property
    def path(self) -> Path:
        return self.folder / str(self.generation) / "journal.db"

    def _open(self) -> Journal:
        opening = Journal.open(
            self.path, cap_bytes=CAP_BYTES, max_age_s=1e9, clock=lambda: START_MS
        )
        return self.runner.run(opening)

    def _boot(self) -> None:
        self.boots += 1
        self.steady_s = 10
        self.confirmed = False

    @property
    def boot(self) -> str:
        return f"boot-{self.boots}"

    def _begin_sink(self) -> None:
        self.state = SinkState.restore(
            self.runner.run(self.journal.load_sinks()).get(NAME),
            first=self.journal.first,
            head=self.journal.head,
        )

    def _pass(self, seconds: int) -> None:
        self.now_s += seconds
        self.steady_s += seconds
        self.receiver.passed(self.now_s)

    def _read(self, *, unconfirmed: bool = False) -> list[Batch]:
        return self.runner.run(self.journal.read(1, ALL, max_samples=ALL, unconfirmed=unconfirmed))

    def _made(self, seq: int, samples: int) -> Batch:
        one = batch(seq, samples, at_ms=1000 * self.now_s)
        if self.confirmed:
            return one
        says_ms = 1000 * (self.now_s + self.clock_error_s)
        return replace(one, at_ms=says_ms, boot=self.boot, mono_ms=1000 * self.steady_s)

    def _append_one(self, samples: int) -> None:
        """One tick, as the recorder does it."""
        self._pass(1)
        seq = self.journal.next_seq
        try:
            self.runner.run(self.journal.append(self._made(seq, samples), self.gap))
        except JournalError:
            at_ms = 1000 * self.now_s
            ticks = self.gap.ticks + 1 if self.gap else 1
            self.gap = Gap(from_ms=at_ms, to_ms=at_ms, ticks=ticks, samples=0, cause="full")
            assert self.journal.next_seq == seq, "a failed append uses no number"
            return
        self.gap_ticks += self.gap.ticks if self.gap else 0
        self.gap = None
        self.held[seq] = samples
        self.true_ms[seq] = 1000 * self.now_s
        self.boot_of[seq] = self.boots
        self.newest = seq

    def _settled(self, seq: int) -> bool:
        record = self.record
        return seq <= record.head and not clip(record.unsettled, seq, seq)

    def _account_for_the_cap(self) -> None:
        if self.journal._tidying is not None:
            self.runner.run(_finished(self.journal))
        seqs = {one.seq for one in self._read(unconfirmed=True)}
        gone = {seq: n for seq, n in self.held.items() if seq not in seqs}
        lost = self.journal.health().lost_samples - self.lost
        assert lost == sum(n for seq, n in gone.items() if not self._settled(seq))
        if lost:
            kept = [seq for seq in seqs - {self.newest} if self._settled(seq)]
            assert not kept, "something settled was kept while something owed was dropped"
        self.lost += lost
        for seq in gone:
            if not self._settled(seq):
                self.gone.add(seq)
            del self.held[seq]

    def _all_lost(self) -> None:
        """The file is another one: everything in it is gone, and that is told."""
        assert "set aside" in self.journal.health().cause
        assert self.journal.next_seq > self.newest
        self.gone |= set(self.held)
        self.held.clear()
        self.lost = self.gap_ticks = 0
        self._begin_sink()
        self.record = self.state.record(NAME)
        self.runner.run(self.journal.save_sink(self.record))
        self.confirmed = bool(self.journal.confirmed_by(self.boot))

    # -- as things usually go

    @initialize(trusted=st.integers(0, 3))
    def it_starts(self, trusted: int) -> None:
        if trusted:
            self.the_clock_is_confirmed()
        self._look()

    @rule(
        count=st.integers(1, 20),
        samples=SAMPLES,
        outcome=OUTCOMES,
        again=OUTCOMES,
        seconds=st.sampled_from([5, 0, 70]),
    )
    def a_while_passes(
        self, count: int, samples: int, outcome: str, again: str, seconds: int
    ) -> None:
        """Ticks, deliveries of the newest and of what is owed, a look, and the state is saved."""
        self.ticks(count, samples)
        self.the_sink_sends(live=True, limit=count, outcome=outcome)
        self.the_sink_sends(live=False, limit=1000, outcome=again)
        self._pass(seconds)
        self._look()
        self.the_sink_is_saved()

    @rule(count=st.integers(10, 40))
    def the_disk_is_full_for_a_while(self, count: int) -> None:
        self.the_disk_fills(on=True)
        self.ticks(count, 200)
        self.the_disk_fills(on=False)
        self.ticks(1, 2)

    @rule(off_s=st.integers(1, 100_000), trusted=st.integers(0, 3))
    def it_is_switched_off_and_on(self, off_s: int, trusted: int) -> None:
        self.the_power_fails(off_s=off_s, seed=0, torn=False)
        if trusted:
            self.the_clock_is_confirmed()

    # -- appends and the clock

    @rule(count=st.integers(1, 30), samples=SAMPLES)
    def ticks(self, count: int, samples: int) -> None:
        for _ in range(count):
            self._append_one(samples)
        self._account_for_the_cap()

    @precondition(lambda self: not self.confirmed)
    @rule()
    def the_clock_is_confirmed(self) -> None:
        offset_ms = 1000 * (self.now_s - self.steady_s)
        confirm = self.journal.confirm(self.boot, offset_ms, "NTP", now_ms=1000 * self.now_s)
        try:
            got = self.runner.run(confirm)
        except JournalError:
            assert not self.journal.confirmed_by(self.boot)
            return
        assert got == offset_ms, "true times leave room for those that are estimated"
        self.confirmed = True
        self.clock_error_s = 0

    @rule(error_s=st.sampled_from([0, -7200, -1_000_000_000, 500_000_000]))
    def somebody_sets_the_clock(self, error_s: int) -> None:
        if not self.confirmed:
            self.clock_error_s = error_s

    @rule(on=st.booleans())
    def the_disk_fills(self, on: bool) -> None:
        def limit() -> None:
            db = self.journal._database._db
            db.execute(f"PRAGMA max_page_count = {1 if on else ROOMY}").fetchone()

        self.runner.run(self.journal._call(limit))

    # -- delivery

    @rule(
        live=st.booleans(),
        limit=st.integers(1, 40),
        outcome=OUTCOMES,
    )
    def the_sink_sends(self, live: bool, limit: int, outcome: str) -> None:
        take = self.state.take_live(self.journal.head, limit)
        self.state, span = take if live else self.state.take_owed(limit)
        if span is None:
            return
        batches = self.runner.run(self.journal.read(*span, max_samples=ALL))
        if not batches:
            self.state = self.state.gone(span)
            return
        generation = self.state.generation
        if outcome != "not reached":
            self.receiver.take(batches, self.now_s)
        if outcome == "dies meanwhile":
            self.receiver.die()
            self._look()
        if outcome in ("2xx", "dies meanwhile"):
            self.state = self.state.answer(span, generation=generation, at_s=self.now_s)
        else:
            self.state = self.state.give_back(span).doubt()

    def _look(self) -> None:
        self.state = self.state.observe(
            str(self.receiver.epoch), at_s=float(self.now_s), vouched=True
        )

    @rule()
    def the_sink_looks(self) -> None:
        self._look()

    @rule(seconds=st.sampled_from([1, 5, 30, 70]))
    def time_passes(self, seconds: int) -> None:
        self._pass(seconds)

    @rule()
    def the_receiver_dies(self) -> None:
        self.receiver.die()

    @rule()
    def the_sink_is_saved(self) -> None:
        record = self.state.record(NAME)
        try:
            self.runner.run(self.journal.save_sink(record))
        except JournalError:
            return
        self.record = record

    # -- ends and damage

    @rule()
    def it_ends_and_starts(self) -> None:
        self.runner.run(self.journal.close())
        self.journal = self._open()
        self._begin_sink()

    @rule(off_s=st.integers(1, 100_000), seed=st.integers(0, 99), torn=st.booleans())
    def the_power_fails(self, off_s: int, seed: int, torn: bool) -> None:
        """What is on disk at this moment, WAL included, is what the next program finds: after a
        batch was acknowledged, or in the middle of writing one to the WAL."""
        before = _files(self.path)
        kept = self.newest
        if torn:
            self._append_one(20)
        after = _files(self.path)
        target = self.folder / str(self.generation + 1)
        shutil.copytree(self.path.parent, target)
        whole = not torn or before["journal.db"] != after["journal.db"]
        if not whole:
            old, new = before.get("journal.db-wal", b""), after["journal.db-wal"]
            cut = random.Random(seed).randint(0, len(new))
            (target / "journal.db-wal").write_bytes(new[:cut] + old[cut:])
        self.runner.run(self.journal.close())
        self.generation += 1
        self.journal = self._open()
        there = {one.seq for one in self._read(unconfirmed=True)}
        if not whole and self.newest > kept and self.newest not in there:
            self.held.pop(self.newest, None)
            del self.true_ms[self.newest]  # it was never acknowledged
            self.newest = kept
        self.gap_ticks = self.journal.health().gap_ticks if not whole else self.gap_ticks
        self.gap = None
        self._account_for_the_cap()
        self.now_s += off_s
        self.receiver.passed(self.now_s)
        self._boot()
        self._begin_sink()

    @rule(seed=st.integers(0, 99), seldom=SELDOM)
    def the_file_is_overwritten(self, seed: int, seldom: bool) -> None:
        if not seldom:
            return
        self.runner.run(self.journal.close())
        self.path.write_bytes(random.Random(seed).randbytes(5000))
        self.journal = self._open()
        self._all_lost()

    @rule(where=st.floats(0, 1), bit=st.integers(0, 7))
    def a_bit_of_a_batch_flips(self, where: float, bit: int) -> None:
        self.runner.run(self.journal.close())
        db = sqlite3.connect(self.path)
        row = db.execute("SELECT seq, body FROM batch ORDER BY seq LIMIT 1").fetchone()
        if row is not None:
            body = bytearray(row[1])
            body[16 + int(where * (len(body) - 17))] ^= 1 << bit
            db.execute("UPDATE batch SET body = ? WHERE seq = ?", (bytes(body), row[0]))
            db.commit()
        db.close()
        self.journal = self._open()
        self._begin_sink()
        if row is None:
            return
        assert row[0] not in {one.seq for one in self._read(unconfirmed=True)}
        self.lost += self.held.pop(row[0])
        self.gone.add(row[0])
        assert self.journal.health().lost_samples == self.lost
        (*_, apart) = self.runner.run(self.journal.dead(""))
        assert (apart.first_seq, apart.body) == (row[0], bytes(body))

    # -- what must always hold

    @invariant()
    def all_is_well(self) -> None:
        found = self._read(unconfirmed=True)
        sendable = self._read()
        self._check_held(found)
        self._check_sendable(sendable)
        self._check_true_times(sendable)
        self._check_settled()
        assert self.runner.run(self.journal.load_sinks()) == {NAME: self.record}
        assert self.journal.health().gap_ticks == self.gap_ticks

    def _check_held(self, found: list[Batch]) -> None:
        """Everything is there, in order, bit for bit."""
        assert [one.seq for one in found] == sorted(self.held)
        for one in found:
            expected = batch(one.seq, self.held[one.seq])
            assert one.values.tobytes() == expected.values.tobytes()
            assert list(one.series) == list(expected.series)
        assert self.journal.next_seq > self.newest

    def _check_sendable(self, found: list[Batch]) -> None:
        """Sinks see confirmed batches only, in rising times, always the same ones."""
        assert all(one.seq <= self.journal.head and not one.boot for one in found)
        if self.confirmed:
            assert [one.seq for one in found] == sorted(self.held)
        else:
            assert all(self.boot_of[one.seq] != self.boots for one in found)
        assert all(one.at_ms % 1000 == 0 for one in found)
        assert all(a.at_ms < b.at_ms for a, b in itertools.pairwise(found))
        for one in found:
            assert self.told_ms.setdefault(one.seq, one.at_ms) == one.at_ms

    def _check_true_times(self, found: list[Batch]) -> None:
        """Times are estimated only of boots that ended unconfirmed."""
        known = self.journal._database.times.boots
        for one in found:
            boot = known.get(f"boot-{self.boot_of[one.seq]}")
            if boot is None or boot.how != ESTIMATED:
                assert one.at_ms == self.true_ms[one.seq]

    def _check_settled(self) -> None:
        """What is settled is on the receiver's disk."""
        for seq in self.true_ms:
            if self._settled(seq) and seq <= self.newest:
                assert seq in self.receiver.disk or seq in self.gone, f"{seq} is settled, missing"

    def teardown(self) -> None:
        """In the end everything that was kept and not counted as lost is at the receiver."""
        try:
            self.the_disk_fills(on=False)
            if not self.confirmed:
                self.the_clock_is_confirmed()
            self._look()
            while self.state.pending or self.state.head < self.journal.head:
                live = not self.state.pending
                self.the_sink_sends(live=live, limit=1000, outcome="2xx")
            for seq in self.held:
                assert self.receiver.has(seq) or seq in self.gone, f"{seq} never arrived"
        finally:
            self.runner.run(self.journal.close())
            self.runner.close()
            shutil.rmtree(self.folder)


async def _finished(journal: Journal) -> None:
    if journal._tidying is not None:
        await journal._tidying


def _files(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.parent.iterdir()}


def test_the_model_notices_what_is_settled_too_early() -> None:
    """A check that cannot fail proves nothing: with *settled* following the answer at once, the
    first look after it is an error."""
    machine = JournalMachine()
    try:
        machine.it_starts(trusted=1)
        machine.state = replace(machine.state, settle_s=0.0)
        machine.a_while_passes(count=5, samples=20, outcome="2xx", again="2xx", seconds=5)
        with pytest.raises(AssertionError, match="settled, missing"):
            machine.all_is_well()
    finally:
        machine.teardown()


TestJournalMachine = pytest.mark.timeout(240)(JournalMachine.TestCase)
TestJournalMachine.settings = settings(max_examples=40, stateful_step_count=30)
