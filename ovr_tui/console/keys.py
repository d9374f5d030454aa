"""Names of actions and keys: every binding has a name by which a person may give it other keys."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rich.cells import cell_len
from textual.binding import Binding, BindingType

from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.text import Line, Piece

FOR_EVER = ("app.leave",)
"""What can never be left without a key of its own: a person must be able to leave."""

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
    return _NAMES.get(key, key)


def keys_of(binding: Binding) -> str:
    """The keys of a binding as people call them."""
    return binding.key_display or " ".join(called(key) for key in binding.key.split(","))


def last_line(told: Sequence[tuple[Binding, str]], glyphs: Glyphs, cells: int) -> Line:
    """Keys and what they do, in this order, as many as fit in `cells` cells; those of KEPT always
    do."""
    entries = [(glyphs.key(_displayed(binding)), f" {word}") for binding, word in told]
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


def _displayed(binding: Binding) -> str:
    shown = binding.key_display or ""
    other = types(shown) and not types(binding.key)  # `?` also stands for f1
    return called(binding.key) if other or not shown else shown


def types(key: str) -> bool:
    """Whether the key is a character where something is typed."""
    name = called(key)
    return key == "space" or (len(name) == 1 and name.isascii())


def usable(keys: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """A person's own keys without those that cannot be, and why not."""
    kept: dict[str, str] = {}
    problems = []
    for name, wanted in keys.items():
        words = [key.strip() for key in wanted.split(",") if key.strip()]
        if not words:
            problems.append(f"keys.{name}: it needs a key")
        elif name in FOR_EVER:
            kept[name] = ",".join(dict.fromkeys((*words, "ctrl+q", "ctrl+c")))
        else:
            kept[name] = ",".join(words)
    return kept, problems


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
