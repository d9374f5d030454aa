"""A real terminal multiplexer, with one window in which a program runs."""

import shlex
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.processes import environment


class Tmux:
    """A tmux server of its own, on a socket in `folder`; ended with `end`."""

    def __init__(self, folder: Path, width: int = 120, height: int = 40) -> None:
        self._base = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        self._size = ["-x", str(width), "-y", str(height)]

    def run(self, *words: str) -> str:
        """A tmux command; what it prints."""
        done = subprocess.run(
            [*self._base, *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
            env=environment(TERM="xterm-256color"),
        )
        return done.stdout

    def start(self, argv: Sequence[str]) -> None:
        """Run `argv` in the window. When it ends, what it printed stays, with its status."""
        line = f"{shlex.join(argv)}; echo ended with $?; sleep 600"
        self.run("new-session", "-d", *self._size, "sh", "-c", line)

    def screen(self) -> str:
        """What the window shows."""
        return self.run("capture-pane", "-p")

    def shows(self, text: str, limit_s: float = 30) -> str:
        """The screen, once it shows `text`."""
        deadline = time.monotonic() + limit_s
        while text not in (screen := self.screen()):
            assert time.monotonic() < deadline, f"no {text!r} within {limit_s} s:\n{screen}"
            time.sleep(0.1)
        return screen

    def press(self, *keys: str) -> None:
        """Type."""
        self.run("send-keys", *keys)

    def end(self) -> None:
        """The terminal vanishes, whatever runs in it."""
        subprocess.run([*self._base, "kill-server"], capture_output=True, check=False)
