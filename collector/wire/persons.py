"""Who asks, what is theirs to do, and the PIN that commands take."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from collector.wire.base import SCHEMA

PinText = Annotated[str, Meta(pattern=r"\A[0-9]{4,12}\Z", description="4 to 12 digits")]
GrantText = Annotated[str, Meta(max_length=64)]


class MeAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/me`. `person` is whoever asks as the audit names them, `transport` over what they
    came (`ovr.sock`, `view.sock`, `tcp`, `tls`); `control`: they may also control devices. `pin`:
    commands take a PIN on this node, which viewers are not told. `node`, `site` and `timezone` are
    the node's, `version` the program's."""

    schema: int = SCHEMA
    person: str
    role: Literal["viewer", "operator"]
    transport: str
    control: bool
    pin: bool
    node: str
    site: str
    timezone: str
    version: str


class UnlockRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/unlock`: the PIN; or a grant that is in force, which then counts for its whole time
    anew."""

    pin: PinText | None = None
    grant: GrantText = ""


class GrantAnswer(Struct, frozen=True, kw_only=True):
    """Commands of this person are taken with this `grant` until it was not used for `idle_s`."""

    schema: int = SCHEMA
    grant: str
    idle_s: int


class GrantRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The grant that `POST /v1/unlock` gave, where a PIN is set."""

    grant: GrantText = ""


class LockedAnswer(Struct, frozen=True, kw_only=True):
    """`POST /v1/lock`: the grant counts no more."""

    schema: int = SCHEMA
    locked: bool = True


class PinRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`PUT /v1/pin`: the PIN from now on, null: none. `old` is the one so far, which root need not
    say."""

    pin: PinText | None
    old: PinText | None = None


class PinAnswer(Struct, frozen=True, kw_only=True):
    """Whether commands take a PIN now."""

    schema: int = SCHEMA
    pin: bool
