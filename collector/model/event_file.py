"""An event in a file: what one node knows of it, for another node or the cloud."""

from msgspec import Struct

from collector.model.event import Change, Event, Participation
from collector.model.said import Correction, LogEntry

EVENT_FILE_SCHEMA = 1


class EventExport(Struct, frozen=True, kw_only=True):
    """The file. `ids` are all ids that the event has had. `event` and `participations` are for
    readers: they follow from `changes`. Corrections and log entries are of the node that is their
    `origin`: assets and systems are named as they are there."""

    schema: int = EVENT_FILE_SCHEMA
    node: str
    made_ms: int
    ids: tuple[str, ...]
    event: Event
    participations: tuple[Participation, ...]
    changes: tuple[Change, ...]
    corrections: tuple[Correction, ...] = ()
    log: tuple[LogEntry, ...] = ()
