"""What travels over the local API: the snapshot's structs in an envelope, as JSON.

Both ends use these classes. Every answer carries `schema`; a client that speaks another number
says so instead of guessing.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from collector.model.alarm import Alarm, AlarmHealth, Commissioning
from collector.model.audit import AuditEntry
from collector.model.control import ControlValue, Lockout, Offer
from collector.model.dead import DeadEntry, Resent
from collector.model.message import Message
from collector.model.outbox import OutboxHealth, OutboxItem
from collector.model.snapshot import JournalHealth, NodeHealth, SinkHealth, Snapshot, SourceHealth
from collector.wire.base import *  # noqa: F403
from collector.wire.base import SCHEMA, ControlNumber, ControlText, Number, Reason, Text, Time
from collector.wire.events import *  # noqa: F403
from collector.wire.finding import *  # noqa: F403
from collector.wire.health import *  # noqa: F403
from collector.wire.health import MachineHealth, SourceFailure
from collector.wire.persons import *  # noqa: F403
from collector.wire.persons import GrantText
from collector.wire.raw import *  # noqa: F403
from collector.wire.reports import *  # noqa: F403
from collector.wire.setup import *  # noqa: F403
from collector.wire.units import *  # noqa: F403


class SnapshotAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/snapshot`, and each `data:` of `GET /v1/stream`."""

    schema: int = SCHEMA
    snapshot: Snapshot


class HistoryAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/assets/{id}/history`: one value per time; None is a gap. Times UTC ms, rising.

    Before the last quarter of an hour, and for steps of a minute or more, values are means of whole
    minutes: then `least` and `greatest` have an entry for each, else they are empty.
    """

    schema: int = SCHEMA
    asset: str
    measurement: str
    times: tuple[int, ...]
    values: tuple[float | None, ...]
    least: tuple[float | None, ...] = ()
    greatest: tuple[float | None, ...] = ()


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
    """`GET /v1/health`. `ok` is false when ticks stand still or the journal does not commit.
    `failures`: the newest one of each source, which may be over."""

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
    machine: MachineHealth = MachineHealth()
    failures: tuple[SourceFailure, ...] = ()


class StopAnswer(Struct, frozen=True, kw_only=True):
    """`POST /v1/stop`: the collector has begun to end."""

    schema: int = SCHEMA
    stopping: bool = True


class AlarmsAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/alarms`: `active` and `shelved` the most urgent first, `history` the newest first
    (open and closed ones of the window). `commissioned` are the assets that are watched."""

    schema: int = SCHEMA
    active: tuple[Alarm, ...]
    shelved: tuple[Alarm, ...]
    history: tuple[Alarm, ...]
    commissioned: tuple[Commissioning, ...]
    health: AlarmHealth


class AlarmAnswer(Struct, frozen=True, kw_only=True):
    """An alarm after something was done to it."""

    schema: int = SCHEMA
    alarm: Alarm


class AckRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/alarms/{id}/ack`."""

    note: Text = ""


class ShelveRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/alarms/{id}/shelve`: until a time (UTC ms) or for some seconds, one of the two; a
    week at most."""

    reason: Annotated[Text, Meta(min_length=1)]
    until_ms: Time | None = None
    for_s: Annotated[int, Meta(ge=1, le=604_800)] | None = None


class CommissionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/assets/{asset}/commission`. `clamp`: what a clamp shows on phases now, in A; it is
    kept beside what the meter shows."""

    note: Text = ""
    clamp: Mapping[Literal["L1", "L2", "L3", "N"], Annotated[float, Meta(ge=0, le=100_000)]] = {}


class CommissionAnswer(Struct, frozen=True, kw_only=True):
    """Since when an asset is watched; None: it is not."""

    schema: int = SCHEMA
    asset: str
    commissioning: Commissioning | None


class NoRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of what takes none: nothing, or an empty object."""


class OffersAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/assets/{asset}/control`. `name` is what is typed for dangerous commands, `at_ms`
    the node's clock, by which a request says when it was made; `why_not`: why nothing at all is
    possible now. `control`: the registry lets its device be controlled; `pin`: a command takes the
    node's PIN too."""

    schema: int = SCHEMA
    asset: str
    name: str
    at_ms: int
    why_not: str
    control: bool = True
    pin: bool = False
    lockout: Lockout | None
    offers: tuple[Offer, ...]


class ControlRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/assets/{asset}/control`. `id` is the request's own, made by who asks; `seen` the
    value that the person saw, null where there was none; `made_ms` when they asked, UTC ms of the
    node's clock; `for_s` for how long, `confirm` the asset's name as they typed it; `grant` what
    `POST /v1/unlock` gave, where a PIN is set."""

    id: Annotated[str, Meta(min_length=8, max_length=64, pattern=r"\A[0-9A-Za-z_-]+\Z")]
    command: Annotated[str, Meta(max_length=64)]
    value: ControlText | ControlNumber
    seen: ControlText | ControlNumber | None
    made_ms: Time
    for_s: Annotated[int, Meta(ge=1, le=604_800)] | None = None
    confirm: Text = ""
    grant: GrantText = ""


class ControlAnswer(Struct, frozen=True, kw_only=True):
    """How a command ended: `outcome` is confirmed, device set another value, or no reply; `value`
    what the device has since, `effect` what came of it so far."""

    schema: int = SCHEMA
    id: str
    asset: str
    command: str
    outcome: str
    value: ControlValue | None
    effect: str = ""
    reason: str = ""


class LockoutRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/assets/{asset}/lockout`: who works there (whoever is logged in, when left out),
    and why."""

    reason: Annotated[Text, Meta(min_length=1)]
    name: Annotated[str, Meta(max_length=64)] = ""


