"""Many packed rollups at once, several times quicker than one by one.

The same format as `collector.model.rollup_codec`, and the same result as
`collector.model.rollup_decode.unpack` for every row (a test compares them): the varints of
thousands of rows are read with arrays, elementwise and in whole numbers. A row that is unusual in
any way (its figures do not fit 46 bits, it is longer than two minutes, it is damaged or of a newer
program) is left to `unpack`, which is the one that judges.
"""

import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

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
)
from collector.model.rollup_decode import unpack
from collector.model.rollup_keys import BY_KEY, ROW_KEYS
from reporting.measured.held import Columns, Gauged, Held

Ints = NDArray[np.int64]
Packed = tuple[int, bytes | memoryview]
"""When a row begins (UTC ms), and its bytes."""
T = TypeVar("T")

LARGEST = 1 << 46
LONGEST_MS = 2 * MINUTE_MS
AT_ONCE = 4096
"""Rows that are read together: 1.5 MB of bytes, 25 MB of arrays. What is kept of them for a report
counts, for a window may be long: numbers of rows fit 16 bits, places 32."""
MARKS = 8
"""How many marks the head of an entry can have."""


def _size(type_: str, marks: int) -> int:
    """How many varints follow an entry's head; 0 where the first of them says how many."""
    still, own = marks & STILL, (marks & OWN) >> 1
    if type_ == "gauge":
        return 1 + own + (0 if still else 4 + ((marks & BOTH) >> 2))
    if type_ == "counter":
        return (1 if still else 2) + ((marks & RAW_FIRST) >> 1) + ((marks & RAW_LAST) >> 2)
    return 1 + own if still else 0


_SIZES = np.array(
    [[_size(key.type, marks) for marks in range(MARKS)] for key in ROW_KEYS], np.int64
)
_SEVENS = np.array([int.from_bytes(b"\x7f" * size, "little") for size in range(9)], np.int64)
"""The bits of a varint of so many bytes."""
_CLOSER_4 = ((1, 7, 0x007F007F), (2, 14, 0x3FFF))
_CLOSER_8 = ((1, 7, 0x007F007F007F007F), (2, 14, 0x00003FFF00003FFF), (4, 28, 0x0FFFFFFF))
"""How 7 bits in each of 8 bytes become 56: pairs moved together, so far, of so many bits each."""


def unpack_all(rows: Sequence[Packed], unusual: list[Rollup] | None = None) -> list[Rollup | None]:
    """What `unpack` gives for each of these (from_ms, bytes); None for one that cannot be read.
    Those with figures of more than 46 bits, or of more than two minutes, are also put into
    `unusual`."""
    found: list[Rollup | None] = []
    odd: list[Rollup] = [] if unusual is None else unusual
    for at in range(0, len(rows), AT_ONCE):
        found += _some(rows[at : at + AT_ONCE], odd)
    return found


def _some(rows: Sequence[Packed], unusual: list[Rollup]) -> list[Rollup | None]:
    quick = [index for index, (from_ms, body) in enumerate(rows) if _sound(body, from_ms)]
    found: list[Rollup | None] = [None] * len(rows)
    made = Batch([rows[index] for index in quick]).rollups() if quick else []
    for index, rollup in zip(quick, made, strict=True):
        found[index] = rollup
    for index, (from_ms, body) in enumerate(rows):
        if found[index] is None:
            try:
                rollup = unpack(bytes(body), from_ms)
            except BadRollup:
                continue
            found[index] = rollup
            unusual.append(rollup)
    return found


def _sound(body: bytes | memoryview, from_ms: int) -> bool:
    if len(body) <= HEAD_BYTES or body[0] != VERSION or body[-1] > 0x7F:
        return False
    crc = zlib.crc32(body[HEAD_BYTES:], zlib.crc32(body[1:2], from_ms & 0xFFFFFFFF))
    return crc == int.from_bytes(body[2:HEAD_BYTES], "little")


