"""How events, participations and their times are spoken of. Pure."""

from collections.abc import Iterable, Sequence

from collector.model.event import Event, EventNow, EventStatus, Participation, UseCase
from collector.model.kinds import AssetStatus
from collector.model.local_time import twice
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.format import local, span
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.now import Now
from ovr_tui.console.text import Piece, Tone

USES: dict[UseCase, str] = {
    UseCase.METERING: "metering only",
    UseCase.HYBRIDIZATION: "hybridization",
    UseCase.PV_OFFSET: "PV offset",
    UseCase.PEAK_SHAVING: "peak shaving",
    UseCase.TIME_SHIFTING: "time shifting",
}
_STATES: dict[EventStatus, tuple[AssetStatus | None, str, Tone]] = {
    EventStatus.PLANNED: (AssetStatus.WAITING, "planned", "accent"),
    EventStatus.ACTIVE: (AssetStatus.LIVE, "on", "good"),
    EventStatus.ENDED: (None, "ended", "dim"),
    EventStatus.CANCELLED: (AssetStatus.LOST, "cancelled", "dim"),
}
_TYPED_CELLS = 40
WHEN_CELLS = 13
WEEK_MS = 6 * 86_400_000


def state(status: EventStatus, glyphs: Glyphs) -> Piece:
    """A state as sign and word."""
    sign, word, tone = _STATES[status]
    return f"{glyphs.good if sign is None else glyphs.status[sign]} {word}", tone


def called(event: Event | EventNow) -> str:
    """An event's name, with its job code where it has one."""
    return f"{event.name} ({event.job})" if event.job else event.name


def brief(event: Event | EventNow) -> str:
    """An event in a message of one line: its job code, else as much of its name as fits there."""
    name = event.job or event.name
    return name if len(name) <= 24 else f"{name[:22]}..."


def typed_name(event: Event) -> str:
    """What a person types to say that they mean this event: its name, or what is shorter and on
    every keyboard."""
    name = " ".join(event.name.split())
    if name == event.name and name.isascii() and name.isprintable() and len(name) <= _TYPED_CELLS:
        return name
    return event.job if event.job and event.job.isascii() else event.id[-8:]


def day(event: Event | EventNow, now_ms: int) -> int | None:
    """Which day of the event it is, by the calendar of its zone; None when it is not on."""
    if event.status is not EventStatus.ACTIVE or event.from_ms is None:
        return None
    begun, here = local(event.from_ms, event.timezone), local(now_ms, event.timezone)
    return (here.date() - begun.date()).days + 1


def when(at_ms: int | None, timezone: str, now_ms: int, absent: str = "—") -> str:
    """A moment in a zone: `Fri 09:12` within six days of now, else `27 Nov 09:12`, of another year
    `2025-11-27`. With its zone, `Sun 01:30 PST`, where that has the local time twice."""
    if at_ms is None:
        return absent
    there, here = local(at_ms, timezone), local(now_ms, timezone)
    which = " %Z" if twice(there) else ""
    if abs(at_ms - now_ms) < WEEK_MS:
        return there.strftime(f"%a %H:%M{which}")
    return there.strftime(f"%d %b %H:%M{which}" if there.year == here.year else "%Y-%m-%d")


def exactly(at_ms: int, timezone: str) -> str:
    """A moment to the second, with its zone."""
    return local(at_ms, timezone).strftime("%a %Y-%m-%d %H:%M:%S %Z")


def typed(at_ms: int | None, timezone: str) -> str:
    """A moment as a form's field takes it; to the second, so that nothing is lost, and with its
    offset where the zone has that local time twice."""
    if at_ms is None:
        return ""
    there = local(at_ms, timezone)
    whole = there.second == 0 and at_ms % 1000 == 0
    shown = there if twice(there) else there.replace(tzinfo=None)
    return shown.isoformat(" ", "minutes" if whole else "seconds")


def inside(parts: Iterable[Participation], node: str = "") -> list[Participation]:
    """Those who are still in; with `node` only those of this node."""
    return [one for one in parts if one.to_ms is None and node in ("", one.node)]


def still_in(parts: Sequence[Participation]) -> str:
    """`3 of 5`: how many systems are in, of all that ever were."""
    systems = {(one.node, one.system) for one in parts}
    now = {(one.node, one.system) for one in parts if one.to_ms is None}
    return f"{len(now)} of {len(systems)}"


def lasted(one: Participation, now_ms: int) -> str:
    """How long a participation has lasted, or lasted."""
    return span((one.to_ms or now_ms) / 1000 - one.from_ms / 1000)


def asks(prompt: str) -> str:
    """What somebody should do, without the command that other places name."""
    return prompt.partition(": ovr event ")[0]


def todo(event: Event, prompt: str) -> str:
    """What somebody should do, with the key that does it here."""
    if not prompt:
        return ""
    return f"{asks(prompt)}: {'S starts' if event.status is EventStatus.PLANNED else 'X ends'} it"


def systems_of(shot: Snapshot | None) -> dict[str, list[AssetView]]:
    """The assets of each system of this node, in order of the systems' names."""
    found: dict[str, list[AssetView]] = {}
    for view in shot.assets if shot else ():
        found.setdefault(view.system, []).append(view)
    return dict(sorted(found.items()))


def event_of(now: Now, system: str) -> EventNow | None:
    """The event that a system is in now."""
    events = now.snapshot.events if now.snapshot else ()
    return next((one for one in events if system in one.systems), None)


def listed(words: Sequence[str], most: int = 6) -> str:
    """Some words, and how many more there are."""
    more = len(words) - most
    shown = ", ".join(words[:most])
    return f"{shown} and {more} more" if more > 0 else shown
