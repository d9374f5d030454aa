"""Records to a cloud API over real HTTP: order, repeats, refusals, and who holds up whom."""

import asyncio
import sqlite3
from functools import partial
from pathlib import Path

import msgspec
import pytest

from collector.model.cloud import CloudRecord, RecordResult
from collector.model.outbox import KINDS
from collector.outbox import Packet, put
from collector.store import NodeDb
from tests.outbox.cloud import CUT, Cloud, answer, asked, problem, result, unpacked
from tests.outbox.conftest import (
    NOW_MS,
    delivering,
    left,
    made,
    queue,
    settings,
    until_empty,
    until_left,
)
from tests.support.certificates import Authority
from tests.support.http_answers import Reply, Request, answering
from tests.support.waiting import until


async def test_records_of_every_kind_arrive_in_their_order(db: NodeDb) -> None:
    """With who made them, when and which revision; afterwards nothing is left."""
    for number in range(5):
        for kind in KINDS:
            await queue(db, kind, f"{kind}-{number}", {"number": number})
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until_empty(db)
        assert cloud.order == {kind: [f"{kind}-{n}" for n in range(5)] for kind in KINDS}
        record = cloud.newest["events", "events-3"]
        assert (record.node, record.format) == ("node-1", 1)
        assert (record.changed_at, msgspec.json.decode(record.body)) == (NOW_MS, {"number": 3})
        await until(lambda: outbox.health().sent == 5 * len(KINDS), "they are counted")
        assert outbox.health().sent_bytes == sum(len(post.body) for post in server.posts())
        assert (await outbox.prepare()).install in cloud.installs
    assert len(cloud.installs) == 1


async def test_a_record_tells_the_node_that_made_it(db: NodeDb) -> None:
    """Also after the node was given another id."""
    await made(db, None, node="old-name").prepare()
    await queue(db, "log", "l1")
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url, node="new-name"):
        await until_empty(db)
        assert {asked(post).node for post in server.posts()} == {"new-name"}
    assert cloud.newest["log", "l1"].node == "old-name"


async def test_the_token_goes_as_bearer_and_a_path_before_the_api_is_kept(db: NodeDb) -> None:
    """A cloud may live below a path of its host."""
    await queue(db, "log", "l1")
    cloud = Cloud()

    def below(request: Request) -> Reply:
        return cloud(request._replace(path=request.path.removeprefix("/fleet")))

    async with answering(below) as server:
        at = settings(f"{server.url}/fleet/", token="sesame")
        async with delivering(db, None, cloud=at):
            await until_empty(db)
        assert server.requests[0].path == "/fleet/v1/records"
        assert server.requests[0].headers["authorization"] == "Bearer sesame"


async def test_large_requests_are_compressed_and_bounded(db: NodeDb) -> None:
    """A backlog of 2,000 records goes in many requests, none much above a quarter of a MB."""

    def many(one: sqlite3.Connection) -> None:
        for number in range(2000):
            put(one, kind="log", record_id=f"l{number}", body={"t": "x" * 3000}, at_ms=NOW_MS)

    await db.run("put", many)
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
        assert all(post.headers["content-encoding"] == "gzip" for post in server.posts())
        assert max(len(asked(post).records) for post in server.posts()) <= 100
    assert cloud.largest < 300_000
    assert cloud.order["log"] == [f"l{number}" for number in range(2000)]


async def test_a_backlog_of_ten_thousand_records_arrives_once_in_order(db: NodeDb) -> None:
    """A week without the cloud."""

    def many(one: sqlite3.Connection) -> None:
        for number in range(10_000):
            put(one, kind="events", record_id=f"e{number}", body={"n": number}, at_ms=NOW_MS)

    await db.run("put", many)
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db, limit_s=40)
        assert cloud.order["events"] == [f"e{number}" for number in range(10_000)]
        assert (cloud.known, len(server.posts())) == (0, 100)


async def test_what_the_cloud_took_before_the_connection_broke_is_no_second_record(
    db: NodeDb,
) -> None:
    """The answer is lost: the same records go again, and the cloud knows them."""
    for number in range(10):
        await queue(db, "events", f"e{number}")
    cloud = Cloud()
    lost = iter([CUT] * 5)
    cloud.lose = lambda request: next(lost, None)
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert cloud.order["events"] == [f"e{number}" for number in range(10)]
    assert cloud.known >= 10


async def test_a_new_record_does_not_wait_for_a_large_backlog_of_rollups(db: NodeDb) -> None:
    """Nor for one that hangs: small records have a lane of their own."""
    await queue(db, "rollups", "r0")
    await queue(db, "rollups", "r1")
    hangs = asyncio.Event()

    def trouble(request: Request) -> Reply | None:
        if asked(request).kind == "rollups":
            hangs.set()
            return Reply(hang=True)
        return None

    cloud = Cloud(trouble)
    async with answering(cloud) as server, delivering(db, server.url):
        await hangs.wait()
        await queue(db, "events", "e1")
        await until(lambda: ("events", "e1") in cloud.newest, "the event arrives meanwhile")
        assert not any(kind == "rollups" for kind, _ in cloud.newest)


