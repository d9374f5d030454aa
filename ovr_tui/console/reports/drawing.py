"""A report's charts in block signs: what stands beside colour is the sign itself. Pure.

Every column is the mean of the buckets that fall into it; a column in which nothing was seen stays
empty.
"""

from collections.abc import Callable, Sequence
from math import ceil

from msgspec import Struct

from collector.model.report.series import HeatMap, Profile, Series, Values
from ovr_tui.console.charts.axes import limits, steps
from ovr_tui.console.format import local, number
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.reports.paper import Drawn
from ovr_tui.console.text import BLANK, Line, Piece, Tone

HEIGHT = 12
MOST_CELLS = 132
"""Wider charts say no more."""
DAY_MS, HOUR_MS = 86_400_000, 3_600_000
Label = Callable[[int], str]
"""A time (UTC ms) in the event's zone."""


class Layer(Struct, frozen=True):
    """One source, or the line of the load: its name, its series, and how it is painted."""

    name: str
    values: Values
    tone: Tone
    fill: str


def dated(timezone: str, *, day_first: bool) -> Label:
    """Times as the text beside the charts has them: `Sep 5 21:40`, else `5 Sep 21:40`."""

    def label(at_ms: int) -> str:
        at = local(at_ms, timezone)
        return f"{at.day} {at:%b %H:%M}" if day_first else f"{at:%b} {at.day} {at:%H:%M}"

    return label


def drawn(series: Series, label: Label, glyphs: Glyphs) -> Drawn:
    """The charts of a report by name."""

    def draw(name: str, width: int) -> Sequence[Line] | None:
        cells = min(width, MOST_CELLS)
        if name == "profile" and series.profile is not None:
            return profile_chart(series.profile, label, cells, glyphs)
        if name == "duration" and series.duration_kw:
            return duration_chart(series.duration_kw, cells, glyphs)
        if name == "heat" and series.heat is not None:
            return heat_chart(series.heat, cells, glyphs)
        return None

    return draw


def layers(profile: Profile, glyphs: Glyphs) -> list[Layer]:
    """What stacks up to the load, and to what charges batteries and feeds the grid, from below; the
    load alone where no source is measured."""
    full, dense, light = glyphs.full, glyphs.dense, glyphs.empty
    known = [
        Layer("grid", profile.grid_kw, "bar", full),
        Layer("generator", profile.generator_kw, "warn", dense),
        Layer("PV", profile.pv_kw, "good", light),
        Layer("battery", profile.battery_kw, "accent", ":"),
    ]
    found = [layer for layer in known if any(value for value in layer.values)]
    return found or [Layer("load", profile.load_kw, "accent", full)]


def profile_chart(profile: Profile, label: Label, width: int, glyphs: Glyphs) -> list[Line]:
    """Power over time, kW, stacked by source, with the load as a line over it; below it the
    battery's charge."""
    stack = layers(profile, glyphs)
    columns = [squeezed(layer.values, width - 9) for layer in stack]
    load = Layer("load", profile.load_kw, "bold", glyphs.rule)
    line_of = [] if stack[0].values is load.values else squeezed(load.values, width - 9)
    looks = [*stack, load] if any(line_of) else stack
    count = max(map(len, columns))
    total = [sum(_above(column, at) for column in columns) for at in range(count)]
    seen = any(value is not None for column in columns for value in column)
    if not seen:
        return _nothing()
    high = limits([0.0, *total, *(value for value in line_of if value is not None)])[1]
    out: list[Line] = []
    out.append(_legend(looks))
    marks = _marks(high)
    for row in range(HEIGHT, 0, -1):
        line = "".join(
            load.fill
            if _row_of(line_of, at, high) == row
            else _sign(stack, columns, at, row, high, glyphs)
            for at in range(count)
        )
        out.append((*_axis(marks.get(row, ""), glyphs), *_toned(line, looks)))
    out += _time_axis(profile, label, count, glyphs)
    charge = squeezed(profile.soc_pct, width - 9)
    if any(value is not None for value in charge):
        out.append((("  SOC % ", "dim"), (glyphs.bar, "dim"), (_spark(charge, glyphs), "accent")))
    return out


def duration_chart(values: Values, width: int, glyphs: Glyphs) -> list[Line]:
    """The load that was reached for so many per cent of the time, kW."""
    column = squeezed(values, width - 9)
    known = [value for value in column if value is not None]
    if not known:
        return _nothing()
    high = limits([0.0, *known])[1]
    marks = _marks(high)
    layer = Layer("load", (), "accent", glyphs.full)
    out: list[Line] = []
    for row in range(HEIGHT, 0, -1):
        line = "".join(_sign([layer], [column], at, row, high, glyphs) for at in range(len(column)))
        out.append((*_axis(marks.get(row, ""), glyphs), (line, "accent")))
    names = [(int(part / 4 * (len(column) - 1)), f"{25 * part} %") for part in range(5)]
    return [*out, *_below(names, len(column), glyphs)]


