"""Figures and words as big as there is room for. Pure."""

import re
from collections.abc import Sequence

from msgspec import Struct

from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.kiosk import digits
from ovr_tui.console.kiosk.digits import SIZES, Size, best, big, fine, spelled
from ovr_tui.console.kiosk.figures import NOT_AVAILABLE, Tile
from ovr_tui.console.text import BLANK, Line, Tone, cut, fit, width

GAP = 2
TITLE_PART = 5
"""Titles take at most one part in so many of the height."""
LEAST_TEXT = {"kW": "888.8", "kWh": "8888", "%": "88"}
"""As wide as a figure usually gets, so that sizes do not jump."""


class Plan(Struct, frozen=True):
    """How tiles are laid out: so many beside each other; how big digits, units and titles are."""

    columns: int
    size: Size
    unit: Size | None
    title: Size | None


def fill(lines: Sequence[Line], cells: int, rows: int) -> list[Line]:
    """Exactly `rows` lines of `cells` cells, what there is in the middle of them."""
    kept = list(lines[:rows])
    above = (rows - len(kept)) // 2
    whole = [BLANK] * above + kept + [BLANK] * (rows - len(kept) - above)
    return [cut(line, cells) for line in whole]


def tile_page(found: Sequence[Tile], cells: int, rows: int, glyphs: Glyphs) -> list[Line]:
    """All tiles at once, the digits as big as fits for all of them."""
    plan = _plan(found, cells, rows, glyphs)
    if plan is None:
        each = max(1, rows // max(1, len(found)))
        return fill([line for tile in found for line in _plainly(tile, cells, each)], cells, rows)
    deep = -(-len(found) // plan.columns)
    each = cells // plan.columns
    lines: list[Line] = []
    for start in range(0, len(found), plan.columns):
        band = [
            fill(_block(tile, plan, glyphs), each - GAP, rows // deep)
            for tile in found[start : start + plan.columns]
        ]
        gap: Line = ((" " * GAP, "text"),)
        lines += [
            tuple(piece for part in row for piece in (*gap, *part))
            for row in zip(*band, strict=True)
        ]
    return fill(lines, cells, rows)


def _plainly(tile: Tile, cells: int, rows: int) -> list[Line]:
    """A tile where there is no room for big digits: its title, its figure, what is missing from it,
    on as few rows as they need. A figure is never cut, and never stands without a sign that
    something is missing: a title goes first, then the words."""
    value: Line = ((f"{tile.text} {tile.unit}" if tile.text else NOT_AVAILABLE, tile.tone),)
    lacks: Line = ((tile.lacks, "warn"),) if tile.lacks else ()
    title: Line = ((fit(tile.title, min(22, max(1, cells - 1))), "head"),)
    gap: Line = ((" ", "text"),)
    told: Line = (*gap, *value, *gap, *gap, *lacks) if lacks else (*gap, *value)
    mark: Line = (*gap, *value, (" !", "warn")) if lacks else told
    apart: list[Line] = [(*gap, *value), *([(*gap, *lacks)] if lacks else [])]
    ways: Sequence[list[Line]] = (
        [(*gap, *title, *told)],
        [(*gap, *title), told],
        [(*gap, *title), *apart],
        [(*gap, *title), mark],
        [told],
        apart,
        [mark],
    )
    fits = (way for way in ways if len(way) <= rows and all(width(line) <= cells for line in way))
    return next(fits, [((" …"[:cells], "dim"),)])


def _sample(tile: Tile) -> str:
    digits_only = re.sub(r"\d", "8", tile.text)
    least = LEAST_TEXT.get(tile.unit, "88")
    return digits_only if len(digits_only) >= len(least) else least


def _plan(found: Sequence[Tile], cells: int, rows: int, glyphs: Glyphs) -> Plan | None:
    plans = []
    for columns in range(1, len(found) + 1):
        deep = -(-len(found) // columns)
        wide, high = cells // columns - GAP, rows // deep
        title = best([tile.title for tile in found], wide, high // TITLE_PART, glyphs)
        room = high - (3 if high < 12 else 4) - (0 if title is None else title.rows)
        sized = _sizes(found, wide, room, glyphs)
        if sized is not None:
            size, unit = sized
            merit = (size.rows, size.wide, title is not None, -(columns * deep))
            plans.append((merit, Plan(columns, size, unit, title)))
    return max(plans, key=lambda plan: plan[0])[1] if plans else None


def _sizes(
    found: Sequence[Tile], cells: int, rows: int, glyphs: Glyphs
) -> tuple[Size, Size | None] | None:
    units = [tile.unit for tile in found]
    for size in SIZES[fine(glyphs)]:
        if size.rows > rows:
            continue
        widest = max(size.cells(_sample(tile)) for tile in found)
        unit = best(units, min(size.cells("88"), cells - widest - GAP), size.rows // 2, glyphs)
        if unit is not None or widest + 1 + max(map(len, units)) <= cells:
            return size, unit
    return None


def _block(tile: Tile, plan: Plan, glyphs: Glyphs) -> list[Line]:
    lines: list[Line] = [*heading(tile.title, plan.title, glyphs, "head"), BLANK]
    if not tile.text:
        empty = [BLANK] * (plan.size.rows - 1)
        absent: Line = ((NOT_AVAILABLE if not tile.lacks else "--", "dim"),)
        lines += [*empty, absent]
    else:
        shown = written(tile.text, plan.size, glyphs)
        units = [tile.unit] if plan.unit is None else written(tile.unit, plan.unit, glyphs)
        units = [""] * (len(shown) - len(units)) + list(units)
        lines += [
            ((row, tile.tone), (" " * GAP if plan.unit else " ", "text"), (unit, "head"))
            for row, unit in zip(shown, units, strict=True)
        ]
    lacks: Line = ((tile.lacks, "warn"),)
    note: Line = ((tile.note, "text"),)
    if not tile.lacks or not tile.note:
        return [*lines, lacks if tile.lacks else note]
    return [*lines, lacks, note]


def heading(text: str, size: Size | None, glyphs: Glyphs, tone: Tone) -> list[Line]:
    """`text` in that size, or plainly."""
    known = spelled(text)
    if size is None or known is None:
        return [((text, tone),)]
    return [((row, tone),) for row in written(known, size, glyphs)]


def written(text: str, size: Size, glyphs: Glyphs) -> list[str]:
    """`text` drawn big."""
    return list(big(text, size, glyphs.full, halves=digits.fine(glyphs)))


def banner_words(text: str, cells: int, rows: int, glyphs: Glyphs, tone: Tone) -> list[Line]:
    """`text` as big as fits, plainly where it is in letters that cannot be drawn."""
    known = spelled(text)
    size = best([known], cells, rows, glyphs) if known else None
    return heading(text, size, glyphs, tone)


def centred(lines: Sequence[Line], cells: int) -> list[Line]:
    """Each line in the middle."""
    return [((" " * max(0, (cells - width(line)) // 2), "text"), *line) for line in lines]