async def test_kinds_take_turns(db: NodeDb) -> None:
    """A backlog of one kind lets another one in after each request."""

    def many(one: sqlite3.Connection) -> None:
        for number in range(1000):
            put(one, kind="alarms", record_id=f"a{number}", body={}, at_ms=NOW_MS)
        put(one, kind="participations", record_id="p1", body={}, at_ms=NOW_MS)

    await db.run("put", many)
    async with answering(Cloud()) as server, delivering(db, server.url):
        await until_empty(db)
        kinds = [asked(post).kind for post in server.posts()]
    assert kinds.index("participations") <= 1


async def test_a_refused_record_is_set_aside_and_the_rest_goes_on(db: NodeDb) -> None:
    """It is shown with the API's reason, and goes again after a fix."""
    for number in range(5):
        await queue(db, "events", f"e{number}")
    cloud = Cloud()
    cloud.judge = lambda record: result(record, "refused", "bad") if record.id == "e2" else None
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: outbox.health().refused == {"events": 1}, "it is set aside")
        await until(lambda: len(cloud.newest) == 4, "the others arrive")
        (item,) = await outbox.items(state="refused")
        assert (item.kind, item.record_id) == ("events", "e2")
        assert item.reason == "it is bad (mend it)"
        cloud.judge = lambda record: None
        assert await outbox.resend([item.revision]) == [item.revision]
        await until_empty(db)
    assert cloud.order["events"] == ["e0", "e1", "e3", "e4", "e2"]


async def test_many_refused_records_are_told_once(
    db: NodeDb, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log is for people; all of them are listed."""
    for number in range(250):
        await queue(db, "events", f"e{number}")
    cloud = Cloud()
    cloud.judge = lambda record: result(record, "refused", "bad")
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: outbox.health().refused == {"events": 250}, "all are set aside")
        assert len(await outbox.items(state="refused", limit=1000)) == 250
    assert capsys.readouterr().out.count("set aside") == 1


async def test_a_forgotten_record_is_gone_and_counted(db: NodeDb) -> None:
    """By a person's will only."""
    await queue(db, "log", "l1")
    cloud = Cloud()
    cloud.judge = lambda record: result(record, "refused", "bad")
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: bool(outbox.health().refused), "it is set aside")
        (item,) = await outbox.items()
        assert await outbox.forget([item.revision], "Kim") == [item]
        await until(lambda: outbox.health().dropped == 1, "it is counted")
    assert await left(db) == []


async def test_what_comes_later_keeps_its_place(db: NodeDb) -> None:
    """The cloud stops half-way: nothing of the kind overtakes what it put off."""
    for number in range(6):
        await queue(db, "log", f"l{number}")
    cloud = Cloud()
    put_off = {"l2": 3}

    def judge(record: CloudRecord) -> RecordResult | None:
        if put_off.get(record.id, 0) > 0:
            put_off[record.id] -= 1
            return result(record, "later")
        return None

    cloud.judge = judge
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert [one for one in cloud.order["log"] if one != "l2"] == ["l0", "l1", "l3", "l4", "l5"]
    assert cloud.order["log"].count("l2") == 1


async def test_records_without_a_result_are_sent_again(db: NodeDb) -> None:
    """An answer that speaks of the first two of five settles these."""
    for number in range(5):
        await queue(db, "log", f"l{number}")
    seen: list[list[str]] = []

    def some(request: Request) -> Reply:
        records = asked(request).records
        seen.append([record.id for record in records])
        return answer(*(result(record, "stored") for record in records[:2]))

    async with answering(some) as server, delivering(db, server.url):
        await until_empty(db)
    assert seen == [["l0", "l1", "l2", "l3", "l4"], ["l2", "l3", "l4"], ["l4"]]


async def test_a_hold_is_confirmed_when_the_cloud_has_the_packet(db: NodeDb) -> None:
    """In the transaction that lets go of it; contents travel as they are, not as text."""
    rows = bytes(range(256)) * 40
    await db.run("hold", lambda one: one.execute("CREATE TABLE kept (id TEXT) STRICT"))

    def close(one: sqlite3.Connection) -> None:
        one.execute("INSERT INTO kept VALUES ('p1/a1/0')")
        put(one, kind="rollups", record_id="p1/a1/0", at_ms=NOW_MS)

    def confirmed(one: sqlite3.Connection, kind: str, record_id: str) -> None:
        one.execute("DELETE FROM kept WHERE id = ?", (record_id,))

    def loader(one: sqlite3.Connection, record_id: str) -> Packet:
        assert one.execute("SELECT 1 FROM kept WHERE id = ?", (record_id,)).fetchone()
        return Packet(body={"minutes": 60}, blobs={"rows": rows})

    await db.run("close", close)
    cloud = Cloud()
    async with (
        answering(cloud) as server,
        delivering(db, server.url, loaders={"rollups": loader}, confirmed=confirmed),
    ):
        await until_empty(db)
        sent = next(one for one in server.requests if one.method == "PUT")
        assert unpacked(sent) == rows
        assert len(sent.body) < len(rows)
    (file,) = cloud.newest["rollups", "p1/a1/0"].files
    assert (file.name, file.size, cloud.blobs[file.sha256]) == ("rows", len(rows), rows)
    assert await db.run("look", lambda one: one.execute("SELECT * FROM kept").fetchall()) == []


