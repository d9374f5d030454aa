"""One console in one pseudo-terminal through everything that befalls terminals, and what it leaves:
told from the very bytes that it wrote, and from the terminal's modes."""

import asyncio
import fcntl
import os
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.console_load import Terminal, console_argv
from tests.console.test_terminal import ENV, Picture, eventually, ticking

UNREAD_S = 4.0
"""Longer than a frame may wait."""
NUMBER_OF_PTY = 0x80045430  # TIOCGPTN
FOR_OURSELVES = os.O_RDWR | os.O_NOCTTY
SETS = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
KITTY = re.compile(rb"\x1b\[([<>])\d*u")
CURSOR, WRAP, MOUSE, ALTERNATE = 25, 7, 1000, 1049
AT_FIRST = {CURSOR, WRAP}
"""What is on in a terminal before anybody asks for anything."""


class Screen:
    """A terminal with what it shows, and what was switched on and off in it."""

    def __init__(self, socket: Path) -> None:
        self.terminal = Terminal(console_argv(socket), ENV, 120, 40)
        self.process = self.terminal.process
        self.picture = Picture()
        number = fcntl.ioctl(self.terminal.master, NUMBER_OF_PTY, bytes(4))
        self._slave = os.open(f"/dev/pts/{int.from_bytes(number, sys.byteorder)}", FOR_OURSELVES)
        self._painted = b""

    async def read(self, seconds: float = 0.1) -> bool:
        """What comes within that time, as soon as anything comes; whether anything did."""
        data = await asyncio.to_thread(self.terminal.read, seconds)
        self._painted += data
        self.picture.feed(data)
        return bool(data)

    async def read_until(self, over: Callable[[], bool]) -> None:
        """All that it writes until that is so, and what it had written by then."""
        deadline = time.monotonic() + 20
        while not over():
            assert time.monotonic() < deadline
            await self.read(0.05)
        while await self.read():
            pass

    async def shows(self, pattern: str) -> None:
        """Until it shows what matches."""
        deadline = time.monotonic() + 30
        while not re.search(pattern, str(self.picture)):
            assert time.monotonic() < deadline, str(self.picture)
            await self.read()

    def resize(self, columns: int, rows: int) -> None:
        """As when the window is pulled."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.terminal.master, termios.TIOCSWINSZ, size)
        self.picture.rows.clear()

    async def fill(self) -> None:
        """Have it painted anew, unread, until the terminal takes no more. (It is full for moments
        before that, while the kernel moves what it holds.)"""
        deadline = time.monotonic() + 20
        columns, full = 120, 0
        while full < 5:
            assert time.monotonic() < deadline
            columns = 239 - columns
            self.resize(columns, 40)
            await asyncio.sleep(0.2)
            full = 0 if select.select([], [self._slave], [], 0)[1] else full + 1

    def on(self) -> set[int]:
        """Which modes are on: by what was written."""
        found = set(AT_FIRST)
        for numbers, way in SETS.findall(self._painted):
            for number in map(int, numbers.split(b";")):
                (found.add if way == b"h" else found.discard)(number)
        return found

    def asks_keys(self) -> bool:
        """Whether keys come in another way than they did."""
        ways = KITTY.findall(self._painted)
        return ways.count(b">") > ways.count(b"<")

    def modes(self) -> list[object]:
        """How the terminal treats what is typed."""
        return termios.tcgetattr(self._slave)

    def stopped(self) -> bool:
        """Whether the process is stopped."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def close(self) -> None:
        """Whatever is left ends."""
        self.terminal.end()
        os.close(self._slave)


def fresh() -> list[object]:
    """The modes of a terminal that nobody has touched."""
    master, slave = os.openpty()
    try:
        return termios.tcgetattr(slave)
    finally:
        os.close(master)
        os.close(slave)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_what_befalls_it_leaves_no_trace(socket: Path, number: int) -> None:
    """Not read for a while, made far too small while nobody reads, and large again; stopped as by
    ctrl+z, which gives the terminal back, and going on: each time it shows the present anew. A
    signal then ends it: cursor shown, alternate screen left, mouse and all other modes as they
    were, the terminal's own too; no process is left, and the collector has lost a reader."""
    screen = Screen(socket)
    try:
        async with ticking(socket, 20, 0.1) as feed:
            await screen.shows(r"● collecting[\s\S]*BESS 1 Main stage")
            assert screen.on() >= {MOUSE, ALTERNATE}
            assert CURSOR not in screen.on()
            assert screen.modes() != fresh()

            await screen.fill()
            await asyncio.sleep(UNREAD_S)
            screen.resize(20, 5)
            await screen.shows("too small")
            screen.resize(100, 30)
            await screen.shows(r"● collecting[\s\S]*BESS 1 Main stage[\s\S]*q leave")

            screen.process.send_signal(signal.SIGTSTP)
            await screen.read_until(screen.stopped)
            assert screen.on() == AT_FIRST
            assert not screen.asks_keys()
            assert screen.modes() == fresh()
            screen.picture.rows.clear()
            screen.process.send_signal(signal.SIGCONT)
            await screen.shows(r"● collecting[\s\S]*BESS 1 Main stage[\s\S]*q leave")
            assert feed.readers == 1

            screen.process.send_signal(number)
            await screen.read_until(lambda: screen.process.poll() is not None)
            assert screen.process.returncode == 0
            assert screen.on() == AT_FIRST
            assert not screen.asks_keys()
            assert screen.modes() == fresh()
            with pytest.raises(ProcessLookupError):
                os.killpg(screen.process.pid, 0)
            await eventually(lambda: feed.readers == 0)
            assert feed.stops == 0
    finally:
        screen.close()


async def test_a_stop_waits_for_a_terminal_that_is_slow(socket: Path) -> None:
    """Stopped as by ctrl+z while the terminal takes nothing for a second: the shell still gets its
    terminal back before the process stops."""
    screen = Screen(socket)
    try:
        async with ticking(socket, 20, 0.1):
            await screen.shows(r"● collecting[\s\S]*BESS 1 Main stage")
            await screen.fill()
            screen.process.send_signal(signal.SIGTSTP)
            await asyncio.sleep(1.0)  # what the kernel still has room for goes out
            await screen.read_until(screen.stopped)
            assert screen.on() == AT_FIRST
            assert not screen.asks_keys()
            assert screen.modes() == fresh()
    finally:
        screen.close()
