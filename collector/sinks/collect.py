"""Reading a run of batches out of the journal, step by step, into one request's series."""

import asyncio
from collections import Counter

from msgspec import Struct

from collector.journal import Journal
from collector.sinks.remote_write import Gatherer, TimeSeries
from collector.sinks.state import Span

STEP_SAMPLES = 20_000


class Load(Struct, frozen=True, kw_only=True):
    """What one request carries: `span` of it, and `batches` that were really held."""

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
        await asyncio.to_thread(gatherer.extend, batches)
        at = batches[-1].seq + 1
    series = await asyncio.to_thread(gatherer.series)
    return Load(
        span=(first, at - 1),
        batches=held,
        series=series,
        samples=sum(one.number for one in series),
        dropped=gatherer.dropped,
    )
