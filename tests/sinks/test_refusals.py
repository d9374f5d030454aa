"""A receiver that refuses much, asks to wait, or is too slow: the rest goes on, nothing is lost."""

import asyncio

import msgspec
import pytest

from collector.journal import Journal
from collector.net import http
from collector.sinks import send
from collector.sinks.answers import Kept
from collector.sinks.link import Link
from tests.sinks.conftest import FAST, delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.sinks.test_answers import _series as sent
from tests.support.batches import batch
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until


@pytest.mark.parametrize("bad", [range(70), range(0, 100, 2)])
async def test_many_poisoned_neighbours_do_not_hold_up_the_rest(
    journal: Journal, bad: range
) -> None:
    """Most of the first series, or every other one, are refused: the others get through."""
    poisoned = {batch(1, 102).series[number] for number in bad}

    def refuse(request: Request, number: int) -> Reply | None:
        some = any(series.labels in poisoned for series in sent(request))
        return Reply(400, b"too many labels") if some else None

    receiver = Receiver(refuse)
    await fill(journal, 1, samples=102)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().dead_samples == len(bad), "the refused ones are apart")
        await until(lambda: not sink.state.flying and not sink.state.pending, "the rest is taken")
    assert set(receiver.taken) == set(batch(1, 102).series) - poisoned


async def test_a_wait_that_was_asked_for_outlasts_another_success() -> None:
    """One lane is told to wait a minute while another one's request is still taken: both wait."""
    now = 100.0
    link = Link("x", lambda: now, lambda tries: 0.01)
    link.failed(Kept("slow down", wait_s=60))
    link.failed(Kept("broken"))
    link.works()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await link.clear(first=True)
    now = 161.0
    async with asyncio.timeout(5):
        await link.clear(first=True)


async def test_what_does_not_get_through_in_time_goes_in_smaller_requests(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link too slow for a large request: it is made smaller until it fits, nothing is lost."""
    monkeypatch.setattr(http, "WHOLE_S", 0.3)
    monkeypatch.setattr(send, "MIN_REQUEST_BYTES", 1000)

    def hang(request: Request, number: int) -> Reply | None:
        return Reply(hang=True) if len(request.body) > 6000 else None

    receiver = Receiver(hang)
    await fill(journal, 5, samples=200)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: not (sink.state.pending or sink.state.flying), "all is taken", 60)
        await until(lambda: receiver.samples >= 1000, "all is taken", 60)
    assert set(receiver.taken) == set(batch(1, 200).series)


async def test_a_receiver_that_never_shows_its_epoch_settles_in_time(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the epoch cannot be asked for at all (a firewall), batches settle by time without
    failures all the same, and the sink is not called lossless."""
    monkeypatch.setattr(http, "WHOLE_S", 0.2)
    pace = msgspec.structs.replace(FAST, settle_s=0.1, blind_s=0.5)

    def answer(request: Request) -> Reply:
        return Reply(hang=True) if request.method == "GET" else Reply(204)

    await fill(journal, 3)
    async with answering(answer) as server, delivering(journal, local(server.url), pace) as sink:
        await until(lambda: sink.state.settled == 3, "they settle")
        assert sink.health().lossless is False
