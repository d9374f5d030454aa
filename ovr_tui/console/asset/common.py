"""Blocks that the panels of several kinds have. Pure."""

from collections.abc import Sequence

from collector.model.alarm import Alarm, Severity
from collector.model.assets import generator_kw
from collector.model.catalogue import Measurement, split_key
from collector.model.control import Lockout
from collector.model.kinds import AssetKind
from collector.model.snapshot import Snapshot
from collector.model.text import called
from ovr_tui.console.alarms.words import over, severity
from ovr_tui.console.asset.energy import NAMES, Marks
from ovr_tui.console.asset.layout import Block
from ovr_tui.console.asset.sheet import LABEL_CELLS, UNIT_CELLS, VALUE_CELLS, Sheet
from ovr_tui.console.columns import STATUS_TONE, STATUS_WORD
from ovr_tui.console.format import (
    Figure,
    Trust,
    cell,
    clock,
    inline,
    label,
    local,
    number,
    scale,
    scaled,
    span,
)
from ovr_tui.console.glyphs import Glyphs, gauge
from ovr_tui.console.rows import aged
from ovr_tui.console.text import Line, Piece, Tone, ends, fit, width, wrap

SHOWN_ALARMS = 3
ALARM_TONE: dict[Severity, Tone] = {
    Severity.WARNING: "warn",
    Severity.ALARM: "alert",
    Severity.CRITICAL: "alert",
}
GOOD_LOAD_PCT, FULL_PCT = 90.0, 100.0


def title(sheet: Sheet, cells: int, about: str = "") -> Line:
    """Who this is, and at the right end, which always stays, how it stands; `about` says what is
    told of it here."""
    view, glyphs = sheet.view, sheet.glyphs
    since = aged(view.age_s, sheet.stale_s)
    tone = STATUS_TONE[sheet.status]
    old = f" {span(since)}" if since is not None else ""
    right: Line = ((f"{glyphs.status[sheet.status]} {STATUS_WORD[sheet.status]}{old} ", tone),)
    name: Line = ((f" {glyphs.text(view.name or view.id)}", "bold"), (f"  {about}", "dim"))
    return ends(name, right, cells)


def head(sheet: Sheet, cells: int) -> list[Line]:
    """Who this is, how it stands, and why."""
    view, glyphs = sheet.view, sheet.glyphs
    tone = STATUS_TONE[sheet.status]
    details = [view.system, str(view.kind), view.model, view.serial, view.id]
    known = dict.fromkeys(glyphs.text(word) for word in details if word)
    about = f" {glyphs.middle} ".join(known)
    joined = _event(sheet)
    below: Line = ((f" {about}", "dim"),)
    lines = [title(sheet, cells)]
    if joined and width(below) + width(joined) < cells:
        lines.append(ends(below, joined, cells))
    else:
        lines += wrap(about, cells, "dim")
    lines += wrap(glyphs.prose(sheet.reason), cells, tone)
    return lines + (locked_out(view.lockout, sheet.shot, glyphs, cells) if view.lockout else [])


