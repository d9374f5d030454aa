"""Files that are written whole or not at all, by one program at a time."""

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from collector.config.problems import HomeError

BUSY_S = 5.0
_TRY_AGAIN_S = 0.02


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Only one program at a time is inside for `file`; it waits for at most 5 s.

    The lock is a file beside it (`.<name>.lock`), since `file` itself is replaced. Raises
    HomeError when the folder cannot be written or the lock is not given up.
    """
    path = file.with_name(f".{file.name}.lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as why:
        hint = f"check that {file.parent} is there, and whose it is"
        raise HomeError(f"{file}: cannot be changed: {why.strerror} ({hint})") from why
    try:
        _own_as_folder(lock, file.parent)
        deadline = time.monotonic() + BUSY_S
        while not _take(lock):
            if time.monotonic() > deadline:
                raise HomeError(f"{file}: another program keeps changing it (try again)")
            time.sleep(_TRY_AGAIN_S)
        yield
    finally:
        os.close(lock)


def replace_file(file: Path, content: bytes, *, mode: int | None = None) -> None:
    """Put `content` in the place of `file`: after a power cut it is the old file or the new one.

    Follows a symbolic link. Keeps owner and mode of the file there; a new one gets the owner of
    its folder and `mode` (default 0644). Raises HomeError when the disk or the folder refuses.
    """
    target = Path(os.path.realpath(file))
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        with os.fdopen(handle, "wb") as stream:
            _like(target, handle, mode)
            stream.write(content)
            stream.flush()
            os.fsync(handle)
        Path(temporary).replace(target)
        temporary = ""
        sync_folder(target.parent)
    except OSError as why:
        raise HomeError(f"{file}: cannot be written: {why.strerror}; the old file stands") from why
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _own_as_folder(handle: int, folder: Path) -> None:
    """What root makes in a service's folder belongs to the service."""
    mine, owner = os.fstat(handle), folder.stat()
    if (mine.st_uid, mine.st_gid) != (owner.st_uid, owner.st_gid):
        with contextlib.suppress(PermissionError):  # only root may give a file away
            os.fchown(handle, owner.st_uid, owner.st_gid)


def _take(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _like(target: Path, handle: int, mode: int | None) -> None:
    """Give the new file mode and owner of the one that it replaces."""
    try:
        old = target.stat()
        wanted = old.st_mode & 0o777 if mode is None else mode
    except FileNotFoundError:
        old = target.parent.stat()
        wanted = 0o644 if mode is None else mode
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (old.st_uid, old.st_gid):
        with contextlib.suppress(PermissionError):  # only root may give a file away
            os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, wanted)
