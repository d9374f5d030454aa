"""The outbox's words: which kinds of records there are, and what is told of those that wait."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

RecordState = Literal["waiting", "refused"]


class Kind(Struct, frozen=True, kw_only=True):
    """How records of one kind are kept until the cloud has them.

    `newest`: a newer revision takes the place of one that waits; else each is sent, in order.
    `most`: that many wait at most, the oldest goes first and is counted; None: all are kept.
    `bulk`: they carry files or much data, and travel beside the small ones.
    """

    name: str
    newest: bool = False
    most: int | None = None
    bulk: bool = False


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(name="events"),
        Kind(name="participations"),
        Kind(name="assignments"),
        Kind(name="corrections"),
        Kind(name="log"),
        Kind(name="systems", newest=True),
        Kind(name="assets", newest=True),
        Kind(name="alarms", most=20_000),
        Kind(name="status", newest=True),
        Kind(name="reports", bulk=True),
        Kind(name="rollups", newest=True, bulk=True),
    )
}
"""Changes of what people decide, and of alarms, are evidence: each one travels. A system's record
holds all its present facts, a rollup's all of its minutes: there the newest says everything."""


class FileRef(Struct, frozen=True, kw_only=True):
    """A file that belongs to a record. `path` is relative to the state folder; `name` is how the
    record speaks of it. `sha256` (hex) and `size` (bytes) are of the content as it must be sent."""

    name: str
    path: str
    sha256: str
    size: int


class OutboxItem(Struct, frozen=True, kw_only=True):
    """One record that the cloud does not have. `bytes` are those of its body; `reason` says why it
    is set aside, or why its turn has not come (empty: it waits for its turn)."""

    revision: int
    kind: str
    record_id: str
    changed_ms: int
    state: RecordState
    reason: str = ""
    bytes: int = 0
    files: tuple[str, ...] = ()


class OutboxHealth(Struct, frozen=True, kw_only=True):
    """How far the cloud API is behind.

    `state` is one of: off (no cloud is set), starting, running, catching up, backoff. `cause` says
    in words what holds records up. `waiting` and `refused` count records by kind; `oldest_min` is
    the age of the oldest that waits. `sent` counts since `node.db` was made, `sent_bytes` request
    bodies since the program started; `dropped` counts what was given up: what did not fit its
    bound, and records whose data were gone.
    """

    state: str = "off"
    cause: str = ""
    waiting: Mapping[str, int] = {}
    refused: Mapping[str, int] = {}
    oldest_min: float = 0.0
    sent: int = 0
    sent_bytes: int = 0
    sent_ms: int | None = None
    dropped: int = 0
