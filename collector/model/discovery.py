"""What a search for devices tells: how far it is, and what it has found."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from collector.model.kinds import AssetKind, DeviceKind

Standing = Literal["new", "known", "moved", "swapped"]
"""new: nobody reads it yet · known: the registry has it, here · moved: the registry has it, at
another address · swapped: the registry expects another one at this address."""

SearchState = Literal["never", "running", "done", "cancelled", "failed"]


class Found(Struct, frozen=True, kw_only=True):
    """One device that answered, or one that is read already and was not asked.

    `host`, `port` and `unit` are where it is read best; `units` all Modbus unit ids under which it
    answers. `serial` is what would be pinned (a GX's portal id). `sure`: it said what it is;
    otherwise it only behaves so. `ways` are how it was seen (ssdp, mqtt, modbus, solar api,
    collector). `device` is the registry's entry that `standing` speaks of, `moved_from` where that
    one expects it. `id`, `title` and `asset_kind` are proposals; `table` is a `[[device]]` table
    with them, ready for the registry, empty when there is nothing to add. `hints` are for people.
    """

    kind: DeviceKind
    host: str
    port: int
    unit: int | None = None
    units: tuple[int, ...] = ()
    tls: bool = False
    maker: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    sure: bool = True
    profile: str = ""
    ways: tuple[str, ...] = ()
    standing: Standing = "new"
    device: str = ""
    moved_from: str = ""
    needs_password: bool = False
    id: str = ""
    title: str = ""
    asset_kind: AssetKind | None = None
    table: Mapping[str, Any] = {}
    hints: tuple[str, ...] = ()


class Search(Struct, frozen=True, kw_only=True):
    """One search. `asked` of `hosts` addresses were looked at; `doing` says what is done now, in
    words. `notes` tell what was left out and why. Times are UTC milliseconds."""

    state: SearchState = "never"
    targets: tuple[str, ...] = ()
    person: str = ""
    started_ms: int = 0
    ended_ms: int | None = None
    hosts: int = 0
    asked: int = 0
    doing: str = ""
    found: tuple[Found, ...] = ()
    notes: tuple[str, ...] = ()
    cause: str = ""
