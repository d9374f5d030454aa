"""Handlers of control: what an asset offers, commands, and lockouts."""

from collections import OrderedDict
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.control.desk import Place, Who
from collector.control.rules import Request as Command
from collector.errors import OvrError
from collector.model.text import clean
from collector.serve import bodies
from collector.serve.access import Caller
from collector.serve.answers import Refused, answer
from collector.serve.audited import audited, caller_of, deed, optional, subject
from collector.serve.endpoint import Endpoint
from collector.serve.feed import Feed

STATUS = {
    "no_control_right": 403,
    "pin_needed": 403,
    "no_such_asset": 404,
    "no_such_command": 404,
    "out_of_range": 422,
    "not_confirmed": 422,
}
"""HTTP status of a refusal by its code; any other is a conflict with how things are now (409)."""
CONFLICT = 409
CONTROLS = frozenset({"control", "lockout", "unlock"})
TURNED_MS = 60_000
REMEMBERED = 256


class Commanding:
    """Control of devices. Who is turned away at the door is in the audit too, each person once a
    minute: viewers may not fill the disk."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._turned: OrderedDict[str, int] = OrderedDict()

    async def offers(self, request: Request) -> Response:
        """What an asset offers whoever asks."""
        place = self._place(request)
        why_not, offers = self._feed.control.offers(place, right=caller_of(request).control)
        asset = place.view
        return answer(
            wire.OffersAnswer(
                asset=asset.id,
                name=asset.name,
                at_ms=self._feed.now_ms(),
                why_not=why_not,
                control=place.control,
                pin=self._feed.control.pin.is_set,
                lockout=self._feed.control.lockouts.of(asset.id),
                offers=tuple(offers),
            )
        )

    async def control(self, request: Request) -> Response:
        """A command."""
        body = await bodies.decode(request, wire.ControlRequest)
        command = Command(
            command=body.command,
            value=body.value,
            seen=body.seen,
            made_ms=body.made_ms,
            for_s=body.for_s,
            confirm=body.confirm,
        )
        asset, caller, desk = subject(request, "asset"), caller_of(request), self._feed.control
        locked = desk.pin.is_set and not desk.pin.use(body.grant, caller.who)
        done = await desk.command(_who(caller, locked=locked), asset, body.id, command)
        if done.code:
            status = STATUS.get(done.code, CONFLICT)
            raise Refused(status, done.code, clean(done.reason, 400), clean(done.hint, 300))
        return answer(
            wire.ControlAnswer(
                id=body.id,
                asset=asset,
                command=body.command,
                outcome=done.outcome,
                value=done.value,
                effect=done.effect,
                reason=done.reason,
            )
        )

    async def lockout(self, request: Request) -> Response:
        """Somebody works at an asset: nothing is commanded there from now on."""
        body = await bodies.decode(request, wire.LockoutRequest)
        place, caller = self._place(request), caller_of(request)
        act = partial(
            self._feed.control.lock,
            place,
            name=body.name,
            reason=body.reason,
            person=caller.person,
        )
        wanted = f"{body.name or caller.person}: {body.reason}"
        what = deed(request, "lockout", place.view.id, after=wanted)
        done = await audited(self._feed.audit, what, act)
        return answer(wire.LockoutAnswer(asset=place.view.id, lockout=done))

    async def unlock(self, request: Request) -> Response:
        """The lockout of an asset is over."""
        body = await optional(request, wire.GrantRequest)
        asset, lockouts = subject(request, "asset"), self._feed.control.lockouts
        caller = caller_of(request)
        if not caller.control:
            await self.turned_away(request, "unlock")
            raise Refused(403, "no_control_right", "only who may control devices removes a lockout")
        self._feed.control.pin.demand(body.grant, caller.who)
        one = lockouts.own(asset)
        before = "" if one is None else f"{one.name}: {one.reason}"
        what = deed(request, "unlock", asset, before=before)
        await audited(self._feed.audit, what, partial(lockouts.unlock, asset))
        return answer(wire.LockoutAnswer(asset=asset, lockout=None))

    async def at_the_door(self, request: Request, endpoint: Endpoint) -> None:
        """Somebody asked for what is not theirs."""
        if endpoint.name in CONTROLS:
            await self.turned_away(request, endpoint.name)

    async def turned_away(self, request: Request, what: str) -> None:
        """Write down who tried, at most once a minute; nothing depends on that it can be kept."""
        caller, now_ms = caller_of(request), self._feed.now_ms()
        key = f"{caller.transport.value} {caller.person} {caller.address}"
        if now_ms - self._turned.get(key, -TURNED_MS) < TURNED_MS:
            return
        self._turned[key] = now_ms
        while len(self._turned) > REMEMBERED:
            self._turned.popitem(last=False)
        audit = self._feed.audit
        try:
            entry = await audit.begin(deed(request, what, subject(request, "asset")))
            await audit.end(entry, f"refused: not for a {caller.role.value}")
        except OvrError:
            return  # the store has told it, and the request is refused anyway

    def _place(self, request: Request) -> Place:
        """The asset of the path. Raises Refused when nobody knows it."""
        asset = subject(request, "asset")
        place = self._feed.control.place(asset)
        if place is None:
            raise Refused(
                404,
                "no_such_asset",
                f"no asset '{clean(asset)}'",
                "GET /v1/snapshot lists them",
            )
        return place


def _who(caller: Caller, *, locked: bool) -> Who:
    return Who(
        person=caller.person,
        transport=caller.transport.value,
        address=caller.address,
        right=caller.control,
        locked=locked,
    )
