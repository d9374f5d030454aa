"""docs/cloud-api.md says what the structs say; the bodies that the outbox makes itself."""

import re
from functools import partial
from pathlib import Path

import msgspec
import pytest

from collector.model.alarm import Alarm, AlarmChange, Rule, Severity
from collector.model.cloud import (
    SCHEMA,
    AlarmBody,
    BlobRef,
    CloudRecord,
    NodeStatus,
    RecordsAnswer,
    RecordsRequest,
)
from collector.model.outbox import KINDS, OutboxHealth
from collector.outbox import node_status, put_alarm
from collector.store import NodeDb
from tests.outbox.cloud import Cloud
from tests.outbox.conftest import NOW_MS, delivering, queue, until_empty
from tests.support.http_answers import answering
from tests.support.snapshots import site
from tests.support.waiting import until

DOC = (Path(__file__).parents[2] / "docs" / "cloud-api.md").read_text()


def test_the_examples_are_messages_of_the_protocol() -> None:
    """With no field that it does not know."""
    request, answer = re.findall(r"```json\n(.*?)```", DOC, re.S)
    assert msgspec.json.decode(request, type=RecordsRequest, strict=True).schema == SCHEMA
    assert msgspec.json.decode(answer, type=RecordsAnswer, strict=True).schema == SCHEMA
    assert fields(request) == {
        *RecordsRequest.__struct_fields__,
        *CloudRecord.__struct_fields__,
        *BlobRef.__struct_fields__,
        "status",  # of the example's own body
    }


def fields(text: str) -> set[str]:
    """All names in a JSON text."""
    return set(re.findall(r'"(\w+)":', text))


def test_all_kinds_are_named() -> None:
    """As many as there are, no other."""
    row = next(line for line in DOC.splitlines() if line.startswith("| `kind` |"))
    assert set(re.findall(r"`(\w+)`", row)) - {"kind"} == set(KINDS)


async def test_the_nodes_status_arrives_again_and_again(db: NodeDb) -> None:
    """And only the newest waits while nobody takes it."""
    now = site(12)
    beat = iter(range(1_000_000))

    def status() -> NodeStatus:
        at = msgspec.structs.replace(now, at_ms=NOW_MS + next(beat))
        return node_status(
            at,
            version="1.2",
            position=(33.7, -116.2),
            disk=(5, 9),
            outbox=OutboxHealth(waiting={"log": 2, "events": 1}, refused={"log": 1}),
            fingerprint="ab:cd",
        )

    async with delivering(db, "http://127.0.0.1:1", status=status) as outbox:
        await until(lambda: outbox.health().waiting == {"status": 1}, "one waits")
        await until(lambda: next(beat) > 5, "several were made")
        assert len(await outbox.items()) == 1
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url, status=status):
        await until(lambda: len(cloud.order.get("status", ())) > 2, "they keep coming")
    sent = msgspec.json.decode(cloud.newest["status", "node-1"].body, type=NodeStatus)
    assert sent.at_ms > NOW_MS
    assert (sent.version, sent.latitude, sent.disk_bytes) == ("1.2", 33.7, 9)
    assert (sent.waiting, sent.refused, sent.fingerprint) == (3, 1, "ab:cd")
    assert sum(sent.assets.values()) == len(now.assets)
    assert [sink.sink for sink in sent.sinks] == [sink.sink for sink in now.sinks]


async def test_no_status_is_made_without_a_cloud(db: NodeDb) -> None:
    """Nobody would ever read it."""

    def status() -> NodeStatus:
        raise AssertionError("asked for")

    async with delivering(db, None, status=status) as outbox:
        await until(lambda: outbox.health().state == "off", "it runs")


async def test_a_status_that_cannot_be_made_holds_nothing_up(
    db: NodeDb, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of ours in it is told once."""
    asked: list[int] = []

    def status() -> NodeStatus:
        asked.append(len(asked))
        raise ZeroDivisionError("ours")

    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url, status=status):
        await until(lambda: len(asked) > 3, "it is tried again")
        await queue(db, "events", "e1")
        await until(lambda: ("events", "e1") in cloud.newest, "records go on")
    assert capsys.readouterr().out.count("not told how this node is") == 1


async def test_each_change_of_an_alarm_arrives(db: NodeDb) -> None:
    """With who did it and what was said."""
    alarm = Alarm(
        id="a1",
        key="low soc bess-1",
        rule=Rule.LOW_SOC,
        subject="bess-1",
        severity=Severity.ALARM,
        text="low",
        advice="charge it",
        raised_ms=NOW_MS,
        changed_ms=NOW_MS,
    )
    raised = AlarmChange(id="c1", alarm="a1", at_ms=NOW_MS, what="raised")
    acked = AlarmChange(
        id="c2", alarm="a1", at_ms=NOW_MS + 1, what="acknowledged", person="Kim", note="on my way"
    )
    for change in (raised, acked):
        await db.run("keep", partial(put_alarm, alarm=alarm, change=change))
    cloud = Cloud()
    async with answering(cloud) as server, delivering(db, server.url):
        await until_empty(db)
    assert cloud.order["alarms"] == ["a1", "a1"]
    sent = msgspec.json.decode(cloud.newest["alarms", "a1"].body, type=AlarmBody)
    assert sent == AlarmBody(alarm=alarm, change=acked)
