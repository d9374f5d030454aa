"""The systems' reports that an event's report is made of: read, checked against their hashes.

A part is a folder with `report.json`, `profile.csv` and `inputs.json`, of this node or another.
What is missing, damaged or of another event is named and left out; it never stops the rest.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import Struct, structs

from collector.model.report import SystemReport
from collector.model.report.system import REPORT_SCHEMA
from collector.model.report_input import (
    INPUTS_FILE,
    INPUTS_SCHEMA,
    PARTS_FOLDER,
    EventInputs,
    Missing,
    PartRef,
    ReportInputs,
)
from collector.model.report_meta import PROFILE_FILE, REPORT_FILE
from collector.model.text import clean
from reporting.profile import BadProfile, ProfileTable, read_profile

MOST_BYTES = 1 << 30


class BadPart(Exception):
    """A folder that holds no usable report; the message says why."""


class Part(Struct, frozen=True, kw_only=True):
    """One system's report. `profile` reads its minutes (raises BadPart): they are large, and only
    one system's are needed at a time."""

    ref: PartRef
    report: SystemReport
    inputs: ReportInputs
    profile: Callable[[], ProfileTable]

    @property
    def name(self) -> str:
        """The system, `node/system`."""
        return f"{self.ref.node}/{self.ref.system}"

    @property
    def order(self) -> tuple[str, str, int, int, str, int]:
        """What parts are put in order by, wherever their folders lie."""
        head = self.report.head
        ref = self.ref
        return ref.node, ref.system, head.from_ms, head.to_ms, ref.report, ref.revision


class Read(NamedTuple):
    """The parts in order, and what is missing, with the reason."""

    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]


def read_parts(inputs: EventInputs, folder: Path) -> Read:
    """The parts of a job in `folder` that are whole and those that are not. Raises nothing for a
    part that cannot be read: its reason is in `missing`."""
    found: list[Part] = []
    missing = list(inputs.missing)
    for ref in inputs.parts:
        try:
            found.append(read_part(folder / PARTS_FOLDER / ref.folder, ref))
        except BadPart as why:
            missing.append(_missing(ref, str(why)))
    return chosen(inputs, found, missing)


def chosen(inputs: EventInputs, parts: Iterable[Part], missing: Iterable[Missing]) -> Read:
    """Of one participation the newest revision; nothing of another event; and of two reports of
    one system that overlap in time the one that begins first, for the same energy must not count
    twice. What is left out is named."""
    lost = list(missing)
    newest: dict[tuple[str, str, str], Part] = {}
    for part in sorted(parts, key=lambda part: (part.order, part.ref.report_sha256)):
        name = part.ref.node, part.ref.system, part.ref.report
        other = newest.get(name)
        if part.inputs.event.id != inputs.event.id and not _same_job(part.inputs, inputs):
            lost.append(_missing(part.ref, f"it is of another event ({_event_of(part)})"))
            continue
        if other is not None:
            older = min((other, part), key=lambda one: (one.ref.revision, one.ref.report_sha256))
            newest[name] = part if older is other else other
            if older.ref.report_sha256 != newest[name].ref.report_sha256:
                lost.append(_missing(older.ref, f"revision {older.ref.revision} is not the newest"))
        else:
            newest[name] = part
    kept: list[Part] = []
    ends: dict[str, int] = {}
    for part in sorted(newest.values(), key=lambda part: part.order):
        head = part.report.head
        if head.from_ms < ends.get(part.name, head.from_ms):
            why = "its time overlaps that of another report of this system, which counts"
            lost.append(_missing(part.ref, why))
            continue
        ends[part.name] = head.to_ms
        kept.append(part)
    unique = {(one.node, one.system, one.report, one.why): one for one in lost}
    return Read(tuple(kept), tuple(unique[key] for key in sorted(unique)))


def _same_job(part: ReportInputs, event: EventInputs) -> bool:
    """Events that were created apart with one job code are one event (DESIGN §11)."""
    return bool(event.event.job) and part.event.job == event.event.job


