"""Lines of the log as sentences.

What is said is written with the values where they belong (`"{asset}: its {what} is {value}."`), so
that a person reads a sentence; the values stay fields of their own for whoever searches. A value
that the sentence has no place for stands behind it.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any

from collector.model.text import called, quantity

NOT_SAID = frozenset({"event", "level", "logger", "timestamp", "exception"})
"""What of an event is no value of what is said; nor are milliseconds, which nobody reads."""
FAULT = "please report this line"
"""What there is to do about an exception that nobody expected."""
_FORMATTER = Formatter()


def filled(event: Mapping[str, Any]) -> tuple[str, frozenset[str]]:
    """What is said with the values in their places, and which have one. Text of devices is put in
    as it is, never read as a place."""
    text = str(event.get("event", ""))
    if "{" not in text:
        return text, frozenset()
    out: list[str] = []
    told: set[str] = set()
    for literal, name, _, _ in _FORMATTER.parse(text):
        out.append(literal)
        if name is not None:
            told.add(name)
            value = _said(name, event.get(name, ""))
            out.append(value)
            if not value:  # no blank before what follows
                out[-2] = literal.rstrip()
    return "".join(out), frozenset(told)


def in_words(event: Mapping[str, Any]) -> str:
    """An event of structlog on one line: the sentence, its cause, the values without a place; of an
    exception what it says last."""
    text, told = filled(event)
    left = {
        name: _said(name, value)
        for name, value in event.items()
        if name not in told and name not in NOT_SAID and not name.endswith("_ms")
    }
    cause = left.pop("cause", "")
    thrown = str(event.get("exception", "")).strip().splitlines()[-1:]
    behind = ", ".join(_named(name, value) for name, value in left.items() if value)
    because = ": ".join(filter(None, [cause, *thrown]))
    if because:
        text = f"{text.rstrip('.')}: {because}"
    if thrown:
        text += f"; {FAULT}"
    return f"{text.rstrip('.')} ({behind})" if behind else text


def spoken(_: object, __: str, event: Any) -> Any:
    """A step of structlog: the sentence, for whatever comes behind it."""
    event["event"] = filled(event)[0]
    return event


def _said(name: str, value: object) -> str:
    if name == "person":
        return called(str(value))
    if name == "measurement":
        return quantity(str(value))
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _named(name: str, value: str) -> str:
    if name.endswith("_s"):
        return f"{name.removesuffix('_s')} {value} s"
    return f"{name.replace('_', ' ')} {value}"
