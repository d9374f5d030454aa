"""Files of records: found whole and unchanged below the state folder, and brought to the cloud."""

import asyncio
import hashlib
import stat
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

from collector.errors import OvrError
from collector.model.cloud import BlobRef
from collector.model.outbox import FileRef
from collector.outbox.door import Door
from collector.outbox.table import Waiting

PIECE_BYTES = 256 << 10
PACK_BYTES = 4 << 20
"""Files up to this size that compress well are read whole and sent compressed."""
PACKABLE = frozenset({".html", ".json", ".csv", ".txt", ".svg", ".xml"})


class FileLost(OvrError):
    """A file is not what its record says; trying again does not help before a person acts."""


async def attach(record: Waiting, state: Path, door: Door) -> tuple[BlobRef, ...]:
    """Bring all contents of `record` to the cloud, and say what they are.

    Raises FileLost, and what `Door.blob` raises.
    """
    found: list[BlobRef] = []
    for name, content in record.blobs.items():
        sha256 = hashlib.sha256(content).hexdigest()
        await door.blob(sha256, content)
        found.append(BlobRef(name=name, sha256=sha256, size=len(content)))
    for file in record.files:
        path = await asyncio.to_thread(verified, state, file)
        if path.suffix in PACKABLE and file.size <= PACK_BYTES:
            await door.blob(file.sha256, await asyncio.to_thread(_whole, path, file))
        else:
            await door.stream(file.sha256, file.size, partial(pieces, path, file))
        found.append(BlobRef(name=file.name, sha256=file.sha256, size=file.size))
    return tuple(found)


def verified(state: Path, file: FileRef) -> Path:
    """Where the content of `file` is, unchanged. Raises FileLost."""
    try:
        path = (state / file.path).resolve(strict=True)
        if not path.is_relative_to(state.resolve()):
            raise FileLost(f"{file.path} is not within the state folder: it is not sent")
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise FileLost(f"{file.path} is no file: it is not sent")
        if found.st_size != file.size:
            raise _changed(file)
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error
    if digest != file.sha256:
        raise _changed(file)
    return path


def _changed(file: FileRef) -> FileLost:
    return FileLost(f"{file.path} was changed after its record: build it again, then send again")


def _whole(path: Path, file: FileRef) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(file, error) from error


async def pieces(path: Path, file: FileRef) -> AsyncGenerator[bytes, None]:
    """The `size` bytes of the file, read beside the event loop. Raises FileLost."""
    left = file.size
    try:
        with await asyncio.to_thread(path.open, "rb") as content:
            while left and (piece := await asyncio.to_thread(content.read, min(PIECE_BYTES, left))):
                left -= len(piece)
                yield piece
    except OSError as error:
        raise _unreadable(file, error) from error
    if left:
        raise FileLost(f"{file.path} was cut short while it was sent: build it again")


def _unreadable(file: FileRef, error: Exception) -> FileLost:
    why = "is missing" if isinstance(error, FileNotFoundError) else f"cannot be read ({error})"
    return FileLost(f"{file.path} {why}: bring it back or build it again, then send again")
