"""Writing a report's files out: each whole or not at all, and the one that was made."""

import asyncio
import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path

from msgspec import Struct

from collector.errors import ApiError
from collector.model.report_input import INPUTS_FILE
from collector.model.report_meta import META_FILE, PROFILE_FILE, REPORT_FILE, ReportFile, ReportMeta
from collector.model.report_state import ReportEntry
from ovr_tui.console.format import size
from ovr_tui.console.link import Reader
from ovr_tui.console.reports.files import ReportFiles, where

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
"""What a file of a report can be called; nothing else is ever written."""
SPARE = 1 << 20
CHOICES = {
    "client": "client's edition: report.pdf, report.html",
    "both": "client's and internal edition",
    "all": "everything, with data and hashes",
}
_ENDS = (".pdf", ".html")


class Part(Struct, frozen=True):
    """One report to be written: its files, into a folder of its own."""

    entry: ReportEntry
    folder: str
    files: tuple[ReportFile, ...]


class Progress(Struct, frozen=True):
    """How far it is: the file that is written now, bytes done and in all, files whole by now."""

    file: str
    done: int
    total: int
    written: tuple[str, ...]


def plain(text: str, least: str) -> str:
    """Text as a part of a folder's name, on any file system."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("._-")[:60] or least


def folder_of(entry: ReportEntry, event: str) -> str:
    """What a revision's folder is called."""
    system = plain(entry.system, "system") if entry.system else "event"
    kind = "-interim" if entry.interim else ""
    return f"{plain(event, 'event')}-{system}{kind}-{entry.id[-6:]}-r{entry.revision}"


def chosen(meta: ReportMeta, which: str) -> tuple[ReportFile, ...]:
    """The files of a choice, those with a possible name only."""
    files = [file for file in meta.files if NAME.match(file.name)]
    if which == "client":
        return tuple(file for file in files if file.name in ("report.pdf", "report.html"))
    if which == "both":
        return tuple(file for file in files if file.name.endswith(_ENDS))
    known = {REPORT_FILE, PROFILE_FILE, INPUTS_FILE}
    return tuple(f for f in files if f.name.endswith((*_ENDS, ".json", ".csv")) or f.name in known)


async def parts(
    reader: Reader, files: ReportFiles, entries: Sequence[tuple[ReportEntry, str]], which: str
) -> list[Part]:
    """What is to be written. Raises ApiError; also for a report without any such file."""
    out = []
    for entry, event in entries:
        meta = await files.meta(reader, entry)
        found = chosen(meta, which)
        if not found:
            raise ApiError(f"{entry.system or 'the event'}: the report has no such files")
        out.append(Part(entry, folder_of(entry, event), found))
    return out


async def write(
    reader: Reader, parts: Sequence[Part], to: Path, which: str, tell: Callable[[Progress], None]
) -> list[Path]:
    """Write all parts below `to`, which is made if need be; the files that are there then. Raises
    ApiError with what is wrong. Who cancels this finds whole files only."""
    total = sum(file.size for part in parts for file in part.files)
    try:
        await asyncio.to_thread(to.mkdir, parents=True, exist_ok=True)
        free = await asyncio.to_thread(_free, to)
    except OSError as error:
        raise ApiError(f"{to} cannot be written: {error.strerror}") from error
    if total + SPARE > free:
        raise ApiError(f"{size(total)} are to be written, and {to} has {size(free)} free")
    written: list[Path] = []
    done = 0
    for part in parts:
        folder = to / part.folder
        for file in part.files:
            done = await _one(reader, part, file, folder, written, done, total, tell)
            written.append(folder / file.name)
        if which == "all":
            written.append(await _meta(reader, part, folder))
    try:
        await asyncio.to_thread(_settle, {path.parent for path in written} | {to})
    except OSError as error:
        raise ApiError(f"{to}: {error.strerror}") from error
    return written


async def _one(
    reader: Reader,
    part: Part,
    file: ReportFile,
    folder: Path,
    written: Sequence[Path],
    done: int,
    total: int,
    tell: Callable[[Progress], None],
) -> int:
    names = tuple(f"{path.parent.name}/{path.name}" for path in written)
    found = hashlib.sha256()
    with _whole(folder / file.name) as (descriptor, keep):
        async with aclosing(
            reader.chunks(where(part.entry, file.name), revision=part.entry.revision)
        ) as chunks:
            async for chunk in chunks:
                found.update(chunk)
                await asyncio.to_thread(_put, descriptor, chunk)
                done += len(chunk)
                tell(Progress(f"{part.folder}/{file.name}", done, total, names))
        if found.hexdigest() != file.sha256:
            raise ApiError(f"{file.name} is not the one that was made: verify the report")
        await asyncio.to_thread(os.fsync, descriptor)
        keep()
    return done


async def _meta(reader: Reader, part: Part, folder: Path) -> Path:
    """The hashes, so that whoever gets the folder can verify it."""
    content = bytearray()
    async with aclosing(
        reader.chunks(where(part.entry, META_FILE), revision=part.entry.revision)
    ) as chunks:
        async for chunk in chunks:
            content += chunk
    with _whole(folder / META_FILE) as (descriptor, keep):
        await asyncio.to_thread(_put, descriptor, bytes(content))
        await asyncio.to_thread(os.fsync, descriptor)
        keep()
    return folder / META_FILE


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[tuple[int, Callable[[], None]]]:
    """A new file beside `path` that takes its place when it is kept, and goes otherwise."""
    beside = path.with_name(f".{path.name}.part")
    kept: list[bool] = []
    descriptor = -1
    try:
        path.parent.mkdir(exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(beside, flags, 0o644)
        yield descriptor, lambda: kept.append(True)
        if kept:
            beside.replace(path)
    except OSError as error:
        raise ApiError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        with contextlib.suppress(OSError):
            beside.unlink()


def _put(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _free(folder: Path) -> int:
    space = os.statvfs(folder)
    return space.f_frsize * space.f_bavail


def _settle(folders: set[Path]) -> None:
    """Names are on the disk too, and so is what the disk's own file system keeps for later."""
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with contextlib.suppress(OSError):  # some file systems have no such thing
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
    os.sync()
