"""What the cloud answers and what becomes of the records: real servers, real connections."""

import asyncio
from pathlib import Path

import pytest

from collector.config.services import CloudSettings
from collector.errors import StoreError
from collector.net.http import Answer
from collector.outbox.door import LONGEST_WAIT_S, Held, Refused, check
from collector.outbox.pause import Pause
from collector.store import NodeDb
from tests.outbox.cloud import Cloud, asked, problem
from tests.outbox.conftest import (
    FAST,
    delivering,
    left,
    made,
    queue,
    settings,
    until_empty,
    until_left,
)
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until

PORTAL = Reply(200, b"<html>log in", (("Content-Type", "text/html; charset=utf-8"),))


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(401), "check the token"),
        (Reply(403), "no right"),
        (Reply(404), "check the URL"),
        (problem(409, "other_installation"), "another installation"),
        (Reply(429, headers=(("Retry-After", "0.05"),)), "slow down"),
        (Reply(500), "HTTP 500"),
        (Reply(503, b"busy"), "(busy)"),
        (Reply(302, headers=(("Location", "http://localhost:1/"),)), "it has moved"),
        (Reply(418), "HTTP 418"),
        (PORTAL, "web page"),
        (Reply(200, b"ok"), "not the cloud API"),
        (Reply(204), "not the cloud API"),
        (Reply(200, b'{"schema": 2, "results": []}'), "update the older one"),
        (Reply(200, b'{"schema": 1, "results": []}'), "did not look at it"),
        (Reply(200, cut=20), "disconnected"),
        (Reply(400, b"missing username"), "HTTP 400"),
    ],
    ids=lambda value: value[:14] if isinstance(value, str) else str(value.status),
)
async def test_what_is_not_the_records_fault_is_waited_out(
    db: NodeDb, reply: Reply, says: str
) -> None:
    """Shown in words; when the cloud is well again all records arrive in order."""
    for number in range(3):
        await queue(db, "events", f"e{number}")
    cloud = Cloud(lambda request: reply)
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: outbox.health().state == "backoff", "it backs off")
        assert says in outbox.health().cause
        await until(lambda: len(server.posts()) >= 4, "it tries again and again")
        assert await left(db) == ["e0", "e1", "e2"]
        assert not outbox.health().refused
        cloud.trouble = lambda request: None
        await until_empty(db)
        await until(lambda: outbox.health().state == "running", "it is well again")
    assert cloud.order["events"] == ["e0", "e1", "e2"]


async def test_who_refuses_everything_costs_no_record(db: NodeDb) -> None:
    """A proxy with a wrong token answers 400 to all, in whatever form: nothing is set aside."""
    for kind in ("events", "log", "alarms", "rollups", "status"):
        for number in range(3):
            await queue(db, kind, f"{kind}{number}")
    async with (
        answering(lambda request: problem(400, "unauthorized")) as server,
        delivering(db, server.url) as outbox,
    ):
        await until(lambda: len(server.posts()) > 100, "it tries again and again")
        assert not outbox.health().refused
    assert len(await left(db)) == 15


async def test_a_refusal_in_foreign_words_sets_nothing_aside(db: NodeDb) -> None:
    """While others are taken: a proxy's 400 is no word of the API."""
    await queue(db, "log", "l1")
    cloud = Cloud(lambda request: Reply(400, b"bad") if asked(request).kind == "log" else None)
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        for number in range(20):
            await queue(db, "events", f"e{number}")
            await until(lambda: len(cloud.newest) == number + 1, "others are taken")  # noqa: B023
        assert "log are held up" in outbox.health().cause
        await until_left(db, 1)
    assert await left(db) == ["l1"]