def _event_of(part: Part) -> str:
    event = part.inputs.event
    return clean(event.job or event.name or event.id, 40)


def _missing(ref: PartRef, why: str) -> Missing:
    return Missing(node=ref.node, system=ref.system, report=ref.report, why=why)


def canonical(inputs: EventInputs) -> EventInputs:
    """The inputs whatever the order of their parts and the names of their folders."""
    refs = sorted(
        (structs.replace(ref, folder=folder_name(ref)) for ref in inputs.parts),
        key=lambda ref: (ref.node, ref.system, ref.report, ref.revision, ref.report_sha256),
    )
    missing = sorted(inputs.missing, key=lambda one: (one.node, one.system, one.report, one.why))
    log = sorted(inputs.log, key=lambda one: (one.at_ms, one.id))
    return structs.replace(inputs, parts=tuple(refs), missing=tuple(missing), log=tuple(log))


def folder_name(ref: PartRef) -> str:
    """A name for a part's folder that does not depend on its place among others."""
    return f"{ref.report}-r{ref.revision}"


def read_part(folder: Path, ref: PartRef | None = None) -> Part:
    """The report in `folder`; with `ref`: it must be the one that was named. Raises BadPart."""
    report_bytes = _content(folder / REPORT_FILE)
    inputs_bytes = _content(folder / INPUTS_FILE)
    profile_sha = hashlib.sha256(_content(folder / PROFILE_FILE)).hexdigest()
    report = _decoded(report_bytes, SystemReport, REPORT_FILE)
    inputs = _decoded(inputs_bytes, ReportInputs, INPUTS_FILE)
    found = PartRef(
        node=report.head.node,
        system=report.head.system,
        report=report.head.report,
        revision=report.head.revision,
        folder="",
        report_sha256=hashlib.sha256(report_bytes).hexdigest(),
        profile_sha256=profile_sha,
        inputs_sha256=hashlib.sha256(inputs_bytes).hexdigest(),
    )
    found = structs.replace(found, folder=folder_name(found))
    _fits(report, inputs, found)
    if ref is not None and ref != structs.replace(found, folder=ref.folder):
        raise BadPart(f"its files are not those that were named ({_difference(ref, found)})")
    return Part(
        ref=found,
        report=report,
        inputs=inputs,
        profile=lambda: _profile(folder / PROFILE_FILE, profile_sha),
    )


def _fits(report: SystemReport, inputs: ReportInputs, ref: PartRef) -> None:
    if report.schema != REPORT_SCHEMA or inputs.schema != INPUTS_SCHEMA:
        raise BadPart(f"it has schema {report.schema}, this program reads {REPORT_SCHEMA}")
    if report.inputs_sha256 != ref.inputs_sha256:
        raise BadPart(f"its {INPUTS_FILE} is not the one that its {REPORT_FILE} was computed from")
    if (inputs.node, inputs.system, inputs.report) != (ref.node, ref.system, ref.report):
        raise BadPart(f"its {INPUTS_FILE} is of another report")


def _difference(ref: PartRef, found: PartRef) -> str:
    names = [name for name in PartRef.__struct_fields__ if name != "folder"]
    return ", ".join(name for name in names if getattr(ref, name) != getattr(found, name))


def _profile(path: Path, sha256: str) -> ProfileTable:
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadPart(f"{path.name} changed while it was read")
    try:
        return read_profile(content)
    except BadProfile as why:
        raise BadPart(f"{path.name}: {why}") from why


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError as why:
        raise BadPart(f"it has no {path.name}") from why
    except OSError as why:
        raise BadPart(f"{path.name} cannot be read: {why.strerror}") from why
    if len(content) > MOST_BYTES:
        raise BadPart(f"{path.name} is larger than any report")
    return content


T = TypeVar("T")


def _decoded(content: bytes, kind: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise BadPart(f"{name} cannot be read: {clean(str(why), 200)}") from why
