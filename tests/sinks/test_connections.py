"""Connections that end at bad moments, answers that ask for patience: nothing is lost."""

import time
from email.utils import formatdate

import pytest

from collector.journal import Journal
from collector.net import http
from collector.sinks import send
from tests.sinks.conftest import delivering, fill, local
from tests.sinks.test_answers import Receiver
from tests.support.batches import batch
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until

MANY = 200


def large(request: Request, limit: int) -> bool:
    """Whether so many bytes are announced."""
    return request.method == "POST" and int(request.headers["content-length"]) > limit


@pytest.mark.parametrize("status", [413, 503])
async def test_an_answer_before_the_body_was_read(journal: Journal, status: int) -> None:
    """A receiver that answers at the head of a large request and closes, as proxies do for 413 and
    when they are overloaded: it is halved, or comes again; every sample is there."""
    refused = 0

    def early(request: Request) -> Reply | None:
        nonlocal refused
        if large(request, 300_000) and (status == 413 or refused < 3):
            refused += 1
            return Reply(status, b"no")
        return None

    receiver = Receiver()
    await fill(journal, 400, samples=MANY)
    async with (
        answering(receiver, early=early) as server,
        delivering(journal, local(server.url)) as sink,
    ):
        await sink.drain()
        assert sink.health().dead_samples == 0
        assert sink.health().cause == ""
        assert refused
    assert set(receiver.taken) == set(batch(1, MANY).series)
    assert min(receiver.taken.values()) >= 400


async def test_a_receiver_that_hangs_up_on_large_requests_gets_smaller_ones(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection closed in the middle of each large body, without a word: the requests become
    smaller until they get through."""
    monkeypatch.setattr(send, "MIN_REQUEST_BYTES", 1000)
    receiver = Receiver()
    await fill(journal, 100, samples=MANY)
    async with (
        answering(
            receiver, early=lambda request: Reply(cut=0) if large(request, 60_000) else None
        ) as server,
        delivering(journal, local(server.url)) as sink,
    ):
        await sink.drain()
        assert sink.health().dead_samples == 0
    assert min(receiver.taken[labels] for labels in batch(1, MANY).series) >= 100


async def test_a_wait_until_a_date_is_honoured(journal: Journal) -> None:
    """429 with a date in Retry-After: not asked again before it, and the words say so."""
    now = time.time()
    slow = Reply(429, b"quota", (("Retry-After", formatdate(now + 90, usegmt=True)),))
    receiver = Receiver(lambda request, number: slow)
    await fill(journal, 1)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: sink.health().state == "backoff", "it backs off")
        assert 60 < sink._link._retry_at - sink._clock() <= 91
        assert "asks to slow down" in sink.health().cause
        await fill(journal, 3)
        assert receiver.posts == 1


async def test_after_the_wait_it_goes_on_by_itself(journal: Journal) -> None:
    """429 with one second: everything is taken afterwards, and not before."""
    asked: list[float] = []

    def refuse(request: Request, number: int) -> Reply | None:
        asked.append(time.monotonic())
        return Reply(429, headers=(("Retry-After", "1"),)) if number == 1 else None

    receiver = Receiver(refuse)
    await fill(journal, 5)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await sink.drain()
        assert sink.health().state == "running"
    assert asked[1] - asked[0] >= 1.0
    assert receiver.samples == 50


async def test_a_receiver_that_hangs_is_given_up_and_comes_back(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the request and says nothing: health says so, everything stays owed; when it
    answers again all of it gets there."""
    monkeypatch.setattr(http, "WHOLE_S", 0.3)
    receiver = Receiver(lambda request, number: Reply(hang=True))
    await fill(journal, 5)
    async with answering(receiver) as server, delivering(journal, local(server.url)) as sink:
        await until(lambda: "no answer in time" in sink.health().cause, "it is given up")
        assert sink.health().state == "backoff"
        assert sink.health().settled == 0
        receiver.refuse = lambda request, number: None
        await sink.drain()
        assert sink.health().cause == ""
    assert set(receiver.taken) == set(batch(1).series)
    assert min(receiver.taken.values()) >= 5
