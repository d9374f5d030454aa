"""What a GX puts into a message: JSON objects with a `value`, in every form seen in the field.

`{"value":12.3}`, the old `{"value": 0.0}`, `{"max":…,"min":…,"value":…}`; `null` and (old) `[]`
mean that the path exists and has no valid value; an empty payload that the service is gone.
"""

import json
import math
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Struct

MAX_BYTES = 262_144
MAX_TEXT = 4096

ECHO_KEY = "full-publish-completed-echo"

Composite = list[Any] | dict[str, Any]
"""A list or an object: a few paths have one (`system/0/Batteries`)."""


class Unusable(NamedTuple):
    """Why a payload says nothing. `reason` is one of a few fixed words."""

    reason: str
    detail: str
    invalid: bool = False
    """The device did say something: that it has no number now."""


class _Message(Struct, gc=False):
    value: Any = UNSET


class _Limits(Struct, gc=False):
    min: float | None = None
    max: float | None = None


class _Completed(Struct, gc=False):
    echo: str | None = msgspec.field(default=None, name=ECHO_KEY)


_decode = msgspec.json.Decoder(_Message).decode
_decode_limits = msgspec.json.Decoder(_Limits).decode
_decode_completed = msgspec.json.Decoder(_Completed).decode


def read_value(payload: bytes) -> float | str | Composite | Unusable | None:
    """The value in a payload that is not empty. Numbers and truth values become float; None is
    "no valid value". Never raises."""
    if len(payload) > MAX_BYTES:
        return Unusable("too large", f"{len(payload)} bytes")
    try:
        value = _decode(payload).value
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        value = _lenient(payload)
        if value is UNSET:
            return Unusable("payload", f"{_excerpt(payload)}: {error}")
    kind = type(value)
    if kind is float or kind is int or kind is bool:
        return _number(value)
    if value is None or value == []:
        return None
    if kind is str:
        if len(value) > MAX_TEXT:
            return Unusable("too large", f"a text of {len(value)} characters")
        return str(value)
    if kind is list or kind is dict:
        known: Composite = value
        return known
    return Unusable("payload", f"{_excerpt(payload)}: no value in it")


def _lenient(payload: bytes) -> Any:
    """The value of JSON with numbers that are none (`NaN` of old Pythons, 1e999); UNSET if it is
    no such thing either."""
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return UNSET
    return told.get("value", UNSET) if isinstance(told, dict) else UNSET


def _number(value: Any) -> float | Unusable:
    try:
        number = float(value)
    except OverflowError:
        return Unusable("not finite", "a whole number beyond all bounds", invalid=True)
    if math.isfinite(number):
        return number
    return Unusable("not finite", str(number), invalid=True)


def read_echo(payload: bytes) -> str | None:
    """The echo in a `full_publish_completed`; None when there is none (Venus before 3.50)."""
    try:
        return _decode_completed(payload[:1024]).echo
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def read_limits(payload: bytes) -> tuple[float | None, float | None]:
    """The least and the most that a payload states beside its value; None where it does not."""
    try:
        told = _decode_limits(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None, None
    return told.min, told.max


def _excerpt(payload: bytes) -> str:
    return repr(payload[:80])
