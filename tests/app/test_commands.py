"""What the commands do about wrong words, wrong homes and other collectors."""

import asyncio
import json
import os
import signal
import socket
import socketserver
import subprocess
import threading
from contextlib import contextmanager

import msgspec
import pytest

from collector.app.lock import CollectorLock, holder
from collector.client import Client
from collector.config.paths import find_home
from collector.errors import ApiError, OvrError
from collector.model.event import EventNow, EventStatus
from collector.model.snapshot import JournalHealth, NodeHealth, SinkHealth, Snapshot
from collector.wire import HealthAnswer, MessagesAnswer
from ovr_tui.commands import console
from ovr_tui.commands.status import lines
from tests.support.nodes import make_home
from tests.support.ports import free_port
from tests.support.processes import OVR, environment, start, status, until


def ovr(*words, **more):
    """Run `ovr` to its end."""
    return subprocess.run(
        [*OVR, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=environment(**more),
    )


def head(home):
    """The newest batch in the journal; 0 while no collector answers."""
    seen = status(home)
    return seen["journal"]["head"] if seen else 0


@pytest.mark.parametrize(
    "words",
    [
        ("--hom", "somewhere", "status"),
        ("simulate", "--assets", "0"),
        ("simulate", "--speed", "nan"),
        ("simulate", "--base-port", "70000"),
        ("demo", "--headless", "--for", "-1"),
        ("demo", "--for", "5"),
        ("demo", "--json"),
    ],
)
def test_wrong_usage(words):
    """Words that cannot be meant are wrong usage: 2, and no trace of ours."""
    done = ovr(*words)
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ('[[fault]]\nkind = "device_lots"\ntarget = "bess-1"\n', "did you mean 'device_lost'"),
        ('[[fault]]\nkind = "device_lost"\ntarget = "bess-77"\n', "has no 'bess-77'"),
        ("[[fault\n", "cannot be read"),
    ],
)
def test_script_of_faults(tmp_path, script, told):
    """A script of faults that cannot be used ends the simulation with 1, and says why."""
    file = tmp_path / "faults.toml"
    file.write_text(script)
    done = ovr("simulate", "--assets", "3", "--faults", str(file))
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_port_in_use():
    """Ports that somebody else has are told."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = ovr("simulate", "--assets", "3", "--base-port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["node.toml", "gx_systems.json"])
def test_demo_spares_a_real_node(tmp_path, name):
    """A home with a file that a person wrote is never turned into a demo."""
    file = tmp_path / "config" / name
    file.parent.mkdir()
    file.write_text("[]")
    done = ovr("--home", str(tmp_path), "demo", "--headless", "--for", "1")
    assert done.returncode == 1
    assert name in done.stderr
    assert file.read_text() == "[]"


def test_demo_beside_a_collector(tmp_path):
    """A demo on a home where a collector runs leaves it, and its registry, alone."""
    home = find_home(str(tmp_path), {})
    home.ensure()
    (home.config / "demo.json").write_text(json.dumps({"assets": 6, "seed": 1}))
    home.registry_toml.write_text("version = 1\n")
    with CollectorLock(home.state):
        done = ovr("--home", str(tmp_path), "demo", "--headless", "--for", "1", "--assets", "6")
    assert done.returncode == 1
    assert f"pid {os.getpid()}" in done.stderr
    assert home.registry_toml.read_text() == "version = 1\n"


def test_home_too_deep(tmp_path):
    """A home whose socket no path of Linux can name is told before anything starts."""
    done = ovr("--home", str(tmp_path / ("x" * 120)), "demo", "--headless", "--for", "1")
    assert done.returncode == 1
    assert "at most 107 bytes" in done.stderr


def test_second_collector_with_a_summary(tmp_path):
    """A collector that is refused says by whom, also when it should have left a summary."""
    home = make_home(tmp_path)
    with CollectorLock(home.state):
        done = ovr("--home", str(tmp_path), "collect", "--summary", str(tmp_path / "s.json"))
    assert done.returncode == 1
    assert f"pid {os.getpid()}" in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_state_is_told(tmp_path):
    """A node.db that cannot be used is told in words."""
    home = make_home(tmp_path)
    home.node_db.mkdir()
    done = ovr("--home", str(tmp_path), "collect")
    assert done.returncode == 1
    assert "node.db cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("hosted", "left"), [((), False), (("--hosted",), True)])
def test_hangup(tmp_path, hosted, left):
    """A collector in a terminal that closes ends in order; a hosted one has none, and stays."""
    home = make_home(tmp_path)
    process = start("collect", *hosted, home=tmp_path)
    until(lambda: head(tmp_path), "the collector")
    process.send_signal(signal.SIGHUP)
    if left:
        before = head(tmp_path)
        until(lambda: head(tmp_path) > before + 1, "batches go on")
        process.terminate()
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "The collector has ended in order." in said
    assert holder(home.state) is None


def test_the_log_over_the_api(tmp_path):
    """What a collector says of its own work is there for operators, with its warnings."""
    home = make_home(tmp_path)
    with home.node_toml.open("a") as file:
        file.write(f'[sinks.local]\nurl = "http://127.0.0.1:{free_port()}"\n')
    process = start("collect", home=tmp_path)
    until(lambda: head(tmp_path), "the collector")

    def told():
        async def ask():
            async with Client(home.operator_socket) as client:
                return await client.get("/v1/messages", MessagesAnswer, limit=1000)

        return asyncio.run(ask())

    until(lambda: any(m.level == "warning" for m in told().messages), "a warning of the sink")
    found = told()
    assert any(m.text.endswith(" collects from 0 devices.") for m in found.messages)
    assert [m.seq for m in found.messages] == list(range(1, found.last + 1))
    process.terminate()
    process.communicate(timeout=20)


def test_hosted_on_the_home_that_was_named(tmp_path, monkeypatch):
    """`--home` comes before OVR_HOME for the collector that a console starts too; its log begins
    anew when it has grown large, and the former one is kept."""
    home = make_home(tmp_path / "named")
    monkeypatch.setenv("OVR_HOME", str(tmp_path / "other"))
    log = home.state / "collector.log"
    log.write_bytes(b"x" * (console.LOG_BYTES + 1))
    console.start_hosted(home)
    try:
        assert holder(home.state)
        assert not (tmp_path / "other").exists()
        assert log.stat().st_size < 10_000
        assert (home.state / "collector.log.1").stat().st_size == console.LOG_BYTES + 1
    finally:
        console.stop(home)
    assert holder(home.state) is None


class OtherVersion(socketserver.StreamRequestHandler):
    """Answers every request as a collector of another schema would."""

    def handle(self):
        body = b'{"schema": 99}'
        while (line := self.rfile.readline()) not in (b"\r\n", b""):
            assert line
        start = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.wfile.write(start + b"content-length: %d\r\n\r\n" % len(body) + body)


@contextmanager
def another_version(home):
    """A collector of another schema on the home's socket."""
    with socketserver.UnixStreamServer(str(home.operator_socket), OtherVersion) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def test_collector_of_another_version(tmp_path):
    """A collector that speaks another schema is told at once, by status and by the console; no
    second one is started beside it."""
    home = make_home(tmp_path)
    with another_version(home), CollectorLock(home.state):
        done = ovr("--home", str(tmp_path), "status", "--json")
        assert done.returncode == 1
        assert "collector 99" in done.stderr
        with pytest.raises(ApiError, match="collector 99"):
            console.attach(home)


