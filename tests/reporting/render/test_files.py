"""HTML and PDF of one report."""

import re
import subprocess
from html.parser import HTMLParser

import pytest
from msgspec import structs

from collector.model.report_document import Document, Edition, texts
from collector.model.report_input import Brand
from collector.model.report_state import ReportState, Standing
from collector.model.said import LogEntry, LogKind
from reporting.render.html import html
from reporting.render.locale import Reader
from reporting.render.page import Book
from reporting.render.pdf import pdf
from reporting.render.signs import TOLD, known, spelled
from reporting.render.system import system_document
from tests.reporting.render import made

BOOK = Book()
"""Charts that were drawn once will do where they are not what is looked at."""


def document(edition: Edition = "client", **other: object) -> Document:
    """One edition of the report made by hand; `other` are fields of its head."""
    return system_document(made.report(**other), Brand(company="Overdrive"), edition, BOOK)  # type: ignore[arg-type]


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


def shown_whole(one: Document) -> int:
    """Every text of the document stands in its HTML and its PDF; how many there are."""
    wanted = {squeezed(text) for text in texts(one)} - {""}
    page, paper = squeezed(of_html(html(one))), squeezed(of_pdf(pdf(one)))
    assert {text for text in wanted if text not in page} == set()
    assert {text for text in wanted if text.upper() not in paper.upper()} == set()
    return len(wanted)


def test_html_and_pdf_show_every_text_of_the_document():
    """Each figure, label and note of the document stands in both files, in both editions."""
    for edition in ("client", "internal"):
        assert shown_whole(document(edition)) > 300


def test_a_window_that_ends_within_a_second_becomes_a_pdf():
    """Ends are whole milliseconds; a PDF's date is whole seconds."""
    to_ms = made.head().to_ms + 345
    assert pdf(document(to_ms=to_ms, upto_ms=to_ms)).startswith(b"%PDF-")


def test_the_client_edition_has_nothing_internal():
    """No sizing, operator actions, internal notes and entries, costs; the internal one has all."""
    words = {edition: " ".join(texts(document(edition))) for edition in ("client", "internal")}
    for secret in (
        "Send two more cable ramps", "INTERNAL-ONLY", "grid set-point", "What if", "604.13",
        "Cost, USD", "no answer for 43 s", "Gate code",
    ):  # fmt: skip
        assert secret in words["internal"], secret
        assert secret not in words["client"], secret
        assert secret not in of_html(html(document("client")))
    assert "763.17" in words["client"]  # what is billed


def test_a_reading_says_its_counter_and_its_unit():
    """A meter that a person read stands in the log with what it counts, in its unit."""
    read = [
        LogEntry(id=key, kind=LogKind.READING, at_ms=made.START, made_ms=made.START, client=True,
                 asset="stage-a", value=value, measurement=key)
        for key, value in (("load_energy_kwh", 1234567.85), ("generator_starts", 12.0))
    ]  # fmt: skip
    report = structs.replace(made.report(), log=tuple(read))
    words = list(texts(system_document(report, Brand(), "client", BOOK)))
    assert "Reading: Load" in words
    assert "1,234,567.85\N{NO-BREAK SPACE}kWh" in words
    assert "Reading: Generator starts" in words


def test_a_provisional_report_says_so_on_every_page():
    """On the cover and at the head of each further page; a final one has the word nowhere."""
    paper = of_pdf(pdf(document(stage="provisional")))
    assert all("PROVISIONAL" in page for page in paper.split("\f") if page.strip())
    assert "PROVISIONAL" in of_html(html(document(stage="provisional")))
    assert "PROVISIONAL" not in of_pdf(pdf(document()))


RELEASED = Standing(ReportState.RELEASED, made.head().to_ms + made.HOUR, "uid 1000 (kim)")


