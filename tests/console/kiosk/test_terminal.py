"""`ovr kiosk` in real pseudo-terminals, on the viewers' socket of a real local API."""

import asyncio
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.model.alarm import Rule
from collector.serve.access import Transport
from collector.serve.api import make_app
from collector.serve.server import serve
from scripts.console_load import Terminal
from tests.console.kiosk.test_configs import CONFIGS
from tests.console.test_terminal import LEFT, Picture, eventually
from tests.support.snapshots import HandFeed, alarm, changed, site

ENV = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "OVR_THEME": "dark"}
KEYS = b"qQ\x03\x1a\x1c\x11\x10\x1b:?\t\r"
"""q, ctrl+c, ctrl+z, ctrl+\\, ctrl+q, ctrl+p, escape, and what opens things in the console."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A home whose socket's path is short."""
    with tempfile.TemporaryDirectory(prefix="ovr-") as folder:
        (Path(folder) / "run").mkdir()
        yield Path(folder)


@asynccontextmanager
async def collecting(home: Path, seq: int = 1) -> AsyncIterator[HandFeed]:
    """A collector's local API on the viewers' socket, with a snapshot each half second."""
    feed = HandFeed(site(20, seq))

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.5)
            shot = feed.snapshot
            await feed.push(changed(site(20, shot.seq + 1), alarms=shot.alarms))

    async with serve(make_app(feed), home / "run" / "view.sock", Transport.VIEWER_SOCKET):
        task = asyncio.create_task(tick())
        try:
            yield feed
        finally:
            task.cancel()
            await feed.end()


class Display:
    """`ovr kiosk` in a pseudo-terminal, and what it shows."""

    def __init__(self, home: Path, *options: str, before: Sequence[str] = ()) -> None:
        own = [sys.executable, "-m", "ovr_tui.cli", "--home", str(home), "kiosk", *options]
        argv = [*before, *own]
        self.terminal = Terminal(argv, ENV, 120, 40)
        self.picture = Picture()
        self.raw = b""

    async def look(self, seconds: float = 0.05) -> str:
        """What it shows now."""
        data = await asyncio.to_thread(self.terminal.read, seconds)
        self.raw += data
        self.picture.feed(data)
        return str(self.picture)

    async def shows(self, pattern: str) -> str:
        """The screen, once it shows what matches."""
        deadline = time.monotonic() + 30
        while not re.search(pattern, screen := await self.look(0.1)):
            assert time.monotonic() < deadline, screen
        return screen

    def gone(self) -> bool:
        """Whether its process has ended."""
        return self.terminal.process.poll() is not None


def ignores(pid: int, number: int) -> bool:
    """Whether a process ignores a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    (mask,) = re.findall(r"SigIgn:\s*([0-9a-f]+)", status)
    return bool(int(mask, 16) >> (number - 1) & 1)


@asynccontextmanager
async def display(home: Path, *options: str, before: Sequence[str] = ()) -> AsyncIterator[Display]:
    """A display, ended afterwards however the test went."""
    shown = Display(home, *options, before=before)
    try:
        yield shown
    finally:
        shown.terminal.end()


async def test_a_start_before_the_collector_and_a_restart_of_it(home: Path) -> None:
    """The display waits and says for what; it shows the first snapshot that there is, says when the
    collector goes, and goes on with the next one."""
    async with display(home) as shown:
        await shown.shows("no collector runs")
        async with collecting(home):
            await shown.shows("SITE POWER")
            await shown.shows("● live")
        await shown.shows("COLLECTOR LOST")
        async with collecting(home, seq=500) as feed:
            await shown.shows("● live")
            await feed.push(changed(feed.snapshot, seq=900, alarms=(alarm(Rule.LOW_SOC),)))
            await shown.shows("since 14:02 PDT")
            await shown.shows("Start or check the generator")
            shown.terminal.write(b"q")
            await eventually(shown.gone)
        assert shown.terminal.process.returncode == 0


async def test_it_only_reads(home: Path) -> None:
    """Beside an operators' socket the display still takes the viewers': without that it waits."""
    feed = HandFeed(site(5))
    async with serve(make_app(feed), home / "run" / "ovr.sock"), display(home) as shown:
        await shown.shows("no collector runs: nobody listens on .*view.sock")
        assert feed.readers == 0
        await feed.end()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_as_a_login_only_signals_end_it(home: Path, number: int) -> None:
    """No key and no signal that a terminal's keys send ends, stops or leaves it; SIGTERM and SIGHUP
    do, give the terminal back, and leave no trace."""
    async with collecting(home) as feed, display(home, "--login") as shown:
        await shown.shows("now 1 of")
        for key in KEYS:
            shown.terminal.write(bytes([key]))
            await shown.look()
        for harmless in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
            shown.terminal.process.send_signal(harmless)
        shown.terminal.write(b"\x1b[C")
        assert "leave" not in await shown.shows("sources 2 of")
        shown.terminal.process.send_signal(number)
        await eventually(shown.gone)
        while LEFT not in shown.raw:
            await shown.look()
        assert b"Traceback" not in shown.raw
        assert shown.terminal.process.returncode == 0
        await eventually(lambda: feed.readers == 0)


async def test_keys_do_not_reach_a_login_that_begins(home: Path) -> None:
    """As getty starts it no key ends it while Python and the program are being loaded."""
    words = (CONFIGS / "getty.conf").read_text().split()
    before = words[words.index("/usr/bin/env") : words.index("/opt/ovr/bin/ovr")]
    async with collecting(home), display(home, "--login", before=before) as shown:
        await eventually(lambda: ignores(shown.terminal.process.pid, signal.SIGINT))
        while "now 1 of" not in str(shown.picture):
            shown.terminal.write(b"\x03\x1c\x1a")
            await shown.look()
            assert not shown.gone()
        assert b"Traceback" not in shown.raw


async def test_a_terminal_that_vanishes(home: Path) -> None:
    """No display outlives its terminal, a login neither."""
    async with collecting(home) as feed, display(home, "--login") as shown:
        await shown.shows("now 1 of")
        shown.terminal.hang_up()
        await eventually(shown.gone)
        await eventually(lambda: feed.readers == 0)


async def test_stopped_and_going_on(home: Path) -> None:
    """A display that was stopped while snapshots went on says nothing old is live when it goes on:
    what it paints first is stale, then the present."""
    async with collecting(home), display(home) as shown:
        await shown.shows("● live")
        shown.terminal.process.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        while time.monotonic() - started < 3.5:  # what was painted before the stop is read, too
            await shown.look(0.1)
        mark = len(shown.raw)
        shown.terminal.process.send_signal(signal.SIGCONT)
        while b"live" not in shown.raw[mark:]:
            await shown.look(0.1)
        painted = shown.raw[mark:].decode(errors="replace")
        assert re.search(r"○ [3-9] s old", painted.partition("● live")[0])


async def test_the_public_one(home: Path) -> None:
    """In a terminal as in tests: chosen figures under a title, and when the collector goes nothing
    of it stays."""
    async with display(home, "--public", "--title", "Green power", "--show", "load") as shown:
        async with collecting(home):
            screen = await shown.shows("partial")
            assert "Green power" in screen
            assert "Main field" not in screen
        deadline = time.monotonic() + 20
        while "partial" in (screen := await shown.look(0.2)):
            assert time.monotonic() < deadline
        assert "view.sock" not in screen
