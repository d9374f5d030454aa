"""What the work on reports needs of a running collector."""

from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

from msgspec import Struct

from collector.reports.due import Now
from collector.reports.members import Known
from collector.reports.process import Limits
from collector.rollups import Row
from collector.store import NodeDb

BATCH = 8
"""So many reports share one process, whose beginning takes longer than a report."""
LEAST_FREE = 128 << 20
"""With less room on the disk no report is begun: what is measured goes first."""


class Means(Struct, frozen=True, kw_only=True):
    """`state` is the state folder; `rows(assets, from_ms, to_ms, open)` gives rows of rollups, with
    `open` up to the newest tick; `known` what the node knows, and `now` what decides which reports
    can be made; `newest_ms` is the newest tick (UTC ms, 0: none yet); `wall` is UTC ms. `processes`
    may work on final reports at a time; `spare` wait for systems to leave while any is in an event,
    and so many may leave at once."""

    db: NodeDb
    state: Path
    rows: Callable[[Sequence[str], int, int, bool], AsyncGenerator[list[Row], None]]
    known: Callable[[], Known]
    newest_ms: Callable[[], int]
    wall: Callable[[], int]
    now: Callable[[], Now] = Now
    limits: Limits = Limits()
    processes: int = 1
    spare: int = 0
    batch: int = BATCH
    least_free: int = LEAST_FREE
