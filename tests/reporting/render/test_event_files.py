"""HTML and PDF of an event's report."""

import pytest
from msgspec import structs

from collector.model.event import UseCase
from collector.model.report.billing import Billing
from collector.model.report.event import Coincidence, EventReport
from collector.model.report.quality import Note
from collector.model.report.saving import Saving
from collector.model.report_document import Document, Edition, Table, texts
from collector.model.report_input import Brand
from reporting.render.event import event_document
from reporting.render.html import html
from reporting.render.page import Book
from reporting.render.pdf import pdf
from tests.reporting.render import made_event
from tests.reporting.render.test_extremes import nothing as nothing_measured
from tests.reporting.render.test_files import HOSTILE, of_html, of_pdf, shown_whole, squeezed

EDITIONS: tuple[Edition, ...] = ("client", "internal")


def document(edition: Edition = "client", report: EventReport | None = None) -> Document:
    """One edition of the event made by hand, or of another."""
    return event_document(report or made_event.event(), Brand(company="OVR"), edition, Book())


def cells(one: Document, title: str) -> list[tuple[str, ...]]:
    """The rows of the table of that title."""
    (found,) = (
        block
        for section in one.sections
        for block in section.blocks
        if isinstance(block, Table) and block.title == title
    )
    return [row.cells for row in found.rows]


@pytest.mark.parametrize("edition", EDITIONS)
def test_html_and_pdf_show_every_text_of_the_document(edition: Edition):
    """Each figure, label and note of the document stands in both files."""
    assert shown_whole(document(edition)) > 250


def test_an_interim_one_says_so():
    """That of an event has the event's id; of a window that somebody chose it has one of its own,
    and ends nothing."""
    report = made_event.event()
    own = structs.replace(report, head=structs.replace(report.head, report=report.head.event))
    chosen = structs.replace(report, head=structs.replace(report.head, report="0199-other"))
    assert document(report=own).cover.kind.startswith("Event report")
    assert document(report=chosen).cover.kind.startswith("Interim event report")


def test_figures_of_systems_coincidence_flows_and_days_are_printed_as_in_the_json():
    """Each figure of report.json that has a place is found in both files with its digits."""
    report = made_event.event()
    wanted = {
        "1,842.312", "1,741.201", "86.0", "71.3", "97.92",  # the first system: energy and demand
        "21.38", "362.25", "310.208", "730.907", "402.75",  # its machines
        "611.507", "33.4", "21.2", "99.31",  # the second
        "92.4", "119.5", "1.29",  # together, their own peaks, diversity
        "91.27", "731.30", "256.83", "988.13", "2,352.708",  # measured, bills
        "480.3", "491.3", "502.3", "513.3",  # days
        *(f"{generator.fuel_l:.2f}" for generator in report.generators),
        *(part.report_sha256 for part in report.parts),
        report.inputs_sha256,
    }  # fmt: skip
    one = document()
    page, paper = squeezed(of_html(html(one))), squeezed(of_pdf(pdf(one)))
    assert {text for text in wanted if text not in page} == set()
    assert {text for text in wanted if text not in paper} == set()


def test_systems_of_the_same_id_on_two_nodes_keep_their_names():
    """In tables, timeline, parts, flows and rankings; one without a name is called by its id."""
    one = document("internal")
    assert one.cover.subtitle == "3 systems"
    assert [row[0] for row in cells(one, "Energy and demand")] == ["Main stage", "Camping", "gate"]
    assert [row[:2] for row in cells(one, "Made of these reports")] == [
        ("Main stage", "ovr-node-07"),
        ("Camping", "ovr-node-11"),
    ]
    assert [row[0] for row in cells(one, "What counts")] == ["Main stage", "Camping"]
    (timeline,) = (section for section in one.sections if section.name == "timeline")
    moments = next(block for block in timeline.blocks if isinstance(block, Table))
    named = [(row.cells[1], row.cells[2]) for row in moments.rows]
    assert ("Joined", "Main stage") in named
    assert ("Joined", "Camping") in named
    assert ("Alarm", "Camping") in named
    drawn = html(one).decode().partition('<figure class="chart rank-load-kwh">')[2]
    chart = drawn.partition("</figure>")[0]
    assert [chart.count(f">{name}<") for name in ("Main stage", "Camping", "bess-1")] == [1, 1, 0]


def test_notes_call_systems_by_name():
    """Those of two nodes apart; an asset, another node's and a longer id are no system."""
    said = (
        f"The saving of {made_event.NORTH}/bess-1, {made_event.SOUTH}/bess-1. "
        f"Not {made_event.NORTH}/bess-10, x/{made_event.NORTH}/bess-1 or "
        f"{made_event.NORTH}/bess-1.grid."
    )
    note = Note(code="saving-of", about="saving", text=said)
    report = structs.replace(made_event.event(), notes=(note,))
    ((_, text),) = cells(document(report=report), "Notes")
    assert text == (
        f"The saving of Main stage, Camping. Not {made_event.NORTH}/bess-10, "
        f"x/{made_event.NORTH}/bess-1 or {made_event.NORTH}/bess-1.grid."
    )


