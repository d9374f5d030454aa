"""What a console costs, measured from outside over a real pseudo-terminal.

`measure` starts a console in a terminal of its own and reads what it paints: CPU and memory from
/proc, bytes per second raw and as `ssh -C` would carry them, and the time from a key press to the
row that it moves the cursor to. `python scripts/console_load.py SOCKET` measures the console on
the collector behind SOCKET; the benchmark imports `measure`.
"""

import argparse
import fcntl
import os
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from collector.reports.process import cpu_s
from ovr_tui.console.band import height
from ovr_tui.console.pages.site import TALL_ROWS

SELECTED = "48;2;38;50;63"
"""The colour under the cursor in the dark theme: how the harness sees where the cursor is."""
DISPLAY = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "OVR_THEME": "dark"}


@dataclass(frozen=True)
class ConsoleLoad:
    """One measurement. CPU in percent of one core, memory in MB, times in ms."""

    columns: int
    rows: int
    seconds: float
    cpu_pct: float
    bytes_per_s: float
    zlib_bytes_per_s: float
    rss_mb: float
    first_paint_ms: float
    keys: int
    key_p50_ms: float
    key_p99_ms: float
    key_max_ms: float


@dataclass(frozen=True)
class Stall:
    """A terminal that read nothing for `unread_s`, beside one that was read. Times in seconds."""

    unread_s: float
    answered_s: float
    """From reading again to the row that a key press moved the cursor to."""
    others_gap_s: float
    """The longest that the other console painted nothing meanwhile."""


class Terminal:
    """A program in a pseudo-terminal of a given size, read as fast as it writes."""

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], columns: int, rows: int
    ) -> None:
        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            argv,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(env),
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(slave)
        self.master = master
        self.raw = 0
        self.packed = 0
        self._zlib = zlib.compressobj(6)

    def read(self, seconds: float) -> bytes:
        """What comes within `seconds`, as soon as anything comes."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.raw += len(data)
        for start in range(0, len(data), 4096):
            self.packed += len(self._zlib.compress(data[start : start + 4096]))
            self.packed += len(self._zlib.flush(zlib.Z_SYNC_FLUSH))
        return data

    def until(self, pattern: "re.Pattern[bytes]", seconds: float) -> float:
        """Seconds until `pattern` was painted; raises TimeoutError."""
        start, seen = time.monotonic(), b""
        while (spent := time.monotonic() - start) < seconds:
            seen += self.read(seconds - spent)
            if pattern.search(seen):
                return time.monotonic() - start
        raise TimeoutError(f"{pattern.pattern!r} was not painted within {seconds} s")

    def write(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def cpu_s(self) -> float:
        """CPU seconds that the program has used."""
        return cpu_s(self.process.pid)

    def rss_mb(self) -> float:
        """Memory that the program holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def hang_up(self) -> None:
        """The terminal vanishes, as when an SSH connection dies."""
        os.close(self.master)
        self.master = -1

    def end(self, limit_s: float = 5.0) -> int:
        """Ask the program to end, kill it after `limit_s`; its exit status."""
        self.process.terminate()
        deadline = time.monotonic() + limit_s
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read(0.02)
        if self.process.poll() is None:
            self.process.kill()
        status = self.process.wait()
        if self.master >= 0:
            self.read(0.05)
            self.hang_up()
        return status


def _take_terminal() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ours may be ignored (nohup), and is inherited
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def console_argv(socket: Path) -> list[str]:
    """The command of a console on the collector behind `socket`, without the rest of `ovr`."""
    code = "import sys; from pathlib import Path; from ovr_tui.console import run_console; "
    return [sys.executable, "-c", code + "print(run_console(Path(sys.argv[1])))", str(socket)]


Press = tuple[bytes, str]
"""A key, and what is painted once it was obeyed (a regular expression)."""


