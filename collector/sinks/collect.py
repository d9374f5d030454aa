"""Reading a run of batches out of the journal, step by step, into one request's series."""

from collections import Counter
from functools import partial

from msgspec import Struct

from collector.journal import Batch, Journal
from collector.sinks.beside import beside
from collector.sinks.remote_write import Gatherer, TimeSeries
from collector.sinks.state import Span
from collector.sinks.thin import MINUTE_MS, Rules, Thinner

STEP_SAMPLES = 20_000
ENDLESS = 1 << 62


class Load(Struct, frozen=True, kw_only=True):
    """What is sent at once: `span` of it, and `batches` that were really held. Whoever sends it
    empties `series`."""

    span: Span
    batches: int
    series: list[TimeSeries]
    samples: int
    dropped: Counter[str]


async def collect(journal: Journal, span: Span, max_samples: int) -> Load:
    """The samples of `span` from its start on, about `max_samples` of them, grouped by series.

    The load's span ends where that much was reached, else where `span` ends. Raises JournalError.
    """
    first, last = span
    gatherer = Gatherer()
    at = first
    held = 0
    while at <= last and gatherer.samples < max_samples:
        step = min(STEP_SAMPLES, max_samples - gatherer.samples)
        batches = await journal.read(at, last, max_samples=step)
        if not batches:
            at = last + 1
            break
        held += len(batches)
        await beside(partial(gatherer.extend, batches))
        at = batches[-1].seq + 1
    return await _load(gatherer, (first, at - 1), held)


async def collect_minutes(
    journal: Journal,
    span: Span,
    max_samples: int,
    resolution_s: float,
    rules: Rules | None = None,
) -> Load:
    """The same, thinned: all minutes that `span` touches are read whole, so that a repeat with
    other limits gives the same samples. About `max_samples` are read, but one minute at least.

    The newest minute must be over. Raises JournalError.
    """
    first, last = span
    thinner = Thinner(resolution_s, rules)
    oldest = await journal.read(first, last, max_samples=1)
    if not oldest:
        return await _load(thinner, span, 0)
    minute = oldest[0].at_ms // MINUTE_MS
    at = await journal.tick_start(oldest[0].seq, minute * MINUTE_MS)
    held = 0
    while batches := await journal.read(at, ENDLESS, max_samples=STEP_SAMPLES):
        wanted: list[Batch] = []
        for batch in batches:
            enough = at > last or thinner.samples >= max_samples
            if batch.at_ms // MINUTE_MS != minute and enough:
                await beside(partial(thinner.extend, wanted))
                return await _load(thinner, (first, min(last, at - 1)), held)
            minute = batch.at_ms // MINUTE_MS
            wanted.append(batch)
            held += first <= batch.seq <= last
            at = batch.seq + 1
        await beside(partial(thinner.extend, wanted))
    return await _load(thinner, span, held)


async def _load(gatherer: Gatherer | Thinner, span: Span, held: int) -> Load:
    series = await beside(gatherer.series)
    return Load(
        span=span,
        batches=held,
        series=series,
        samples=gatherer.kept,
        dropped=gatherer.dropped,
    )
