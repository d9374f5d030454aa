"""What came of a command, and what comes of it later."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from collector.model.audit import AuditEntry
from collector.model.control import Offer, Outcome
from collector.wire import AuditAnswer
from ovr_tui.console.called import in_names, names_of
from ovr_tui.console.control.asking import offered
from ovr_tui.console.control.facts import facts, heard
from ovr_tui.console.control.fields import asked_for
from ovr_tui.console.control.words import outcome, present
from ovr_tui.console.format import local
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.give import Given
from ovr_tui.console.text import Line, wrap
from ovr_tui.console.widgets import ScrollLines

UNKNOWN = (
    "No answer of the collector: nobody knows whether it was done. Look at the device, and at what "
    "it is set to below. It is not given a second time by itself."
)


class OutcomePage(Page):
    """The outcome in words; below it the value and the plant as they are now, and what the audit
    says later."""

    EVERY_S = 2.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "back", "back to control", key_display="esc"),
    ]

    def __init__(self, given: Given) -> None:
        super().__init__()
        self._given = given
        self._offer: Offer | None = None
        self._later: list[AuditEntry] = []

    def content(self) -> ComposeResult:
        """One scrolling text."""
        yield ScrollLines(self.console_app.palette, id="outcome")

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#outcome", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """What came of it by now."""
        given, cells, glyphs = self._given, self.size.width - 2, now.glyphs
        label = given.offer.label
        before = present(given.offer)
        wanted = asked_for(given.offer, given.wanted)
        what = f"{given.told.name}: {label}: {before} {glyphs.to} {wanted}"
        lines: list[Line] = [(), *wrap(glyphs.prose(what), cells, "bold"), ()]
        lines += self._ended(now, cells)
        lines += [(), ((" SINCE THEN", "head"),)]
        offer = self._offer
        if offer is None:
            lines.append(((" asking", "dim"),))
        else:
            live = heard(now, given.told.asset)
            text = f"{label} is {present(offer, live=live)}"
            text += f", {offer.effect}" if offer.effect and live else ""
            lines += wrap(glyphs.prose(text), cells, "text" if live else "dim")
            if offer.holds and live:
                lines += wrap(glyphs.prose(f"held: {offer.holds}"), cells, "accent")
        lines += self._told_later(now, cells)
        if self.trouble:
            lines += wrap(glyphs.prose(f"{glyphs.alarm} {self.trouble}"), cells, "warn")
        lines += [(), ((" AS IT IS NOW", "head"),), *facts(now, given.told.asset)]
        self.query_one("#outcome", ScrollLines).show(lines)

    def _ended(self, now: Now, cells: int) -> list[Line]:
        given, glyphs = self._given, now.glyphs
        done = given.done
        if done is None:
            words = wrap(f"{glyphs.alarm} {UNKNOWN}", cells, "alert")
            return [*words, *wrap(glyphs.prose(given.trouble), cells, "dim")]
        text, tone = outcome(done, given.offer.label, given.offer.unit)
        sign = glyphs.good if done.outcome == Outcome.CONFIRMED.value else glyphs.alarm
        lines = wrap(glyphs.prose(f"{sign} {text}"), cells, tone)
        for more in (done.effect, done.reason):
            lines += wrap(glyphs.prose(in_names(more, names_of(now.snapshot))), cells)
        if done.outcome != Outcome.CONFIRMED.value:
            lines += wrap("It is not given a second time by itself.", cells, "dim")
        return lines

    def _told_later(self, now: Now, cells: int) -> list[Line]:
        lines: list[Line] = []
        timezone = now.snapshot.timezone if now.snapshot else "UTC"
        for entry in self._later:
            at = local(entry.at_ms, timezone).strftime("%H:%M:%S")
            lines += wrap(now.glyphs.prose(f"{at} {entry.outcome}"), cells, "accent")
        return lines

    async def load(self) -> None:
        """How it is set now, and what the audit says of it since."""
        app, given = self.console_app, self._given
        asset, command = given.told.asset, given.offer.command
        told = await offered(app, asset)
        self._offer = next((o for o in told.offers if o.command == command), None)
        found = await app.ask("/v1/audit", AuditAnswer, subject=asset, limit=20, from_=given.at_ms)
        later = f"control {command} later"
        self._later = [e for e in reversed(found.entries) if e.deed.action == later]
