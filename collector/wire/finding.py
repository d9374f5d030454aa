"""What travels when people look for devices, and test one."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from collector.model.diagnosis import Diagnosis
from collector.model.discovery import Search
from collector.wire.base import SCHEMA


class DiscoverRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/discover`: networks (10.20.0.0/24), hosts, or HOST:PORT; none: the local networks.
    `confirm`: also during an event, where only hosts may be named."""

    targets: Annotated[tuple[Annotated[str, Meta(max_length=260)], ...], Meta(max_length=64)] = ()
    confirm: bool = False


class DiscoverAnswer(Struct, frozen=True, kw_only=True):
    """The newest search for devices: how far it is, and what it has found. `networks` are those
    that a search without targets would look at."""

    schema: int = SCHEMA
    search: Search
    networks: tuple[str, ...] = ()


class TestRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`POST /v1/registry/test`: the id of a device, or a `[[device]]` table that need not be saved.
    `password` counts instead of the one that is kept, and is not kept. `force`: try it also beside
    the collector that reads it now."""

    device: Annotated[str, Meta(max_length=64)] | dict[str, Any]
    password: Annotated[str, Meta(max_length=4096)] = ""
    force: bool = False

    def __repr__(self) -> str:
        return f"TestRequest({self.device!r})"


class TestAnswer(Struct, frozen=True, kw_only=True):
    """What a test told."""

    schema: int = SCHEMA
    diagnosis: Diagnosis


__all__ = ["DiscoverAnswer", "DiscoverRequest", "TestAnswer", "TestRequest"]
