"""After a crash: each report whole, and nothing left over. Run before any work begins."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from collector.model.report_input import INPUTS_FILE, OUT_FOLDER
from collector.model.report_meta import META_FILE
from collector.reports import table
from collector.reports.check import BadReport, read_meta
from collector.reports.place import JOBS, REPORTS, folder_of, put, remove, restore, write_file
from collector.reports.table import Db, Job, Stored

log = structlog.get_logger("reports")


class Rows(Struct, frozen=True, kw_only=True):
    """What `node.db` says: each revision, and each job by its report."""

    revisions: Sequence[Stored]
    jobs: Mapping[str, Job]


class _Which(Struct):
    """Of which revision a folder is."""

    report: str
    revision: int


def read_rows(db: Db) -> Rows:
    """Everything there is."""
    return Rows(
        revisions=table.listed(db, None, -1), jobs={job.report: job for job in table.jobs(db)}
    )


def recover(state: Path, rows: Rows) -> None:
    """Bring the files below `state` to what the rows say. May block. Raises OSError.

    A folder that came to its place and whose row was not committed goes again, its job is there
    still; one that was exchanged comes back. Other folders without a row stay: their rows may be
    in a `node.db` that was set aside.
    """
    known = {(one.entry.id, one.entry.revision): one for one in rows.revisions}
    left = sorted((state / REPORTS / JOBS).glob("*"))
    for folder in left:
        which = _which(folder)
        if which is not None:
            _settle(state, folder, which, known, rows)
        remove(folder)
    for one in rows.revisions:
        tell(state, one)
    if left:
        log.info("What a crash left of reports is removed: {folders} folders.", folders=len(left))


def _which(folder: Path) -> _Which | None:
    try:
        return msgspec.json.decode((folder / INPUTS_FILE).read_bytes(), type=_Which)
    except (OSError, msgspec.MsgspecError):
        return None


def _settle(
    state: Path,
    folder: Path,
    which: _Which,
    known: Mapping[tuple[str, int], Stored],
    rows: Rows,
) -> None:
    one = known.get((which.report, which.revision))
    out = folder / OUT_FOLDER
    if one is not None:
        target = state / one.entry.folder
        restore(target)
        if _is(out, one) and not _is(target, one):
            put(out, target)
        return
    job = rows.jobs.get(which.report)
    if job is not None:
        path = folder_of(job.kind, job.event, job.system, job.report, which.revision)
        remove(state / path)


def _is(folder: Path, one: Stored) -> bool:
    """Whether the folder has this revision's files, as far as it says so itself."""
    try:
        found = read_meta(folder)
        there = all((folder / file.name).exists() for file in one.meta.files)
    except (OSError, BadReport):
        return False
    return there and (found.built_ms, found.inputs_sha256) == (
        one.meta.built_ms,
        one.meta.inputs_sha256,
    )


def tell(state: Path, one: Stored) -> None:
    """Have `report.meta.json` say how the revision stands, if it is there and does not. May block.
    What the disk refuses is told in the log: the row is what counts."""
    path = state / one.entry.folder / META_FILE
    content = meta_bytes(one)
    try:
        if path.exists() and path.read_bytes() != content:
            write_file(path, content)
    except OSError as error:
        log.warning(
            "How a report stands cannot be written into {file}", file=str(path), cause=str(error)
        )


def meta_bytes(one: Stored) -> bytes:
    """The content of `report.meta.json`."""
    return msgspec.json.format(msgspec.json.encode(one.meta), indent=2) + b"\n"
