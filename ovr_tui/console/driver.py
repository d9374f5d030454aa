"""A terminal driver for links that stall: frames are dropped, the event loop never waits.

Textual's own writer blocks the loop once thirty writes are queued, and its exit waits for the
terminal for ever. Here one thread writes to the terminal's file descriptor; while more than
`BACKLOG_BYTES` wait, further frames are dropped and counted, as is all that waits once the first
of it has waited for `OLD_S`; when the terminal reads again the whole screen is painted anew.
"""

import os
import re
import selectors
import signal
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from ovr_tui.console.awake import steady_s
from ovr_tui.console.typing import Typing

BACKLOG_BYTES = 96 * 1024
"""A few frames, or the paints of a page being opened: a slow line then shows nearly the newest
rather than the oldest."""

OLD_S = 2.0
"""What waited longer, for a slow line or because the process was stopped, would show old values as
they looked when they were live."""

_MODES = re.compile(rb"(?:\x1b\[[?><=][\d;$]*[a-zA-Z])+")
"""Sets or asks modes of the terminal, and shows nothing."""

READ_S = 0.1
"""How often it is asked whether to end, and whether escape was a key alone."""
READ_BYTES = 4096

LEAVE_S = 0.5
"""How long leaving waits for the terminal to take the last words."""
STOP_S = 3.0
"""How long a stop (ctrl+z) waits for that: nobody takes them while the process is stopped."""


class _Waiting(NamedTuple):
    data: bytes
    since: float


class Outlet(threading.Thread):
    """Writes to a file descriptor, in its own thread; `write` never blocks. `clock` is in seconds
    and also runs while the process is stopped.

    `on_recovered` is called in this thread when frames were dropped and the backlog has gone.
    """

    def __init__(
        self,
        fileno: int,
        on_recovered: Callable[[], None],
        clock: Callable[[], float] = steady_s,
    ) -> None:
        super().__init__(daemon=True, name="terminal-output")
        self.dropped = 0
        self.written = 0
        self.broken = False
        self._fileno = fileno
        self._on_recovered = on_recovered
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._backlog = 0
        self._torn = False
        self._ending = False
        self._ready = threading.Condition()

    @property
    def behind(self) -> bool:
        """Whether a frame written now would be dropped."""
        return self._backlog > BACKLOG_BYTES

    def write(self, text: str) -> None:
        """Queue `text`, or drop it when the terminal is behind or gone."""
        data = text.encode("utf-8", "replace")
        with self._ready:
            if self.broken or self._ending:
                return
            if self._backlog > BACKLOG_BYTES:
                self.dropped += 1
                self._torn = True
                return
            self._queue.append(_Waiting(data, self._clock()))
            self._backlog += len(data)
            self._ready.notify()

    def last_words(self, text: str) -> None:
        """Forget what waits, write `text` and end."""
        with self._ready:
            self._queue.clear()
            self._queue.append(_Waiting(text.encode(), self._clock()))
            self._ending = True
            self._ready.notify()

    def run(self) -> None:
        """Write until ended or until the terminal is gone."""
        while (data := self._next()) is not None:
            rest = data
            try:
                while rest:
                    rest = rest[os.write(self._fileno, rest) :]
            except OSError:
                with self._ready:
                    self.broken = True
                    self._queue.clear()
                    self._backlog = 0
                return
            with self._ready:
                self.written += len(data)
                self._backlog = max(0, self._backlog - len(data))
                recovered = self._torn and not self._queue and not self._ending
                self._torn = self._torn and not recovered
            if recovered:
                self._on_recovered()

    def _next(self) -> bytes | None:
        with self._ready:
            while not self._queue:
                if self._ending:
                    return None
                self._ready.wait()
            if not self._ending and self._clock() - self._queue[0].since > OLD_S:
                return self._forget_frames()
            return self._queue.popleft().data

    def _forget_frames(self) -> bytes:
        """Drop all that waits, but the modes, which are written: later frames would only be laid
        over a screen that lacks the earlier ones."""
        modes = [data for data, _ in self._queue if _MODES.fullmatch(data)]
        self.dropped += len(self._queue) - len(modes)
        self._queue.clear()
        kept = b"".join(modes)
        self._backlog = len(kept)
        self._torn = True
        return kept


