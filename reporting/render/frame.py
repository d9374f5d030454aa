"""What every report has around its figures: cover facts, state, header, footer, small print."""

from collector.model.report.system import Head
from collector.model.report_document import Cover, Document, Fact, Logo, Section, State
from collector.model.report_input import Brand
from collector.model.report_state import ReportState, Standing, is_interim
from collector.model.terms import Terms
from reporting.render import words
from reporting.render.brand import BadLogo, logo
from reporting.render.locale import NB, UNKNOWN
from reporting.render.page import Page

_KINDS = {"system": "System report", "interim": "Interim report", "event": "Event report"}
_OF_ALL = "Interim event report"
_DOT = " · "


def kind(head: Head) -> str:
    """What the report is called, and which revision it is."""
    of_all = head.kind == "event" and is_interim(head.kind, head.report, head.event)
    name = _OF_ALL if of_all else _KINDS.get(head.kind, words.name(head.kind))
    return f"{name} · Revision{NB}{head.revision}"


def state(head: Head, page: Page, standing: Standing | None) -> State:
    """What may be relied on: as the revision stands, if that is known, else as it was made."""
    following = head.revision + 1
    known = standing.state if standing is not None else None
    if known is ReportState.SUPERSEDED:
        text = "A later revision has taken its place; this one stays as it was made."
        return State("SUPERSEDED", text, final=False)
    if head.stage == "provisional":
        upto = page.reader.moment(head.upto_ms, seconds=True)
        text = (
            f"Made right after the end, from data up to {upto}. "
            "Its figures may still change; the next version replaces it."
        )
        return State("PROVISIONAL", text, final=False)
    if standing is not None and known is ReportState.RELEASED:
        text = f"Later corrections make revision {following}; this one stays as it is."
        return State("RELEASED", f"{_release(standing, page)} {text}", final=True)
    text = (
        "Every minute is in. Until operations has checked and released it, a correction, changed "
        f"times, a log entry or late data put revision {following} in its place."
    )
    return State("DRAFT", text, final=False)


def _release(standing: Standing, page: Page) -> str:
    """When it went out; in the company also who let it."""
    by = words.person(standing.released_by) if page.internal and standing.released_by else ""
    when = "" if standing.released_ms is None else f"On {page.reader.moment(standing.released_ms)}"
    return f"{when} by {by or 'operations'}.".lstrip()


def cover_facts(head: Head, page: Page) -> tuple[Fact, ...]:
    """Who, where, when (in the event's zone and UTC)."""
    reader = page.reader
    begin, end = head.from_ms, head.to_ms
    facts = [
        ("Client", (words.name(head.client) or UNKNOWN,)),
        ("Site", (words.name(head.site) or UNKNOWN,)),
        ("Job", (words.name(head.job) or UNKNOWN,)),
        ("Use", (words.use(head.use_case),)),
        ("From", (reader.full(begin), reader.utc(begin))),
        ("To", (reader.full(end), reader.utc(end))),
        ("Duration", (reader.span(begin, end),)),
        ("Time zone", zone_lines(page)),
    ]
    return tuple(
        Fact(label, tuple(line for line in lines if line)) for label, lines in facts if any(lines)
    )


def zone_lines(page: Page) -> tuple[str, ...]:
    """The zone; both its offsets where clocks change within the window."""
    reader = page.reader
    first = f"{reader.abbreviation(page.from_ms)} = {reader.offset(page.from_ms)}"
    if not reader.changes(page.from_ms, page.to_ms):
        return (reader.zone_name, first)
    last = page.to_ms - 1
    second = f"{reader.abbreviation(last)} = {reader.offset(last)}"
    return (reader.zone_name, f"{first}, then {second}")


def framed(
    head: Head,
    cover: Cover,
    sections: tuple[Section, ...],
    small: tuple[str, ...],
    page: Page,
    brand: Brand,
) -> Document:
    """The whole document."""
    company = words.name(brand.company or head.company)
    about = [words.name(head.event_name), words.name(head.system_name or head.system)]
    header = _DOT.join(part for part in about if part)
    footer = [company, kind(head), page.reader.date(head.to_ms)]
    if page.internal:
        footer.append("internal")
    picture, refused = _logo(brand)
    if refused and page.internal:
        small = (*small, f"The logo was left out: {refused}.")
    return Document(
        edition=page.edition,
        title=f"{header} · {kind(head)}",
        company=company,
        header=header,
        footer=_DOT.join(part for part in footer if part),
        paper=page.reader.paper,
        dated_ms=head.to_ms,
        cover=cover,
        sections=sections,
        small_print=small,
        logo=picture,
        day_first=page.reader.day_first,
    )


def _logo(brand: Brand) -> tuple[Logo | None, str]:
    """The logo, or none and why: a report is not held up by a picture."""
    try:
        return logo(brand), ""
    except BadLogo as why:
        return None, str(why)


def method(terms: Terms, page: Page) -> tuple[str, ...]:
    """How figures come about, in a few sentences."""
    reader = page.reader
    fuel = terms.fuel
    least = reader.percent(terms.min_coverage_pct, 0)
    return (
        "Energies are differences of the meters' registers where these agree with the integral of "
        "power within 2 %, else the integral; what is not known is shown as —, never as 0. "
        f"Demand is the mean of {terms.demand_window_min} minutes, aligned to the clock in the "
        f"event's time zone, valid where at least 80 % was measured. Percentiles are of minute "
        f"means. Savings need at least {least} of the time to be measured.",
        f"Fuel: {words.name(fuel.kind)}. Where neither deliveries nor a fuel meter tell: the set's "
        f"own curve, else litres an hour = {reader.number(fuel.idle_l_per_h_per_kw, 4)} × rated kW "
        f"+ {reader.number(fuel.slope_l_per_kwh, 4)} × kW.",
    )


def small_print(head: Head, inputs_sha256: str, schema: int, numbers: int) -> tuple[str, ...]:
    """What an auditor needs to find the very figures again."""
    node = words.name(head.node)
    return (
        f"Report {words.name(head.report)}, revision {head.revision}, of node {node}. "
        "Times are of the event's zone unless marked UTC.",
        f"All figures are those of report.json (format {schema}, method {numbers}), computed from "
        f"inputs with SHA-256 {words.line(inputs_sha256) or 'unknown'}. Figures may be printed "
        "with fewer digits than they have there.",
    )
