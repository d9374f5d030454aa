"""What the palette offers: what can be done here, every asset, and what can be done elsewhere."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from textual.binding import Binding
from textual.dom import DOMNode

from ovr_tui.console.keys import keys_of
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.places import PLACES

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

MOST = 200
MOVES = ("go(", "palette", "move(", "scroll_by(", "page(", "app.focus_")
"""Actions that are no commands, or are there under another name."""
ONLY_THERE = ("back", "clear", "cancel", "mark", "filter", "hit(", "walk(", "cursor(", "view_by(")
"""Actions that mean nothing before one is there."""
AT_ONCE: Mapping[str, tuple[str, ...]] = {
    "site": ("next_sort", "reverse", "sort(", "hold_order", "group", "columns", "export"),
    "alarms": ("window", "view("),
    "events": ("new_event", "shift", "import_event"),
    "reports": ("interim", "older", "corrections"),
    "devices": ("find", "new", "decide", "group", "import_", "undo", "apply"),
    "health": ("tab(",),
}
"""Actions of a place that are about no row of it: they are done there at once."""
ALSO: Mapping[str, str] = {
    "theme": "colors dark light contrast",
    "help": "keys f1",
    "leave": "quit exit close end",
    "keep_screen": "screenshot picture save",
    "enlarge": "zoom full",
    "unlock": "pin password",
    "lockout": "lock loto",
    "devices.find": "discover search scan add network",
    "devices.new": "add create make",
    "new_event": "add create make job",
    "add": "new",
    "acknowledge": "ack",
    "shelve": "mute silence hide",
    "bell_every": "sound beep mute",
    "pause": "freeze stop",
    "copy": "clipboard",
    "export": "save csv",
    "interval": "refresh rate fps",
    "repaint": "redraw refresh",
    "remove": "delete",
    "withdraw": "delete take back",
    "undo": "revert",
    "release": "approve",
    "compare": "diff revisions",
    "power": "switch enable disable",
    "columns": "hide show",
    "next_sort": "sort",
}
"""Other words by which people look for an action, by its name or by that of its binding."""


class Command(Struct, frozen=True):
    """What can be done: its name, its keys, where it belongs, doing it, and other words for it."""

    name: str
    keys: str
    where: str
    run: Callable[[], Awaitable[object]]
    also: str = ""


class Elsewhere(Struct, frozen=True, kw_only=True):
    """A page whose commands are offered from everywhere: the place that it belongs to, and `way`,
    what leads to it from there ("": it is the place's first page)."""

    place: str
    page: type[Page]
    name: str
    way: str = ""


def ranked(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands that have all typed words in them: those whose name begins so first, then those
    that have each word at the beginning of one of theirs, then the others."""
    words = typed.casefold().split()
    found = [(rank, at) for at, c in enumerate(commands) if (rank := _rank(c, words)) is not None]
    return [commands[at] for _, at in sorted(found)[:MOST]]


def _rank(command: Command, words: Sequence[str]) -> int | None:
    name, where = command.name.casefold(), command.where.casefold()
    if words and name.startswith(words[0]) and all(word in f"{name} {where}" for word in words):
        return 0
    if _begin(name, words):
        return 1
    if _begin(f"{name} {where} {command.also}", words):
        return 2
    return 3 if all(word in f"{name} {where}" for word in words) else None


def _begin(text: str, words: Sequence[str]) -> bool:
    """Whether each word begins one of the text's."""
    parts = "".join(ch if ch.isalnum() else " " for ch in text).split()
    parts += text.split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def commands(page: Page, elsewhere: Sequence[Elsewhere] = ()) -> list[Command]:
    """What can be done on `page`, which is on top: the places, the actions of what has the keys, of
    the page and of the app, and the page of each asset; then what can be done on other pages."""
    app, now = page.console_app, page.console_app.now()
    found = [
        Command(place.text, place.key, place.name, _action(app, f"go('{place.word}')", app))
        for place in PLACES
    ]
    for active in page.active_bindings.values():
        binding, node = active.binding, active.node
        name = _name(binding)
        if binding.action.startswith(MOVES) or not name or any(c.name == name for c in found):
            continue
        where = "everywhere" if node is app else app.current_mode
        run = _action(app, binding.action, node)
        found.append(Command(name, keys_of(binding), where, run, _also(binding)))
    for view in now.snapshot.assets if now.snapshot else ():
        name, asset = now.glyphs.text(view.name or view.id), now.glyphs.text(view.id)
        found.append(Command(name, "", f"asset {asset}", _open(app, view.id)))
    others = [other for other in elsewhere if not isinstance(page, other.page)]
    told: set[tuple[str, str]] = set()
    return found + [command for other in others for command in _of(app, other, now, told)]


def _name(binding: Binding) -> str:
    return binding.tooltip or binding.description


def _also(binding: Binding) -> str:
    """What else it is found by: its short name, that of its action, and words of people."""
    action = binding.action.partition("(")[0]
    more = ALSO.get(binding.id or "") or ALSO.get(action, "")
    words = f"{binding.description} {action.replace('_', ' ')} {more}"
    return words.casefold()


def _of(
    app: "ConsoleApp", other: Elsewhere, now: Now, told: set[tuple[str, str]]
) -> Iterator[Command]:
    """What can be done on another page: at once where it is about the place as a whole, else the
    palette leads to the place and says how to go on. What is `told` of a place is not told again.
    """
    place = next(place for place in PLACES if place.word == other.place)
    for binding in _bindings(other.page):
        needed = other.page.NEEDS.get(binding.action)
        allowed = {"control": now.may_control, "operator": now.may_operate}.get(needed or "", True)
        name = _named_by_itself(binding)
        if not allowed or binding.action.startswith((*MOVES, *ONLY_THERE)):
            continue
        if (other.place, name) in told:
            continue
        told.add((other.place, name))
        run = _lead(app, other, binding)
        keys = f"{place.key} {'… ' if other.way else ''}{keys_of(binding)}"
        yield Command(name, keys, other.name, run, _also(binding))


def _named_by_itself(binding: Binding) -> str:
    """A name that says what it is where one does not see the page."""
    text = _name(binding)
    first = binding.description.split(" ")[0].rstrip(":")
    return text if first in text.replace(":", "").split(" ") else f"{binding.description}: {text}"


def _bindings(kind: type[Page]) -> Iterator[Binding]:
    """The bindings of a page and of what it is made from, but not those of every list."""
    for part in kind.__mro__:
        if issubclass(part, Page) and part not in (Page, ListPage):
            own = vars(part).get("BINDINGS", ())
            yield from (binding for binding in own if isinstance(binding, Binding))


def _action(app: "ConsoleApp", action: str, node: DOMNode) -> Callable[[], Awaitable[object]]:
    return lambda: app.run_action(action, node)


def _open(app: "ConsoleApp", asset: str) -> Callable[[], Awaitable[object]]:
    async def run() -> None:
        app.open_asset(asset)

    return run


def _lead(app: "ConsoleApp", other: Elsewhere, binding: Binding) -> Callable[[], Awaitable[object]]:
    """Go to the place; there do it, or say how."""
    at_once = not other.way and binding.action.startswith(AT_ONCE.get(other.place, ()))
    keys = app.glyphs.key(keys_of(binding))
    first = other.way or "choose a row"

    async def press(page: Page) -> None:
        if not await app.run_action(binding.action, page):
            app.say(f"{keys} does nothing here just now", "warn")

    async def run() -> None:
        app.go(other.place)
        if len(app.screen_stack) > 1:
            app.go(other.place)  # from what was left open there to its first page
        page = app.screen
        if at_once and isinstance(page, Page):
            page.when_ready(lambda: app.call_later(press, page))
        else:
            app.say(f"{first}, then {keys} does it")

    return run