def test_socket_of_others(tmp_path, monkeypatch):
    """Whoever may not open the socket is told so; the collector is not taken for absent."""
    home = make_home(tmp_path)
    home.operator_socket.write_text("")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ApiError):
        console.attach(home)


@pytest.mark.parametrize(
    ("made", "mine", "looks"),
    [
        (("ovr.sock", "view.sock"), ("view.sock",), True),
        (("ovr.sock", "view.sock"), ("ovr.sock", "view.sock"), False),
        (("ovr.sock", "view.sock"), (), False),
        ((), (), False),
    ],
)
def test_whoever_may_only_look(tmp_path, monkeypatch, made, mine, looks):
    """Of a running collector whose operators' socket is for others the viewers' one is taken; where
    none runs nobody is taken for a viewer."""
    home = make_home(tmp_path)
    for name in made:
        (home.run / name).write_text("")
    monkeypatch.setattr(os, "access", lambda path, _: path.name in mine)
    assert console.only_looks(home) is looks


def test_collector_that_never_answers(tmp_path, monkeypatch):
    """A collector that holds the node but does not answer is told with its pid and the reason."""
    home = make_home(tmp_path)
    monkeypatch.setattr(console, "START_S", 0.2)
    with CollectorLock(home.state), pytest.raises(OvrError, match=f"pid {os.getpid()}.*nobody"):
        console.attach(home)


def fresh():
    """The first snapshot of a collector, and its health."""
    journal, health = JournalHealth(state="ok"), NodeHealth(started_ms=0)
    shot = Snapshot(
        seq=0, at_ms=0, node="n", site="s", timezone="UTC", assets=(), totals={}, today={},
        sources=(), sinks=(), journal=journal, health=health,
    )  # fmt: skip
    answer = HealthAnswer(
        ok=True, version="0", pid=1, node="n", hosted=False, health=health, journal=journal,
        sources=(), sinks=(),
    )  # fmt: skip
    return shot, answer


def test_status_right_after_the_start():
    """Before the first tick `ovr status` does not claim that there are no devices."""
    told = "\n".join(lines(*fresh()))
    assert "just started" in told
    assert "No devices" not in told


def test_status_says_of_each_sink_how_far_it_is_and_what_it_is_worth():
    """Minutes behind, whether it is lossless, and if not why; a cause is not said twice."""
    shot, answer = fresh()
    sinks = (
        SinkHealth(sink="local", state="running", behind_s=1.0, lossless=True),
        SinkHealth(sink="cloud", state="backoff", cause="HTTP 401", behind_s=7200, lossless=False,
                   lossless_why="set epoch_url"),
        SinkHealth(sink="third", state="running", cause="x", lossless=False, lossless_why="x"),
    )  # fmt: skip
    on = EventNow(
        id="e",
        name="Fest",
        job="J-1",
        status=EventStatus.ACTIVE,
        timezone="UTC",
        systems=("b", "c"),
    )
    shot = msgspec.structs.replace(shot, events=(on,))
    told = lines(shot, msgspec.structs.replace(answer, sinks=sinks))
    assert "event Fest (J-1): active, b, c" in told
    assert told[-6:] == [
        "sink local: running, 1 s behind, lossless",
        "sink cloud: backoff, 120 min behind, NOT lossless",
        "  HTTP 401",
        "  not lossless: set epoch_url",
        "sink third: running, 0 s behind, NOT lossless",
        "  x",
    ]


def test_demo_ends_on_ctrl_c(tmp_path):
    """Ctrl-C ends a headless demo in order, with its report."""
    demo = start("demo", "--headless", "--assets", "3", "--json", home=tmp_path)
    until(lambda: head(tmp_path) > 1, "the demo", 40)
    demo.send_signal(signal.SIGINT)
    said, _ = demo.communicate(timeout=30)
    assert demo.returncode == 0
    assert json.loads(said.splitlines()[-1])["samples_journaled"] > 0
