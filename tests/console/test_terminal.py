"""The console in real terminals: pseudo-terminals that stall or vanish, and tmux."""

import asyncio
import functools
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.model.snapshot import Snapshot
from collector.serve.api import make_app
from collector.serve.server import serve
from scripts.console_load import Terminal, console_argv
from tests.serve.desks import desks
from tests.support.snapshots import HandFeed, changed, site

ENV = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "OVR_THEME": "dark"}
LEFT = b"\x1b[?1049l"
"""The console has given the terminal back."""


class TickingFeed(HandFeed):
    """A feed that makes a snapshot every `every_s`, and counts how many were fetched."""

    def __init__(self, count: int) -> None:
        super().__init__(site(count))
        self.count = count
        self.fetched = 0

    async def newer(self, seq: int) -> Snapshot | None:
        self.fetched += 1
        return await super().newer(seq)

    def has_fetched(self, count: int) -> bool:
        """Whether readers have asked so often."""
        return self.fetched >= count

    async def tick(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            await self.push(site(self.count, self.snapshot.seq + 1))


@asynccontextmanager
async def served(socket: Path, count: int) -> AsyncIterator[TickingFeed]:
    """A served feed."""
    feed = TickingFeed(count)
    async with desks(feed, socket.parent / "home"), serve(make_app(feed), socket):
        try:
            yield feed
        finally:
            await feed.end()


@asynccontextmanager
async def ticking(socket: Path, count: int, every_s: float) -> AsyncIterator[TickingFeed]:
    """A served feed that ticks."""
    async with served(socket, count) as feed:
        task = asyncio.create_task(feed.tick(every_s))
        try:
            yield feed
        finally:
            task.cancel()


@pytest.fixture
def terminal(socket: Path) -> Iterator[Terminal]:
    """A console in a pseudo-terminal of 120×40, on `socket`."""
    console = Terminal(console_argv(socket), ENV, 120, 40)
    yield console
    console.end()


async def painted(terminal: Terminal, text: str, limit_s: float = 20) -> None:
    """Read until `text` was painted."""
    await asyncio.to_thread(terminal.until, re.compile(text.encode()), limit_s)


async def eventually(condition: Callable[[], bool], limit_s: float = 20) -> None:
    """Wait until `condition` holds."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < limit_s
        await asyncio.sleep(0.02)


class Picture:
    """What a terminal shows of the console's output: cursor addresses and text, no colours."""

    TOKEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[[0-9;?<>$]*[a-zA-Z]|\n|([^\x1b\n]+)")

    def __init__(self) -> None:
        self.rows: dict[int, str] = {}
        self._left = b""
        self._at = (1, 1)

    def feed(self, data: bytes) -> None:
        """Take output, cut anywhere."""
        whole, mark, rest = (self._left + data).rpartition(b"\x1b")
        self._left = mark + rest
        for row, column, text in self.TOKEN.findall(whole.decode(errors="replace")):
            if row:
                self._at = (int(row), int(column))
            elif text:
                y, x = self._at
                line = self.rows.get(y, "").ljust(x - 1)
                self.rows[y] = line[: x - 1] + text + line[x - 1 + len(text) :]
                self._at = (y, x + len(text))

    def __str__(self) -> str:
        return "\n".join(self.rows.get(y, "") for y in range(1, 41))


async def read_until(terminal: Terminal, picture: Picture, text: str) -> None:
    """Read until the terminal shows `text`."""
    await read_match(terminal, picture, re.escape(text))


async def read_match(terminal: Terminal, picture: Picture, pattern: str) -> "re.Match[str]":
    """Read until the terminal shows what `pattern` matches: a line may come in two pieces."""
    deadline = time.monotonic() + 30
    while (found := re.search(pattern, str(picture))) is None:
        assert time.monotonic() < deadline, str(picture)
        picture.feed(await asyncio.to_thread(terminal.read, 0.1))
    return found


async def push_all(feed: TickingFeed, shots: Iterable[Snapshot]) -> None:
    """Push snapshots, each as soon as every reader has asked for it."""
    for shot in shots:
        wanted = feed.fetched + feed.readers
        await feed.push(shot)
        await eventually(functools.partial(feed.has_fetched, wanted))


async def test_a_terminal_that_reads_nothing(socket: Path, terminal: Terminal) -> None:
    """Unread for as many snapshots as come in 40 s, a console takes them all and obeys keys; the
    collector and another console notice nothing. Once it is read again the whole screen is
    painted, with the newest, and the health page tells of the frames dropped."""
    other, picture, others = Terminal(console_argv(socket), ENV, 120, 40), Picture(), Picture()
    try:
        async with served(socket, 60) as feed:
            await read_until(terminal, picture, "BESS 1 Main stage")
            await read_until(other, others, "BESS 1 Main stage")
            for seq in range(2, 42):
                await push_all(feed, [changed(site(60, seq), site=f"Field {seq}")])
                await read_until(other, others, f"Field {seq} ")
            terminal.write(b"h")
            await push_all(feed, [changed(site(60, seq), site="At last") for seq in range(42, 45)])
            await read_until(other, others, "At last")
            await read_until(terminal, picture, "At last")
            await read_until(terminal, picture, "JOURNAL")
            assert "POWER kW" not in str(picture)
            terminal.write(b"\x1b[F")
            dropped = await read_match(terminal, picture, r"frames dropped +(\d+)")
            assert int(dropped[1]) > 0
    finally:
        other.end()


async def test_no_frame_is_larger_than_the_terminal(socket: Path) -> None:
    """The terminal says how large it is; COLUMNS and LINES, which a shell may have left in the
    environment, say nothing: from the first frame on nothing stands outside."""
    env = {**ENV, "COLUMNS": "80", "LINES": "24"}
    small, picture = Terminal(console_argv(socket), env, 60, 16), Picture()
    try:
        async with ticking(socket, 20, 0.5):
            await read_until(small, picture, "BESS 1")
            assert max(picture.rows) <= 16
            assert [row for row in picture.rows.values() if len(row.rstrip()) > 60] == []
    finally:
        small.end()


async def test_a_stalled_terminal_can_be_left(socket: Path, terminal: Terminal) -> None:
    """SIGTERM ends a console whose terminal reads nothing."""
    async with served(socket, 60) as feed:
        await painted(terminal, "BESS 1")
        await push_all(feed, (site(60, seq) for seq in range(2, 42)))
        terminal.process.send_signal(signal.SIGTERM)
        await eventually(lambda: terminal.process.poll() is not None)
        await feed.end()
        await eventually(lambda: feed.readers == 0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
async def test_signals_end_it_cleanly(socket: Path, terminal: Terminal, number: int) -> None:
    """A signal gives the terminal back and ends the console at once; the collector is not asked to
    stop."""
    async with ticking(socket, 20, 1.0) as feed:
        await painted(terminal, "BESS 1")
        terminal.process.send_signal(number)
        await painted(terminal, re.escape(LEFT.decode()))
        await eventually(lambda: terminal.process.poll() is not None)
        assert terminal.process.returncode == 0
        assert feed.stops == 0
        await eventually(lambda: feed.readers == 0)


async def test_a_terminal_that_vanishes(socket: Path, terminal: Terminal) -> None:
    """When the terminal hangs up, no console is left behind, and the collector goes on."""
    async with ticking(socket, 20, 0.5) as feed:
        await painted(terminal, "BESS 1")
        terminal.hang_up()
        await eventually(lambda: terminal.process.poll() is not None)
        await eventually(lambda: feed.readers == 0)
        assert feed.stops == 0


async def test_keys_and_leaving(socket: Path, terminal: Terminal) -> None:
    """Keys reach the console through a real terminal, and q ends it."""
    async with ticking(socket, 20, 0.5):
        await painted(terminal, "BESS 1")
        terminal.write(b"2")
        await painted(terminal, "POWER kW▼")
        terminal.write(b"\r")
        await painted(terminal, "EasySolar")
        terminal.write(b"\x7f")
        await painted(terminal, "20 of 20")
        terminal.write(b"q")
        await eventually(lambda: terminal.read(0.01) is not None and terminal.process.poll() == 0)


async def test_a_paste_presses_no_keys(socket: Path, terminal: Terminal) -> None:
    """Escape codes in what is pasted do not make keys of it; bytes that are no text end nothing."""
    async with ticking(socket, 20, 0.5):
        await painted(terminal, "BESS 1")
        terminal.write(b"\x1b[200~x\x1b[31mhaeq\x1b[201~\xe9/")
        await painted(terminal, "filter")
        terminal.write(b"\x1b[200~Sah\x1b[31mara\x1b[201~")
        await painted(terminal, re.escape("Sah[31mara"))
        terminal.write(b"\x1b")
        await painted(terminal, "20 of 20")
        assert terminal.process.poll() is None


class Tmux:
    """A tmux server of its own with one window."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self.base = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self.width, self.height = str(width), str(height)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [*self.base, *words], capture_output=True, text=True, check=True, timeout=10
        )
        return done.stdout

    def start(self, argv: list[str], term: str) -> None:
        command = ["env", f"TERM={term}", "COLORTERM=", *argv]
        size = ["-x", self.width, "-y", self.height]
        self.run("new-session", "-d", *size, *command)

    def runs(self) -> bool:
        """Whether the window is still there."""
        listing = [*self.base, "list-sessions"]
        return subprocess.run(listing, capture_output=True, check=False).returncode == 0

    def end(self) -> None:
        subprocess.run([*self.base, "kill-server"], capture_output=True, check=False)

    async def shows(self, text: str, limit_s: float = 20) -> str:
        """The screen, once it shows `text`."""
        deadline = time.monotonic() + limit_s
        while text not in (screen := await asyncio.to_thread(self.run, "capture-pane", "-p")):
            assert time.monotonic() < deadline, screen
            await asyncio.sleep(0.1)
        return screen

    async def gone(self, text: str, limit_s: float = 20) -> None:
        """Wait until the screen no longer shows `text`."""
        deadline = time.monotonic() + limit_s
        while text in (screen := await asyncio.to_thread(self.run, "capture-pane", "-p")):
            assert time.monotonic() < deadline, screen
            await asyncio.sleep(0.1)

    async def press(self, *keys: str) -> None:
        await asyncio.to_thread(self.run, "send-keys", *keys)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("term", ["xterm-256color", "linux"])
async def test_a_shift_in_tmux(socket: Path, term: str) -> None:
    """By keyboard in tmux, with colours and on a console: look, filter, open an asset, walk, read
    health and help, lose the collector and get it back, resize, leave."""
    tmux = Tmux(socket.parent, 80, 24)
    try:
        async with ticking(socket, 60, 0.5):
            tmux.start(console_argv(socket), term)
            await tmux.shows("60 of 60 assets")
            await tmux.press("/", "gen")
            await tmux.shows("12 of 60 assets")
            await tmux.press("Enter")
            await tmux.shows(" open ")
            await tmux.press("Down", "Enter")
            await tmux.shows("generator power")
            await tmux.press("n")
            await tmux.shows("Genset 5")
            await tmux.press("Escape")
            await tmux.shows("12 of 60 assets")
            await tmux.press("Escape")
            await tmux.shows("60 of 60 assets")
            await tmux.press("h")
            await tmux.shows("JOURNAL")
            await tmux.press("?")
            await tmux.shows("This page")
            await tmux.press("PageDown")
            await tmux.shows("hold the picture")
            await tmux.press("Escape")
            await tmux.shows("JOURNAL")
            await tmux.press("Escape")
            await tmux.shows("60 of 60 assets")
        screen = await tmux.shows("COLLECTOR LOST")
        assert "next try in" in screen
        assert "(" in screen
        async with ticking(socket, 40, 0.5):
            await tmux.shows("40 of 40 assets")
            tmux.run("resize-window", "-x", "20", "-y", "5")
            await tmux.shows("too small")
            tmux.run("resize-window", "-x", "160", "-y", "48")
            await tmux.shows("A max")
            await tmux.press("q")
            await eventually(lambda: not tmux.runs())
    finally:
        tmux.end()


def test_standard_error_has_to_be_the_terminal(socket: Path, tmp_path: Path) -> None:
    """With standard error in a file the screen would be painted there: refused, in words."""
    told = tmp_path / "told"
    with told.open("wb") as out:
        done = subprocess.run(
            console_argv(socket), stdin=subprocess.DEVNULL, stderr=out, check=False, timeout=30
        )
    assert done.returncode == 1
    assert "has to be the terminal" in told.read_text()
