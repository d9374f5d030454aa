"""The document of a report, whichever kind it is of."""

from collector.model.report import EventReport, SystemReport
from collector.model.report_document import Document, Edition
from collector.model.report_input import Brand
from collector.model.report_state import Standing
from reporting.render.event import event_document
from reporting.render.page import Book
from reporting.render.system import system_document


def report_document(
    report: SystemReport | EventReport,
    brand: Brand,
    edition: Edition,
    book: Book,
    standing: Standing | None,
) -> Document:
    """One edition; `book` and `standing` as for each kind."""
    if isinstance(report, EventReport):
        return event_document(report, brand, edition, book, standing)
    return system_document(report, brand, edition, book, standing)
