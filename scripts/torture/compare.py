"""Committed batches beside what a receiver exports, sample by sample.

VictoriaMetrics keeps decimals: of each value twelve digits and more, and of small values beside
large ones of the same series less (a block has one exponent). Samples that differ by no more than
that are equal; how many are so, and how many are the same to the last bit, is counted apart.
"""

import json
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite, isnan, nan

from msgspec import Struct

from collector.journal import Batch
from collector.model.series import STALE_BITS, decode_series, encode_series

WINDOW_MS = 30_000
END_MS = 9_000_000_000_000
DIGITS = 1e-12
"""Of a value, relative: what VictoriaMetrics keeps of it alone."""
BLOCK = 1e-15
"""Of a series' largest value: what it keeps of any in the same block."""
EXAMPLES = 5

Points = dict[int, float]
"""Values by time (UTC ms) of one series; a NaN is a stale marker."""
Table = dict[bytes, Points]


class Comparison(Struct, kw_only=True):
    """What was found; `examples` are a few of the bad ones in words."""

    batches: int = 0
    samples: int = 0
    markers: int = 0
    exact: int = 0
    missing: int = 0
    changed: int = 0
    doubled: int = 0
    foreign: int = 0
    examples: list[str] = []

    @property
    def good(self) -> bool:
        """Whether everything is there once, unchanged, and nothing else."""
        return not (self.missing or self.changed or self.doubled or self.foreign)

    def note(self, what: str, labels: bytes, at_ms: int, detail: str = "") -> None:
        """Keep an example."""
        if len(self.examples) < EXAMPLES:
            name, pairs = decode_series(labels)
            self.examples.append(f"{what}: {name}{pairs} at {at_ms} {detail}".rstrip())


class Receiver:
    """Reads what a VictoriaMetrics at `url` exports."""

    def __init__(self, url: str) -> None:
        self._url = url

    def _get(self, path: str, **params: str) -> Iterator[bytes]:
        query = urllib.parse.urlencode(params)
        with urllib.request.urlopen(f"{self._url}{path}?{query}", timeout=600) as answer:  # noqa: S310
            yield from answer

    def flush(self) -> None:
        """Make what was just taken visible."""
        list(self._get("/internal/force_flush"))

    def export(
        self, from_ms: int, to_ms: int, match: str
    ) -> Iterator[tuple[bytes, list[int], list[float]]]:
        """Label bytes, times and values of each matching series, both ends included."""
        span = {"start": f"{from_ms / 1000:.3f}", "end": f"{to_ms / 1000:.3f}"}
        for line in self._get("/api/v1/export", **{"match[]": match}, **span):
            found = json.loads(line)
            name = found["metric"].pop("__name__")
            values = [nan if value is None else float(value) for value in found["values"]]
            yield encode_series(name, found["metric"]), found["timestamps"], values


def compare(
    batches: Sequence[Batch], url: str, *, match: str = '{__name__!=""}', window_ms: int = WINDOW_MS
) -> Comparison:
    """Every sample of `batches` beside every one that matches in the VictoriaMetrics at `url`."""
    found = Comparison(batches=len(batches))
    receiver = Receiver(url)
    receiver.flush()
    spans = [(_span(batch), batch) for batch in batches if len(batch)]
    first = min((low for (low, _), _ in spans), default=0)
    last = max((high for (_, high), _ in spans), default=0)
    for start in range(first, last + 1, window_ms):
        end = min(start + window_ms - 1, last)
        wanted = table(
            (batch for (low, high), batch in spans if low <= end and high >= start),
            start,
            end,
            found,
        )
        _one_window(wanted, receiver.export(start, end, match), found)
    for start, end in ((0, first - 1), (last + 1, END_MS)):
        _one_window({}, receiver.export(start, end, match), found)
    return found


def compare_receivers(
    held: str, wanted: str, from_ms: int, to_ms: int, *, window_ms: int = 20 * WINDOW_MS
) -> Comparison:
    """Every sample of the VictoriaMetrics at `held` beside every one of that at `wanted`, with
    times from `from_ms` to `to_ms`. `samples` counts those of `wanted`."""
    found = Comparison()
    every = '{__name__!=""}'
    receivers = [Receiver(url) for url in (wanted, held)]
    for receiver in receivers:
        receiver.flush()
    for start in range(from_ms, to_ms + 1, window_ms):
        end = min(start + window_ms - 1, to_ms)
        points: Table = {}
        for labels, times, values in receivers[0].export(start, end, every):
            points[labels] = dict(zip(times, values, strict=True))
            found.samples += len(times)
            found.markers += sum(map(isnan, values))
        _one_window(points, receivers[1].export(start, end, every), found)
    return found


def _span(batch: Batch) -> tuple[int, int]:
    if batch.times is None:
        return batch.at_ms, batch.at_ms
    return min(batch.times), max(batch.times)


def table(batches: Iterable[Batch], from_ms: int, to_ms: int, found: Comparison) -> Table:
    """The samples of `batches` within the window; `found` counts them."""
    out: Table = defaultdict(dict)
    for batch in batches:
        times = batch.times or [batch.at_ms] * len(batch)
        bits = memoryview(batch.values.tobytes()).cast("Q")
        for labels, at_ms, value, raw in zip(batch.series, times, batch.values, bits, strict=True):
            if not from_ms <= at_ms <= to_ms:
                continue
            stale = raw == STALE_BITS
            if not stale and not isfinite(value):
                found.missing += 1
                found.note("no receiver takes it", labels, at_ms, str(value))
                continue
            found.samples += 1
            found.markers += stale
            if at_ms in out[labels]:
                found.doubled += 1
                found.note("twice in the journal", labels, at_ms)
            out[labels][at_ms] = nan if stale else value
    return out


def _one_window(
    wanted: Table, exported: Iterable[tuple[bytes, list[int], list[float]]], found: Comparison
) -> None:
    seen: set[bytes] = set()
    for labels, times, values in exported:
        points = wanted.get(labels, {})
        doubled = labels in seen or len(set(times)) != len(times)
        seen.add(labels)
        if doubled:
            found.doubled += 1
            found.note("twice in the receiver", labels, times[0])
        held = dict(zip(times, values, strict=True))
        _one_series(labels, points, held, found)
    for labels in wanted.keys() - seen:
        found.missing += len(wanted[labels])
        found.note("missing", labels, min(wanted[labels]), f"and {len(wanted[labels]) - 1} more")


def _one_series(labels: bytes, wanted: Points, held: Points, found: Comparison) -> None:
    if wanted == held:
        found.exact += len(wanted)
        return
    largest = max((abs(value) for value in wanted.values() if not isnan(value)), default=0.0)
    for at_ms, value in wanted.items():
        if at_ms not in held:
            found.missing += 1
            found.note("missing", labels, at_ms)
        elif not equal(value, held[at_ms], largest):
            found.changed += 1
            found.note("changed", labels, at_ms, f"{value!r} became {held[at_ms]!r}")
        else:
            found.exact += value == held[at_ms] or isnan(value)
    for at_ms in held.keys() - wanted.keys():
        found.foreign += 1
        found.note("never committed", labels, at_ms, repr(held[at_ms]))


def equal(value: float, held: float, largest: float) -> bool:
    """Whether `held` is `value` as VictoriaMetrics keeps it beside `largest`."""
    if isnan(value) or isnan(held):
        return isnan(value) and isnan(held)
    return abs(value - held) <= DIGITS * abs(value) + BLOCK * largest
