"""What a form is made of, and what comes out of it. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from enum import StrEnum

from msgspec import Struct

from collector.errors import ApiError
from collector.model.local_time import read_ms
from ovr_tui.console.form.typed import read_number
from ovr_tui.console.format import number, zone

Values = Mapping[str, str]
"""What stands in the fields, by their names, as it was typed."""


class Kind(StrEnum):
    """What a field takes, and what it becomes: text → str, number → float, whole → int, choice →
    its value, flag → bool, secret → str, time → UTC ms, span → seconds, many → tuple of str."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    CHOICE = "choice"
    FLAG = "flag"
    SECRET = "secret"  # noqa: S105  a kind, no secret
    TIME = "time"
    SPAN = "span"
    MANY = "many"


class Choice(Struct, frozen=True):
    """One value that can be chosen, and how people read it."""

    value: str
    text: str = ""

    @property
    def words(self) -> str:
        """As it is shown."""
        return self.text or self.value


class Field(Struct, frozen=True, kw_only=True):
    """One line of a form. `value` is what stands there first; `text` explains it; `check` says
    what is wrong with what was typed, beyond its kind ("": nothing). A number lies within `least`
    and `most`. `timezone` is that of a time, which may lie `ahead` only if that is said;
    `empty` says what none means, if not now. An empty field that is not `needed` is None."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    value: str = ""
    text: str = ""
    unit: str = ""
    needed: bool = False
    choices: tuple[Choice, ...] = ()
    least: float | None = None
    most: float | None = None
    most_chars: int = 500
    timezone: str = "UTC"
    ahead: bool = False
    empty: str = ""
    check: Callable[[str], str] | None = None


class Refusal(ApiError):
    """What a form was sent for was refused: `by_field` says what is wrong with single fields, the
    message what else."""

    def __init__(self, message: str, by_field: Mapping[str, str]) -> None:
        super().__init__(message)
        self.by_field = dict(by_field)


_SPAN = re.compile(r"(\d+(?:[.,]\d+)?)\s*([smhd])\Z")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

HINTS = {
    Kind.SPAN: "90s · 30m · 2h · 1d",
    Kind.NUMBER: "a number",
    Kind.WHOLE: "a whole number",
    Kind.CHOICE: "← → choose",
    Kind.FLAG: "← → yes or no",
    Kind.MANY: "enter chooses from a list",
}
"""How each kind is written; times: `hint`."""


def hint(field: Field) -> str:
    """How the field is written."""
    if field.kind is not Kind.TIME:
        return HINTS.get(field.kind, "")
    means = field.empty or ("none" if field.ahead else "now")
    return " · ".join(
        (*_moments(ahead=field.ahead), *([] if field.needed else [f"empty: {means}"]))
    )


def _moments(*, ahead: bool) -> tuple[str, ...]:
    """Moments as they are written."""
    return ("14:00", "2026-11-26 14:00", *(() if ahead else ("20m ago",)))


def problem(field: Field, typed: str, now_ms: int) -> str:
    """What is wrong with what stands in a field, in words; "" when nothing is."""
    text = typed if field.kind is Kind.SECRET else typed.strip()
    if not text:
        return "it is needed" if field.needed else ""
    if len(text) > field.most_chars:
        return f"at most {field.most_chars} characters; these are {len(text)}"
    try:
        value = _value(field, text, now_ms)
    except ValueError as error:
        return str(error)
    if isinstance(value, (int, float)) and field.kind in (Kind.NUMBER, Kind.WHOLE):
        if field.least is not None and value < field.least:
            return f"at least {_plain(field.least)} {field.unit}".rstrip()
        if field.most is not None and value > field.most:
            return f"at most {_plain(field.most)} {field.unit}".rstrip()
    return field.check(text) if field.check is not None else ""


def _plain(value: float) -> str:
    return number(value, 0) if value == int(value) else f"{value:g}"


def problems(fields: Sequence[Field], values: Values, now_ms: int) -> dict[str, str]:
    """What is wrong, by field; empty when the form can be sent."""
    found = {field.name: problem(field, values.get(field.name, ""), now_ms) for field in fields}
    return {name: text for name, text in found.items() if text}


def answers(fields: Sequence[Field], values: Values, now_ms: int) -> dict[str, object]:
    """What comes out of a form without problems: each field's value as its kind says."""
    out: dict[str, object] = {}
    for field in fields:
        typed = values.get(field.name, "")
        text = typed if field.kind is Kind.SECRET else typed.strip()
        if field.kind is Kind.MANY:
            out[field.name] = tuple(word for word in text.split(",") if word)
        elif field.kind is Kind.FLAG:
            out[field.name] = text == "yes"
        else:
            out[field.name] = _value(field, text, now_ms) if text else None
    return out


def _value(field: Field, text: str, now_ms: int) -> object:
    """Raises ValueError, in words for people."""
    if field.kind in (Kind.NUMBER, Kind.WHOLE):
        return _number(text, whole=field.kind is Kind.WHOLE)
    if field.kind is Kind.TIME:
        return moment(text, now_ms, field.timezone, ahead=field.ahead)
    if field.kind is Kind.SPAN:
        return _span(text)
    if field.kind is Kind.CHOICE and text not in {choice.value for choice in field.choices}:
        raise ValueError("choose one of: " + ", ".join(c.words for c in field.choices))
    return text


def _number(text: str, *, whole: bool) -> float | int:
    value = read_number(text)
    if not whole:
        return value
    if value != int(value):
        raise ValueError("a whole number is needed here")
    return int(value)


def _span(text: str) -> int:
    found = _SPAN.match(text)
    if not found:
        raise ValueError("write 90s, 30m, 2h or 1d")
    return round(read_number(found[1]) * _SECONDS[found[2]])


def moment(text: str, now_ms: int, timezone: str, *, ahead: bool = False) -> int:
    """A moment as UTC ms: `14:00` (the last one, with `ahead` the next one), `2026-11-26 14:00` in
    the zone or with an offset behind it, `20m ago`, `now`. Raises ValueError, in words, for one in
    the future if not `ahead`."""
    if text == "now":
        return now_ms
    if text.endswith(" ago"):
        return now_ms - _span(text.removesuffix(" ago").strip()) * 1000
    where = zone(timezone) or UTC
    try:
        at_ms = read_ms(text, now_ms, where, ahead=ahead)
    except (ValueError, OverflowError):
        *first, last = _moments(ahead=ahead)
        raise ValueError(f"write {', '.join(first)} or {last}") from None
    if at_ms > now_ms + 1000 and not ahead:
        raise ValueError("that is in the future")
    return at_ms
