"""Of which systems' reports an event's report is made, and whether they are there."""

from collections.abc import Sequence

from collector.events import tables
from collector.model.report_input import INPUTS_FILE, Missing, PartRef
from collector.model.report_meta import PROFILE_FILE, REPORT_FILE
from collector.model.report_state import ReportState
from collector.reports import table
from collector.reports.place import segment
from collector.reports.table import Db, Stored


def unready(db: Db, report: str) -> str:
    """Why an event's report cannot be made yet; "" when all parts are there, or failed."""
    waiting = [job.system for job in table.jobs_of_parts(db, report) if job.state != "failed"]
    if not waiting:
        return ""
    return f"it waits for {_listed(waiting)}"


def _listed(systems: Sequence[str]) -> str:
    shown = sorted(set(systems))
    more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
    return ", ".join(shown[:3]) + more


def parts(
    db: Db, report: str, event: str, node: str, from_ms: int, to_ms: int
) -> tuple[tuple[PartRef, ...], tuple[Missing, ...]]:
    """The parts of an event's report, and who of those that took part has none, with why."""
    found = {
        one.entry.participation: one
        for one in table.parts_of(db, report)
        if one.entry.state is not ReportState.PROVISIONAL
    }
    failed = {job.participation: job.reason for job in table.jobs_of_parts(db, report)}
    missing = []
    for each in tables.participations(db, event):
        outside = each.from_ms >= to_ms or (each.to_ms is not None and each.to_ms <= from_ms)
        if each.id in found or (outside and report != event):
            continue
        why = failed.get(each.id) or (
            "it is still in" if each.to_ms is None else "its report was never asked for"
        )
        if each.node != node:
            why = f"its report is on node {each.node}"
        missing.append(Missing(node=each.node, system=each.system, report=each.id, why=why))
    chosen = sorted(found.values(), key=lambda one: (one.entry.system, one.entry.from_ms))
    return tuple(_ref(one) for one in chosen), tuple(missing)


def _ref(one: Stored) -> PartRef:
    hashes = {file.name: file.sha256 for file in one.meta.files}
    entry = one.entry
    return PartRef(
        node=entry.node,
        system=entry.system,
        report=entry.id,
        revision=entry.revision,
        folder=f"{segment(entry.id)}-r{entry.revision}",
        report_sha256=hashes.get(REPORT_FILE, ""),
        profile_sha256=hashes.get(PROFILE_FILE, ""),
        inputs_sha256=hashes.get(INPUTS_FILE, ""),
    )
