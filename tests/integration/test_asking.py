"""The commands that ask a running collector."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from collector.app import kernel
from ovr_tui.cli import main
from tests.modbus.acuvim_map import VALUES, acuvim_ii, write_ii
from tests.support.http_answers import Reply, answering
from tests.support.nodes import make_home, running

pytestmark = pytest.mark.timeout(120)


@asynccontextmanager
async def site(tmp_path, modbus, interval_s=1.0, **tables):
    """A running node with one silent meter, and a function that runs a command on it."""
    unit = acuvim_ii("ACU1")
    server = await modbus({1: unit})
    meter = {"id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": server.port}
    meter["interval_s"] = interval_s
    table = {"alarms": {"stale_s": 0.0, "delay_s": 0.0}, **tables}
    home = make_home(tmp_path, [{**meter, "asset_kind": "load", "timeout_s": 0.5}], node=table)
    async with running(home) as node:
        await node.until(lambda: node.asset("stage-a").status == "live")

        async def command(*words):
            return await asyncio.to_thread(main, ["--home", str(tmp_path), *words])

        yield node, unit, command


async def test_alarms_from_commissioning_to_history(tmp_path, modbus, capsys):
    """A tech commissions an asset, sees its alarm, acknowledges and shelves it by the end of its
    id, releases the asset; the audit names each step and who did it."""
    async with site(tmp_path, modbus) as (node, unit, command):
        assert await command("alarm", "list") == 0
        assert "ovr asset commission" in capsys.readouterr().out
        assert await command("asset", "commission", "stage-a", "--note", "clamped") == 0
        assert "clamped" in capsys.readouterr().out
        assert await command("asset", "commission", "ghost") == 1
        assert "ghost" in capsys.readouterr().err
        unit.delay_s = 600.0
        await node.until(lambda: any(a.asset == "stage-a" for a in node.snapshot.alarms), 60)
        assert await command("alarm", "list", "--json") == 0
        alarm = json.loads(capsys.readouterr().out.splitlines()[-1])["active"][0]["id"]
        assert await command("alarm", "ack", alarm[-8:], "--note", "on my way") == 0
        assert "on my way" in capsys.readouterr().out
        assert await command("alarm", "shelve", alarm, "--for", "2h", "--reason", "rain") == 0
        await node.until(lambda: not node.snapshot.alarms, 10)
        assert await command("alarm", "list") == 0
        assert "rain" in capsys.readouterr().out
        assert await command("alarm", "ack", "nonsense") == 1
        assert "ovr alarm list" in capsys.readouterr().err
        assert await command("asset", "release", "stage-a") == 0
        assert await command("alarm", "list", "--since", "1h") == 0
        assert alarm[-8:] in capsys.readouterr().out
        assert await command("asset", "list") == 0
        assert "stage-a" in capsys.readouterr().out
        assert await command("audit", "--json") == 0
        entries = json.loads(capsys.readouterr().out.splitlines()[-1])["entries"]
        done = [e["deed"]["action"] for e in entries if e["outcome"] == "done"]
        assert done == ["release", "shelve", "ack", "commission"]
        assert all(e["deed"]["person"] for e in entries)
        assert await command("audit") == 0
        assert "on my way" in capsys.readouterr().out


async def test_who_commissions_sees_what_is_odd(tmp_path, modbus, capsys):
    """A CT that faces backwards is named when the meter is commissioned, and when its connection is
    tested; turned around, it is named no more."""
    async with site(tmp_path, modbus, interval_s=0.2) as (node, unit, command):
        write_ii(unit, values=dict(VALUES, pb=-VALUES["pb"], qb=-VALUES["qb"]))
        await node.until(lambda: "CT of L2" in " ".join(node.asset("stage-a").notes), 30)
        assert await command("asset", "commission", "stage-a") == 0
        told = capsys.readouterr().out
        assert "look at this: The CT of L2 faces backwards: turn it around" in told
        await command("registry", "test", "stage-a")
        assert "The CT of L2 faces backwards" in " ".join(capsys.readouterr().out.split())
        write_ii(unit)
        await node.until(lambda: not node.asset("stage-a").notes, 60)
        assert await command("asset", "commission", "stage-a") == 0
        assert "look at this" not in capsys.readouterr().out


def takes_all(request):
    """A receiver that takes everything and shows nothing of itself."""
    return Reply(404 if request.method == "GET" else 204)


async def test_journal_and_its_refused_samples(tmp_path, modbus, capsys):
    """The journal's state for people and scripts; without refused samples that is said, and a
    resend needs to be told which."""
    async with answering(takes_all) as receiver:
        sinks = {"local": {"url": receiver.url}}
        async with site(tmp_path, modbus, sinks=sinks) as (node, _, command):
            await node.until(lambda: node.snapshot.sinks[0].head > 1, 20)
            assert await command("journal", "status") == 0
            out = capsys.readouterr().out
            assert "journal: ok" in out
            assert "sink local" in out
            assert await command("journal", "status", "--json") == 0
            assert json.loads(capsys.readouterr().out.splitlines()[-1])["journal"]["state"] == "ok"
            assert await command("journal", "dead") == 0
            assert "Nothing was refused" in capsys.readouterr().out
            assert await command("journal", "dead", "resend") == 1
            assert "--all" in capsys.readouterr().err
            assert await command("journal", "dead", "resend", "7") == 1
            assert "7: impossible" in capsys.readouterr().out
            assert await command("journal", "dead", "forget", "--all") == 0
            assert "0 given up" in capsys.readouterr().out


async def test_a_person_confirms_the_clock(tmp_path, capsys, monkeypatch):
    """On a node whose clock nobody has confirmed samples wait; a tech sees that, says that it is
    right, and they go out; the audit knows who said so."""
    monkeypatch.setattr(kernel, "synchronised", lambda: False)
    async with answering(takes_all) as receiver:
        home = make_home(
            tmp_path,
            node={
                "node": {"id": "n1", "timezone": "Europe/Berlin"},
                "sinks": {"local": {"url": receiver.url}},
            },
        )
        async with running(home) as node:

            async def command(*words):
                return await asyncio.to_thread(main, ["--home", str(tmp_path), *words])

            await node.ticks(3)
            assert await command("clock") == 1
            assert "ovr clock confirm" in capsys.readouterr().out
            assert not receiver.posts()
            assert await command("clock", "confirm") == 0
            assert "confirmed by" in capsys.readouterr().out
            await node.until(receiver.posts, 15)
            assert await command("clock", "--json") == 0
            assert json.loads(capsys.readouterr().out.splitlines()[-1])["confirmed"]
            assert await command("audit", "--json") == 0
            (entry,) = json.loads(capsys.readouterr().out.splitlines()[-1])["entries"]
            assert entry["deed"]["action"] == "confirm clock"


async def test_without_a_collector(tmp_path, capsys):
    """Every command says that no collector runs, and fails."""
    home = make_home(tmp_path)
    for words in (["alarm", "list"], ["asset", "list"], ["audit"], ["journal", "status"]):
        assert await asyncio.to_thread(main, ["--home", str(tmp_path), *words]) == 1
        assert "no collector runs" in capsys.readouterr().err
    assert not home.operator_socket.exists()
