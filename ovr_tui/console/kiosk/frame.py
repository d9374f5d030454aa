"""The whole picture: head, what is on, foot, moved a little so that nothing burns in. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from collector.model.kinds import AssetStatus
from ovr_tui.console.format import clock, local, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.kiosk.alarms import alarm_page, marker, unseen
from ovr_tui.console.kiosk.draw import banner_words, centred, fill
from ovr_tui.console.kiosk.figures import NOT_AVAILABLE, available
from ovr_tui.console.kiosk.pages import Leaf, leaves, most_figures
from ovr_tui.console.kiosk.turn import SHIFT_CELLS, SHIFT_ROWS, Turn, shift
from ovr_tui.console.kiosk.wish import Wish
from ovr_tui.console.now import Now
from ovr_tui.console.text import BLANK, Line, cut, ends, width, wrap

LEAST_CELLS, LEAST_ROWS = 20, 6


class Picture(Struct, frozen=True):
    """What is to be shown, and whose turn it is from now on."""

    lines: list[Line]
    turn: Turn
    pages: int


def picture(
    now: Now,
    wish: Wish,
    turn: Turn,
    cells: int,
    rows: int,
    bars: Sequence[float | None] = (),
) -> Picture:
    """This moment in exactly `rows` lines of `cells` cells; `bars` are those of the last 24 hours,
    the last one of now."""
    found = leaves(now, wish, most_figures(cells, rows), bars)
    turn = turn.at(now.at_s, wish.every_s, len(found))
    if cells < LEAST_CELLS or rows < LEAST_ROWS:
        return Picture(fill([(("too small", "dim"),)], cells, rows), turn, len(found))
    wide, high = cells - SHIFT_CELLS, rows - SHIFT_ROWS
    right, down = shift(now.at_s)
    head = _head(now, wish, wide)
    foot = _foot(now, wish, turn, found, wide)
    alarms = () if wish.public or now.at_s < turn.peek_s else unseen(now.snapshot)
    room = high - len(head) - 1
    if alarms and available(now, public=False):
        body = alarm_page(alarms, now, wide, room)
    else:
        body = _body(now, wish, turn, found, wide, room)
    moved = [((" " * right, "text"), *line) for line in [*head, *body, foot]]
    whole = [BLANK] * down + moved + [BLANK] * (SHIFT_ROWS - down)
    if wish.dim is not None and wish.dim.holds(_minute(now)):
        whole = [_dimmed(line) for line in whole]
    return Picture([cut(line, cells) for line in whole], turn, len(found))


def _minute(now: Now) -> int:
    """The minute of the day, where the site is."""
    at = local(now.wall_ms, now.snapshot.timezone if now.snapshot is not None else "")
    return at.hour * 60 + at.minute


def _dimmed(line: Line) -> Line:
    return tuple((text, tone if tone in ("warn", "alert") else "dim") for text, tone in line)


def _head(now: Now, wish: Wish, cells: int) -> list[Line]:
    rule: Line = ((now.glyphs.rule * cells, "dim"),)
    top = _public_top(now, wish, cells) if wish.public else _top(now, wish, cells)
    trouble = [] if wish.public else _banner(now, cells)
    return [top, rule, *trouble]


def _clock(now: Now) -> Line:
    shot = now.snapshot
    return ((clock(now.wall_ms, shot.timezone if shot is not None else "") + " ", "bold"),)


def _public_top(now: Now, wish: Wish, cells: int) -> Line:
    title = now.glyphs.text(wish.title)
    left: Line = ((" PUBLIC ", "dim"), (f" {title}" if title else "", "bold"))
    return ends(left, _clock(now), cells)


def _top(now: Now, wish: Wish, cells: int) -> Line:
    glyphs, shot = now.glyphs, now.snapshot
    title = wish.title or (shot.site if shot is not None else "")
    mode: Line = ((" KIOSK", "accent"), (f" {glyphs.bar} ", "dim"), (glyphs.text(title), "bold"))
    person: Line = ((f"   {glyphs.text(wish.person)}, looks only", "dim"),)
    link: Line = ((f"   {glyphs.status[AssetStatus.LIVE]} live", "good"),)
    if now.stale_s is not None:
        link = ((f"   {glyphs.status[AssetStatus.STALE]} {span(now.stale_s)} old", "warn"),)
    if shot is None:
        link = ()
    right = _clock(now)
    short = (mode[0], *person)
    for left in ((*mode, *person, *link), (*mode, *person), short):
        if width(left) + width(right) < cells:
            return ends(left, right, cells)
    return ends(short, right, cells)


def _banner(now: Now, cells: int) -> list[Line]:
    glyphs = now.glyphs
    if now.console.fault:
        fault = cut(((f" {glyphs.alarm} {glyphs.text(now.console.fault)}", "alert"),), cells)
        return [fault, *_not_live(now)]
    return _not_live(now)


def _not_live(now: Now) -> list[Line]:
    glyphs = now.glyphs
    if now.snapshot is None or now.stale_s is None:
        return []
    age = span(now.stale_s)
    if now.link.attached:
        text = f" {glyphs.alarm} NO NEWS of the collector for {age}: nothing here is live"
        return [((text, "warn"),)]
    again = f", next try in {now.retry_in_s:.0f} s" if now.retry_in_s is not None else ""
    sign = glyphs.status[AssetStatus.LOST]
    return [((f" {sign} COLLECTOR LOST for {age}: nothing here is live{again}", "alert"),)]


def _body(
    now: Now, wish: Wish, turn: Turn, found: Sequence[Leaf], cells: int, rows: int
) -> list[Line]:
    if now.snapshot is None or not available(now, public=wish.public) or not found:
        return _nothing(now, wish, cells, rows)
    return found[turn.index % len(found)].draw(cells, rows)


def _nothing(now: Now, wish: Wish, cells: int, rows: int) -> list[Line]:
    """Why there is no figure, and what to do."""
    glyphs = now.glyphs
    if wish.public:
        words = banner_words(NOT_AVAILABLE, cells - 4, max(1, rows // 3), glyphs, "dim")
        return fill(centred(words, cells), cells, rows)
    if now.snapshot is None:
        title = "waiting"
        cause = now.link.cause or "asking this node's collector for its first snapshot"
        advice = "This display fills by itself once the collector runs: systemctl start ovr-collect"
    elif not available(now, public=False):
        title, cause = NOT_AVAILABLE, now.link.cause or "the collector says nothing"
        advice = "It comes back by itself; the collector's log: journalctl -u ovr-collect"
    else:
        title, cause = "no devices", "the collector has no figures to show yet"
        advice = "Devices are added with ovr discover, or in the console."
    again = f"next try in {now.retry_in_s:.0f} s" if now.retry_in_s is not None else ""
    lines: list[Line] = [
        *banner_words(title, cells - 4, max(1, rows // 4), glyphs, "dim"),
        BLANK,
        *wrap(glyphs.prose(cause), cells - 4, "text", 0),
        ((again, "dim"),),
        *wrap(advice, cells - 4, "dim", 0),
    ]
    return fill(centred(lines, cells), cells, rows)


def _foot(now: Now, wish: Wish, turn: Turn, found: Sequence[Leaf], cells: int) -> Line:
    if wish.public or not found or not available(now, public=False):
        return cut(() if wish.public else ((_keys(wish, now.glyphs), "dim"),), cells)
    glyphs = now.glyphs
    at = turn.index % len(found)
    shown = not unseen(now.snapshot) or now.at_s < turn.peek_s
    place = f" {found[at].title} {at + 1} of {len(found)}" if shown else ""
    held: Line = ((f"  {glyphs.bar}{glyphs.bar} held", "warn"),) if turn.held else ()
    left: Line = (*marker(now), (place, "text"), *held)
    keys: Line = ((_keys(wish, now.glyphs), "dim"),)
    return ends(left, keys, cells) if width(left) + width(keys) < cells else cut(left, cells)


def _keys(wish: Wish, glyphs: Glyphs) -> str:
    leave = "" if wish.login else "   q leave"
    return f"{glyphs.left} {glyphs.right} page   space hold{leave} "
