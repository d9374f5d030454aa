"""What travels when devices are set up: profiles, pairing, and taking a change back."""

from typing import Annotated

from msgspec import Meta, Struct

from collector.model.kinds import AssetKind, DeviceKind
from collector.wire.base import SCHEMA, Reason


class UndoRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/registry/undo`: why; with `dry_run` the answer only tells what it would be."""

    reason: Reason = ""
    dry_run: bool = False


class ProfileTold(Struct, frozen=True, kw_only=True):
    """A profile that this node can read devices by. `device` is the kind of device that it is for,
    `asset` what its main asset is; both None when it cannot be used, for which `problem` says why.
    """

    name: str
    title: str = ""
    maker: str = ""
    models: tuple[str, ...] = ()
    device: DeviceKind | None = None
    asset: AssetKind | None = None
    shipped: bool = True
    problem: str = ""


class ProfilesAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/profiles`, by name."""

    schema: int = SCHEMA
    profiles: tuple[ProfileTold, ...]


class PairRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/registry/pair`: the GX `device` makes a login for this node, which is kept.
    `password` is that of its security profile; without it its pairing mode must be on."""

    device: Annotated[str, Meta(max_length=64)]
    password: Annotated[str, Meta(max_length=1000)] = ""
    https_port: Annotated[int, Meta(ge=1, le=65535)] = 443
    reason: Reason = ""

    def __repr__(self) -> str:
        return f"PairRequest({self.device!r})"


class PairAnswer(Struct, frozen=True, kw_only=True):
    """The login that the GX has made; its password is kept, and told to nobody. `fingerprint` is
    that of the certificate of the GX's page."""

    schema: int = SCHEMA
    device: str
    username: str
    fingerprint: str
    changes: str = ""


__all__ = ["PairAnswer", "PairRequest", "ProfileTold", "ProfilesAnswer", "UndoRequest"]
