"""One search: the plan's hosts are asked at a bounded rate, and what answers is told at once."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import structlog

from collector.discovery import ssdp
from collector.discovery.book import Book
from collector.discovery.hosts import Means, Ports, ask_host
from collector.discovery.mark import Known, busy_ports, shown, untouched
from collector.discovery.pace import Pace
from collector.discovery.plan import Exclusion, Plan, Spot
from collector.model.hosts import canonical_host
from collector.model.text import clean
from collector.profiles.load import Shelf
from collector.profiles.profile import Profile
from collector.sources.modbus.clock import SYSTEM, Clock

WORKERS = 48
TALKS = 8
"""So many hosts are spoken with at a time; the others are only knocked at."""
RESOLVE_S = 3.0
MAX_NOTES = 50

log = structlog.get_logger("discovery")


class World(NamedTuple):
    """How a search reaches the outside. `rate` is connections a second; `profiles` reads those
    that are known, and may take its time."""

    rate: float = 50.0
    profiles: Callable[[], Sequence[Profile]] = tuple
    ports: Ports = Ports()
    group: str = ssdp.GROUP
    clock: Clock = SYSTEM


class Search:
    """One search at work; its fields tell how far it is."""

    def __init__(
        self,
        plan: Plan,
        known: Sequence[Known],
        excluded: Exclusion,
        world: World,
    ) -> None:
        self.hosts = len(plan.spots)
        self.asked = 0
        self.doing = "starting"
        self.notes = list(plan.notes)
        self.book = Book(known)
        self._plan = plan
        self._known = known
        self._excluded = excluded
        self._world = world
        self._pace = Pace(world.rate, world.clock)
        self._means = Means(world.ports, self._pace, asyncio.Semaphore(TALKS))

    async def run(self) -> None:
        """Ask all of them; what is found is in `book` as soon as it is."""
        profiles = await asyncio.to_thread(self._world.profiles)
        self._means = self._means._replace(profiles=profiles)
        alone = {profile.name for profile in profiles if profile.table.modbus.exclusive}
        self._known = [
            one._replace(addresses=addresses, alone=one.alone or one.profile in alone)
            for one, addresses in zip(
                self._known,
                await asyncio.gather(*(resolve(one.host) for one in self._known)),
                strict=True,
            )
        ]
        self.book.know(self._known)
        spots = iter(self._plan.spots)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._shout())
            for _ in range(min(WORKERS, self.hosts)):
                group.create_task(self._work(spots))
        self.doing = ""

    def note(self, text: str) -> None:
        """Tell a person something about the search as a whole."""
        if len(self.notes) < MAX_NOTES and text not in self.notes:
            self.notes.append(text)

    # -- all at once -------------------------------------------------------------------------

    async def _shout(self) -> None:
        ports, group = self._world.ports, self._world.group
        shouts = [ssdp.Shout(str(one.address), group, ports.ssdp) for one in self._plan.shouts]
        shouts += [
            ssdp.Shout("", spot.host, ports.ssdp)
            for spot in self._plan.spots
            if spot.host in self._plan.named and not spot.port and _is_ipv4(spot.host)
            if not self._kept(spot.host)
        ]
        if not shouts:
            return
        allowed = {spot.host for spot in self._plan.spots}
        for answer in await ssdp.listen(shouts, wait_s=ssdp.WAIT_S):
            if answer.host not in allowed or self._kept(answer.host):
                continue
            await self._pace.turn()
            found = await ssdp.describe(answer)
            if found is not None:
                self.book.add(found)

    # -- one by one --------------------------------------------------------------------------

    async def _work(self, spots: Iterator[Spot]) -> None:
        for spot in spots:
            self.doing = f"asking {spot.host}"
            try:
                await self._one(spot)
            except Exception as error:
                log.exception(
                    "{host} could not be asked by a fault of ours",
                    host=spot.host,
                )
                self.note(f"{spot.host}: fault of ours: {type(error).__name__}")
            self.asked += 1

    def _kept(self, host: str) -> list[Known]:
        """The devices because of which a host is left alone."""
        return untouched(host, self._known, self._plan.named)

    async def _one(self, spot: Spot) -> None:
        host = spot.host
        for alias in await resolve(host):
            if self._excluded.holds(alias):
                self.note(f"{host} is {alias}, which node.toml excludes: not asked")
                return
        kept = self._kept(host)
        here = kept or [one for one in self._known if one.heard and one.at(host)]
        for one in here:
            if spot.port in (0, one.port):
                self.book.add(shown(one))
        if kept:
            return
        busy = busy_ports(host, self._known)
        for found in await ask_host(host, spot.port, busy, self._means):
            self.book.add(found)


def shelved(config: Path) -> tuple[Profile, ...]:
    """All sound profiles, the site's own below the folder `config` among them. Reads files."""
    shelf = Shelf(config)
    found = (shelf.find(name)[0] for name in shelf.names())
    return tuple(profile for profile in found if profile is not None)


async def resolve(host: str) -> frozenset[str]:
    """The addresses of a host name; none for an address, or a name that is not known."""
    if _is_address(host):
        return frozenset()
    try:
        async with asyncio.timeout(RESOLVE_S):
            told = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        return frozenset()
    return frozenset(canonical_host(clean(str(each[4][0]))) for each in told)


def _is_address(host: str) -> bool:
    return ":" in host or _is_ipv4(host)


def _is_ipv4(host: str) -> bool:
    try:
        socket.inet_pton(socket.AF_INET, host)
    except OSError:
        return False
    return True
