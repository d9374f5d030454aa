"""The demo: a simulated site, the collector on it, a real receiver."""

import asyncio
import json
import os
import signal
import subprocess
import time

import pytest

from collector.client import Client
from collector.config.paths import find_home
from collector.errors import ApiError
from collector.wire import GrantAnswer, MeAnswer, UnlockRequest
from ovr_tui.commands.demo import DEMO_PIN
from tests.support.processes import OVR, environment, start, status, until
from tests.support.proof import Proof


def children(pid):
    """All processes that descend from `pid`, and itself."""
    table = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = {int(p): int(q) for p, q in (line.split() for line in table.stdout.splitlines())}
    found = {pid}
    while more := {p for p, q in parents.items() if q in found} - found:
        found |= more
    return found


def alive(pids):
    """Which of them still run (a zombie does not)."""
    running = set()
    for pid in pids:
        try:
            with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123  one line of procfs
                state = stat.read().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            running.add(pid)
    return running


async def unlocked(home):
    """Whether the collector takes commands with the demo's PIN, and with no other."""
    async with Client(home.operator_socket) as client:
        if not (await client.get("/v1/me", MeAnswer)).pin:
            return False
        with pytest.raises(ApiError):
            await client.post("/v1/unlock", GrantAnswer, UnlockRequest(pin=f"{DEMO_PIN}0"))
        done = await client.post("/v1/unlock", GrantAnswer, UnlockRequest(pin=DEMO_PIN))
        return bool(done.grant)


@pytest.mark.timeout(120)
def test_headless_into_a_receiver(victoriametrics):
    """Every batch is held whole by the server, counted from its own export, with sane values."""
    server = victoriametrics()
    words = ["demo", "--headless", "--assets", "20", "--for", "12", "--json"]
    done = subprocess.run(
        [*OVR, *words, "--victoriametrics", server.url],
        capture_output=True, text=True, check=False, timeout=110, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    did = json.loads(done.stdout.splitlines()[-1])
    assert 15 <= did["assets"] <= 25
    assert did["lost"] == 0
    assert did["owed"] == {"local": 0}
    proof = Proof(server, "demo")
    assert proof.broken() == []
    assert len(proof.seqs) == did["batches_journaled"] >= 10
    assert sum(proof.samples.values()) == did["samples_journaled"]

    assert all(0 <= p < 1e6 for p in proof.values("ovr_load_power_w"))
    assert all(5 <= soc <= 100 for soc in proof.values("ovr_battery_soc_pct"))
    assert all(59 < hz < 61 for hz in proof.values("ovr_frequency_hz") if hz)
    raw = [name for name in proof.series if name.startswith("victron_")]
    assert len(raw) > 200
    for name in proof.series:
        if name.startswith(("victron_", "acuvim_", "fronius_")):
            assert all(s["metric"]["db"] == "telegraf" for s in proof.series[name]), name
    assert any(name.startswith("acuvim_") for name in proof.series)
    assert any(name.startswith("fronius_") for name in proof.series)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_the_demo(number, tmp_path):
    """However the demo dies, all that it started has ended within two seconds."""
    demo = start("demo", "--headless", "--assets", "6", home=tmp_path)
    until(lambda: status(tmp_path), "the demo's collector", 60)
    family = children(demo.pid)
    assert len(family) >= 3
    os.kill(demo.pid, number)
    deadline = time.monotonic() + 2
    while alive(family) and time.monotonic() < deadline:
        time.sleep(0.02)
    left = alive(family)
    demo.communicate()
    assert not left


@pytest.mark.timeout(90)
def test_other_commands_work_beside_it(tmp_path):
    """With --home the demo keeps its data, and `ovr status` sees its assets live. No console
    started its collector, so none offers to stop it; its PIN is that of `ovr demo --help`."""
    demo = start("demo", "--headless", "--assets", "6", "--for", "8", "--json", home=tmp_path)

    def all_live():
        seen = status(tmp_path)
        return seen and seen["assets"] and all(a["quality"] == "good" for a in seen["assets"])

    until(all_live, "all assets good", 60)
    seen = status(tmp_path)
    assert seen is not None
    assert seen["hosted"] is False
    assert asyncio.run(unlocked(find_home(str(tmp_path), {})))
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 0
    assert json.loads(said.splitlines()[-1])["samples_journaled"] > 0
    assert (tmp_path / "state" / "journal.db").exists()


def test_real_home_is_left_alone(tmp_path):
    """A home with a registry of its own is never turned into a demo."""
    (tmp_path / "config").mkdir()
    registry = tmp_path / "config" / "registry.toml"
    registry.write_text("version = 1\n")
    demo = start("demo", "--headless", "--for", "1", home=tmp_path)
    said, _ = demo.communicate(timeout=60)
    assert demo.returncode == 1
    assert "real node" in said
    assert registry.read_text() == "version = 1\n"
