"""What travels when people ask for reports."""

from typing import Annotated

from msgspec import Meta, Struct

from collector.model.report_state import JobEntry, ReportEntry
from collector.wire.base import SCHEMA, Reason, Time

ReportId = Annotated[str, Meta(max_length=140)]
Revision = Annotated[int, Meta(ge=1, le=1_000_000)]


class ReportsAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/reports`: every revision, that of the latest window first, and what is being done or
    to be done. `problem` says in words what does not go on ("": nothing)."""

    schema: int = SCHEMA
    reports: tuple[ReportEntry, ...]
    jobs: tuple[JobEntry, ...]
    problem: str = ""


class BuildRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/reports`: `report` once more; else of `event` (id, job code or name), or of
    `system` in it, the report that is due. With `from_ms` or `to_ms` an interim one of that window
    in whole minutes (what is left out: from the beginning, until now), which ends nothing."""

    report: ReportId = ""
    event: Annotated[str, Meta(max_length=200)] = ""
    system: ReportId = ""
    from_ms: Time | None = None
    to_ms: Time | None = None
    reason: Reason = ""


class JobsAnswer(Struct, frozen=True, kw_only=True):
    """The jobs that make what was asked for."""

    schema: int = SCHEMA
    jobs: tuple[JobEntry, ...]


class ReleaseRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/reports/release`: without `revision` the newest. With `force` and a `note` that
    says why also one that is blocked."""

    report: ReportId
    revision: Revision | None = None
    note: Reason = ""
    force: bool = False


class ReportAnswer(Struct, frozen=True, kw_only=True):
    """One revision as it stands now."""

    schema: int = SCHEMA
    report: ReportEntry


class VerifyRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/reports/verify`: without `revision` the newest."""

    report: ReportId
    revision: Revision | None = None


class VerifyAnswer(Struct, frozen=True, kw_only=True):
    """The revision's job, written anew from what is stored now in `folder`; its files lie in `of`
    (both relative to the state folder). `same`: its inputs are what the revision was made of; else
    `differs` names what is otherwise."""

    schema: int = SCHEMA
    report: str
    revision: int
    folder: str
    of: str
    same: bool
    differs: tuple[str, ...] = ()
