"""Whatever goes wrong on the way, a receiver ends up with the very samples of a quiet run."""

import asyncio
import random
import tempfile
from array import array
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from collector.journal import Batch, Journal
from collector.model.series import STALE, encode_series
from collector.model.sink import SinkSettings
from collector.net.http import Answer
from collector.sinks import epoch
from collector.sinks.deliver import Deliverer
from collector.sinks.pace import Pace
from collector.sinks.remote_write import split
from collector.sinks.thin import Thinner
from tests.sinks.conftest import local, open_journal
from tests.sinks.test_answers import Receiver
from tests.sinks.test_answers import _series as sent
from tests.sinks.test_prometheus import InOrder
from tests.support.http_answers import AnswerServer, Reply, Request, answering
from tests.support.waiting import until

START_MS = 1_790_000_047_000
"""Not at the start of a minute."""
SERIES = [
    encode_series("ovr_load_power_w", {"asset": "a"}),
    encode_series("ovr_load_energy_kwh", {"asset": "a"}),
    encode_series("ovr_generator_state", {"asset": "a"}),
    encode_series("victron_vebus_ac_out_l1_p", {"db": "telegraf"}),
    encode_series("ovr_node_batch_seq", {"node": "n"}),
]
PACE = Pace(look_s=0.02, save_s=0.02, rest=0.0, back_off=lambda tries: 0.01)

events = st.lists(
    st.one_of(
        st.tuples(st.just("ticks"), st.integers(1, 80)),
        st.tuples(st.just("503"), st.integers(1, 4)),
        st.tuples(st.just("cut"), st.integers(1, 4)),
        st.tuples(st.just("the receiver restarts"), st.integers(1, 9)),
        st.tuples(st.just("the sink restarts"), st.just(0)),
        st.tuples(st.just("the collector restarts"), st.just(0)),
        st.tuples(st.just("time passes"), st.integers(1, 4)),
    ),
    min_size=2,
    max_size=12,
)


def _tick(seq: int, seed: int, before_ms: int) -> Batch:
    """A tick after the one at `before_ms`: some of the series, now and then a stale marker, a
    long pause before it, or values that repeat."""
    rng = random.Random(f"{seed} {seq}")
    chosen = [labels for labels in SERIES if rng.random() < 0.7] or SERIES[:1]
    pause_ms = 1000 if rng.random() > 0.02 else rng.randrange(2, 90) * 1000
    values = [rng.choice([1.0, 2.0, rng.random(), rng.random()]) for _ in chosen]
    marked = array("d", [STALE if rng.random() < 0.02 else value for value in values])
    return Batch(seq=seq, at_ms=before_ms + pause_ms, series=chosen, values=marked)


class Run:
    """A sink on a journal, and what happens to them."""

    def __init__(
        self, journal: Journal, path: Path, told: SinkSettings, seed: int, settle_s: float
    ) -> None:
        self.journal = journal
        self.batches: list[Batch] = []
        self._path = path
        self._told = told
        self._seed = seed
        self._pace = replace(PACE, settle_s=settle_s)
        self._task: asyncio.Task[None] | None = None
        self._sink: Deliverer

    async def start(self) -> None:
        """The sink begins, or begins anew."""
        await self.stop()
        self._sink = Deliverer(self._told, self.journal, pace=self._pace)
        self._task = asyncio.create_task(self._sink.run(lambda: None))

    async def stop(self) -> None:
        """It ends, with nothing said."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def reopen(self) -> None:
        """The whole collector ends and begins anew."""
        await self.stop()
        await self.journal.close()
        self.journal = await open_journal(self._path)
        await self.start()

    async def ticks(self, number: int, at_least_ms: int = 0) -> None:
        """So many more are journaled."""
        for _ in range(number):
            before = self.batches[-1].at_ms if self.batches else START_MS
            one = _tick(self.journal.next_seq, self._seed, max(before, at_least_ms))
            await self.journal.append(one)
            self.batches.append(one)

    async def finish(self, receiver: "Keeps | LosesInOrder") -> None:
        """The last minute ends, and everything gets through to the receiver that is there now."""
        minute_ms = 60_000
        await self.ticks(1, (self.batches[-1].at_ms // minute_ms + 1) * minute_ms)
        seen = epoch.read(Answer(status=200, body=receiver.epoch or b""))
        assert seen is not None
        async with asyncio.timeout(20):
            await until(lambda: self._sink.state.epoch == seen.epoch, "it sees the receiver")
            await self._sink.drain()
        await self.stop()


async def _play(
    plan: list[tuple[str, int]],
    seed: int,
    receiver: "Keeps | LosesInOrder",
    settle_s: float,
    **told: object,
) -> list[Batch]:
    """Let everything in `plan` happen; the batches that were journaled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "j.db"
        journal = await open_journal(path)
        async with answering(receiver) as server:
            run = Run(journal, path, _settings(server, told), seed, settle_s)
            try:
                await run.start()
                await run.ticks(1)
                for what, number in plan:
                    if what == "ticks":
                        await run.ticks(number)
                    elif what == "the sink restarts":
                        await run.start()
                    elif what == "the collector restarts":
                        await run.reopen()
                    elif what == "time passes":
                        await asyncio.sleep(number * 0.01)
                    else:
                        receiver.suffer(what, number)
                    if what == "the receiver restarts":
                        server.hang_up()
                await run.finish(receiver)
            finally:
                await run.stop()
                await run.journal.close()
    return run.batches