def heat_chart(heat: HeatMap, width: int, glyphs: Glyphs) -> list[Line]:
    """Mean load by day and hour: the darker, the more; the greatest hour is named."""
    known = [value for hours in heat.hours for value in hours if value is not None]
    if not known:
        return _nothing()
    cell = 3 if width >= 12 + 24 * 3 else 2
    high = max(*known, 1e-9)
    signs = glyphs.shades
    hours = "".join(
        f"{hour:02d}".ljust(cell) if hour % 3 == 0 else " " * cell for hour in range(24)
    )
    out: list[Line] = [((f"{'':12}{hours}".rstrip(), "dim"),)]
    for day, values in zip(heat.days, heat.hours, strict=False):
        line = "".join(
            glyphs.middle.ljust(cell)
            if value is None
            else signs[_step(value, high, len(signs))] * (cell - 1) + " "
            for value in values
        )
        out.append(((f"  {day:10}", "dim"), (line.rstrip(), "accent")))
    words = [
        f"{sign * 2} to {number(high * (at + 1) / len(signs), 1)}" for at, sign in enumerate(signs)
    ]
    out.append(((f"{'':12}{'   '.join(words)} kW   {glyphs.middle} nothing seen", "dim"),))
    return out


def _step(value: float, high: float, count: int) -> int:
    return min(count - 1, max(0, int(value / high * count)))


def squeezed(values: Values, columns: int) -> list[float | None]:
    """The means of `columns` equal parts, or the values themselves spread over as many columns as
    they have room for."""
    count = len(values)
    if not count or columns < 1:
        return []
    out: list[float | None] = []
    for at in range(columns):
        first = at * count // columns
        part = values[first : max(first + 1, (at + 1) * count // columns)]
        known = [value for value in part if value is not None]
        out.append(sum(known) / len(known) if known else None)
    return out


def _above(column: Sequence[float | None], at: int) -> float:
    value = column[at] if at < len(column) else None
    return max(0.0, value or 0.0)


def _row_of(column: Sequence[float | None], at: int, high: float) -> int:
    """The row that a line runs through, from 1 at the bottom; 0: it is not drawn."""
    value = _above(column, at)
    return min(HEIGHT, ceil(value / high * HEIGHT)) if value else 0


def _sign(
    stack: Sequence[Layer],
    columns: Sequence[Sequence[float | None]],
    at: int,
    row: int,
    high: float,
    glyphs: Glyphs,
) -> str:
    """What stands in one cell: the layer that fills its middle; of a single layer also its top."""
    low, middle = (row - 1) / HEIGHT * high, (row - 0.5) / HEIGHT * high
    reached = 0.0
    for layer, column in zip(stack, columns, strict=True):
        reached += _above(column, at)
        if len(stack) == 1 and low < reached < row / HEIGHT * high:
            part = (reached - low) / (high / HEIGHT)
            return glyphs.tops[min(len(glyphs.tops) - 1, int(part * len(glyphs.tops)))]
        if reached > middle:
            return layer.fill
    return " "


def _toned(line: str, stack: Sequence[Layer]) -> Line:
    tones = {layer.fill: layer.tone for layer in stack}
    first = stack[0].tone
    out: list[Piece] = []
    for ch in line:
        tone = tones.get(ch, first)
        if out and (out[-1][1] == tone or ch == " "):
            out[-1] = (out[-1][0] + ch, out[-1][1])
        else:
            out.append((ch, tone))
    return tuple(out)


def _legend(stack: Sequence[Layer]) -> Line:
    out: list[Piece] = [("  kW     ", "dim")]
    for layer in stack:
        out += [(layer.fill * 2, layer.tone), (f" {layer.name}   ", "dim")]
    return tuple(out)


def _marks(high: float) -> dict[int, str]:
    """Which rows are labelled, and with what."""
    marks = steps(0.0, high, HEIGHT // 3)
    found: dict[int, str] = {}
    for mark in marks:
        row = round(mark / high * HEIGHT + 0.5)
        if 1 <= row <= HEIGHT:
            found[row] = f"{mark:g}"
    return found


def _axis(mark: str, glyphs: Glyphs) -> Line:
    return ((f"{mark:>7} ", "dim"), (glyphs.wires[7] if mark else glyphs.bar, "dim"))


def _time_axis(profile: Profile, label: Label, count: int, glyphs: Glyphs) -> list[Line]:
    span_ms = len(profile.load_kw) * profile.step_ms
    every = max(1, count // max(1, count // 16))
    names = [
        (at, label(profile.from_ms + at * span_ms // max(1, count)))
        for at in range(0, count, every)
    ]
    return _below(names, count, glyphs)


def _below(names: Sequence[tuple[int, str]], count: int, glyphs: Glyphs) -> list[Line]:
    places = {at for at, _ in names if at}
    rule = "".join(glyphs.wires[9] if at in places else glyphs.rule for at in range(count))
    text = ""
    for at, name in names:
        if at >= len(text) and at + len(name) <= count + 1:
            text = text.ljust(at) + name + " "
    return [
        ((f"{'':8}{glyphs.wires[4]}{rule}", "dim"),),
        ((f"{'':9}{text}".rstrip(), "dim"),),
    ]


def _spark(values: Sequence[float | None], glyphs: Glyphs) -> str:
    top = len(glyphs.levels) - 1
    return "".join(
        " " if value is None else glyphs.levels[round(min(100.0, max(0.0, value)) / 100 * top)]
        for value in values
    )


def _nothing() -> list[Line]:
    return [(("  (nothing was measured)", "dim"),), BLANK]
