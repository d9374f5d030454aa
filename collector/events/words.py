"""How moments and events are spoken of."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from collector.model.event import Event


def spoken(at_ms: int, zone: str) -> str:
    """A moment in a zone as people read it, to the second; UTC where the zone is not known."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        where = ZoneInfo("UTC")
    return datetime.fromtimestamp(at_ms // 1000, where).strftime("%Y-%m-%d %H:%M:%S %Z")


def called(event: Event) -> str:
    """An event's name, with its job code where it has one."""
    return f"“{event.name}” ({event.job})" if event.job else f"“{event.name}”"


def handle(event: Event) -> str:
    """What a command takes for it: its job code, else the end of its id."""
    return event.job if event.job and " " not in event.job else event.id[-8:]
