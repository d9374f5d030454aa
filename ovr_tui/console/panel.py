"""The panel of one asset: its values by kind, phases, states in words, links and notes. Pure."""

from collector.model.catalogue import CATALOGUE, Measurement
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.reading import Reading
from collector.model.snapshot import AssetView, Snapshot, Total
from ovr_tui.console.columns import STATUS_TONE, STATUS_WORD
from ovr_tui.console.format import (
    Figure,
    Trust,
    age,
    cell,
    figure,
    inline,
    label,
    number,
    scale,
    scaled,
    span,
    state_word,
)
from ovr_tui.console.glyphs import Glyphs, gauge
from ovr_tui.console.rows import aged, standing
from ovr_tui.console.text import Line, Piece, ends, fit, width, wrap

PHASES = ("L1", "L2", "L3", "N")
LABEL_CELLS = 22
VALUE_CELLS = 12


def chart_keys(view: AssetView) -> list[str]:
    """What can be charted, powers first: every gauge without its phases, then with them."""
    gauges = [
        key for name, m in CATALOGUE.items() if m.type == "gauge" for key in m.keys
        if key in view.readings and name
    ]  # fmt: skip
    whole = [key for key in gauges if "." not in key]
    return whole + [key for key in gauges if "." in key]


def head(view: AssetView, stale_s: float | None, glyphs: Glyphs, cells: int) -> list[Line]:
    """Who this is, and how it stands."""
    status, reason = standing(view, stale_s)
    since = aged(view.age_s, stale_s)
    tone = STATUS_TONE[status]
    old = f" {span(since)}" if since is not None else ""
    right: Line = ((f"{glyphs.status[status]} {STATUS_WORD[status]}{old} ", tone),)
    details = [view.system, str(view.kind), view.model, view.serial, view.id]
    about = " · ".join(dict.fromkeys(glyphs.text(word) for word in details if word))
    lines: list[Line] = [
        ends(((f" {glyphs.text(view.name or view.id)}", "bold"),), right, cells),
        *wrap(about, cells, "dim"),
    ]
    return lines + wrap(glyphs.text(reason), cells, tone)


def values(
    view: AssetView, stale_s: float | None, at_ms: int, glyphs: Glyphs, cells: int
) -> list[Line]:
    """Every reading of the asset: states in words, whole values with unit and age, counters, then
    the table of phases. In more columns where there is room. `at_ms`: the snapshot's time."""
    status, _ = standing(view, stale_s)
    now_ms = at_ms + round((stale_s or 0.0) * 1000)
    lines: list[Line] = []
    for title, names in _groups(view):
        entries = [
            entry for name in names
            if (entry := _value(view, CATALOGUE[name], status, now_ms, glyphs)) is not None
        ]  # fmt: skip
        if entries:
            lines += [(), ((f" {title}", "head"),), *_in_columns(entries, cells)]
    phases = _phases(view, status, glyphs, cells)
    if phases:
        lines += [(), *phases]
    return lines


def _groups(view: AssetView) -> list[tuple[str, list[str]]]:
    groups: dict[str, list[str]] = {"STATE": [], "POWER": [], "BATTERY": [], "AC": [], "ENGINE": []}
    groups["ENERGY"] = []
    for name, measurement in CATALOGUE.items():
        groups[_group(name, measurement)].append(name)
    first = ["STATE", "POWER"]
    rest = ["ENGINE", "BATTERY"] if view.kind is AssetKind.GENERATOR else ["BATTERY", "ENGINE"]
    return [(title, groups[title]) for title in (*first, *rest, "AC", "ENERGY")]


def _group(name: str, measurement: Measurement) -> str:
    if measurement.type == "state":
        return "STATE"
    if measurement.type == "counter":
        return "ENERGY"
    if name.startswith(("battery", "cell", "charge", "discharge", "time_to_go")):
        return "POWER" if name == "battery_power_w" else "BATTERY"
    if name.startswith(("fuel", "engine", "coolant", "oil")):
        return "ENGINE"
    return "POWER" if measurement.unit in ("W", "VA", "var") else "AC"


def _value(
    view: AssetView, measurement: Measurement, status: AssetStatus, now_ms: int, glyphs: Glyphs
) -> Line | None:
    reading = view.readings.get(measurement.name)
    if reading is None:
        return None
    shown = figure(reading, status)
    name: Piece = (f" {fit(label(measurement.name), LABEL_CELLS)}", "dim")
    if measurement.states:
        return name, _state(measurement, shown)
    if measurement.name == "time_to_go_s" and shown.value is not None:
        text = span(shown.value)
        stale = shown.trust is Trust.STALE
        return name, (f" ({text})" if stale else f"  {text}", "dim" if stale else "text")
    how = scale(measurement.name)
    text, tone = cell(scaled(shown, how.by), how.decimals, VALUE_CELLS, glyphs.absent)
    pieces: list[Piece] = [name, (text, tone), (fit(how.unit, 5), "dim")]
    if measurement.name in ("battery_soc_pct", "fuel_level_pct"):
        pieces.append((gauge(shown.value, 10, glyphs), "bar" if tone == "text" else "dim"))
    elif (old := _old(reading, now_ms)) is not None:
        pieces.append((f"{age(old):>4}", "dim"))
    return tuple(pieces)


