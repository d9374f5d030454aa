"""Handlers about whoever asks."""

from starlette.requests import Request
from starlette.responses import Response

from collector import __version__, wire
from collector.serve.access import Role
from collector.serve.answers import answer
from collector.serve.audited import caller_of
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
                pin=False,
                node=shot.node,
                site=shot.site,
                timezone=shot.timezone,
                version=__version__,
            )
        )
