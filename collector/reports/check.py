"""Whether what the reporting process wrote is a whole report, and what it says in short."""

import hashlib
import stat
from pathlib import Path

import msgspec
from msgspec import Struct

from collector.errors import OvrError
from collector.model.report_input import INPUTS_FILE
from collector.model.report_meta import META_FILE, REPORT_FILE, ReportFile, ReportMeta
from collector.model.report_state import Headline, ReportKind
from collector.reports.headline import headline_of
from collector.reports.rows_file import link_or_copy

MOST_META = 1 << 20
MOST_FILES = 64


class BadReport(OvrError):
    """What was written is no report of this job."""


class Checked(Struct, frozen=True, kw_only=True):
    """A whole report: what it says of itself with every file's true hash, and in short."""

    meta: ReportMeta
    report_sha256: str
    headline: Headline


def check(out: Path, job_folder: Path, kind: ReportKind, report: str, revision: int) -> Checked:
    """Look at all files in `out`; inputs.json joins them. May take its time: call it beside the
    event loop. Raises BadReport, and OSError when it cannot be read."""
    inputs = out / INPUTS_FILE
    if not inputs.exists():
        link_or_copy(job_folder / INPUTS_FILE, inputs)
    meta = read_meta(out)
    if (meta.report, meta.revision) != (report, revision):
        raise BadReport(
            f"what was written is revision {meta.revision} of {meta.report}, and not what was asked"
        )
    files = {one.name: one for one in (_hashed(path) for path in _listed(out))}
    for told in meta.files:
        if files.get(told.name) != told:
            raise BadReport(f"{told.name} is not what {META_FILE} says of it")
    if REPORT_FILE not in files:
        raise BadReport(f"{REPORT_FILE} is missing")
    content = (out / REPORT_FILE).read_bytes()
    try:
        headline = headline_of(kind, content)
    except msgspec.MsgspecError as error:
        raise BadReport(f"{REPORT_FILE} cannot be read: {error}") from error
    ordered = tuple(files[name] for name in sorted(files))
    return Checked(
        meta=msgspec.structs.replace(meta, files=ordered),
        report_sha256=files[REPORT_FILE].sha256,
        headline=headline,
    )


def read_meta(folder: Path) -> ReportMeta:
    """What a report's folder says of itself. Raises BadReport, and OSError."""
    path = folder / META_FILE
    if not path.exists():
        raise BadReport(f"{META_FILE} is missing: it was not finished")
    if path.stat().st_size > MOST_META:
        raise BadReport(f"{META_FILE} is larger than it can be")
    try:
        return msgspec.json.decode(path.read_bytes(), type=ReportMeta)
    except msgspec.MsgspecError as error:
        raise BadReport(f"{META_FILE} cannot be read: {error}") from error


def whole(folder: Path, files: tuple[ReportFile, ...]) -> bool:
    """Whether a revision's files are all there, unchanged."""
    try:
        return all(_hashed(folder / file.name) == file for file in files)
    except (OSError, BadReport):
        return False


def _listed(out: Path) -> list[Path]:
    """The files of a folder but for what it says of itself; anything else in it is no report."""
    found = sorted(path for path in out.iterdir() if path.name != META_FILE)
    if len(found) > MOST_FILES:
        raise BadReport(f"there are {len(found)} files where there are a few")
    return found


def _hashed(path: Path) -> ReportFile:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise BadReport(f"{path.name} is no file")
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return ReportFile(name=path.name, sha256=digest, size=found.st_size)
