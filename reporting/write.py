"""A report as files: `report.json`, and the others that are made of it.

`report.json` is UTF-8 JSON without white space; fields stand in the order of the structs, keys of
tables (`uncertainty`) in alphabetical order, numbers in the shortest digits that give the same
double. So the same report gives the same bytes. docs/report.schema.json describes it.
"""

from collections.abc import Iterator

import msgspec

from collector.model.report import EventReport, SystemReport
from collector.model.report_document import Edition
from collector.model.report_input import Brand
from collector.model.report_meta import PROFILE_FILE, REPORT_FILE
from collector.model.report_state import Standing
from reporting.render.either import report_document
from reporting.render.html import html
from reporting.render.page import Book
from reporting.render.pdf import pdf

STEMS: tuple[tuple[Edition, str], ...] = (("client", "report"), ("internal", "internal"))
"""What the files of each edition are called, before `.html` and `.pdf`."""

_JSON = msgspec.json.Encoder(order="deterministic")

File = tuple[str, bytes]


def report_json(report: SystemReport | EventReport) -> bytes:
    """The bytes of `report.json`."""
    return _JSON.encode(report)


def system_files(
    report: SystemReport, profile: bytes, brand: Brand, standing: Standing | None
) -> Iterator[File]:
    """All files of a system's report by name, one after another; `profile` is profile.csv."""
    yield REPORT_FILE, report_json(report)
    yield PROFILE_FILE, profile
    yield from documents(report, brand, standing)


def event_files(report: EventReport, brand: Brand, standing: Standing | None) -> Iterator[File]:
    """All files of an event's report by name, one after another."""
    yield REPORT_FILE, report_json(report)
    yield from documents(report, brand, standing)


def documents(
    report: SystemReport | EventReport, brand: Brand, standing: Standing | None
) -> Iterator[File]:
    """HTML and PDF of each edition, which say where the revision stands, if that is known."""
    book = Book()
    for edition, stem in STEMS:
        made = report_document(report, brand, edition, book, standing)
        yield f"{stem}.html", html(made)
        yield f"{stem}.pdf", pdf(made)