def _settings(server: AnswerServer, told: dict[str, object]) -> SinkSettings:
    return local(server.url, epoch_url=f"{server.url}/e", **told)


class Keeps(Receiver):
    """Takes everything and remembers every sample, after the troubles that it has."""

    def __init__(self) -> None:
        super().__init__(self._answer, epoch=b'{"epoch": 0, "encodings": ["zstd"]}')
        self.held: set[tuple[bytes, bytes]] = set()
        self._replies: list[Reply] = []

    def suffer(self, what: str, number: int) -> None:
        """What happens to it next."""
        if what == "the receiver restarts":
            assert self.epoch is not None
            self.epoch = self.epoch.replace(b'epoch": ', b'epoch": 1')
        else:
            self._replies += [Reply(503) if what == "503" else Reply(204, cut=0)] * number

    def _answer(self, request: Request, number: int) -> Reply | None:
        reply = self._replies.pop() if self._replies else None
        if reply is None or reply.status == 204:
            for series in sent(request):
                self.held |= {(series.labels, one) for one in split(series.samples)}
        return reply


@given(plan=events, seed=st.integers(0, 1 << 32))
@settings(max_examples=12)
def test_a_thinned_sink_never_sends_other_samples_than_a_quiet_one(
    plan: list[tuple[str, int]], seed: int
) -> None:
    """Outages, cut connections, restarts of receiver, sink and collector, late settling:
    the samples that ever went out are those of one undisturbed run, bit by bit."""
    receiver = Keeps()
    batches = asyncio.run(_play(plan, seed, receiver, 0.05, resolution_s=10))
    quiet = Thinner(10)
    quiet.extend(batches[:-1])
    wanted = {(one.labels, part) for one in quiet.series() for part in split(one.samples)}
    assert receiver.held == wanted


class LosesInOrder(InOrder):
    """Takes samples in order only, and dies with the newest of them."""

    def suffer(self, what: str, number: int) -> None:
        """What happens to it next."""
        if what == "the receiver restarts":
            assert self.epoch is not None
            self.epoch = self.epoch.replace(b"seconds ", b"seconds 1")
            newest = max((times[-1] for times in self.times.values() if times), default=0)
            durable = newest - 1000 * number
            kept = {
                name: [at for at in times if at <= durable] for name, times in self.times.items()
            }
            self.times = {name: times for name, times in kept.items() if times}
        elif what == "503":
            self.fail += number


@given(plan=events, seed=st.integers(0, 1 << 32))
@settings(max_examples=12)
def test_in_order_everything_gets_there_once_and_nothing_overtakes(
    plan: list[tuple[str, int]], seed: int
) -> None:
    """The same troubles with a receiver that takes samples in order only and dies with its newest
    ones: in the end it holds every sample of every series, in order."""
    receiver = LosesInOrder()
    batches = asyncio.run(_play(plan, seed, receiver, 60.0, order="oldest-first"))
    wanted: dict[bytes, list[int]] = {}
    for batch in batches:
        for labels in batch.series:
            wanted.setdefault(labels, []).append(batch.at_ms)
    assert receiver.times == wanted
    assert all(one < other for times in receiver.times.values() for one, other in pairwise(times))
