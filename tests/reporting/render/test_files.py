"""HTML and PDF of one report."""

import re
import subprocess
from html.parser import HTMLParser

from collector.model.report_input import Brand
from reporting.render.document import Document, Edition, texts
from reporting.render.html import html
from reporting.render.page import Book
from reporting.render.pdf import pdf
from reporting.render.system import system_document
from tests.reporting.render import made


def document(edition: Edition = "client", **other: object) -> Document:
    """One edition of the report made by hand; `other` are fields of its head."""
    return system_document(made.report(**other), Brand(company="Overdrive"), edition, Book())  # type: ignore[arg-type]


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self._off = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._off += tag in ("style", "svg")

    def handle_endtag(self, tag: str) -> None:
        self._off -= tag in ("style", "svg")

    def handle_data(self, data: str) -> None:
        if not self._off:
            self.text.append(data)


def of_html(content: bytes) -> str:
    """The words of a page, charts left out."""
    parser = _Words()
    parser.feed(content.decode())
    return " ".join(parser.text)


def of_pdf(content: bytes) -> str:
    """The words of a PDF, as poppler reads them."""
    done = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True
    )
    return done.stdout.decode()


def squeezed(text: str) -> str:
    """Without any space, so that line breaks do not matter."""
    return re.sub(r"[\s\u200b]", "", text)


def test_html_and_pdf_show_every_text_of_the_document():
    """Each figure, label and note of the document stands in both files, in both editions."""
    for edition in ("client", "internal"):
        made_document = document(edition)
        wanted = {squeezed(text) for text in texts(made_document)} - {""}
        assert len(wanted) > 300
        page, paper = squeezed(of_html(html(made_document))), squeezed(of_pdf(pdf(made_document)))
        assert {text for text in wanted if text not in page} == set()
        assert {text for text in wanted if text.upper() not in paper.upper()} == set()


def test_a_window_that_ends_within_a_second_becomes_a_pdf():
    """Ends are whole milliseconds; a PDF's date is whole seconds."""
    to_ms = made.head().to_ms + 345
    assert pdf(document(to_ms=to_ms, upto_ms=to_ms)).startswith(b"%PDF-")
