"""Whether a report's figures still follow from what it was computed from, figure by figure."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from collector.model.report import EventReport
from collector.model.report_input import INPUTS_FILE, EventInputs, ReportInputs, RollupFile
from collector.model.report_meta import META_FILE, PROFILE_FILE, REPORT_FILE, ReportMeta
from reporting.event import BadPart, Part, event_report, read_part
from reporting.profile import profile_csv
from reporting.system import system_report
from reporting.write import report_json

_CHUNK = 1 << 20


class CannotVerify(Exception):
    """What is needed to compute the report again is not there; the message says what."""


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that is not as it was. `path` is a file's name, or a place in report.json like
    `load.peak_window.kw`; None: it is not there at all."""

    path: str
    stored: str | None
    recomputed: str | None


def file_differences(folder: Path, meta: ReportMeta) -> Iterator[Difference]:
    """The files that are not those that were written: by sha256, missing, or added."""
    named = {one.name: one.sha256 for one in meta.files}
    there = {path.name for path in folder.iterdir() if path.is_file()} - {META_FILE}
    for name in sorted(named.keys() | there):
        found = sha256_of(folder / name) if name in there else None
        if found != named.get(name):
            yield Difference(path=name, stored=_hash(named.get(name)), recomputed=_hash(found))
    if named.get(INPUTS_FILE) not in (None, meta.inputs_sha256):
        yield Difference(
            path=f"{META_FILE} inputs_sha256",
            stored=_hash(meta.inputs_sha256),
            recomputed=_hash(named[INPUTS_FILE]),
        )


def sha256_of(path: Path) -> str:
    """The hash of a file's content. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _hash(sha256: str | None) -> str | None:
    return None if sha256 is None else f"sha256 {sha256}"


def system_differences(folder: Path, rollups: bytes) -> Iterator[Difference]:
    """A system's report in `folder`, computed again from its inputs and the file of rollups.

    Raises CannotVerify and OSError.
    """
    content = (folder / INPUTS_FILE).read_bytes()
    inputs = _decoded(content, ReportInputs)
    found = hashlib.sha256(rollups).hexdigest()
    if inputs.rollups_sha256 != found:
        yield Difference(
            path="rollups.msgpack", stored=_hash(inputs.rollups_sha256), recomputed=_hash(found)
        )
    try:
        rows = msgspec.msgpack.decode(rollups, type=RollupFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise CannotVerify(f"the file of rollups cannot be read: {why}") from why
    report, measured = system_report(inputs, rows, content)
    yield from _compared(folder / REPORT_FILE, report_json(report))
    yield from _lines(folder / PROFILE_FILE, profile_csv(measured))


def event_differences(folder: Path, parts: Sequence[Path]) -> Iterator[Difference]:
    """An event's report in `folder`, computed again from its parts, which are looked for by their
    hashes among the folders `parts`. Raises CannotVerify and OSError."""
    inputs = _decoded((folder / INPUTS_FILE).read_bytes(), EventInputs)
    before = msgspec.json.decode((folder / REPORT_FILE).read_bytes(), type=EventReport)
    wanted = {ref.report_sha256 for ref in before.parts}
    found: dict[str, Part] = {}
    for path in parts:
        report = path / REPORT_FILE
        if report.is_file() and (sha256 := sha256_of(report)) in wanted - found.keys():
            try:
                found[sha256] = read_part(path)
            except BadPart as why:
                raise CannotVerify(f"{path}: {why}") from why
    lost = [ref.system for ref in before.parts if ref.report_sha256 not in found]
    if lost:
        raise CannotVerify(f"the reports of {', '.join(sorted(lost))} are not there")
    again = event_report(inputs, found.values(), before.missing)
    yield from _compared(folder / REPORT_FILE, report_json(again))


T = TypeVar("T")


def _decoded(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise CannotVerify(f"{INPUTS_FILE} cannot be read: {why}") from why


def _compared(path: Path, computed: bytes) -> Iterator[Difference]:
    stored = path.read_bytes()
    if stored == computed:
        return
    try:
        yield from differences(msgspec.json.decode(stored), msgspec.json.decode(computed))
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise CannotVerify(f"{path.name} cannot be read: {why}") from why


def _lines(path: Path, computed: bytes) -> Iterator[Difference]:
    """The lines of a text that differ."""
    stored = path.read_bytes()
    if stored == computed:
        return
    before, now = (text.decode("utf-8", "replace").splitlines() for text in (stored, computed))
    for number in range(max(len(before), len(now))):
        one = before[number] if number < len(before) else None
        other = now[number] if number < len(now) else None
        if one != other:
            yield Difference(path=f"{path.name} line {number + 1}", stored=one, recomputed=other)


def differences(stored: object, computed: object, path: str = "") -> Iterator[Difference]:
    """Where two JSON values differ, leaf by leaf."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for name in [*stored, *(name for name in computed if name not in stored)]:
            below = f"{path}.{name}" if path else str(name)
            if name in stored and name in computed:
                yield from differences(stored[name], computed[name], below)
            else:
                yield Difference(
                    path=below,
                    stored=_said(stored[name]) if name in stored else None,
                    recomputed=_said(computed[name]) if name in computed else None,
                )
    elif isinstance(stored, list) and isinstance(computed, list):
        for index in range(max(len(stored), len(computed))):
            below = f"{path}[{index}]"
            if index < len(stored) and index < len(computed):
                yield from differences(stored[index], computed[index], below)
            else:
                yield Difference(
                    path=below,
                    stored=_said(stored[index]) if index < len(stored) else None,
                    recomputed=_said(computed[index]) if index < len(computed) else None,
                )
    elif type(stored) is not type(computed) or stored != computed:
        yield Difference(path=path, stored=_said(stored), recomputed=_said(computed))


def _said(value: object) -> str:
    return msgspec.json.encode(value).decode()
