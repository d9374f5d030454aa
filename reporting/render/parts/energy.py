"""Energies: what came in, where it went, whether it balances."""

from collector.model.report.energy import Energy
from collector.model.report.load import Sources, SourceShare
from collector.model.report_document import Block, Chart, Prose, Row, Section
from reporting.render import words
from reporting.render.charts.bars import Part, share_bar
from reporting.render.page import Page, left, right, table

_IN = (
    ("Grid import", "grid_import_kwh"),
    ("Generator", "generator_kwh"),
    ("PV", "pv_kwh"),
    ("Battery discharge", "discharged_kwh"),
)
_OUT = (
    ("Load", "load_kwh"),
    ("Battery charge", "charged_kwh"),
    ("Grid export", "grid_export_kwh"),
)


def energy_section(energy: Energy, sources: Sources, page: Page) -> Section:
    """The balance, the sources as delivered and by origin, the meters of record."""
    blocks: list[Block] = [_balance(energy, page)]
    if sources.delivered or sources.origin:
        blocks.append(_sources(sources, page))
        blocks.append(
            Prose(
                "As delivered: what fed the load at that moment. By origin: what came out of the "
                "battery is counted as what had charged it.",
                small=True,
            )
        )
    if energy.flows:
        blocks.append(_flows(energy, page))
    if energy.remainders:
        blocks.append(_remainders(energy, page))
    return Section("energy", "Energy", tuple(blocks))


def doubt(energy: Energy, page: Page) -> str:
    """How far the energy delivered can be from the truth, and what that leaves out."""
    stated = energy.uncertainty.get("load_kwh")
    if stated is None:
        return ""
    within = f"± {page.reader.quantity(stated, 'kWh', 1)}"
    if "load_kwh" in energy.class_unknown:
        return f"{within} or more (meter's class not known)"
    return within


def source_bar(sources: Sources, page: Page, name: str) -> list[Chart]:
    """The load's sources as one bar, by origin where that is known."""
    shares = sources.origin or sources.delivered
    parts = [
        Part(s.source, words.source(s.source), s.kwh, _share(s, page))
        for s in shares
        if s.kwh is not None and s.kwh > 0
    ]
    if not parts:
        return []
    told = "; ".join(f"{part.name} {part.text}" for part in parts).replace("\n", ", ")
    title = "Where the energy came from"
    return [page.chart(name, title, told, lambda key: share_bar(parts, key))]


def _share(share: SourceShare, page: Page) -> str:
    kwh = page.reader.quantity(share.kwh, "kWh", 1)
    if share.share_pct is None:
        return kwh
    return f"{page.reader.percent(share.share_pct)}\n{kwh}"


def _balance(energy: Energy, page: Page) -> Block:
    number = page.reader.number
    rows: list[Row] = []
    for title, lines in (("in", _IN), ("out", _OUT)):
        for label, field in lines:
            kwh: float | None = getattr(energy, field)
            if kwh is not None:
                doubt = energy.uncertainty.get(field)
                rows.append(Row((label, title, number(kwh, 3), number(doubt, 3))))
    if energy.residual_kwh is not None:
        rows.append(
            Row(
                ("Not accounted for", "in − out", number(energy.residual_kwh, 3), ""),
                total=True,
            )
        )
    stored = (
        ("Stored in batteries at the beginning", energy.stored_start_kwh),
        ("Stored in batteries at the end", energy.stored_end_kwh),
        ("Lost in batteries and their conversion", energy.battery_losses_kwh),
    )
    rows += [Row((label, "", number(kwh, 3), "")) for label, kwh in stored if kwh is not None]
    notes = []
    if energy.residual_pct is not None:
        share = page.reader.percent(energy.residual_pct, 2)
        notes.append(f"Not accounted for: {share} of what came in.")
    unknown = [label for label, field in (*_IN, *_OUT) if field in energy.class_unknown]
    if unknown:
        notes.append(
            f"± leaves the error of the meters themselves out for: {', '.join(unknown)}; "
            "the accuracy class of a meter there is not known."
        )
    columns = (left("Flow"), left("Direction"), right("Energy", "kWh"), right("±", "kWh"))
    return table("Balance", columns, rows, " ".join(notes))


def _sources(sources: Sources, page: Page) -> Block:
    number = page.reader.number
    delivered = {share.source: share for share in sources.delivered}
    origin = {share.source: share for share in sources.origin}
    rows = []
    for key in dict.fromkeys((*delivered, *origin)):
        one, other = delivered.get(key), origin.get(key)
        rows.append(
            Row(
                (
                    words.source(key),
                    number(one.kwh if one else None, 3),
                    number(one.share_pct if one else None, 2),
                    number(other.kwh if other else None, 3),
                    number(other.share_pct if other else None, 2),
                )
            )
        )
    columns = (
        left("Source of the load's energy"),
        right("As delivered", "kWh"),
        right("Share", "%"),
        right("By origin", "kWh"),
        right("Share", "%"),
    )
    note = ""
    if sources.renewable_pct is not None:
        note = f"Renewable by origin: {page.reader.percent(sources.renewable_pct, 2)}."
    return table("Sources", columns, rows, note)


def _flows(energy: Energy, page: Page) -> Block:
    number = page.reader.number
    rows = []
    for flow in energy.flows:
        role = "counted" if flow.counted else "not added"
        if flow.same_as:
            role = f"check of {page.asset(flow.same_as)}"
        elif flow.behind:
            role = f"behind {page.asset(flow.behind)}"
        rows.append(
            Row(
                (
                    words.name(flow.name or flow.asset),
                    words.flow(flow.flow),
                    role,
                    number(flow.kwh, 3),
                    number(flow.uncertainty_kwh, 3),
                    number(flow.gap_kwh, 3) if flow.gap_kwh else "",
                    number(flow.deviation_pct, 2),
                )
            )
        )
    columns = (
        left("Meter"),
        left("Flow"),
        left("Role"),
        right("Energy", "kWh"),
        right("±", "kWh"),
        right("of it in gaps", "kWh"),
        right("Deviation", "%"),
    )
    return table("Meters", columns, rows, "In gaps: what the meter's counter rose meanwhile.")


def _remainders(energy: Energy, page: Page) -> Block:
    rows = [
        Row(
            (
                page.asset(rest.parent),
                ", ".join(page.asset(child) for child in rest.children),
                page.reader.number(rest.kwh, 3),
            )
        )
        for rest in energy.remainders
    ]
    columns = (left("Meter"), left("Sub-meters"), right("Unmetered and losses", "kWh"))
    return table("What sub-meters do not show", columns, rows)