def measure(
    argv: Sequence[str],
    *,
    columns: int = 160,
    rows: int = 48,
    seconds: float = 20.0,
    keys: int = 60,
    warm_s: float = 12.0,
    env: Mapping[str, str] | None = None,
    begin: str = SELECTED,
    opening: Sequence[Press] = (),
    presses: Sequence[Press] | None = None,
) -> ConsoleLoad:
    """Run the console `argv` and measure it: at rest for `seconds`, then under `keys` presses.

    `begin` is what it paints first; then `opening` is pressed. `presses` are pressed in turn when
    it is measured (none: the cursor of the site's table moves, which takes the dark theme and three
    assets). Raises TimeoutError when what should be painted is not.
    """
    terminal = Terminal(argv, {**os.environ, **DISPLAY, **(env or {})}, columns, rows)
    try:
        first = terminal.until(re.compile(begin.encode()), 30)
        for key, painted in opening:
            terminal.write(key)
            terminal.until(re.compile(painted.encode()), 20)
        _drain(terminal, warm_s)
        cpu, raw, packed, start = terminal.cpu_s(), terminal.raw, terminal.packed, time.monotonic()
        _drain(terminal, seconds)
        spent = time.monotonic() - start
        cpu_pct = (terminal.cpu_s() - cpu) / spent * 100
        bytes_per_s = (terminal.raw - raw) / spent
        zlib_per_s = (terminal.packed - packed) / spent
        if presses is None:
            presses = cursor_moves(columns, rows)
        waits = [_wait(terminal, number, presses[number % len(presses)]) for number in range(keys)]
        rss = terminal.rss_mb()
    finally:
        terminal.end()
    ranked = sorted(waits) or [0.0]
    return ConsoleLoad(
        columns=columns,
        rows=rows,
        seconds=round(spent, 1),
        cpu_pct=round(cpu_pct, 2),
        bytes_per_s=round(bytes_per_s),
        zlib_bytes_per_s=round(zlib_per_s),
        rss_mb=round(rss, 1),
        first_paint_ms=round(first * 1000),
        keys=len(waits),
        key_p50_ms=round(statistics.median(ranked), 1),
        key_p99_ms=round(ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))], 1),
        key_max_ms=round(ranked[-1], 1),
    )


def stall(
    argv: Sequence[str],
    *,
    columns: int = 160,
    rows: int = 48,
    seconds: float = 20.0,
    env: Mapping[str, str] | None = None,
) -> Stall:
    """Run the console `argv` twice and read only one of them for `seconds`.

    Raises TimeoutError when a console paints no table, or the unread one does not come back.
    """
    own = {**os.environ, **(env or {}), **DISPLAY}
    unread = Terminal(argv, own, columns, rows)
    other = Terminal(argv, own, columns, rows)
    try:
        for terminal in (unread, other):
            terminal.until(re.compile(SELECTED.encode()), 20)
        start = last = time.monotonic()
        gap = 0.0
        while (now := time.monotonic()) - start < seconds:
            gap = max(gap, now - last)
            if other.read(0.1):
                last = now
        unread.write(b"\x1b[B")
        row = _header_row(columns, rows) + 2
        answered = unread.until(re.compile(_selected(row).encode()), 20)
    finally:
        unread.end()
        other.end()
    return Stall(seconds, round(answered, 3), round(gap, 2))


def _selected(row: int) -> str:
    return rf"\x1b\[{row};1H\x1b\[[0-9;]*{SELECTED}"


def _header_row(columns: int, rows: int) -> int:
    """The screen row (from 1) of the table's header: below head, rule, totals and status; tall
    totals have a second rule."""
    tall = rows >= TALL_ROWS
    return 2 + height(columns, tall=tall) + tall + 2


def _drain(terminal: Terminal, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        terminal.read(left)


def cursor_moves(columns: int, rows: int) -> tuple[Press, Press]:
    """The cursor of the site's table from its first row down and up again."""
    first = _header_row(columns, rows)
    return (b"\x1b[B", _selected(first + 2)), (b"\x1b[A", _selected(first + 1))


def _wait(terminal: Terminal, number: int, press: Press) -> float:
    """Press a key at a time that wanders through the second; ms until it was obeyed."""
    key, painted = press
    _drain(terminal, 0.05 + 0.31 * (number % 7) / 7)
    terminal.write(key)
    return terminal.until(re.compile(painted.encode()), 10) * 1000


def main() -> int:
    """Measure the console on a running collector."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("socket", type=Path)
    parser.add_argument("--size", default="160x48")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--keys", type=int, default=60)
    parser.add_argument("--stall", action="store_true", help="one terminal reads nothing instead")
    options = parser.parse_args()
    width, _, height = options.size.partition("x")
    columns, rows, seconds = int(width), int(height), options.seconds
    argv = console_argv(options.socket)
    found: Stall | ConsoleLoad
    if options.stall:
        found = stall(argv, columns=columns, rows=rows, seconds=seconds)
    else:
        found = measure(argv, columns=columns, rows=rows, seconds=seconds, keys=options.keys)
    for name, value in asdict(found).items():
        print(f"{name:18} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