class _Entries(NamedTuple):
    """The entries of one key: in which row each is, its marks, and where it begins."""

    rows: NDArray[np.int16]
    heads: NDArray[np.int16]
    at: NDArray[np.int32]


class Batch:
    """Sound rows. `_v` are all their varints one after another, `_at` where each row is read on."""

    def __init__(self, rows: Sequence[Packed]) -> None:
        self._rows = rows
        self._from = np.array([from_ms for from_ms, _ in rows], np.int64)
        self._flags = np.array([body[1] for _, body in rows], np.int64)
        self._unit = np.where(self._flags & SECONDS, 1000, 1)
        bodies = [body[HEAD_BYTES:] for _, body in rows]
        sizes = np.array([len(body) for body in bodies], np.int64)
        ends, values = _varints(b"".join(bodies))
        begins = np.cumsum(sizes) - sizes
        self._first = np.searchsorted(ends, begins)
        self._stop = np.append(self._first[1:], len(values))
        largest = np.maximum.reduceat(values, self._first)
        self._well = largest < LARGEST
        self._v = np.append(values, np.zeros(16, np.int64))
        self._at = self._first.copy()

    def rollups(self) -> list[Rollup | None]:
        """The rows; None for one that is unusual. To be called once."""
        count = len(self._flags)
        minute, full, filled = (self._flags & bit for bit in (MINUTE, FULL, FILLED))
        span = self._next(minute == 0, MINUTE_MS)
        self._usual = self._next(full == 0, span)
        filled_ms = self._next(filled != 0, 0)
        entries = self._next(np.ones(count, np.bool_), 0, times=False)
        self._well &= (span > 0) & (span <= LONGEST_MS)
        self._by_key = self._entries(np.where(self._well, entries, 0))
        peaks = self._peaks()
        runs = self._running()
        self._well &= self._at == self._stop
        self._to = self._from + span
        self.from_ms, self.to_ms = self._from.tolist(), self._to.tolist()
        gauges = self._columns("gauge", self._gauges, lambda row: row.gauges)
        counters = self._columns("counter", self._counters, lambda row: row.counters)
        states = self._columns("state", self._states, lambda row: row.states)
        return [
            Rollup(
                from_ms=begin,
                to_ms=end,
                gauges=Held(gauges, row),
                counters=Held(counters, row),
                states=Held(states, row),
                peak=peaks.get(row),
                running=runs.get(row),
                filled_ms=own_filled,
            )
            if well
            else None
            for row, (begin, end, well, own_filled) in enumerate(
                zip(self.from_ms, self.to_ms, self._well.tolist(), filled_ms.tolist(), strict=True)
            )
        ]

    def alone(self, row: int) -> Rollup:
        """One row, read without the others."""
        from_ms, body = self._rows[row]
        return unpack(bytes(body), from_ms)

    def _columns(
        self,
        type_: str,
        read: Callable[[_Entries], list[T]],
        of: Callable[[Rollup], Mapping[str, T]],
    ) -> Columns[T]:
        def made(key: str) -> Sequence[T | None]:
            found: list[T | None] = [None] * len(self.from_ms)
            if key in rows:
                told = read(self._by_key[key])
                for row, one in zip(rows[key].tolist(), told, strict=True):
                    found[row] = one
            return found

        rows = {key: some.rows for key, some in self._by_key.items() if BY_KEY[key].type == type_}
        return Columns(self, rows, made, of)

    def gauged(self, key: str, first: int, last: int) -> Gauged:
        """A gauge of the rows from `first` up to `last`, that one excluded."""
        some = self._by_key.get(key)
        if some is None or BY_KEY[key].type != "gauge":
            return Gauged()
        begin, end = np.searchsorted(some.rows, (first, last))
        rows, heads, at = some
        own = _Entries(rows[begin:end], heads[begin:end], at[begin:end])
        times = self._from[own.rows], self._to[own.rows]
        return Gauged(*(array("q", each.tobytes()) for each in (*times, *self._gauge(own))))

    def _next(
        self, having: NDArray[np.bool_], otherwise: "Ints | int", *, times: bool = True
    ) -> Ints:
        """The next varint of the rows that have one, in ms if these are times."""
        read = self._v[np.minimum(self._at, len(self._v) - 1)]
        found: Ints = np.where(having, read * self._unit if times else read, otherwise)
        self._at = self._at + having
        return found

    def _entries(self, counts: Ints) -> dict[str, _Entries]:
        """The entries of all rows by key: the first entry of every row is read, then the second,
        and so on."""
        number = np.full(len(counts), -1, np.int64)
        rows, numbers, heads, places = [], [], [], []
        rank = 0
        while len(active := np.flatnonzero(counts > rank)):
            at = np.minimum(self._at[active], len(self._v) - 2)
            head = self._v[at]
            number[active] += (head >> 3) + 1
            own = number[active]
            known = own < len(ROW_KEYS)
            if not known.all():
                bad = active[~known]
                counts[bad] = 0
                self._well[bad] = False
                active, at, head, own = active[known], at[known], head[known], own[known]
            self._at[active] = at + 1 + self._size(own, head, at)
            rows.append(active)
            numbers.append(own)
            heads.append(head)
            places.append(at)
            rank += 1
        if not rows:
            return {}
        row, key = np.concatenate(rows), np.concatenate(numbers)
        order = np.argsort(key * len(counts) + row, kind="stable")
        order = order[self._well[row[order]]]
        row, key = row[order], key[order]
        head, at = np.concatenate(heads)[order], np.concatenate(places)[order]
        begins = [0, *(np.flatnonzero(np.diff(key)) + 1).tolist(), len(key)]
        return {
            ROW_KEYS[key[begin]].key: _Entries(
                row[begin:end].astype(np.int16),
                head[begin:end].astype(np.int16),
                at[begin:end].astype(np.int32),
            )
            for begin, end in pairwise(begins)
            if begin < end
        }

    def _size(self, number: Ints, head: Ints, at: Ints) -> Ints:
        """How many varints follow an entry's head."""
        sizes: Ints = _SIZES[number, head % MARKS]
        several = np.flatnonzero(sizes == 0)
        sizes[several] = 1 + 3 * self._v[at[several] + 1]
        return sizes

    def _gauge(self, some: _Entries) -> tuple[NDArray[Any], ...]:
        """The figures of a gauge, in the order of `Gauge`."""
        v, unit = self._v, self._unit[some.rows]
        own = (some.heads & OWN) >> 1
        at = some.at + 1
        good = np.where(own, v[at] * unit, self._usual[some.rows])
        at = at + own
        least = _signed(v[at])
        moved = np.where(some.heads & STILL, 0, 1)
        last_place = len(v) - 1
        greatest, first, last = (
            least + moved * v[np.minimum(at + place, last_place)] for place in (1, 2, 3)
        )
        net = least * good + moved * v[np.minimum(at + 4, last_place)] * unit
        both = moved * (some.heads & BOTH)
        told = v[np.minimum(at + 5, last_place)] * unit
        neg = np.where(both, told, np.maximum(0, -net))
        return good, net + neg, neg, least, greatest, first, last

    def _gauges(self, some: _Entries) -> list[Gauge]:
        return list(map(Gauge, *(column.tolist() for column in self._gauge(some))))

    def _counters(self, some: _Entries) -> list[Counter]:
        v = self._v
        still = some.heads & STILL
        at = some.at + 1
        first = _signed(v[at])
        last = first + np.where(still, 0, _signed(v[at + 1]))
        at = at + np.where(still, 1, 2)
        begins, ends = some.heads & RAW_FIRST, some.heads & RAW_LAST
        offset = np.where(begins, _signed(v[at]), 0)
        at = at + (begins >> 1)
        raw_first, raw_last = first + offset, last + offset + _signed(v[at])
        return [
            Counter(a, b, c if begin else None, d if end else None)
            for a, b, c, d, begin, end in zip(
                first.tolist(), last.tolist(), raw_first.tolist(), raw_last.tolist(),
                begins.tolist(), ends.tolist(), strict=True,
            )
        ]  # fmt: skip

    def _states(self, some: _Entries) -> list[Mapping[int, Spell]]:
        v = self._v
        own = (some.heads & OWN) >> 1
        unit = self._unit[some.rows]
        ms = np.where(own, v[some.at + 1] * unit, self._usual[some.rows])
        value = _signed(v[some.at + 1 + own])
        plain = zip(
            (some.heads & STILL).tolist(), ms.tolist(), value.tolist(),
            some.at.tolist(), unit.tolist(), strict=True,
        )  # fmt: skip
        return [
            {one: Spell(held, 0)} if still else self._spells(at, step)
            for still, held, one, at, step in plain
        ]

    def _spells(self, at: int, unit: int) -> dict[int, Spell]:
        count = int(self._v[at + 1])
        told = self._v[at + 2 : at + 2 + 3 * count].tolist()
        return {
            value >> 1 if not value & 1 else -((value + 1) >> 1): Spell(ms * unit, entries)
            for value, ms, entries in zip(told[::3], told[1::3], told[2::3], strict=True)
        }

    def _peaks(self) -> dict[int, Peak]:
        rows = np.flatnonzero(self._well & (self._flags & PEAK != 0))
        at = np.minimum(self._at[rows], len(self._v) - 6)
        has = self._v[at]
        q, s = has & HAS_Q, (has & HAS_S) >> 1
        self._at[rows] = at + 3 + q + s
        columns = (
            rows,
            self._from[rows] + self._v[at + 1] * self._unit[rows],
            _signed(self._v[at + 2]),
            _signed(self._v[at + 3]),
            _signed(self._v[at + 3 + q]),
            q,
            s,
        )
        return {
            row: Peak(when, p, own_q if has_q else None, own_s if has_s else None)
            for row, when, p, own_q, own_s, has_q, has_s in zip(
                *(column.tolist() for column in columns), strict=True
            )
        }

    def _running(self) -> dict[int, Running]:
        rows = np.flatnonzero(self._well & (self._flags & RUNNING != 0))
        at = np.minimum(self._at[rows], len(self._v) - 4)
        self._at[rows] = at + 3
        unit = self._unit[rows]
        columns = (
            self._v[at] * unit,
            self._v[at + 1] * unit,
            _signed(self._v[at + 2]) * unit,
        )
        made = map(Running, *(column.tolist() for column in columns))
        return dict(zip(rows.tolist(), made, strict=True))


