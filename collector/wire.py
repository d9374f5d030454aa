"""What travels over the local API: the snapshot's structs in an envelope, as JSON.

Both ends use these classes. Every answer carries `schema`; a client that speaks another number
says so instead of guessing.
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from collector.model.snapshot import JournalHealth, NodeHealth, SinkHealth, Snapshot, SourceHealth

SCHEMA = 1


class SnapshotAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/snapshot`, and each `data:` of `GET /v1/stream`."""

    schema: int = SCHEMA
    snapshot: Snapshot


class HistoryAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/assets/{id}/history`: one value per time; None is a gap. Times UTC ms, rising."""

    schema: int = SCHEMA
    asset: str
    measurement: str
    times: tuple[int, ...]
    values: tuple[float | None, ...]


class ListenHealth(Struct, frozen=True, kw_only=True):
    """The local API over TCP. `state` is one of: starting, running, backoff; `cause` says why not.

    `fingerprint` is the SHA-256 of the certificate in hex, "" without TLS; whoever connects for
    the first time compares it.
    """

    address: str
    state: str
    cause: str = ""
    tls: bool = False
    fingerprint: str = ""


class ApiHealth(Struct, frozen=True, kw_only=True):
    """The local API itself. `refused` counts requests that were refused, by code; `turned_away`
    connections that found no place, `let_go` streams whose readers took nothing any more."""

    streams: int = 0
    connections: int = 0
    requests: int = 0
    refused: Mapping[str, int] = {}
    turned_away: int = 0
    let_go: int = 0
    listen: ListenHealth | None = None


class HealthAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/health`. `ok` is false when ticks stand still or the journal does not commit."""

    schema: int = SCHEMA
    ok: bool
    version: str
    pid: int
    node: str
    hosted: bool
    health: NodeHealth
    journal: JournalHealth
    sources: tuple[SourceHealth, ...]
    sinks: tuple[SinkHealth, ...]
    api: ApiHealth = ApiHealth()


class StopAnswer(Struct, frozen=True, kw_only=True):
    """`POST /v1/stop`: the collector has begun to end."""

    schema: int = SCHEMA
    stopping: bool = True


class ErrorBody(Struct, frozen=True, kw_only=True):
    """Why a request was not done, and what to do about it."""

    code: str
    message: str
    hint: str = ""


class ErrorAnswer(Struct, frozen=True, kw_only=True):
    """The body of every answer from 400 up."""

    schema: int = SCHEMA
    error: ErrorBody


encode = msgspec.json.Encoder().encode
decode_snapshot = msgspec.json.Decoder(SnapshotAnswer).decode
