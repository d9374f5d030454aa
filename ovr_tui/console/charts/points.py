"""What a chart draws, as rows of a table: the newest first. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.catalogue import split_key
from ovr_tui.console.charts.series import Series, Window
from ovr_tui.console.format import label, local, number
from ovr_tui.console.grid import Column, Grid, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.text import Line, Piece

Value = float | None
Drawn = dict[int, tuple[tuple[Value, ...], Item]]
"""Rows by their moment, each with the values that it was made of."""


class Points(Struct, frozen=True, kw_only=True):
    """The series of a chart and the time that it shows, in the zone of the site."""

    series: Sequence[Series]
    window: Window
    timezone: str


def names(points: Points) -> str:
    """What the columns are, with their letters where there are several."""
    several = len(points.series) > 1
    return " · ".join(f"{one.letter + ' ' if several else ''}{_name(one)}" for one in points.series)


def _name(one: Series) -> str:
    phase = split_key(one.key)[1]
    return f"{label(one.key)}{' ' + phase if phase else ''}"


def grid(points: Points, cells: int) -> Grid:
    """The time, then for each series its value, and least and greatest where values stand for a
    while; those go first where the room is short."""
    columns = [Column(title="TIME", least=_time_cells(points))]
    several = len(points.series) > 1
    for one in points.series:
        before = f"{one.letter} " if several else ""
        columns.append(Column(title=f"{before}{one.unit}", least=12, right=True))
        if one.track.least:
            columns.append(Column(title=f"{before}least", least=12, rank=1, right=True))
            columns.append(Column(title=f"{before}greatest", least=12, rank=1, right=True))
    return lay_out(columns, cells)


def items(points: Points, how: Grid, drawn: Drawn) -> list[Item]:
    """A row for each moment of the window; a gap is `--`, and where a series has no value at a
    moment its place is empty."""
    columns = [column for one in points.series for column in _columns(one)]
    start_ms, end_ms = points.window
    moments = {at for one in points.series for at in one.track.times if start_ms <= at <= end_ms}
    found = []
    for at_ms in sorted(moments, reverse=True):
        values = tuple(column.get(at_ms, _NONE) for column, _ in columns)
        before = drawn.get(at_ms)
        if before is None or before[0] != values:
            texts = [_text(v, places) for v, (_, places) in zip(values, columns, strict=True)]
            before = drawn[at_ms] = (values, _item(points, how, at_ms, texts))
        found.append(before[1])
    return found


_NONE = float("-inf")
"""No value has this: the series says nothing of the moment."""


def _columns(one: Series) -> list[tuple[dict[int, Value], int]]:
    parts = [one.track.values]
    if one.track.least:
        parts += [one.track.least, one.track.greatest]
    return [(dict(zip(one.track.times, part, strict=False)), one.decimals) for part in parts]


def _text(value: Value, decimals: int) -> Piece:
    if value is None:
        return "--", "dim"
    return ("", "dim") if value == _NONE else (number(value, decimals), "text")


def _item(points: Points, how: Grid, at_ms: int, texts: Sequence[Piece]) -> Item:
    line: Line = how.line([(local(at_ms, points.timezone).strftime(_clock(points)), "dim"), *texts])
    return Item(key=str(at_ms), line=line)


def _clock(points: Points) -> str:
    first, last = (local(at_ms, points.timezone).date() for at_ms in points.window)
    return "%H:%M:%S" if first == last else "%a %d %b %H:%M:%S"


def _time_cells(points: Points) -> int:
    return len(local(points.window.end_ms, points.timezone).strftime(_clock(points)))
