"""What travels between a node and the cloud API. docs/cloud-api.md is the contract in words."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from collector.model.alarm import Alarm, AlarmChange

SCHEMA = 1
RECORDS_PATH = "/v1/records"
BLOBS_PATH = "/v1/blobs/"

Outcome = Literal["stored", "known", "refused", "later"]


class BlobRef(Struct, frozen=True, kw_only=True):
    """A file of a record: its content is the blob `sha256` (hex), `size` bytes long."""

    name: str
    sha256: str
    size: int


class CloudRecord(Struct, frozen=True, kw_only=True):
    """One revision of one record.

    `id` is a UUIDv7, for systems and assets `node/id`. `node` is where it was made. `revision`
    rises with each record that an installation makes, with gaps. `changed_at` is UTC milliseconds,
    `format` the schema number of `body`, a JSON object.
    """

    id: str
    node: str
    revision: int
    changed_at: int
    format: int
    body: msgspec.Raw
    files: tuple[BlobRef, ...] = ()


class RecordsRequest(Struct, frozen=True, kw_only=True):
    """Records of one kind in the order in which they were made. `node` and `install` say who
    speaks: the node's present id and its installation's."""

    schema: int
    node: str
    install: str
    kind: str
    records: tuple[CloudRecord, ...]


class Problem(Struct, frozen=True, kw_only=True):
    """Why something was not done, as in all answers of the API."""

    code: str
    message: str = ""
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.message or self.code}{hint}"


class RecordResult(Struct, frozen=True, kw_only=True):
    """What became of one record. stored: it is durable now; known: this revision, or a later one,
    was there already; refused: it will never be taken as it is; later: not now."""

    id: str
    revision: int
    outcome: Outcome
    error: Problem | None = None


class RecordsAnswer(Struct, frozen=True, kw_only=True):
    """Results of the first records of a request, in its order; others were not looked at."""

    schema: int
    results: tuple[RecordResult, ...]


class ErrorAnswer(Struct, frozen=True, kw_only=True):
    """The body of an answer that is not 2xx."""

    error: Problem


class AlarmBody(Struct, frozen=True, kw_only=True):
    """Body of an `alarms` record, whose id is the alarm's: how it is after `change`."""

    alarm: Alarm
    change: AlarmChange


class SinkStatus(Struct, frozen=True, kw_only=True):
    """How far one sink of a node is behind."""

    sink: str
    state: str
    behind_min: float
    lossless: bool | None
    dead_samples: int


class NodeStatus(Struct, frozen=True, kw_only=True):
    """Body of a `status` record: how a node is, each minute.

    Positions are WGS 84 degrees, times UTC milliseconds. `assets` counts assets by status.
    `fingerprint` is that of the certificate the node shows on TCP (empty: it does not listen).
    """

    at_ms: int
    started_ms: int
    site: str
    timezone: str
    version: str
    latitude: float | None = None
    longitude: float | None = None
    clock: str = ""
    problems: tuple[str, ...] = ()
    assets: Mapping[str, int] = {}
    alarms: int = 0
    sinks: tuple[SinkStatus, ...] = ()
    journal: str = ""
    lost_samples: int = 0
    disk_free_bytes: int | None = None
    disk_bytes: int | None = None
    waiting: int = 0
    refused: int = 0
    fingerprint: str = ""
