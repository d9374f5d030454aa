"""Whatever a GX says in whatever order: what is live is what it says, and nothing counts twice."""

import json
from collections.abc import Iterator
from random import Random

import pytest

from collector.sources.victron.assets import DERIVE
from collector.sources.victron.derive import genset
from collector.sources.victron.derive.common import Derived
from collector.sources.victron.derive.main import main
from collector.sources.victron.flows import MAIN, SAME
from collector.sources.victron.roles import ENGINES, KINDS, logic_of, measures_something
from collector.sources.victron.tree import Service
from tests.victron.bench import PORTAL, Bench

PATHS = {
    "solarcharger": ("Yield/Power", "State", "Yield/System"),
    "pvinverter": ("Ac/Power", "Ac/L1/Energy/Forward"),
    "tank": ("FluidType", "Level"),
    "grid": ("Ac/Power", "Ac/Energy/Forward"),
    "genset": ("StatusCode", "Ac/Power"),
    "dcgenset": ("StatusCode", "Dc/0/Power"),
    "generator": ("State", "AccumulatedRuntime", "GensetInstance", "GensetService"),
    "battery": ("Soc", "Dc/0/Power", "History/ChargedEnergy"),
    "acload": ("Ac/Power",),
    "vebus": ("Ac/Out/P", "State"),
    "acsystem": ("Ac/Out/P",),
    "multi": ("Ac/Out/P", "Yield/Power", "Yield/System", "MppOperationMode"),
    "evcharger": ("Ac/Power", "Session/Energy", "Ac/Energy/Forward", "Position"),
    "alternator": ("Dc/0/Power", "State", "History/EnergyOut"),
    "dcsystem": ("Dc/0/Power", "History/EnergyIn"),
    "dcload": ("Dc/0/Power", "History/EnergyIn"),
    "temperature": ("Temperature", "TemperatureType", "Status"),
    "digitalinput": ("State", "Alarm"),
}
GONE = "gone"
VALUES: dict[str, tuple[object, ...]] = {
    "Serial": ("AAAA1", "BBBB2", None, "", GONE),
    "Connected": (1, 1, 0, GONE),
    "GensetService": ("com.victronenergy.genset.x", "", None),
}
NUMBERS: tuple[object, ...] = (0, 1, 2, 5.5, 8, None, "text", GONE)
BATTERIES = "system/0/Batteries"


def _active(instance: int) -> list[dict[str, object]]:
    return [{"active_battery_service": True, "instance": instance, "id": "x.battery.y"}]


SYSTEM: tuple[tuple[str, object], ...] = (
    ("system/0/ActiveBatteryService", "com.victronenergy.battery/0"),
    ("system/0/ActiveBatteryService", None),
    (BATTERIES, _active(0)),
    (BATTERIES, _active(1)),
    (BATTERIES, []),
    ("system/0/Dc/Battery/Soc", 50),
    ("system/0/Dc/Battery/Soc", GONE),
)


def steps(random: Random, count: int) -> Iterator[tuple[str, object]]:
    """So many messages, ticks, ends of full publishes, losses and new connections."""
    for _ in range(count):
        kind, chance = random.choice(sorted(PATHS)), random.random()
        if chance < 0.1:
            yield "tick", random.choice((0, 1, 3, 6))
        elif chance < 0.15:
            yield "completed", None
        elif chance < 0.2:
            yield "lost", (kind, random.choice("01"))
        elif chance < 0.21:
            yield "reconnected", None
        elif chance < 0.25:
            yield random.choice(SYSTEM)
        else:
            path = random.choice((*PATHS[kind], *PATHS[kind], "Serial", "Connected"))
            value = random.choice(VALUES.get(path, NUMBERS))
            yield f"{kind}/{random.choice('01')}/{path}", value


@pytest.mark.parametrize("seed", range(150))
def test_any_gx(seed: int) -> None:
    """At each tick every asset that is there has exactly the values and registers of a device that
    is there, each device has one role, and each meter at an AC input is checked, not added."""
    bench = Bench()
    for step, value in steps(Random(seed), 200):
        if step in ("tick", "completed"):
            bench.clock.now += value if isinstance(value, int) else 0
            bench.say({}, complete=step == "completed")
            check(bench)
        elif step == "lost":
            lose(bench, value)
        elif step == "reconnected":
            bench = reconnected(bench)
        else:
            payload = b"" if value == GONE else json.dumps({"value": value}).encode()
            bench.tree.take(f"N/{PORTAL}/{step}", payload)
    bench.say({})
    check(bench)


def reconnected(bench: Bench) -> Bench:
    """Another connection to the same image, for which nothing counts that was said before."""
    bench.image.reset()
    bench.image.readings.clear()
    bench.image.counters.clear()
    return Bench(bench.roles, bench.image)


def lose(bench: Bench, key: object) -> None:
    """A service vanishes: an empty payload on each of its topics."""
    for service in list(bench.tree.services.values()):
        if (service.kind, service.instance) == key:
            for slot in service.slots:
                topic = f"N/{PORTAL}/{service.kind}/{service.instance}/{slot.path}"
                bench.tree.take(topic, b"")


def check(bench: Bench) -> None:
    """What the image was told against what the services hold."""
    there = [s for s in bench.tree.services.values() if s.role is not None and s.usable]
    holders = {service.role or "": service for service in there}
    assert len(holders) == len(there)
    for role in bench.writer.roles:
        if not bench.image.gone(role):
            whole = role == MAIN
            told = main(bench.assets._parts()) if whole else expected(bench, holders.get(role))
            assert known(bench, role) == {k: v for k, v in told.readings.items() if v is not None}
            assert registers(bench, role) == {c.measurement: c.raw for c in told.counters}
    for role, service in holders.items():
        if role in bench.writer.roles and service.settled and measures_something(service):
            assert not bench.image.gone(role)
            assert bench.image.assets[role].kind is KINDS[service.kind]
    if MAIN in bench.writer.roles:
        for role, service in holders.items():
            power = SAME.get(service.kind, ("",))[0]
            if power in known(bench, role) and not bench.image.gone(role):
                assert power in bench.image.links["same", MAIN, role]


def expected(bench: Bench, service: Service | None) -> Derived:
    """What an asset says that `service` measures; None: a generator that a relay starts."""
    assets = bench.assets
    logic = logic_of(
        service if service and service.kind in ENGINES else None, assets._engines, assets._logics
    )
    told = logic.values if logic is not None else None
    if service is None:
        assert logic is not None
        return genset.genset(None, told)
    if service.kind in ENGINES:
        return genset.genset(service.values, told, direct_current=service.kind == "dcgenset")
    assert measures_something(service)
    return DERIVE[service.kind](service.values)


def known(bench: Bench, role: str) -> dict[str, float]:
    """An asset's readings that have a value."""
    told = bench.image.readings.get(role, {})
    return {key: value for key, value in told.items() if value is not None}


def registers(bench: Bench, role: str) -> dict[str, float]:
    """An asset's registers that have a value."""
    found = {m: told.raw for (of, m), told in bench.image.counters.items() if of == role}
    return {measurement: raw for measurement, raw in found.items() if raw is not None}