async def test_a_server_error_about_one_kind_does_not_hold_up_the_others(db: NodeDb) -> None:
    """A fault of the cloud that one record meets."""
    await queue(db, "log", "l1")
    await queue(db, "events", "e1")
    cloud = Cloud(lambda request: Reply(500) if asked(request).kind == "log" else None)
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: ("events", "e1") in cloud.newest, "the other kind arrives")
        await until(lambda: outbox.health().cause.startswith("log are held up"), "it is shown")


async def test_too_much_at_once_is_halved(db: NodeDb) -> None:
    """413 for more than ten records: they go in smaller requests."""
    for number in range(100):
        await queue(db, "log", f"l{number}")
    cloud = Cloud(lambda request: Reply(413) if len(asked(request).records) > 10 else None)
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until_empty(db)
        assert not outbox.health().refused
        assert len(server.posts()) < 40
    assert cloud.order["log"] == [f"l{number}" for number in range(100)]


async def test_one_record_that_is_too_large_for_good_is_set_aside(db: NodeDb) -> None:
    """Whoever says so: it will not shrink."""
    await queue(db, "log", "huge", {"text": "x" * 50_000})
    await queue(db, "log", "small")
    cloud = Cloud(
        lambda request: (
            Reply(413) if any(one.id == "huge" for one in asked(request).records) else None
        )
    )
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: outbox.health().state == "backoff", "it is suspected")
        await queue(db, "events", "e1")
        await until_left(db, 1)
        assert ("log", "small") in cloud.newest
        (item,) = await outbox.items()
        assert (item.record_id, item.state) == ("huge", "refused")
        assert "too large" in item.reason


async def test_a_wrong_token_is_shown_and_the_right_one_delivers(db: NodeDb) -> None:
    """After the restart that a new token takes."""
    await queue(db, "events", "e1")

    def login(request: Request) -> Reply | None:
        right = request.headers["authorization"] == "Bearer right"
        return None if right else problem(401, "unknown_token")

    cloud = Cloud(login)
    async with answering(cloud) as server:
        wrong = settings(server.url, token="wrong")
        async with delivering(db, None, cloud=wrong) as outbox:
            await until(lambda: outbox.health().state == "backoff", "it backs off")
            assert "unknown_token" in outbox.health().cause
            assert "wrong" not in outbox.health().cause
        async with delivering(db, None, cloud=settings(server.url, token="right")):
            await until_empty(db)


async def test_retry_after_is_waited_out(db: NodeDb) -> None:
    """However short the back-off."""
    await queue(db, "events", "e1")
    first = iter([Reply(429, headers=(("Retry-After", "0.4"),))])
    times: list[float] = []

    def busy(request: Request) -> Reply | None:
        times.append(asyncio.get_running_loop().time())
        return next(first, None)

    cloud = Cloud(busy)
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert times[1] - times[0] >= 0.39


async def test_what_one_kind_meets_does_not_make_the_log_flicker(
    db: NodeDb, capsys: pytest.CaptureFixture[str]
) -> None:
    """One kind has no right, others are taken: told once, and tried with its own back-off."""
    await queue(db, "log", "l1")
    cloud = Cloud(lambda request: Reply(403) if asked(request).kind == "log" else None)
    async with answering(cloud) as server, delivering(db, server.url):
        for number in range(10):
            await queue(db, "events", f"e{number}")
            await until(lambda: len(cloud.newest) == number + 1, "others are taken")  # noqa: B023
        await until(lambda: len(server.posts()) > 15, "it is tried again")
    assert capsys.readouterr().out.count("wait for the cloud") == 1


