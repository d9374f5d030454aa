"""After a power cut: counters go on from what was journaled, not from what was saved before it.

Counters are saved every ten seconds, samples are journaled every second. A total that went on from
the last save would stand below samples that were sent, and whoever reads it as a counter would take
that for a restart and add all of it a second time.
"""

import math
from collections.abc import Mapping

from msgspec import structs

from collector.journal.store import Journal
from collector.model.catalogue import CATALOGUE
from collector.model.series import decode_series, encode_series
from collector.site.counters import CounterState
from collector.site.energy import INTEGRAL, Key
from collector.site.memory import Memory
from collector.site.samples import CANON_REPEAT_TICKS

LOOKED_AT = 2 * CANON_REPEAT_TICKS
"""So many of the newest batches hold every counter that lived at the end: each is sampled at least
once in `CANON_REPEAT_TICKS`."""

_COUNTERS = tuple(
    encode_series(f"ovr_{m.name}", {}) for m in CATALOGUE.values() if m.type == "counter"
)
"""How the label bytes of the counters' series begin."""


async def recall(journal: Journal, memory: Memory) -> Memory:
    """`memory` with no total below its newest sample in `journal`. Raises JournalError."""
    newest: dict[bytes, float] = {}
    seq, ticks = journal.newest, 0
    while seq >= journal.first and ticks < LOOKED_AT:
        batches = await journal.read(seq, seq, max_samples=1, unconfirmed=True)
        seq -= 1
        ticks += not batches or batches[0].times is None  # what meters posted is no tick
        for batch in batches:
            for series, value in zip(batch.series, batch.values, strict=True):
                if series.startswith(_COUNTERS) and not math.isnan(value):
                    newest.setdefault(series, value)
    return continued(memory, {_key(series): value for series, value in reversed(newest.items())})


def _key(series: bytes) -> Key:
    name, labels = decode_series(series)
    return labels["asset"], name.removeprefix("ovr_")


def continued(memory: Memory, newest: Mapping[Key, float]) -> Memory:
    """`memory` with its totals raised to the `newest` samples, where those are above them.

    The register rose with its total, so that what it counted until then is not added again. A
    counter that is not in memory (node.db was lost) goes on from its sample; whose register it was
    is not known any more, so that the next reading of it is a baseline.
    """
    lost = {key: _lost(total) for key, total in newest.items() if key not in memory.counters}
    raised = {key: _raised(state, newest.get(key, 0.0)) for key, state in memory.counters.items()}
    return memory._replace(counters=raised | lost)


def _lost(total: float) -> CounterState:
    """As if its power had been integrated: whatever is said of it next adds nothing but that."""
    return CounterState(unit="", path=INTEGRAL, raw=total, total=total, heard_ms=0, changed_ms=0)


def _raised(state: CounterState, total: float) -> CounterState:
    more = total - state.total
    return structs.replace(state, total=total, raw=state.raw + more) if more > 0 else state
