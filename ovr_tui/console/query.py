"""The filter line: what it means, and whether a row matches. Pure."""

from collections.abc import Callable

from msgspec import Struct

from collector.model.alarm import Alarm
from ovr_tui.console import pattern
from ovr_tui.console.alarms.words import state_word
from ovr_tui.console.pattern import found
from ovr_tui.console.rows import SHORT_KIND, Row


class Term(Struct, frozen=True):
    """One word of a filter. `field` is empty for a word that may stand anywhere."""

    field: str
    word: str
    inverse: bool = False


FIELDS: dict[str, Callable[[Row], tuple[str, ...]]] = {
    "kind": lambda row: (SHORT_KIND[row.kind], row.kind),
    "system": lambda row: (row.system,),
    "status": lambda row: (row.status,),
    "name": lambda row: (row.name,),
    "id": lambda row: (row.id,),
    "device": lambda row: (row.device,),
    "alarm": lambda row: tuple(word for alarm in row.alarms for word in _alarm_words(alarm)),
}
HELP = "words, !not, ~regex, kind:bess system:b1 alarm:new status:stale, name: id: device:"


def _alarm_words(alarm: Alarm) -> tuple[str, ...]:
    return alarm.severity.value, state_word(alarm), alarm.rule.value, alarm.now or alarm.text


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a filter, all of which must hold. `!` before a word turns it round; `key:` with
    a known key looks there only; any other colon is part of the word; `~` begins a regular
    expression."""
    return tuple(term for word in text.split() if (term := _term(word)) is not None)


def _term(word: str) -> Term | None:
    inverse = word.startswith("!")
    field, colon, rest = word.removeprefix("!").partition(":")
    if colon and field.casefold() in FIELDS:
        whole = rest or field.casefold() == "alarm"  # any alarm at all
        return Term(field.casefold(), rest.casefold(), inverse) if whole else None
    bare = word.removeprefix("!")
    return Term("", bare if bare.startswith("~") else bare.casefold(), inverse) if bare else None


def wrong(text: str) -> str:
    """Why a filter that nothing passes may not mean what was meant; "" when nothing is odd."""
    if bad := pattern.wrong(text):
        return bad
    for word in text.split():
        field, colon, _ = word.removeprefix("!").partition(":")
        if colon and field.isalpha() and field.casefold() not in FIELDS:
            return f"no key is called {field}; there are {' '.join(FIELDS)}"
    return ""


def matches(row: Row, terms: tuple[Term, ...]) -> bool:
    """Whether a row passes all terms. Kind, status and system match from their beginning, names
    and free words anywhere."""
    return all(_hits(row, term) != term.inverse for term in terms)


def _hits(row: Row, term: Term) -> bool:
    if term.field in ("kind", "status", "system"):
        return any(word.casefold().startswith(term.word) for word in FIELDS[term.field](row))
    if term.field:
        return any(term.word in word.casefold() for word in FIELDS[term.field](row))
    haystack = (row.name, row.id, row.system, SHORT_KIND[row.kind], row.status, row.state)
    alarms = (alarm.now or alarm.text for alarm in row.alarms)
    out = row.view.lockout
    locked = f"locked out by {out.name}: {out.reason}" if out else ""
    return any(found(term.word, part) for part in (*haystack, locked, *row.hints, *alarms))
