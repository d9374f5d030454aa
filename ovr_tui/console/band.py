"""The head of every page: the line of truth, and the site's totals. Pure."""

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct
from rich.cells import cell_len

from collector.client import NONE_RUNS
from collector.model.alarm import Severity
from collector.model.event import EventStatus
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.snapshot import SinkHealth, Snapshot, Total
from ovr_tui.console.events import words
from ovr_tui.console.flow import flow
from ovr_tui.console.format import Figure, Trust, clock, figure, inline, number, span
from ovr_tui.console.generators import running
from ovr_tui.console.glyphs import Glyphs, spark
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, cut, ends, fit, join, plain, width
from ovr_tui.console.trends import Trends
from ovr_tui.console.unheard import missing, silent

GONE_S = 10.0
"""A collector that is restarted is back before this; one that is not needs a person."""

BEHIND_S = 120.0
"""A sink that is further behind than this is worth a colour."""

LEAST_SITE_CELLS = 20
"""So much of the first line the site's name has in any case; a longer one gives way to alarms."""

TALL_LINES = 4
EVENT_CELLS = 120
"""From here on the line of truth names the event that is on."""
EVENT_NAME_CELLS = 28
ONE_LINE_CELLS = 110
"""From here on all totals fit on one line."""


class Box(Struct, frozen=True, kw_only=True):
    """One total: title, the figure, a note that goes with it, and what the total leaves out.
    `short` is the note in fewer cells; one that is `kept` matters more than how many are left
    out."""

    title: str
    value: Piece
    note: str = ""
    short: str = ""
    out: str = ""
    kept: bool = False

    def says(self, cells: int) -> Piece:
        """The note in `cells` cells; what is left out comes before it, but where `kept` stands both
        are said as long as there is room for the fact that something is."""
        part, _, count = self.out.partition(": ")
        outs = (self.out, part, count) if self.kept and count else (self.out,)
        for out in outs if self.note and self.out else ():
            both = f"{self.note} · {out}"
            if cell_len(both) <= cells:
                return both, "warn"
        if self.out:
            return self.out, "warn"
        return self.short if self.short and cell_len(self.note) > cells else self.note, "dim"


def top_line(now: Now, cells: int) -> Line:
    """Site, node and link, problems, each sink's lag, local time: on every page."""
    shot = now.snapshot
    glyphs = now.glyphs
    if shot is None:
        return ends(((" ovr", "accent"), (f" {glyphs.bar} ", "dim"), *_link(now)), (), cells)
    right: Line = ((clock(now.wall_ms, shot.timezone) + " ", "bold"),)
    rest = [*_trouble(shot, glyphs), *[_sink(sink, now) for sink in shot.sinks]]
    told = [[*alarms, *rest] for alarms in _alarms(shot, glyphs)]
    where: Line = ((" ovr", "accent"), (f" {glyphs.bar} ", "dim"), (glyphs.text(shot.site), "bold"))
    node: Line = ((f" · {glyphs.text(shot.node)}", "dim"),)
    link = ((" · ", "dim"), *_link(now))
    event = _event(now, shot) if cells >= EVENT_CELLS else ()
    named = (*where, *event)
    bare = ((" · ", "dim"), *_link(now, host=False))
    linked = ((*named, *node, *link), (*named, *link), (*where, *link), (*where, *bare))
    for left, parts in (
        *((left, told[0]) for left in linked[:2]),
        *((linked[1], parts) for parts in told[1:] if event),
        *((left, told[0]) for left in linked[2:]),
        *((linked[-1], parts) for parts in told[1:]),
        *((where, parts) for parts in told),
    ):
        line = join([left, *parts])
        if width(line) + width(right) + 1 <= cells:
            return ends(line, right, cells)
    room = cells - width(right) - 1 - width(join([(), *told[-1]]))
    return ends(
        join([cut(where, min(width(where), max(LEAST_SITE_CELLS, room))), *told[-1]]), right, cells
    )


