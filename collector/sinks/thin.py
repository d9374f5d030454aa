"""Thinning for a metered link: fewer samples, the same ones however often they are made.

Windows stand fixed in UTC, and a minute is always thinned whole, so a repeat gives identical
samples. Kept are, of each series within a minute:

- canonical gauges (`ovr_…`): the last good value of each `resolution_s`, and the minute's lowest
  and highest, each with its own time, unless a kept sample has that very value;
- counters, states, and `ovr_node_batch_seq` / `_samples`: every sample;
- everything else (raw series): the last good value of the minute;
- stale markers, always; and every sample of a batch with times of its own.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from itertools import compress

from collector.journal.batch import Batch
from collector.model.catalogue import CATALOGUE
from collector.sinks.remote_write import (
    NAME_FIELD,
    Groups,
    TimeSeries,
    encode_samples,
    group,
    is_stale,
    nameless,
    sendable,
    split,
)

MINUTE_MS = 60_000
CANONICAL = "ovr_"
VALUE = slice(3, 11)
STAMP = slice(12, None)
"""Where value and time stand in an encoded sample."""
MAX_RULES = 1 << 18
EXACT = frozenset({"ovr_node_batch_seq", "ovr_node_batch_samples"})


class Rule(Enum):
    """How a series is thinned."""

    EXACT = auto()
    GAUGE = auto()
    RAW = auto()


class Rules(dict[bytes, Rule]):
    """The rule of each series, by its label bytes; worked out once."""

    def __missing__(self, labels: bytes) -> Rule:
        if len(self) >= MAX_RULES:
            self.clear()
        found = self[labels] = rule_of(series_name(labels))
        return found


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


class _Extremes:
    """Lowest and highest sample of one gauge within one minute."""

    __slots__ = ("high", "highest", "low", "lowest")

    def __init__(self, value: float, sample: bytes) -> None:
        self.lowest = self.highest = value
        self.low = self.high = sample


Last = dict[bytes, bytes]
"""The last sample of each series within a window."""


class _Minute:
    """What is kept of the gauges and raw series within one minute."""

    def __init__(self) -> None:
        self.raw: Last = {}
        self.gauges: defaultdict[int, Last] = defaultdict(dict)
        self.extremes: dict[bytes, _Extremes] = {}

    def see(
        self,
        window: int,
        series: Sequence[bytes],
        values: Iterable[float],
        samples: Sequence[bytes],
    ) -> None:
        """Values of gauges within one window, in order of time."""
        extremes = self.extremes
        self.gauges[window].update(zip(series, samples, strict=True))
        known = map(extremes.get, series)
        for labels, found, value, sample in zip(series, known, values, samples, strict=True):
            if found is None:
                extremes[labels] = _Extremes(value, sample)
            elif value < found.lowest:
                found.lowest, found.low = value, sample
            elif value > found.highest:
                found.highest, found.high = value, sample

    def kept(self) -> Iterator[tuple[bytes, list[bytes]]]:
        """Each series with its samples in order of time."""
        windows = list(self.gauges.values())
        for labels, ends in self.extremes.items():
            samples = [window[labels] for window in windows if labels in window]
            values = {sample[VALUE] for sample in samples}
            missing = {end for end in (ends.low, ends.high) if end[VALUE] not in values}
            yield labels, sorted((*samples, *missing), key=_time) if missing else samples
        for labels, sample in self.raw.items():
            yield labels, [sample]


class Thinner:
    """Collects the batches of whole minutes and thins them; used like a `Gatherer`.

    `samples` counts what came in, `dropped` what of it no receiver would take, by reason; `kept`
    what `series` has given.
    """

    def __init__(self, resolution_s: float, rules: Rules | None = None) -> None:
        self.samples = 0
        self.kept = 0
        self.dropped: Counter[str] = Counter()
        self._rules = Rules() if rules is None else rules
        self._gauge_ms = min(MINUTE_MS, max(1000, round(resolution_s * 1000)))
        self._exact: Groups = defaultdict(bytearray)
        self._minutes: defaultdict[int, _Minute] = defaultdict(_Minute)

    def extend(self, batches: Sequence[Batch]) -> None:
        """Take all samples of all `batches`, which come in order of time."""
        for batch in batches:
            self.add(batch)

    def add(self, batch: Batch) -> None:
        """Take all samples of `batch`."""
        self.samples += len(batch)
        series, values, samples = batch.series, batch.values, encode_samples(batch)
        good = sendable(batch, self.dropped)
        if batch.times is not None:
            whole = [True] * len(batch) if good is None else good
            group(self._exact, compress(series, whole), compress(samples, whole))
            return
        if good is not None:
            ends = [fine and is_stale(values, index) for index, fine in enumerate(good)]
            group(self._exact, compress(series, ends), compress(samples, ends))
            places = [i for i, fine in enumerate(good) if fine and not ends[i]]
            series = [series[i] for i in places]
            samples = [samples[i] for i in places]
            values = array("d", [values[i] for i in places])
        if series:
            self._sort(batch.at_ms, series, values, samples)

    def _sort(
        self, at_ms: int, series: Sequence[bytes], values: "array[float]", samples: list[bytes]
    ) -> None:
        """Finite values of one time, by their rule."""
        exact, gauge, raw = Rule.EXACT, Rule.GAUGE, Rule.RAW
        rules = list(map(self._rules.__getitem__, series))
        minute = self._minutes[at_ms // MINUTE_MS]
        chosen = [rule is raw for rule in rules]
        minute.raw.update(zip(compress(series, chosen), compress(samples, chosen), strict=True))
        chosen = [rule is exact for rule in rules]
        group(self._exact, compress(series, chosen), compress(samples, chosen))
        chosen = [rule is gauge for rule in rules]
        minute.see(
            at_ms // self._gauge_ms,
            list(compress(series, chosen)),
            compress(values, chosen),
            list(compress(samples, chosen)),
        )

    def series(self) -> list[TimeSeries]:
        """What is left; alike series stand together, so that they pack well."""
        found: defaultdict[bytes, list[bytes]] = defaultdict(list)
        for _, minute in sorted(self._minutes.items()):
            for labels, samples in minute.kept():
                found[labels] += samples
        for labels, whole in self._exact.items():
            found[labels] = sorted((*found[labels], *split(whole)), key=_time)
        for labels in nameless(found):
            self.dropped["series without name"] += len(found.pop(labels))
        self.kept = sum(map(len, found.values()))
        return [TimeSeries(labels, b"".join(found[labels])) for labels in sorted(found)]


def _time(sample: bytes) -> int:
    """Rises with a sample's time: of two varints the later one is larger, read lowest first."""
    return int.from_bytes(sample[STAMP], "little")
