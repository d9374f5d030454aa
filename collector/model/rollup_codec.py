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
    (z) at the beginning; with RAW_LAST the same at the end (z), less that of the beginning if
    there is one;
- the peak (PEAK): which of Q and S there are (bits 0 and 1), ms from the start, P, Q, S (z);
- running (RUNNING): ms, good ms, integral (z).

With SECONDS all times and integrals are multiples of 1,000, and stand there divided by it.
"""

import zlib
from collections import Counter as Tally
from collections.abc import Mapping

from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from collector.model.rollup_keys import BY_KEY

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
