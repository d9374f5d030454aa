"""Handlers of looking for devices."""

from starlette.requests import Request
from starlette.responses import Response

from collector import wire
from collector.serve.answers import answer
from collector.serve.audited import audited, caller_of, deed, optional
from collector.serve.feed import Feed

EVERYWHERE = "the local networks"


class Finding:
    """Start a search, tell how far it is, end it."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def discover(self, request: Request) -> Response:
        """A search begins."""
        body = await optional(request, wire.DiscoverRequest)
        desk = self._feed.discovery
        person = caller_of(request).person

        async def begin() -> wire.DiscoverAnswer:
            search = desk.start(body.targets, person=person, confirmed=body.confirm)
            return wire.DiscoverAnswer(search=search)

        what = deed(request, "discover", ", ".join(body.targets) or EVERYWHERE)
        return answer(await audited(self._feed.audit, what, begin), 202)

    async def discovery(self, _: Request) -> Response:
        """How far the newest search is."""
        return answer(wire.DiscoverAnswer(search=self._feed.discovery.state))

    async def cancel_discovery(self, request: Request) -> Response:
        """The search ends; when none runs, that stands."""
        desk = self._feed.discovery
        if desk.state.state == "running":
            await audited(self._feed.audit, deed(request, "cancel discover"), desk.cancel)
        return answer(wire.DiscoverAnswer(search=desk.state))
