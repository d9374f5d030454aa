"""Handlers of units, assignments, what counters were refused, and twins."""

import time
from collections.abc import Mapping
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.model.assignment import About, Assignment, Fact, Timeline
from collector.model.snapshot import Snapshot
from collector.serve import bodies
from collector.serve.answers import answer
from collector.serve.audited import audited, caller_of, deed, optional, subject
from collector.serve.feed import Feed
from collector.serve.looking import LATEST_MS, MAX_LIST, one_of, whole
from collector.serve.units import Place, Said
from collector.site.refused import decision


class Assigning:
    """Who stands where, and what belongs to what."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def assignments(self, request: Request) -> Response:
        """What held when."""
        query = request.query_params
        what = one_of(query.get("what"), "what", [fact.value for fact in Fact])
        from_ms = whole(query.get("from"), "from", 0)
        to_ms = whole(query.get("to"), "to", LATEST_MS)
        found = await self._told(query.get("asset"), None if what is None else Fact(what))
        held = Timeline(found).held(from_ms, to_ms)
        return answer(wire.AssignmentsAnswer(held=held, statements=found))

    async def assign(self, request: Request) -> Response:
        """A fact, of now or of the past."""
        body = await bodies.decode(request, wire.AssignRequest)
        facts = {About(body.asset, one.what, one.key): one.value for one in body.facts}
        said = self._said(request, body.reason, body.from_ms)
        act = partial(self._feed.units.assign, facts, said, to_ms=body.to_ms)
        what = deed(request, "assign", body.asset, after=_told(facts, said, body.to_ms))
        await audited(self._feed.audit, what, act)
        found = await self._told(body.asset, None)
        held = Timeline(found).held(0, LATEST_MS)
        return answer(wire.AssignmentsAnswer(held=held, statements=found))

    async def swap(self, request: Request) -> Response:
        """Another unit stands at an asset."""
        body = await optional(request, wire.SwapRequest)
        asset = subject(request, "asset")
        act = partial(
            self._feed.units.swap,
            asset,
            self._said(request, body.reason, body.at_ms),
            unit_no=body.unit_no,
            serial=body.serial,
        )
        named = f"unit {body.unit_no or '?'}, serial {body.serial or '?'}: {body.reason}"
        done = await audited(self._feed.audit, deed(request, "swap", asset, after=named), act)
        return answer(wire.SwapAnswer(asset=asset, serial=done.serial, unit_no=done.unit_no))

    async def move(self, request: Request) -> Response:
        """A device is reached elsewhere."""
        body = await optional(request, wire.MoveRequest)
        device = subject(request, "asset")
        said = self._said(request, body.reason, None)
        if body.host:
            place = Place(host=body.host, port=body.port, unit=body.unit)
            act = partial(self._feed.units.move, device, place, said)
        else:
            act = partial(self._feed.units.found, device, said)
        what = deed(request, "move", device, after=body.host or "looked for")
        done = await audited(self._feed.audit, what, act)
        places = {name: _place(place) for name, place in done.places.items()}
        return answer(wire.MoveAnswer(places=places))

    async def forget_unit(self, request: Request) -> Response:
        """Nobody is expected at a device any more."""
        body = await optional(request, wire.ReasonRequest)
        device = subject(request, "asset")
        act = partial(self._feed.units.forget, device, self._said(request, body.reason, None))
        await audited(self._feed.audit, deed(request, "unpin", device, after=body.reason), act)
        return answer(wire.ForgetAnswer(device=device))

    async def refused(self, request: Request) -> Response:
        """What counters were not given."""
        limit = whole(request.query_params.get("limit"), "limit", 100, most=MAX_LIST)
        desk = self._feed.counters
        return answer(
            wire.RefusedAnswer(
                open=desk.open, decided=tuple(await desk.decided(limit)), left_out=desk.left_out
            )
        )

    async def accept_refused(self, request: Request) -> Response:
        """It is added to the total, once."""
        body = await optional(request, wire.AcceptRequest)
        return await self._decide(request, body.note, accept=True, amount=body.amount)

    async def dismiss_refused(self, request: Request) -> Response:
        """It is not."""
        body = await optional(request, wire.DismissRequest)
        return await self._decide(request, body.note, accept=False, amount=None)

    async def _decide(
        self, request: Request, note: str, *, accept: bool, amount: float | None
    ) -> Response:
        one = self._feed.counters.find(subject(request, "refused"))
        done = decision(
            one,
            accept=accept,
            amount=amount,
            person=caller_of(request).person,
            note=note,
            now_ms=self._feed.now_ms(),
        )
        about = f"{one.asset} {one.measurement}"
        told = f"+{done.accepted:g}: {note}" if done.accepted is not None else f"nothing: {note}"
        what = deed(
            request, "accept refused" if accept else "dismiss refused", about, one.why, told
        )
        await audited(self._feed.audit, what, partial(self._feed.counters.decide, done))
        await self._feed.events.touched(
            f"refused energy of {about} was decided",
            assets=(one.asset,),
            from_ms=one.at_ms,
            to_ms=one.at_ms + 1,
            person=caller_of(request).person,
        )
        return answer(wire.DecidedAnswer(refused=done))

    async def twins(self, _: Request) -> Response:
        """Overlaps that nobody has decided."""
        return answer(wire.TwinsAnswer(twins=twins_of(self._feed.snapshot)))

    async def _told(self, asset: str | None, what: Fact | None) -> tuple[Assignment, ...]:
        return tuple(await self._feed.units.book.read(asset, what))

    @staticmethod
    def _said(request: Request, reason: str, at_ms: int | None) -> Said:
        return Said(person=caller_of(request).person, reason=reason, at_ms=at_ms)


def twins_of(snapshot: Snapshot) -> tuple[wire.Twin, ...]:
    """The proposals of a snapshot, each pair once."""
    pairs: dict[tuple[str, str], tuple[list[str], int]] = {}
    for quantity, total in sorted((*snapshot.totals.items(), *snapshot.today.items())):
        for found in total.unverified:
            quantities, since_ms = pairs.get((found.asset, found.other), ([], found.since_ms))
            quantities = [*quantities, quantity]
            pairs[found.asset, found.other] = (quantities, min(since_ms, found.since_ms))
    return tuple(
        wire.Twin(asset=one, other=other, quantities=tuple(quantities), since_ms=since_ms)
        for (one, other), (quantities, since_ms) in sorted(pairs.items())
    )


def _told(facts: Mapping[About, str], said: Said, to_ms: int | None) -> str:
    """What is said, in one line for the audit."""
    listed = ", ".join(
        f"{about.what.value}{f' {about.key}' if about.key else ''} = {value or 'nothing'}"
        for about, value in facts.items()
    )
    since = "" if said.at_ms is None else f" since {_utc(said.at_ms)}"
    until = "" if to_ms is None else f" until {_utc(to_ms)}"
    return f"{listed}{since}{until}: {said.reason}"


def _utc(at_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at_ms / 1000))


def _place(place: Place) -> str:
    port = "" if place.port is None else f":{place.port}"
    unit = "" if place.unit is None else f" unit {place.unit}"
    return f"{place.host}{port}{unit}"
