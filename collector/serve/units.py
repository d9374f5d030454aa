"""Which unit, system, role, link, rating and account an asset has: said by people, while the
collector runs, of now and of the past.

What is so now stands in registry.toml and in the pins; what was is in the assignments.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from collector.assignments.book import AHEAD_MS, MET, AssignmentBook
from collector.assignments.written import written
from collector.errors import NotPossible, OvrError
from collector.model.assets import Device
from collector.model.assignment import NUMBER, SERIAL, About, Fact
from collector.model.tables import Tables, device_of, set_device
from collector.model.text import clean
from collector.serve.keeper import RegistryKeeper
from collector.site.identities import same
from collector.site.site import Site

IDENTITY = ("portal_id", "serial")
"""Keys of a device that state who it is."""
CERTIFICATE = "fingerprint"


class Said(Struct, frozen=True, kw_only=True):
    """Who says it, why, and since when it has been so (UTC ms; None: from now on)."""

    person: str
    reason: str = ""
    at_ms: int | None = None


class Place(Struct, frozen=True, kw_only=True):
    """Where a device is reached; None: as it was."""

    host: str
    port: int | None = None
    unit: int | None = None


class Swapped(Struct, frozen=True, kw_only=True):
    """A unit was swapped. `serial` is pinned now; "": whoever answers next is."""

    asset: str
    serial: str
    unit_no: str = ""


class Moved(Struct, frozen=True, kw_only=True):
    """Devices that are reached elsewhere now, each with its new place."""

    places: Mapping[str, Place]


class UnitDesk:
    """What people say about units and assignments. All methods raise NotPossible for what cannot
    be, StoreError, and what the keeper raises.

    `save` keeps counters and pins now; `again` connects a device anew. `seek` may be set: it looks
    in the network for an identity, and gives its place or None.
    """

    def __init__(
        self,
        site: Site,
        keeper: RegistryKeeper,
        book: AssignmentBook,
        *,
        save: Callable[[], Awaitable[None]],
        again: Callable[[str], Awaitable[None]],
        now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.seek: Callable[[str], Awaitable[Place | None]] | None = None
        self._site = site
        self._keeper = keeper
        self._book = book
        self._save = save
        self._again = again
        self._now_ms = now_ms
        self._since_ms: dict[str, int] = {}
        """Since when somebody stands at a device whom nobody knows yet."""
        self._met: dict[str, str] = {}
        self._news = asyncio.Event()
        site.identities.met = self._note

    @property
    def book(self) -> AssignmentBook:
        """All that was stated."""
        return self._book

    async def run(self, ready: Callable[[], None]) -> None:
        """State who was met at first contacts, until cancelled."""
        ready()
        while True:
            await self._news.wait()
            met = dict(self._met)
            since = {name: self._since_ms[name] for name in met if name in self._since_ms}
            now = {_serial_at(name): serial for name, serial in met.items() if name not in since}
            await self._book.state(now, person="", reason=MET)
            for name, since_ms in since.items():
                facts = {_serial_at(name): met[name]}
                await self._book.state(facts, person="", reason=MET, from_ms=since_ms)
                self._since_ms.pop(name, None)
            self._met = {n: s for n, s in self._met.items() if met.get(n) != s}
            if not self._met:
                self._news.clear()

    def _note(self, name: str, serial: str) -> None:
        self._met[name] = serial
        self._news.set()

    async def assign(
        self, facts: Mapping[About, str], said: Said, *, to_ms: int | None = None
    ) -> None:
        """Facts hold from then on: the registry says so too. With `to_ms` (UTC ms) they held until
        then, and the registry stays as it is."""
        self._past(said.at_ms)
        for about in facts:
            self._known(about.asset)
        if to_ms is not None:
            await self._state(facts, said, to_ms)
            return
        before = await self._keeper.read()
        tables = written(before.registry, facts)
        if tables == before.registry:
            await self._state(facts, said)  # it is so already, and was before
        else:
            await self._replace(tables, before.etag, said)

    async def swap(self, asset: str, said: Said, *, unit_no: str = "", serial: str = "") -> Swapped:
        """Another unit stands at an asset. Its counters begin with what they show next, nothing is
        added by that. A main asset's device is known by `serial` from now on; where that is not
        said, by whoever answers there instead of the expected one, else by whoever answers next."""
        self._past(said.at_ms)
        device, _, role = self._known(asset).partition(".")
        before = await self._keeper.read()
        tables: Tables = before.registry
        facts = {About(asset, Fact.UNIT, NUMBER): unit_no} if unit_no else {}
        if not role:
            serial, model = self._newcomer(device, serial)
            tables = _identified(tables, device, serial)
        tables = written(tables, facts)
        await self._keeper.check(tables)
        pins = self._site.identities.pins
        if not role:
            self._site.identities.replace(device, serial, model)
        self._site.rebase(device, role or None)
        try:
            await self._save()
            if tables != before.registry:
                await self._replace(tables, before.etag, said)
            elif facts:
                await self._state(facts, said)
        except OvrError:
            self._site.identities.put_back(pins)
            raise
        if not role or serial:
            await self._state({_serial_at(asset): serial}, said)
        if not role:
            if said.at_ms is not None and not serial:
                self._since_ms[device] = said.at_ms
            await self._again(device)
        return Swapped(asset=asset, serial=serial, unit_no=unit_no)

    async def forget(self, device: str, said: Said) -> None:
        """Nobody is expected at a device any more: whoever answers next is pinned."""
        self._image(device)
        before = await self._keeper.read()
        tables = _identified(before.registry, device, "")
        await self._keeper.check(tables)
        self._site.identities.forget(device)
        await self._save()
        if tables != before.registry:
            await self._replace(tables, before.etag, said)
        await self._again(device)

    async def move(self, device: str, place: Place, said: Said) -> Moved:
        """A device is reached elsewhere from now on; it is told from others by its identity."""
        self._image(device)
        return await self._to({device: place}, said)

    async def found(self, device: str, said: Said) -> Moved:
        """Look for a device at the addresses where others are expected; when it answers at one of
        them, its entry gets that address, and so on until nobody has to share one. Else it is
        sought in the network, where that is possible."""
        expected = self._site.identities.expected(self._image(device))
        if not expected:
            raise NotPossible(f"{device} has no identity yet that could be looked for")
        places = dict(self._exchanged(device))
        if not places:
            sought = await self.seek(expected) if self.seek is not None else None
            if sought is None:
                raise NotPossible(
                    f"{expected} answers at none of the registry's addresses, and the last search "
                    f"has not seen it: ovr discover, then this again; or ovr asset move {device} "
                    f"--address HOST[:PORT]"
                )
            places = {device: sought}
        return await self._to(places, said)

    # -- how ---------------------------------------------------------------------------------

    def _past(self, at_ms: int | None) -> None:
        if at_ms is not None and at_ms > self._now_ms() + AHEAD_MS:
            raise NotPossible("what is so since a time ahead is not so yet: say it then")

    def _known(self, asset: str) -> str:
        """The asset, if its device is registered."""
        self._image(asset.partition(".")[0])
        return asset

    def _image(self, device: str) -> Device:
        image = self._site.images.get(device)
        if image is None:
            raise NotPossible(f"there is no device {clean(device)} in the registry")
        return image.device

    def _newcomer(self, device: str, serial: str) -> tuple[str, str]:
        """Serial and model of who stands at a device now."""
        identities = self._site.identities
        stranger = identities.strangers.get(device)
        model = ""
        if stranger is not None and (not serial or same(serial, stranger.serial)):
            serial, model = stranger.serial, stranger.model
        for name, image in self._site.images.items():
            if serial and name != device and same(identities.expected(image.device), serial):
                raise NotPossible(
                    f"{serial} is {name}, which is expected at {image.device.host}: if the two "
                    f"have changed places, ovr asset move {device} --seek; if {name} stands here "
                    f"for good, ovr asset forget {name} first"
                )
        return serial, model

    def _exchanged(self, device: str) -> Iterator[tuple[str, Place]]:
        """The new places of `device` and of all that must make room, as far as each was seen."""
        identities, images = self._site.identities, self._site.images
        name = device
        for _ in range(len(images)):
            there = identities.seen_at(identities.expected(images[name].device))
            if not there:
                if name != device:
                    raise NotPossible(
                        f"{device} answers where {name} is expected, and {name} is not found "
                        f"anywhere: move {name} first"
                    )
                return
            target = images[there].device
            yield name, Place(host=target.host, port=target.port, unit=target.unit)
            name = there
            if name == device:
                return

    async def _to(self, places: Mapping[str, Place], said: Said) -> Moved:
        before = await self._keeper.read()
        tables: Tables = before.registry
        for device, place in places.items():
            tables = set_device(tables, device, _address(tables, device, place))
        await self._replace(tables, before.etag, said)
        return Moved(places=places)

    async def _replace(self, tables: Tables, etag: str, said: Said) -> None:
        await self._keeper.replace(
            tables, etag, person=said.person, reason=said.reason, at_ms=said.at_ms
        )

    async def _state(
        self, facts: Mapping[About, str], said: Said, to_ms: int | None = None
    ) -> None:
        await self._book.state(
            facts, person=said.person, reason=said.reason, from_ms=said.at_ms, to_ms=to_ms
        )


def _serial_at(asset: str) -> About:
    return About(asset, Fact.UNIT, SERIAL)


def _identified(tables: Tables, device: str, serial: str) -> dict[str, Any]:
    """The registry with another identity of a device where it states one, and without the
    certificate of the former."""
    entry = device_of(tables, device)
    changes: dict[str, Any] = {key: serial or None for key in IDENTITY if entry.get(key)}
    if entry.get(CERTIFICATE):
        changes[CERTIFICATE] = None
    return set_device(tables, device, changes) if changes else dict(tables)


def _address(tables: Tables, device: str, place: Place) -> dict[str, Any]:
    """The keys of a device's address. A port or unit that is not written stays so where it is the
    usual one."""
    usual = "unit" not in device_of(tables, device) and place.unit == 1
    changes = {"host": place.host, "port": place.port, "unit": None if usual else place.unit}
    return {key: value for key, value in changes.items() if value is not None}
