"""Changes of a baseline after the start: they stand, and are shown (DESIGN §10)."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from collector.model.event import Change, Event, SystemUse
from collector.model.event_fields import BASELINE, SYSTEM, keyed
from collector.model.report.quality import Note
from collector.model.terms import Baseline
from collector.model.text import clean

MOST = 200


def later_changes(event: Event, changes: Iterable[Change], system: str = "") -> tuple[Change, ...]:
    """The changes of an event's baseline, or of a system's own where it has one, that were made
    after the event had started; in order."""
    own = system and event.use_of(system).baseline is not None
    field = keyed(SYSTEM, system) if own else BASELINE
    found = (
        one
        for one in changes
        if one.field == field
        and one.subject == event.id
        and event.from_ms is not None
        and one.at_ms > event.from_ms
        and _baseline(one.before, own=bool(own)) != _baseline(one.after, own=bool(own))
    )
    return tuple(sorted(found, key=lambda one: (one.at_ms, one.id)))


def note_of(change: Change) -> Note:
    """Who changed it when, why, and what it was."""
    at = datetime.fromtimestamp(change.at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    who = clean(change.person, 60) or "somebody"
    why = f" ({clean(change.reason, MOST)})" if change.reason else ""
    before = _baseline(change.before, own=change.field != BASELINE)
    was = "none" if before is None or not before.sets else _words(before)
    text = f"The baseline was changed after the start: by {who}, {at}{why}. Before it was {was}."
    return Note(code="baseline-changed", level="warning", about="saving", text=text)


def _baseline(text: str, *, own: bool) -> Baseline | None:
    """What a change's text says; None for nothing and for what is no baseline."""
    if not text:
        return None
    try:
        if own:
            return msgspec.json.decode(text, type=SystemUse).baseline
        return msgspec.json.decode(text, type=Baseline)
    except (msgspec.MsgspecError, UnicodeError):
        return None


def _words(baseline: Baseline) -> str:
    sets = (
        f"{clean(one.name, 40)} {one.count} × {one.rated_kw:g} kW {one.start}–{one.end}"
        for one in baseline.sets[:10]
    )
    return clean("; ".join(sets), MOST)
