"""Thinning for a metered link: fewer samples, the same ones however often they are made.

Windows stand fixed in UTC, and a minute is always thinned whole, so a repeat gives identical
samples. Kept are, of each series within a minute:

- canonical gauges (`ovr_…`): the last good value of each `resolution_s`, and the minute's lowest
  and highest, each with its own time;
- counters, states, and `ovr_node_batch_seq` / `_samples`: every sample;
- everything else (raw series): the last good value of the minute;
- stale markers, always; and every sample of a batch with times of its own.
"""

from collections import Counter
from collections.abc import Sequence
from enum import Enum, auto
from math import isfinite
from typing import NamedTuple

from collector.journal.batch import Batch
from collector.model.catalogue import CATALOGUE
from collector.sinks.remote_write import MAX_MS, NAME_FIELD, TimeSeries, encode_samples, is_stale

MINUTE_MS = 60_000
CANONICAL = "ovr_"
EXACT = frozenset({"ovr_node_batch_seq", "ovr_node_batch_samples"})


class Rule(Enum):
    """How a series is thinned."""

    EXACT = auto()
    GAUGE = auto()
    RAW = auto()


def series_name(labels: bytes) -> str:
    """The metric name in label bytes; empty when they do not begin with one."""
    at = labels.find(NAME_FIELD, 0, 16)
    if at < 0:
        return ""
    at += len(NAME_FIELD)
    length = labels[at]
    if length > 0x7F:
        at += 1
        length = length & 0x7F | labels[at] << 7
    return labels[at + 1 : at + 1 + length].decode("utf-8", "replace")


def rule_of(name: str) -> Rule:
    """How the series called `name` is thinned."""
    if name in EXACT:
        return Rule.EXACT
    if not name.startswith(CANONICAL):
        return Rule.RAW
    measurement = CATALOGUE.get(name.removeprefix(CANONICAL))
    if measurement is not None and measurement.type != "gauge":
        return Rule.EXACT
    return Rule.GAUGE


class _Kept(NamedTuple):
    value: float
    at_ms: int
    sample: bytes


class _Minute:
    """What is kept of one series within one minute."""

    __slots__ = ("high", "low", "others", "rule", "windows")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.windows: dict[int, _Kept] = {}
        self.low: _Kept | None = None
        self.high: _Kept | None = None
        self.others: list[_Kept] = []

    def add(self, kept: _Kept, window: int) -> None:
        if self.rule is Rule.EXACT:
            self.others.append(kept)
            return
        self.windows[window] = kept
        if self.rule is Rule.GAUGE:
            if self.low is None or kept.value < self.low.value:
                self.low = kept
            if self.high is None or kept.value > self.high.value:
                self.high = kept

    def kept(self) -> list[_Kept]:
        extremes = [one for one in (self.low, self.high) if one is not None]
        found = {id(one): one for one in (*self.windows.values(), *extremes, *self.others)}
        return sorted(found.values(), key=lambda one: one.at_ms)


class Thinner:
    """Collects the batches of whole minutes and thins them; used like a `Gatherer`.

    `samples` counts what came in, `dropped` what of it no receiver would take, by reason.
    """

    def __init__(self, resolution_s: float) -> None:
        self.samples = 0
        self.dropped: Counter[str] = Counter()
        self._gauge_ms = min(MINUTE_MS, max(1000, round(resolution_s * 1000)))
        self._minutes: dict[bytes, dict[int, _Minute]] = {}

    def extend(self, batches: Sequence[Batch]) -> None:
        """Take all samples of all `batches`, which come in order of time."""
        for batch in batches:
            self.add(batch)

    def add(self, batch: Batch) -> None:
        """Take all samples of `batch`."""
        self.samples += len(batch)
        for index, sample in enumerate(encode_samples(batch)):
            at_ms = batch.at_ms if batch.times is None else batch.times[index]
            value = batch.values[index]
            stale = not isfinite(value) and is_stale(batch.values, index)
            if not 0 < at_ms < MAX_MS:
                self.dropped["time out of range"] += 1
            elif not stale and not isfinite(value):
                self.dropped["value not finite"] += 1
            else:
                kept = _Kept(value, at_ms, sample)
                self._put(batch.series[index], kept, whole=stale or batch.times is not None)

    def _put(self, labels: bytes, kept: _Kept, *, whole: bool) -> None:
        minutes = self._minutes.get(labels)
        if minutes is None:
            if not series_name(labels):
                self.dropped["series without name"] += 1
                return
            minutes = self._minutes[labels] = {}
        minute = minutes.get(kept.at_ms // MINUTE_MS)
        if minute is None:
            rule = rule_of(series_name(labels))
            minute = minutes[kept.at_ms // MINUTE_MS] = _Minute(rule)
        if whole:
            minute.others.append(kept)
        else:
            width = self._gauge_ms if minute.rule is Rule.GAUGE else MINUTE_MS
            minute.add(kept, kept.at_ms // width)

    def series(self) -> list[TimeSeries]:
        """What is left, by series."""
        return [
            TimeSeries(labels, b"".join(one.sample for one in kept), len(kept))
            for labels, kept in (
                (labels, [one for at in sorted(minutes) for one in minutes[at].kept()])
                for labels, minutes in self._minutes.items()
            )
        ]