def _event(now: Now, shot: Snapshot) -> Line:
    """The event that is on with its day, or how many are; marked when somebody should do
    something about one."""
    on = [one for one in shot.events if one.status is EventStatus.ACTIVE]
    asks = any(one.prompt for one in shot.events)
    sign: Line = ((f" {now.glyphs.alarm}", "warn"),) if asks else ()
    if len(on) != 1:
        text = f" {now.glyphs.middle} {len(on)} events on" if on else ""
        return ((text, "text"), *sign) if text or sign else ()
    name = now.glyphs.text(on[0].name)
    shown = fit(name, min(EVENT_NAME_CELLS, cell_len(name)))
    number_ = words.day(on[0], now.wall_ms)
    day = "" if number_ is None else f" (day {number_})"
    return ((f" {now.glyphs.middle} ", "dim"), (f"{shown}{day}", "text"), *sign)


def _link(now: Now, *, host: bool = True) -> Line:
    if not now.link.attached:
        word = "collector lost" if now.link.losses else "looking for the collector"
        return ((f"{now.glyphs.status[AssetStatus.LOST]} {word}", "alert"),)
    sign = now.glyphs.status[AssetStatus.LIVE]
    if now.unheard_s is not None:
        return ((f"{now.glyphs.status[AssetStatus.STALE]} silent {span(now.silent_s)}", "warn"),)
    hosted = ", hosted" if now.hosted and host else ""
    return ((f"{sign} collecting{hosted}", "good"),)


def _alarms(shot: Snapshot, glyphs: Glyphs) -> list[list[Line]]:
    """How many alarms nobody has seen yet and how many others are in somebody's hands; without new
    ones these, and how many are over unseen. First in full, then in fewer cells."""
    new = [alarm for alarm in shot.alarms if alarm.state == "active"]
    seen = sum(alarm.state == "acknowledged" for alarm in shot.alarms)
    over = sum(alarm.state == "cleared" for alarm in shot.alarms)
    if new:
        grave = any(alarm.severity is not Severity.WARNING for alarm in new)
        text = f"{glyphs.alarm} {len(new)} ALARM{'S' if len(new) > 1 else ''}"
        ways = [f"{text}, {seen} seen", text] if seen else [text]
        return [[((way, "alert" if grave else "warn"),)] for way in ways]
    count = seen or over
    if not count:
        return [[]]
    noun = "alarms" if count > 1 else "alarm"
    if not over:
        return [[((f"{seen} {noun} seen", "dim"),)]]
    ways = [f"{over} {noun} over, unseen"]
    if seen:
        ways = [f"{seen} {noun} seen, {over} over, unseen", f"{seen} seen, {over} over"]
    return [[((way, "warn"),)] for way in ways]


def _trouble(shot: Snapshot, glyphs: Glyphs) -> list[Line]:
    count = len(shot.health.problems)
    if not count:
        return []
    return [((f"{glyphs.alarm} {count} problem{'s' if count > 1 else ''}", "warn"),)]


def _sink(sink: SinkHealth, now: Now) -> Line:
    glyphs = now.glyphs
    name = glyphs.text(sink.sink)
    if now.stale_s is not None:
        return ((f"{name} ({span(sink.behind_s)})", "dim"),)
    if sink.cause or sink.behind_s > BEHIND_S:
        return ((f"{name} {glyphs.alarm} {span(sink.behind_s)} behind", "warn"),)
    return ((f"{name} ", "dim"), (f"{glyphs.good} {span(sink.behind_s)}", "good"))


def banner(now: Now, cells: int) -> list[Line]:
    """What keeps the picture from being live, if anything: a line, a second one for a cause that
    does not fit behind it or below a fault of this console, or none."""
    glyphs = now.glyphs
    if now.console.fault:
        fault: Line = ((f" {glyphs.alarm} {glyphs.text(now.console.fault)}", "alert"),)
        return [fault, *_not_live(now, cells)[:1]]
    return _not_live(now, cells)


