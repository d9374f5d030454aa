"""Names of actions and keys: every binding has a name by which a person may give it other keys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.keys import Keys, key_to_character

from collector.model.text import nearest
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Line, Piece

FOR_EVER = ("app.leave",)
"""What can never be left without a key of its own: a person must be able to leave."""

MODIFIERS = frozenset({"ctrl", "alt", "shift", "super"})
KEPT = ("help", "leave", "back", "lock_control")
"""Actions that the last line has however short it is; so it has whatever esc does."""
GAP = "   "
_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "escape": "esc",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "insert": "Ins",
    "delete": "Del",
    "backspace": "backspace",
}


def named(owner: str, bindings: Sequence[BindingType]) -> list[BindingType]:
    """The bindings, each with a name: `site.order`, `asset.range.6`."""
    return [
        replace(binding, id=_name(owner, binding.action))
        if isinstance(binding, Binding) and not binding.id
        else binding
        for binding in bindings
    ]


def _name(owner: str, action: str) -> str:
    word, _, rest = action.partition("(")
    detail = rest.rstrip(")").replace("'", "").replace(", ", ".").replace(",", ".")
    return ".".join(part for part in (owner, word, detail) if part)


def called(key: str) -> str:
    """A key as people call it."""
    modifiers, plus, last = key.rpartition("+")
    return f"{modifiers}{plus}{_NAMES.get(last, last)}"


def keys_of(binding: Binding) -> str:
    """The keys of a binding as people call them."""
    return binding.key_display or " ".join(called(key) for key in binding.key.split(","))


def last_line(told: Sequence[tuple[Binding, str]], glyphs: Glyphs, cells: int) -> Line:
    """Keys and what they do, in this order, as many as fit in `cells` cells; those of KEPT always
    do."""
    entries = [(glyphs.key(displayed(binding)), f" {word}") for binding, word in told]
    rooms = [cell_len(key + word + GAP) for key, word in entries]
    kept = {at for at, (b, _) in enumerate(told) if b.action in KEPT or b.key == "escape"}
    left = cells - 1 + len(GAP) - sum(rooms[at] for at in kept)
    for at, room in enumerate(rooms):
        if at not in kept and room <= left:
            kept.add(at)
            left -= room
    out: list[Piece] = [(" ", "text")]
    for at in sorted(kept):
        key, word = entries[at]
        out += [(key, "accent"), (word + GAP, "dim")]
    return tuple(out)


def displayed(binding: Binding) -> str:
    """The key of a binding in force, which has one: its own name where what it is shown by is a
    character and it is none."""
    shown = binding.key_display or ""
    other = types(shown) and not types(binding.key)  # `?` also stands for f1
    return called(binding.key) if other or not shown else shown


def types(key: str) -> bool:
    """Whether the key is a character where something is typed."""
    name = called(key)
    return key == "space" or (len(name) == 1 and name.isascii())


def names() -> frozenset[str]:
    """The names of all actions that have a key, on every page and in every widget."""
    kinds: list[type[DOMNode]] = [DOMNode]
    for kind in kinds:
        kinds += kind.__subclasses__()
    own = (binding for kind in kinds for binding in vars(kind).get("BINDINGS", ()))
    return frozenset(b.id for b in own if isinstance(b, Binding) and b.id)


def is_key(word: str) -> bool:
    """Whether a terminal may send a key of this name: `x`, `/`, `f3`, `ctrl+pagedown`, `slash`."""
    *modifiers, key = word.split("+") if len(word) > 1 else [word]
    if not set(modifiers) <= MODIFIERS:
        return False
    if len(key) == 1:  # with shift it is another character
        return key.isprintable() and (not modifiers or (key.isalnum() and modifiers != ["shift"]))
    known = key in _NAMES or key in {each.value for each in Keys} - {"<any>"}
    return key == key.lower() and (known or key_to_character(key) is not None)


def usable(keys: Mapping[str, str], actions: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """A person's own keys without those that cannot be, and why not; those stay as usual."""
    kept: dict[str, str] = {}
    problems = []
    for name, wanted in keys.items():
        words = [key.strip() for key in wanted.split(",") if key.strip()]
        if name not in actions:
            near = nearest(name, _of_one_page(name, actions))
            problems.append(f"keys.{name}: there is no such action ({near})")
        elif not words:
            problems.append(f"keys.{name}: it needs a key")
        elif wrong := [word for word in words if not is_key(word)]:
            problems.append(f"keys.{name}: {wrong[0]} is no key")
        elif name in FOR_EVER:
            kept[name] = ",".join(dict.fromkeys((*words, "ctrl+q", "ctrl+c")))
        else:
            kept[name] = ",".join(words)
    return kept, problems


def _of_one_page(name: str, actions: Collection[str]) -> tuple[str, ...]:
    """The actions that `name` may mean: those of its page, or all where there is no such page."""
    page = name.partition(".")[0] + "."
    return tuple(sorted(n for n in actions if n.startswith(page)) or sorted(actions))


def cursor_keys(owner: str, opens: str = "") -> list[BindingType]:
    """The bindings of a table with a cursor; `opens` says what enter opens."""
    return named(
        owner,
        [
            Binding("up,k", "move(-1)", "up", show=False, key_display="↑ k"),
            Binding("down,j", "move(1)", "down", show=False, key_display="↓ j"),
            Binding("pageup", "page(-1)", "page up", show=False),
            Binding("pagedown", "page(1)", "page down", show=False),
            Binding("home", "move(-1000000)", "first", show=False),
            Binding("end", "move(1000000)", "last", show=False),
            Binding("enter", "open", "open", key_display="⏎", tooltip=opens),
        ],
    )
