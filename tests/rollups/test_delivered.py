"""Held minutes on the wire to the cloud."""

import sqlite3
from pathlib import Path

import msgspec

from collector.model.kinds import AssetKind
from collector.model.rollup import Gauge, Rollup
from collector.model.rollup_record import RollupRecord, read_record
from collector.rollups import Subject, holds, records, tables
from collector.rollups.track import Closed
from tests.outbox.cloud import Cloud
from tests.outbox.conftest import NOW_MS, delivering, opened, until_empty
from tests.support.http_answers import answering


async def test_a_hold_is_confirmed_when_the_cloud_has_its_minutes(tmp_path: Path) -> None:
    """In the transaction that lets go of it; contents travel as they are, not as text."""
    db = await opened(tmp_path / "node.db")
    start_ms = NOW_MS // records.BLOCK_MS * records.BLOCK_MS
    subject = Subject("a1", AssetKind.LOAD, "s1")
    gauge = Gauge(60_000, 60_000_000, 0, 1000, 1000, 1000, 1000)
    row = Rollup(from_ms=start_ms, to_ms=start_ms + 60_000, gauges={"load_power_w": gauge})

    def close(one: sqlite3.Connection) -> None:
        tables.write(one, [tables.packed(Closed(subject, row))], start_ms + 60_000)
        holds.hold(one, "p1", ["a1"], start_ms, start_ms + 60_000)
        records.queue(one, "n1", start_ms + 60_000)

    def confirmed(one: sqlite3.Connection, kind: str, record_id: str) -> None:
        assert kind == records.KIND
        records.confirmed(one, record_id, NOW_MS)

    await db.run("close", close)
    cloud = Cloud()
    async with (
        answering(cloud) as server,
        delivering(db, server.url, loaders={records.KIND: records.load}, confirmed=confirmed),
    ):
        await until_empty(db)
        content = next(one for one in server.requests if one.method == "PUT").body
    sent = cloud.newest[records.KIND, f"n1/a1/{start_ms}-{start_ms + 60_000}"]
    (file,) = sent.files
    assert (file.name, file.size, cloud.blobs[file.sha256]) == ("rows", len(content), content)
    arrived = read_record(msgspec.json.decode(sent.body, type=RollupRecord), content)
    assert [(one.kind, one.system, one.rollup) for one in arrived] == [("load", "s1", row)]
    hold = await db.run("look", lambda one: holds.find(one, "p1"))
    await db.close()
    assert hold is not None
    assert hold.confirmed_ms == NOW_MS