def _not_live(now: Now, cells: int) -> list[Line]:
    glyphs = now.glyphs
    if not now.link.attached and now.snapshot is not None:
        return _lost(now, cells)
    if now.paused_s is not None:
        silent = now.unheard_s is not None
        meanwhile = f"no snapshot for {span(now.silent_s)}" if silent else "collecting goes on"
        text = f"PAUSED {span(now.paused_s)}: {meanwhile} · space shows the present again"
        return [((f" {glyphs.bar}{glyphs.bar} {text}", "warn"),)]
    if now.console.stood is not None and now.snapshot is not None:
        return [((f" {glyphs.alarm} {_stood(now, *now.console.stood)}", "warn"),)]
    if now.snapshot is not None and now.stale_s is not None:
        text = f"No snapshot for {span(now.silent_s)}: values are stale"
        return [((f" {glyphs.alarm} {text}", "warn"),)]
    return []


def _stood(now: Now, stood_s: float, ago_s: float) -> str:
    text = f"This console stood still for {span(stood_s)}, until {span(ago_s)} ago"
    if now.stale_s is None:
        return f"{text}; the values are live again"
    return f"{text}; no snapshot for {span(now.silent_s)}: values are stale"


def _lost(now: Now, cells: int) -> list[Line]:
    sign, cause = now.glyphs.status[AssetStatus.LOST], now.glyphs.text(_way_out(now))
    held = None if now.paused_s is None else f" · PAUSED {span(now.paused_s)}, space lets go"
    text = f" {sign} COLLECTOR LOST {span(now.silent_s)} ago{held or ', all values are stale'}"
    if now.retry_in_s is not None:
        text += f" · next try in {now.retry_in_s:.0f} s"
    whole: Line = ((f"{text} · {cause}", "alert"),)
    return [whole] if width(whole) <= cells else [((text, "alert"),), ((f"   {cause}", "alert"),)]


def _way_out(now: Now) -> str:
    """Why the collector is lost; once that lasts because none runs, what whoever looks can do: no
    try finds one before it is started."""
    if now.silent_s <= GONE_S or not now.link.cause.startswith(NONE_RUNS):
        return now.link.cause
    if not now.may_operate:
        return f"{NONE_RUNS}: whoever operates this node starts one"
    return f"{NONE_RUNS}: q, then ovr starts one" + ("" if now.hosted else " or says how")


def boxes(now: Now) -> list[Box]:
    """The totals of the site, in the order of the band; the day's energy is the last."""
    shot = now.snapshot
    if shot is None:
        return []
    known = now.stale_s is None
    return [
        _simple("LOAD", shot, "load_power_w", now, known),
        _battery(shot, now, known),
        _generator(shot, now, known),
        _simple("PV", shot, "pv_power_w", now, known),
        _grid(shot, now, known),
        _today(shot, now, known),
    ]


def _total(totals: Mapping[str, Total], name: str, known: bool) -> tuple[Figure, str]:
    """A total, and how many assets are missing from it, or that it may count one flow twice."""
    total = totals.get(name)
    if total is None:
        return Figure(None, Trust.ABSENT), ""
    doubt = "unverified" if total.unverified else ""
    out = f"partial: {len(total.left_out)} out" if total.partial else doubt
    if total.value is None:
        return Figure(None, Trust.INVALID if total.partial else Trust.ABSENT), out
    return Figure(total.value, Trust.GOOD if known else Trust.STALE), out


def _power(shot: Snapshot, name: str, known: bool) -> tuple[Figure, str]:
    """A total of power and what is missing from it; of which nothing is known until a device is
    heard that may have a part in it."""
    shown, out = _total(shot.totals, name, known)
    count = missing(shot, name)
    if not count:
        return shown, out
    if shown.value is None:
        shown = Figure(None, Trust.INVALID)
    return shown, f"partial: {count} out"


def _kw(shown: Figure, now: Now, tail: str = "") -> Piece:
    value = None if shown.value is None else shown.value / 1000
    text, tone = inline(Figure(value, shown.trust), 1, "kW", now.glyphs.absent)
    return (text + (tail if value is not None else "")), "bold" if tone == "text" else tone


