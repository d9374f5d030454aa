"""`ovr report show`: a report in the terminal, with the numbers of its HTML and PDF."""

import argparse
from collections.abc import Callable

import msgspec

from collector.config.paths import Home
from collector.errors import OvrError
from collector.model.report import EventReport, SystemReport
from collector.model.report_input import INPUTS_FILE, Brand
from collector.model.report_meta import REPORT_FILE
from collector.model.text import clean
from ovr_tui.commands.report_find import Lying, content, find

RUN: dict[str, Callable[[argparse.Namespace, Home], int]] = {}
"""The actions of this module, by name."""


class _Branded(msgspec.Struct):
    brand: Brand = Brand()


class _Kind(msgspec.Struct):
    kind: str


class _Headed(msgspec.Struct):
    head: _Kind


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
    brand = _brand(lying)
    for line in shown(report, brand, args.edition):
        print(line)
    return 0


def decoded(told: bytes) -> SystemReport | EventReport:
    """A `report.json`. Raises OvrError."""
    try:
        kind = msgspec.json.decode(told, type=_Headed).head.kind
        if kind == "event":
            return msgspec.json.decode(told, type=EventReport)
        return msgspec.json.decode(told, type=SystemReport)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        text = f"{REPORT_FILE} cannot be read: {clean(str(why), 200)}"
        raise OvrError(f"{text} (made by another version?)") from why


def _brand(lying: Lying) -> Brand:
    try:
        return msgspec.json.decode(content(lying, INPUTS_FILE), type=_Branded).brand
    except (OvrError, msgspec.MsgspecError, UnicodeDecodeError):
        return Brand()  # a logo is nothing that a terminal shows


def shown(report: SystemReport | EventReport, brand: Brand, edition: str) -> list[str]:
    """The lines of one edition."""
    from ovr_tui.commands.report_chart import duration_chart, load_chart
    from ovr_tui.commands.report_text import lines
    from reporting.render.document import Edition
    from reporting.render.event import event_document
    from reporting.render.locale import Reader
    from reporting.render.page import Book
    from reporting.render.system import system_document

    class Undrawn(Book):
        """No chart is drawn for a terminal."""

        def svg(self, name: str, draw: Callable[[str], str]) -> str:
            return ""

    which: Edition = "client" if edition == "client" else "internal"
    reader = Reader(report.head.locale, report.head.timezone)
    charts = {}
    series = report.series
    if series.profile is not None:
        charts["profile"] = load_chart(series.profile, lambda ms: f"{reader.local(ms):%m-%d %H:%M}")
    if series.duration_kw:
        charts["duration"] = duration_chart(series.duration_kw)
    if isinstance(report, EventReport):
        document = event_document(report, brand, which, Undrawn())
    else:
        document = system_document(report, brand, which, Undrawn())
    return list(lines(document, charts))


RUN["show"] = _show
