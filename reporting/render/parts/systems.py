"""The systems of an event: who took part, how they rank, what happened, which reports it is of."""

from collector.model.report.event import EventReport, Moment, Rank, SystemRow
from collector.model.report_document import Block, Chart, Note, Row, Section
from reporting.render import words
from reporting.render.charts.bars import Span, ranking, spans
from reporting.render.page import Page, left, right, table
from reporting.render.parts.log import entry_table, notes_written

_MOST_BARS = 24
_BY = {
    "load_kwh": ("Energy delivered", "kWh", 1),
    "peak_kw": ("Highest power", "kW", 1),
    "fuel_l": ("Fuel", "L", 1),
    "generator_h": ("Generator hours", "h", 1),
    "saved_l": ("Fuel saved", "L", 1),
    "pv_kwh": ("PV", "kWh", 1),
    "discharged_kwh": ("From batteries", "kWh", 1),
}
_WORDS = {
    "started": "Event started",
    "joined": "Joined",
    "left": "Left",
    "swapped": "Unit swapped",
    "corrected": "Corrected",
    "alarm": "Alarm",
    "log": "Log",
    "ended": "Event ended",
}
_INTERNAL = frozenset(["alarm"])
_MOST_MOMENTS = {"client": 200, "internal": 1000}


def coverage_said(report: EventReport, page: Page) -> Note:
    """The statement of the cover."""
    missing = len(report.missing)
    text = "How much was measured is not known."
    if report.coverage_pct is not None:
        share = page.reader.percent(report.coverage_pct, 2)
        text = f"Measured {share} of the time of all systems that took part."
    if missing:
        text += f" {words.counted(missing, 'report')} of systems missing: figures are too low."
    low = report.coverage_pct is None or report.coverage_pct < report.terms.min_coverage_pct
    return Note(text, "caution" if missing or low else "info")


def systems_section(report: EventReport, page: Page) -> Section:
    """A row for each participation, who was there when, rankings."""
    blocks: list[Block] = []
    if report.systems:
        blocks.append(_chart(report, page))
        blocks += [_energies(report.systems, page), _machines(report.systems, page)]
        blocks += [_rank(rank, page) for rank in report.ranking if len(rank.systems) > 1]
    return Section("systems", "Systems", tuple(blocks), _lead(report, page))


def _lead(report: EventReport, page: Page) -> str:
    together, summed = report.coincidence.coincident, report.coincidence.summed_kw
    if together is None or summed is None:
        return ""
    return (
        f"All together they took at most {page.reader.quantity(together.kw, 'kW', 1)} "
        f"({page.reader.moment(together.at_ms)}); their own peaks add up to "
        f"{page.reader.quantity(summed, 'kW', 1)}."
    )


def _system(node: str, system: str, page: Page) -> str:
    """A node's system by name, for two nodes may each have a `bess-1`."""
    return page.asset(f"{node}/{system}" if node else system) if system else ""


def _name(row: SystemRow) -> str:
    return words.name(row.name or row.system)


def _chart(report: EventReport, page: Page) -> Chart:
    given = [Span(_name(row), row.from_ms, row.to_ms) for row in report.systems]
    names = list(dict.fromkeys(span.row for span in given))[:60]
    shown = [span for span in given if span.row in names]
    return page.chart(
        "taking-part",
        "Who took part when",
        "Times of each system in the event.",
        lambda name: spans(shown, page.reader, page.from_ms, page.to_ms, name),
    )


def _energies(rows: tuple[SystemRow, ...], page: Page) -> Block:
    number = page.reader.number
    made = [
        Row(
            (
                _name(row),
                words.use(row.use_case) if row.use_case else "",
                page.reader.moment(row.from_ms),
                page.reader.moment(row.to_ms),
                number(row.load_kwh, 3),
                number(row.counted_kwh, 3),
                number(row.peak_kw, 1),
                number(row.at_coincident_kw, 1),
                number(row.coverage_pct, 2),
            )
        )
        for row in rows
    ]
    columns = (
        left("System"),
        left("Use"),
        left("From"),
        left("To"),
        right("Energy", "kWh"),
        right("Counted", "kWh"),
        right("Peak", "kW"),
        right("At joint peak", "kW"),
        right("Measured", "%"),
    )
    note = "Counted: what is in the event's total; the rest is measured by another system too."
    return table("Energy and demand", columns, made, note)


