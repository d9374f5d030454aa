"""The columns of the assets table: which fit, how wide they are, and what stands in them. Pure."""

from collections.abc import Callable, Collection, Sequence

from msgspec import Struct
from rich.cells import cell_len

from collector.model.alarm import Alarm
from collector.model.kinds import AssetStatus
from ovr_tui.console.alarms.words import over, severity, sign, what
from ovr_tui.console.arrange import Section, SortKey, View
from ovr_tui.console.called import without_place
from ovr_tui.console.format import Trust, age, cell, scaled, span
from ovr_tui.console.glyphs import Glyphs, gauge, spark
from ovr_tui.console.rows import SHORT_KIND, Row
from ovr_tui.console.text import Line, Piece, Tone, cut, fit, join
from ovr_tui.console.trends import CELLS, Trends


class Paint(Struct, frozen=True):
    """What a cell needs besides its row."""

    glyphs: Glyphs
    trends: Trends


class Column(Struct, frozen=True, kw_only=True):
    """One column. `least` and `most` are widths in cells without the gap behind; a column with a
    higher `rank` goes first when the room is short."""

    title: str
    least: int
    most: int = 0
    rank: int
    right: bool = False
    sort: SortKey | None = None
    draw: Callable[[Row, int, Paint], Line]


STATUS_TONE: dict[AssetStatus, Tone] = {
    AssetStatus.LIVE: "good",
    AssetStatus.STALE: "warn",
    AssetStatus.LOST: "alert",
    AssetStatus.WRONG: "alert",
    AssetStatus.WAITING: "dim",
    AssetStatus.DISABLED: "dim",
}
STATUS_WORD: dict[AssetStatus, str] = {
    AssetStatus.LIVE: "live",
    AssetStatus.STALE: "STALE",
    AssetStatus.LOST: "LOST",
    AssetStatus.WRONG: "WRONG DEVICE",
    AssetStatus.WAITING: "not heard yet",
    AssetStatus.DISABLED: "disabled",
}


def _status(row: Row, cells: int, paint: Paint) -> Line:
    return ((paint.glyphs.status[row.status], STATUS_TONE[row.status]),)


def _name(row: Row, cells: int, paint: Paint) -> Line:
    live = row.status is AssetStatus.LIVE
    text = "  " * row.depth + paint.glyphs.text(row.name)
    return ((fit(text, cells), "text" if live else "dim"),)


def _kind(row: Row, cells: int, paint: Paint) -> Line:
    return ((fit(SHORT_KIND[row.kind], cells), "dim"),)


def _system(row: Row, cells: int, paint: Paint) -> Line:
    return ((fit(paint.glyphs.text(row.system), cells), "dim"),)


def _power(row: Row, cells: int, paint: Paint) -> Line:
    text, tone = cell(scaled(row.power, 1000), 1, cells - 1, paint.glyphs.absent)
    step = paint.trends.arrow(row.id) if row.power.trust is Trust.GOOD else 0
    arrow = {1: paint.glyphs.up, -1: paint.glyphs.down}.get(step, " ")
    return ((text + arrow, tone),)


def _history(row: Row, cells: int, paint: Paint) -> Line:
    live = row.status is AssetStatus.LIVE
    return ((spark(paint.trends.cells(row.id), paint.glyphs), "bar" if live else "dim"),)


def _soc(row: Row, cells: int, paint: Paint) -> Line:
    number = cell(row.soc, 0, 5, paint.glyphs.absent)
    bar: Tone = "bar" if row.soc.trust is Trust.GOOD else "dim"
    return (gauge(row.soc.value, cells - 5, paint.glyphs), bar), number


def _soc_short(row: Row, cells: int, paint: Paint) -> Line:
    return (cell(row.soc, 0, cells, paint.glyphs.absent),)


def _volts(row: Row, cells: int, paint: Paint) -> Line:
    return (cell(row.volts, 1, cells, paint.glyphs.absent),)


def _amps(row: Row, cells: int, paint: Paint) -> Line:
    return (cell(row.amps, 0, cells, paint.glyphs.absent),)


def _age(row: Row, cells: int, paint: Paint) -> Line:
    tone: Tone = "dim" if row.status is AssetStatus.LIVE else STATUS_TONE[row.status]
    return ((f"{age(row.age_s, paint.glyphs.absent):>{cells}}", tone),)


def mark(row: Row, glyphs: Glyphs) -> Piece:
    """What is to be said of an asset in words: who has locked it out, why it is not live, or what
    it does."""
    locked, standing = _locked(row, glyphs), _standing(row, glyphs)
    if locked is None:
        return standing
    said, _ = standing
    return (f"{locked[0]} {glyphs.middle} {said}" if said else locked[0]), "alert"


def _locked(row: Row, glyphs: Glyphs) -> Piece | None:
    lockout = row.view.lockout
    if lockout is None:
        return None
    return f"{glyphs.alarm} LOCKED OUT by {glyphs.text(lockout.name)}", "alert"


def _standing(row: Row, glyphs: Glyphs) -> Piece:
    reason = glyphs.text(without_place(row.reason))
    if row.status is AssetStatus.STALE:
        head = f"STALE {span(row.age_s)}" if row.age_s is not None else "STALE"
        return (f"{head}: {reason}" if reason else head), "warn"
    if row.status is not AssetStatus.LIVE:
        word = STATUS_WORD[row.status]
        return (f"{word}: {reason}" if reason else word), STATUS_TONE[row.status]
    hint = f"{glyphs.alarm} {glyphs.text(row.hints[0])}" if row.hints else ""
    if hint and len(row.hints) > 1:
        hint += f" (+{len(row.hints) - 1})"
    return " · ".join(part for part in (row.state, hint) if part), "warn" if hint else "dim"


