"""The document of an event's report: all systems together."""

from collections.abc import Iterator

from collector.model.report.event import EventReport, SystemRow
from collector.model.report_document import Cover, Document, Edition, Figure, Prose, Section
from collector.model.report_input import Brand
from collector.model.report_state import Standing
from reporting.render import words
from reporting.render.frame import cover_facts, framed, kind, method, small_print, state
from reporting.render.locale import Reader
from reporting.render.page import Book, Page
from reporting.render.parts.billing import billing_section
from reporting.render.parts.days import days_section
from reporting.render.parts.energy import doubt, energy_section, source_bar
from reporting.render.parts.generator import burnt, generator_section
from reporting.render.parts.load import load_section, peak_figure, profile_chart
from reporting.render.parts.quality import quality_section
from reporting.render.parts.saving import claims, saving_section
from reporting.render.parts.systems import (
    coverage_said,
    parts_section,
    systems_section,
    timeline_section,
)
from reporting.render.system import MOST_FIGURES


def event_document(
    report: EventReport,
    brand: Brand,
    edition: Edition,
    book: Book,
    standing: Standing | None = None,
) -> Document:
    """One edition of an event's report; `book` keeps the charts for the other;
    `standing` is where the revision stands, if that is known."""
    head = report.head
    reader = Reader(head.locale, head.timezone)
    page = Page(edition, reader, (head.from_ms, head.to_ms), _names(report.systems), book)
    systems = len({(row.node, row.system) for row in report.systems})
    cover = Cover(
        kind=kind(head),
        title=words.name(head.event_name) or words.name(head.job) or "Event",
        subtitle=words.counted(systems, "system"),
        facts=cover_facts(head, page),
        figures=tuple(_headline(report, page))[:MOST_FIGURES],
        charts=(
            *source_bar(report.sources, page, "origin"),
            *profile_chart(report.series.profile, page),
        ),
        coverage=coverage_said(report, page),
        state=state(head, page, standing),
    )
    small = small_print(head, report.inputs_sha256, report.schema, report.method)
    return framed(head, cover, tuple(_sections(report, page)), small, page, brand)


def _names(rows: tuple[SystemRow, ...]) -> dict[str, str]:
    """Systems by id and by `node/id`, as the tables of an event name them."""
    names = {row.system: row.name or row.system for row in rows}
    return names | {f"{row.node}/{row.system}": row.name or row.system for row in rows}


def _sections(report: EventReport, page: Page) -> Iterator[Section]:
    made = (
        systems_section(report, page),
        load_section(report.load, report.series, page),
        energy_section(report.energy, report.sources, page),
        generator_section(report.generators, page),
        saving_section(report.saving, report.terms, page),
        billing_section(report.billing, page, report.accounts),
        days_section(report.days, page),
        timeline_section(report, page),
        quality_section(report.quality, report.notes, page),
        parts_section(report, page),
    )
    yield from (section for section in made if section is not None)
    told = tuple(Prose(text, small=True) for text in method(report.terms, page))
    yield Section("method", "Method", told)


def _headline(report: EventReport, page: Page) -> Iterator[Figure]:
    reader = page.reader
    delivered = reader.number(report.energy.load_kwh, 1)
    yield Figure("Energy delivered", delivered, "kWh", doubt(report.energy, page))
    yield peak_figure("Peak of all together", report.coincidence.coincident, page)
    yield from claims(report.saving, page)[:2]
    if report.generators:
        yield Figure("Fuel", reader.number(burnt(report.generators), 1), "L")
    used = report.saving.used
    if used is not None and used.scope1_kg is not None:
        yield Figure("CO₂e", reader.number(used.scope1_kg, 1), "kg", "fuel burnt, scope 1")
    if report.sources.renewable_pct is not None:
        share = reader.number(report.sources.renewable_pct, 1)
        yield Figure("Renewable", share, "%", "of the energy delivered, by origin")
    if report.coincidence.diversity is not None:
        diversity = reader.number(report.coincidence.diversity, 2)
        yield Figure("Diversity", diversity, "", "sum of the systems' peaks ÷ peak together")
