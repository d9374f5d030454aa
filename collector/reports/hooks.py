"""What the book of events calls in its transactions."""

from collections.abc import Callable

from collector.events import Hooks
from collector.model.event import Event, Participation
from collector.reports import jobs
from collector.reports.table import Db


def event_hooks(asked: Callable[[], None]) -> Hooks:
    """Ask for reports in the transaction that makes them necessary. `asked` is called there, on
    whatever thread: it wakes who makes them."""

    def left(db: Db, one: Participation, at_ms: int) -> None:
        jobs.system_ended(db, one, at_ms)
        asked()

    def ended(db: Db, event: Event, at_ms: int) -> None:
        edited(db, event, at_ms, "")
        asked()

    def moved(db: Db, one: Participation, at_ms: int, why: str) -> None:
        if one.to_ms is not None:
            jobs.system_ended(db, one, at_ms, why)

    def edited(db: Db, event: Event, at_ms: int, why: str) -> None:
        if event.from_ms is not None and event.to_ms is not None:
            jobs.event_ended(db, event, at_ms, why)

    return Hooks(
        left=left,
        ended=ended,
        moved=moved,
        edited=edited,
        touched=jobs.touch,
        renamed=jobs.renamed,
    )
