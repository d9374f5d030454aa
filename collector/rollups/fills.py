"""Minutes that nobody measured, filled from what a meter kept itself (AXM-WEB2 posts)."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from collector.model.rollup import Gauge, Rollup
from collector.model.rollup_codec import MINUTE_MS
from collector.model.rollup_keys import BY_KEY, quanta
from collector.rollups import records, tables
from collector.rollups.tables import Db, packed
from collector.rollups.track import Closed, Subject


class Fill(NamedTuple):
    """The means of an asset's gauges over the UTC minute from `minute_ms` on, by key."""

    subject: Subject
    minute_ms: int
    values: Mapping[str, float]


class Filled(NamedTuple):
    """How many minutes were filled, and how many it is too early for: they are not stored yet."""

    done: int
    early: int


Told = Callable[[Db, str, int, int], None]
"""`told(db, asset, from_ms, to_ms)`, in the transaction that fills minutes between these times."""


def _nobody(_db: Db, _asset: str, _from_ms: int, _to_ms: int) -> None:
    """Nobody wants to know."""


def fill(db: Db, fills: Iterable[Fill], node: str, filled: Told = _nobody) -> Filled:
    """Store a marked row for each minute that has none.

    A row is there only if something was good in its minute, so what was measured is never touched,
    and the same again changes nothing. Counters and states are not filled: a log of means does not
    say them. What of a hold was queued for the cloud is queued once more; `filled` is told
    once of each asset.

    Raises ValueError for a time that is no beginning of a minute.
    """
    mark_ms = tables.mark(db)
    done = early = 0
    times: dict[str, list[int]] = {}
    for each in fills:
        if each.minute_ms % MINUTE_MS:
            raise ValueError(f"{each.minute_ms} is not the beginning of a minute")
        end_ms = each.minute_ms + MINUTE_MS
        row = filled_row(each)
        if end_ms > mark_ms:
            early += 1
        elif row.gauges and not tables.has_row(db, each.subject.asset, each.minute_ms, end_ms):
            tables.write(db, [packed(Closed(each.subject, row))])
            records.touch(db, node, each.subject.asset, each.minute_ms)
            times.setdefault(each.subject.asset, []).append(each.minute_ms)
            done += 1
    for asset, minutes in times.items():
        filled(db, asset, min(minutes), max(minutes) + MINUTE_MS)
    return Filled(done, early)


def filled_row(fill: Fill) -> Rollup:
    """The row of a filled minute: each mean held all of it."""
    gauges = {
        key: _held(quanta(key, value))
        for key, value in fill.values.items()
        if key in BY_KEY and BY_KEY[key].type == "gauge"
    }
    return Rollup(
        from_ms=fill.minute_ms,
        to_ms=fill.minute_ms + MINUTE_MS,
        gauges=gauges,
        filled_ms=MINUTE_MS,
    )


def _held(count: int) -> Gauge:
    integral = count * MINUTE_MS
    return Gauge(MINUTE_MS, max(0, integral), max(0, -integral), count, count, count, count)
