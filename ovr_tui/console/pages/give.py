"""The question before a command is given, and giving it: once, and never again by itself."""

import secrets
from typing import ClassVar

from msgspec import Struct, structs
from textual.binding import Binding

from collector.errors import ApiError
from collector.model.control import Danger, Offer
from collector.wire import ControlAnswer, ControlRequest, OffersAnswer
from ovr_tui.console.called import in_names, names_of
from ovr_tui.console.control.asking import offered
from ovr_tui.console.control.facts import barred, facts, heard
from ovr_tui.console.control.fields import Wish, asked_for
from ovr_tui.console.control.words import (
    DANGER_TEXT,
    DANGER_TONE,
    follows,
    for_text,
    present,
    value_text,
    where,
)
from ovr_tui.console.form import ConfirmPage
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.now import Now
from ovr_tui.console.text import Line, wrap

ANSWER_S = 30.0
"""A device is looked at, written to and read back before the answer: some seconds."""


class Given(Struct, frozen=True, kw_only=True):
    """A command that was given: `done` is how it ended, `trouble` why nobody knows that."""

    told: OffersAnswer
    offer: Offer
    wanted: Wish
    at_ms: int
    done: ControlAnswer | None = None
    trouble: str = ""


class GivePage(ConfirmPage):
    """Asks whether to give a command, with the plant as it is now. Answers what came of it.

    The value that the person saw goes along; when it has moved meanwhile, the page says so and
    asks anew.
    """

    EVERY_S: ClassVar[float | None] = 2.0
    DEFAULT_CSS = "GivePage #choices { height: 4; }"

    def __init__(self, told: OffersAnswer, offer: Offer, wanted: Wish) -> None:
        self._told = told
        self._offer = offer
        self._wanted = wanted
        self._moved = ""
        self._seen = offer.value
        self._sent = False
        super().__init__(
            told.name,
            self._lines,
            self._never,
            verb=f"set it to {asked_for(offer, wanted)}",
            word=told.name if offer.danger is Danger.DANGEROUS else "",
        )

    async def _never(self) -> str:
        raise NotImplementedError  # `_done` does it

    # what is shown

    def _lines(self, now: Now) -> list[str | Line]:
        offer, cells = self._offer, self.size.width - 2
        wanted = value_text(self._wanted.value, offer.unit)
        label = now.glyphs.text(offer.label)
        lines: list[str | Line] = [
            ((f" {label}:  ", "dim"),
             (now.glyphs.text(present(structs.replace(offer, value=self._seen))), "bold"),
             (f" {now.glyphs.to} ", "accent"), (now.glyphs.text(wanted), "bold")),
        ]  # fmt: skip
        timezone = now.snapshot.timezone if now.snapshot else "UTC"
        if text := for_text(self._wanted.for_s, self._node_ms(now), timezone):
            lines.append(((f" {text}", "bold"),))
        sign = now.glyphs.middle if offer.danger is Danger.HARMLESS else now.glyphs.alarm
        danger = f"{sign} {offer.danger.value}: {DANGER_TEXT[offer.danger]}"
        lines += wrap(danger, cells, DANGER_TONE[offer.danger])
        if text := follows(offer.command, self._wanted.value):
            lines += wrap(now.glyphs.prose(text), cells)
        if offer.effect and heard(now, self._told.asset):
            lines += wrap(now.glyphs.prose(f"As it is now: {offer.effect}."), cells, "dim")
        if self._moved:
            lines += [
                (),
                *wrap(now.glyphs.prose(f"{now.glyphs.alarm} {self._moved}"), cells, "warn"),
            ]
        return [*lines, (), ((" AS IT IS NOW", "head"),), *facts(now, self._told.asset)]

    def _node_ms(self, now: Now) -> int:
        return now.snapshot.at_ms if now.snapshot else now.wall_ms

    def _choices(self, now: Now) -> list[Line]:
        if self._busy_at is not None:
            return self._under_way(now.at_s - self._busy_at)
        why = barred(now, self._told.asset, self._told)
        if why:
            why = "Control is locked: go back, U unlocks it." if why.startswith("Locked:") else why
            return [(), ((f" {now.glyphs.alarm} {now.glyphs.text(why)}", "alert"),),
                    (("   esc  cancel", "accent"),)]  # fmt: skip
        lines = super()._choices(now)
        if self._word and self._typed() != self._word:  # its line may be out of sight
            name = now.glyphs.text(self._word)
            return [(), (("   not typed yet: ", "dim"), (name, "bold")), *lines[2:]]
        return lines

    def _under_way(self, spent_s: float) -> list[Line]:
        """Whether it is given yet, to the word: it decides what a person does next."""
        if self._sent:
            text = f" given, {spent_s:.0f} s: waiting for what the device says of it"
            return [(), ((text, "accent"),), ((" It is not given a second time.", "dim"),)]
        text = f" not given yet, {spent_s:.0f} s: asking the collector how it is set now"
        return [(), ((text, "accent"),)]

    def _barred(self) -> str:
        return barred(self.console_app.now(), self._told.asset, self._told)

    def word(self, binding: Binding) -> str:
        """What is forbidden now no key offers."""
        return "" if binding.action == "choose" and self._barred() else super().word(binding)

    # what moves

    async def load(self) -> None:
        """How it is set now. What is answered once the command is under way does not count: it is
        given against what the person saw."""
        told = await self._ask()
        if self._busy_at is None:
            self._take(told)

    async def _ask(self) -> OffersAnswer:
        return await offered(self.console_app, self._told.asset)

    def _take(self, told: OffersAnswer) -> bool:
        """The newest offer; whether it is set as the person saw it. If not they decide anew."""
        offer = next((o for o in told.offers if o.command == self._offer.command), None)
        self._told = told
        if offer is None:
            return True  # refused by the collector, which knows why
        self._offer = offer
        if offer.value == self._seen:
            return True
        before, after = present(structs.replace(offer, value=self._seen)), present(offer)
        self._moved = f"It was {before} and is {after} now: somebody has set it. Decide again."
        self._seen = offer.value
        self._anew()
        return False

    def _anew(self) -> None:
        self._yes = False
        if self._word:
            self.query_one("#typed", InputLine).value = ""

    # giving it

    def action_choose(self) -> None:
        """Give it, or not; never while something forbids it."""
        yes = self._yes or bool(self._word)
        if self._busy_at is None and yes and self._barred():
            self.console_app.redraw()
            return
        super().action_choose()

    async def _done(self) -> None:
        confirm = self._typed() if self._word else ""
        try:
            told = await self._ask()
            if not self._take(told):
                return
            if why := self._barred():
                self._refuse(f"Nothing was done: {why}")
                return
            self._sent = True
            self.console_app.redraw()
            await self._post(told, confirm)
        except ApiError as error:
            self._refuse(f"Nothing was done: {error}")
        finally:
            self._busy_at, self._sent = None, False
            self.console_app.redraw()

    async def _post(self, told: OffersAnswer, confirm: str) -> None:
        given = Given(told=told, offer=self._offer, wanted=self._wanted, at_ms=told.at_ms)
        unlocking = self.console_app.unlocking
        request = ControlRequest(
            id=secrets.token_hex(16),
            command=given.offer.command,
            value=given.wanted.value,
            seen=self._seen,
            made_ms=given.at_ms,
            for_s=given.wanted.for_s,
            confirm=confirm,
            grant=unlocking.grant,
        )
        path = f"{where(given.told.asset)}/control"
        try:
            done = await self.console_app.reader.post(
                path, ControlAnswer, request, answer_s=ANSWER_S
            )
        except ApiError as error:
            self._failed(given, error)
        else:
            unlocking.used()
            self.dismiss(structs.replace(given, done=done))

    def _failed(self, given: Given, error: ApiError) -> None:
        """A refusal stays on the page; without any answer nobody knows what was done."""
        text = str(error)
        if not error.code:
            self.dismiss(structs.replace(given, trouble=text))
            return
        self.console_app.unlocking.refused(error)
        why = in_names(
            text.removeprefix("the collector refused: "),
            names_of(self.console_app.now().snapshot),
        )
        self._refuse(f"Nothing was done: {why}")
        self._anew()
        self.reload()
