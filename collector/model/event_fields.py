"""The fields of events and participations as text, which is how changes carry them.

Most fields have one name. Those of which there are several are named with a key: `system:bess-1`
(a `SystemUse`), `account:stage` (an `Account`), `share:stage-a/food` (a `Share`); empty text takes
one away.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from collector.model.event import EventStatus, SystemUse, UseCase
from collector.model.terms import (
    Account,
    Baseline,
    CarbonTerms,
    FuelKind,
    FuelTerms,
    Share,
    TariffTerms,
)

CREATED = "created"
"""The first change of an event (the time, UTC ms) and of a participation (`node/system`)."""
STATUS = "status"
FROM, TO = "from_ms", "to_ms"
USE_CASE = "use_case"
SYSTEM, ACCOUNT, SHARE = "system", "account", "share"
BASELINE = "baseline"

TEXTS = ("name", "job", "client", "site", "timezone", "locale", "notes", "client_notes")
TIMES = ("planned_from_ms", "planned_to_ms", FROM, TO)
TERMS: Mapping[str, Any] = {
    "fuel": FuelTerms,
    "carbon": CarbonTerms,
    "fuels": tuple[FuelKind, ...],
    "tariff": TariffTerms,
    BASELINE: Baseline,
    "demand_window_min": int,
    "min_coverage_pct": float,
}
"""Fields of `Terms` that are set as a whole, with their types."""
KEYED: Mapping[str, Any] = {SYSTEM: SystemUse, ACCOUNT: Account, SHARE: Share}

_TYPES: Mapping[str, Any] = {
    CREATED: str,
    STATUS: EventStatus,
    USE_CASE: UseCase,
    **dict.fromkeys(TEXTS, str),
    **dict.fromkeys(TIMES, int),
    **TERMS,
    **KEYED,
}
OF_EVENTS = frozenset(_TYPES) - {USE_CASE}
OF_PARTICIPATIONS = frozenset({CREATED, FROM, TO, USE_CASE})


class Named(NamedTuple):
    """A field's name in its parts."""

    kind: str
    key: str


def named(field: str) -> Named:
    """`account:stage` as (`account`, `stage`); a field without a key as itself."""
    kind, colon, key = field.partition(":")
    return Named(kind, key) if colon and kind in KEYED else Named(field, "")


def keyed(kind: str, key: str) -> str:
    """The name of a field with a key."""
    return f"{kind}:{key}"


def text_of(value: object) -> str:
    """A field's value as text; None and an empty list are nothing. The same value gives the same
    text."""
    if value is None or value == ():
        return ""
    if isinstance(value, str):
        return str(value)
    return msgspec.json.encode(value).decode()


def value_of(field: str, text: str) -> Any:
    """The value that a field's text says; None for nothing, but for texts.

    Raises ValueError for a field that there is not, or a text that is no value of it.
    """
    kind = named(field).kind
    wanted = _TYPES.get(kind)
    if wanted is None:
        raise ValueError(f"events have no field {field!r}")
    if wanted is str:
        return text
    if text == "":
        return None
    if isinstance(wanted, type) and issubclass(wanted, str):
        return wanted(text)
    try:
        return msgspec.json.decode(text, type=wanted)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{field}: {error}") from error
