"""`python -m reporting.document EDITION`: the document of a report as JSON on stdout, without its
charts drawn; on stdin `{"report": …, "brand": …, "standing": …}`: report.json, the brand of
inputs.json, and where the revision stands, if that is known.

For whoever shows a report and shall not hold what it takes to make one.
"""

import sys
from collections.abc import Callable

import msgspec
from msgspec import Struct, structs

from collector.model.report import EventReport, SystemReport
from collector.model.report_document import Document, Edition
from collector.model.report_input import Brand
from collector.model.report_state import Standing
from reporting.render.either import report_document
from reporting.render.page import Book

USAGE = "usage: python -m reporting.document client|internal  (the report as JSON on stdin)"


class _Told(Struct):
    report: msgspec.Raw
    brand: Brand = Brand()
    standing: Standing | None = None


class _Kind(Struct):
    kind: str


class _Headed(Struct):
    head: _Kind


class _Undrawn(Book):
    """No chart is drawn."""

    def svg(self, name: str, draw: Callable[[str], str]) -> str:
        del name, draw
        return ""


def decoded(told: bytes | msgspec.Raw) -> SystemReport | EventReport:
    """A `report.json`. Raises msgspec.MsgspecError and UnicodeDecodeError."""
    kind = msgspec.json.decode(told, type=_Headed).head.kind
    if kind == "event":
        return msgspec.json.decode(told, type=EventReport)
    return msgspec.json.decode(told, type=SystemReport)


def document(
    report: SystemReport | EventReport, brand: Brand, edition: Edition, standing: Standing | None
) -> Document:
    """One edition, without drawn charts and logo: for a terminal."""
    made = report_document(report, brand, edition, _Undrawn(), standing)
    return structs.replace(made, logo=None)


def main(words: list[str]) -> int:
    """64 for what cannot be understood, 1 for a report that cannot be read."""
    if len(words) != 1 or words[0] not in ("client", "internal"):
        sys.stderr.write(f"{USAGE}\n")
        return 64
    edition: Edition = "client" if words[0] == "client" else "internal"
    try:
        told = msgspec.json.decode(sys.stdin.buffer.read(), type=_Told)
        report = decoded(told.report)
    except (msgspec.MsgspecError, UnicodeDecodeError) as why:
        sys.stderr.write(f"report.json cannot be read: {why} (made by another version?)\n")
        return 1
    made = document(report, told.brand, edition, told.standing)
    sys.stdout.buffer.write(msgspec.json.encode(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