def locked_out(lockout: Lockout, shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    """Who has locked an asset out, since when and why."""
    since = clock(lockout.at_ms, shot.timezone)
    ago = span(max(0, shot.at_ms - lockout.at_ms) / 1000)
    name, reason = glyphs.text(lockout.name), glyphs.prose(lockout.reason)
    text = f"{glyphs.alarm} LOCKED OUT by {name} since {since} ({ago}): {reason}"
    return wrap(text, cells, "alert")


def _event(sheet: Sheet) -> Line:
    found = [e for e in sheet.shot.events if sheet.view.system in e.systems]
    if not found:
        return ()
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    since = ""
    if found[0].from_ms is not None and not more:
        since = f" since {local(found[0].from_ms, sheet.shot.timezone):%a %H:%M}"
    return ((f"in {fit(sheet.glyphs.text(found[0].name), 40).rstrip()}{since}{more} ", "dim"),)


def about(sheet: Sheet) -> list[Alarm]:
    """The open alarms that concern the asset."""
    mine = sheet.view.id
    return [a for a in sheet.shot.alarms if a.asset == mine or mine in a.members]


def alarms(sheet: Sheet, cells: int) -> list[Line]:
    """What is wrong with it: the most urgent first, each with its age; last what was wrong and
    nobody has seen, with how long it has been over."""
    found = sorted(about(sheet), key=over)
    lines: list[Line] = []
    for alarm in found[:SHOWN_ALARMS]:
        tone = ALARM_TONE[alarm.severity] if alarm.state == "active" else "dim"
        head, _ = severity(alarm, sheet.glyphs)
        was = " over:" if over(alarm) else ""
        said = sheet.glyphs.text(alarm.now or alarm.text)
        left: Line = ((f" {head}{was} {said}", tone),)
        since = f"{_since(sheet, alarm)}{_seen_by(sheet, alarm)} "
        lines.append(ends(left, ((since, "dim"),), cells))
    if (more := len(found) - SHOWN_ALARMS) > 0:
        lines.append(((f"   and {more} more: a shows them", "dim"),))
    return lines


def _since(sheet: Sheet, alarm: Alarm) -> str:
    from_ms = alarm.raised_ms if alarm.cleared_ms is None else alarm.cleared_ms
    long = span(max(0, sheet.shot.at_ms - from_ms) / 1000)
    return long if alarm.cleared_ms is None else f"over for {long}"


def _seen_by(sheet: Sheet, alarm: Alarm) -> str:
    who = fit(sheet.glyphs.text(called(alarm.acked_by)), 16).rstrip()
    return f" {sheet.glyphs.middle} seen by {who}" if who else ""


def notes(sheet: Sheet, cells: int) -> list[Block]:
    """Hints for people, and what the device says beside its readings."""
    view, glyphs = sheet.view, sheet.glyphs
    hints = [
        line
        for note in view.notes
        for line in wrap(f"{glyphs.alarm} {glyphs.prose(note)}", cells - 1, "warn")
    ]
    said = [line for each in view.remarks for line in wrap(glyphs.prose(each), cells - 1, "dim")]
    return [Block(title="NOTES", lines=hints), Block(title="SAYS", lines=said)]


def packed(items: Sequence[Line], cells: int) -> list[Line]:
    """Facts one behind the other, as many on a line as fit."""
    lines: list[Line] = []
    for item in items:
        if not item:
            continue
        last = lines[-1] if lines else None
        if last is not None and width(last) + 3 + width(item) <= cells:
            lines[-1] = (*last, ("   ", "text"), *item)
        else:
            lines.append(((" ", "text"), *item))
    return lines


def block(sheet: Sheet, title: str, *keys: str) -> Block:
    """A fact for each of these readings that there is."""
    return Block(title=title, lines=sheet.facts(*keys))


def left_over(sheet: Sheet) -> Block:
    """Every reading that no other block has shown: nothing is hidden."""
    lines: list[Line] = []
    for measurement, keys in sheet.left():
        lines += [sheet.fact(key, _named(measurement, key)) for key in list(keys)]
    return Block(title="OTHER READINGS", lines=lines)


def _named(measurement: Measurement, key: str) -> str:
    phase = split_key(key)[1]
    return f"{label(measurement.name)} {phase}" if phase else label(measurement.name)


def energies(sheet: Sheet, marks: Marks) -> Block:
    """The asset's counters: today, since its system joined an event, in all. A mark that is not
    known leaves its column out."""
    keys = [key for key in NAMES if sheet.has(key)]
    if not keys:
        return Block(title="", lines=())
    parts = [("today", marks.today)] if marks.today else []
    if marks.joined:
        parts.append((marks.since, marks.joined))
    each = VALUE_CELLS - 1
    head: list[Piece] = [(f" {fit('ENERGY kWh', LABEL_CELLS - 8)}", "head")]
    head += [(f"{fit(name, each - 1).strip():>{each - 1}} ", "head") for name, _ in parts]
    head.append((f"{'total':>{each - 1}} ", "head"))
    lines: list[Line] = [tuple(head)]
    for key in keys:
        total = sheet.figure(key)
        row: list[Piece] = [(f" {fit(NAMES[key], LABEL_CELLS - 8)}", "dim")]
        for _, base in parts:
            before = base.get(key)
            known = total.value is not None and before is not None
            value = total.value - before if total.value is not None and before is not None else None
            shown = Figure(value, total.trust) if known else Figure(None, Trust.ABSENT)
            row.append(cell(shown, 1, each, sheet.glyphs.absent))
        row.append(sheet.cell(key, each))
        lines.append(tuple(row))
    return Block(title="", lines=lines)


def load_bar(sheet: Sheet, power: Figure, cells: int = 20) -> Line:
    """A power against what the plate says it may be, a generating set's as the reports have it;
    nothing where nobody has said."""
    ratings = sheet.view.ratings
    rated, unit = ratings.get("rated_kw"), "kW"
    if sheet.view.kind is AssetKind.GENERATOR:
        rated = generator_kw(rated, ratings.get("rated_kva"))
    elif not rated:
        rated, unit = ratings.get("rated_kva"), "kVA"
    if not rated or power.value is None:
        return ()
    percent = abs(power.value) / 1000 / rated * 100
    live = power.trust is Trust.GOOD
    tone: Tone = "dim" if not live else "alert" if percent > FULL_PCT else "bar"
    told: Tone = "dim" if not live else "warn" if percent > GOOD_LOAD_PCT else "text"
    text = number(percent, 0)
    return (
        (gauge(percent, cells, sheet.glyphs), tone),
        (f" {text} %" if live else f" ({text}) %", told),
        (f" of {number(rated, 0)} {unit}", "dim"),
    )


def main_line(sheet: Sheet, key: str, words: Sequence[Line], cells: int) -> list[Line]:
    """The asset's power in bold against its rating, and what goes with it."""
    how = scale(key)
    text, tone = inline(sheet.read(key), how.decimals, how.unit, sheet.glyphs.absent)
    first: Line = ((text, "bold" if tone == "text" else tone),)
    return packed([first, *words, load_bar(sheet, sheet.figure(key))], cells)


def companions(sheet: Sheet, told: dict[str, str]) -> Block:
    """The other assets of its system, each with its power; `told` says where they are shown."""
    view, glyphs = sheet.view, sheet.glyphs
    lines: list[Line] = []
    for other in sheet.shot.assets:
        if other.system != view.system or other.id == view.id:
            continue
        own = Sheet(other, sheet.shot, sheet.stale_s, glyphs)
        tone = STATUS_TONE[own.status]
        name = fit(glyphs.text(other.name or other.id), LABEL_CELLS - 1)
        line: list[Piece] = [(f" {glyphs.status[own.status]} ", tone), (name, "text")]
        text, loud = present(own)
        line.append((f"{text:>11}", loud))
        where = told.get(other.id, "")
        line.append((fit(f" {where}" if where else "", UNIT_CELLS + 5), "dim"))
        lines.append(tuple(line))
    return Block(title=f"ALSO OF {fit(glyphs.text(view.system), 24).strip()}", lines=lines)


def present(own: Sheet) -> Piece:
    """What an asset does now, in one figure: its main power, or how full its tank is."""
    key = {
        AssetKind.BESS: "load_power_w", AssetKind.LOAD: "load_power_w",
        AssetKind.GENERATOR: "generator_power_w", AssetKind.GRID: "grid_power_w",
        AssetKind.PV: "pv_power_w", AssetKind.TANK: "fuel_level_pct",
    }[own.view.kind]  # fmt: skip
    how = scale(key)
    shown = scaled(own.figure(key), how.by)
    return inline(shown, how.decimals, how.unit, own.glyphs.absent)
