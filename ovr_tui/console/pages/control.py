"""The page of what an asset can be told: its commands, how its system is now, what was done."""

from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from collector.model.audit import AuditEntry
from collector.model.control import Lockout, Offer
from collector.wire import AuditAnswer, OffersAnswer
from ovr_tui.console.asset.common import locked_out
from ovr_tui.console.charts.view import find
from ovr_tui.console.control.asking import offered
from ovr_tui.console.control.facts import NO_PIN, barred, brief, facts, heard
from ovr_tui.console.control.fields import Wish, fields, ready, wish
from ovr_tui.console.control.offers import audit, detail, table
from ovr_tui.console.control.words import done_there, forbidden
from ovr_tui.console.form import FormPage
from ovr_tui.console.format import span
from ovr_tui.console.item_table import Item, ItemTable
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.give import Given, GivePage
from ovr_tui.console.pages.lockout import remove_lockout, set_lockout
from ovr_tui.console.pages.outcome import OutcomePage
from ovr_tui.console.pages.unlock import UnlockPage
from ovr_tui.console.text import Line, ends, wrap
from ovr_tui.console.widgets import Lines, ScrollLines

BESIDE_CELLS = 110
OLD_S = 10.0
"""It is asked for every three seconds; an older answer is not how it is now."""
AUDIT_EVERY = 5
"""The audit is asked for with every so many questions for the offers."""
ENTRIES = 50
FIXED_ROWS = 8
"""Head, tabs, banner, titles, last line, and two of what is said of a command."""


