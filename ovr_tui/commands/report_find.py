"""Where a report lies: named by its id or a part of it, or as a folder, with a collector or
without."""

import grp
import os
import pwd
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.report_meta import META_FILE, REPORT_FILE, ReportMeta
from collector.model.text import clean

REPORTS = "reports"
MOST_META = 1 << 20


class Lying(NamedTuple):
    """A revision of a report on this disk."""

    folder: Path
    meta: ReportMeta

    @property
    def name(self) -> str:
        """The report and its revision, for people."""
        return f"{self.meta.report} revision {self.meta.revision}"


def find(text: str, home: Home, revision: int | None = None) -> Lying:
    """The report that `text` names: a folder; else the id, or the end of the id, of a report of
    this node, in its newest revision unless `revision` says which. Raises OvrError."""
    folder = Path(text)
    if folder.is_dir():
        return _at(folder)
    below = home.state / REPORTS
    found = [one for one in all_below(below) if one.meta.report.endswith(text)]
    if revision is not None:
        found = [one for one in found if one.meta.revision == revision]
    if not found:
        which = "" if revision is None else f" with revision {revision}"
        raise OvrError(
            f"{clean(text)} is neither a folder nor a report{which} in {below}; "
            "ovr report list lists them"
        )
    ids = {one.meta.report for one in found}
    if len(ids) > 1:
        raise OvrError(f"{clean(text)} is the end of {len(ids)} ids: write more of it")
    return max(found, key=lambda one: one.meta.revision)


def forbidden(folder: Path) -> str:
    """Why a folder of reports may not be read, and what to do about it; "" if it may be or is not
    there. (What looks for files takes a folder that it may not read for an empty one.)"""
    for path in (*reversed(folder.parents), folder):
        needed = os.X_OK if path != folder else os.R_OK | os.X_OK
        try:
            kept = path.stat()
        except OSError:
            return ""
        if not os.access(path, needed):
            owner, group = _names(kept)
            return (
                f"the reports in {folder} may be read by the user {owner} and the group {group} "
                f"only: run it as that user (sudo -u {owner} ovr report …), or have yourself taken "
                f"into the group (sudo usermod -aG {group} NAME) and log in anew"
            )
    return ""


def _names(kept: os.stat_result) -> tuple[str, str]:
    """Whose a folder is; numbers where they have no name."""
    owner, group = str(kept.st_uid), str(kept.st_gid)
    with suppress(KeyError):
        owner = pwd.getpwuid(kept.st_uid).pw_name
    with suppress(KeyError):
        group = grp.getgrgid(kept.st_gid).gr_name
    return owner, group


def all_below(folder: Path) -> Iterator[Lying]:
    """Every whole report below a folder, in the order of their paths; what is being made is left
    out. Raises OvrError when the folder may not be read."""
    if refused := forbidden(folder):
        raise OvrError(refused)
    try:
        metas = sorted(folder.rglob(META_FILE))
    except OSError as why:
        raise OvrError(f"{folder} cannot be read: {why.strerror}") from why
    for path in metas:
        inside = path.parent.relative_to(folder).parts
        if any(name.startswith(".") for name in inside):
            continue
        try:
            yield _at(path.parent)
        except OvrError:
            continue  # a folder that is no report is none of this listing


def _at(folder: Path) -> Lying:
    path = folder / META_FILE
    try:
        if path.stat().st_size > MOST_META:
            raise OvrError(f"{path} is larger than any {META_FILE}")
        meta = msgspec.json.decode(path.read_bytes(), type=ReportMeta)
    except FileNotFoundError as why:
        raise OvrError(f"{folder} holds no whole report: it has no {META_FILE}") from why
    except OSError as why:
        raise OvrError(f"{path} cannot be read: {why.strerror}") from why
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise OvrError(f"{path} cannot be read: {clean(str(why), 200)}") from why
    return Lying(folder, meta)


def content(lying: Lying, name: str = REPORT_FILE) -> bytes:
    """One of its files. Raises OvrError."""
    path = lying.folder / name
    try:
        return path.read_bytes()
    except OSError as why:
        raise OvrError(f"{path} cannot be read: {why.strerror}") from why
