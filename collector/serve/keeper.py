"""The registry while the collector runs: who changes it, and when a change is in force.

A change over the API is in force when it is answered. A hand edit of registry.toml is taken up
once the file has stood still for a second; a broken one is refused, and what it says is shown
while the old registry stays in force. One that takes something from an active event waits until
somebody says `apply`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog
from msgspec import Struct, structs

from collector.config.load import LoadedRegistry, check_registry, load_registry
from collector.config.paths import Home
from collector.config.problems import ConfigError, HomeError
from collector.config.secrets import set_secret
from collector.config.still import Still
from collector.config.write import content_of, keep_version, undo, would_be
from collector.model.assets import Device
from collector.profiles.load import Shelf
from collector.serve.registry import RegistryDesk, etag
from collector.wire import RegistryAnswer

LOOK_S = 1.0
BY_HAND = "registry.toml"
"""Who changed the registry, when nobody knows more than that the file is another."""
REACHED = ("kind", "host", "port", "unit", "portal_id", "serial")
"""Keys that say which device is meant, and where it is."""

NOTHING = (0, 0, 0)
"""The state of a file that is not there."""

log = structlog.get_logger("registry")


class Change(Struct, frozen=True, kw_only=True):
    """Another registry comes into force: what was, what is, who did it and why. `at_ms` is since
    when it has been so (UTC ms; None: from now on)."""

    before: LoadedRegistry
    after: LoadedRegistry
    person: str
    reason: str = ""
    at_ms: int | None = None


class RegistryKeeper:
    """Keeps `registry.toml` of `home` and what is in force the same.

    `take_up` brings a change into force and returns when it is; `active` gives the systems that
    take part in an active event.
    """

    def __init__(
        self,
        home: Home,
        environ: Mapping[str, str],
        in_force: LoadedRegistry,
        *,
        take_up: Callable[[Change], Awaitable[None]],
        active: Callable[[], Collection[str]] = frozenset,
    ) -> None:
        self.in_force = in_force
        self.problem = ""
        """What is wrong with the file, or why it waits; "" when it is what is in force."""
        self._home = home
        self._environ = environ
        self._desk = RegistryDesk(home, environ)
        self._take_up = take_up
        self._active = active
        self._lock = asyncio.Lock()
        self._waits: tuple[str, ...] = ()
        self._file = Still(self._stat)
        self._content = self._bytes()
        """The bytes of what is in force."""

    # -- what people ask ---------------------------------------------------------------------

    async def read(self) -> RegistryAnswer:
        """What the file says, and what of it waits. Raises ConfigError, HomeError."""
        return self._told(await asyncio.to_thread(self._desk.read))

    async def lenient(self) -> RegistryAnswer:
        """The same; of a file that is no TOML, no tables. Raises HomeError."""
        return self._told(await asyncio.to_thread(self._desk.lenient))

    async def check(self, tables: Mapping[str, Any]) -> RegistryAnswer:
        """What the registry would be with `tables`; nothing is written. Raises ConfigError."""
        return self._told(await asyncio.to_thread(self._desk.check, tables))

    async def described(self, table: Mapping[str, Any]) -> Device:
        """The device that a `[[device]]` table describes, saved or not. Raises ConfigError."""
        tables = {"device": [dict(table)]}
        loaded = await asyncio.to_thread(check_registry, self._home, self._environ, tables)
        return loaded.devices[0]

    def shelf(self) -> Shelf:
        """The profiles that devices can be read by, as they are on the disk now."""
        return Shelf(self._home.config)

    @property
    def event_on(self) -> bool:
        """Whether any system takes part in an active event."""
        return bool(self._active())

    async def replace(
        self,
        tables: Mapping[str, Any],
        expect: str,
        *,
        person: str,
        reason: str = "",
        at_ms: int | None = None,
    ) -> RegistryAnswer:
        """Make `tables` the registry if the file is still at the ETag `expect`.

        Raises ConfigError with all problems, RegistryChanged, HomeError; then the old one stands.
        """
        async with self._lock:
            checked, told = await asyncio.to_thread(self._desk.replace, tables, expect)
            await self._force(checked, person, reason, at_ms)
            return self._told(told)

    async def undo(self, *, person: str, reason: str = "") -> RegistryAnswer:
        """Put the version before the last change back. Raises NotPossible without one, and
        ConfigError when it cannot be used: then the file is as it was put back, the registry in
        force as it was."""
        async with self._lock:
            await asyncio.to_thread(undo, self._home)
            loaded = await asyncio.to_thread(load_registry, self._home, self._environ)
            await self._force(loaded, person, reason or "undo")
        return await self.read()

    async def earlier(self) -> RegistryAnswer:
        """What `undo` would put back; nothing is changed. Raises what `undo` raises."""
        return await self.check(await asyncio.to_thread(would_be, self._home))

    async def apply(self, *, person: str, reason: str = "") -> RegistryAnswer:
        """Bring the file into force as it is, also what waited. Raises ConfigError."""
        async with self._lock:
            loaded = await asyncio.to_thread(load_registry, self._home, self._environ)
            await self._force(loaded, person, reason)
        return await self.read()

    async def set_secret(self, name: str, value: str, *, person: str) -> None:
        """Keep a password or token; devices that use it are connected anew. Raises ConfigError."""
        async with self._lock:
            await asyncio.to_thread(set_secret, self._home, name, value)
            if self.problem:
                return  # what is in force is not what the file says
            loaded = await asyncio.to_thread(load_registry, self._home, self._environ)
            if loaded.devices != self.in_force.devices:
                await self._force(loaded, person, f"the secret {name}")

    # -- hand edits --------------------------------------------------------------------------

    async def run(self, ready: Callable[[], None]) -> None:
        """Look at the file once a second until cancelled."""
        ready()
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Take up a hand edit that stood still since the last look."""
        if self._file.look() is None:
            return
        async with self._lock:
            await self._edited()

    async def _edited(self) -> None:
        file = self._home.registry_toml
        if self._content is not None:
            try:
                await asyncio.to_thread(keep_version, self._home, self._content)
            except HomeError as error:
                log.warning(
                    "The registry as it was before a hand edit is not kept, so there is no undo "
                    "of it",
                    cause=str(error),
                )
        if self._file.taken == NOTHING and self.in_force.revision:
            self._refuse(f"{file} is gone, what it said stays in force: put it back, or save one")
            return
        try:
            loaded = await asyncio.to_thread(load_registry, self._home, self._environ)
        except (ConfigError, HomeError) as error:
            self._refuse(f"the edited registry is refused, the former stays in force: {error}")
            return
        if loaded.revision == self.in_force.revision:
            self._settle()
            return
        self._waits = takes_from(self.in_force, loaded, self._active())
        if self._waits:
            told = "; ".join(self._waits)
            self._refuse(f"the edited registry waits for `ovr registry apply`: {told}")
            return
        await self._force(loaded, BY_HAND, "edited by hand")

    def _refuse(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            log.warning(
                "registry.toml is not taken up, the former one stays in force", cause=problem
            )

    # -- into force --------------------------------------------------------------------------

    async def _force(
        self, loaded: LoadedRegistry, person: str, reason: str, at_ms: int | None = None
    ) -> None:
        change = Change(
            before=self.in_force, after=loaded, person=person, reason=reason, at_ms=at_ms
        )
        self.in_force = loaded
        self._settle()
        await self._take_up(change)
        log.info(
            "Another registry is in force: {devices} devices, by {person}.",
            person=person,
            devices=len(loaded.devices),
        )

    def _settle(self) -> None:
        self._waits = ()
        self.problem = ""
        self._file.settle()
        self._content = self._bytes()

    def _bytes(self) -> bytes | None:
        try:
            return content_of(self._home)
        except HomeError:
            return None  # it was readable a moment ago; the next look tells what is wrong with it

    def _told(self, answer: RegistryAnswer) -> RegistryAnswer:
        return structs.replace(
            answer, in_force=etag(self.in_force.revision), waits=self._waits, problem=self.problem
        )

    def _stat(self) -> tuple[int, int, int]:
        try:
            found = os.stat(self._home.registry_toml)  # noqa: PTH116  a path may be a broken link
        except OSError:
            return NOTHING
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def takes_from(
    before: LoadedRegistry, after: LoadedRegistry, active: Collection[str]
) -> tuple[str, ...]:
    """What a change takes from systems in an active event, in words: devices that go, are
    disabled, are reached otherwise, or belong to another system."""
    if not active:
        return ()
    devices = {device.id: device for device in after.devices}
    found = []
    for old in before.devices:
        systems = _systems_of(before, old)
        if not systems & set(active):
            continue
        new = devices.get(old.id)
        if new is None:
            found.append(f"{old.id} is removed")
        elif old.enabled and not new.enabled:
            found.append(f"{old.id} is disabled")
        elif any(getattr(old, key) != getattr(new, key) for key in REACHED):
            found.append(f"{old.id} is reached otherwise ({_place(old)} → {_place(new)})")
        elif _systems_of(after, new) != systems:
            now = ", ".join(sorted(_systems_of(after, new)))
            found.append(f"{old.id} goes to another system ({now})")
    return tuple(found)


def _systems_of(registry: LoadedRegistry, device: Device) -> set[str]:
    """The systems of a device and of its assets."""
    own = (
        settings.system
        for asset, settings in registry.settings.items()
        if asset.partition(".")[0] == device.id
    )
    return {device.system or device.id, *filter(None, own)}


def _place(device: Device) -> str:
    return f"{device.host}:{device.port}"