async def test_a_fault_in_one_kinds_loader_holds_up_that_kind_only(db: NodeDb) -> None:
    """It is logged and shown; the others go on."""

    def loader(one: sqlite3.Connection, record_id: str) -> Packet:
        raise ZeroDivisionError("ours")

    await db.run("put", partial(put, kind="rollups", record_id="r", at_ms=NOW_MS))
    await queue(db, "reports", "rep")
    cloud = Cloud()
    async with (
        answering(cloud) as server,
        delivering(db, server.url, loaders={"rollups": loader}) as outbox,
    ):
        await until(lambda: ("reports", "rep") in cloud.newest, "the other kind arrives")
        await until(lambda: "fault of ours" in outbox.health().cause, "it is shown")
        await until_left(db, 1)
    assert await left(db) == ["r"]


async def test_without_a_cloud_records_wait_and_a_later_one_gets_them(db: NodeDb) -> None:
    """Nothing fails, and health says how many there are."""
    await queue(db, "events", "e1")
    async with delivering(db, None) as outbox:
        await until(lambda: outbox.health().waiting == {"events": 1}, "it is counted")
        assert (outbox.health().state, outbox.health().cause) == ("off", "")
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert cloud.order == {"events": ["e1"]}


async def test_a_certificate_counts_by_its_authority(db: NodeDb, tmp_path: Path) -> None:
    """A stranger's server gets nothing; an own CA is trusted if named."""
    await queue(db, "events", "e1")
    ours = Authority()
    cloud = Cloud()
    async with answering(cloud, tls=ours.server(tmp_path)) as server:
        async with delivering(db, server.url) as outbox:
            await until(lambda: outbox.health().state == "backoff", "it backs off")
            assert "certificate" in outbox.health().cause
        assert not server.requests
        async with delivering(db, server.url, ca_pem=ours.pem):
            await until_empty(db)


async def test_a_huge_record_travels_alone(db: NodeDb) -> None:
    """Larger than a request usually is."""
    for number in range(3):
        await queue(db, "log", f"l{number}", {"text": "x" * 400_000})
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
        assert [len(asked(post).records) for post in server.posts()] == [1, 1, 1]
        assert max(len(unpacked(post)) for post in server.posts()) > 400_000


async def test_a_disk_that_is_full_sends_nothing_twice(db: NodeDb) -> None:
    """What the cloud has taken is noted when there is room, before anything else is sent."""
    for number in range(3):
        await queue(db, "log", f"l{number}")
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        cloud.lose = lambda request: full(db)
        await until(lambda: len(cloud.order.get("log", ())) == 3, "the cloud has them")
        await until(lambda: "note what the cloud has" in outbox.health().cause, "it is shown")
        await db._call(lambda: db._db and db._db.execute("PRAGMA query_only = 0"))
        await until_empty(db)
        assert len(server.posts()) == 1
        await until(lambda: outbox.health().state == "running", "it is well again")


def full(db: NodeDb) -> None:
    """Nothing can be written from now on."""
    db._thread.submit(lambda: db._db and db._db.execute("PRAGMA query_only = 1")).result()


@pytest.mark.parametrize("status", [400, 422])
async def test_one_record_that_is_refused_as_a_request_is_found_and_set_aside(
    db: NodeDb, status: int
) -> None:
    """The whole request is refused: halved down to the one, which is asked about twice."""

    def trouble(request: Request) -> Reply | None:
        if any(record.id == "l37" for record in asked(request).records):
            return problem(status, "bad_request")
        return None

    for number in range(100):
        await queue(db, "log", f"l{number}")
    cloud = Cloud(trouble)
    async with answering(cloud) as server, delivering(db, server.url) as outbox:
        await until(lambda: outbox.health().state == "backoff", "it is suspected")
        assert len(cloud.newest) == 37
        await queue(db, "events", "e1")
        await until_left(db, 1)
        assert len(cloud.newest) == 100
        (item,) = await outbox.items()
        assert (item.record_id, item.state) == ("l37", "refused")
        assert "it is bad_request" in item.reason
    assert cloud.order["log"] == [f"l{number}" for number in range(100) if number != 37]
