"""What travels when people make events, say who takes part, correct and write down."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from collector.model.event import (
    Change,
    Conflict,
    Event,
    Participation,
    SystemUse,
    UseCase,
)
from collector.model.event_file import EventExport
from collector.model.kinds import AssetKind
from collector.model.said import Correction, CorrectionKind, LogEntry, LogKind
from collector.model.terms import (
    Account,
    Baseline,
    BaselineSet,
    FuelKind,
    PriceBand,
    Share,
    TariffTerms,
)
from collector.wire.base import SCHEMA, Number, Reason, Time

Name = Annotated[str, Meta(max_length=200)]
Note = Annotated[str, Meta(max_length=4000)]
Key = Annotated[str, Meta(max_length=140)]
Systems = Annotated[tuple[Key, ...], Meta(min_length=1, max_length=500)]


class FuelBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is otherwise of `FuelTerms`."""

    kind: Name | UnsetType = UNSET
    idle_l_per_h_per_kw: float | UnsetType = UNSET
    slope_l_per_kwh: float | UnsetType = UNSET
    price_per_l: float | UnsetType | None = UNSET


class CarbonBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is otherwise of `CarbonTerms`."""

    scope1_kg_per_l: float | UnsetType = UNSET
    well_to_tank_kg_per_l: float | UnsetType | None = UNSET
    biogenic_kg_per_l: float | UnsetType | None = UNSET
    grid_kg_per_kwh: float | UnsetType | None = UNSET
    source: Name | UnsetType = UNSET
    year: int | UnsetType | None = UNSET


class FuelKindBody(FuelKind, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A further kind of fuel."""