class LockoutAnswer(Struct, frozen=True, kw_only=True):
    """The lockout of an asset; null: there is none."""

    schema: int = SCHEMA
    asset: str
    lockout: Lockout | None


class RegistryAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/registry`: the tables of registry.toml as they are written, without secrets. The
    ETag in the header names the file's bytes; `PUT` takes it as If-Match.

    `in_force` is the ETag of what the collector goes by. Where that is another one, `problem` says
    why: the file is broken, or `waits` lists what it takes from an active event. `changes` says
    what the request changed, or would change.
    """

    schema: int = SCHEMA
    registry: dict[str, Any]
    etag: str
    notes: tuple[str, ...] = ()
    in_force: str = ""
    waits: tuple[str, ...] = ()
    problem: str = ""
    changes: str = ""


class RegistryRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /v1/registry`: the whole registry as its tables. `at_ms` is since when it has been so,
    where that is not now; with `dry_run` nothing is written."""

    registry: dict[str, Any]
    reason: Reason = ""
    at_ms: Annotated[int, Meta(ge=0)] | None = None
    dry_run: bool = False


class ReasonRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why something is done; it may be left out."""

    reason: Reason = ""


class SecretRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /v1/secrets/{name}`: a password or token, which nobody can read back."""

    value: Annotated[str, Meta(min_length=1, max_length=1000)]


class SecretAnswer(Struct, frozen=True, kw_only=True):
    """A secret was kept under this name."""

    schema: int = SCHEMA
    name: str


class DeadAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/dead`: samples that a receiver refused for good, oldest first."""

    schema: int = SCHEMA
    entries: tuple[DeadEntry, ...]


class DeadRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which refused samples: those with these ids, or `"all"`; of one sink, or of all."""

    ids: Annotated[tuple[Number, ...], Meta(max_length=10_000)] | Literal["all"]
    sink: Annotated[str, Meta(max_length=64)] | None = None


class ResentAnswer(Struct, frozen=True, kw_only=True):
    """`POST /v1/dead/resend`: what became of each."""

    schema: int = SCHEMA
    entries: tuple[Resent, ...]


class ForgottenAnswer(Struct, frozen=True, kw_only=True):
    """How many were given up."""

    schema: int = SCHEMA
    forgotten: int


class OutboxAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/outbox`: how it is, and records that the cloud does not have, oldest first."""

    schema: int = SCHEMA
    health: OutboxHealth
    items: tuple[OutboxItem, ...]


class OutboxRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which records that the cloud refused, by their revisions."""

    revisions: Annotated[tuple[Number, ...], Meta(min_length=1, max_length=10_000)]


class RevisionsAnswer(Struct, frozen=True, kw_only=True):
    """The revisions for which it was done."""

    schema: int = SCHEMA
    revisions: tuple[int, ...]


class ClockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/clock/confirm`: the node's clock is right. `utc_ms`: what the person's own says;
    a node that is more than a minute beside it is not confirmed."""

    utc_ms: Time | None = None


class ClockAnswer(Struct, frozen=True, kw_only=True):
    """How the node's clock is."""

    schema: int = SCHEMA
    confirmed: bool
    clock: str
    utc_ms: int


class PostedAnswer(Struct, frozen=True, kw_only=True):
    """`POST /v1/ingest/axm`: what became of a post. `rows` and `samples` are new, `repeated` rows
    were here before; `left_out` counts what could not be used, by reason."""

    schema: int = SCHEMA
    device: str
    rows: int
    samples: int
    repeated: int
    left_out: Mapping[str, int] = {}


class AuditAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/audit`: the newest first."""

    schema: int = SCHEMA
    entries: tuple[AuditEntry, ...]


class MessagesAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/messages`: lines of the collector's own log, in order. `last` is the number of the
    newest one, shown or not; `left_out` counts those since the start that are forgotten."""

    schema: int = SCHEMA
    messages: tuple[Message, ...]
    last: int
    left_out: int


class ErrorBody(Struct, frozen=True, kw_only=True):
    """Why a request was not done, and what to do about it. `details` lists all problems where
    there may be many."""

    code: str
    message: str
    hint: str = ""
    details: tuple[str, ...] | UnsetType = UNSET


class ErrorAnswer(Struct, frozen=True, kw_only=True):
    """The body of every answer from 400 up."""

    schema: int = SCHEMA
    error: ErrorBody


encode = msgspec.json.Encoder().encode
decode_snapshot = msgspec.json.Decoder(SnapshotAnswer).decode
