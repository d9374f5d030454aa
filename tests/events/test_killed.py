"""Killed at any moment: a participation's end, its hold, its record for the cloud and its report
job are there all together, or none of them."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from collector.events import tables
from collector.model.event import Event, EventStatus, Participation
from collector.model.event_history import History
from collector.reports.hooks import event_hooks
from tests.events.books import MINUTE, books

KILLS = 8


async def work(folder: Path) -> None:
    """Events one after the other, as fast as they go, on the file of earlier runs, until killed."""
    async with books(folder) as node:
        node.events.hooks = event_hooks(lambda: None)
        number = 0
        for live in await node.events.events((EventStatus.ACTIVE,)):
            node.now_ms = max(node.now_ms, live.event.changed_ms) + MINUTE
            for part in live.participations:
                node.now_ms = max(node.now_ms, part.changed_ms + MINUTE)
            await node.events.end(live.event.id, person="anna")
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            number += 1
            node.later(MINUTE)
            event = await node.started(f"Show {number}")
            await node.events.join(event.id, ["bess-1", "bess-2", "stage-a"], person="anna")
            node.later(MINUTE)
            await node.events.leave(event.id, ["bess-1"], person="anna")
            node.later(MINUTE)
            await node.events.end(event.id, person="anna")


@pytest.mark.timeout(120)
def test_killed_at_any_moment(tmp_path):
    """Again and again, at random moments, on one file."""
    chance = random.Random(7)
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.events.test_killed", str(tmp_path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert child.stdout is not None
        while b"ready" not in child.stdout.readline():
            assert child.poll() is None, "the child ended by itself"
        time.sleep(chance.uniform(0.02, 0.4))
        child.send_signal(signal.SIGKILL)
        child.wait(20)
        child.stdout.close()
        _all_or_nothing(tmp_path / "n1.db")


def _all_or_nothing(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        parts = [
            msgspec.json.decode(body, type=Participation)
            for (body,) in db.execute("SELECT body FROM participation")
        ]
        events = tables.events(db)
        assert len(events) > 1
        holds = dict(db.execute("SELECT id, to_ms FROM hold"))
        jobs = {row[0] for row in db.execute("SELECT report FROM report_job")}
        records: dict[str, Participation] = {}
        for id_, body in db.execute(
            "SELECT record_id, body FROM outbox WHERE kind = 'participations' ORDER BY revision"
        ):
            found = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            records[id_] = msgspec.json.decode(found["participation"], type=Participation)
        assert holds == {one.id: one.to_ms for one in parts}
        assert records == {one.id: one for one in parts}
        over = {one.id for one in parts if one.to_ms is not None}
        ended = {one.id for one in events if one.status is EventStatus.ENDED}
        assert jobs == over | ended
        assert not [one for one in parts if one.to_ms is None and one.event in ended]
        for event in events:
            _follows_from_its_changes(db, event)


def _follows_from_its_changes(db: sqlite3.Connection, event: Event) -> None:
    history = History(tables.changes(db, event.id))
    assert history.event(event.id) == event
    assert list(history.participations(event.id)) == tables.participations(db, event.id)


if __name__ == "__main__":
    asyncio.run(work(Path(sys.argv[1])))