def _old(reading: Reading, now_ms: int) -> float | None:
    """The reading's age where it is worth saying: devices that report changes only are quiet."""
    seconds = (now_ms - reading.at_ms) / 1000
    return seconds if seconds >= 2 else None


def _state(measurement: Measurement, shown: Figure) -> Piece:
    if shown.value is None:
        return "  --", "dim"
    word = state_word(measurement, shown.value)
    return (f" ({word})", "dim") if shown.trust is Trust.STALE else (f"  {word}", "bold")


def _in_columns(entries: list[Line], cells: int) -> list[Line]:
    each = LABEL_CELLS + VALUE_CELLS + 17
    count = max(1, min(3, cells // each))
    tall = -(-len(entries) // count)
    rows = []
    for row in range(tall):
        pieces: list[Piece] = []
        for entry in entries[row::tall]:
            pieces.extend(entry)
            pieces.append((" " * max(0, each - width(entry)), "text"))
        rows.append(tuple(pieces))
    return rows


def _phases(view: AssetView, status: AssetStatus, glyphs: Glyphs, cells: int) -> list[Line]:
    rows: list[Line] = []
    title, each = (LABEL_CELLS, 10) if cells > LABEL_CELLS + 40 else (20, 9)
    for name, measurement in CATALOGUE.items():
        keys = [f"{name}.{phase}" for phase in PHASES]
        if not any(key in view.readings for key in keys):
            continue
        how = scale(name)
        unit = f" {how.unit}" if how.unit else ""
        pieces: list[Piece] = [(f" {fit(label(name) + unit, title)}", "dim")]
        for key in keys:
            shown = scaled(figure(view.readings.get(key), status), how.by)
            pieces.append(cell(shown, how.decimals, each, glyphs.absent))
        rows.append(tuple(pieces))
        if name == "voltage_v":
            rows += _line_voltages(view, measurement, status, glyphs, (title, each))
    if not rows:
        return []
    head_line: Line = (
        (f" {fit('PHASES', title)}", "head"),
        *((f"{phase:>{each - 1}} ", "head") for phase in PHASES),
    )
    return [head_line, *rows]


def _line_voltages(
    view: AssetView,
    measurement: Measurement,
    status: AssetStatus,
    glyphs: Glyphs,
    sizes: tuple[int, int],
) -> list[Line]:
    title, each = sizes
    keys = [f"voltage_v.{pair}" for pair in ("L12", "L23", "L31")]
    if not any(key in view.readings for key in keys):
        return []
    pieces: list[Piece] = [(f" {fit('  between phases V', title)}", "dim")]
    pieces += [
        cell(figure(view.readings.get(key), status), measurement.decimals, each, glyphs.absent)
        for key in keys
    ]
    return [tuple(pieces)]


def counts_as(view: AssetView, shot: Snapshot, glyphs: Glyphs, cells: int) -> list[Line]:
    """What the asset counts for in the totals, its links, its notes, and what it says itself."""
    roles = [text for name, total in shot.totals.items() if (text := _role(view, name, total))]
    lines = [line for text in roles for line in wrap(glyphs.text(text), cells)]
    lines += [line for link in view.links for line in wrap(glyphs.text(link), cells, "dim")]
    if lines:
        lines = [(), ((" COUNTS", "head"),), *lines]
    if view.notes:
        lines += [(), ((" NOTES", "head"),)]
        for note in view.notes:
            lines += wrap(f"{glyphs.alarm} {glyphs.text(note)}", cells, "warn")
    if view.remarks:
        lines += [(), ((" SAYS", "head"),)]
        lines += [line for each in view.remarks for line in wrap(glyphs.text(each), cells, "dim")]
    return lines


def _role(view: AssetView, name: str, total: Total) -> str:
    what = label(name)
    for check in total.checks:
        if check.asset == view.id:
            by = (
                ""
                if check.deviation_pct is None
                else f", deviates {number(check.deviation_pct, 1)} %"
            )
            return f"{what}: a check of {check.of}, never added{by}"
    if view.id in total.left_out:
        return f"{what}: would count, is left out now (the total is partial)"
    for overlap in total.unverified:
        if view.id in (overlap.asset, overlap.other):
            other = overlap.other if view.id == overlap.asset else overlap.asset
            return f"{what}: counts, and may be one flow with {other} (the total is unverified)"
    for rest in total.remainders:
        if view.id in rest.children:
            return f"{what}: a part of what {rest.parent} measures"
        if view.id == rest.parent:
            text, _ = inline(
                scaled(Figure(rest.value, Trust.GOOD), scale(name).by), 1, scale(name).unit
            )
            return f"{what}: counts; {text} of it unmetered and losses"
    return f"{what}: counts" if view.id in total.counted else ""


def chart_title(
    view: AssetView, key: str, stale_s: float | None, cells: int, glyphs: Glyphs
) -> Line:
    """Above the chart: what it shows, its value now, and how to change it."""
    status, _ = standing(view, stale_s)
    how = scale(key)
    text, tone = inline(
        scaled(figure(view.readings.get(key), status), how.by), how.decimals, how.unit
    )
    phase = key.partition(".")[2]
    left: Line = (
        (f" {label(key)}{' ' + phase if phase else ''}", "accent"),
        ("  ", "text"),
        (text, "bold" if tone == "text" else tone),
    )
    unit = f"{how.unit} · " if how.unit else ""
    return ends(left, ((f"{unit}last 15 min · [ ] other ", "dim"),), cells)
