"""The pages of the console that have a key of their own, and the line that names them. Pure."""

from msgspec import Struct
from rich.cells import cell_len

from collector.model.text import called
from collector.wire import MeAnswer
from ovr_tui.console.format import span
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, Piece, Tone, cut, fit, width


class Place(Struct, frozen=True, kw_only=True):
    """One page: the key that leads there, its name (which begins with the key), what it is for."""

    key: str
    name: str
    text: str

    @property
    def word(self) -> str:
        """Its name in settings and in code."""
        return self.name.lower()


PLACES = (
    Place(key="s", name="Site", text="totals and all assets"),
    Place(key="a", name="Alarms", text="what is wrong, and what to do about it"),
    Place(key="e", name="Events", text="jobs: who takes part, the log, the end"),
    Place(key="r", name="Reports", text="read, correct, release, export"),
    Place(key="d", name="Devices", text="find, name, test, move and swap devices"),
    Place(key="h", name="Health", text="sources, journal, sinks, this node, its log"),
)
NAME_CELLS = 20
WORDS = tuple(place.word for place in PLACES)


def tabs(now: Now, current: str, cells: int) -> Line:
    """The rule below the line of truth: all pages with their keys, and who looks at them.

    Who it is always stays; the names of pages become single letters where the room is short.
    """
    who = person(now)
    room = cells - width(who) - 3
    names: list[Piece] = []
    for short in (False, True):
        names = _names(now, current, short=short)
        if width(tuple(names)) + 2 <= room:
            break
    rule = now.glyphs.rule
    left: Line = ((f"{rule} ", "dim"), *names, (" ", "dim"))
    fill = max(0, cells - width(left) - width(who) - 3)
    return cut((*left, (rule * fill + " ", "dim"), *who, (f" {rule}", "dim")), cells)


def _names(now: Now, current: str, *, short: bool) -> list[Piece]:
    out: list[Piece] = []
    for place in PLACES:
        if out:
            out.append(("  " if short else f" {now.glyphs.middle} ", "dim"))
        here = place.word == current
        if here:
            out.append((f"[{place.name}]", "bold"))
        else:
            out.append((place.key.upper(), "accent"))
            if not short:
                out.append((place.name[1:], "dim"))
        count = _unseen(now) if place.word == "alarms" else 0
        if count:
            out.append((f" {count}", "alert"))
    return out


def _unseen(now: Now) -> int:
    shot = now.snapshot
    return sum(alarm.state in ("active", "cleared") for alarm in shot.alarms) if shot else 0


def person(now: Now) -> Line:
    """Who looks, which right they have, and how this console is set."""
    me = now.me
    pieces: list[Piece] = [(f"{word} ", "accent") for word in now.marks]
    if now.unlocked_s is not None:
        pieces.append((f"CONTROL UNLOCKED {span(now.unlocked_s)} ", "alert"))
    if me is None:
        word = "asking who you are" if now.link.attached else "not connected"
        return (*pieces, (word, "dim"))
    name = now.glyphs.text(called(me.person))
    return (
        *pieces,
        (f"{right(me)} ", _TONE[me.role]),
        (fit(name, min(NAME_CELLS, cell_len(name))), "text"),
    )


_TONE: dict[str, Tone] = {"operator": "text", "viewer": "accent"}


def right(me: MeAnswer) -> str:
    """A person's right in one word."""
    return "operator" if me.role == "operator" else "read only"
