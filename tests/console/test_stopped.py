"""The console stopped and going on, as a shell's job in a real terminal (tmux), and what it leaves
on the screen: with an alternate screen, and without one as on a Linux console."""

import asyncio
import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from scripts.console_load import Terminal, console_argv
from tests.console.test_terminal import ENV, Picture, Tmux, eventually, read_match, ticking

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Shell:
    """A shell in a window of tmux, at its prompt; `run` starts the console as its job."""

    def __init__(self, socket: Path, term: str) -> None:
        self.tmux = Tmux(socket.parent, 120, 40)
        self.tmux.start(["env", "PS1=at% ", "bash", "--norc", "--noprofile", "-i"], term)
        if term == "linux":
            self.tmux.run("set-option", "-g", "alternate-screen", "off")
        self._console = socket.parent / "console"
        self._console.write_text(f"#!/bin/sh\nexec {shlex.join(console_argv(socket))}\n")
        self._console.chmod(0o755)

    async def run(self) -> None:
        """Start the console, with the modes of the terminal written down before."""
        await self.type("stty -a > before")
        await self.type(str(self._console))
        await self.tmux.shows("BESS 1 Main stage")
        await self.tmux.shows("collecting")

    async def type(self, line: str) -> None:
        """A line at the prompt."""
        await self.tmux.press("-l", line)
        await self.tmux.press("Enter")

    async def clean(self) -> str:
        """The screen, once the shell has it; nothing of the console is left, and the terminal's
        modes are as before."""
        await self.type("stty -a > after; cmp before after && echo as be''fore")
        screen = await self.tmux.shows("as before")
        for trace in ("BESS 1", "POWER kW", "collecting", "\u2500", "help"):
            assert trace not in screen, screen
        shown = self.tmux.run(
            "display-message", "-p", "#{cursor_flag}#{alternate_on}#{mouse_any_flag}"
        )
        assert shown.strip() == "100", "cursor shown, no alternate screen, no mouse"
        return screen


@pytest.fixture(params=["linux", "xterm-256color"])
async def shell(socket: Path, request: pytest.FixtureRequest, monkeypatch) -> AsyncIterator[Shell]:
    """A shell; whatever it started ends with its terminal."""
    monkeypatch.chdir(socket.parent)
    made = Shell(socket, request.param)
    await made.tmux.shows("at%")
    yield made
    made.tmux.end()


@needs_tmux
async def test_ctrl_z_and_fg(socket: Path, shell: Shell) -> None:
    """Ctrl+z gives the shell a clean screen and its terminal as it was; fg paints everything anew,
    keys work, twice over; leaving leaves no trace."""
    async with ticking(socket, 20, 0.5):
        await shell.run()
        for _ in range(2):
            await shell.tmux.press("C-z")
            await shell.tmux.shows("Stopped")
            await shell.clean()
            await shell.type("fg")
            screen = await shell.tmux.shows("20 of 20")
            assert "as before" not in screen
            await shell.tmux.press("h")
            await shell.tmux.shows("JOURNAL")
            await shell.tmux.press("s")
            await shell.tmux.shows("POWER kW")
        await shell.tmux.press("q")
        await shell.tmux.shows("left\nat%")
        await shell.clean()


@needs_tmux
async def test_a_stop_that_nobody_announced(socket: Path, shell: Shell) -> None:
    """After SIGSTOP and SIGCONT, which gave the terminal to nobody, the console goes on as before,
    reads each key once, and leaves the terminal as it found it."""
    async with ticking(socket, 20, 0.5):
        await shell.run()
        for _ in range(2):
            pid = int(await asyncio.to_thread(_console_pid, shell))
            os.kill(pid, signal.SIGSTOP)
            await shell.tmux.shows("Stopped")
            await shell.type("fg")
            await shell.tmux.gone("Stopped")
            await shell.tmux.press("h")
            await shell.tmux.shows("JOURNAL")
            await shell.tmux.press("s")
            await shell.tmux.shows("POWER kW")
        assert _threads(pid) <= 8, "one reader of keys, one writer"
        await shell.tmux.press("q")
        await shell.tmux.shows("left\nat%")
        await shell.clean()


@needs_tmux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
async def test_signals_leave_no_trace(socket: Path, shell: Shell, number: int) -> None:
    """A signal ends the console and gives the shell its screen and terminal back."""
    async with ticking(socket, 20, 0.5) as feed:
        await shell.run()
        os.kill(int(await asyncio.to_thread(_console_pid, shell)), number)
        await eventually(lambda: feed.readers == 0)
        await shell.tmux.shows("left\nat%")
        await shell.clean()
        assert feed.stops == 0


def _threads(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())


def _console_pid(shell: Shell) -> str:
    """The process in the foreground of the window."""
    tty = shell.tmux.run("display-message", "-p", "#{pane_tty}").strip().removeprefix("/dev/")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            where = str((path.parent / "fd" / "0").readlink())
        except OSError:
            continue  # it has ended
        if where == f"/dev/{tty}" and fields[2] == fields[5]:  # its group is the foreground's
            return path.parent.name
    raise AssertionError("no process in the foreground")


async def test_no_old_value_is_live_after_a_stop(socket: Path) -> None:
    """Stopped for longer than a snapshot is believed, while snapshots went on, the console shows
    the old ones in brackets and says for how long it stood still, before anything is live again."""
    console = Terminal(console_argv(socket), ENV, 120, 40)
    picture = Picture()
    try:
        async with ticking(socket, 20, 0.5):
            await read_match(console, picture, "collecting")
            await read_match(console, picture, r"BESS 1 Main stage .* \d+\.\d ")
            while await asyncio.to_thread(console.read, 0.15):
                pass  # the frame that is under way comes whole
            console.process.send_signal(signal.SIGSTOP)
            stopped = time.monotonic()
            while time.monotonic() - stopped < 4:
                await asyncio.sleep(0.1)
                console.read(0)
            console.process.send_signal(signal.SIGCONT)
            painted = b""
            while b"stood still" not in painted:
                painted += await asyncio.to_thread(console.read, 0.2)
            text = painted.decode(errors="replace")
            assert re.search(r"stood still for [4-9] s", text)
            first = text.partition("live again")[0]
            assert "values are stale" in first
            assert "● collecting" not in first
            picture.feed(painted)
            await read_match(console, picture, "the values are live again")
            await read_match(console, picture, "● collecting")
    finally:
        console.end()
