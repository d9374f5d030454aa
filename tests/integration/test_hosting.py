"""`ovr` in a real terminal: it starts the collector, leaves it, finds it, stops it."""

import asyncio
import os
import shutil
import signal
from contextlib import closing
from pathlib import Path

import pytest

from collector.app.lock import holder
from collector.client import Client
from ovr_tui.commands.console import start_hosted
from tests.support.nodes import make_home, running
from tests.support.processes import OVR, status, until
from tests.support.tmux import Tmux

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.timeout(120),
]


class Ending:
    """Ends a terminal, and whatever collector runs on a home at the end of a test."""

    def __init__(self, home, *terminals):
        self.home, self.terminals = home, terminals

    def close(self):
        for terminal in self.terminals:
            terminal.end()
        pid = holder(self.home.state)
        if pid:
            os.kill(pid, signal.SIGTERM)
            until(lambda: holder(self.home.state) is None, "the collector's end")


@pytest.fixture
def terminals(tmp_path):
    """Two terminals."""
    for name in "ab":
        (tmp_path / name).mkdir()
    return Tmux(tmp_path / "a"), Tmux(tmp_path / "b")


@pytest.fixture
def home(tmp_path):
    """A home without devices."""
    return make_home(tmp_path / "h")


def answer(home):
    """What `ovr status` tells; empty while no collector answers."""
    return status(home.config.parent) or {}


def readers(home):
    """How many consoles stream from the collector."""
    return answer(home).get("health", {}).get("readers")


def head(home):
    """The newest batch in the journal; 0 while no collector answers."""
    return answer(home).get("journal", {}).get("head", 0)


def argv(home):
    """`ovr` on the home."""
    return [*OVR, "--home", str(home.config.parent)]


def test_leave_it_running_and_find_it_again(home, terminals):
    """`ovr` starts a collector in a session of its own; leaving asks; left running it goes on, a
    second `ovr` finds it, and stopping there ends it in order."""
    first, second = terminals
    with closing(Ending(home, *terminals)):
        first.start(argv(home))
        first.shows("collecting")
        pid = holder(home.state)
        assert pid
        assert os.getsid(pid) == pid
        seen = answer(home)
        assert seen["hosted"] is True
        assert seen["pid"] == pid
        first.press("q")
        first.shows("A console has started this collector")
        first.press("Escape")
        first.press("q")
        first.shows("A console has started this collector")
        first.press("l")
        first.shows("The collector goes on; `ovr` finds it again.")
        first.shows("ended with 0")
        assert holder(home.state) == pid
        second.start(argv(home))
        second.shows("collecting")
        assert holder(home.state) == pid
        second.press("q")
        second.shows("A console has started this collector")
        second.press("s")
        second.shows("Collecting has stopped.")
        second.shows("ended with 0")
        assert holder(home.state) is None
        assert not home.operator_socket.exists()
    assert "The collector has ended in order." in (home.state / "collector.log").read_text()


def test_terminal_that_vanishes(home, terminals):
    """When the terminal vanishes unasked, its console ends and the collector goes on collecting."""
    first, second = terminals
    with closing(Ending(home, *terminals)):
        first.start(argv(home))
        first.shows("collecting")
        pid = holder(home.state)
        before = head(home)
        first.end()
        until(lambda: readers(home) == 0, "the console's end")
        until(lambda: head(home) > before + 2, "batches go on")
        assert answer(home)["pid"] == pid == holder(home.state)
        second.start(argv(home))
        second.shows("collecting")


def test_two_at_the_same_instant(home, terminals):
    """Two `ovr` that are started together end with one collector, and both show it."""
    with closing(Ending(home, *terminals)):
        for terminal in terminals:
            terminal.start(argv(home))
        for terminal in terminals:
            terminal.shows("collecting")
        until(lambda: readers(home) == 2, "both read")
        assert collectors(home) == [holder(home.state)]


def collectors(home):
    """The pids of all collectors that were started for the home."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            told = (entry / "environ").read_bytes()
        except OSError:
            continue
        if b"collect" in words and f"OVR_STATE_DIR={home.state}\0".encode() in told:
            found.append(int(entry.name))
    return found


def test_killed_collector_is_said(home, terminals):
    """When the hosted collector is killed, its console says that it is lost; a new `ovr` starts
    another one, to which the first console attaches by itself."""
    first, second = terminals
    with closing(Ending(home, *terminals)):
        first.start(argv(home))
        first.shows("collecting")
        pid = holder(home.state)
        assert pid
        os.kill(pid, signal.SIGKILL)
        first.shows("COLLECTOR LOST")
        second.start(argv(home))
        second.shows("collecting")
        assert holder(home.state) not in (None, pid)
        until(lambda: "COLLECTOR LOST" not in first.screen(), "the first console's return")
        until(lambda: readers(home) == 2, "both read")


def test_collector_that_cannot_start(home, terminals):
    """A configuration with a problem, or a journal that cannot be used, is told in the terminal;
    the console does not come up on nothing."""
    first, second = terminals
    with closing(Ending(home, *terminals)):
        good = home.registry_toml.read_bytes()
        home.registry_toml.write_text('version = 1\n[[device]]\nid = "a"\nkindd = "gx"\n')
        first.start(argv(home))
        assert "registry.toml:4" in first.shows("ended with 78")
        home.registry_toml.write_bytes(good)
        home.journal_db.mkdir()
        second.start(argv(home))
        assert "journal" in second.shows("ended with 1")
        assert holder(home.state) is None


async def test_leaving_a_service_asks_nothing(home, terminals):
    """A collector that no console started is never offered to be stopped."""
    first, _ = terminals
    with closing(Ending(home, *terminals)):
        async with running(home), Client(home.operator_socket) as client:
            assert not (await client.health()).hosted
            await asyncio.to_thread(first.start, argv(home))
            await asyncio.to_thread(first.shows, "collecting")
            await asyncio.to_thread(first.press, "q")
            screen = await asyncio.to_thread(first.shows, "ended with 0")
            assert "The collector goes on" in screen


async def test_a_console_that_only_looks(home, terminals):
    """`ovr --view` attaches as viewers do: it stops nothing and asks nothing on leaving, of a
    hosted collector neither. It starts none where none runs, and says so."""
    first, second = terminals
    with closing(Ending(home, *terminals)):
        await asyncio.to_thread(first.start, [*argv(home), "--view"])
        screen = await asyncio.to_thread(first.shows, "ended with 1")
        assert "no collector runs" in screen
        assert holder(home.state) is None
        await asyncio.to_thread(start_hosted, home)
        pid = holder(home.state)
        await asyncio.to_thread(second.start, [*argv(home), "--view"])
        await asyncio.to_thread(second.shows, "collecting")
        await asyncio.to_thread(second.press, "q")
        await asyncio.to_thread(second.shows, "ended with 0")
        assert holder(home.state) == pid
