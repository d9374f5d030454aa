"""Names of actions and keys: every binding has a name by which a person may give it other keys."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.binding import Binding, BindingType

FOR_EVER = ("app.leave",)
"""What can never be left without a key of its own: a person must be able to leave."""

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
