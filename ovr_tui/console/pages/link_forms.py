"""Links between assets: chosen, explained, taken back."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model.assignment import Fact
from collector.wire import FactSaid
from ovr_tui.console.devices.book import links_of
from ovr_tui.console.devices.effects import LINKS, WORDS, effects
from ovr_tui.console.devices.facts import TONES
from ovr_tui.console.devices.known import Known
from ovr_tui.console.form import Choice, Field, FormPage, Kind
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.pick import PickPage
from ovr_tui.console.pages.unit_forms import REASON, assign, since
from ovr_tui.console.text import Line, wrap

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

COLUMNS = (
    Column(title="", least=10),
    Column(title="NAME", least=14, most=40),
    Column(title="KIND", least=9, rank=1),
    Column(title="SYSTEM", least=8, most=20, rank=2),
)


class LinkFormPage(FormPage):
    """Says what the chosen link does to the totals, from the newest picture."""

    DEFAULT_CSS = "LinkFormPage #explain { height: 9; }"
    pair: tuple[str, str] = ("", "")

    def _explain(self, now: Now, cells: int) -> list[Line]:
        lines = super()._explain(now, cells)
        if self._busy_at is not None or self._refused or self.focused is None:
            return lines
        one, other = self.pair
        chosen = self.values.get("link", "same_as")
        told = effects(now.snapshot, one, other, chosen)
        shown = [line for text in told for line in wrap(now.glyphs.prose(text), cells)]
        return [*lines[:3], (), *shown]


def link(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Choose the other asset, then which link."""
    del known

    def make(now: Now, cells: int) -> Sequence[Item]:
        columns = lay_out(COLUMNS, cells)
        views = now.snapshot.assets if now.snapshot else ()
        text = now.glyphs.text
        return [
            Item(
                key=view.id,
                line=columns.line(
                    [
                        (
                            f"{now.glyphs.status[view.status]} {view.status.value}",
                            TONES[view.status],
                        ),
                        (text(view.name), "text"),
                        (view.kind.value, "text"),
                        (text(view.system), "text"),
                    ]
                ),
                text=view.id,
            )
            for view in views
            if view.id != asset
        ]

    title = f"{app.called(asset)} and which other asset?"
    app.push_screen(PickPage(title, make, partial(ask_link, app, asset)))


def ask_link(app: "ConsoleApp", asset: str, other: str, about: Sequence[str] = ()) -> None:
    """Ask what two assets are to each other."""
    fields = [
        Field(
            name="link",
            label="what is it",
            kind=Kind.CHOICE,
            choices=LINKS,
            text="Which of the two counts follows from it",
        ),
        since(app, "Since when it has been so: energies are counted anew from then on"),
        REASON,
    ]

    async def send(said: Mapping[str, Any]) -> str:
        fact = FactSaid(what=Fact.LINK, key=other, value=str(said["link"]))
        await assign(app, asset, [fact], said)
        return f"{app.called(asset)} is {WORDS[str(said['link'])]} {app.called(other)}"

    title = f"{app.called(asset)} and {app.called(other)}"
    page = LinkFormPage(title, fields, send, about=about)
    page.pair = (asset, other)
    app.push_screen(page)


def unlink(app: "ConsoleApp", known: Known, asset: str) -> None:
    """Ask which link is taken back."""
    links = list(links_of(known.tables or {}, asset))
    choices = tuple(Choice(other, f"{WORDS[word]} {app.called(other)}") for other, word in links)
    fields = [
        Field(
            name="other",
            label="link",
            kind=Kind.CHOICE,
            choices=choices,
            text="Nothing is said of the two any more: both count, each in its own totals",
        ),
        since(app, "Since when it is so no more"),
        REASON,
    ]

    async def send(said: Mapping[str, Any]) -> str:
        fact = FactSaid(what=Fact.LINK, key=str(said["other"]), value="")
        await assign(app, asset, [fact], said)
        return (
            f"nothing is said of {app.called(asset)} and {app.called(str(said['other']))} any more"
        )

    app.push_screen(
        FormPage(f"Take a link of {app.called(asset)} back", fields, send, verb="take it back")
    )