def _varints(data: bytes) -> tuple[Ints, Ints]:
    """Where each varint of `data` ends, and its value (`LARGEST` for what is longer than 8 bytes).
    `data` ends with the end of one."""
    ends: Ints = np.flatnonzero(np.frombuffer(data, np.uint8) < 0x80)
    begins = np.empty_like(ends)
    begins[0], begins[1:] = 0, ends[:-1] + 1
    more = ends - begins
    padded = data + bytes(7)
    four, eight = (np.ndarray(len(data), word, padded, strides=(1,)) for word in ("<i4", "<i8"))
    short = four[begins] & _SEVENS[1:5].astype(np.int32)[np.minimum(more, 3)]
    values: Ints = _closer(short, _CLOSER_4).astype(np.int64)
    longer = np.flatnonzero(more > 3)
    if len(longer):
        more = more[longer]
        long = _closer(eight[begins[longer]] & _SEVENS[np.minimum(more, 7) + 1], _CLOSER_8)
        long[more > 7] = LARGEST
        values[longer] = long
    return ends, values


def _closer(words: NDArray[Any], steps: Sequence[tuple[int, int, int]]) -> NDArray[Any]:
    for apart, bits, low in steps:
        words = words & low | words >> apart & low << bits
    return words


def _signed(values: Ints) -> Ints:
    """Zigzag: 0, 1, 2, 3, … are 0, -1, 1, -2, …"""
    found: Ints = (values >> 1) ^ -(values & 1)
    return found
