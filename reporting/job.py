"""One job: a folder's input files to a folder `out/` with a whole report.

The only part of the package that touches the disk. A file is on the disk before the next one is
begun, and `report.meta.json` is written last: a folder that has it is whole.
"""

import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from collector import __version__
from collector.model.report import EventReport, SystemReport
from collector.model.report_input import (
    INPUTS_FILE,
    INPUTS_SCHEMA,
    OUT_FOLDER,
    ROLLUPS_FILE,
    STANDING_FILE,
    Brand,
    EventInputs,
    ReportInputs,
    RollupFile,
)
from collector.model.report_meta import (
    META_FILE,
    PROFILE_FILE,
    REPORT_FILE,
    ReportFile,
    ReportMeta,
)
from collector.model.report_state import Standing

T = TypeVar("T")
_DRAWN_BY = ("typst", "matplotlib", "jinja2", "babel", "msgspec")


class BadJob(ValueError):
    """A job's files do not make a report; the message says which and why."""


class _Kind(Struct):
    kind: str
    schema: int = INPUTS_SCHEMA


class _Branded(Struct):
    brand: Brand = Brand()


class Made(Struct, frozen=True, kw_only=True):
    """A report and its files, by name, as they are made."""

    report: SystemReport | EventReport
    files: Iterator[tuple[str, bytes]]


def make(folder: Path, built_ms: int, took_ms: Callable[[], int]) -> ReportMeta:
    """Write `folder`/out anew. `built_ms` is the time for `report.meta.json` (UTC ms), `took_ms()`
    how long it has taken when that is asked.

    Raises BadJob for files that do not make a report, and OSError.
    """
    content = _read(folder / INPUTS_FILE)
    made = _made(folder, content)
    out = folder / OUT_FOLDER
    if out.exists():
        shutil.rmtree(out)
    out.mkdir()
    files = [_written(out, INPUTS_FILE, content)]
    files += [_written(out, name, text) for name, text in made.files]
    head = made.report.head
    meta = ReportMeta(
        report=head.report,
        revision=head.revision,
        schema=made.report.schema,
        method=made.report.method,
        built_ms=built_ms,
        took_ms=took_ms(),
        versions=versions(),
        inputs_sha256=hashlib.sha256(content).hexdigest(),
        files=tuple(sorted(files, key=lambda file: file.name)),
    )
    _written(out, META_FILE, msgspec.json.format(msgspec.json.encode(meta), indent=2))
    _sync(out)
    _sync(folder)
    return meta


def versions() -> dict[str, str]:
    """Of the program and of what is loaded that it draws with; "" of what does not tell."""
    found = {"python": platform.python_version(), "ovr-tele": __version__}
    return found | {name: getattr(sys.modules.get(name), "__version__", "") for name in _DRAWN_BY}


def _made(folder: Path, content: bytes) -> Made:
    told = _decoded(content, _Kind, INPUTS_FILE)
    if told.schema != INPUTS_SCHEMA:
        raise BadJob(f"{INPUTS_FILE} has format {told.schema}; this program reads {INPUTS_SCHEMA}")
    standing = None
    if (folder / STANDING_FILE).exists():
        standing = _decoded(_read(folder / STANDING_FILE), Standing, STANDING_FILE)
    if (folder / REPORT_FILE).exists():
        return _again(folder, _decoded(content, _Branded, INPUTS_FILE).brand, standing)
    if told.kind == "event":
        return _event(folder, _decoded(content, EventInputs, INPUTS_FILE), standing)
    return _system(folder, content, standing)


def _again(folder: Path, brand: Brand, standing: Standing | None) -> Made:
    """HTML and PDF of a report that is there already, beside its other files as they are."""
    from reporting.document import decoded
    from reporting.write import documents

    kept = [
        (name, (folder / name).read_bytes())
        for name in (REPORT_FILE, PROFILE_FILE)
        if (folder / name).exists()
    ]
    try:
        report = decoded(kept[0][1])
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise BadJob(f"{REPORT_FILE} cannot be read: {why}") from why
    return Made(report=report, files=chain(kept, documents(report, brand, standing)))


def _system(folder: Path, content: bytes, standing: Standing | None) -> Made:
    from reporting.profile import profile_csv
    from reporting.system import system_report
    from reporting.write import system_files

    inputs = _decoded(content, ReportInputs, INPUTS_FILE)
    packed = _read(folder / ROLLUPS_FILE)
    if inputs.rollups_sha256 and hashlib.sha256(packed).hexdigest() != inputs.rollups_sha256:
        raise BadJob(f"{ROLLUPS_FILE} is not the file that {INPUTS_FILE} was written for")
    try:
        rollups = msgspec.msgpack.decode(packed, type=RollupFile)
    except msgspec.MsgspecError as why:
        raise BadJob(f"{ROLLUPS_FILE} cannot be read: {why}") from why
    report, measured = system_report(inputs, rollups, content)
    files = system_files(report, profile_csv(measured), inputs.brand, standing)
    return Made(report=report, files=files)


def _event(folder: Path, inputs: EventInputs, standing: Standing | None) -> Made:
    from reporting.event import event_report, read_parts
    from reporting.write import event_files

    read = read_parts(inputs, folder)
    report = event_report(inputs, read.parts, read.missing)
    return Made(report=report, files=event_files(report, inputs.brand, standing))


def _decoded(content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise BadJob(f"{name} cannot be read: {why}") from why


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as why:
        raise BadJob(f"{path.name} is missing in {path.parent}") from why


def _written(out: Path, name: str, content: bytes) -> ReportFile:
    """Write a file so that it is on the disk under its name, or not there at all."""
    path, beside = out / name, out / f".{name}"
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.rename(path)
    return ReportFile(name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk too."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