def _said(note: str, known: bool) -> str:
    """What stands below a total, in brackets where it is not the present."""
    return note if known or not note else f"({note})"


def _simple(title: str, shot: Snapshot, name: str, now: Now, known: bool) -> Box:
    shown, out = _power(shot, name, known)
    return Box(title=title, value=_kw(shown, now), out=out)


def _grid(shot: Snapshot, now: Now, known: bool) -> Box:
    shown, out = _power(shot, "grid_power_w", known)
    if shown.value is None:
        unsure = shown.trust is not Trust.ABSENT or silent(shot, "grid_power_w")
        note = "" if unsure else "not connected"
        return Box(title="GRID", value=_kw(shown, now), note=note, out=out)
    way = " out" if shown.value < -50 else " in" if shown.value > 50 else ""
    size = Figure(abs(shown.value), shown.trust)
    return Box(title="GRID", value=_kw(size, now, way), out=out)


def _battery(shot: Snapshot, now: Now, known: bool) -> Box:
    shown, out = _power(shot, "battery_power_w", known)
    levels = [
        soc
        for view in shot.assets
        if view.kind is AssetKind.BESS
        and (soc := figure(view.readings.get("battery_soc_pct"), view.status).good) is not None
    ]
    level = ""
    if levels:
        low, high = min(levels), max(levels)
        least, most = number(low, 0), number(high, 0)
        level = f"{least} %" if least == most else f"{least}{now.glyphs.dash}{most} %"
    size, way = shown, ""
    if shown.value is not None:
        way = " in" if shown.value > 50 else " out" if shown.value < -50 else ""
        size = Figure(abs(shown.value), shown.trust)
    return Box(
        title="BATTERY",
        value=_kw(size, now, way),
        note=_said(level, known),
        out=out,
        kept=True,
    )


def _generator(shot: Snapshot, now: Now, known: bool) -> Box:
    shown, out = _power(shot, "generator_power_w", known)
    runs = running(shot)
    return Box(
        title="GENERATOR",
        value=_kw(shown, now),
        note=_said(runs.words, known),
        short=_said(runs.short, known),
        out=out,
    )


def _kwh(value: float) -> str:
    return number(value, 1 if abs(value) < 100 else 0)


def _today(shot: Snapshot, now: Now, known: bool) -> Box:
    shown, out = _total(shot.today, "load_energy_kwh", known)
    decimals = 1 if shown.value is not None and abs(shown.value) < 100 else 0
    text, tone = inline(shown, decimals, "kWh", now.glyphs.absent)
    value: Piece = (f"{text} served" if shown.value is not None else text, tone)
    parts = []
    for word, name in (("pv", "pv_energy_kwh"), ("gen", "generator_energy_kwh")):
        part, _ = _total(shot.today, name, known)
        if part.value is not None:
            parts.append(f"{word} {_kwh(part.value)}")
    return Box(
        title="TODAY",
        value=(value[0], "bold" if value[1] == "text" else value[1]),
        note=_said(" · ".join(parts), known),
        out=out,
    )


def height(cells: int, *, tall: bool) -> int:
    """How many lines `band` has: low screens that are narrow need two for all totals."""
    return TALL_LINES if tall else 1 if cells >= ONE_LINE_CELLS else 2


def band(now: Now, cells: int, *, tall: bool, trends: Trends | None = None) -> list[Line]:
    """The totals as boxes of three lines, below them how the power flows; where the screen is low,
    one after another."""
    found = boxes(now)
    if trends is not None and tall:
        found = [_with_trend(box, trends, now.glyphs) for box in found]
    lines = height(cells, tall=tall)
    if not found:
        return [()] * lines
    return [*_tall(found, cells), flow(now, cells)] if tall else _flat(found, cells, lines)


_TRENDS = {"LOAD": "load_power_w", "PV": "pv_power_w"}


