"""Reports by hand: what the API answers about them, in each state of the pictures."""

import msgspec

from collector.model.kinds import AssetKind
from collector.model.report_state import Headline, JobEntry, JobState, ReportEntry, ReportState
from collector.model.said import Correction, CorrectionKind
from collector.wire import CorrectionsAnswer, EventListed, EventsAnswer, ReportsAnswer
from reporting.system import system_report
from reporting.write import report_json
from tests.console.event_scene import HOSTILE, HOUR_MS, ID, State, event, shot
from tests.console.readers import HandReader
from tests.reporting.support import asset, inputs, rollup_file, row
from tests.support.kinds import ME
from tests.support.snapshots import START_MS


def entry(id_: str, system: str, revision: int = 1, **more: object) -> ReportEntry:
    """A revision of a system's report over the last 20 hours."""
    made: dict[str, object] = {
        "id": id_, "revision": revision, "kind": "system", "state": ReportState.DRAFT, "event": ID,
        "system": system, "node": "ovr-node-07", "from_ms": START_MS - 24 * HOUR_MS,
        "to_ms": START_MS - 4 * HOUR_MS, "folder": "reports/x",
        "made_ms": START_MS - 4 * HOUR_MS + 90_000, "report_sha256": "0" * 64,
        "headline": Headline(load_kwh=1615.72, peak_kw=66.21, generator_h=12.08, fuel_l=132.6,
                             saved_l=222.1, saved_kg=601.1, coverage_pct=99.6),
    }  # fmt: skip
    return ReportEntry(**(made | more))  # type: ignore[arg-type]  # each is of its field


def job(report: str, system: str, state: JobState, **more: object) -> JobEntry:
    """Work on a report, for 12 s by now."""
    made: dict[str, object] = {
        "id": f"j-{report}", "report": report, "kind": "system", "stage": "final", "state": state,
        "event": ID, "system": system, "queued_ms": START_MS - 12_000, "due_ms": START_MS - 12_000,
    }  # fmt: skip
    return JobEntry(**(made | more))  # type: ignore[arg-type]  # each is of its field


LOW = Headline(load_kwh=48.6, peak_kw=3.8, coverage_pct=61.0, blocked_by=(
    "61.0 % of the time was measured, at least 95 % are wanted",))  # fmt: skip
REPORTS = (
    entry(ID, "", kind="event", state=ReportState.PROVISIONAL),
    entry("r-1", "bess-1", state=ReportState.RELEASED, released_ms=START_MS - 2 * HOUR_MS,
          released_by="uid 1000 (kim)", release_note="by mail to Acme"),
    entry("r-2", "load-4", 2, why="sign of load-4", headline=LOW),
    entry("r-2", "load-4", 1, state=ReportState.SUPERSEDED, headline=Headline(
        load_kwh=12.1, peak_kw=1.2, coverage_pct=61.0)),
    entry("r-3", HOSTILE, kind="interim", why=HOSTILE, headline=Headline()),
)  # fmt: skip
JOBS = (job("r-4", "pv-1", JobState.RUNNING), job("r-5", "bess-2", JobState.WAITING))
FAILED = (
    job("r-4", "pv-1", JobState.FAILED, tries=5, reason="the disk is full"),
    job("r-5", "bess-2", JobState.RETRYING, tries=2, due_ms=START_MS + 60_000, reason="no memory"),
)
CORRECTIONS = (
    Correction(id="c-1", asset="load-4", kind=CorrectionKind.SIGN, phase="L2",
               from_ms=START_MS - 24 * HOUR_MS, to_ms=START_MS - 20 * HOUR_MS,
               reason="CT of L2 was clamped on backwards", person="uid 1000 (kim)",
               made_ms=START_MS - HOUR_MS),
    Correction(id="c-2", asset="bess-1", kind=CorrectionKind.FACTOR, factor=1.5, reason=HOSTILE,
               from_ms=START_MS - 24 * HOUR_MS, person="uid 1001 (jo)",
               made_ms=START_MS - 2 * HOUR_MS, withdrawn_ms=START_MS, withdrawn_by="kim"),
    Correction(id="c-3", asset="pv-1", kind=CorrectionKind.ROLE, role=AssetKind.LOAD, reason="swap",
               from_ms=START_MS - 24 * HOUR_MS, person="kim", made_ms=START_MS - 3 * HOUR_MS),
)  # fmt: skip


def reader(state: State) -> HandReader:
    """A collector with reports in every state; when `empty` with none."""
    found = HandReader(shot(state))
    jobs = FAILED if state == "alarm" else JOBS
    none = state == "empty"
    problem = "reports wait: the disk has 80 MB left" if state == "alarm" else ""
    found.answers |= {
        "/v1/me": msgspec.structs.replace(ME, role="operator"),
        "/v1/reports": ReportsAnswer(
            reports=() if none else REPORTS, jobs=() if none else jobs, problem=problem
        ),
        "/v1/events": EventsAnswer(
            events=() if none else (EventListed(event=event(), participations=()),)
        ),
        "/v1/corrections": CorrectionsAnswer(corrections=() if none else CORRECTIONS),
    }
    return found


def printed(found: HandReader) -> None:
    """Give the reader a real report of an hour with a gap, as that of bess-1."""
    watts = {minute: 4_000.0 + 300 * (minute % 40) for minute in range(60) if not 30 < minute < 36}
    rows = [row(minute, {"load_power_w": value}, {}) for minute, value in watts.items()]
    told = inputs([asset("m1", AssetKind.LOAD)])
    content = msgspec.json.encode(told)
    report, _ = system_report(told, rollup_file({"m1": rows}), content)
    found.contents["/v1/reports/r-1/report.json"] = report_json(report)
    found.contents["/v1/reports/r-1/inputs.json"] = content
