"""A job through the whole collector, by its commands: who took part and when is there after a
crash, in the snapshot, in the outbox, and on another node."""

import json
import signal
import subprocess

import pytest

from collector.model.kinds import AssetStatus
from tests.integration.test_lifecycle import simulated
from tests.support.nodes import make_home, running
from tests.support.processes import OVR, environment, finish, said, start, status, until


def ovr(home, *words, code=0):
    """What a command says; it must end with this status."""
    done = subprocess.run(
        [*OVR, "--home", str(home), *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def told(home, *words):
    """The same as JSON."""
    return json.loads(ovr(home, *words, "--json"))


@pytest.fixture
def node(tmp_path):
    """A running node with eight simulated assets: its home, and its collector."""
    with simulated("--assets", "8") as site:
        make_home(tmp_path, site["devices"], site["assets"], {})
        process = start("collect", home=tmp_path, log=tmp_path / "log")
        until(lambda: (found := status(tmp_path)) and len(found["assets"]) >= 8, "assets", 30)
        yield tmp_path, process
        if process.poll() is None:
            finish(process)


def assets(home):
    """What `ovr status` says of each."""
    found = status(home)
    assert found is not None
    return found["assets"]


def systems(home):
    """The systems of the node, in order."""
    return sorted({one["system"] for one in assets(home)})


def test_a_job(node):
    """As an operator does it: the JSON has what scripts need, and every refusal says what to do."""
    home, _ = node
    one, other = systems(home)[:2]
    made = told(
        home, "event", "create", "--name", "Desert Fest", "--client", "Acme", "--job", "J-1",
        "--timezone", "America/Los_Angeles", "--system", f"{one}=hybridization",
        "--baseline", "main=2x100", "--fuel-price", "1.5", "--account", "food=Food court",
    )  # fmt: skip
    assert (made["status"], made["job"], len(made["id"])) == ("planned", "J-1", 36)
    assert made["terms"]["fuel"]["price_per_l"] == 1.5
    assert "ovr event start J-1" in ovr(home, "event", "join", "J-1", one, code=1)
    begun = told(home, "event", "start", "J-1", "--at", "2m ago")
    assert (begun["id"], begun["status"]) == (made["id"], "active")
    assert "did you mean" in ovr(home, "event", "join", "J-1", f"{one}x", code=1)
    joined = told(home, "event", "join", "Desert", one, other)
    assert [p["use_case"] for p in joined["participations"]] == ["hybridization", "metering"]
    second = told(home, "event", "create", "--name", "Arena", "--client", "C")
    ovr(home, "event", "start", second["id"])
    refused = ovr(home, "event", "join", "Arena", one, code=1)
    assert "“Desert Fest” (J-1)" in refused
    assert f"ovr event leave J-1 {one} first" in refused
    ovr(home, "event", "end", "Arena")
    assert "PST" in ovr(home, "event", "leave", made["id"], one) or "PDT" in ovr(
        home, "event", "show", "J-1"
    )
    told(home, "log", "add", "fuel", "400", "--system", other)
    told(home, "log", "add", "note", "rain from noon", "--event", "J-1", "--client")
    assert len(told(home, "log", "list", "--event", "J-1")["entries"]) == 2
    asset = next(a["id"] for a in assets(home) if a["system"] == other)
    fixed = told(home, "correct", "add", asset, "sign", "--event", "J-1", "--reason", "CT reversed")
    assert fixed["from_ms"] == begun["from_ms"]
    removed = told(home, "correct", "remove", fixed["id"][-8:], "--reason", "was not")
    assert removed["withdrawn_ms"] is not None
    assert "withdrawn by" in ovr(home, "correct", "list")
    ended = ovr(home, "event", "end", "J-1")
    assert f"{other} was in “Desert Fest” (J-1) from" in ended
    shown = told(home, "event", "show", "J-1")
    assert (shown["status"], len(shown["participations"])) == ("ended", 2)
    assert all(p["to_ms"] is not None for p in shown["participations"])


def test_corrected_afterwards(node):
    """The times of an event and of a participation, with a reason and a trace."""
    home, _ = node
    one = systems(home)[2]
    ovr(home, "event", "create", "--name", "Late", "--job", "J-2")
    ovr(home, "event", "start", "J-2", "--at", "30m ago")
    ovr(home, "event", "join", "J-2", one, "--at", "20m ago")
    ovr(home, "event", "end", "J-2")
    assert "needs a reason" in ovr(home, "event", "edit", "J-2", "--from", "1h ago", code=1)
    ovr(home, "event", "edit", "J-2", "--from", "1h ago", "--reason", "began earlier")
    ovr(home, "event", "edit", "J-2", "--of", one, "--from", "40m ago", "--reason", "plugged in")
    text = ovr(home, "event", "show", "J-2")
    assert "began earlier" in text
    assert "plugged in" in text
    assert told(home, "event", "edit", "J-2", "--notes", "ok")["notes"] == "ok"


def test_a_crash_forgets_nothing(node):
    """Killed between two commands, it knows after its next start who is in."""
    home, process = node
    one = systems(home)[3]
    ovr(home, "event", "create", "--name", "Crash", "--job", "J-3")
    ovr(home, "event", "start", "J-3")
    ovr(home, "event", "join", "J-3", one)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    again = start("collect", home=home, log=home / "log2")
    try:
        until(lambda: (found := status(home)) and found["assets"], "assets", 30)
        shown = told(home, "event", "show", "J-3")
        assert [p["to_ms"] for p in shown["participations"]] == [None]
        assert "is in it since" in ovr(home, "event", "join", "J-3", one, code=1)
        ovr(home, "event", "end", "J-3")
        assert {e["event"]["status"] for e in told(home, "event", "list")["events"]} == {"ended"}
        file = home / "j3.json"
        ovr(home, "event", "export", "J-3", str(file))
        before = told(home, "event", "show", "J-3")
        assert told(home, "event", "import", str(file)) == before
        assert "no file of ovr event export" in ovr(
            home, "event", "import", str(home / "log2"), code=1
        )
    finally:
        finish(again)


async def test_the_registry_waits_and_the_snapshot_says_so(tmp_path):
    """While a system is in an event a hand edit that takes it away waits, its assets are watched,
    and viewers see the event without its client."""
    with simulated("--assets", "8") as site:
        home = make_home(tmp_path, site["devices"], site["assets"], {})
        async with running(home) as node:
            await node.until(lambda: all(
                a.status is AssetStatus.LIVE for a in node.snapshot.assets
            ) and node.snapshot.assets)  # fmt: skip
            system = node.snapshot.assets[0].system
            await said(tmp_path, "event", "create", "--name", "Show", "--client", "Acme")
            await said(tmp_path, "event", "start", "Show")
            await said(tmp_path, "event", "join", "Show", system)
            await node.until(lambda: node.snapshot.events[0].systems)
            (shown,) = node.snapshot.events
            assert (shown.client, shown.systems) == ("Acme", (system,))
            from collector.serve import views

            (seen,) = views.snapshot(node.snapshot).events
            assert (seen.client, seen.name, seen.systems) == ("", "Show", (system,))
            registry = home.registry_toml.read_text()
            home.registry_toml.write_text(registry.replace(f'system = "{system}"', 'system = "x"'))
            device = node.snapshot.assets[0].device
            changed = home.registry_toml.read_text() != registry
            if not changed:
                pytest.skip(f"{device} names no system")
            desk = node.collector.parts.desks.registry
            await node.until(lambda: "ovr registry apply" in desk.problem, 20)
            held = node.collector.parts.desks.events.active_systems()
            assert held == {system}
            await said(tmp_path, "event", "end", "Show")
            await node.until(lambda: not node.snapshot.events)
