"""Handlers of events and participations."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Struct, structs
from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.events.book import EventBook
from collector.events.files import export, take_in
from collector.events.words import spoken
from collector.model.audit import STAY
from collector.model.event import Event, EventStatus, Participation, SystemUse
from collector.model.terms import (
    Account,
    Baseline,
    FuelKind,
    Share,
)
from collector.serve import bodies
from collector.serve.answers import answer
from collector.serve.audited import audited, caller_of, deed, optional, subject
from collector.serve.feed import Feed
from collector.serve.looking import MAX_LIST, one_of, whole

T = TypeVar("T")

PLAIN = (
    "name",
    "job",
    "client",
    "site",
    "timezone",
    "locale",
    "notes",
    "client_notes",
    "planned_from_ms",
    "planned_to_ms",
    "from_ms",
    "to_ms",
)
PARTLY = ("fuel", "carbon", "tariff")
"""Terms of which a request says what is otherwise."""
WHOLE: dict[str, Any] = {
    "fuels": tuple[FuelKind, ...],
    "baseline": Baseline,
    "accounts": tuple[Account, ...],
    "shares": tuple[Share, ...],
    "demand_window_min": int,
    "min_coverage_pct": float,
}


class Eventing:
    """What people do with events."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    @property
    def _book(self) -> EventBook:
        return self._feed.events

    # -- looking -----------------------------------------------------------------------------

    async def events(self, request: Request) -> Response:
        """All, those of a status, or the one that is meant."""
        query = request.query_params
        status = one_of(query.get("status"), "status", [one.value for one in EventStatus])
        limit = whole(query.get("limit"), "limit", 100, least=1, most=MAX_LIST)
        wanted = query.get("find")
        if wanted is not None:
            file = await self._book.find(wanted)
            found = [
                wire.EventListed(
                    event=file.event,
                    participations=file.participations,
                    conflicts=len(file.conflicts),
                    prompt=file.prompt,
                )
            ]
        else:
            statuses = tuple(EventStatus) if status is None else (EventStatus(status),)
            found = [
                msgspec.convert(one, wire.EventListed, from_attributes=True)
                for one in await self._book.events(statuses, limit)
            ]
        return answer(wire.EventsAnswer(events=tuple(found)))

    async def event(self, request: Request) -> Response:
        """One as it is."""
        return await self._shown(subject(request, "event"))

    async def export_event(self, request: Request) -> Response:
        """All that is known of it."""
        file = await export(self._book, subject(request, "event"))
        return answer(wire.EventExportAnswer(file=file))

    # -- events ------------------------------------------------------------------------------

    async def create_event(self, request: Request) -> Response:
        """A planned one."""
        body = await bodies.decode(request, wire.CreateEventRequest)
        draft = applied(self._book.blank, body)
        act = partial(self._book.create, draft, person=caller_of(request).person)
        what = deed(request, "event create", draft.name, after=_said(body))
        done = await audited(self._feed.audit, what, act)
        return await self._shown(done.id, 201)

    async def edit_event(self, request: Request) -> Response:
        """It is otherwise."""
        body = await bodies.decode(request, wire.EditEventRequest)
        act = partial(self._book.edit, change=partial(_applied, body=body), revision=body.revision)
        return await self._changed(request, "event edit", act, body.reason, _said(body))

    async def start_event(self, request: Request) -> Response:
        """It begins."""
        body = await optional(request, wire.MomentRequest)
        act = partial(self._book.start, at_ms=body.at_ms)
        return await self._changed(
            request, "event start", act, body.reason, self._moment(body.at_ms)
        )

    async def cancel_event(self, request: Request) -> Response:
        """It does not take place."""
        body = await optional(request, wire.ReasonRequest)
        return await self._changed(request, "event cancel", self._book.cancel, body.reason)

    async def merge_event(self, request: Request) -> Response:
        """Two are one."""
        body = await bodies.decode(request, wire.MergeRequest)
        act = partial(self._book.merge, other=body.other)
        return await self._changed(request, "event merge", act, body.reason, body.other)

    async def import_event(self, request: Request) -> Response:
        """What another node knows."""
        content = await bodies.read(request, bodies.MAX_POST)
        file = bodies.decoded(content, wire.ImportEventRequest).file
        act = partial(take_in, self._book, file, person=caller_of(request).person)
        what = deed(request, "event import", file.event.name, after=f"from {file.node}")
        done = await audited(self._feed.audit, what, act)
        return await self._shown(done.id)

    async def end_event(self, request: Request) -> Response:
        """It ends, and what is still in leaves."""
        body = await optional(request, wire.MomentRequest)
        event = (await self._book.find(subject(request, "event"))).event
        act = partial(
            self._book.end,
            event.id,
            at_ms=body.at_ms,
            person=caller_of(request).person,
            reason=body.reason,
        )
        what = deed(request, "event end", event.name, after=self._moment(body.at_ms, body.reason))
        done, left = await audited(self._feed.audit, what, act)
        return answer(wire.ParticipationsAnswer(event=done, participations=tuple(left)))

    # -- participations ----------------------------------------------------------------------

    async def join(self, request: Request) -> Response:
        """A system takes part."""
        body = await optional(request, wire.JoinRequest)
        return await self._join(request, (subject(request, "system"),), body)

    async def join_many(self, request: Request) -> Response:
        """Several systems do."""
        body = await bodies.decode(request, wire.JoinManyRequest)
        return await self._join(request, body.systems, body)

    async def leave(self, request: Request) -> Response:
        """A system has left."""
        body = await optional(request, wire.MomentRequest)
        return await self._leave(request, (subject(request, "system"),), body)

    async def leave_many(self, request: Request) -> Response:
        """Several systems have."""
        body = await bodies.decode(request, wire.LeaveManyRequest)
        return await self._leave(request, body.systems, body)

    async def edit_participation(self, request: Request) -> Response:
        """It was otherwise."""
        body = await bodies.decode(request, wire.EditParticipationRequest)
        fields = {
            name: value
            for name in ("from_ms", "to_ms", "use_case")
            if (value := getattr(body, name)) is not UNSET
        }

        def change(before: Participation) -> Participation:
            return structs.replace(before, **fields)

        act = partial(
            self._book.correct,
            subject(request, "participation"),
            body.revision,
            change,
            person=caller_of(request).person,
            reason=body.reason,
        )
        named = subject(request, "participation")
        whose = await self._book.participation(named)
        what = deed(request, STAY, named, before=whose, after=_said(body))
        done = await audited(self._feed.audit, what, act)
        event = (await self._book.find(done.event)).event
        return answer(wire.ParticipationsAnswer(event=event, participations=(done,)))

    async def _join(
        self,
        request: Request,
        systems: tuple[str, ...],
        body: wire.JoinRequest | wire.JoinManyRequest,
    ) -> Response:
        act = partial(self._book.join, at_ms=body.at_ms, to_ms=body.to_ms, use_case=body.use_case)
        told = self._moment(body.at_ms, body.reason)
        return await self._moved(request, "event join", systems, act, body.reason, told)

    async def _leave(
        self,
        request: Request,
        systems: tuple[str, ...],
        body: wire.MomentRequest | wire.LeaveManyRequest,
    ) -> Response:
        act = partial(self._book.leave, at_ms=body.at_ms)
        told = self._moment(body.at_ms, body.reason)
        return await self._moved(request, "event leave", systems, act, body.reason, told)

    async def _moved(
        self,
        request: Request,
        action: str,
        systems: tuple[str, ...],
        act: Callable[..., Awaitable[list[Participation]]],
        reason: str,
        told: str,
    ) -> Response:
        event = (await self._book.find(subject(request, "event"))).event
        run = partial(act, event.id, systems, person=caller_of(request).person, reason=reason)
        after = f"{', '.join(systems)} {told}".strip()
        done = await audited(self._feed.audit, deed(request, action, event.name, after=after), run)
        return answer(wire.ParticipationsAnswer(event=event, participations=tuple(done)))

    async def _changed(
        self,
        request: Request,
        action: str,
        act: Callable[..., Awaitable[Event]],
        reason: str,
        told: str = "",
    ) -> Response:
        event = (await self._book.find(subject(request, "event"))).event
        run = partial(act, event.id, person=caller_of(request).person, reason=reason)
        after = f"{told}: {reason}" if told and reason else told or reason
        done = await audited(self._feed.audit, deed(request, action, event.name, after=after), run)
        return await self._shown(done.id)

    def _moment(self, at_ms: int | None, reason: str = "") -> str:
        at = "" if at_ms is None else f"at {spoken(at_ms, self._feed.snapshot.timezone)}"
        return f"{at}: {reason}" if at and reason else at or reason

    async def _shown(self, wanted: str, status: int = 200) -> Response:
        found = await self._book.find(wanted)
        shown = wire.EventAnswer(
            event=found.event,
            participations=found.participations,
            changes=found.changes,
            conflicts=found.conflicts,
            prompt=found.prompt,
        )
        return answer(shown, status)