def test_a_draft_says_what_it_is_until_it_is_released():
    """HTML and PDF alike: what may still change and who releases it, at the head of each page; once
    released when, and in the company by whom."""
    text = squeezed("Until operations has checked and released it, a correction, changed times,")
    for standing in (None, Standing(ReportState.DRAFT)):
        one = system_document(made.report(), Brand(), "client", BOOK, standing)
        paper = of_pdf(pdf(one))
        assert all("DRAFT" in page for page in paper.split("\f") if page.strip())
        for shown in (paper, of_html(html(one))):
            assert text in squeezed(shown)
            assert "putrevision3initsplace" in squeezed(shown)
    whose: tuple[tuple[Edition, str], ...] = (("client", "operations"), ("internal", "kim"))
    for edition, who in whose:
        one = system_document(made.report(), Brand(), edition, BOOK, RELEASED)
        reader = Reader("en-US", made.head().timezone)
        when = f"On {reader.moment(RELEASED.released_ms)} by {who}."
        for shown in (of_pdf(pdf(one)), of_html(html(one))):
            assert "DRAFT" not in shown
            assert squeezed(f"RELEASED {when} Later corrections") in squeezed(shown)
            assert "uid1000" not in squeezed(shown)


def test_what_was_replaced_says_so():
    """A released one too, whose files do not know it."""
    one = system_document(
        made.report(), Brand(), "client", BOOK, Standing(ReportState.SUPERSEDED, 1, "kim")
    )
    assert (one.cover.state.word, one.cover.state.final) == ("SUPERSEDED", False)


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "de-DE"])
def test_hours_go_to_24_everywhere(locale: str):
    """Beside times of UTC and on the screens nobody reads 1 PM; the date has the reader's order."""
    one = document("internal", locale=locale)
    assert not [text for text in texts(one) if re.search(r"\d\s?[AaPp]\.?[Mm]\b", text)]
    assert re.search(r"\d\d:\d\d:\d\d\u00a0P[DS]T", one.cover.facts[4].lines[0])
    assert one.day_first == (locale != "en-US")


def test_the_same_report_gives_the_same_bytes():
    """Nothing of the clock, of hash seeds or of the former report is in the files."""
    drawn = [
        system_document(made.report(), Brand(), edition, Book())
        for edition in ("client", "internal")
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert drawn[2] == drawn[3]
    assert html(drawn[0]) == html(drawn[1])
    assert pdf(drawn[2]) == pdf(drawn[3])


def test_html_needs_nothing_else_and_runs_nothing():
    """No address but the SVG names, no script, a policy that forbids both, ids that are unique."""
    page = html(document()).decode()
    addresses = set(
        re.findall(r"(?:https?:)?//[\w.]+[^\s\"'<)]*", re.sub(r"base64,[^)]*", "", page))
    )
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "<script" not in page.lower()
    assert "default-src 'none'" in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    used = set(re.findall(r"url\(#([^)]+)\)", page)) | set(re.findall(r'href="#([^"]+)"', page))
    assert used <= set(ids)


HOSTILE = (
    "<script>alert(1)</script>",
    "*bold* #panic() $x$ = heading @ref `raw` \\ [link](x) <b>",
    '=HYPERLINK("http://x")',
    "{{ 7*7 }} {% raw %} &lt;b&gt;",
    "שלום عليكم 😀 日本語",
    "\x00\x1b[31m\u202ecte\u2066\u200b\r\n\tx",
    "W" * 500,
    "",
)


def test_text_of_people_is_text_in_both_files():
    """Markup of any kind, right-to-left, emoji, control characters and 500 letters are read as
    they are, on pages of the same size and number as with a plain name."""
    plain = subprocess_pages(pdf(document()))
    for text in HOSTILE:
        one = document(event_name=text, system_name=text, client=text, site=text, company=text,
                       client_notes=text, job=text)  # fmt: skip
        page = html(one).decode()
        assert "<script" not in page
        assert "&lt;script" in page or "script" not in text
        wanted = squeezed(one.cover.title)
        assert wanted in squeezed(of_html(page.encode()))
        paper = pdf(one)
        if text.isascii() and text.isprintable():
            assert wanted in squeezed(of_pdf(paper))
        assert subprocess_pages(paper) in (plain, plain + 1)
        assert "\x1b" not in page and "\u202e" not in page and "\x00" not in page  # noqa: PT018


def test_signs_that_no_typeface_has_are_spelled_in_the_pdf():
    """Emoji and Japanese as numbers, with a sentence that says so; Greek, Hebrew and ≥ as they are;
    the HTML has all as it was."""
    one = document(event_name="Tōkyō 🎤 日本語", client="Ελλάς ≥ שלום")
    paper = squeezed(of_pdf(pdf(one)))
    assert "Tōkyō[U+1F3A4][U+65E5U+672CU+8A9E]" in paper
    assert "Ελλάς≥" in paper
    assert squeezed(TOLD) in paper
    assert "Tōkyō 🎤 日本語" in of_html(html(one))
    assert squeezed(TOLD) not in squeezed(of_pdf(pdf(document())))


def test_a_chart_has_a_box_for_each_such_sign():
    """There is no room for numbers; its own signs and the markup stay."""
    said = {"svg": '<text x="1">日本 1,0 kW</text>', "note": "日 ok"}
    assert spelled(said) == {"svg": '<text x="1">□□ 1,0 kW</text>', "note": "[U+65E5] ok"}
    assert all(known(sign) for sign in "—±−≥×÷·…’□\u00a0\u202f\n")


def subprocess_pages(content: bytes) -> int:
    """How many pages a PDF has."""
    done = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True)
    found = re.search(rb"Pages:\s+(\d+)", done.stdout)
    assert found is not None
    return int(found[1])