class BandBody(PriceBand, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One price by time of day."""


class TariffBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is otherwise of `TariffTerms`."""

    currency: Name | UnsetType = UNSET
    energy_per_kwh: float | UnsetType | None = UNSET
    demand_per_kw: float | UnsetType | None = UNSET
    standing_per_day: float | UnsetType | None = UNSET
    bands: Annotated[tuple[BandBody, ...], Meta(max_length=50)] | UnsetType = UNSET


class AccountTariffBody(TariffTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account's own tariff, as a whole."""

    bands: Annotated[tuple[BandBody, ...], Meta(max_length=50)] = ()


class SetBody(BaselineSet, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One generator of a baseline."""


class BaselineBody(Baseline, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`Baseline` as a whole."""

    sets: Annotated[tuple[SetBody, ...], Meta(max_length=50)] = ()


class AccountBody(Account, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who pays."""

    tariff: AccountTariffBody | None = None


class ShareBody(Share, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of what an asset measures an account pays."""


class UseBody(SystemUse, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a system is there for."""

    baseline: BaselineBody | None = None


class EventFields(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What people say of an event. Each of `fuels`, `baseline`, `accounts`, `shares` and `systems`
    is said as a whole."""

    name: Name | UnsetType = UNSET
    job: Name | UnsetType = UNSET
    client: Name | UnsetType = UNSET
    site: Name | UnsetType = UNSET
    timezone: Name | UnsetType = UNSET
    locale: Name | UnsetType = UNSET
    notes: Note | UnsetType = UNSET
    client_notes: Note | UnsetType = UNSET
    planned_from_ms: Time | UnsetType | None = UNSET
    planned_to_ms: Time | UnsetType | None = UNSET
    fuel: FuelBody | UnsetType = UNSET
    carbon: CarbonBody | UnsetType = UNSET
    fuels: Annotated[tuple[FuelKindBody, ...], Meta(max_length=20)] | UnsetType = UNSET
    tariff: TariffBody | UnsetType = UNSET
    baseline: BaselineBody | UnsetType = UNSET
    accounts: Annotated[tuple[AccountBody, ...], Meta(max_length=200)] | UnsetType = UNSET
    shares: Annotated[tuple[ShareBody, ...], Meta(max_length=1000)] | UnsetType = UNSET
    demand_window_min: Annotated[int, Meta(ge=5, le=60)] | UnsetType = UNSET
    min_coverage_pct: Annotated[float, Meta(ge=0, le=100)] | UnsetType = UNSET
    systems: Annotated[tuple[UseBody, ...], Meta(max_length=500)] | UnsetType = UNSET


class CreateEventRequest(EventFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/events`: a planned event. What is left out is as node.toml says."""


class EditEventRequest(EventFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PATCH /v1/events/{event}`: what is otherwise. `revision` is that of the event that was read;
    `from_ms` and `to_ms` correct when it began and ended. `reason`: needed for all that figures
    depend on, once it has begun."""

    revision: Number
    reason: Reason = ""
    from_ms: Time | UnsetType = UNSET
    to_ms: Time | UnsetType = UNSET


class MomentRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Since when (UTC ms; now, if left out), and why."""

    at_ms: Time | None = None
    reason: Reason = ""


class JoinRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/events/{event}/systems/{system}/join`: since when (now, if left out). With `to_ms`
    it was in until then and is no more. Without a use the one that the event says."""

    at_ms: Time | None = None
    to_ms: Time | None = None
    use_case: UseCase | None = None
    reason: Reason = ""


class JoinManyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/events/{event}/join`: all of them at once, or none."""

    systems: Systems
    at_ms: Time | None = None
    to_ms: Time | None = None
    use_case: UseCase | None = None
    reason: Reason = ""


class LeaveManyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/events/{event}/leave`: all of them at once, or none."""

    systems: Systems
    at_ms: Time | None = None
    reason: Reason = ""


class EditParticipationRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PATCH /v1/participations/{participation}`: what was otherwise, and why. `revision` is that
    of the participation that was read."""

    revision: Number
    reason: Annotated[Reason, Meta(min_length=1)]
    from_ms: Time | UnsetType = UNSET
    to_ms: Time | UnsetType = UNSET
    use_case: UseCase | UnsetType = UNSET


class MergeRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/events/{event}/merge`: the other event, which is this very one."""

    other: Key
    reason: Reason = ""


class ImportEventRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/event-files`: a file of `GET /v1/events/{event}/export`."""

    file: EventExport


class EventListed(Struct, frozen=True, kw_only=True):
    """An event in a list. `conflicts` counts what lost where it was changed in two places;
    `prompt` says what somebody should do about it."""

    event: Event
    participations: tuple[Participation, ...]
    conflicts: int = 0
    prompt: str = ""


class EventsAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/events`: the newest first."""

    schema: int = SCHEMA
    events: tuple[EventListed, ...]


class EventAnswer(Struct, frozen=True, kw_only=True):
    """One event as it is, with its trace in `changes`, the oldest first."""

    schema: int = SCHEMA
    event: Event
    participations: tuple[Participation, ...]
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    prompt: str = ""


class ParticipationsAnswer(Struct, frozen=True, kw_only=True):
    """The event, and the participations that began, ended or were corrected by the request."""

    schema: int = SCHEMA
    event: Event
    participations: tuple[Participation, ...]


class EventExportAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/events/{event}/export`: all that the node knows of an event."""

    schema: int = SCHEMA
    file: EventExport


class CorrectionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/corrections` (`collector.model.said.Correction`): an asset's data is to be read
    otherwise, from `from_ms` to `to_ms` (null: on and on). Which other fields count follows from
    `kind`."""

    asset: Key
    kind: CorrectionKind
    from_ms: Time
    to_ms: Time | None = None
    factor: float | None = None
    phase: Annotated[str, Meta(max_length=4)] = ""
    phases: tuple[str, str, str] | None = None
    role: AssetKind | None = None
    measurement: Annotated[str, Meta(max_length=64)] = ""
    value: float | None = None
    at_ms: Time | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=500)]


class CorrectionAnswer(Struct, frozen=True, kw_only=True):
    """A correction as it is kept."""

    schema: int = SCHEMA
    correction: Correction


class CorrectionsAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/corrections`: in the order in which they were said, also those withdrawn."""

    schema: int = SCHEMA
    corrections: tuple[Correction, ...]


class LogRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/log` (`collector.model.said.LogEntry`). `at_ms` is now, `event` the one that the
    system or asset took part in then, if left out."""

    kind: LogKind
    at_ms: Time | None = None
    event: Key = ""
    system: Key = ""
    asset: Key = ""
    value: float | None = None
    unit: Annotated[str, Meta(max_length=8)] = ""
    measurement: Annotated[str, Meta(max_length=64)] = ""
    text: Note = ""
    client: bool = False


class LogAnswer(Struct, frozen=True, kw_only=True):
    """A log entry as it is kept."""

    schema: int = SCHEMA
    entry: LogEntry


class LogListAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/log`: in order of time, also what was withdrawn."""

    schema: int = SCHEMA
    entries: tuple[LogEntry, ...]


__all__ = [
    "AccountBody",
    "AccountTariffBody",
    "BandBody",
    "BaselineBody",
    "CarbonBody",
    "CorrectionAnswer",
    "CorrectionRequest",
    "CorrectionsAnswer",
    "CreateEventRequest",
    "EditEventRequest",
    "EditParticipationRequest",
    "EventAnswer",
    "EventExportAnswer",
    "EventFields",
    "EventListed",
    "EventsAnswer",
    "FuelBody",
    "FuelKindBody",
    "ImportEventRequest",
    "JoinManyRequest",
    "JoinRequest",
    "LeaveManyRequest",
    "LogAnswer",
    "LogListAnswer",
    "LogRequest",
    "MergeRequest",
    "MomentRequest",
    "ParticipationsAnswer",
    "SetBody",
    "ShareBody",
    "TariffBody",
    "UseBody",
]