def alarm_mark(alarms: Sequence[Alarm], glyphs: Glyphs) -> Piece:
    """The most urgent of an asset's alarms, all over or none, and how many more there are."""
    bad, loud = severity(alarms[0], glyphs)
    more = f" (+{len(alarms) - 1})" if len(alarms) > 1 else ""
    if over(alarms[0]):
        return f"{sign(alarms[0], glyphs)} over: {what(alarms[0], glyphs)}{more}", "dim"
    return f"{bad} {what(alarms[0], glyphs)}{more}", loud


def _with_alarms(row: Row, glyphs: Glyphs) -> Line:
    """Who has locked it out, what is wrong, what it does, and last what was wrong."""
    on = [alarm for alarm in row.alarms if not over(alarm)]
    past = [alarm for alarm in row.alarms if over(alarm)]
    parts = [
        _locked(row, glyphs),
        alarm_mark(on, glyphs) if on else None,
        _standing(row, glyphs),
        alarm_mark(past, glyphs) if past else None,
    ]
    return join([(part,) for part in parts if part and part[0]], f" {glyphs.middle} ")


def _mark(row: Row, cells: int, paint: Paint) -> Line:
    if row.alarms:
        return cut(_with_alarms(row, paint.glyphs), cells)
    text, tone = mark(row, paint.glyphs)
    if cell_len(text) > cells and row.status is not AssetStatus.LIVE:
        text = text.partition(":")[0] if row.status is AssetStatus.STALE else text
    return ((fit(text, cells), tone),)


_SOC_WIDE = Column(title="SOC %", least=15, rank=4, sort=SortKey.SOC, draw=_soc)
_SOC_NARROW = Column(title="SOC %", least=6, rank=1, right=True, sort=SortKey.SOC, draw=_soc_short)
_BASE = (
    Column(title="", least=1, rank=0, sort=SortKey.STATUS, draw=_status),
    Column(title="NAME", least=20, most=34, rank=0, sort=SortKey.NAME, draw=_name),
    Column(title="KIND", least=4, rank=3, draw=_kind),
    Column(title="SYSTEM", least=8, most=12, rank=4, sort=SortKey.SYSTEM, draw=_system),
    Column(title="POWER kW", least=11, rank=0, right=True, sort=SortKey.POWER, draw=_power),
    Column(title="15 MIN", least=CELLS, rank=6, draw=_history),
    _SOC_NARROW,
    Column(title="V L-N", least=7, rank=5, right=True, draw=_volts),
    Column(title="A max", least=6, rank=5, right=True, draw=_amps),
    Column(title="AGE", least=4, rank=0, right=True, sort=SortKey.AGE, draw=_age),
    Column(title="STATE", least=18, most=200, rank=0, draw=_mark),
)


class Layout(Struct, frozen=True):
    """The columns that fit, with their widths."""

    columns: tuple[tuple[Column, int], ...]


OPTIONAL = tuple(column.title for column in _BASE if column.rank)
"""What a person may leave out."""


def lay_out(cells: int, hidden: Collection[str] = ()) -> Layout:
    """The columns for a table of `cells` cells: as many as fit, names and states widest, without
    those of OPTIONAL that are `hidden`."""
    columns = [c for c in _BASE if c.title not in hidden or not c.rank]
    whole = len(columns)
    while _least(columns) > cells:
        rank = max(column.rank for column in columns)
        if rank == 0:
            break
        columns.pop(max(i for i, column in enumerate(columns) if column.rank == rank))
    roomy = _least(columns) + _SOC_WIDE.least - _SOC_NARROW.least <= cells - 4
    if roomy and len(columns) == whole and _SOC_NARROW in columns:
        columns[columns.index(_SOC_NARROW)] = _SOC_WIDE
    widths = [column.least for column in columns]
    spare = cells - _least(columns)
    for title, share in (("NAME", 0.5), ("SYSTEM", 1.0), ("NAME", 0.5), ("STATE", 1.0)):
        for index, column in enumerate(columns):
            if column.title == title:
                grow = max(0, min(int(spare * share), column.most - widths[index]))
                widths[index] += grow
                spare -= grow
    return Layout(tuple(zip(columns, widths, strict=True)))


def _least(columns: list[Column]) -> int:
    return sum(column.least + 1 for column in columns) + 1


def header(layout: Layout, view: View, glyphs: Glyphs) -> Line:
    """The titles, the one sorted by marked."""
    out: list[Piece] = [(" ", "head")]
    for column, cells in layout.columns:
        sorted_by = column.sort is view.sort
        sign = (glyphs.descending if view.descending else glyphs.ascending) if sorted_by else ""
        text = column.title + sign
        pad = cells - (1 if column.right and cells > 4 else 0)
        text = f"{text:>{pad}}" if column.right else text
        out.append((fit(text, cells), "bold" if sorted_by else "head"))
        out.append((" ", "head"))
    return tuple(out)


def draw_row(row: Row, layout: Layout, paint: Paint) -> Line:
    """One asset's line."""
    out: list[Piece] = [(" ", "text")]
    for column, cells in layout.columns:
        out.extend(column.draw(row, cells, paint))
        out.append((" ", "text"))
    return tuple(out)


def draw_section(section: Section, paint: Paint) -> Line:
    """The head of a system: its name, how many assets, the worst status among them."""
    worst = [row.status for row in section.rows if row.status is not AssetStatus.LIVE]
    count = f"  {len(section.rows)} asset{'s' if len(section.rows) != 1 else ''}"
    out: list[Piece] = [(" ", "text"), (paint.glyphs.text(section.name), "bold"), (count, "dim")]
    if worst:
        out.append((f"  {len(worst)} not live", "warn"))
    return tuple(out)