def applied(before: Event, body: wire.EventFields) -> Event:
    """The event with what a request says of it."""
    fields = {name: value for name in PLAIN if (value := getattr(body, name, UNSET)) is not UNSET}
    terms = {
        name: _plain(value, kind)
        for name, kind in WHOLE.items()
        if (value := getattr(body, name)) is not UNSET
    }
    for name in PARTLY:
        if (value := getattr(body, name)) is not UNSET:
            former = getattr(before.terms, name)
            said = msgspec.to_builtins(value)
            terms[name] = msgspec.convert(msgspec.to_builtins(former) | said, type(former))
    if body.systems is not UNSET:
        fields["systems"] = _plain(body.systems, tuple[SystemUse, ...])
    return structs.replace(before, **fields, terms=structs.replace(before.terms, **terms))


def _applied(before: Event, body: wire.EventFields) -> Event:
    return applied(before, body)


def _plain(value: object, kind: Any) -> Any:
    """The model's own struct of what a request has as its stricter kind."""
    return msgspec.json.decode(msgspec.json.encode(value), type=kind)


def _said(body: Struct) -> str:
    """What a request says, for the audit; fields that it leaves out are not in it."""
    found = msgspec.to_builtins(body)
    return ", ".join(
        f"{name} = {msgspec.json.encode(value).decode()}"
        for name, value in found.items()
        if name != "revision" and value not in (None, "")
    )
