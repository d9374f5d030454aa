"""What can be done with an event, wherever one is at the cursor."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, TypeVar

import msgspec
from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model.event import Event, EventStatus, Participation, UseCase
from collector.wire import (
    ClockAnswer,
    ClockRequest,
    EditEventRequest,
    EditParticipationRequest,
    EventAnswer,
    EventListed,
    EventsAnswer,
    JoinManyRequest,
    LeaveManyRequest,
    MergeRequest,
    MomentRequest,
    ParticipationsAnswer,
    ReasonRequest,
)
from ovr_tui.console.events import fields, part, words
from ovr_tui.console.form import ConfirmPage, Field, FormPage
from ovr_tui.console.form.page import MakeFields, Send
from ovr_tui.console.format import clock
from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Right
from ovr_tui.console.pages.event_log import KindPage
from ovr_tui.console.pages.event_systems import SystemsPage
from ovr_tui.console.pages.listing import ListPage

T = TypeVar("T")

STATES: Mapping[str, tuple[EventStatus, ...]] = {
    "start_event": (EventStatus.PLANNED,),
    "cancel_event": (EventStatus.PLANNED,),
    "join": (EventStatus.PLANNED, EventStatus.ACTIVE, EventStatus.ENDED),
    "leave_event": (EventStatus.ACTIVE,),
    "end_event": (EventStatus.ACTIVE,),
    "edit_event": tuple(EventStatus),
    "uses": tuple(EventStatus),
    "merge_event": tuple(EventStatus),
}
"""In which states an action makes sense."""


def path(event: Event, *more: str) -> str:
    """Its place in the API."""
    return "/".join(("/v1/events", event.id, *more))


class EventDeeds(ListPage):
    """A list with an event that its keys are about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "start_event", "start"),
        Binding("J", "join", "join", tooltip="systems join, many at once"),
        Binding("L", "leave_event", "leave", tooltip="systems leave: their reports are made"),
        Binding("X", "end_event", "end", tooltip="end the event, and all that is still in"),
        Binding(
            "l", "log_entry", "log", tooltip="write down fuel, a dip, hours, a reading, a note"
        ),
        Binding("E", "edit_event", "edit", tooltip="name, client, times, terms, notes"),
        Binding("U", "uses", "uses", show=False, tooltip="what systems are there for"),
        Binding("C", "cancel_event", "call off", show=False, tooltip="it does not take place"),
        Binding("M", "merge_event", "merge", show=False, tooltip="it is the same as another one"),
    ]
    NEEDS: ClassVar[Mapping[str, Right]] = {
        **dict.fromkeys(STATES, "operator"),
        "log_entry": "operator",
        "new_event": "operator",
    }

    def subject(self) -> EventListed | None:
        """The event that the keys are about."""
        raise NotImplementedError

    def changed(self, event: Event | None = None) -> None:
        """Something was done: look anew."""
        del event
        self.reload()

    def leaving(self) -> Sequence[Participation]:
        """Those who `leave` is about."""
        one = self.subject()
        return () if one is None else self._own(one)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each only where it makes sense."""
        states = STATES.get(action)
        if states is not None:
            one = self.subject()
            if one is None or one.event.status not in states:
                return False
        return super().check_action(action, parameters)

    def word(self, binding: Binding) -> str:
        """Nobody joins what has not begun."""
        one = self.subject() if binding.action == "join" else None
        if one is not None and one.event.status is EventStatus.PLANNED:
            return ""
        return super().word(binding)

    def _own(self, one: EventListed) -> list[Participation]:
        """Those of this node who are in."""
        shot = self.console_app.now().snapshot
        return words.inside(one.participations, shot.node if shot else "")

    def _ask(
        self,
        title: str,
        form: Sequence[Field] | MakeFields,
        send: Send,
        *,
        about: Sequence[str] | Callable[[Now], Sequence[str]] = (),
        after: Callable[[], object] | None = None,
        verb: str = "save",
    ) -> None:
        def closed(sent: bool | None) -> None:
            if sent:
                self.changed()
                if after is not None:
                    after()

        self.app.push_screen(FormPage(title, form, send, about=about, verb=verb), closed)

    # making and changing

    def action_new_event(self) -> None:
        """A planned event."""
        now = self.console_app.now()
        blank = fields.first(now.snapshot.timezone if now.snapshot else "UTC")
        made: list[Event] = []

        async def send(found: Mapping[str, object]) -> str:
            body = told(lambda: fields.create(blank, found, now.wall_ms))
            answer = await self.console_app.reader.post("/v1/events", EventAnswer, body)
            made.append(answer.event)
            return f"{words.brief(answer.event)} is planned: U says what systems are for"

        self._ask(
            "A new event",
            lambda values: fields.fields(blank, values),
            send,
            about=["Only the name is needed. ctrl+s makes it as soon as you are done."],
            verb="make it",
            after=lambda: self.changed(made[-1]),
        )

    def action_edit_event(self) -> None:
        """Say what is otherwise."""
        one = self.subject()
        if one is None:
            return
        event, now = one.event, self.console_app.now()

        async def send(found: Mapping[str, object]) -> str:
            body = told(lambda: fields.edit(event, found, now.wall_ms))
            if body is None:
                return "nothing was changed"
            await self.console_app.reader.patch(path(event), EventAnswer, body)
            return f"{words.brief(event)} is changed"

        title = f"Edit {words.called(event)}"
        self._ask(title, lambda values: fields.fields(event, values), send)

    def action_uses(self) -> None:
        """What systems are there for: choose some, then say it."""
        if self.subject() is None:
            return

        def then(page: SystemsPage, systems: list[str]) -> None:
            one = self.subject()
            if one is not None:
                self._say_uses(one.event, systems, page)

        def event() -> Event:
            one = self.subject()
            return one.event if one else fields.first("UTC")

        self.app.push_screen(SystemsPage("What systems are for", event, then))

    def _say_uses(self, event: Event, systems: list[str], page: SystemsPage) -> None:
        async def send(found: Mapping[str, object]) -> str:
            uses = told(lambda: fields.uses(event, systems, found))
            body = msgspec.convert(
                {
                    "revision": event.revision,
                    "reason": str(found.get("reason") or ""),
                    "systems": msgspec.to_builtins(uses),
                },
                EditEventRequest,
            )
            await self.console_app.reader.patch(path(event), EventAnswer, body)
            return f"kept: what {words.listed(systems)} {_are(systems)} for"

        def after() -> None:
            page.table.marked.clear()
            page.table.refresh()

        title = f"What {words.listed(systems)} {_are(systems)} for"
        self._ask(title, fields.use_fields(event, systems), send, after=after)

    # its course

    def action_start_event(self) -> None:
        """It begins; first somebody has to say that the clock is right."""
        one, now = self.subject(), self.console_app.now()
        if one is None:
            return
        if now.snapshot is not None and not now.snapshot.health.clock_confirmed:
            self._confirm_clock()
            return
        event = one.event

        async def send(found: Mapping[str, object]) -> str:
            body = MomentRequest(at_ms=moment(found, "at"), reason=str(found.get("reason") or ""))
            done = await self.console_app.reader.post(path(event, "start"), EventAnswer, body)
            since = clock(done.event.from_ms or 0, event.timezone)
            return f"{words.brief(event)} is on since {since}; J lets systems join"

        uses = [f"{use.system}: {words.USES[use.use_case]}" for use in event.systems]
        about = [
            f"What systems are for: {words.listed(uses)}."
            if uses
            else "Nobody has said what systems are for: they are only metered. U says it.",
            "Baseline: as entered."
            if event.terms.baseline.sets
            else "No baseline is entered: savings go by the default rule. E enters it.",
            "Both are wanted before the start; later they are corrections with a reason.",
        ]
        form = fields.move_fields(event, joining=False)
        self._ask(f"Start {words.called(event)}", form, send, about=about, verb="start it")

    def _confirm_clock(self) -> None:
        def facts(now: Now) -> list[str]:
            zone = now.snapshot.timezone if now.snapshot else "UTC"
            return [
                "Nobody has confirmed the clock since this node was switched on. An event cannot "
                "begin before: its times would be wrong.",
                "",
                f"This node says that it is {clock(now.wall_ms, zone)}.",
                "",
                "Compare it with a clock that is right. With NTP, or a GX that knows the time, it "
                "is confirmed by itself.",
            ]

        async def do() -> str:
            answer = await self.console_app.reader.post(
                "/v1/clock/confirm", ClockAnswer, ClockRequest()
            )
            return f"the clock is {answer.clock}: S starts the event"

        self.app.push_screen(ConfirmPage("Is the clock right?", facts, do, verb="it is right"))

    def action_cancel_event(self) -> None:
        """It does not take place."""
        one = self.subject()
        if one is None:
            return
        event = one.event

        async def send(found: Mapping[str, object]) -> str:
            body = ReasonRequest(reason=str(found["reason"]))
            await self.console_app.reader.post(path(event, "cancel"), EventAnswer, body)
            return f"{words.brief(event)} does not take place"

        form = [Field(name="reason", label="Why", needed=True, most_chars=300)]
        about = ["It stays in the list as cancelled; that cannot be undone."]
        self._ask(f"Call {words.called(event)} off", form, send, about=about, verb="call it off")

    def action_end_event(self) -> None:
        """It ends, and all of this node that is still in: its name is typed."""
        one = self.subject()
        if one is None:
            return
        event, word = one.event, words.typed_name(one.event)

        def about(now: Now) -> list[str]:
            shown = self.subject() or one
            left = words.inside(shown.participations, now.snapshot.node if now.snapshot else "")
            return [
                f"Still in, with what they give now: {part.still_in(left, now, 8)}."
                if left
                else "Nothing of this node is still in.",
                "They leave with it. Their reports and the event's are made at once.",
                f"To end it, type: {word}",
            ]

        async def send(found: Mapping[str, object]) -> str:
            body = MomentRequest(at_ms=moment(found, "at"), reason=str(found.get("reason") or ""))
            done = await self.console_app.reader.post(
                path(event, "end"), ParticipationsAnswer, body
            )
            count = len(done.participations)
            left = (
                f"; {count} {'system' if count == 1 else 'systems'} left with it" if count else ""
            )
            return f"{words.brief(event)} is over{left}; reports are being made"

        def right(text: str) -> str:
            return "" if text == word else f"that is not {word}"

        asked = "The event's name" if word == event.name else "Type it here"
        typed = Field(name="word", label=asked, needed=True, check=right)
        form = [typed, *fields.move_fields(event, joining=False)]
        self._ask(f"END {words.called(event)}", form, send, about=about, verb="end it")

    def action_merge_event(self) -> None:
        """Two events that were made apart are one."""
        if (one := self.subject()) is not None:
            self.run_worker(self._merge(one.event), name="merge", exit_on_error=False)

    async def _merge(self, event: Event) -> None:
        try:
            found = await self.console_app.ask("/v1/events", EventsAnswer)
        except ApiError as error:
            self.console_app.say(str(error), "warn")
            return
        others = [one for one in found.events if one.event.id != event.id]
        if not others:
            self.console_app.say("there is no other event that it could be the same as", "warn")
            return

        async def send(values: Mapping[str, object]) -> str:
            body = MergeRequest(other=str(values["other"]), reason=str(values["reason"]))
            done = await self.console_app.reader.post(path(event, "merge"), EventAnswer, body)
            return f"they are one: {words.brief(done.event)}"

        about = ["Both become one, with all who took part and all that was written. No way back."]
        title = f"{words.called(event)} is the same as another event"
        self._ask(title, fields.merge_fields(event, others), send, about=about, verb="merge")

    # who takes part

    def action_join(self) -> None:
        """Choose systems, then say since when."""
        one = self.subject()
        if one is None:
            return
        if one.event.status is EventStatus.PLANNED:
            self.console_app.say("not before it has begun: S starts it", "warn")
            return
        inside = [each.system for each in self._own(one)]

        def then(page: SystemsPage, systems: list[str]) -> None:
            self._say_join(one.event, systems, page)

        title = f"Who joins {words.called(one.event)}?"
        self.app.push_screen(SystemsPage(title, lambda: one.event, then, leave_out=inside))

    def _say_join(self, event: Event, systems: list[str], page: SystemsPage) -> None:
        async def send(found: Mapping[str, object]) -> str:
            use = found.get("use")
            body = JoinManyRequest(
                systems=tuple(systems),
                at_ms=moment(found, "at"),
                to_ms=moment(found, "until"),
                use_case=UseCase(str(use)) if use else None,
                reason=str(found.get("reason") or ""),
            )
            done = await self.console_app.reader.post(
                path(event, "join"), ParticipationsAnswer, body
            )
            first = done.participations[0]
            verb = "was" if first.to_ms is not None else "is"
            verb = verb if len(systems) == 1 else {"was": "were", "is": "are"}[verb]
            since = words.exactly(first.from_ms, event.timezone)
            return f"{words.listed(systems, 3)} {verb} in since {since}"

        count = "1 system joins" if len(systems) == 1 else f"{len(systems)} systems join"
        self._ask(
            f"{count} {words.called(event)}",
            fields.move_fields(event, joining=True),
            send,
            about=[f"{words.listed(systems, 12)}.", "All of them at once, or none."],
            after=page.dismiss,
            verb="join",
        )

    def action_leave_event(self) -> None:
        """Those that are marked, or the one at the cursor, leave."""
        one, parts = self.subject(), list(self.leaving())
        if one is None or not parts:
            self.console_app.say("nobody of this node is in that could leave", "warn")
            return
        event, ids = one.event, {each.id for each in parts}

        def about(now: Now) -> list[str]:
            shown = [each for each in (self.subject() or one).participations if each.id in ids]
            first = min(shown or parts, key=lambda each: each.from_ms)
            return [
                f"{part.still_in(shown or parts, now, 8)}.",
                f"In for {words.lasted(first, now.wall_ms)}"
                + (" at most" if len(parts) > 1 else "")
                + ". Each report is made at once, from the data up to the time of leaving.",
                "Whoever returns joins once more.",
            ]

        async def send(found: Mapping[str, object]) -> str:
            systems = tuple(each.system for each in parts)
            body = LeaveManyRequest(
                systems=systems,
                at_ms=moment(found, "at"),
                reason=str(found.get("reason") or ""),
            )
            await self.console_app.reader.post(path(event, "leave"), ParticipationsAnswer, body)
            return f"{words.listed(systems, 3)} left; reports are being made"

        count = "1 system leaves" if len(parts) == 1 else f"{len(parts)} systems leave"
        form = fields.move_fields(event, joining=False)
        self._ask(f"{count} {words.called(event)}", form, send, about=about, verb="leave")

    def correct(self, event: Event, one: Participation) -> None:
        """When a system was in, otherwise than it stands."""
        form = fields.correct_fields(event, one)
        now_ms = self.console_app.now().wall_ms
        before = fields.as_typed(form, now_ms)

        async def send(found: Mapping[str, object]) -> str:
            told_ = {
                name: value
                for name, value in found.items()
                if name != "reason" and value != before.get(name)
            }
            if not told_:
                return "nothing was changed"
            body = msgspec.convert(
                told_ | {"revision": one.revision, "reason": found["reason"]},
                EditParticipationRequest,
            )
            where = f"/v1/participations/{one.id}"
            await self.console_app.reader.patch(where, ParticipationsAnswer, body)
            return f"{one.system}: corrected; its report is made anew"

        about = ["A correction stands in the report with its reason, and both values."]
        self._ask(f"When {one.system} was in", form, send, about=about)

    def action_log_entry(self) -> None:
        """Write something down."""
        one = self.subject()
        event = one.event if one and one.event.status in fields.BEGUN else None
        self.app.push_screen(
            KindPage(event, self.cursor_system()), lambda sent: self.changed() if sent else None
        )

    def cursor_system(self) -> str:
        """The system at the cursor, if it is one."""
        return ""


def moment(found: Mapping[str, object], name: str) -> int | None:
    """A time of a form; None: now."""
    value = found.get(name)
    return value if isinstance(value, int) else None


def told(make: Callable[[], T]) -> T:
    """What `make` makes; raises ApiError with what is wrong, for the form to show it."""
    try:
        return make()
    except (ValueError, msgspec.ValidationError) as error:
        raise ApiError(str(error)) from None


def _are(systems: Sequence[str]) -> str:
    return "is" if len(systems) == 1 else "are"
