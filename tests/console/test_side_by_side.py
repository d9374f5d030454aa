"""Six people look at one node, each over a line of their own, as over SSH: consoles in terminals of
their own, on the viewers' socket of one local API, with one file of settings."""

import asyncio
import fcntl
import re
import struct
import sys
import termios
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from collector.serve.access import Transport
from collector.serve.api import make_app
from collector.serve.server import serve
from scripts.console_load import Terminal
from tests.console.test_terminal import ENV, Picture, TickingFeed, eventually
from tests.serve.desks import desks

CODE = (
    "import sys; from pathlib import Path; from ovr_tui.console import run_console; "
    "run_console(Path(sys.argv[1]), settings=Path(sys.argv[2]))"
)
SEEN = [
    ((200, 60), b"", r"BESS 1 Main stage .*\d\.\d "),
    ((80, 24), b"h", r"JOURNAL"),
    ((120, 40), b"\r", r"\[5 min\]"),
    ((160, 48), b"a", r"No alarm"),
    ((60, 16), b"?", r"This page"),
    ((100, 30), b"/gen\r", r"4 of 20 assets"),
]
"""Of each: the size, the keys, and what is then on the screen and on nobody else's."""


class Seat:
    """Somebody's terminal."""

    def __init__(self, socket: Path, columns: int, rows: int) -> None:
        argv = [sys.executable, "-c", CODE, str(socket), str(socket.parent / "console.toml")]
        self.terminal = Terminal(argv, ENV, columns, rows)
        self.picture = Picture()

    async def shows(self, pattern: str) -> str:
        """The screen, once it shows what matches."""
        deadline = time.monotonic() + 60
        while not re.search(pattern, screen := self.screen()):
            assert time.monotonic() < deadline, f"no {pattern!r}:\n{screen}"
            self.picture.feed(await asyncio.to_thread(self.terminal.read, 0.1))
        return screen

    async def fills(self, columns: int, rows: int) -> None:
        """Once the whole window is painted, to its last row, and nothing beyond."""
        deadline = time.monotonic() + 60
        while max(self.picture.rows) != rows or not columns - 20 < self.widest() <= columns:
            assert time.monotonic() < deadline, (max(self.picture.rows), self.widest())
            self.picture.feed(await asyncio.to_thread(self.terminal.read, 0.1))

    def screen(self) -> str:
        """What stands there now."""
        return "\n".join(text for _, text in sorted(self.picture.rows.items()))

    def widest(self) -> int:
        """How far to the right something stands."""
        return max(len(row.rstrip()) for row in self.picture.rows.values())


@asynccontextmanager
async def seats(socket: Path) -> AsyncIterator[tuple[list[Seat], TickingFeed]]:
    """All of them, on a site of 20 assets that ticks."""
    feed = TickingFeed(20)
    found: list[Seat] = []
    async with (
        desks(feed, socket.parent / "home"),
        serve(make_app(feed), socket, Transport.VIEWER_SOCKET),
    ):
        task = asyncio.create_task(feed.tick(1.0))
        try:
            found += [Seat(socket, *size) for size, _, _ in SEEN]
            yield found, feed
        finally:
            task.cancel()
            for seat in found:
                seat.terminal.end()
            await feed.end()


async def test_six_look_each_at_their_own_page(socket: Path) -> None:
    """Each is at another page in a terminal of another size, and stays there while the others go
    about, change their colours and window, or vanish; each sees the newest snapshot, and that it
    only looks."""
    async with seats(socket) as (six, feed):
        for seat in six:
            await seat.shows("read only")
        for seat, (_, keys, _) in zip(six, SEEN, strict=True):
            seat.terminal.write(keys)
        assert feed.readers == 6
        for seat, ((columns, rows), _, text) in zip(six, SEEN, strict=True):
            await seat.shows(text)
            await seat.fills(columns, rows)

        first, last = six[0], six[-1]
        first.terminal.write(b"T")
        await first.shows("theme ")
        size = struct.pack("HHHH", 30, 90, 0, 0)
        fcntl.ioctl(first.terminal.master, termios.TIOCSWINSZ, size)
        first.picture.rows.clear()
        await first.shows("BESS 1 Main stage")
        last.terminal.hang_up()
        await eventually(lambda: feed.readers == 5)
        for seat, ((columns, _), _, text) in list(zip(six, SEEN, strict=True))[1:-1]:
            seat.picture.rows.clear()
            seat.terminal.write(b"\x0c")  # all anew
            assert "theme" not in await seat.shows(text)
            assert seat.widest() <= columns
            for other, (_, _, theirs) in zip(six, SEEN, strict=True):
                assert other is seat or not re.search(theirs, seat.screen())
