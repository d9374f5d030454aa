"""Which event is meant by what people write."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from collector.errors import NotPossible, UnknownRecord
from collector.events.words import called
from collector.model.event import Event, EventStatus
from collector.model.text import clean

OVER = (EventStatus.ENDED, EventStatus.CANCELLED)
LEAST = 4
"""So many characters of an id are no accident."""
SHOWN = 5


def find_event(events: Sequence[Event], wanted: str) -> Event:
    """The event of this id, job code, name, or unique beginning of one of them (of an id also its
    end). Of several that of which alone is not over. Raises UnknownRecord, and NotPossible where
    several are meant."""
    word = wanted.strip().casefold()
    for meant in _ways(word):
        found = [one for one in events if word and meant(one)]
        if len(found) > 1:
            found = [one for one in found if one.status not in OVER] or found
        if len(found) == 1:
            return found[0]
        if found:
            listed = ", ".join(f"{called(one)} {one.id[-8:]}" for one in found[:SHOWN])
            raise NotPossible(
                f"{clean(wanted)} may be {listed}: write the end of the id (ovr event list)"
            )
    raise UnknownRecord(f"there is no event {clean(wanted)}{_near(events, wanted)}")


def _ways(word: str) -> tuple[Callable[[Event], bool], ...]:
    long = len(word) >= LEAST
    return (
        lambda one: one.id == word,
        lambda one: one.job.casefold() == word,
        lambda one: one.name.casefold() == word,
        lambda one: long and (one.id.endswith(word) or one.id.startswith(word)),
        lambda one: one.job.casefold().startswith(word) or one.name.casefold().startswith(word),
    )


def _near(events: Sequence[Event], wanted: str) -> str:
    names = {name for one in events for name in (one.job, one.name) if name}
    near = get_close_matches(wanted, sorted(names), n=1)
    return f": did you mean {near[0]}?" if near else " (ovr event list)"
