"""The collector as a process: started, killed, restarted; its receiver too."""

import json
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from functools import partial

import pytest

from collector.app.lock import holder
from collector.config.files import replace_file
from tests.support.nodes import make_home
from tests.support.processes import OVR, environment, finish, start, status, until
from tests.support.proof import Proof


@contextmanager
def simulated(*words):
    """Simulated devices in a process of their own; gives the registry's tables."""
    process = subprocess.Popen(
        [*OVR, "simulate", "--json", "--with-parent", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate(timeout=20)


def collecting(home):
    """The collector's status once all assets are good."""
    seen = status(home)
    good = seen and seen["assets"] and all(a["quality"] == "good" for a in seen["assets"])
    return seen if good else None


def journal_head(home):
    """The newest batch on disk."""
    seen = status(home)
    return seen["journal"]["head"] if seen else 0


@pytest.mark.timeout(120)
def test_kill_and_restart_lose_nothing(tmp_path, victoriametrics):
    """The collector is killed twice and the receiver once: all that was journaled arrives whole,
    and energies go on where they stood."""
    server = victoriametrics()
    with simulated("--assets", "8", "--speed", "20") as site:
        node = {"sinks": {"local": {"url": server.url}}}
        home = make_home(tmp_path, site["devices"], site["assets"], node)
        energies = []
        for round_ in range(3):
            process = start("collect", home=tmp_path)
            seen = until(lambda: collecting(tmp_path), "all assets good", 40)
            head = journal_head(tmp_path)
            seen = until(partial(_beyond, tmp_path, head + 3), "some batches more")
            energies.append(seen["today"]["load_energy_kwh"]["value"])
            if round_ == 0:
                server.kill()
                time.sleep(1.5)
                server.start()
            if round_ < 2:
                process.kill()
                process.communicate()
            else:
                until(lambda: _caught_up(tmp_path), "the sink caught up", 30)
                finish(process)
                assert process.returncode == 0
    assert energies == sorted(energies)
    assert energies[0] < energies[-1]
    proof = Proof(server, "n1")
    assert proof.broken() == []
    assert home.journal_db.exists()


def _beyond(home, seq):
    """The status once all is good and the journal has gone on beyond `seq`."""
    seen = collecting(home)
    return seen if seen and seen["journal"]["head"] > seq else None


def _caught_up(home):
    """Whether the sink has delivered everything."""
    seen = status(home)
    sink = seen["sinks"][0] if seen else {"owed_batches": 1}
    return sink["owed_batches"] == 0 and sink["behind_s"] < 3


def test_second_collector_is_refused(tmp_path):
    """On one state folder runs one collector; the second says which one, and ends with 1."""
    home = make_home(tmp_path)
    first = start("collect", home=tmp_path)
    until(lambda: status(tmp_path), "the first collector")
    second = start("collect", home=tmp_path)
    said, _ = second.communicate(timeout=20)
    assert second.returncode == 1
    assert str(first.pid) in said
    assert holder(home.state) == first.pid
    finish(first)
    assert holder(home.state) is None


def test_left_over_socket_and_lock(tmp_path):
    """A killed collector leaves lock and socket behind; the next one starts all the same."""
    home = make_home(tmp_path)
    first = start("collect", home=tmp_path)
    until(lambda: status(tmp_path), "the first collector")
    first.kill()
    first.communicate()
    assert home.operator_socket.exists()
    assert status(tmp_path) is None
    second = start("collect", home=tmp_path)
    until(lambda: status(tmp_path), "the second collector")
    finish(second)
    assert second.returncode == 0
    assert not home.operator_socket.exists()


def test_unreachable_devices_do_not_hold_the_start(tmp_path):
    """With devices that do not answer the collector is up all the same, says why each is not
    live, and ends in order."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        devices = [
            {"id": f"d{n}", "kind": kind, "host": "127.0.0.1", "port": port, "unit": n + 1}
            for n, kind in enumerate(("acuvim", "fronius"))
        ]
        devices.append({"id": "gx", "kind": "gx", "host": "nowhere.invalid"})
        make_home(tmp_path, devices)
        process = start("collect", home=tmp_path)
        seen = until(lambda: (s := status(tmp_path)) and s["assets"] and s, "a first snapshot", 10)
        assert {a["quality"] for a in seen["assets"]} == {"bad"}

        def all_tell():
            told = status(tmp_path)
            return told if told and all(s["cause"] for s in told["sources"]) else None

        causes = {s["device"]: s["cause"] for s in until(all_tell, "a cause each")["sources"]}
        assert "refuses the connection" in causes["d0"]
        assert "nowhere.invalid" in causes["gx"]
        finish(process)
        assert process.returncode == 0


def test_wrong_configuration_ends_with_78(tmp_path):
    """systemd must not restart on a wrong configuration: 78, with file and line of each problem."""
    home = make_home(tmp_path)
    replace_file(
        home.registry_toml, b'version = 1\n[[device]]\nid = "a"\nkind = "gx"\nhots = "x"\n'
    )
    process = start("collect", home=tmp_path)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 78
    assert "registry.toml:5" in said
    assert "host" in said


def test_second_signal_ends_at_once(tmp_path):
    """Somebody who presses Ctrl-C twice is not kept waiting."""
    make_home(tmp_path, node={"sinks": {"local": {"url": "http://127.0.0.1:9"}}})
    process = start("collect", home=tmp_path)
    until(lambda: status(tmp_path) and journal_head(tmp_path) > 0, "the collector")
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=3)
    assert process.returncode != 0
    assert not os.path.exists(f"/proc/{process.pid}")  # noqa: PTH110  procfs