def _with_trend(box: Box, trends: Trends, glyphs: Glyphs) -> Box:
    """A box that says nothing below its figure gets the last 15 minutes of it."""
    name = _TRENDS.get(box.title)
    if name is None or box.note or box.value[1] == "dim":
        return box
    return msgspec.structs.replace(box, note=spark(trends.total_cells(name), glyphs).rstrip())


def _tall(found: list[Box], cells: int) -> list[Line]:
    each, over = divmod(cells - 2, len(found))
    rows: list[list[Piece]] = [[("  ", "text")] for _ in range(3)]
    for box in found:
        room = each - 1 if box is not found[-1] else each + over
        pieces: tuple[Piece, ...] = ((box.title, "head"), box.value, box.says(room))
        for row, piece in zip(rows, pieces, strict=True):
            row.append((_within(piece[0], room) + " ", piece[1]))
    return [tuple(row) for row in rows]


def _within(text: str, cells: int) -> str:
    """`text` in exactly `cells` cells; brackets around all of it are closed also where it is cut:
    they say that it is not the present."""
    if cell_len(text) <= cells or not (text.startswith("(") and text.endswith(")")):
        return fit(text, cells)
    return fit(text[:-1], cells - 1) + ")"


_SHORT = {"LOAD": "load", "BATTERY": "bat", "GENERATOR": "gen", "PV": "pv", "GRID": "grid"}


def _flat(found: list[Box], cells: int, lines: int) -> list[Line]:
    """As many totals as fit on the lines, each with `!` when it is partial; the day's last."""
    rows: list[list[Line]] = [[] for _ in range(lines)]

    def fits(part: Line) -> bool:
        return width(join([*rows[at], part])) <= cells - 2

    at = 0
    for part in _powers(found):
        if not fits(part):
            at += 1
        if at == lines:
            break
        rows[at].append(part)
    at = lines - 1
    rows[at] += next(([part] for part in _day(found, long=lines > 1) if fits(part)), [])
    return [((" ", "text"), *join(row)) if row else () for row in rows]


def _powers(found: list[Box]) -> Iterator[Line]:
    """Each power that there is; the first one in any case."""
    for place, box in enumerate(found[:-1]):
        partial: Line = ((" !", "warn"),) if box.out else ()
        told = any(ch.isdigit() for ch in box.value[0])
        if not (told or partial or place == 0):
            continue
        noted = box.title == "BATTERY" and bool(box.note)
        percent: Line = ((f", {box.note}", "dim"),) if noted else ()
        yield ((f"{_SHORT[box.title]} ", "head"), box.value, *percent, *partial)


def _day(found: list[Box], *, long: bool) -> Iterator[Line]:
    """The day's energy, the most telling way of saying it first."""
    box = found[-1]
    partial: Line = ((" !", "warn"),) if box.out else ()
    if long:
        yield (("today ", "head"), box.value, *partial, (f"  {box.note}", "dim"))
        yield (("today ", "head"), box.value, *partial)
    yield (box.value, *partial)


def left_out(shot: Snapshot) -> int:
    """How many assets are missing from at least one total of power."""
    return len({asset for total in shot.totals.values() for asset in total.left_out})


def status_line(now: Now, shown_count: int, all_count: int, choices: list[str], cells: int) -> Line:
    """`37 of 150 · filter stage · by system · power ▼`, and what the totals leave out."""
    if now.snapshot is None:
        return ()
    text: Line = (
        (f" {shown_count} of {all_count}", "bold"),
        (" assets" if all_count != 1 else " asset", "dim"),
        *(piece for choice in choices for piece in ((" · ", "dim"), (choice, "accent"))),
    )
    count = left_out(now.snapshot)
    if not count:
        return text
    noun = "asset" if count == 1 else "assets"
    note: Line = ((f"totals partial: {count} {noun} left out ", "warn"),)
    if width(text) + width(note) + 1 > cells:
        note = ((f"partial: {count} out ", "warn"),)
    return ends(text, note, cells)


def text_of(lines: list[Line]) -> str:
    """Lines as plain text, for tests and exports."""
    return "\n".join(plain(line).rstrip() for line in lines)
