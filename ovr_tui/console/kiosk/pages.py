"""The pages that take turns: each is there only while it has something to say. Pure."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from collector.model.catalogue import MAIN_POWER
from collector.model.event import EventNow, EventStatus
from collector.model.kinds import AssetKind
from ovr_tui.console.format import Figure, Trust, local, scaled, span
from ovr_tui.console.kiosk.day import LEAST_KNOWN, day_page
from ovr_tui.console.kiosk.draw import banner_words, centred, fill, tile_page
from ovr_tui.console.kiosk.figures import Tile, available, site_ms, tiles
from ovr_tui.console.kiosk.listing import Entry, listing, status_sign
from ovr_tui.console.kiosk.wish import DAY, NOW, SOURCES, Wish
from ovr_tui.console.now import Now
from ovr_tui.console.rows import Row, make_rows
from ovr_tui.console.text import BLANK, Line

Drawn = Callable[[int, int], list[Line]]
"""Draws a page in so many cells and rows."""

EMPTIEST = ("BATTERIES, THE EMPTIEST FIRST", "EMPTIEST BATTERIES", "BATTERIES")
"""One title, the longest first."""
MOST = 3
"""Figures on a page."""


class Leaf(Struct, frozen=True):
    """One page."""

    title: str
    draw: Drawn


def leaves(now: Now, wish: Wish, most: int = MOST, bars: Sequence[float | None] = ()) -> list[Leaf]:
    """The pages that there are at this moment, with at most so many figures on each; `bars` are
    those of the last 24 hours."""
    if wish.public:
        shown = tiles(now, wish.show, public=True)
        return [Leaf("", _tiles(now, part)) for part in _parts(shown, most)]
    pages = [
        Leaf(title, _tiles(now, part))
        for title, names in (("now", NOW), ("sources", SOURCES), ("today", DAY))
        for part in _parts(tiles(now, names, public=False), most)
    ]
    known = now.snapshot is not None and available(now, public=False)
    rows = make_rows(now.snapshot, now.stale_s) if known and now.snapshot is not None else []
    loads, batteries = _loads(rows), _batteries(rows)
    if known and sum(bar is not None for bar in bars) >= LEAST_KNOWN:
        pages.append(Leaf("24 h", _day(bars, now)))
    if len(loads) > 1:
        pages.append(Leaf("loads", lambda c, r: _ranking(loads, now, c, r)))
    if batteries:
        pages.append(Leaf("batteries", lambda c, r: _charges(batteries, now, c, r)))
    return [*pages, *(Leaf("event", _event(one, now)) for one in _running(now))]


def most_figures(cells: int, rows: int) -> int:
    """How many figures a page of that size can show big."""
    return MOST if cells >= 60 and rows >= 18 else 1


def _parts(shown: Sequence[Tile], most: int) -> list[Sequence[Tile]]:
    """At most so many figures to a page, evenly."""
    count = -(-len(shown) // most)
    each = -(-len(shown) // count) if count else 1
    return [shown[at : at + each] for at in range(0, len(shown), each)]


def _tiles(now: Now, shown: Sequence[Tile]) -> Drawn:
    return lambda cells, rows: tile_page(shown, cells, rows, now.glyphs)


def _day(bars: Sequence[float | None], now: Now) -> Drawn:
    zone = now.snapshot.timezone if now.snapshot is not None else ""
    return lambda cells, rows: day_page(bars, site_ms(now), zone, cells, rows, now.glyphs)


def _loads(rows: Sequence[Row]) -> list[Row]:
    """Loads with a power, the biggest first, those that are not known to hold now last; where
    nothing but battery systems tells of loads, these."""
    for kind in (AssetKind.LOAD, AssetKind.BESS):
        found = [row for row in rows if row.kind is kind and row.power.value is not None]
        if found:
            return sorted(
                found, key=lambda row: (_is_old(row.power), -(row.power.value or 0.0), row.id)
            )
    return []


def _batteries(rows: Sequence[Row]) -> list[Row]:
    """The emptiest first, then those that are not known to hold now, then those of which nothing
    is known."""
    found = [
        row for row in rows if row.kind is AssetKind.BESS and row.soc.trust is not Trust.ABSENT
    ]
    return sorted(
        found,
        key=lambda row: (row.soc.value is None, _is_old(row.soc), row.soc.value or 0.0, row.id),
    )


def _is_old(shown: Figure) -> bool:
    return shown.trust is Trust.STALE


def _old(row: Row, shown: Figure, key: str | None, now: Now) -> str:
    """How old that figure of an asset is, where it is not known to hold now."""
    reading = row.view.readings.get(key) if key else None
    if not _is_old(shown) or reading is None:
        return ""
    return f"{span(max(0, site_ms(now) - reading.at_ms) / 1000)} old"


def _ranking(loads: Sequence[Row], now: Now, cells: int, rows: int) -> list[Line]:
    most = max([1.0, *(row.power.value or 0.0 for row in loads if not _is_old(row.power))])
    entries = [
        Entry(
            name=row.name,
            value=scaled(row.power, 1000),
            decimals=1,
            unit="kW",
            percent=(row.power.value or 0.0) / most * 100,
            sign=status_sign(row, now.glyphs),
            old=_old(row, row.power, MAIN_POWER.get(row.kind), now),
        )
        for row in loads
    ]
    return listing(("BIGGEST LOADS", "LOADS"), entries, cells, rows, now.glyphs)


def _charges(batteries: Sequence[Row], now: Now, cells: int, rows: int) -> list[Line]:
    entries = [
        Entry(
            name=row.name,
            value=row.soc,
            decimals=0,
            unit="%",
            percent=row.soc.value,
            sign=status_sign(row, now.glyphs),
            old=_old(row, row.soc, "battery_soc_pct", now),
        )
        for row in batteries
    ]
    return listing(EMPTIEST, entries, cells, rows, now.glyphs)


def _running(now: Now) -> list[EventNow]:
    if now.snapshot is None:
        return []
    return [one for one in now.snapshot.events if one.status is EventStatus.ACTIVE]


def _event(event: EventNow, now: Now) -> Drawn:
    def draw(cells: int, rows: int) -> list[Line]:
        glyphs, wide = now.glyphs, cells - 4
        lines = banner_words(glyphs.text(event.name), wide, max(1, rows // 3), glyphs, "bold")
        lines += [BLANK, *_days(event, now, wide, max(1, rows // 4))]
        count = len(event.systems)
        lines += [
            BLANK,
            ((f"{count} system{'' if count == 1 else 's'} of this node in it", "text"),),
        ]
        return fill(centred(lines, cells), cells, rows)

    return draw


def _days(event: EventNow, now: Now, cells: int, rows: int) -> list[Line]:
    if event.from_ms is None:
        return []
    begun, today = (local(ms, event.timezone) for ms in (event.from_ms, site_ms(now)))
    day = (today.date() - begun.date()).days + 1
    since: Line = ((begun.strftime("since %a %d %b, %H:%M %Z"), "text"),)
    return [*banner_words(f"Day {day}", cells, rows, now.glyphs, "accent"), BLANK, since]
