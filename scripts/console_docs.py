"""The tables of keys in docs/console.md, from the bindings themselves."""

import re
from collections.abc import Iterator, Sequence

from textual.binding import Binding, BindingType

from ovr_tui.console.input_line import InputLine
from ovr_tui.console.item_table import ItemTable
from ovr_tui.console.keys import keys_of
from ovr_tui.console.pages.base import Page
from ovr_tui.console.shell import Shell

_BLOCK = re.compile(r"<!-- bindings -->\n.*?<!-- end -->", re.DOTALL)

TITLES = {
    "ListPage": "In every list that is a page",
    "SitePage": "Site",
    "AssetPage": "Asset",
    "PointsPage": "Asset: the values of its chart",
    "RawPage": "Asset: every raw value",
    "LinksPage": "Asset: what it counts for",
    "ControlPage": "Asset: control",
    "UnlockPage": "Asset: the PIN",
    "OutcomePage": "Asset: what a command came to",
    "AlarmsPage": "Alarms",
    "EventsPage": "Events",
    "EventDeeds": "Events, and one event: what can be done",
    "EventPage": "Events: one event",
    "SystemsPage": "Events: choosing systems",
    "KindPage": "Events: writing something down",
    "ShiftPage": "Events: the last shift",
    "ReportsPage": "Reports",
    "ReportPage": "Reports: one report",
    "ComparePage": "Reports: two revisions side by side",
    "CorrectionsPage": "Reports: corrections",
    "DevicesPage": "Devices",
    "DevicePage": "Devices: one device",
    "DiscoverPage": "Devices: looking for them",
    "TestPage": "Devices: testing them",
    "DeviceFormPage": "Devices: adding or changing one",
    "HealthPage": "Health",
    "HealthList": "Health: its tabs",
    "SourcesPage": "Health: sources",
    "PipesPage": "Health: sinks",
    "NodePage": "Health: node",
    "LogPage": "Health: log",
    "AuditPage": "Health: audit",
    "FormPage": "Forms",
    "ConfirmPage": "Questions",
    "WorkPage": "Work that takes a while",
    "NoticePage": "Messages",
    "HelpPage": "Help",
    "PalettePage": "Commands",
}
"""What the pages with keys of their own are called, in the order of the tables."""


def filled(text: str) -> str:
    """`text` with the block of keys written anew. Raises ValueError if a page has no title here,
    or a title no page."""
    return _BLOCK.sub(lambda _: f"<!-- bindings -->\n{bindings()}\n<!-- end -->", text)


def bindings() -> str:
    """A table for what is the same everywhere, then one for each page that has keys of its own."""
    lines = ["### Everywhere", "", *_table(Shell.BINDINGS)]
    lines += ["", "### In lists", "", *_table(ItemTable.BINDINGS)]
    lines += ["", "### Where one types", "", *_table(InputLine.BINDINGS)]
    own = {page.__name__: page.BINDINGS for page in set(_pages()) if vars(page).get("BINDINGS")}
    if odd := own.keys() ^ TITLES.keys():
        raise ValueError(f"pages with keys and TITLES differ by {sorted(odd)}: mend TITLES")
    for name, title in TITLES.items():
        lines += ["", f"### {title}", "", *_table(own[name])]
    return "\n".join(lines)


def _pages(kind: type[Page] = Page) -> Iterator[type[Page]]:
    for page in kind.__subclasses__():
        if page.__module__.startswith("ovr_tui."):
            yield page
            yield from _pages(page)


def _table(own: Sequence[BindingType]) -> Iterator[str]:
    """One row for each key, and one for two that the console shows as one (`← →`)."""
    yield "| keys | what they do | name for `[keys]` |"
    yield "|---|---|---|"
    rows: list[tuple[Binding, list[str | None]]] = []
    for binding in own:
        if not isinstance(binding, Binding):
            continue
        if rows and (shown := _pair(rows[-1][0], binding)):
            rows[-1] = (shown, [*rows[-1][1], binding.id])
        else:
            rows.append((binding, [binding.id]))
    for shown, names in rows:
        text = (shown.tooltip or shown.description).replace("|", "\\|")
        keys = keys_of(shown).replace("|", "\\|").replace("`", "\\`")
        yield f"| {keys} | {text} | {', '.join(f'`{name}`' for name in names)} |"


def _pair(one: Binding, other: Binding) -> Binding | None:
    """Which of two tells of both."""
    first, second = set(keys_of(one).split()), set(keys_of(other).split())
    return one if second < first else other if first < second else None
