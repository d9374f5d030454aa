"""The document of one system's report."""

from collections.abc import Iterator

from collector.model.report.system import SystemReport
from collector.model.report_document import Cover, Document, Edition, Figure, Prose, Section
from collector.model.report_input import Brand
from collector.model.report_state import Standing
from reporting.render import words
from reporting.render.frame import cover_facts, framed, kind, method, small_print, state
from reporting.render.locale import Reader
from reporting.render.page import Book, Page
from reporting.render.parts.battery import battery_section
from reporting.render.parts.billing import billing_section
from reporting.render.parts.days import days_section
from reporting.render.parts.energy import doubt, energy_section, source_bar
from reporting.render.parts.evidence import evidence_section
from reporting.render.parts.generator import burnt, generator_section
from reporting.render.parts.load import load_section, peak_figure, profile_chart
from reporting.render.parts.log import log_section
from reporting.render.parts.power_quality import power_quality_section
from reporting.render.parts.quality import coverage_note, quality_section
from reporting.render.parts.saving import claims, saving_section
from reporting.render.parts.sizing import sizing_section

MOST_FIGURES = 6


def system_document(
    report: SystemReport,
    brand: Brand,
    edition: Edition,
    book: Book,
    standing: Standing | None = None,
) -> Document:
    """One edition of a system's report; `book` keeps the charts for the other;
    `standing` is where the revision stands, if that is known."""
    head = report.head
    names = {member.asset: member.name for member in report.members}
    reader = Reader(head.locale, head.timezone)
    page = Page(edition, reader, (head.from_ms, head.to_ms), names, book)
    cover = Cover(
        kind=kind(head),
        title=words.name(head.event_name) or words.name(head.system_name or head.system),
        subtitle=words.name(head.system_name or head.system),
        facts=cover_facts(head, page),
        figures=tuple(_headline(report, page))[:MOST_FIGURES],
        charts=(
            *source_bar(report.sources, page, "origin"),
            *profile_chart(report.series.profile, page),
        ),
        coverage=coverage_note(report.quality, page),
        state=state(head, page, standing),
    )
    small = small_print(head, report.inputs_sha256, report.schema, report.method)
    return framed(head, cover, tuple(_sections(report, page)), small, page, brand)


def _sections(report: SystemReport, page: Page) -> Iterator[Section]:
    made = (
        load_section(report.load, report.series, page),
        energy_section(report.energy, report.sources, page),
        generator_section(report.generators, page),
        battery_section(report.batteries, page),
        saving_section(report.saving, report.terms, page),
        billing_section(report.billing, page),
        days_section(report.days, page),
        power_quality_section(report.power_quality, report.series, page),
        sizing_section(report.sizing, page),
        log_section(report, page),
        quality_section(report.quality, report.notes, page),
        evidence_section(report.evidence, report.effects, report.members, page),
    )
    yield from (section for section in made if section is not None)
    told = tuple(Prose(text, small=True) for text in method(report.terms, page))
    yield Section("method", "Method", told)


def _headline(report: SystemReport, page: Page) -> Iterator[Figure]:
    reader, load = page.reader, report.load
    why = "" if load.kwh is not None else "not measured"
    yield Figure(
        "Energy delivered", reader.number(load.kwh, 1), "kWh", why or doubt(report.energy, page)
    )
    peaks = (
        ("Peak demand", load.peak_window),
        ("Peak minute", load.peak_1min),
        ("Peak second", load.peak_1s),
    )
    label, peak = next((each for each in peaks if each[1]), ("Peak minute", None))
    figure = peak_figure(label, peak, page)
    if load.peak_window is not None:
        note = f"{load.window_min} minutes from {reader.moment(load.peak_window.at_ms)}"
        figure = Figure(label, figure.value, "kW", note)
    yield figure
    yield from claims(report.saving, page)[:2]
    if report.generators:
        methods = dict.fromkeys(words.FUEL.get(g.fuel_method, "") for g in report.generators)
        yield Figure("Fuel", reader.number(burnt(report.generators), 1), "L", ", ".join(methods))
    used = report.saving.used
    if used is not None and used.scope1_kg is not None:
        yield Figure("CO₂e", reader.number(used.scope1_kg, 1), "kg", "fuel burnt, scope 1")
    if report.sources.renewable_pct is not None:
        share = reader.number(report.sources.renewable_pct, 1)
        yield Figure("Renewable", share, "%", "of the energy delivered, by origin")
    yield Figure("Average load", reader.number(load.average_kw, 1), "kW")
    if report.batteries:
        out = report.energy.discharged_kwh
        yield Figure("From the battery", reader.number(out, 1), "kWh")
