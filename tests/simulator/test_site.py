"""The site as a whole: what it has, what it says of itself, how it starts and ends."""

import asyncio
import random
import socket

import aiomqtt
import pytest

from collector.errors import OvrError
from collector.model.catalogue import KEYS
from collector.simulator import SimulatedSite
from collector.simulator.broker import BrokerError
from collector.simulator.compose import MIX, compose
from collector.simulator.physics.bess import Bess
from collector.simulator.server_modbus import ServerError
from tests.simulator.wire import ear, refuses, within


def free_run(count: int) -> int:
    """The first of `count` consecutive ports that nobody uses, below those that the kernel gives
    to connections of others meanwhile (Linux: from 32768 on)."""
    while True:
        base = random.SystemRandom().randrange(20_000, 32_768 - count)
        if all(refuses(base + k)() for k in range(count)):
            return base


@pytest.mark.parametrize("assets", [*range(1, 31), 50, 97, 150, 200])
def test_any_number_of_assets(assets: int) -> None:
    """A site of N has exactly N assets, a battery system first, and unique ids throughout."""
    layout = compose(assets, 1, lambda: 0.0)
    assert len(layout.truth) == assets
    ids = [d["id"] for d in layout.devices]
    assert len(set(ids)) == len(ids)
    assert layout.devices[0]["kind"] == "gx"
    tables = [a["id"] for a in layout.assets]
    assert len(set(tables)) == len(tables)
    assert set(tables) <= set(layout.truth)
    for asset in layout.assets:
        for link in ("behind", "same_as"):
            assert asset.get(link, "bess-1") in layout.truth
    portals = [spot.plan.portal_id for spot in layout.gxs]
    assert len(set(portals)) == len(portals)
    assert all(len(p) == 12 for p in portals)


@pytest.mark.parametrize("assets", [0, 201, -3])
def test_numbers_that_make_no_site(assets: int) -> None:
    """Outside 1 to 200 there is no site."""
    with pytest.raises(ValueError, match="1 to 200"):
        SimulatedSite(assets)


def test_speeds_that_make_no_sense() -> None:
    """The speed is above zero."""
    with pytest.raises(ValueError, match="speed"):
        SimulatedSite(speed=0)


def test_a_festival_of_twenty_has_every_kind_and_overlap() -> None:
    """All device kinds, a shared gateway, a meter behind a battery system, a generator measured
    twice, one PV inverter seen twice under one serial, a GX without its portal id."""
    layout = compose(20, 1, lambda: 0.0)
    assert {d["kind"] for d in layout.devices} == {"gx", "acuvim", "fronius"}
    assert {d.get("asset_kind") for d in layout.devices} == {None, "generator", "load"}
    assert any(len({u.device for u in g.units.values()}) == 3 for g in layout.gateways)
    assert {set(g.units) >= {1, 200} for g in layout.gateways} == {True, False}
    assert any(240 in g.units for g in layout.gateways)
    assert {"id": "stage-1", "behind": "bess-1", "rated_kva": 75.0} in layout.assets
    assert any(a.get("same_as") == "gen-1" for a in layout.assets)
    assert ["portal_id" in d for d in layout.devices if d["kind"] == "gx"] == [True, False]
    seen = [a for a in layout.truth if ".pvinverter-" in a]
    assert len(seen) == 1


def test_truth_counts_every_flow_once() -> None:
    """The totals are the sums over what measures each flow of record."""
    site = SimulatedSite(20)
    truth = site.truth()
    for figures in (*truth.power.values(), *truth.energy.values()):
        assert set(figures) <= set(KEYS)
    power = truth.power
    load = sum(power[a]["load_power_w"] for a in ("bess-1", "bess-2", "load-1", "load-2", "load-3"))
    assert truth.total_power["load_power_w"] == pytest.approx(load)
    generators = power["gen-1"]["generator_power_w"] + power["gen-2"]["generator_power_w"]
    assert truth.total_power["generator_power_w"] == pytest.approx(generators)
    assert power["gen-1"] == power["bess-1.genset"]
    assert power["stage-1"]["load_power_w"] < power["bess-1"]["load_power_w"]
    solar = sum(power[a]["pv_power_w"] for a in ("bess-1", "bess-2", "pv-2", "pv-3"))
    assert truth.total_power["pv_power_w"] == pytest.approx(solar)
    chargers = [a for a in power if a.startswith(("bess-2.mppt", "bess-2.pvinverter"))]
    assert sum(power[a]["pv_power_w"] for a in chargers) == pytest.approx(
        power["bess-2"]["pv_power_w"]
    )
    assert power["pv-1"]["pv_power_w"] == pytest.approx(
        next(v for a, v in power.items() if ".pvinverter-" in a)["pv_power_w"]
    )
    assert all(kwh == pytest.approx(0) for kwh in truth.total_energy.values())


async def test_lively_from_the_start_and_counting() -> None:
    """Loads, PV, generators and batteries carry power from the first second, and energies grow
    with the simulated time."""
    async with SimulatedSite(20, speed=120) as site:
        first = site.truth()
        for quantity in ("load_power_w", "generator_power_w", "pv_power_w"):
            assert first.total_power[quantity] > 1000
        await within(lambda: site.truth().elapsed_s > 200, "time passes")
        later = site.truth()
    hours = later.elapsed_s / 3600
    mean_w = later.total_energy["load_energy_kwh"] * 1000 / hours
    assert mean_w == pytest.approx(first.total_power["load_power_w"], rel=0.3)


