"""`ovr report show`: a report in the terminal, with the numbers of its HTML and PDF."""

import argparse
from collections.abc import Callable

import msgspec

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.report import EventReport, SystemReport
from collector.model.report_input import INPUTS_FILE, Brand
from collector.model.report_meta import REPORT_FILE
from collector.model.report_state import Standing
from collector.model.text import clean
from ovr_tui.commands.report_find import Lying, content, find

RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""


class _Branded(msgspec.Struct):
    brand: Brand = Brand()


def add(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the action."""
    showing = actions.add_parser("show", help="the report in the terminal")
    showing.add_argument("report", metavar="REPORT|FOLDER", help="its id, the end of it, a folder")
    showing.add_argument("--revision", type=int, metavar="N", help="the newest if left out")
    showing.add_argument(
        "--edition",
        choices=("internal", "client"),
        default="internal",
        help="client: what the client gets (no sizing, actions, internal notes or costs)",
    )
    showing.add_argument("--json", action="store_true", help="report.json as it is")


def run(args: argparse.Namespace, home: Home) -> int:
    """Raises OvrError."""
    return RUN[args.action](args, home)


def _show(args: argparse.Namespace, home: Home) -> int:
    if args.json and args.edition == "client":
        raise OvrError("report.json holds what is internal too: --json shows no client's edition")
    lying = find(args.report, home, args.revision)
    told = content(lying)
    report = decoded(told)
    if args.json:
        print(told.decode())
        return 0
    for line in shown(report, _brand(lying), args.edition, standing(lying)):
        print(line)
    return 0


def decoded(told: bytes) -> SystemReport | EventReport:
    """A `report.json`. Raises OvrError."""
    from reporting import document

    try:
        return document.decoded(told)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        text = f"{REPORT_FILE} cannot be read: {clean(str(why), 200)}"
        raise OvrError(f"{text} (made by another version?)") from why


def _brand(lying: Lying) -> Brand:
    try:
        return msgspec.json.decode(content(lying, INPUTS_FILE), type=_Branded).brand
    except (OvrError, msgspec.MsgspecError, UnicodeDecodeError):
        return Brand()  # a logo is nothing that a terminal shows


def standing(lying: Lying) -> Standing | None:
    """Where it stands, as its folder says; None of one that no node has put in its place."""
    meta = lying.meta
    if meta.state is None:
        return None
    return Standing(meta.state, meta.released_ms, meta.released_by)


def shown(
    report: SystemReport | EventReport, brand: Brand, edition: str, where: Standing | None
) -> list[str]:
    """The lines of one edition."""
    from ovr_tui.console.glyphs import UNICODE
    from ovr_tui.console.reports.drawing import dated, drawn
    from ovr_tui.console.reports.paper import paper
    from ovr_tui.console.text import plain
    from reporting.document import document

    made = document(report, brand, "client" if edition == "client" else "internal", where)
    label = dated(report.head.timezone, day_first=made.day_first)
    charts = drawn(report.series, label, UNICODE)
    return [plain(line).rstrip() for line in paper(made, charts).lines]


RUN["show"] = _show
