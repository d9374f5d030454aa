"""`ovr report import`: reports that other nodes made, as parts of an event's report."""

import argparse
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.report_meta import META_FILE
from collector.model.text import clean
from collector.wire import ReportAnswer
from ovr_tui.commands.ask import ask, print_json

PATH, ZIP = "/v1/reports/import", "application/zip"
MOST_BYTES = 64 << 20
RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the action."""
    text = "take in systems' reports of other nodes: the event's report counts them"
    taking = actions.add_parser("import", help=text)
    taking.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a report's folder, a ZIP of it, or a folder with many below",
    )
    taking.add_argument("--json", action="store_true", help="one JSON object for each")


def _import(args: argparse.Namespace, home: Home) -> int:
    """Take in all; what cannot be is told, and the others are. Raises ApiError."""
    failed = 0
    for path in [found for named in args.paths for found in _reports(named)]:
        try:
            content = _packed(path)
            done = ask(home, lambda client, c=content: client.send(PATH, ReportAnswer, c, ZIP))  # type: ignore[misc]
        except OvrError as error:
            failed += 1
            print(f"{clean(str(path), 200)}: {error}")
            continue
        if args.json:
            print_json(done)
        else:
            one = done.report
            print(f"{one.id[-8:]}  {one.node}/{one.system} revision {one.revision} is here.")
    return 1 if failed else 0


def _reports(path: Path) -> list[Path]:
    """The reports at a path. Raises OvrError where there is none."""
    if path.is_file() or (path / META_FILE).is_file():
        return [path]
    found = sorted(meta.parent for meta in path.rglob(META_FILE))
    if not found:
        raise OvrError(f"{path} holds no {META_FILE}: name a report's folder, or a ZIP of it")
    return found


def _packed(path: Path) -> bytes:
    """A report's files as a ZIP. Raises OvrError."""
    try:
        if path.is_file():
            return path.read_bytes()
        files = sorted(file for file in path.iterdir() if file.is_file())
        if sum(file.stat().st_size for file in files) > MOST_BYTES:
            raise OvrError(f"{path} has more than {MOST_BYTES >> 20} MB: is it a report?")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return packed.getvalue()
    except OSError as error:
        raise OvrError(f"{path} cannot be read: {error}") from error


RUN["import"] = _import
