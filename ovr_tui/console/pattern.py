"""Regular expressions that people type into filters, so simple that they cannot stall. Pure."""

import re
from functools import lru_cache

MOST_CHARS = 60
MOST_OPEN = 2
"""So many `*`, `+` or `{` at most, and none behind a group: the time then grows with the square of
the text's length at worst, and texts are short."""
_INTRICATE = re.compile(r"\)[*+?{]|\\[1-9]|\(\?")
_OPEN = re.compile(r"(?<!\\)[*+{]")
TEXT_CHARS = 300


@lru_cache(64)
def pattern(text: str) -> "re.Pattern[str] | None":
    """The expression, in any case of letters; None if it is none, or too intricate."""
    if _intricate(text):
        return None
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error:
        return None


def _intricate(text: str) -> bool:
    return (
        len(text) > MOST_CHARS
        or _INTRICATE.search(text) is not None
        or len(_OPEN.findall(text)) > MOST_OPEN
    )


def wrong(filter_text: str) -> str:
    """What is wrong with the first expression of a filter that is none; "" when nothing is."""
    for word in filter_text.split():
        typed = word.removeprefix("!")
        if not typed.startswith("~") or len(typed) < len("~.") or pattern(typed[1:]) is not None:
            continue
        if _intricate(typed[1:]):
            return f"{typed} is too long or too intricate a pattern"
        try:
            re.compile(typed[1:])
        except re.error as error:
            return f"{typed} is no pattern: {error.msg}"
    return ""


def found(word: str, text: str) -> bool:
    """Whether a word of a filter is in a text: `~` before it makes it a regular expression, one
    that is none is looked for as it stands. The word is in lower case, unless it is one."""
    if word.startswith("~") and len(word) > 1:
        known = pattern(word[1:])
        if known is not None:
            return known.search(text[:TEXT_CHARS]) is not None
    return word.casefold() in text.casefold()
