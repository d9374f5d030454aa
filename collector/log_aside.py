"""A log that nobody waits for: lines go to their stream on a thread of their own.

Who reads a log may stop (a frozen terminal, a full pipe); collecting must not stop with it.
"""

import atexit
import io
import queue
import threading
from typing import TextIO

WAITING = 5_000
"""Lines that may wait; further ones are left out, and counted in the log once it moves again."""
LAST_S = 1.0
"""How long the end of the program waits for the last lines."""


class Aside(io.TextIOBase):
    """Takes what is written at once, and passes it on in order as `out` takes it."""

    def __init__(self, out: TextIO, *, waiting: int = WAITING) -> None:
        super().__init__()
        self._out = out
        self._lines: queue.Queue[str | None] = queue.Queue(waiting)
        self._left_out = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()
        atexit.register(self.finish)

    def write(self, text: str, /) -> int:
        """Never blocks."""
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            self._left_out += 1
        return len(text)

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether people read it."""
        return self._out.isatty()

    def finish(self) -> None:
        """Wait a moment until what was written has been passed on."""
        try:
            self._lines.put(None, timeout=LAST_S)
        except queue.Full:
            return  # nobody reads it
        self._thread.join(LAST_S)

    def _run(self) -> None:
        text: str | None = ""
        while text is not None:
            text = self._lines.get()
            try:
                if self._left_out:
                    count, self._left_out = self._left_out, 0
                    self._out.write(f"{count} pieces of the log were left out: nobody read it\n")
                self._out.write(text or "")
                if self._lines.empty():
                    self._out.flush()
            except (OSError, ValueError):
                continue  # the stream is closed, or its reader is gone: there is nobody to tell
