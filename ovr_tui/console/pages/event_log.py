"""The quick log entry: first of which kind, then what that kind needs."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.model.event import Event
from collector.model.said import LogKind
from collector.wire import LogAnswer
from ovr_tui.console.events import logbook
from ovr_tui.console.form import Field, FormPage, Values
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line

COLUMNS = (
    Column(title="KEY", least=4),
    Column(title="WHAT", least=16),
    Column(title="", least=20, most=80),
)


class KindPage(ListPage):
    """Six kinds, one key each. Answers True if something was written down."""

    OPENS = "choose"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"kind('{kind.value}')", logbook.NAMES[kind], show=False)
        for key, kind in logbook.KEYS.items()
    ]

    def __init__(self, event: Event | None = None, system: str = "") -> None:
        super().__init__()
        self._event = event
        self._system = system

    def items(self, now: Now, cells: int) -> Sequence[Item]:
        """The kinds."""
        del now
        grid = lay_out(COLUMNS, cells)
        return [
            Item(
                key=kind.value,
                line=grid.line(
                    [(key, "accent"), (logbook.NAMES[kind], "bold"), (logbook.ABOUT[kind], "dim")]
                ),
            )
            for key, kind in logbook.KEYS.items()
        ]

    def header(self, cells: int) -> Line:
        """The titles."""
        return lay_out(COLUMNS, cells).header()

    def state(self, now: Now) -> Line:
        """Where it will stand."""
        to = logbook.into(self._event, now.snapshot)
        return ((" What do you write down? ", "bold"), (f"Into {now.glyphs.text(to)}", "dim"))

    def empty(self, now: Now) -> tuple[str, str]:
        """Never so."""
        del now
        return "", ""

    def opened(self, key: str) -> None:
        """The kind at the cursor."""
        self.action_kind(key)

    def action_kind(self, kind: str) -> None:
        """Ask for what this kind needs."""
        page = log_form(self, LogKind(kind), self._event, self._system)
        self.app.push_screen(page, self._written)

    def _written(self, sent: bool | None) -> None:
        if sent:
            self.dismiss(True)


def log_form(page: ListPage, kind: LogKind, event: Event | None, system: str) -> FormPage:
    """The form of a kind."""
    app = page.console_app

    async def send(found: Mapping[str, object]) -> str:
        body = logbook.request(kind, found, event)
        answer = await app.reader.post("/v1/log", LogAnswer, body)
        return logbook.done(answer.entry, app.called(answer.entry.asset), app.now().snapshot)

    def fields(values: Values) -> list[Field]:
        return logbook.fields(kind, values, app.now().snapshot, event, system)

    to = logbook.into(event, app.now().snapshot)
    title = f"{logbook.NAMES[kind].capitalize()}, into {to}"
    about = [f"{logbook.ABOUT[kind]}.".capitalize()]
    return FormPage(title, fields, send, about=about, verb="write it down")
