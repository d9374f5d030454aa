"""An event by hand: what the API answers about it, in each state of the pictures."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from collector.model.alarm import AlarmHealth, Rule, Severity
from collector.model.event import (
    Change,
    Conflict,
    Event,
    EventNow,
    EventStatus,
    Participation,
    SystemUse,
    UseCase,
)
from collector.model.report_state import Headline, JobEntry, JobState, ReportEntry, ReportState
from collector.model.said import LogEntry, LogKind
from collector.model.snapshot import Snapshot, Total
from collector.model.terms import Baseline, BaselineSet, FuelTerms, Terms
from collector.wire import (
    AlarmsAnswer,
    EventAnswer,
    EventListed,
    EventsAnswer,
    HistoryAnswer,
    LogListAnswer,
    ReportsAnswer,
)
from tests.console.readers import HandReader
from tests.support.kinds import ME
from tests.support.snapshots import START_MS, alarm, changed, site

State = Literal["normal", "alarm", "stale", "empty", "disconnected"]
STATES: tuple[State, ...] = ("normal", "alarm", "stale", "empty", "disconnected")
HOUR_MS = 3_600_000
ZONE = "America/Los_Angeles"
ID = "019f0000-0000-7000-8000-0000000000aa"
HOSTILE = "[/b][link=x] \u202eEvil\x1b[2J {x} 🎪" + "W" * 90
PROMPT = "was to end at 2026-06-25 14:00:00 PDT (bess-1 still in): ovr event end DW-1"


def event(**more: object) -> Event:
    """A show in its second day."""
    made: dict[str, object] = {
        "id": ID,
        "name": "Desert Weekend 1",
        "job": "DW-1",
        "client": "Acme Festivals",
        "site": "Main field",
        "timezone": ZONE,
        "status": EventStatus.ACTIVE,
        "from_ms": START_MS - 27 * HOUR_MS,
        "planned_to_ms": START_MS + 30 * HOUR_MS,
        "terms": Terms(
            baseline=Baseline(sets=(BaselineSet(name="main", rated_kw=100, count=2),)),
            fuel=FuelTerms(price_per_l=1.62),
        ),
        "systems": (
            SystemUse(system="bess-1", use_case=UseCase.HYBRIDIZATION),
            SystemUse(system="load-6", use_case=UseCase.METERING),
        ),
        "created_ms": START_MS - 50 * HOUR_MS,
        "created_by": "uid 1000 (kim)",
        "changed_ms": START_MS,
        "origin": "ovr-node-07",
        "notes": "gate 4, ask for Sam",
        "revision": 7,
    }
    return msgspec.structs.replace(
        Event(id="", name="", timezone=ZONE, created_ms=0, changed_ms=0), **(made | more)
    )


def part(id_: str, system: str, hours: float, until: float | None = None) -> Participation:
    """A system that came so many hours ago, and left."""
    return Participation(
        id=id_,
        event=ID,
        node="ovr-node-07",
        system=system,
        from_ms=START_MS - int(hours * HOUR_MS),
        to_ms=None if until is None else START_MS - int(until * HOUR_MS),
        use_case=UseCase.HYBRIDIZATION if system.startswith("bess") else UseCase.METERING,
        changed_ms=START_MS,
    )


PARTS = (
    part("p1", "bess-1", 26.5),
    part("p2", "bess-2", 26.5),
    part("p3", "load-4", 26.5, 2.0),
    part("p4", "pv-3", 1.2),
)


def change(id_: str, subject: str, field: str, before: str, after: str, **more: Any) -> Change:
    """One that kim made an hour ago, unless said otherwise."""
    made = {"at_ms": START_MS - HOUR_MS, "person": "uid 1000 (kim)", **more}
    return Change(
        id=id_, event=ID, subject=subject, field=field, before=before, after=after, **made
    )


CHANGES = (
    change("c1", "p1", "created", "", "ovr-node-07/bess-1"),
    change("c2", "p2", "created", "", "ovr-node-07/bess-2"),
    change("c3", "p3", "to_ms", "", str(START_MS - 2 * HOUR_MS)),
    change("c4", ID, "client", "Acme", "Acme Festivals", reason="full name"),
)
LOG = (
    LogEntry(
        id="l1", kind=LogKind.FUEL, at_ms=START_MS - 5 * HOUR_MS, event=ID, asset="bess-1.genset",
        value=412.5, unit="l", person="uid 1000 (kim)", made_ms=START_MS - 5 * HOUR_MS,
    ),
    LogEntry(
        id="l2", kind=LogKind.NOTE, at_ms=START_MS - 3 * HOUR_MS, event=ID, person="uid 1000 (kim)",
        text="rain [/b] from noon, tent B moved to stage A", made_ms=START_MS - 3 * HOUR_MS,
        client=True,
    ),
    LogEntry(
        id="l3", kind=LogKind.HANDOVER, at_ms=START_MS - HOUR_MS, event=ID, person="kim",
        text="genset 2 leaks oil: look every two hours", made_ms=START_MS - HOUR_MS,
    ),
    LogEntry(
        id="l4", kind=LogKind.DIP, at_ms=START_MS - 4 * HOUR_MS, event=ID, asset="bess-1.genset",
        value=62.0, unit="pct", person="kim", made_ms=START_MS - 4 * HOUR_MS,
        withdrawn_ms=START_MS - 3 * HOUR_MS, withdrawn_by="kim",
    ),
)  # fmt: skip


def reports(*, failed: bool = False) -> ReportsAnswer:
    """The report of who left, and what is being made."""
    made = ReportEntry(
        id="p3", revision=1, kind="system", state=ReportState.DRAFT, event=ID, system="load-4",
        node="ovr-node-07", participation="p3", from_ms=PARTS[2].from_ms,
        to_ms=PARTS[2].to_ms or 0, folder="reports/x", made_ms=START_MS - 2 * HOUR_MS + 20_000,
        report_sha256="0" * 64, headline=Headline(
            load_kwh=1842.0, peak_kw=126.9, fuel_l=212.0, saved_l=301.0, coverage_pct=99.2,
            blocked_by=("one counter is undecided",) if failed else (),
        ),
    )  # fmt: skip
    job = JobEntry(
        id="j1", report=ID, kind="interim", stage="final", event=ID, system="bess-1",
        state=JobState.FAILED if failed else JobState.RUNNING, queued_ms=START_MS - 40_000,
        due_ms=START_MS, reason="the disk is full" if failed else "",
    )  # fmt: skip
    return ReportsAnswer(reports=(made,), jobs=(job,))


def shot(state: State = "normal", seq: int = 0) -> Snapshot:
    """The site with the event on it."""
    found = site(20, seq, troubles=state == "alarm")
    if state == "empty":
        return found
    made = event()
    here = EventNow(
        id=ID,
        name=made.name,
        job=made.job,
        client=made.client,
        status=made.status,
        timezone=ZONE,
        from_ms=made.from_ms,
        planned_to_ms=made.planned_to_ms,
        systems=("bess-1", "bess-2", "pv-3"),
        prompt=PROMPT if state == "alarm" else "",
    )
    alarms = _alarms()[:1] if state == "alarm" else ()
    today = {
        name: Total(quantity=name, value=1.0, counted=("load-1", "load-3", "load-6"))
        for name in ("load_energy_kwh", "pv_energy_kwh")
    }
    return changed(found, events=(here,), alarms=alarms, today=today)


def _alarms() -> tuple[Any, ...]:
    return (
        alarm(id="a1"),
        alarm(
            Rule.SILENT,
            Severity.WARNING,
            "closed",
            id="a2",
            raised_ms=START_MS - 6 * HOUR_MS,
            cleared_ms=START_MS - 5 * HOUR_MS,
            text="not heard for 5 min",
            asset="bess-2",
            name="BESS 2",
        ),
    )


class SceneReader(HandReader):
    """Past values as a site has them: counters rise, a battery was low once, one meter was not
    heard for an hour."""

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int = 1
    ) -> HistoryAnswer:
        times = tuple(range(from_ms, to_ms + 1, step_s * 1000))
        hours = [(at_ms - from_ms) / HOUR_MS for at_ms in times]
        values: list[float | None] = [48_000.0 for _ in times]
        if key.endswith("_kwh"):
            values = [1000.0 + 41.5 * hour for hour in hours]
        elif key == "battery_soc_pct":
            values = [60.0 + 8 * abs(hour - 5) - (30 if asset == "bess-2" else 0) for hour in hours]
        elif key == "generator_run_s":
            values = [7200.0 + 1800 * hour for hour in hours]
        elif key == "generator_starts":
            values = [float(int(hour / 2)) for hour in hours]
        if asset in ("load-4", "bess-3"):
            values = [None if 3 < h < 4 else v for h, v in zip(hours, values, strict=True)]
        if asset == "load-3":
            values = [None if h > 6 else v for h, v in zip(hours, values, strict=True)]
        return HistoryAnswer(asset=asset, measurement=key, times=times, values=tuple(values))


def answers(state: State = "normal") -> dict[str, Struct]:
    """What the API answers to an operator."""
    prompt = PROMPT if state == "alarm" else ""
    lost = Conflict(
        subject=ID, field="client", kept="Acme Festivals", lost="ACME", lost_origin="ovr-node-02",
        lost_ms=START_MS,
    )  # fmt: skip
    conflicts = (lost,) if state == "alarm" else ()
    made = event() if state != "empty" else event(
        status=EventStatus.PLANNED, from_ms=None, systems=(), terms=Terms()
    )  # fmt: skip
    parts, changes, log = (PARTS, CHANGES, LOG) if state != "empty" else ((), (), ())
    planned = event(
        id=ID[:-1] + "b", name=HOSTILE, job="", client="[red]", status=EventStatus.PLANNED,
        from_ms=None, planned_from_ms=START_MS + 200 * HOUR_MS, planned_to_ms=None,
    )  # fmt: skip
    gone = event(
        id=ID[:-1] + "c", name="Arena", job="AR-9", status=EventStatus.ENDED,
        from_ms=START_MS - 900 * HOUR_MS, to_ms=START_MS - 850 * HOUR_MS,
    )  # fmt: skip
    first = EventListed(event=made, participations=parts, prompt=prompt, conflicts=len(conflicts))
    others = [EventListed(event=one, participations=()) for one in (planned, gone)]
    history = _alarms() if state == "alarm" else _alarms()[1:] if state != "empty" else ()
    return {
        "/v1/me": ME,
        "/v1/events": EventsAnswer(events=() if state == "empty" else (first, *others)),
        f"/v1/events/{ID}": EventAnswer(
            event=made, participations=parts, changes=changes, conflicts=conflicts, prompt=prompt
        ),
        "/v1/log": LogListAnswer(entries=log),
        "/v1/alarms": AlarmsAnswer(
            active=(), shelved=(), history=history, commissioned=(), health=AlarmHealth()
        ),
        "/v1/reports": reports(failed=state == "alarm")
        if state != "empty"
        else ReportsAnswer(reports=(), jobs=()),
    }
