"""Which event is meant: what commands share that take one."""

from collector.config.paths import Home
from collector.wire import EventAnswer, EventListed, EventsAnswer
from ovr_tui.commands.ask import ask, segment


def find(home: Home, wanted: str) -> EventListed:
    """The event of an id, job code, name, or a part of them. Raises ApiError."""
    found = ask(home, lambda client: client.get("/v1/events", EventsAnswer, find=wanted))
    return found.events[0]


def path(listed: EventListed, *more: str) -> str:
    """Its place in the API."""
    return "/".join(["/v1/events", segment(listed.event.id), *map(segment, more)])


def whole(home: Home, wanted: str) -> EventAnswer:
    """All of it, with its trace."""
    where = path(find(home, wanted))
    return ask(home, lambda client: client.get(where, EventAnswer))