async def test_a_hanging_cloud_is_given_up_and_asked_again(
    db: NodeDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that gets no answer in time is sent again later."""
    monkeypatch.setattr("collector.net.http.WHOLE_S", 0.2)
    await queue(db, "events", "e1")
    hangs = iter([Reply(hang=True)] * 2)
    cloud = Cloud(lambda request: next(hangs, None))
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: "no answer in time" in outbox.health().cause, "it is shown")
        await until_empty(db)


async def test_what_does_not_get_through_in_time_goes_in_smaller_requests(
    db: NodeDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that is slower than anybody thought."""
    monkeypatch.setattr("collector.net.http.WHOLE_S", 0.5)
    for number in range(16):
        await queue(db, "log", f"l{number}")
    cloud = Cloud(lambda request: Reply(hang=True) if len(asked(request).records) > 3 else None)
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert cloud.order["log"] == [f"l{number}" for number in range(16)]


async def test_nobody_there_is_explained(db: NodeDb) -> None:
    """And the records wait."""
    await queue(db, "events", "e1")
    async with answering(Cloud()) as server:
        url = server.url
    async with delivering(db, url) as outbox:
        await until(lambda: outbox.health().state == "backoff", "it backs off")
        assert outbox.health().cause.startswith(url)
        assert outbox.health().waiting in ({}, {"events": 1})
    assert await left(db) == ["e1"]


async def test_a_token_that_is_no_header_is_explained_and_not_shown(db: NodeDb) -> None:
    """Line breaks in it cannot split the request."""
    await queue(db, "events", "e1")
    cloud = Cloud()
    async with answering(cloud) as server:
        hostile = CloudSettings(url=server.url, token="a\r\nX-Evil: 1")
        async with delivering(db, None, cloud=hostile) as outbox:
            await until(lambda: "characters that HTTP forbids" in outbox.health().cause, "shown")
            assert "Evil" not in outbox.health().cause
        assert not server.requests


async def test_a_node_db_that_is_not_open_fails_the_run(tmp_path: Path) -> None:
    """The supervisor shows it and tries again."""
    outbox = made(NodeDb(tmp_path / "node.db"), None)
    with pytest.raises(StoreError, match="is not open"):
        await outbox.run(lambda: None)


@pytest.mark.parametrize(("asks", "wait_s"), [("1e9", LONGEST_WAIT_S), ("7", 7.0), ("x", None)])
def test_what_is_asked_for_is_bounded(asks: str, wait_s: float | None) -> None:
    """An hour is the most that a cloud can ask for."""
    with pytest.raises(Held) as caught:
        check(Answer(status=503, retry_after=asks), "https://c", 0.0)
    assert caught.value.wait_s == wait_s


@pytest.mark.parametrize(
    ("answer", "proven"),
    [
        (Answer(status=400, body=b'{"error": {"code": "x"}}'), True),
        (Answer(status=422, body=b'{"error": "x"}'), False),
        (Answer(status=400, body=b"x"), False),
        (Answer(status=413, body=b"x"), True),
    ],
)
def test_only_the_api_itself_proves_a_record_bad(answer: Answer, proven: bool) -> None:
    """Or its size."""
    with pytest.raises(Refused) as caught:
        check(answer, "https://c", 0.0)
    assert caught.value.proven is proven


def test_hostile_words_of_a_server_are_cleaned() -> None:
    """What it says is shown to people, on one line."""
    body = b'{"error": {"code": "x", "message": "\\u001b[2Jgone\\nforged line", "hint": ""}}'
    with pytest.raises(Held) as caught:
        check(Answer(status=500, body=body), "https://c", 0.0)
    assert "·[2Jgone forged line" in str(caught.value)


def test_a_pause_ends_with_a_success_and_keeps_what_was_asked_for() -> None:
    """A shorter back-off does not cut a longer wait short."""
    now = [100.0]
    pause = Pause(lambda: now[0], lambda tries: float(tries))
    pause.failed("busy")
    pause.extend(30.0)
    pause.failed("gone")
    assert pause.left_s == 30.0
    now[0] += 31.0
    assert (pause.left_s, pause.cause, pause.tries) == (0.0, "gone", 2)
    assert pause.works() is True
    assert (pause.cause, pause.works()) == ("", False)


def test_the_pace_of_the_tests_is_not_the_pace_of_the_program() -> None:
    """So that a test which passes by it alone is seen."""
    assert FAST.look_s < 1
