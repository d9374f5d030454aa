"""What must be stated so that a fact is known to hold from a moment on, or for a while."""

from collections.abc import Callable, Mapping

from collector.model.assignment import About, Assignment, Timeline, Word


def tell(
    known: Timeline,
    facts: Mapping[About, str],
    *,
    from_ms: int,
    to_ms: int | None,
    made_ms: int,
    person: str,
    reason: str,
    new_id: Callable[[int], str],
) -> list[Assignment]:
    """The statements by which `facts` hold from `from_ms` to `to_ms` (None: from then on, whatever
    was said of later times). What began within that time is replaced; what held before goes on
    where it ends. Nothing is stated that is known already.
    """
    word = Word(person, reason, made_ms)
    found: list[Assignment] = []
    for about, value in facts.items():
        until = made_ms if to_ms is None else to_ms
        gone = tuple(
            one
            for one in known.since(about, from_ms - 1, max(until, from_ms))
            if to_ms is None or one.from_ms < to_ms
        )
        if known.at(about, from_ms) == value and all(one.value == value for one in gone):
            continue
        found.append(word.of(about, value, from_ms, new_id(made_ms), tuple(one.id for one in gone)))
        if to_ms is not None and not _begins(known, about, to_ms):
            found.append(word.of(about, known.at(about, to_ms), to_ms, new_id(made_ms)))
    return found


def _begins(known: Timeline, about: About, at_ms: int) -> bool:
    """Whether a statement begins at that very moment."""
    return bool(known.since(about, at_ms - 1, at_ms))
