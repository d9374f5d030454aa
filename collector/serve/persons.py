"""Handlers about whoever asks: who they are, and the PIN."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from collector import __version__, wire
from collector.control.pin import IDLE_S
from collector.serve import bodies
from collector.serve.access import Caller, Role
from collector.serve.answers import Refused, answer
from collector.serve.audited import audited, caller_of, deed
from collector.serve.feed import Feed


class Persons:
    """What each may know of themselves."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def me(self, request: Request) -> Response:
        """Who asks."""
        caller, shot = caller_of(request), self._feed.snapshot
        return answer(
            wire.MeAnswer(
                person=caller.person,
                role="operator" if caller.role is Role.OPERATOR else "viewer",
                transport=caller.transport.value,
                control=caller.control,
                pin=caller.role is Role.OPERATOR and self._feed.control.pin.is_set,
                node=shot.node,
                site=shot.site,
                timezone=shot.timezone,
                version=__version__,
            )
        )

    async def give_pin(self, request: Request) -> Response:
        """The PIN, or a grant that goes on."""
        body = await bodies.decode(request, wire.UnlockRequest)
        caller, pin = _controller(request), self._feed.control.pin
        if body.pin is None:
            pin.demand(body.grant, caller.who)
            return answer(wire.GrantAnswer(grant=body.grant, idle_s=int(IDLE_S)))
        pin.waits(caller.who)
        act = partial(pin.unlock, body.pin, caller.who)
        grant = await audited(self._feed.audit, deed(request, "pin given"), act)
        return answer(wire.GrantAnswer(grant=grant, idle_s=int(IDLE_S)))

    async def lock(self, request: Request) -> Response:
        """A grant ends."""
        body = await bodies.decode(request, wire.GrantRequest)
        self._feed.control.pin.lock(body.grant, caller_of(request).who)
        return answer(wire.LockedAnswer())

    async def put_pin(self, request: Request) -> Response:
        """Another PIN, or none. Root, who could take it out of the file, is not asked for the old
        one: that is the way back when nobody knows it."""
        body = await bodies.decode(request, wire.PinRequest)
        caller, pin = _controller(request), self._feed.control.pin
        if pin.is_set and body.old is None and not caller.root:
            raise Refused(
                403,
                "old_pin_needed",
                "a PIN is set: another one takes the one so far",
                "nobody knows it: sudo ovr control --set-pin",
            )
        pin.waits(caller.who)
        act = partial(pin.put, body.pin, old=body.old, who=caller.who, at_ms=self._feed.now_ms())
        what = deed(request, "pin removed" if body.pin is None else "pin set")
        await audited(self._feed.audit, what, act)
        return answer(wire.PinAnswer(pin=pin.is_set))


def _controller(request: Request) -> Caller:
    """Who asks, if they may control devices. Raises Refused."""
    caller = caller_of(request)
    if not caller.control:
        raise Refused(403, "no_control_right", "the PIN is for those who may control devices")
    return caller