def test_paper_and_separators_are_the_territorys():
    """Letter and 1,842.3 in the United States; A4 and 1.842,3 in Germany, 1 842,3 in Sweden."""
    sizes = {"en-US": b"612 x 792", "de-DE": b"595.276 x 841.89", "sv-SE": b"595.276 x 841.89"}
    numbers = {"en-US": "1,842.3", "de-DE": "1.842,3", "sv-SE": "1\u00a0842,3"}
    for locale, size in sizes.items():
        one = document(locale=locale)
        assert one.cover.figures[0].value == numbers[locale]
        done = subprocess.run(["pdfinfo", "-"], input=pdf(one), capture_output=True, check=True)
        assert size in done.stdout


def test_a_change_of_the_clocks_within_the_event_shows_both_zones():
    """From PDT to PST on 1 November 2026: each time with its own abbreviation and offset."""
    begin = 1_793_458_812_000
    one = document(from_ms=begin, to_ms=begin + 40 * made.HOUR)
    facts = {fact.label: fact.lines for fact in one.cover.facts}
    assert "PDT (UTC−07:00)" in facts["From"][0]
    assert "PST (UTC−08:00)" in facts["To"][0]
    assert facts["Time zone"][1] == "PDT = UTC−07:00, then PST = UTC−08:00"


def test_a_logo_is_taken_for_what_its_bytes_are():
    """PNG and plain SVG stand in both files; an SVG that runs or fetches something is left out."""
    square = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
    )
    one = system_document(made.report(), Brand(logo=square), "client", BOOK)
    assert one.logo is not None
    assert "data:image/svg+xml;base64," in html(one).decode()
    assert pdf(one)[:5] == b"%PDF-"
    for bad in (
        square.replace(b"<path", b"<script/><path"),
        square.replace(b"<path", b'<path onload="x()"'),
        square.replace(b"<path", b'<image href="http://x/y.png"/><path'),
        square.replace(b"<path", b'<path style="fill:url(http://x)"'),
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + square,
        b"GIF89a",
    ):
        refused = system_document(made.report(), Brand(logo=bad), "internal", BOOK)
        assert refused.logo is None
        assert "The logo was left out" in refused.small_print[-1]


def test_a_figure_whose_meter_has_no_known_class_says_so():
    """On the cover, and below the balance by name; nothing of it where all classes are known."""
    plain = made.report()
    energy = structs.replace(plain.energy, class_unknown=("load_kwh", "pv_kwh"))
    told = [
        {squeezed(text) for text in texts(system_document(one, Brand(), "client", BOOK))}
        for one in (structs.replace(plain, energy=energy), plain)
    ]
    assert [
        (
            "±9.2kWhormore(meter'sclassnotknown)" in some,
            "±9.2kWh" in some,
            any("outfor:PV,Load;" in text for text in some),
        )
        for some in told
    ] == [(True, False, True), (False, True, False)]
