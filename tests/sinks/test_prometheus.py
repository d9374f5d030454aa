"""A receiver that takes samples in order only and refuses whole requests, as Prometheus does."""

from pathlib import Path

from collector.journal import Journal
from tests.sinks.conftest import delivering, fill, local, open_journal
from tests.sinks.test_answers import Receiver, _times
from tests.sinks.test_answers import _series as sent
from tests.support.batches import START_MS, batch
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until


class InOrder(Receiver):
    """Remembers the times of each series; a request with an earlier one is rolled back."""

    def __init__(self) -> None:
        super().__init__(self._check, epoch=b"process_start_time_seconds 1\nprometheus_tsdb_x 1\n")
        self.times: dict[bytes, list[int]] = {}
        self.fail = 0

    def _check(self, request: Request, number: int) -> Reply | None:
        if self.fail:
            self.fail -= 1
            return Reply(503)
        series = {one.labels: _times(one) for one in sent(request)}
        for labels, times in series.items():
            if times[0] < self.times.get(labels, [0])[-1]:
                return Reply(400, b"out of order sample\n")
        for labels, times in series.items():
            held = self.times.setdefault(labels, [])
            held += [time for time in times if time not in held[-1:]]
        return None

    def holds(self, last: int) -> bool:
        """Whether each series has exactly the batches 1 to `last`."""
        wanted = [START_MS + 1000 * seq for seq in range(1, last + 1)]
        return all(self.times.get(labels) == wanted for labels in batch(1).series)


async def test_a_failure_on_the_way_does_not_stop_a_receiver_that_takes_no_repeats(
    journal: Journal,
) -> None:
    """After a 503 the last minute is owed again and refused as out of order: it is held, and what
    comes after it gets through; nothing is called poison."""
    receiver = InOrder()
    async with (
        answering(receiver) as server,
        delivering(journal, local(server.url, order="oldest-first")) as sink,
    ):
        await fill(journal, 20)
        await until(lambda: receiver.holds(20), "twenty are taken")
        receiver.fail = 1
        await fill(journal, 20)
        await until(lambda: receiver.holds(40), "all are there")
        await sink.drain()
        assert sink.health().dead_samples == 0
        assert sink.health().cause == ""


async def test_after_a_start_what_is_held_already_is_passed(tmp_path: Path) -> None:
    """A collector that dies before its sink's state is kept sends again what is there; a receiver
    that lost its newest batches meanwhile gets exactly those."""
    receiver = InOrder()
    path = tmp_path / "j.db"
    async with answering(receiver) as server:
        settings = local(server.url, order="oldest-first")
        journal = await open_journal(path)
        async with delivering(journal, settings) as sink:
            await fill(journal, 30)
            await sink.drain()
            assert sink.health().settled == 0
        await journal.close()
        for times in receiver.times.values():
            del times[-10:]
        journal = await open_journal(path)
        try:
            async with delivering(journal, settings) as sink:
                await fill(journal, 5)
                await sink.drain()
                assert sink.health().dead_samples == 0
        finally:
            await journal.close()
    assert receiver.holds(35)
