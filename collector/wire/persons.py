"""Who asks, and what is theirs to do: the structs of `/v1/me`."""

from typing import Literal

from msgspec import Struct

from collector.wire.base import SCHEMA


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
