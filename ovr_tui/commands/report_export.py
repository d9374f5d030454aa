"""`ovr report export`: minutes of all systems of an event, for analysis."""

import argparse
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.config.paths import Home
from collector.errors import ApiError, OvrError
from collector.model.event import Event
from collector.model.report_input import (
    INPUTS_FILE,
    ROLLUPS_FILE,
    AssetRows,
    EventInputs,
    RollupFile,
)
from collector.model.report_meta import PROFILE_FILE
from collector.model.text import clean
from collector.wire import VerifyAnswer, VerifyRequest
from ovr_tui.commands.ask import ask, print_json
from ovr_tui.commands.report_find import REPORTS, Lying, all_below, content

if TYPE_CHECKING:
    from reporting.event import Part
    from reporting.profile import ProfileTable

RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""


class _Inputs(Struct):
    kind: str
    event: Event


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the action."""
    exporting = actions.add_parser("export", help="1-minute data of all systems, for analysis")
    exporting.add_argument(
        "event", metavar="EVENT|FOLDER", help="its id, job code or name; a folder of reports"
    )
    exporting.add_argument(
        "--to", type=Path, metavar="DIR", help="new or empty; export-JOB here if left out"
    )
    exporting.add_argument("--format", choices=("both", "parquet", "csv"), default="both")
    exporting.add_argument(
        "--no-assets", action="store_true", help="leave out the rows of single assets"
    )
    exporting.add_argument("--json", action="store_true", help="the manifest")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises OvrError."""
    return RUN[args.action](args, home)


def _export(args: argparse.Namespace, home: Home) -> int:
    from reporting.event.parts import BadPart, chosen, read_part
    from reporting.export import Source, export

    event, found = _of_event(args.event, home)
    parts, folders = [], {}
    unread: list[str] = []
    for lying in found:
        try:
            part = read_part(lying.folder)
        except BadPart as why:
            unread.append(f"{lying.folder}: {why}")
            continue
        parts.append(part)
        folders[part.ref.report_sha256] = lying
    read = chosen(_no_inputs(event), parts, ())
    if not read.parts:
        told = f" ({'; '.join(unread)})" if unread else ""
        raise OvrError(f"no report of a system of {clean(event.name)} can be read{told}")
    to = _folder(args.to or Path(f"export-{_plain(event.job or event.id)}"))
    rollups = None if args.no_assets else _Rollups(home, folders)
    sources = [
        Source(part=part, table=partial(_table, folders[part.ref.report_sha256]))
        for part in read.parts
    ]
    try:
        done = export(to, event, sources, read.missing, args.format, rollups)
    except OSError as why:
        raise OvrError(f"{why.filename or to}: {why.strerror or why}") from why
    if args.json:
        print_json(done)
        return 0
    for file in done.files:
        rows = "" if file.rows is None else f"  {file.rows} rows"
        print(f"{to / file.name}  {file.size} bytes{rows}")
    for one in done.missing:
        print(f"left out: revision of {clean(one.system)}: {clean(one.why)}")
    for text in (*done.without, *unread):
        print(f"without {clean(text, 200)}")
    return 0


def _no_inputs(event: Event) -> EventInputs:
    return EventInputs(report=event.id, event=event, from_ms=0, to_ms=0)


def _of_event(text: str, home: Home) -> tuple[Event, list[Lying]]:
    """The event that is meant, as its newest report knows it, and the reports of its systems."""
    folder = Path(text)
    below = folder if folder.is_dir() else home.state / REPORTS
    found: dict[str, tuple[Event, list[Lying]]] = {}
    for lying in all_below(below):
        inputs = _inputs(lying)
        if inputs is None or inputs.kind != "system":
            continue
        event = inputs.event
        if not folder.is_dir() and text not in (event.id, event.job, event.name):
            continue
        known, reports = found.setdefault(event.job or event.id, (event, []))
        newest = max(known, event, key=lambda one: (one.changed_ms, one.revision, one.id))
        found[event.job or event.id] = (newest, [*reports, lying])
    if not found:
        raise OvrError(f"no report of a system of {clean(text)} lies in {below}")
    if len(found) > 1:
        names = ", ".join(sorted(clean(name, 40) for name in found))
        raise OvrError(f"{clean(text)} holds reports of several events: {names}")
    return next(iter(found.values()))


def _inputs(lying: Lying) -> _Inputs | None:
    """What a report is of; None for one that cannot be read, which `read_part` says later."""
    try:
        return msgspec.json.decode(content(lying, INPUTS_FILE), type=_Inputs)
    except (OvrError, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _table(lying: Lying) -> "ProfileTable":
    from reporting.event import BadPart
    from reporting.profile import BadProfile, read_profile

    try:
        return read_profile(content(lying, PROFILE_FILE), rest=True)
    except (BadProfile, OvrError) as why:
        raise BadPart(str(why)) from why


class _Rollups:
    """The packed rows of a part, as this node's collector writes them out; when none runs, that is
    said once for each part."""

    def __init__(self, home: Home, folders: dict[str, Lying]) -> None:
        self._home = home
        self._folders = folders

    def __call__(self, part: "Part") -> Iterable[AssetRows]:
        from reporting.event import BadPart

        lying = self._folders[part.ref.report_sha256]
        if not lying.folder.resolve().is_relative_to(self._home.state.resolve()):
            raise BadPart("they are on the node that measured them")
        body = VerifyRequest(report=part.ref.report, revision=part.ref.revision)
        try:
            answer = ask(
                self._home, lambda client: client.post("/v1/reports/verify", VerifyAnswer, body)
            )
            packed = (self._home.state / answer.folder / ROLLUPS_FILE).read_bytes()
            return msgspec.msgpack.decode(packed, type=RollupFile).assets
        except ApiError as why:
            raise BadPart(str(why)) from why
        except OSError as why:
            raise BadPart(f"{why.filename}: {why.strerror}") from why
        except msgspec.MsgspecError as why:
            raise BadPart(f"{ROLLUPS_FILE} cannot be read: {why}") from why


def _folder(to: Path) -> Path:
    try:
        to.mkdir(parents=True, exist_ok=True)
        if any(to.iterdir()):
            raise OvrError(f"{to} is not empty: choose another folder with --to")
    except OSError as why:
        raise OvrError(f"{to} cannot be written: {why.strerror}") from why
    return to


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip(".-")[:60] or "event"


RUN["export"] = _export
