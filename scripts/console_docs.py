"""The tables of keys in docs/console.md, from the bindings themselves."""

import inspect
import re
from collections.abc import Iterator

from textual.binding import Binding, BindingType

from ovr_tui.console.item_table import ItemTable
from ovr_tui.console.keys import keys_of
from ovr_tui.console.pages.base import Page
from ovr_tui.console.places import PLACES
from ovr_tui.console.shell import Shell

_BLOCK = re.compile(r"<!-- bindings -->\n.*?<!-- end -->", re.DOTALL)
_FIRST = ("Site", "Asset", *(place.name for place in PLACES[1:]))


def filled(text: str) -> str:
    """`text` with the block of keys written anew."""
    return _BLOCK.sub(lambda _: f"<!-- bindings -->\n{bindings()}\n<!-- end -->", text)


def bindings() -> str:
    """A table for what is the same everywhere, then one for each page that has keys of its own."""
    lines = ["### Everywhere", "", *_table(Shell.BINDINGS)]
    lines += ["", "### In lists", "", *_table(ItemTable.BINDINGS)]
    for name, page in sorted(set(_pages()), key=_order):
        own = vars(page).get("BINDINGS", [])
        if own:
            lines += ["", f"### {_title(name, page)}", "", *_table(own)]
    return "\n".join(lines)


def _pages(kind: type[Page] = Page) -> Iterator[tuple[str, type[Page]]]:
    for page in kind.__subclasses__():
        if page.__module__.startswith("ovr_tui."):
            yield page.__name__.removesuffix("Page"), page
            yield from _pages(page)


def _title(name: str, page: type[Page]) -> str:
    """`Device form: a form about …`, from what the class says of itself."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
    text = " ".join((inspect.getdoc(page) or "").partition("\n\n")[0].split())
    sentence = re.split(r"[.;,] |\.$", text)[0]
    return f"{words}: {sentence[:1].lower()}{sentence[1:]}" if sentence else words


def _order(found: tuple[str, type[Page]]) -> tuple[int, str]:
    name = found[0]
    near = next((i for i, first in enumerate(_FIRST) if name.startswith(first.rstrip("s"))), 99)
    return near, name


def _table(own: list[BindingType]) -> Iterator[str]:
    yield "| keys | what they do | name for `[keys]` |"
    yield "|---|---|---|"
    for binding in own:
        if isinstance(binding, Binding):
            text = (binding.tooltip or binding.description).replace("|", "\\|")
            keys = keys_of(binding).replace("|", "\\|").replace("`", "\\`")
            yield f"| {keys} | {text} | `{binding.id}` |"
