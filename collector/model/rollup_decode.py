"""Packed rollups read again; the format is in `collector.model.rollup_codec`."""

import zlib
from collections.abc import Mapping

from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from collector.model.rollup_codec import (
    BOTH,
    FILLED,
    FULL,
    HAS_Q,
    HAS_S,
    HEAD_BYTES,
    MINUTE,
    MINUTE_MS,
    OWN,
    PEAK,
    RAW_FIRST,
    RAW_LAST,
    RUNNING,
    SECONDS,
    STILL,
    VERSION,
    BadRollup,
    Entry,
)
from collector.model.rollup_keys import BY_KEY, ROW_KEYS


def unpack(data: bytes, from_ms: int) -> Rollup:
    """The row that `pack` made these bytes of, which began at `from_ms`.

    Raises BadRollup for what is damaged, stands under another time, or is of a newer program.
    """
    flags = _checked(data, from_ms)
    try:
        return _Reader(data, 1000 if flags & SECONDS else 1).row(flags, from_ms)
    except (IndexError, OverflowError) as error:
        raise BadRollup(f"the rollup of {from_ms} is damaged: {error}") from error


def unpack_one(data: bytes, from_ms: int, key: str) -> Entry | None:
    """What a row holds of one key, several times quicker than all of it; None: nothing.

    Raises BadRollup like `unpack`.
    """
    flags = _checked(data, from_ms)
    try:
        return _Reader(data, 1000 if flags & SECONDS else 1).one(flags, BY_KEY[key].number)
    except (IndexError, OverflowError) as error:
        raise BadRollup(f"the rollup of {from_ms} is damaged: {error}") from error


def _checked(data: bytes, from_ms: int) -> int:
    """The flags of a sound row."""
    if len(data) < HEAD_BYTES:
        raise BadRollup(f"a rollup of {len(data)} bytes is cut off")
    version, flags = data[0], data[1]
    if version != VERSION:
        raise BadRollup(
            f"a rollup of format {version}; this program reads format {VERSION}: "
            "was it written by a newer one?"
        )
    crc = zlib.crc32(data[HEAD_BYTES:], zlib.crc32(data[1:2], from_ms & 0xFFFFFFFF))
    if crc != int.from_bytes(data[2:HEAD_BYTES], "little"):
        raise BadRollup(f"the rollup of {from_ms} is damaged: its checksum does not fit")
    return flags


class _Reader:
    def __init__(self, data: bytes, unit: int) -> None:
        self._data = data
        self._at = HEAD_BYTES
        self._unit = unit

    def _number(self) -> int:
        byte = self._data[self._at]
        self._at += 1
        if byte < 0x80:
            return byte
        number, shift = byte & 0x7F, 7
        while True:
            byte = self._data[self._at]
            self._at += 1
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def _signed(self) -> int:
        number = self._number()
        return number >> 1 if not number & 1 else -((number + 1) >> 1)

    def _time(self) -> int:
        return self._number() * self._unit

    def one(self, flags: int, wanted: int) -> Entry | None:
        span = MINUTE_MS if flags & MINUTE else self._time()
        usual = span if flags & FULL else self._time()
        if flags & FILLED:
            self._number()
        number = -1
        for _ in range(self._number()):
            head = self._number()
            number += (head >> 3) + 1
            if number >= wanted:
                return self._entry(head, number, usual) if number == wanted else None
            self._pass(head, number)
        return None

    def _pass(self, head: int, number: int) -> None:
        """Step over an entry."""
        type_ = ROW_KEYS[number].type
        if type_ == "gauge":
            count = (2 if head & OWN else 1) + (0 if head & STILL else 5 if head & BOTH else 4)
        elif type_ == "counter":
            count = (1 if head & STILL else 2) + (head >> 1 & 1) + (head >> 2 & 1)
        else:
            count = (2 if head & OWN else 1) if head & STILL else 3 * self._number()
        data, at = self._data, self._at
        while count:
            if data[at] < 0x80:
                count -= 1
            at += 1
        self._at = at

    def _entry(self, head: int, number: int, usual: int) -> Entry:
        type_ = ROW_KEYS[number].type
        if type_ == "gauge":
            return self._gauge(head, usual)
        return self._counter(head) if type_ == "counter" else self._state(head, usual)

    def row(self, flags: int, from_ms: int) -> Rollup:
        span = MINUTE_MS if flags & MINUTE else self._time()
        usual = span if flags & FULL else self._time()
        filled_ms = self._time() if flags & FILLED else 0
        gauges: dict[str, Gauge] = {}
        counters: dict[str, Counter] = {}
        states: dict[str, Mapping[int, Spell]] = {}
        number = -1
        for _ in range(self._number()):
            head = self._number()
            number += (head >> 3) + 1
            if number >= len(ROW_KEYS):
                raise BadRollup(
                    f"the rollup of {from_ms} holds a measurement that this program does not "
                    "know: it was written by a newer one"
                )
            _, key, type_, _ = ROW_KEYS[number]
            if type_ == "gauge":
                gauges[key] = self._gauge(head, usual)
            elif type_ == "counter":
                counters[key] = self._counter(head)
            else:
                states[key] = self._state(head, usual)
        peak = self._peak(from_ms) if flags & PEAK else None
        running = self._running() if flags & RUNNING else None
        if self._at != len(self._data):
            raise BadRollup(f"the rollup of {from_ms} is damaged: more follows its end")
        return Rollup(
            from_ms=from_ms,
            to_ms=from_ms + span,
            gauges=gauges,
            counters=counters,
            states=states,
            peak=peak,
            running=running,
            filled_ms=filled_ms,
        )

    def _gauge(self, head: int, usual: int) -> Gauge:
        good = self._time() if head & OWN else usual
        least = self._signed()
        if head & STILL:
            integral = least * good
            pos, neg = (integral, 0) if integral >= 0 else (0, -integral)
            return Gauge(good, pos, neg, least, least, least, least)
        greatest = least + self._number()
        first = least + self._number()
        last = least + self._number()
        integral = self._time() + least * good
        neg = self._time() if head & BOTH else max(0, -integral)
        return Gauge(good, integral + neg, neg, least, greatest, first, last)

    def _state(self, head: int, usual: int) -> Mapping[int, Spell]:
        if head & STILL:
            ms = self._time() if head & OWN else usual
            return {self._signed(): Spell(ms, 0)}
        return {self._signed(): Spell(self._time(), self._number()) for _ in range(self._number())}

    def _counter(self, head: int) -> Counter:
        first = self._signed()
        last = first if head & STILL else first + self._signed()
        offset = self._signed() if head & RAW_FIRST else 0
        raw_first = first + offset if head & RAW_FIRST else None
        raw_last = last + offset + self._signed() if head & RAW_LAST else None
        return Counter(first, last, raw_first, raw_last)

    def _peak(self, from_ms: int) -> Peak:
        has = self._number()
        at_ms = from_ms + self._time()
        p = self._signed()
        q = self._signed() if has & HAS_Q else None
        s = self._signed() if has & HAS_S else None
        return Peak(at_ms, p, q, s)

    def _running(self) -> Running:
        ms, good_ms, integral = self._time(), self._time(), self._signed() * self._unit
        return Running(ms, good_ms, integral)