class DroppingDriver(LinuxDriver):
    """Textual's Linux driver on an `Outlet`."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        self.outlet: Outlet | None = None
        self.repaints = 0
        self._dropped_before = 0
        self._stopping = False
        stops = signal.getsignal(signal.SIGTSTP)
        super().__init__(app, **options)
        if stops is signal.SIG_IGN:  # a display: Textual has just taken it
            signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        if self._size is None:
            self._size = self._get_terminal_size()  # or the first frame asks COLUMNS and LINES

    @property
    def dropped(self) -> int:
        """Frames (or parts of one) dropped since the start."""
        return self._dropped_before + (self.outlet.dropped if self.outlet else 0)

    @property
    def behind(self) -> bool:
        """Whether the terminal does not keep up now."""
        return self.outlet is not None and self.outlet.behind

    def run_input_thread(self) -> None:
        """Take in what is typed until told to end; then what has come by now, so that no shell
        gets it. One that has hung up or belongs to another job now says nothing."""
        typing = Typing(self._debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            ending = False
            while not ending:
                ending = self.exit_event.is_set()
                data = self._typed() if selector.select(READ_S) else b""
                for event in typing.events(data):
                    self.process_message(event)

    def _typed(self) -> bytes:
        try:
            data = os.read(self.fileno, READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self.exit_event.wait(READ_S)
        return data

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        if self._file is None:
            raise RuntimeError("a console needs a terminal on its standard error")
        if self.outlet is None:
            self.outlet = Outlet(self._file.fileno(), self._recovered)
            self.outlet.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def _get_terminal_size(self) -> tuple[int, int]:
        """What the terminal says. (Textual asks COLUMNS and LINES first, which never change.)"""
        try:
            size = os.get_terminal_size(self.fileno)
        except OSError:
            return super()._get_terminal_size()
        return size.columns or 80, size.lines or 24

    def write(self, data: str) -> None:
        """Queue for the terminal; never blocks. (What the mouse's pointer looks like is not said:
        terminals of old would print it.)"""
        if self.outlet is not None and not data.startswith("\x1b]22;"):
            self.outlet.write(data)

    def stop_application_mode(self) -> None:
        """Give the terminal back; waits at most LEAVE_S (before a stop: STOP_S) for one that does
        not read."""
        outlet, self.outlet = self.outlet, None
        super().stop_application_mode()
        if outlet is None:
            return
        self._dropped_before += outlet.dropped
        mouse = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l" if self._mouse else ""
        outlet.last_words(
            f"\x1b[?2026l{mouse}\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[<u\x1b[?1004l"
            "\x1b[0m\x1b[H\x1b[2J\x1b[?1049l\x1b[?25h"
        )
        outlet.join(STOP_S if self._stopping else LEAVE_S)

    def suspend_application_mode(self) -> None:
        """Give the terminal back for a while."""
        self._stopping = True
        try:
            super().suspend_application_mode()
        finally:
            self._stopping = False

    def _sigtstp_application(self, *_: object) -> None:
        """Stop. A ctrl+z from before the terminal was taken does nothing."""
        if self.outlet is not None:
            super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        """Go on, after a stop that was announced (ctrl+z) or was not (SIGSTOP). After the latter
        the terminal was not given back, and somebody else may have used it: it is taken anew, as
        Textual would otherwise start a second time beside itself. Not in the foreground: stop
        again."""
        if not self._auto_restart:
            return
        if self.outlet is not None:
            if not self._in_foreground():
                os.kill(os.getpid(), signal.SIGSTOP)
                return
            self.suspend_application_mode()
            self._must_signal_resume = True
        self.resume_application_mode()
        if self.outlet is not None:
            self._loop.call_soon_threadsafe(self._repaint)

    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True

    def _recovered(self) -> None:
        self._loop.call_soon_threadsafe(self._repaint)

    def _repaint(self) -> None:
        self.repaints += 1
        if self._app.is_running and self._app.screen_stack:
            self._app.screen.refresh(layout=True)