def test_each_account_has_its_bill_and_the_total_is_of_both():
    """By account and by meter, with all digits, in both editions."""
    for edition in EDITIONS:
        one = document(edition)
        assert cells(one, "By account") == [
            ("Goldfield Productions", "1,741.201", "731.30", "USD"),
            ("Food court", "611.507", "256.83", "USD"),
        ]
        meters = cells(one, "Accounts and meters")
        assert [row[0] for row in meters] == ["Goldfield Productions", "Food court", "Total"]
        assert meters[-1][-1] == "988.13"
        assert "2,352.708" in meters[-1]


def test_what_is_missing_or_unknown_is_said():
    """A report that is missing with its reason, dashes for what is not known, and a caution on the
    cover; of an event of which nothing is known both files are made."""
    one = document()
    assert one.cover.coverage.tone == "caution"
    assert one.cover.coverage.text == (
        "Measured 91.27\u00a0% of the time of all systems that took part. "
        "1 report of systems missing: figures are too low."
    )
    assert cells(one, "Missing reports") == [
        ("bar", "ovr-node-12", "node ovr-node-12 could not be reached")
    ]
    assert cells(one, "Energy and demand")[2][4:] == ("—",) * 5
    assert cells(one, "Machines")[1][2:] == ("—",) * 5
    empty = document("internal", nothing())
    assert {figure.value for figure in empty.cover.figures} == {"—"}
    assert empty.cover.coverage.text == "How much was measured is not known."
    assert "How much was measured is not known." in of_html(html(empty))
    assert "not known" in of_pdf(pdf(empty))


def nothing() -> EventReport:
    """An event that no system took part in."""
    empty = nothing_measured()
    return structs.replace(
        made_event.event(), parts=(), missing=(), coverage_pct=None, flows=(), systems=(),
        energy=empty.energy, load=empty.load, sources=empty.sources, generators=(), days=(),
        coincidence=Coincidence(coincident=None, summed_kw=None, diversity=None), timeline=(),
        ranking=(), billing=Billing(currency="", rows=(), kwh=None, amount=None), accounts=(),
        saving=Saving(use_case=UseCase.METERING, valid=False), log=(), series=empty.series,
        notes=(),
    )  # fmt: skip


def test_the_client_edition_has_nothing_internal():
    """No alarms, no entries and notes of the company, no costs; the internal one has them all."""
    words = {edition: " ".join(texts(document(edition))) for edition in EDITIONS}
    page = html(document("client"))
    for secret in (
        "Send two more cable ramps", "tripped the feeder", "no answer for 43 s", "604.13",
        "Cost, USD", "internal",
    ):  # fmt: skip
        assert secret in words["internal"], secret
        assert secret not in words["client"], secret
        assert secret.encode() not in page
    for told in ("delivery note 8812", "Stage A ran on the battery alone", "fuel pump", "731.30"):
        assert told in words["client"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_people_is_text_in_both_files(text: str):
    """Names of systems, accounts and meters, reasons, entries and moments that look like markup."""
    whole = made_event.event(event_name=text, client=text, site=text, job=text, client_notes=text)
    systems = tuple(structs.replace(row, name=text) for row in whole.systems)
    report = structs.replace(
        whole,
        systems=systems,
        missing=(structs.replace(whole.missing[0], why=text, node=text),),
        accounts=tuple(structs.replace(one, name=text) for one in whole.accounts),
        timeline=tuple(structs.replace(one, text=text) for one in whole.timeline),
        log=tuple(structs.replace(one, text=text, person=text) for one in whole.log),
        flows=tuple(structs.replace(one, asset=text, behind=text) for one in whole.flows),
        billing=structs.replace(
            whole.billing,
            rows=tuple(
                structs.replace(row, account_name=text, name=text) for row in whole.billing.rows
            ),
        ),
    )
    one = document("internal", report)
    page = html(one).decode()
    assert "<script" not in page
    assert not {"\x1b", "\u202e", "\x00"} & set(page)
    wanted = {squeezed(told) for told in texts(one)} - {""}
    shown = squeezed(of_html(page.encode()))
    assert {told for told in wanted if told not in shown} == set()
    paper = pdf(one)
    if text.isascii() and text.isprintable():
        assert squeezed(one.cover.title) in squeezed(of_pdf(paper))


def test_the_same_report_gives_the_same_bytes():
    """Both editions, with charts drawn anew."""
    for edition in EDITIONS:
        assert html(document(edition)) == html(document(edition))
        assert pdf(document(edition)) == pdf(document(edition))
