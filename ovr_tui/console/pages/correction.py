"""Corrections: the list, taking one back, saying one."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from textual.binding import Binding, BindingType

from collector.model.report_state import ReportEntry
from collector.model.said import Correction
from collector.model.snapshot import AssetView
from collector.wire import CorrectionAnswer, CorrectionsAnswer, ReasonRequest
from ovr_tui.console.events.words import typed
from ovr_tui.console.form import ConfirmPage, FormPage
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.reports.correcting import detail, fields, grid, items, request, what
from ovr_tui.console.text import Line

if TYPE_CHECKING:
    from ovr_tui.console.app import ConsoleApp

ABOUT = (
    "Stored data stays as it is: what is said here counts whenever a report is made. "
    "Reports that it touches are made anew by themselves."
)


def correction_form(app: "ConsoleApp", zone: str, entry: ReportEntry | None) -> FormPage:
    """The form, for an asset of a report's system and over its window where one is given."""
    shot = app.now().snapshot
    assets: Sequence[AssetView] = shot.assets if shot is not None else ()
    own = [one for one in assets if entry is not None and one.system == entry.system]
    first = own[0].id if own else ""
    from_text = to_text = ""
    if entry is not None:
        from_text, to_text = typed(entry.from_ms, zone), typed(entry.to_ms, zone)

    async def send(answers: Mapping[str, object]) -> str:
        body = request(answers)
        done = await app.reader.post("/v1/corrections", CorrectionAnswer, body)
        name = app.called(done.correction.asset)
        return f"{name}: {what(done.correction)}. Its reports are made anew."

    make = partial(
        fields, assets=own or assets, asset=first, zone=zone, from_text=from_text, to_text=to_text
    )
    return FormPage("Correction", make, send, about=[ABOUT, f"Times are in {zone}."])


class CorrectionsPage(ListPage):
    """All corrections, also those that were taken back."""

    OPENS = "read"
    EVERY_S = 10.0
    NEEDS: ClassVar[Mapping[str, Right]] = {"new": "operator", "withdraw": "operator"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "new"),
        Binding("W", "withdraw", "withdraw", tooltip="it does not count any more; it stays listed"),
    ]

    def __init__(self, zone: str, entry: ReportEntry | None) -> None:
        super().__init__()
        self._zone = zone
        self._entry = entry
        self._found: tuple[Correction, ...] | None = None

    async def load(self) -> None:
        """All of them."""
        answer = await self.console_app.ask("/v1/corrections", CorrectionsAnswer)
        self._found = answer.corrections

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """One row each."""
        return None if self._found is None else items(self._found, self._zone, now, cells)

    def header(self, cells: int) -> Line:
        """The columns."""
        return grid(cells).header()

    def state(self, now: Now) -> Line:
        """How many count."""
        found = self._found or ()
        count = sum(one.withdrawn_ms is None for one in found)
        gone = len(found) - count
        rest = f" {now.glyphs.middle} {gone} withdrawn" if gone else ""
        return ((f" Corrections: {count}", "bold"), (rest, "dim"),
                (f" {now.glyphs.middle} times in {self._zone}", "dim"))  # fmt: skip

    def detail(self, now: Now, key: str, cells: int) -> list[Line]:
        """All of one."""
        one = self._one(key)
        return [] if one is None else detail(one, self._zone, now, cells)

    def _one(self, key: str) -> Correction | None:
        return next((one for one in self._found or () if one.id == key), None)

    def empty(self, now: Now) -> tuple[str, str]:
        """What corrections are."""
        del now
        return (
            "Nothing is corrected.",
            f"n says that measured data is to be read otherwise. {ABOUT}",
        )

    def opened(self, key: str) -> None:
        """All of one, where there is no room beside the list."""
        one = self._one(key)
        if one is not None:
            now = self.console_app.now()
            lines = ["".join(text for text, _ in line).strip()
                     for line in detail(one, self._zone, now, self.size.width - 4)]  # fmt: skip
            self.console_app.tell("", lines)

    def action_new(self) -> None:
        """Say one."""
        page = correction_form(self.console_app, self._zone, self._entry)
        self.app.push_screen(page, self._done)

    def _done(self, done: bool | None) -> None:
        if done:
            self.reload()

    def action_withdraw(self) -> None:
        """Take one back."""
        one = self._one(self.table.cursor)
        if one is None or one.withdrawn_ms is not None:
            self.console_app.say("there is none at the cursor that counts", "warn")
            return

        def facts(now: Now) -> list[str | Line]:
            return [*detail(one, self._zone, now, self.size.width - 2), (),
                    "It counts no more, but stays listed. Its reports are made anew."]  # fmt: skip

        async def withdraw() -> str:
            path = f"/v1/corrections/{quote(one.id, safe='')}/withdraw"
            await self.console_app.reader.post(path, CorrectionAnswer, ReasonRequest())
            return "withdrawn"

        page = ConfirmPage("Withdraw this correction?", facts, withdraw, verb="withdraw it")
        self.app.push_screen(page, self._done)
