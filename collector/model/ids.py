"""Ids of records: UUID version 7 (RFC 9562), which sort by the time they were made."""

import secrets
import threading
from collections.abc import Callable

_RANDOM_BITS = 74
_TIME_BITS = 48


class Uuid7:
    """Makes ids that strictly rise within the process, also while the clock stands or steps back.

    `random_bits(n)` gives n random bits. Safe to use from several threads.
    """

    def __init__(self, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self, at_ms: int) -> str:
        """The next id, for a record made at `at_ms` (UTC milliseconds, from 0).

        An id made after one of the same or a later time continues that one: its 74 random bits are
        raised by a random step, which keeps ids of two processes apart.
        """
        fresh = (at_ms & ((1 << _TIME_BITS) - 1)) << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
        with self._lock:
            if fresh <= self._last:
                fresh = self._last + 1 + self._random_bits(32)
            self._last = fresh
        return _text(fresh)


def _text(value: int) -> str:
    """`value` (48 bits of time, 74 random ones) with version and variant set in."""
    time_bits, high, low = value >> 74, value >> 62 & 0xFFF, value & ((1 << 62) - 1)
    digits = f"{time_bits << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def uuid7_ms(record_id: str) -> int:
    """The time in a UUIDv7, UTC milliseconds. Raises ValueError for any other text."""
    digits = record_id.replace("-", "")
    if len(digits) != 32 or len(record_id) != 36 or digits[12] != "7":
        raise ValueError(f"{record_id!r} is no UUIDv7")
    return int(digits[:12], 16)


uuid7 = Uuid7()
"""The process's one maker of ids: `uuid7(at_ms)`."""
