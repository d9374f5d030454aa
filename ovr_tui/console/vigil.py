"""Ending with the terminal: signals, a terminal that vanished, a loop that stands still.

A console must never outlive its terminal. SIGHUP, SIGTERM and SIGQUIT ask the app to exit; a
watchdog thread ends the process if it does not, and notices a terminal that went away without a
signal. Once a signal has come, the process ends: whatever is done after the app's end has GRACE_S.
"""

import os
import signal
import termios
import threading
import time
from collections.abc import Callable, Collection
from types import FrameType

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)
GRACE_S = 0.8
LOOK_S = 2.0


def terminal_gone(fileno: int) -> bool:
    """Whether the terminal behind `fileno` has hung up."""
    try:
        termios.tcgetattr(fileno)
    except termios.error:
        return True
    return False


class Vigil:
    """Context manager around the app's run, in the main thread.

    `ask_exit` is called from a signal handler or from the watchdog: it must only hand over to the
    loop. Signals of `deaf_to` are left as they are. `die` ends the process at once (replaced in
    tests).
    """

    def __init__(
        self,
        ask_exit: Callable[[], None],
        *,
        fileno: int | None = None,
        deaf_to: Collection[int] = (),
        die: Callable[[int], object] = os._exit,
    ) -> None:
        self.reason = ""
        self._ask_exit = ask_exit
        self._fileno = fileno
        self._die = die
        self._status = 0
        self._asked = threading.Event()
        self._done = threading.Event()
        self._signals = [number for number in SIGNALS if number not in deaf_to]
        self._before: dict[int, object] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True, name="vigil")

    def __enter__(self) -> "Vigil":
        for number in self._signals:
            self._before[number] = signal.signal(number, self._on_signal)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._asked.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # what signal.signal returned
        if not self.reason:
            self._thread.join(1)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._end(signal.Signals(number).name, 128 + number)

    def _end(self, reason: str, status: int) -> None:
        if not self.reason:
            self.reason, self._status = reason, status
        self._ask_exit()
        self._asked.set()

    def _watch(self) -> None:
        while not self._asked.wait(LOOK_S):
            if self._fileno is not None and terminal_gone(self._fileno):
                self._end("the terminal is gone", 128 + signal.SIGHUP)
        ended = self._done.wait(GRACE_S)
        if ended and not self.reason:
            return
        if ended:
            time.sleep(GRACE_S)  # a last print to a terminal that does not read would wait for ever
        self._die(self._status)
