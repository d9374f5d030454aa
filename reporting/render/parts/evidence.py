"""What each figure of record stands on: the meter, its registers, what was corrected."""

from collector.model.catalogue import unit_of
from collector.model.report.evidence import Effect, Evidence
from collector.model.report.system import Member
from collector.model.report_document import Block, Note, Row, Section
from collector.model.said import Correction, CorrectionKind
from reporting.render import words
from reporting.render.page import Page, left, right, table

_UNITS = {"kwh": "kWh", "kw": "kW", "l": "L"}


def evidence_section(
    evidence: tuple[Evidence, ...],
    effects: tuple[Effect, ...],
    members: tuple[Member, ...],
    page: Page,
) -> Section | None:
    """Meters, registers at both ends, clamp readings, corrections with before and after, units."""
    blocks: list[Block] = []
    if evidence:
        blocks += [_meters(evidence, page), _registers(evidence, page), _methods(evidence, page)]
        if any(one.clamps for one in evidence):
            blocks.append(_clamps(evidence, page))
        if not all(one.certified for one in evidence):
            blocks.append(
                Note("Not revenue metering, except where a meter is marked as certified for it.")
            )
    if effects:
        blocks.append(_effects(effects, page))
    if members:
        blocks.append(_members(members, page))
    return Section("evidence", "Evidence", tuple(blocks)) if blocks else None


def _meters(evidence: tuple[Evidence, ...], page: Page) -> Block:
    rows = []
    for one in evidence:
        checked = "not verified"
        if one.verified_ms is not None:
            checked = f"{words.person(one.verified_by)}, {page.reader.day(one.verified_ms)}"
        make = " ".join(part for part in (one.make, one.model) if part)
        rows.append(
            Row(
                (
                    words.name(one.name or one.asset),
                    words.line(make) or "not known",
                    words.name(one.serial) or "not known",
                    words.name(one.accuracy_class) or "not known",
                    words.line(one.wiring) or "not known",
                    "yes" if one.certified else "no",
                    checked,
                )
            )
        )
    rows = list(dict.fromkeys(rows))
    columns = (
        left("Meter"),
        left("Make and model"),
        left("Serial"),
        left("Class"),
        left("Wiring, PT/CT"),
        left("Certified"),
        left("Commissioned"),
    )
    return table("Meters of record", columns, rows)


def _registers(evidence: tuple[Evidence, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                words.name(one.name or one.asset),
                words.flow(one.flow),
                number(one.raw_opening, 3),
                number(one.raw_closing, 3),
                number(one.own_opening_kwh, 3),
                number(one.own_closing_kwh, 3),
            )
        )
        for one in evidence
    ]
    columns = (
        left("Meter"),
        left("Flow"),
        right("Register, opening"),
        right("Register, closing"),
        right("Total, opening", "kWh"),
        right("Total, closing", "kWh"),
    )
    note = (
        "Register: as the device shows it, in its own unit. Total: kept by the node; it never "
        "goes back when a device is reset or swapped."
    )
    return table("Registers", columns, rows, note)


def _methods(evidence: tuple[Evidence, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                words.name(one.name or one.asset),
                words.flow(one.flow),
                number(one.register_kwh, 3),
                number(one.integral_kwh, 3),
                number(one.deviation_pct, 2),
                words.METHODS.get(one.method, one.method)
                + (" (they contradict each other)" if one.flagged else ""),
                number(one.kwh, 3),
                number(one.uncertainty_kwh, 3),
            )
        )
        for one in evidence
    ]
    columns = (
        left("Meter"),
        left("Flow"),
        right("By register", "kWh"),
        right("By integral", "kWh"),
        right("Deviation", "%"),
        left("Used"),
        right("Energy", "kWh"),
        right("±", "kWh"),
    )
    note = (
        "The register is used where both agree within 2 %, one step of the register, or what flows "
        "in half a minute; beyond that somebody has to decide."
    )
    return table("Method", columns, rows, note)


def _clamps(evidence: tuple[Evidence, ...], page: Page) -> Block:
    number = page.reader.number
    rows = [
        Row(
            (
                words.name(one.name or one.asset),
                words.name(clamp.phase),
                number(clamp.clamp_a, 1),
                number(clamp.meter_a, 1),
                words.person(one.verified_by),
                page.reader.moment(one.verified_ms),
            )
        )
        for one in evidence
        for clamp in one.clamps
    ]
    columns = (
        left("Meter"),
        left("Phase"),
        right("Clamp", "A"),
        right("Meter", "A"),
        left("By"),
        left("When"),
    )
    return table("Clamp readings", columns, list(dict.fromkeys(rows)))


def _effects(effects: tuple[Effect, ...], page: Page) -> Block:
    number = page.reader.number
    rows = []
    for effect in effects:
        said = effect.correction
        unit = _UNITS.get(effect.unit, words.name(effect.unit))
        rows.append(
            Row(
                (
                    page.asset(said.asset),
                    _what(said, page),
                    f"{words.flow(effect.figure)}, {unit}",
                    number(effect.before, 3),
                    number(effect.after, 3),
                    words.line(said.reason) or "no reason given",
                    words.person(said.person),
                )
            )
        )
    columns = (
        left("Meter"),
        left("Correction"),
        left("Figure"),
        right("Before"),
        right("After"),
        left("Why"),
        left("Who"),
    )
    return table("Corrections", columns, rows, "Stored data are never changed.")


def _what(said: Correction, page: Page) -> str:
    match said.kind:
        case CorrectionKind.FACTOR:
            what = f"× {page.reader.number(said.factor, 4)}{_phase(said.phase)}"
        case CorrectionKind.SIGN:
            what = f"sign turned{_phase(said.phase)}"
        case CorrectionKind.PHASE_SWAP:
            what = f"phases read as {', '.join(said.phases or ())}"
        case CorrectionKind.ROLE:
            what = f"read as {said.role.value if said.role else '?'}"
        case CorrectionKind.EXCLUDE:
            what = "left out"
        case CorrectionKind.READING:
            what = (
                f"register read: {page.reader.quantity(said.value, unit_of(said.measurement), 3)}"
            )
    until = "on" if said.to_ms is None else f"to {page.reader.moment(said.to_ms)}"
    return f"{what}, from {page.reader.moment(said.from_ms)} {until}"


def _phase(phase: str) -> str:
    return f" on {words.name(phase)}" if phase else ""


def _members(members: tuple[Member, ...], page: Page) -> Block:
    rows = [
        Row(
            (
                words.name(one.name or one.asset),
                words.name(one.kind),
                words.name(one.unit),
                words.name(one.model),
                words.name(one.serial),
                page.reader.moment(one.from_ms),
                page.reader.moment(one.to_ms),
            )
        )
        for one in members
    ]
    columns = (
        left("Asset"),
        left("Kind"),
        left("Unit"),
        left("Model"),
        left("Serial"),
        left("From"),
        left("To"),
    )
    return table("What belonged to it", columns, rows)
