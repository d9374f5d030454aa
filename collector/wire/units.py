"""What travels when people say what stands where, and what is counted."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from collector.model.assignment import Assignment, Fact, Held
from collector.model.refused import RefusedCount
from collector.wire.base import SCHEMA, Reason, Text, Time


class FactSaid(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact of an asset (`collector.model.assignment.Fact`); an empty value: no more."""

    what: Fact
    key: Annotated[str, Meta(max_length=140)] = ""
    value: Annotated[str, Meta(max_length=4000)]


class AssignRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/assignments`: what an asset has been since `from_ms` (UTC ms; now if left out).
    Without `to_ms` it is so from then on, and the registry says so too; with it the registry stays
    as it is."""

    asset: Annotated[str, Meta(max_length=140)]
    facts: Annotated[tuple[FactSaid, ...], Meta(min_length=1, max_length=50)]
    from_ms: Time | None = None
    to_ms: Time | None = None
    reason: Reason = ""


class AssignmentsAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/assignments`: what `held` when, and the statements behind it in the order in which
    they were made, also those that were replaced. (`POST` answers with those of the asset.)"""

    schema: int = SCHEMA
    held: tuple[Held, ...]
    statements: tuple[Assignment, ...]


class SwapRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/assets/{asset}/swap`: another unit stands there since `at_ms` (now if left out),
    with this fleet number and serial, as far as they are known."""

    unit_no: Annotated[str, Meta(max_length=64)] = ""
    serial: Annotated[str, Meta(max_length=64)] = ""
    at_ms: Time | None = None
    reason: Reason = ""


class SwapAnswer(Struct, frozen=True, kw_only=True):
    """`serial` is pinned there now; empty: whoever answers next will be."""

    schema: int = SCHEMA
    asset: str
    serial: str
    unit_no: str


class MoveRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/assets/{asset}/move` for a device: where it is reached now. Without a host the one
    that is pinned is looked for."""

    host: Annotated[str, Meta(max_length=253)] = ""
    port: Annotated[int, Meta(ge=1, le=65535)] | None = None
    unit: Annotated[int, Meta(ge=0, le=255)] | None = None
    reason: Reason = ""


class MoveAnswer(Struct, frozen=True, kw_only=True):
    """Where devices are reached now, by their ids: `HOST:PORT`, with a unit behind a blank."""

    schema: int = SCHEMA
    places: Mapping[str, str]


class ForgetAnswer(Struct, frozen=True, kw_only=True):
    """Nobody is expected at the device any more: whoever answers next is pinned."""

    schema: int = SCHEMA
    device: str


class RefusedAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/refused`: what counters were not given, and nobody has decided about, the newest
    first; what was decided; how many went undecided because there were too many."""

    schema: int = SCHEMA
    open: tuple[RefusedCount, ...]
    decided: tuple[RefusedCount, ...]
    left_out: int


class AcceptRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/refused/{refused}/accept`: how much is added, in the measurement's unit (all of it
    if left out)."""

    amount: Annotated[float, Meta(gt=0, le=1e9)] | None = None
    note: Text = ""


class DismissRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/refused/{refused}/dismiss`: nothing is added."""

    note: Text = ""


class DecidedAnswer(Struct, frozen=True, kw_only=True):
    """What was decided."""

    schema: int = SCHEMA
    refused: RefusedCount


class Twin(Struct, frozen=True, kw_only=True):
    """Two assets that seem to measure one flow since `since_ms`, by these quantities. A person
    decides by a link of `asset` to `other`: one of `choices`."""

    asset: str
    other: str
    quantities: tuple[str, ...]
    since_ms: int
    choices: tuple[str, ...] = ("same_as", "behind", "apart_from")


class TwinsAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/twins`: overlaps that nobody has decided."""

    schema: int = SCHEMA
    twins: tuple[Twin, ...]


__all__ = [
    "AcceptRequest",
    "AssignRequest",
    "AssignmentsAnswer",
    "DecidedAnswer",
    "DismissRequest",
    "FactSaid",
    "ForgetAnswer",
    "MoveAnswer",
    "MoveRequest",
    "RefusedAnswer",
    "SwapAnswer",
    "SwapRequest",
    "Twin",
    "TwinsAnswer",
]
