"""The lines above a chart: its ranges, the moment looked at, and each series with its value."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.catalogue import split_key
from ovr_tui.console.charts.look import RANGES, Edges, Look, Range
from ovr_tui.console.charts.render import TONES
from ovr_tui.console.charts.series import Seen, Series, Window
from ovr_tui.console.format import Figure, Trust, inline, label, local, number, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Line, Piece, Tone, ends, width

DAY_MS = 86_400_000
_CLOCK = "%H:%M:%S"


class Shown(Struct, frozen=True, kw_only=True):
    """One series of the legend. `now` is its figure at present, in its unit; `at` is what it shows
    at the cursor (None: nothing)."""

    series: Series
    now: Figure
    at: Seen | None = None
    picked: bool = False
    here: bool = False


class Above(Struct, frozen=True, kw_only=True):
    """What the lines are made of. `trouble` is what is wrong with the data; `stale_s` as in
    `Now`; `alone`: of the kept ones only one is shown."""

    look: Look
    edges: Edges
    timezone: str
    shown: Sequence[Shown]
    fixed: bool = False
    alone: bool = False
    trouble: str = ""
    stale_s: float | None = None


def title(above: Above, glyphs: Glyphs, cells: int) -> list[Line]:
    """Two lines. Of what is zoomed in to, only the range that it is of is told where there is not
    room for all ranges."""
    left: Line = ((" ", "text"),) if above.fixed else _ranges(above)
    right = _moment(above, glyphs)
    if above.look.span_ms is not None and width(left) + width(right) >= cells:
        left = (_chosen(above),)
    return [ends(left, right, cells), _legend(above, glyphs, cells)]


def _chosen(above: Above) -> Piece:
    """The range that is chosen, and how much of it is shown."""
    zoomed = above.look.span_ms is not None
    shown = f"{above.look.extent(above.edges)} of " if zoomed else ""
    return f" [{shown}{above.look.range}]", "bold"


def _ranges(above: Above) -> Line:
    """All ranges, with the chosen one in brackets."""
    pieces: list[Piece] = []
    for one in RANGES:
        if one is Range.EVENT and above.edges.event_ms is None:
            continue
        on = one is above.look.range
        pieces.append(_chosen(above) if on else (f"  {one} ", "dim"))
    return tuple(pieces)


def _moment(above: Above, glyphs: Glyphs) -> Line:
    """The right end: what is wrong, else where one looks."""
    if above.trouble:
        return ((f"{glyphs.text(above.trouble)} ", "warn"),)
    if above.stale_s is not None:
        return ((f"stands still for {span(above.stale_s)} ", "warn"),)
    window, at_ms = above.look.window(above.edges), above.look.cursor(above.edges)
    if at_ms is not None:
        shown = _CLOCK if _is_today(window.start_ms, above) else f"%a %d {_CLOCK}"
        return (("at ", "dim"), (f"{_local(at_ms, above, shown)} ", "bold"))
    if above.look.span_ms is not None:
        return ((f"zoom {_zoomed(window, above, glyphs.dash)} ", "dim"),)
    return ((f"last {above.look.range} ", "dim"),) if above.fixed else ()


def _zoomed(window: Window, above: Above, dash: str) -> str:
    """From when to when, as short as it is clear: with its day if that is not the newest moment's;
    from a day on to the minute, with both days."""
    if window.span_ms >= DAY_MS:
        first = last = "%a %d %H:%M"
    else:
        first, last = _CLOCK if _is_today(window.start_ms, above) else f"%a %d {_CLOCK}", _CLOCK
    return f"{_local(window.start_ms, above, first)}{dash}{_local(window.end_ms, above, last)}"


def _is_today(at_ms: int, above: Above) -> bool:
    newest = local(above.edges.end_ms, above.timezone)
    return local(at_ms, above.timezone).date() == newest.date()


def _local(at_ms: int, above: Above, shown: str) -> str:
    return local(at_ms, above.timezone).strftime(shown)


def _legend(above: Above, glyphs: Glyphs, cells: int) -> Line:
    """Every series with its letter, name and value; without the names of the others, and without
    the hint, where there is not room for all."""
    hints = (_hint(above), _hint(above, all_keys=False), ())
    for short, last in ((short, hint) for short in (False, True) for hint in hints):
        line = _told(above, glyphs, short=short)
        if width(line) + width(last) < cells:
            break
    return ends(line, last, cells)


def _told(above: Above, glyphs: Glyphs, *, short: bool) -> Line:
    pieces: list[Piece] = []
    several = len(above.shown) > 1
    units = [one.series.unit for one in above.shown]
    for number_, one in enumerate(above.shown):
        tone = TONES[number_ % len(TONES)]
        name = label(one.series.key)
        phase = split_key(one.series.key)[1]
        pieces.append((f" {one.series.letter} " if several else " ", tone))
        said: Tone = "bold" if one.here and several else "accent" if not several else "dim"
        if one.here or not short:
            pieces.append((f"{name}{' ' + phase if phase else ''} ", said))
        values = _value(one, above.look.cursor(above.edges) is not None, glyphs)
        pieces += values if one.here or not short else values[:1]
        if units[number_] != units[0]:
            pieces.append((f" {glyphs.right}", "dim"))
        pieces.append((" ", "text"))
    return tuple(pieces)


def _value(one: Shown, cursor: bool, glyphs: Glyphs) -> list[Piece]:
    places, unit = one.series.decimals, one.series.unit
    if not cursor:
        text, tone = inline(one.now, places, unit, glyphs.absent)
        return [(text, "bold" if tone == "text" else tone)]
    if one.at is None:
        return [("no value", "dim")]
    text, _ = inline(Figure(one.at.value, Trust.GOOD), places, unit)
    low, high = one.at.least, one.at.greatest
    if low is None or high is None or low == high:
        return [(text, "bold")]
    return [(text, "bold"), (f" {number(low, places)}…{number(high, places)}", "dim")]


def _hint(above: Above, *, all_keys: bool = True) -> Line:
    if above.fixed or not above.shown:
        return (("[ ] other ", "dim"),)
    here = next((one for one in above.shown if one.here), None)
    verb = "drop" if here is not None and here.picked else "keep"
    back = f"{above.look.way_back} all of it  " if above.look.way_back else ""
    only = "  o all" if above.alone else "  o only this" if len(above.shown) > 1 else ""
    return ((f"{back}[ ] other  m {verb}{only if all_keys else ''} ", "dim"),)
