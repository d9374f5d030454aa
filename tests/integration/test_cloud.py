"""A whole node and its cloud."""

import asyncio
import json
import sqlite3
import subprocess
from contextlib import closing
from functools import partial

import msgspec
import pytest

from collector.client import Client
from collector.model.cloud import NodeStatus
from collector.outbox import put
from collector.store import NodeDb
from tests.outbox.cloud import Cloud, problem, result
from tests.support.certificates import Authority
from tests.support.http_answers import answering
from tests.support.nodes import make_home, running
from tests.support.ports import free_port
from tests.support.processes import OVR, environment, start, until

pytestmark = pytest.mark.timeout(120)


async def test_the_cloud_hears_how_a_node_is(tmp_path):
    """Over TLS of an own authority, with the token from secrets.toml and where the node is."""
    ours = Authority()
    cloud = Cloud(lambda request: None if bearer(request) == "sesame" else problem(401, "who"))
    async with answering(cloud, tls=ours.server(tmp_path)) as api:
        home = make_home(
            tmp_path,
            node={
                "node": {"id": "n7", "site": "Main field", "latitude": 33.68, "longitude": -116.24},
                "cloud": {"url": api.url, "token_secret": "cloud", "ca_file": "ca.pem"},
                "listen": {"address": f"127.0.0.1:{free_port()}", "tls": True},
            },
        )
        (home.config / "ca.pem").write_text(ours.pem)
        home.secrets_toml.write_text('cloud = "sesame"\n')
        home.secrets_toml.chmod(0o600)
        async with running(home) as node, Client(home.operator_socket) as client:
            await node.until(lambda: ("status", "n7") in cloud.newest, 30)
            listen = (await client.health()).api.listen
            assert listen
            assert listen.fingerprint
            assert node.collector.parts.surroundings.fingerprint() == listen.fingerprint
            await node.until(lambda: node.snapshot.outbox.state == "running", 30)
    status = msgspec.json.decode(cloud.newest["status", "n7"].body, type=NodeStatus)
    assert (status.site, status.latitude, status.longitude) == ("Main field", 33.68, -116.24)
    assert status.disk_bytes
    assert status.disk_free_bytes


def bearer(request):
    """The token of a request."""
    return request.headers.get("authorization", "").removeprefix("Bearer ")


async def test_records_of_a_killed_collector_arrive_after_its_restart(tmp_path):
    """The cloud is out of order until then; what was put in is not lost with the process."""
    cloud = Cloud(lambda request: problem(503, "maintenance"))
    async with answering(cloud) as api:
        home = make_home(tmp_path, node={"cloud": {"url": api.url}})
        db = NodeDb(home.node_db)
        await db.open()
        for number in range(30):
            body = {"number": number}
            record = partial(put, kind="log", record_id=f"l{number}", body=body, at_ms=number + 1)
            await db.run("put", record)
        await db.close()
        first = start("collect", home=tmp_path)
        await asyncio.to_thread(until, lambda: len(api.posts()) > 1, "it tries")
        first.kill()
        await asyncio.to_thread(first.communicate)
        cloud.trouble = lambda request: None
        second = start("collect", home=tmp_path)
        await asyncio.to_thread(until, lambda: len(cloud.order.get("log", ())) == 30, "all arrive")
        await asyncio.to_thread(until, partial(noted, home.node_db), "and are let go of")
        second.terminate()
        await asyncio.to_thread(second.communicate, timeout=20)
        assert second.returncode == 0
    assert cloud.order["log"] == [f"l{number}" for number in range(30)]
    assert len(cloud.installs) == 1


async def test_a_person_sends_a_refused_record_again(tmp_path):
    """From the command line: what was refused and why, again after a fix, or never more."""
    cloud = Cloud()
    cloud.judge = lambda record: result(record, "refused", "bad") if record.id[0] == "l" else None
    async with answering(cloud) as api:
        home = make_home(tmp_path, node={"cloud": {"url": api.url}})
        async with running(home) as node:
            db = node.collector.parts.node_db
            for name in ("l1", "l2"):
                record = partial(put, kind="log", record_id=name, body={}, at_ms=1)
                await db.run("put", record)
            await node.until(lambda: node.snapshot.outbox.refused == {"log": 2}, 30)
            found = json.loads(await said(tmp_path, "--json"))
            first = found["items"][0]
            assert (first["record_id"], first["reason"]) == ("l1", "it is bad (mend it)")
            assert "it is bad (mend it)" in await said(tmp_path)
            cloud.judge = lambda record: None
            assert "1 records wait" in await said(tmp_path, "resend", str(first["revision"]))
            await node.until(lambda: ("log", "l1") in cloud.newest, 30)
            assert "1 records given up" in await said(tmp_path, "forget", "--all")
            assert "refused nothing" in await said(tmp_path)
            await node.until(lambda: not node.snapshot.outbox.refused, 30)
    assert ("log", "l2") not in cloud.newest


async def said(folder, *words):
    """What `ovr journal dead --cloud` prints."""
    done = await asyncio.to_thread(
        subprocess.run,
        [*OVR, "--home", str(folder), "journal", "dead", *words, "--cloud"],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def noted(path):
    """Whether the queue holds none of the records, looked at in a copy."""
    copy = path.with_name("copy.db")
    for tail in ("", "-wal"):
        source = path.with_name(path.name + tail)
        if source.exists():
            copy.with_name(copy.name + tail).write_bytes(source.read_bytes())
    with closing(sqlite3.connect(copy)) as db:
        left = db.execute("SELECT count(*) FROM outbox WHERE kind = 'log'").fetchone()[0]
    return left == 0
