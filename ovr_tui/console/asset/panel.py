"""The whole panel of an asset: who, how it stands, what is wrong, its kind's own, the rest."""

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.snapshot import AssetView, Snapshot
from collector.wire import RawAnswer
from ovr_tui.console.asset import kinds
from ovr_tui.console.asset.bess import bess
from ovr_tui.console.asset.common import alarms, head, left_over, notes
from ovr_tui.console.asset.energy import Marks
from ovr_tui.console.asset.layout import GAP, columns, grid
from ovr_tui.console.asset.roles import counts_as
from ovr_tui.console.asset.sheet import FACT_CELLS, Sheet
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import BLANK, Line

TWO_COLUMNS = 110
"""From so many cells on what is said in words stands in two columns."""


class More(Struct, frozen=True, kw_only=True):
    """What a panel knows beside the snapshot."""

    marks: Marks = Marks()
    raw: RawAnswer | None = None


def panel(
    view: AssetView,
    shot: Snapshot,
    stale_s: float | None,
    glyphs: Glyphs,
    cells: int,
    more: More | None = None,
) -> list[Line]:
    """The panel in `cells` cells; `stale_s` as in `Now`. The first line says who it is and how it
    stands, and is to stay in sight."""
    sheet = Sheet(view, shot, stale_s, glyphs)
    more = more or More()
    lines = head(sheet, cells)
    wrong = alarms(sheet, cells)
    lines += [*wrong, BLANK]
    if view.readings:
        lines += body(sheet, more, cells)
        rest = left_over(sheet)
        if rest.lines:
            lines += [BLANK, *grid(rest, FACT_CELLS, cells)]
    else:
        lines.append(((" Nothing has been heard of it yet.", "dim"),))
    each = (cells - GAP) // 2 if cells >= TWO_COLUMNS else cells
    words = columns([*notes(sheet, each), counts_as(view, shot, glyphs, each)], cells)
    return [*lines, *([BLANK, *words] if words else [])]


def body(sheet: Sheet, more: More, cells: int) -> list[Line]:
    """What its kind is about."""
    kind = sheet.view.kind
    if kind is AssetKind.BESS:
        return bess(sheet, more.marks, cells)
    if kind is AssetKind.GENERATOR:
        return kinds.generator(sheet, more.marks, cells)
    if kind is AssetKind.PV:
        return kinds.pv(sheet, more.marks, more.raw, cells)
    if kind is AssetKind.TANK:
        return kinds.tank(sheet, cells)
    return kinds.meter(sheet, more.marks, cells)