def _machines(rows: tuple[SystemRow, ...], page: Page) -> Block:
    number = page.reader.number
    made = [
        Row(
            (
                _name(row),
                page.reader.moment(row.peak_ms),
                number(row.generator_h, 2),
                number(row.fuel_l, 2),
                number(row.pv_kwh, 3),
                number(row.discharged_kwh, 3),
                number(row.saved_l, 2),
            )
        )
        for row in rows
    ]
    columns = (
        left("System"),
        left("Peak at"),
        right("Generator", "h"),
        right("Fuel", "L"),
        right("PV", "kWh"),
        right("From battery", "kWh"),
        right("Fuel saved", "L"),
    )
    note = "Savings of systems do not add up to the event's, which is computed on its flows."
    return table("Machines", columns, made, note)


def _rank(rank: Rank, page: Page) -> Chart:
    title, unit, decimals = _BY.get(rank.by, (words.flow(rank.by), "", 1))
    names = [page.asset(system) for system in rank.systems[:_MOST_BARS]]
    values = rank.values[:_MOST_BARS]
    texts = [page.reader.quantity(value, unit, decimals).strip() for value in values]
    told = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=False))
    return page.chart(
        f"rank-{rank.by.replace('_', '-')}",
        f"{title} by system",
        told,
        lambda name: ranking(names, values, texts, name),
    )


def timeline_section(report: EventReport, page: Page) -> Section | None:
    """What was written of the event, what happened, in order; the log."""
    moments = [one for one in report.timeline if page.internal or _shown(one)]
    blocks = notes_written(report.head, page)
    if moments:
        most = _MOST_MOMENTS[page.edition]
        rows = [
            Row(
                (
                    page.reader.moment(one.at_ms, seconds=True),
                    _WORDS.get(one.what, words.name(one.what)),
                    _system(one.node, one.system, page),
                    _text(one, page),
                )
            )
            for one in moments[:most]
        ]
        rest = len(moments) - most
        note = f"{rest} more are in report.json." if rest > 0 else ""
        columns = (left("When"), left("What"), left("System"), left("Text"))
        blocks.append(table("", columns, rows, note))
    entries = tuple(entry for entry in report.log if page.internal or entry.client)
    logged = entry_table(entries, page)
    if logged is not None:
        blocks.append(logged)
    return Section("timeline", "Timeline", tuple(blocks)) if blocks else None


def _text(moment: Moment, page: Page) -> str:
    """What was said, if it is more than the system's name."""
    text = words.line(moment.text)
    return "" if text == _system(moment.node, moment.system, page) else text


def _shown(moment: Moment) -> bool:
    """Log entries come as a table of their own, with those alone that are meant for the client."""
    return moment.what not in _INTERNAL and moment.what != "log"


def parts_section(report: EventReport, page: Page) -> Section | None:
    """The very reports that this one was computed from, those that are missing, and which of
    their flows count."""
    blocks: list[Block] = []
    if report.missing:
        rows = [
            Row((_system(one.node, one.system, page), words.name(one.node), words.line(one.why)))
            for one in report.missing
        ]
        blocks.append(table("Missing reports", (left("System"), left("Node"), left("Why")), rows))
    rows = [
        Row(
            (
                _system(one.node, one.system, page),
                words.name(one.node),
                words.name(one.report),
                str(one.revision),
                words.line(one.report_sha256),
            )
        )
        for one in report.parts
    ]
    columns = (
        left("System"),
        left("Node"),
        left("Report"),
        right("Revision"),
        left("SHA-256 of report.json"),
    )
    if rows:
        blocks.append(table("Made of these reports", columns, rows))
    if report.flows:
        blocks.append(_flows(report, page))
    return Section("parts", "Parts", tuple(blocks)) if blocks else None


def _flows(report: EventReport, page: Page) -> Block:
    number = page.reader.number
    rows = []
    for flow in report.flows:
        why = f"check of {words.name(flow.same_as)}" if flow.same_as else ""
        if flow.behind:
            why = f"behind {words.name(flow.behind)}"
        rows.append(
            Row(
                (
                    _system(flow.node, flow.system, page),
                    words.name(flow.asset),
                    words.flow(flow.flow),
                    number(flow.kwh, 3),
                    number(flow.counted_kwh, 3),
                    why,
                )
            )
        )
    columns = (
        left("System"),
        left("Meter"),
        left("Flow"),
        right("Energy", "kWh"),
        right("Counted", "kWh"),
        left("Why not all"),
    )
    note = "No flow is counted twice: what two meters see is counted at one of them."
    return table("What counts", columns, rows, note)
