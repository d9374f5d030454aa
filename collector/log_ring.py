"""The newest lines of the log, in memory, for whoever looks at the node."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from collector.log_words import in_words
from collector.model.message import LEVELS, Message
from collector.model.text import clean

KEPT = 1_000
TEXT_CELLS = 600
LEAST_HIDDEN = 4
"""A shorter secret is no secret, and part of many words."""
HIDDEN = "***"


class Ring:
    """Takes each line of the log, and forgets the oldest. Any thread may write.

    `secrets` gives what must not be shown, should anything that failed ever say it.
    """

    def __init__(self, kept: int = KEPT, *, wall: Callable[[], float] = time.time) -> None:
        self.secrets: Callable[[], Iterable[str]] = tuple
        self._wall = wall
        self._lines: deque[Message] = deque(maxlen=kept)
        self._lock = threading.Lock()
        self._last = 0

    @property
    def last(self) -> int:
        """The number of the newest line; 0: there was none."""
        return self._last

    @property
    def left_out(self) -> int:
        """How many lines are forgotten."""
        return self._last - len(self._lines)

    def add(self, level: str, part: str, text: str) -> None:
        """One more line."""
        for secret in self.secrets():
            if len(secret) >= LEAST_HIDDEN:
                text = text.replace(secret, HIDDEN)
        level = "error" if level == "critical" else level
        shown = clean(text, TEXT_CELLS)
        with self._lock:
            self._last += 1
            self._lines.append(
                Message(
                    seq=self._last,
                    at_ms=int(self._wall() * 1000),
                    level=level if level in LEVELS else LEVELS[0],
                    part=clean(part),
                    text=shown,
                )
            )

    def read(self, after: int, level: str, limit: int) -> tuple[Message, ...]:
        """The newest `limit` lines after that number, of this level and more urgent ones, in
        order."""
        wanted = LEVELS[LEVELS.index(level) :]
        with self._lock:
            lines = tuple(self._lines)
        found = [line for line in lines if line.seq > after and line.level in wanted]
        return tuple(found[-limit:])

    # -- what writes -------------------------------------------------------------------------

    def processor(self, _: object, __: str, event: Any) -> Any:
        """A step of structlog, behind those that add level, logger and exception."""
        self.add(str(event.get("level", "")), str(event.get("logger", "")), in_words(event))
        return event

    def handler(self) -> logging.Handler:
        """For what libraries log."""
        return _Handler(self)


class _Handler(logging.Handler):
    def __init__(self, ring: Ring) -> None:
        super().__init__(logging.WARNING)
        self._ring = ring

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        self._ring.add(record.levelname.lower(), record.name, record.getMessage())
