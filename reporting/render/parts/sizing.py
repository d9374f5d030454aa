"""What to bring next time: internal."""

from collector.model.report.sizing import Candidate, Sizing
from collector.model.report_document import Block, Note, Prose, Row, Section
from reporting.render import words
from reporting.render.page import Page, left, right, table

_MOST = 30


def sizing_section(sizing: Sizing | None, page: Page) -> Section | None:
    """The smallest set that serves the measured load, and those that were tried."""
    if sizing is None or not page.internal:
        return None
    reader = page.reader
    lead = ""
    if sizing.smallest is not None:
        best = sizing.smallest
        lead = (
            f"The smallest set with a battery that serves this load with margin: battery "
            f"{reader.quantity(best.battery_kwh, 'kWh', 0)}, inverter "
            f"{reader.quantity(best.inverter_kva, 'kVA', 0)}, generator "
            f"{reader.quantity(best.generator_kw, 'kW', 0)}."
        )
    blocks: list[Block] = []
    if sizing.rule:
        blocks.append(Prose(words.paragraph(sizing.rule), small=True))
    rows = []
    named = (
        ("as it was", sizing.actual),
        ("smallest with a battery", sizing.smallest),
        ("smallest without", sizing.alone),
    )
    for label, one in named:
        if one is not None:
            rows.append(_row(label, one, page, total=False))
    rows += [_row("", one, page, total=False) for one in sizing.candidates[:_MOST]]
    columns = (
        left("Set"),
        right("Battery", "kWh"),
        right("Inverter", "kVA"),
        right("Generator", "kW"),
        right("Runs", "h"),
        right("Starts"),
        right("Fuel", "L"),
        right("Average load", "%"),
        right("Lowest SOC", "%"),
        right("Not served", "kWh"),
        left("Serves"),
    )
    rest = len(sizing.candidates) - _MOST
    note = f"{rest} more are in report.json." if rest > 0 else ""
    if rows:
        blocks.append(table("What if", columns, rows, note))
    blocks += [Note(words.paragraph(one.text), "info") for one in sizing.notes]
    return Section("sizing", "Sizing for next time", tuple(blocks), lead)


def _row(label: str, one: Candidate, page: Page, *, total: bool) -> Row:
    number = page.reader.number
    return Row(
        (
            label,
            number(one.battery_kwh, 0),
            number(one.inverter_kva, 0),
            number(one.generator_kw, 0),
            number(one.generator_h, 1),
            number(one.starts, 0),
            number(one.fuel_l, 1),
            number(one.average_load_pct, 0),
            number(one.soc_min_pct, 0),
            number(one.unserved_kwh, 3),
            "yes" if one.serves else "no",
        ),
        total,
    )
