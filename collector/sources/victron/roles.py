"""Which services make which assets: pure decisions, no values are written here."""

from collections.abc import Iterable, Sequence
from itertools import chain, count
from typing import NamedTuple, Protocol

from collector.model.kinds import AssetKind
from collector.model.text import clean
from collector.sources.victron.derive.battery import rank
from collector.sources.victron.derive.common import num, text
from collector.sources.victron.derive.solar import has_panels
from collector.sources.victron.derive.tank import is_fuel
from collector.sources.victron.ids import role_of, serial_of, slug
from collector.sources.victron.tree import Service

INVERTERS = ("vebus", "acsystem", "multi", "inverter")
"""In this order one kind is the battery system's inverter; the kinds are never added up: an
`acsystem` is the sum of its `multi`."""

ENGINES = ("genset", "dcgenset")

KINDS = {
    "grid": AssetKind.GRID,
    "acload": AssetKind.LOAD,
    "pvinverter": AssetKind.PV,
    "solarcharger": AssetKind.PV,
    "tank": AssetKind.TANK,
    "battery": AssetKind.BESS,
    "genset": AssetKind.GENERATOR,
    "dcgenset": AssetKind.GENERATOR,
    "generator": AssetKind.GENERATOR,
    "alternator": AssetKind.GENERATOR,
    "fuelcell": AssetKind.GENERATOR,
    "heatpump": AssetKind.LOAD,
    "evcharger": AssetKind.LOAD,
    "dcload": AssetKind.LOAD,
    "dcsystem": AssetKind.LOAD,
    "multi": AssetKind.PV,
    "inverter": AssetKind.PV,
}
"""What a service is as an asset of its own; of an inverter of the RS family it is its panels, for
what it does with the battery is the main asset's."""

PLAIN = {"grid": "grid", "genset": "genset", "dcgenset": "genset"}
"""Kinds whose first device has a plain role."""

ROLE = "role"
"""The fact that is kept of each device of such a kind: which of them is the plain one would else
hang on their order, which a GX that numbers them anew changes."""

RELAY_ROLE = "genset-relay"

MAX_KNOWN = 200
"""More devices than this no GX has; a serial number that changes for ever makes no more assets."""


class Line(NamedTuple):
    """What is said in words: at which asset, under which topic."""

    role: str
    topic: str


class Memory(Protocol):
    """Facts of a device that outlive a restart (`DeviceImage`)."""

    def pin(self, fact: str, value: str) -> None:
        """Keep a fact; what is kept already stays."""

    def pinned(self, fact: str) -> str:
        """What was kept; "" when nothing."""


class Roles:
    """Gives each device its role, and gives it the same one again. Outlives connections; what
    follows from the order in which devices are heard is in `memory` beyond restarts."""

    def __init__(self) -> None:
        self.memory: Memory | None = None
        self._known: dict[str, str] = {}
        self.remarks: dict[Line, str] = {}
        """What services said beside their readings, as far as the image was told."""
        self.meters: dict[str, str] = {}
        """By role the kind of each device that has measured an AC input: energy that was counted
        there is never the main asset's, even while the device is gone."""

    def assign(self, service: Service, services: Iterable[Service]) -> str | None:
        """The role of `service`, which is one of `services`; None when no more can be given.

        A device that stands at another instance now takes its role along from the service that is
        gone. One that was never seen takes the plain role of one that is gone: a generator or a
        grid meter that was swapped stands at the same place, and what is linked to it stays. One
        serial number may be said by services of several kinds (a meter that is read as grid and as
        PV inverter).
        """
        identity = f"{service.kind} {serial_of(service.values) or service.instance}"
        plain, fact = PLAIN.get(service.kind), clean(f"{ROLE} {identity}")
        if plain and self.memory is not None and identity not in self._known:
            before = self.memory.pinned(fact)
            if before:
                self._known[identity] = before
        inherits = self._known.get(identity, plain)
        taken = set()
        for other in services:
            if other is service or other.role is None:
                continue
            if other.gone and other.role == inherits:
                other.role = None
            else:
                taken.add(other.role)
        own = role_of(service.kind, service.instance, service.values)
        wishes = [self._known.get(identity), plain, own, f"{own}-{slug(service.instance)}"]
        more = (f"{own}-{number}" for number in count(2))
        role = next(wish for wish in chain(wishes, more) if wish and wish not in taken)
        if identity not in self._known and len(self._known) >= MAX_KNOWN:
            return None
        self._known[identity] = role
        if plain and self.memory is not None:
            self.memory.pin(fact, role)
        return role


def order(services: Iterable[Service], kinds: Sequence[str]) -> list[Service]:
    """The services of `kinds`, kind by kind, by instance."""
    found = [service for service in services if service.kind in kinds]
    return sorted(found, key=lambda s: (kinds.index(s.kind), rank(s.instance)))


def choose_inverters(services: Iterable[Service], named: str) -> list[Service]:
    """The inverter/chargers of the battery system: of the first kind that is there, one vebus or
    acsystem (the one that systemcalc names by instance, else the lowest), or all of the others."""
    usable = [service for service in services if service.usable]
    for kind in INVERTERS:
        found = order(usable, (kind,))
        if not found:
            continue
        if kind in ("vebus", "acsystem"):
            return [next((s for s in found if s.instance == named), found[0])]
        return found
    return []


def logic_of(
    engine: Service | None, engines: Sequence[Service], logics: Sequence[Service]
) -> Service | None:
    """The start/stop logic that drives `engine` (None: the one that drives a relay).

    A GX drives one engine on a bus (`generator/1`, which names it, else it is the first) and one
    by relay (`generator/0`); alone, it drives whatever engine there is.
    """
    bus = [s for s in logics if s.instance != "0" or text(s.values, "GensetService")]
    driving = bus[0] if bus else logics[0] if len(logics) == 1 and engines else None
    if engine is None:
        return next((s for s in logics if s is not driving), None) if engines else _any(logics)
    if driving is None or not engines:
        return None
    named = num(driving.values, "GensetInstance")
    target = next(
        (e for e in engines if named is not None and e.instance == str(int(named))), engines[0]
    )
    return driving if target is engine else None


def _any(logics: Sequence[Service]) -> Service | None:
    known = (s for s in logics if num(s.values, "State") is not None)
    return next(known, None)


def measures_something(service: Service) -> bool:
    """Whether the service is an asset; a tank of water is none, nor is an inverter without panels
    of its own (one that had some keeps its asset at night)."""
    if service.kind == "tank":
        return is_fuel(service.values)
    if service.kind in INVERTERS:
        return service.role is not None or has_panels(service.values)
    return True
