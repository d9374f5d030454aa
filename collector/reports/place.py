"""Where reports lie, and how files come there so that a crash at any point leaves one whole report.

A folder appears by one rename, and one takes another's place by one exchange; both are durable
before the row is committed that speaks of them. What a crash leaves behind lies below `.jobs`.
"""

import ctypes
import errno
import hashlib
import os
import re
import shutil
from pathlib import Path

import structlog

from collector.model.report_meta import ReportMeta
from collector.model.report_state import ReportKind

REPORTS = "reports"
JOBS = ".jobs"
AT_FDCWD = -100
RENAME_EXCHANGE = 2
_PLAIN = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")
_MADE = "x-"

log = structlog.get_logger("reports")


def segment(text: str) -> str:
    """An id as the name of a folder: itself where it is plain, else one made of its hash. So no id
    leads anywhere else, and no two share a folder."""
    if _PLAIN.match(text) and not text.startswith(_MADE):
        return text
    return _MADE + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def folder_of(kind: ReportKind, event: str, system: str, report: str, revision: int) -> str:
    """Where a revision lies, relative to the state folder."""
    below = f"{REPORTS}/{segment(event)}"
    name = f"{segment(report)}-r{revision}"
    if kind == "event" and report == event:
        return f"{below}/event-r{revision}"
    if kind == "system":
        return f"{below}/systems/{segment(system)}/{name}"
    return f"{below}/interim/{name}"


def folder_of_other(event: str, node: str, system: str, meta: ReportMeta) -> str:
    """The same of a revision that another node made."""
    name = f"{segment(meta.report)}-r{meta.revision}"
    return f"{REPORTS}/{segment(event)}/nodes/{segment(node)}/{segment(system)}/{name}"


def sync_folder(folder: Path) -> None:
    """What the folder lists is durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_all(folder: Path) -> None:
    """All files of a folder, and what it lists, are durable. Raises OSError."""
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def put(out: Path, target: Path) -> None:
    """`out` becomes `target`, durably; what was there is at `out` then. Raises OSError."""
    for parent in reversed([target.parent, *target.parent.parents]):
        if not parent.exists():
            parent.mkdir(mode=0o755)
            sync_folder(parent.parent)
    if target.exists():
        exchange(out, target)
    else:
        out.rename(target)
    sync_folder(target.parent)
    sync_folder(out.parent)


def exchange(one: Path, other: Path) -> None:
    """Two folders take each other's place, in one step. Raises OSError.

    Where the file system cannot do it in one step, `other` is away for a moment: what lies at its
    name with `.was` is it then, and comes back at the next start (`restore`).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.renameat2(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE)
    if done == 0:
        return
    number = ctypes.get_errno()
    if number not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(number, os.strerror(number), str(other))
    aside = other.with_name(other.name + ".was")
    other.rename(aside)
    one.rename(other)
    aside.rename(one)


def put_back(out: Path, target: Path, *, there: bool) -> None:
    """Undo `put`; `there`: something was at `target` before. Raises OSError."""
    if there:
        exchange(out, target)
    else:
        target.rename(out)


def restore(target: Path) -> None:
    """End what `exchange` may have begun without one step. Raises OSError."""
    aside = target.with_name(target.name + ".was")
    if aside.exists() and not target.exists():
        aside.rename(target)
        sync_folder(target.parent)


def remove(folder: Path) -> None:
    """Delete a folder with all in it. What cannot be deleted stays, and is told."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        log.warning("{folder} cannot be deleted", folder=str(folder), cause=str(error))


def write_file(path: Path, content: bytes) -> None:
    """Replace a file as a whole, durably. Raises OSError."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.rename(path)
    sync_folder(path.parent)