async def test_before_it_is_entered_it_has_no_ports() -> None:
    """Asking for devices too early, or injecting, is an error that says so."""
    site = SimulatedSite(3)
    with pytest.raises(OvrError, match="entered"):
        _ = site.devices


async def test_fixed_ports_are_consecutive() -> None:
    """With a base port the stations take the ports from it on, in order."""
    base = free_run(3)
    async with SimulatedSite(6, base_port=base) as site:
        assert [d["port"] for d in site.devices] == [base, base + 1, base + 2]
        assert all(d["host"] == "127.0.0.1" for d in site.devices)
    assert refuses(base)()


async def test_a_taken_base_port_is_an_error_and_nothing_stays() -> None:
    """Whichever station meets it: the error names the port and all others are stopped."""
    base = free_run(4)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", base + 1))
        taken.listen()
        with pytest.raises(BrokerError, match=str(base + 1)):
            await SimulatedSite(6, base_port=base + 1).__aenter__()
        assert refuses(base + 2)()
        with pytest.raises(ServerError, match=str(base + 1)):
            await SimulatedSite(6, base_port=base).__aenter__()
        assert refuses(base)()


async def test_ports_beyond_the_last_one() -> None:
    """A base port too high is refused in words."""
    with pytest.raises(ValueError, match="lower base port"):
        await SimulatedSite(20, base_port=65530).__aenter__()


async def test_the_amqtt_site() -> None:
    """The same site over the library broker: serial, full publish, changes, clean end."""
    async with SimulatedSite(6, broker="amqtt") as site:
        device = site.devices[0]
        portal = site.portal_ids["bess-1"]
        async with ear(device["port"], f"N/{portal}/#") as client:
            assert await client.topic(f"N/{portal}/system/0/Serial") == portal
            await client.client.publish(f"R/{portal}/keepalive", b"")
            await client.topic(f"N/{portal}/full_publish_completed")
            assert len({t for t, _, _ in client.heard}) > 700
            await client.topic(f"N/{portal}/heartbeat")
    assert refuses(device["port"])()
    assert site.dropped == 0


async def test_every_gx_of_a_big_site_answers() -> None:
    """On a site of 60 assets each GX gives a full publish with its own portal id."""
    async with SimulatedSite(60) as site:
        gxs = [d for d in site.devices if d["kind"] == "gx"]
        assert len(gxs) >= 6

        async def ask(port: int, portal: str) -> None:
            async with aiomqtt.Client("127.0.0.1", port) as client:
                await client.subscribe(f"N/{portal}/full_publish_completed")
                await client.publish(f"R/{portal}/keepalive", b"")
                async with asyncio.timeout(15):
                    await anext(client.messages)

        await asyncio.gather(*(ask(d["port"], site.portal_ids[d["id"]]) for d in gxs))


async def test_published_values_are_the_plants() -> None:
    """What the GX says of itself is the plant's truth at the same moment."""
    async with SimulatedSite(12) as site:
        portal = site.portal_ids["bess-2"]
        port = next(d["port"] for d in site.devices if d["id"] == "bess-2")
        async with ear(port, f"N/{portal}/#") as client:
            await client.client.publish(f"R/{portal}/keepalive", b"")
            await client.topic(f"N/{portal}/full_publish_completed")
            said = {t.removeprefix(f"N/{portal}/"): p for t, p, _ in client.heard}
            truth = site.truth().power["bess-2"]

    def value(path: str) -> float:
        return float(said[path].removeprefix(b'{"value":').removesuffix(b"}"))

    grid = sum(value(f"grid/30/Ac/L{k}/Power") for k in (1, 2, 3))
    load = sum(value(f"system/0/Ac/Consumption/L{k}/Power") for k in (1, 2, 3))
    assert grid == pytest.approx(truth["grid_power_w"], rel=0.3, abs=600)
    assert load == pytest.approx(truth["load_power_w"], rel=0.2, abs=600)
    balance = grid + value("pvinverter/20/Ac/Power") - load
    inverter_ac = -balance
    dc = value("vebus/276/Dc/0/Power")
    assert dc == pytest.approx(-inverter_ac, rel=0.12, abs=900)


def test_bess_of_the_layout_are_steppable() -> None:
    """Every GX of a layout stands on a plant part of its own; the others are read by profile."""
    layout = compose(150, 1, lambda: 0.0)
    systems = [p for p in layout.parts if isinstance(p, Bess)]
    over_gx = [spot.plan.bess for spot in layout.gxs]
    assert len(set(map(id, over_gx))) == len(over_gx)
    assert all(bess in systems for bess in over_gx)
    plain = [d for d in layout.devices if d.get("profile") == "bess-generic"]
    assert len(systems) == len(over_gx) + len(plain)
    assert plain


def test_each_system_once_brings_what_is_read_by_profile() -> None:
    """A generator that its DSE controller measures and a GX checks, and a battery system of which
    nothing is known but a register map."""
    layout = compose(sum(block.assets for block in MIX), 1, lambda: 0.0)
    over = {d["id"]: d for d in layout.devices}
    profiles = {d["id"]: d["profile"] for d in layout.devices if d["kind"] == "modbus"}
    assert sorted(profiles.values()) == ["bess-generic", "dse-gencomm"]
    controlled = [
        a["id"] for a in layout.assets if over.get(a.get("same_as"), {}).get("kind") == "modbus"
    ]
    assert len(controlled) == 1
    assert controlled[0].endswith(".genset")
