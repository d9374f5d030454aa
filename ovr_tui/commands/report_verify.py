"""`ovr report verify`: whether a report's files are whole, and whether its figures still follow."""

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from collector.config.paths import Home
from collector.errors import ApiError, OvrError
from collector.model.report_input import INPUTS_FILE, PARTS_FOLDER, ROLLUPS_FILE
from collector.model.report_meta import REPORT_FILE
from collector.model.text import clean
from collector.wire import VerifyAnswer, VerifyRequest
from ovr_tui.commands.ask import ask, print_json
from ovr_tui.commands.report_find import REPORTS, Lying, content, find, forbidden

if TYPE_CHECKING:
    from reporting.verify import Difference

RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""
SHOWN = 40
CELLS = 200


class Verdict(Struct, frozen=True, kw_only=True):
    """What was found. `of` says from what the figures were computed again; `undone` why they were
    not ("": they were)."""

    report: str
    revision: int
    same: bool
    of: str
    undone: str
    files: "tuple[Difference, ...]"
    figures: "tuple[Difference, ...]"


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the action."""
    verifying = actions.add_parser(
        "verify", help="compute it again from what is stored, and compare figure by figure"
    )
    verifying.add_argument("report", metavar="REPORT|FOLDER", help="its id, or a folder of files")
    verifying.add_argument("--revision", type=int, metavar="N", help="the newest if left out")
    verifying.add_argument(
        "--rollups", type=Path, metavar="FILE", help="its rollups.msgpack; else the collector's"
    )
    verifying.add_argument(
        "--parts", type=Path, metavar="DIR", help="an event's: where its systems' reports lie"
    )
    verifying.add_argument("--json", action="store_true", help="one JSON object")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises ApiError and OvrError."""
    return RUN[args.action](args, home)


def _verify(args: argparse.Namespace, home: Home) -> int:
    """Status 1 when anything differs, or the figures could not be computed again."""
    from reporting.verify import CannotVerify, file_differences

    lying = find(args.report, home, args.revision)
    undone, of = "", ""
    figures: list[Difference] = []
    try:
        files = tuple(file_differences(lying.folder, lying.meta))
        of, found = _again(args, home, lying)
        figures = list(found)
    except CannotVerify as why:
        undone = str(why)
    except ApiError as why:
        undone = f"{why}; without a collector give --rollups FILE"
    except OSError as why:
        path = Path(str(why.filename or lying.folder))
        raise OvrError(forbidden(path.parent) or f"{path}: {why.strerror}") from why
    verdict = Verdict(
        report=lying.meta.report,
        revision=lying.meta.revision,
        same=not files and not figures and not undone,
        of=of,
        undone=undone,
        files=files,
        figures=tuple(figures),
    )
    if args.json:
        print_json(verdict)
    else:
        for line in told(verdict):
            print(line)
    return 0 if verdict.same else 1


def _again(
    args: argparse.Namespace, home: Home, lying: Lying
) -> "tuple[str, Iterator[Difference]]":
    """From what, and what differs."""
    from reporting.verify import event_differences, system_differences

    if _kind(lying) == "event":
        below = args.parts or _beside(lying, home)
        parts = [path.parent for path in sorted(below.rglob(REPORT_FILE))]
        return f"the systems' reports in {below}", event_differences(lying.folder, parts)
    if args.rollups is not None:
        return str(args.rollups), system_differences(lying.folder, args.rollups.read_bytes())
    body = VerifyRequest(report=lying.meta.report, revision=lying.meta.revision)
    answer = ask(home, lambda client: client.post("/v1/reports/verify", VerifyAnswer, body))
    rollups = (home.state / answer.folder / ROLLUPS_FILE).read_bytes()
    return "what the node has stored", system_differences(lying.folder, rollups)


def _beside(lying: Lying, home: Home) -> Path:
    """Where an event's parts are looked for: in its folder, else beside it, else on the node."""
    inside = lying.folder / PARTS_FOLDER
    if inside.is_dir():
        return inside
    return lying.folder.parent if lying.folder.parent.name else home.state / REPORTS


class _Inputs(Struct):
    kind: str


def _kind(lying: Lying) -> str:
    try:
        return msgspec.json.decode(content(lying, INPUTS_FILE), type=_Inputs).kind
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        raise OvrError(f"{INPUTS_FILE} cannot be read: {clean(str(why), CELLS)}") from why


def told(verdict: Verdict) -> Iterator[str]:
    """What was found, for people."""
    name = f"{clean(verdict.report)} revision {verdict.revision}"
    for title, found in (
        ("file is not the one that was written", verdict.files),
        ("figure is not what follows", verdict.figures),
    ):
        if not found:
            continue
        count = f"{len(found)} {title}" if len(found) == 1 else f"{len(found)} × a {title}"
        yield f"{count}:"
        for one in found[:SHOWN]:
            yield f"  {clean(one.path)}"
            yield f"    stored      {_shown(one.stored)}"
            yield f"    recomputed  {_shown(one.recomputed)}"
        if len(found) > SHOWN:
            yield f"  and {len(found) - SHOWN} more; --json lists all"
    if verdict.undone:
        yield f"{name}: the figures were not computed again: {clean(verdict.undone, CELLS)}."
    elif verdict.same:
        yield f"{name}: all files are those that were written, and every figure follows again"
        yield f"from {clean(verdict.of, CELLS)}."
    else:
        yield f"{name} differs from what follows from {clean(verdict.of, CELLS)}."


def _shown(value: str | None) -> str:
    return "(not there)" if value is None else clean(value, CELLS)


RUN["verify"] = _verify
