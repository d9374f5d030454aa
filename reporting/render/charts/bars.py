"""Shares and rankings as bars, each with its own figure beside it."""

from collections.abc import Sequence
from typing import NamedTuple

from collector.model.report.generator import Generator
from reporting.render.charts.plot import Key, Plot
from reporting.render.charts.sheet import Align, Sheet
from reporting.render.charts.theme import ACCENT, MUTED, OTHER, SOURCES, Pen
from reporting.render.charts.when import across, hours, time_axis
from reporting.render.locale import Reader

_LOADS = (
    Pen("#00000055", 0.3, (), "#d55e00", "//"),
    Pen("#00000055", 0.3, (), "#f0c36a"),
    Pen("#00000055", 0.3, (), "#009e73"),
    Pen("#00000055", 0.3, (), "#0072b2", "\\\\"),
)
"""Load bands from the lowest on: too low, low, good, high."""
_BAR = Pen(fill=ACCENT)


class Part(NamedTuple):
    """A part of a whole: `key` names the look, `value` is kWh or the like, `text` is printed."""

    key: str
    name: str
    value: float
    text: str


def share_bar(parts: Sequence[Part], name: str) -> str:
    """One bar cut into its parts, each labelled above with what it is and below with how much."""
    total = sum(part.value for part in parts) or 1.0
    sheet = Sheet(0.94, name)
    drawn = Plot(sheet, (0, 1), (0, 1), left=0.02, right=0.02, top=0.2)
    start = 0.0
    places = _places([part.value / total for part in parts], parts)
    for part, (at, align) in zip(parts, places, strict=True):
        look = SOURCES.get(part.key, OTHER)
        end = start + part.value / total
        edge = "#00000044" if look.hatch else "#ffffff"
        drawn.bars([(start, end, 0, 1)], Pen(edge, 0.6, (), look.colour, look.hatch))
        drawn.note(part.name, (at, 1), align, "bottom", (0, 3))
        drawn.note(part.text, (at, 0), align, "top", (0, -3), colour=MUTED)
        start = end
    return sheet.svg()


def _places(widths: Sequence[float], parts: Sequence[Part]) -> list[tuple[float, Align]]:
    """Where each label stands: at its part's left edge, moved as far as its neighbours need.

    A character is taken as 0.0085 of the bar's width (8 pt on 174 mm).
    """
    needs = [max(map(len, (part.name, *part.text.splitlines()))) * 0.0085 + 0.015 for part in parts]
    starts, edge, free = [], 0.0, 0.0
    for width, need in zip(widths, needs, strict=True):
        starts.append(max(edge, free))
        free, edge = starts[-1] + need, edge + width
    limit = 1.0
    for at in reversed(range(len(starts))):
        starts[at] = max(0.0, min(starts[at], limit - needs[at]))
        limit = starts[at]
    places: list[tuple[float, Align]] = [(start, "left") for start in starts]
    if places and starts[-1] + needs[-1] > 0.999:
        places[-1] = (1.0, "right")
    return places


def load_bands(sets: Sequence[Generator], names: Sequence[str], reader: Reader, name: str) -> str:
    """For each generator the hours in each load band, as parts of its hours."""
    longest = max((sum(b.hours for b in one.bands) for one in sets), default=0.0) or 1.0
    sheet = Sheet(0.82 + 0.42 * len(sets), name)
    drawn = Plot(sheet, (0, longest), (len(sets) - 0.5, -0.5), left=1.55, right=0.55, top=0.4)
    for at, (one, text) in enumerate(zip(sets, names, strict=True)):
        drawn.named(_cut(text), at)
        _bands(drawn, at, one, longest, reader)
    bands = sets[0].bands if sets else ()
    drawn.legend([Key(_band(b.from_pct, b.to_pct), _load(nth)) for nth, b in enumerate(bands)], 0.0)
    return sheet.svg()


def _bands(drawn: Plot, at: int, one: Generator, longest: float, reader: Reader) -> None:
    """One set's bar; a part's hours stand in it where there is room."""
    start = 0.0
    for nth, band in enumerate(one.bands):
        drawn.bars([(start, start + band.hours, at - 0.31, at + 0.31)], _load(nth))
        if band.hours / longest > 0.07:
            text = reader.quantity(band.hours, "h", 1)
            middle = (start + band.hours / 2, at)
            drawn.note(text, middle, "center", "middle", (0, 0), size=7.0, paper=1.05)
        start += band.hours
    drawn.note(reader.quantity(start, "h", 1), (start, at), "left", "middle", (4, 0), colour=MUTED)


def _load(nth: int) -> Pen:
    return _LOADS[min(nth, len(_LOADS) - 1)]


def ranking(names: Sequence[str], values: Sequence[float], texts: Sequence[str], name: str) -> str:
    """Bars, the greatest first, each with its figure."""
    ends = (min(0.0, *values), max(0.0, *values) or 1.0)
    sheet = Sheet(0.34 + 0.23 * len(names), name)
    drawn = Plot(sheet, ends, (len(names) - 0.5, -0.5), left=1.75, right=0.95, top=0.05)
    drawn.bars([(0, value, at - 0.33, at + 0.33) for at, value in enumerate(values)], _BAR)
    for at, (row, value, text) in enumerate(zip(names, values, texts, strict=True)):
        drawn.named(_cut(row), at)
        drawn.note(text, (value, at), "left", "middle", (4, 0))
    return sheet.svg()


class Span(NamedTuple):
    """One system's time in the event (UTC ms)."""

    row: str
    from_ms: int
    to_ms: int


def spans(given: Sequence[Span], reader: Reader, from_ms: int, to_ms: int, name: str) -> str:
    """Who took part from when to when; several spans of one name share a line."""
    rows = list(dict.fromkeys(span.row for span in given))
    sheet = Sheet(0.5 + 0.2 * len(rows), name)
    ends = (len(rows) - 0.5, -0.5)
    drawn = Plot(sheet, across(from_ms, to_ms), ends, left=1.75, right=0.2, top=0.08)
    time_axis(drawn, reader, from_ms, to_ms)
    for at, row in enumerate(rows):
        drawn.named(_cut(row), at)
    bars = []
    for span in given:
        at = rows.index(span.row)
        start, end = hours(span.from_ms, from_ms), hours(span.to_ms, from_ms)
        bars.append((start, end, at - 0.3, at + 0.3))
    drawn.bars(bars, Pen("#ffffff", 0.5, (), ACCENT))
    drawn.base()
    return sheet.svg()


def _band(from_pct: float, to_pct: float | None) -> str:
    if from_pct <= 0 and to_pct is not None:
        return f"below {to_pct:g} %"
    return f"over {from_pct:g} %" if to_pct is None else f"{from_pct:g} to {to_pct:g} %"


def _cut(text: str, most: int = 26) -> str:
    lines = (line if len(line) <= most else f"{line[: most - 1]}…" for line in text.splitlines())
    return "\n".join(line for line in lines if line)
