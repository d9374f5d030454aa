"""A rollup as bytes: compact, versioned, checked.

A row is `version u8, flags u8, CRC-32 u32 (little endian), content`. The checksum covers the row's
`from_ms`, the flags and the content; `from_ms` itself is not in the bytes, it is the row's key.
Content, in varints (*z*: zigzag, for what may be negative; flagged parts only when flagged):

- span in ms (unless MINUTE: a whole UTC minute);
- the usual good time (unless FULL: the whole span); filled time (FILLED);
- the number of entries, then the entries in rising order of their keys' numbers
  (`collector.model.rollup_keys`). Each begins with `(number - former number - 1) << 3 | marks`:
  - gauge: least (z); greatest, first, last as differences from least; the integral above
    least · good time; with BOTH the negative integral. Marks: STILL (one value, nothing follows
    it), OWN (its good time, for it is not the usual one, comes first), BOTH (had both signs);
  - state, STILL: its one value (z), never entered, OWN as above; else the number of values, and
    for each value (z): ms, entries;
  - counter: first (z); unless STILL last - first (z). With RAW_FIRST the register less the total
    (z) at the beginning; with RAW_LAST the same at the end, less that of the beginning (z);
- the peak (PEAK): which of Q and S there are (bits 0 and 1), ms from the start, P, Q, S (z);
- running (RUNNING): ms, good ms, integral (z).

With SECONDS all times and integrals are multiples of 1,000, and stand there divided by it.
"""

import zlib
from collections import Counter as Tally
from collections.abc import Mapping

from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from collector.model.rollup_keys import BY_KEY, ROW_KEYS

VERSION = 1
MINUTE_MS = 60_000
HEAD_BYTES = 6

SECONDS, MINUTE, FULL, FILLED, PEAK, RUNNING = 1, 2, 4, 8, 16, 32
STILL, OWN, BOTH = 1, 2, 4
RAW_FIRST, RAW_LAST = 2, 4
HAS_Q, HAS_S = 1, 2

Entry = Gauge | Counter | Mapping[int, Spell]
"""What a row holds of one key."""


class BadRollup(ValueError):
    """Bytes that are no row of rollups, or one that this program cannot read."""


def pack(row: Rollup) -> bytes:
    """The bytes of `row`. Equal rows give equal bytes."""
    unit = 1000 if _in_seconds(row) else 1
    span = row.to_ms - row.from_ms
    usual = _usual(row, span)
    flags = SECONDS if unit > 1 else 0
    out = _Writer(unit)
    if span == MINUTE_MS and row.from_ms % MINUTE_MS == 0:
        flags |= MINUTE
    else:
        out.number(span // unit)
    if usual == span:
        flags |= FULL
    else:
        out.number(usual // unit)
    if row.filled_ms:
        flags |= FILLED
        out.number(row.filled_ms // unit)
    out.entries(row, usual)
    if row.peak is not None:
        flags |= PEAK
        out.peak(row.peak, row.from_ms)
    if row.running is not None:
        flags |= RUNNING
        out.running(row.running)
    content = bytes((flags,)) + out.data
    crc = zlib.crc32(content, row.from_ms & 0xFFFFFFFF)
    return bytes((VERSION, flags)) + crc.to_bytes(4, "little") + out.data


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


def _in_seconds(row: Rollup) -> bool:
    """Whether all times and integrals of a row are multiples of 1,000."""
    times = [row.to_ms - row.from_ms, row.filled_ms]
    for gauge in row.gauges.values():
        times += (gauge.good_ms, gauge.pos, gauge.neg)
    times += (spell.ms for spells in row.states.values() for spell in spells.values())
    if row.peak is not None:
        times.append(row.peak.at_ms - row.from_ms)
    if row.running is not None:
        times += (row.running.ms, row.running.good_ms, row.running.integral)
    return not any(time % 1000 for time in times)


def _usual(row: Rollup, span: int) -> int:
    """The good time that most gauges have."""
    tally = Tally(gauge.good_ms for gauge in row.gauges.values())
    if not tally:
        return span
    most = max(tally.values())
    return max(good for good, count in tally.items() if count == most)


class _Writer:
    def __init__(self, unit: int) -> None:
        self.data = bytearray()
        self._unit = unit

    def number(self, number: int) -> None:
        """A varint of `number` ≥ 0."""
        while number > 0x7F:
            self.data.append(number & 0x7F | 0x80)
            number >>= 7
        self.data.append(number)

    def signed(self, number: int) -> None:
        """A varint of any number, zigzag: 0, -1, 1, -2, … become 0, 1, 2, 3, …"""
        self.number(number << 1 if number >= 0 else (-number << 1) - 1)

    def entries(self, row: Rollup, usual: int) -> None:
        found: list[tuple[int, Entry]] = []
        for part in (row.gauges, row.counters, row.states):
            found += ((BY_KEY[key].number, value) for key, value in part.items())
        found.sort(key=lambda entry: entry[0])
        self.number(len(found))
        former = -1
        for number, value in found:
            head = (number - former - 1) << 3
            former = number
            if isinstance(value, Gauge):
                self._gauge(head, value, usual)
            elif isinstance(value, Counter):
                self._counter(head, value)
            else:
                self._state(head, value, usual)

    def _good(self, head: int, good: int, usual: int) -> None:
        if good == usual:
            self.number(head)
        else:
            self.number(head | OWN)
            self.number(good // self._unit)

    def _gauge(self, head: int, gauge: Gauge, usual: int) -> None:
        good, pos, neg, least, greatest, first, last = (
            gauge.good_ms,
            gauge.pos,
            gauge.neg,
            gauge.least,
            gauge.greatest,
            gauge.first,
            gauge.last,
        )
        if least == greatest:
            self._good(head | STILL, good, usual)
            self.signed(least)
            return
        both = BOTH if pos and neg else 0
        self._good(head | both, good, usual)
        self.signed(least)
        self.number(greatest - least)
        self.number(first - least)
        self.number(last - least)
        self.number((pos - neg - least * good) // self._unit)
        if both:
            self.number(neg // self._unit)

    def _state(self, head: int, spells: Mapping[int, Spell], usual: int) -> None:
        if len(spells) == 1:
            ((value, spell),) = spells.items()
            if not spell.entries:
                self._good(head | STILL, spell.ms, usual)
                self.signed(value)
                return
        self.number(head)
        self.number(len(spells))
        for value, spell in sorted(spells.items()):
            self.signed(value)
            self.number(spell.ms // self._unit)
            self.number(spell.entries)

    def _counter(self, head: int, counter: Counter) -> None:
        first, last = counter.first, counter.last
        raw_first, raw_last = counter.raw_first, counter.raw_last
        if raw_first is not None:
            head |= RAW_FIRST
        if raw_last is not None:
            head |= RAW_LAST
        self.number(head | (STILL if first == last else 0))
        self.signed(first)
        if first != last:
            self.signed(last - first)
        offset = 0
        if raw_first is not None:
            offset = raw_first - first
            self.signed(offset)
        if raw_last is not None:
            self.signed(raw_last - last - offset)

    def peak(self, peak: Peak, from_ms: int) -> None:
        has = (HAS_Q if peak.q is not None else 0) | (HAS_S if peak.s is not None else 0)
        self.number(has)
        self.number((peak.at_ms - from_ms) // self._unit)
        self.signed(peak.p)
        for power in (peak.q, peak.s):
            if power is not None:
                self.signed(power)

    def running(self, running: Running) -> None:
        self.number(running.ms // self._unit)
        self.number(running.good_ms // self._unit)
        self.signed(running.integral // self._unit)


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
