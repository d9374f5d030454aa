"""How a collector begins and ends, as systemd and a person with a terminal see it."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from collector.app.lock import holder
from tests.support.http_answers import Reply, Request, answering
from tests.support.nodes import make_home
from tests.support.processes import OVR, environment, start, status, until

pytestmark = pytest.mark.timeout(120)


class Systemd:
    """The socket that systemd listens on, and a collector that is told of it."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        self.socket.settimeout(0.1)
        self.environ = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "8000000"}
        self.lines: list[str] = []

    def start(self, home: Path) -> "subprocess.Popen[str]":
        """`ovr collect` with what systemd sets."""
        return subprocess.Popen(
            [*OVR, "--home", str(home), "collect"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**self.environ),
        )

    def heard(self, line: str, limit_s: float = 30) -> bool:
        """Whether a line that begins so comes within the limit."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if any(one.startswith(line) for one in self.lines):
                return True
            try:
                self.lines += self.socket.recv(4096).decode().split("\n")
            except TimeoutError:
                continue
        return False

    def forget(self) -> None:
        """Only what comes from now on counts."""
        self.lines.clear()


def test_systemd_hears_of_beginning_life_and_end(tmp_path: Path) -> None:
    """Ready after the first tick, signs of life, and that it ends; a stopped process says none."""
    make_home(tmp_path)
    systemd = Systemd(tmp_path)
    process = systemd.start(tmp_path)
    try:
        assert systemd.heard("READY=1")
        assert status(tmp_path) is not None, "who is ready answers"
        assert systemd.heard("STATUS=0 of 0 assets live")
        assert systemd.heard("WATCHDOG=1")
        process.send_signal(signal.SIGSTOP)
        while systemd.heard("WATCHDOG=1", 0.5):
            systemd.forget()
        systemd.forget()
        assert not systemd.heard("WATCHDOG=1", 5), "nobody speaks for a process that stands"
        process.send_signal(signal.SIGCONT)
        assert systemd.heard("WATCHDOG=1"), "it lives again"
        process.terminate()
        assert systemd.heard("STOPPING=1")
        process.communicate(timeout=20)
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate()
        systemd.socket.close()


async def test_a_receiver_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """Sinks get five seconds at the end, and the cloud none; what is owed is kept."""

    def hang(request: Request) -> Reply:
        return Reply(hang=True) if request.method == "POST" else Reply(404)

    async with answering(hang) as server:
        node = {"sinks": {"local": {"url": server.url}}, "cloud": {"url": server.url}}
        home = make_home(tmp_path, node=node)
        process = start("collect", home=tmp_path)
        paths = {"/api/v1/write", "/v1/records"}
        both = partial(until, lambda: {post.path for post in server.posts()} == paths)
        await asyncio.to_thread(both, "requests that hang")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said, _ = await asyncio.to_thread(process.communicate, timeout=30)
        took = time.monotonic() - began
    assert process.returncode == 0, said
    assert "what is owed stays in the journal" in said
    assert "The collector has ended in order." in said
    assert 4.5 < took < 20
    assert not home.operator_socket.exists()
    assert holder(home.state) is None


@pytest.mark.parametrize("round_", range(3))
def test_two_collectors_at_the_same_instant(tmp_path: Path, round_: int) -> None:
    """One collects, the other one says who does, and ends with 1."""
    home = make_home(tmp_path)
    both = [start("collect", home=tmp_path) for _ in range(2)]
    until(lambda: any(one.poll() is not None for one in both), "one gives up")
    ended = next(one for one in both if one.poll() is not None)
    stays = next(one for one in both if one is not ended)
    said, _ = ended.communicate(timeout=10)
    assert ended.returncode == 1
    assert "runs on" in said
    seen = until(lambda: status(tmp_path), "the other one collects")
    assert seen is not None
    assert holder(home.state) == stays.pid
    stays.terminate()
    stays.communicate(timeout=20)
    assert stays.returncode == 0


def test_a_killed_collector_leaves_nothing_that_stops_the_next(tmp_path: Path) -> None:
    """Again and again, at any moment of its start too."""
    home = make_home(tmp_path)
    for wait_s in (0.05, 0.4, 0.8, 1.5):
        process = start("collect", home=tmp_path)
        time.sleep(wait_s)
        process.kill()
        process.communicate()
        assert holder(home.state) is None
    process = start("collect", home=tmp_path)
    until(lambda: status(tmp_path), "it collects")
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_what_the_watchdog_ends_tells_where_it_stood(tmp_path: Path) -> None:
    """systemd's watchdog sends SIGABRT: all stacks are in the log."""
    make_home(tmp_path)
    process = start("collect", home=tmp_path)
    until(lambda: status(tmp_path), "it collects")
    process.send_signal(signal.SIGABRT)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGABRT
    assert "Fatal Python error: Aborted" in said
    assert "run_until_complete" in said
