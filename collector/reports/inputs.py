"""`inputs.json`: everything that a report is made of but the rollups, read in one transaction.

The same state of `node.db` gives the same bytes. What devices tell of themselves (models, how a
meter is set, how their assets lie to each other) is taken as it was then, by what the node has kept
of it, and the assets as the report's former revision has them where there is one.
"""

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct, structs

from collector.assignments import table as assignments
from collector.errors import OvrError
from collector.events import tables
from collector.model.assignment import Fact, Timeline
from collector.model.event import Event, EventStatus
from collector.model.report_input import AssetInput, EventInputs, ReportInputs
from collector.model.report_state import ReportState
from collector.reports import said, table
from collector.reports.former import Former
from collector.reports.lying import assets_of, links_of, within
from collector.reports.members import Known, described, members, neighbours
from collector.reports.parts import parts
from collector.reports.table import Db, Job
from collector.rollups import Subject, holds
from collector.rollups import tables as rollups


class Impossible(OvrError):
    """A report that can never be made as it was asked for."""


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be built: the inputs, but for the hash of their rollups."""

    inputs: ReportInputs | EventInputs
    replaces: bool = False
    """It takes the place of a revision's files: of the provisional ones, or of damaged ones."""
    was: str = ""
    """The hash of the inputs of the newest revision that is none of these; "" for none."""

    @property
    def assets(self) -> tuple[str, ...]:
        """Whose rows are needed."""
        own = self.inputs
        return tuple(one.id for one in own.assets) if isinstance(own, ReportInputs) else ()


def plan(db: Db, job: Job, known: Known, former: Former, upto_ms: int) -> Plan:
    """What is to be built for a job. `former` is what the report's newest revision knew, `upto_ms`
    how far data reach now.

    Raises Impossible when the job's event or participation is not there.
    """
    event = tables.event(db, job.event)
    if event is None:
        raise Impossible(f"event {job.event} is not on this node any more")
    done = table.newest(db, job.report)
    revision, replaces = 1, False
    if done is not None:
        replaces = done.entry.state is ReportState.PROVISIONAL or (job.anew and not job.next)
        revision = done.entry.revision + (not replaces)
    if job.kind == "event":
        inputs: ReportInputs | EventInputs = _of_event(db, job, event, known, revision)
    else:
        inputs = _of_system(db, job, event, known, former, revision, upto_ms)
    return Plan(inputs=inputs, replaces=replaces, was="" if done is None else done.inputs_sha256)


def _of_event(db: Db, job: Job, event: Event, known: Known, revision: int) -> EventInputs:
    found, missing = parts(db, job.report, event.id, known.node, job.from_ms, job.to_ms)
    return EventInputs(
        report=job.report,
        revision=revision,
        stage=job.stage,
        node=known.node,
        site=known.site,
        event=event,
        from_ms=job.from_ms,
        to_ms=job.to_ms,
        parts=found,
        missing=missing,
        log=said.event_log(db, event.id, job.from_ms, job.to_ms),
        brand=known.brand,
    )


def _of_system(
    db: Db,
    job: Job,
    event: Event,
    known: Known,
    former: Former,
    revision: int,
    upto_ms: int,
) -> ReportInputs:
    one = tables.participation(db, job.participation)
    if one is None:
        raise Impossible(f"participation {job.participation} is not on this node any more")
    timeline = Timeline(assignments.select(db))
    subjects = tuple(rollups.tracks(db).values())
    hold = holds.find(db, one.id)
    held = () if hold is None else hold.assets
    window = (job.from_ms, job.to_ms)
    own = members(timeline, subjects, known, held, job.system, *window)
    tracked = {subject.asset for subject in subjects}
    links = within(links_of(known, former, tracked), *window)
    near = neighbours(timeline, links, own, *window)
    named = tuple(sorted({*own, *near}))
    about = assets_of(known, former, max(job.from_ms, job.to_ms - 1))
    return ReportInputs(
        kind="interim" if job.kind == "interim" else "system",
        report=job.report,
        revision=revision,
        stage=job.stage,
        node=known.node,
        site=known.site,
        system=job.system,
        system_name=_name(about, job.system),
        use_case=one.use_case,
        event=event,
        participation=one,
        from_ms=job.from_ms,
        to_ms=job.to_ms,
        upto_ms=min(job.to_ms, upto_ms),
        assets=tuple(_asset(timeline, about, subjects, id_, job) for id_ in named),
        assignments=tuple(
            held
            for held in timeline.held(*window)
            if held.asset in named or _device_of(held.asset, held.what, named)
        ),
        links=tuple(link for link in links if {link.asset, link.other} <= set(named)),
        corrections=said.corrections(db, known.node, named, *window),
        log=said.log(db, known.node, event.id, job.system, named, *window),
        sign_offs=said.sign_offs(db, named, job.to_ms),
        alerts=said.alerts(db, named, *window),
        actions=said.actions(db, named, *window),
        doubts=said.doubts(db, named, *window),
        changes=said.changes(db, event, (event.id, one.id)),
        limits=known.limits,
        brand=known.brand,
        notes=known.notes,
    )


def _asset(
    timeline: Timeline,
    about: Mapping[str, AssetInput],
    subjects: tuple[Subject, ...],
    asset: str,
    job: Job,
) -> AssetInput:
    return described(timeline, about, subjects, asset, max(job.from_ms, job.to_ms - 1))


def _device_of(asset: str, what: Fact, named: tuple[str, ...]) -> bool:
    """Whether something said of a device holds for one of its other assets."""
    return what is Fact.SYSTEM and any(one.startswith(f"{asset}.") for one in named)


def _name(about: Mapping[str, AssetInput], system: str) -> str:
    main = about.get(system)
    return system if main is None else main.name or system


def identity(inputs: ReportInputs | EventInputs) -> str:
    """The sha256 of what figures follow from: the inputs without their own revision, and without
    what of the event does not concern this report. Two builds with the same one say the same."""
    event = structs.replace(
        inputs.event,
        status=EventStatus.ENDED,
        to_ms=inputs.event.to_ms if isinstance(inputs, EventInputs) else None,
        planned_from_ms=None,
        planned_to_ms=None,
        systems=(),
        revision=0,
        changed_ms=0,
    )
    same: ReportInputs | EventInputs = structs.replace(
        inputs, revision=0, stage="final", event=event
    )
    if isinstance(same, ReportInputs):
        one = same.participation
        plain = None if one is None else structs.replace(one, revision=0, changed_ms=0)
        same = structs.replace(same, upto_ms=same.to_ms, participation=plain)
    return hashlib.sha256(msgspec.json.encode(same, order="deterministic")).hexdigest()