class ControlPage(Page):
    """Commands of one asset, live. A form and a question come before anything is given."""

    EVERY_S = 3.0
    NEEDS: ClassVar = {"release": "control", "unlock": "control", "unlockout": "control",
                       "lockout": "operator"}  # fmt: skip
    DEFAULT_CSS = """
    ControlPage #who { height: 3; }
    ControlPage #offers { height: 3; }
    ControlPage #below { height: 1fr; margin-top: 1; }
    ControlPage #done { display: none; width: 1fr; margin-left: 2; }
    ControlPage.-beside #done { display: block; }
    ControlPage.-none #header, ControlPage.-none #offers { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,c", "back", "asset", key_display="esc"),
        Binding("U", "unlock", "unlock",
                tooltip="unlock control with the PIN, for ten idle minutes"),
        Binding("R", "release", "release", tooltip="release what is kept up here"),
        Binding("L", "lockout", "lock out",
                tooltip="lock the asset out: somebody works there, nobody commands it"),
        Binding("L", "unlockout", "end lockout", tooltip="remove the asset's lockout"),
    ]  # fmt: skip

    def __init__(self, asset: str) -> None:
        super().__init__()
        self.asset = asset
        self._told: OffersAnswer | None = None
        self._entries: tuple[AuditEntry, ...] = ()
        self._asked = 0
        self.add_class("-none")

    # widgets

    def content(self) -> ComposeResult:
        """How it stands, the commands, what is said of one, and the audit."""
        app = self.console_app
        yield Lines(app.palette, id="who")
        yield Lines(app.palette, id="header")
        yield ItemTable(app.palette, app.glyphs, id="offers")
        with Horizontal(id="below"):
            yield ScrollLines(app.palette, id="detail")
            yield ScrollLines(app.palette, id="done")

    def begin(self) -> None:
        """The keys go to the commands."""
        none = self.has_class("-none")
        self.query_one("#detail" if none else "#offers").focus()

    def draw(self, now: Now) -> None:
        """This moment."""
        cells, told = self.size.width, self._told
        offers = told.offers if told is not None and told.pin else ()
        none = not offers
        if self.has_class("-none") and not none:
            self.begin_soon()
        self.set_class(none, "-none")
        who = self._who(now, cells)
        self.query_one("#who", Lines).styles.height = len(who)
        self.query_one("#who", Lines).show(who)
        rows: list[Item] = []
        if told is not None and offers:
            header, rows = table(told, cells, now.glyphs, live=self._present(now))
            self.query_one("#header", Lines).show([header])
        left = self.size.height - FIXED_ROWS - len(who)
        self._table.styles.height = max(1, min(len(rows), self.size.height // 2 - 2, left))
        self._table.show(rows)
        beside = cells >= BESIDE_CELLS
        self.set_class(beside, "-beside")
        width = (cells - 2) // 2 if beside else cells
        below = self._below(now, width)
        plant: list[Line] = [((" AS IT IS NOW", "head"),), *facts(now, self.asset), ()]
        timezone = now.snapshot.timezone if now.snapshot else "UTC"
        done = audit(self._entries, offers, width, timezone, now.glyphs)
        self.query_one("#detail", ScrollLines).show(below if beside else [*below, *plant, *done])
        self.query_one("#done", ScrollLines).show([*plant, *done])

    def word(self, binding: Binding) -> str:
        """Enter chooses a command, which asks before anything is done."""
        return "choose" if binding.action == "open" else super().word(binding)

    @property
    def _table(self) -> ItemTable:
        return self.query_one("#offers", ItemTable)

    def _who(self, now: Now, cells: int) -> list[Line]:
        told, view, shot = self._told, find(now.snapshot, self.asset), now.snapshot
        name = now.glyphs.text((view.name if view else "") or self.asset)
        left = now.unlocked_s
        lock: Line = ((f"UNLOCKED for {span(left)}, K locks ", "alert"),) if left else (
            ("locked, U unlocks " if told and told.pin else "locked ", "accent"),
        )  # fmt: skip
        title: Line = ((f" Control of {name}", "bold"),)
        lines: list[Line] = [ends(title, lock, cells), brief(now, self.asset, cells)]
        lockout = self._lockout(now)
        if lockout is not None and shot is not None:
            lines += locked_out(lockout, shot, now.glyphs, cells)
            lines += wrap("It does not replace the physical lock.", cells, "dim")
        elif self.trouble:
            lines += wrap(now.glyphs.prose(f"{now.glyphs.alarm} {self.trouble}"), cells, "warn")
        elif told is None:
            lines.append(((" Asking what it offers.", "dim"),))
        elif (why := barred(now, self.asset, told)) and told.pin and not why.startswith("Locked:"):
            lines += wrap(now.glyphs.prose(f"{now.glyphs.alarm} {why}"), cells, "warn")
        for offer in told.offers if told else ():
            if offer.holds:
                how = " R releases it." if told and told.pin else ""
                held = "Held" if self._present(now) else "Held when it was last heard"
                text = f"{held}: {offer.holds}.{how}"
                lines += wrap(now.glyphs.prose(text), cells, "accent")
        return [*lines, ()]

    def _present(self, now: Now) -> bool:
        """Whether what it offers, and how that is set, is how it is now: the device is heard, and
        the collector has answered lately."""
        asked = self.loaded_at is not None and now.at_s - self.loaded_at <= OLD_S
        return asked and heard(now, self.asset)

    def _lockout(self, now: Now) -> Lockout | None:
        view = find(now.snapshot, self.asset)
        return (view.lockout if view else None) or (self._told.lockout if self._told else None)

    def _below(self, now: Now, cells: int) -> list[Line]:
        told = self._told
        lines: list[Line] = []
        offer = self._offer()
        if told is not None and not told.pin:
            lines += [*wrap(NO_PIN[0], cells, "bold"), *wrap(NO_PIN[1], cells), ()]
        elif told is not None and not told.offers:
            lines += [*wrap("It offers no command now.", cells, "bold"), ()]
        elif told is not None and offer is not None:
            lines += [*detail(offer, told, cells, now.glyphs, live=self._present(now)), ()]
        return lines

    # what it offers

    async def load(self) -> None:
        """What it offers, and from time to time what was done."""
        app = self.console_app
        self._told = await offered(app, self.asset)
        if self._asked % AUDIT_EVERY == 0:
            told = await app.ask("/v1/audit", AuditAnswer, subject=self.asset, limit=ENTRIES)
            self._entries = done_there(told.entries, app.now().snapshot)
        self._asked += 1

    def on_screen_resume(self) -> None:
        """Back on top: something was done, perhaps."""
        self._asked = 0

    def _offer(self, command: str | None = None) -> Offer | None:
        """A command; the one at the cursor unless another is named."""
        offers = self._told.offers if self._told else ()
        wanted = self._table.cursor if command is None else command
        return next((each for each in offers if each.command == wanted), None)

    def _held(self) -> Offer | None:
        offers = self._told.offers if self._told else ()
        return next((o for o in offers if o.holds and "release" in o.choices), None)

    def on_cursor_table_moved(self, _: ItemTable.Moved) -> None:
        """The details follow the cursor."""
        self.query_one("#detail", ScrollLines).scroll_to(y=0, animate=False)
        self.call_after_refresh(self.console_app.redraw)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What makes no sense now is not there."""
        now, told = self.console_app.now(), self._told
        out = self._lockout(now) is not None
        fits = {
            "unlock": told is not None and told.pin and now.unlocked_s is None,
            "release": told is not None and told.pin and self._held() is not None,
            "lockout": not out,
            "unlockout": out,
        }
        return fits.get(action, True) and bool(super().check_action(action, parameters))

    def action_unlock(self) -> None:
        """Ask for the PIN."""
        self.app.push_screen(UnlockPage())

    def on_cursor_table_opened(self, event: ItemTable.Opened) -> None:
        """Ask what it is to be set to; where there is nothing to choose, whether to do it. The
        cursor may be elsewhere by now: keys that were typed ahead move it."""
        offer, told = self._offer(event.key), self._told
        if offer is None or told is None or self._barred(offer):
            return
        only = ready(offer)
        if only is not None:
            self._ask(told, offer, only)
            return
        wanted: list[Wish] = []

        async def take(answers: object) -> str:
            wanted.append(wish(answers))  # type: ignore[arg-type]  # a mapping
            return ""

        page = FormPage(
            f"{told.name}: {offer.label}",
            partial(fields, offer),
            take,
            about=("Nothing is done yet: the next page asks.",),
            verb="go on",
        )
        self.app.push_screen(page, lambda sent: self._ask(told, offer, wanted[0]) if sent else None)

    def action_release(self) -> None:
        """Release what is kept up."""
        offer, told = self._held(), self._told
        if offer is not None and told is not None and not self._barred(offer):
            self._ask(told, offer, Wish("release"))

    def _barred(self, offer: Offer) -> bool:
        """Say why it cannot be given, if so."""
        told = self._told
        why = barred(self.console_app.now(), self.asset, told) or forbidden(offer)
        if why:
            self.console_app.say(why, "warn")
        return bool(why)

    def _ask(self, told: OffersAnswer, offer: Offer, wanted: Wish) -> None:
        self.app.push_screen(GivePage(told, offer, wanted), self._given)

    def _given(self, given: object) -> None:
        if isinstance(given, Given):
            self.app.push_screen(OutcomePage(given))

    def action_lockout(self) -> None:
        """Lock it out."""
        set_lockout(self, self.asset)

    def action_unlockout(self) -> None:
        """End its lockout."""
        if lockout := self._lockout(self.console_app.now()):
            remove_lockout(self, self.asset, lockout)
