"""Recordings of real devices through the whole collector, over the real protocols."""

import json
from struct import pack

import pytest

from collector.model.kinds import AssetStatus
from collector.simulator.replay import Replay
from tests.support.modbus import Unit
from tests.support.nodes import make_home, running
from tests.support.ports import free_port

PORTAL = "b827eb000001"


def recorded(path, portal=PORTAL):
    """The last value of each topic of a recording, by service/instance/path."""
    last = {}
    for line in path.read_text().splitlines():
        said = json.loads(line)
        if said.get("topic", "").startswith(f"N/{portal}/") and said["topic"].count("/") > 3:
            tail = said["topic"].removeprefix(f"N/{portal}/")
            last[tail] = json.loads(said["payload"])["value"] if said["payload"] else None
    return last


async def last_of(tmp_path, recording, true, *, speed=50.0, limit_s=40.0):
    """The node when `true(node)` holds of the replayed recording."""
    port = free_port()
    device = {"id": "gx", "kind": "gx", "host": "127.0.0.1", "port": port}
    home = make_home(tmp_path, [device])
    async with Replay(recording, port, speed=speed), running(home) as node:
        await node.until(lambda: true(node), limit_s)
        faults = {
            reason: count
            for reason, count in node.snapshot.sources[0].drops.items()
            if "fault" in reason
        }
        assert faults == {}
        return {a.id: a for a in node.snapshot.assets}


def near(asset, key, value):
    """Whether a live asset's reading is good and equals what was recorded."""
    reading = asset.readings.get(key)
    return (
        asset.status is AssetStatus.LIVE
        and reading is not None
        and reading.value == pytest.approx(value, abs=1e-3)
    )


async def test_ess(tmp_path, recordings):
    """A three-phase ESS with grid meter, PV inverter and MPPT: what it said last is shown."""
    path = recordings / "victron/ess_3phase_grid_pvinverter_mppt.jsonl"
    last = recorded(path)
    out = [last[f"vebus/257/Ac/Out/L{n}/P"] or 0.0 for n in (1, 2, 3)]

    def true(node):
        grid, gx = node.asset("gx.grid"), node.asset("gx")
        assert near(grid, "grid_power_w", last["grid/30/Ac/Power"])
        assert near(grid, "voltage_v.L1", last["grid/30/Ac/L1/Voltage"])
        assert near(gx, "battery_soc_pct", last["battery/256/Soc"])
        assert near(gx, "battery_voltage_v", last["battery/256/Dc/0/Voltage"])
        assert near(gx, "voltage_v.L1", last["vebus/257/Ac/Out/L1/V"])
        assert near(gx, "load_power_w", sum(out))
        return True

    assets = await last_of(tmp_path, path, true)
    inverters = [a for name, a in assets.items() if "pvinverter" in name]
    assert near(inverters[0], "pv_power_w", last["pvinverter/32/Ac/Power"])
    chargers = [a for name, a in assets.items() if "mppt" in name]
    assert near(chargers[0], "pv_power_w", last["solarcharger/258/Yield/Power"])


async def test_offgrid(tmp_path, recordings):
    """An off-grid Multi with a battery monitor."""
    path = recordings / "victron/offgrid_multi_bmv_with_generator.jsonl"
    last = recorded(path)

    def true(node):
        gx = node.asset("gx")
        assert near(gx, "battery_soc_pct", last["battery/256/Soc"])
        assert near(gx, "battery_current_a", last["battery/256/Dc/0/Current"])
        assert near(gx, "load_power_w", last["vebus/257/Ac/Out/L1/P"])
        return True

    await last_of(tmp_path, path, true)


async def test_genset(tmp_path, recordings):
    """A Fischer Panda generator at the end of its recording."""
    path = recordings / "victron/genset_fischerpanda_3phase.jsonl"
    last = recorded(path)

    def true(node):
        genset = node.asset("gx.genset")
        power = sum(last[f"genset/0/Ac/L{n}/Power"] for n in (1, 2, 3))
        assert near(genset, "generator_power_w", power)
        assert near(genset, "engine_speed_rpm", last["genset/0/Engine/Speed"])
        return node.snapshot.seq > 8

    assets = await last_of(tmp_path, path, true)
    assert "gx.genset" in assets


async def test_lost_device(tmp_path, recordings):
    """A PV inverter that vanishes is lost at once though its GX lives, and comes back by itself."""
    path = recordings / "victron/derived_lost_device_pvinverter.jsonl"
    port = free_port()
    device = {"id": "gx", "kind": "gx", "host": "127.0.0.1", "port": port}
    home = make_home(tmp_path, [device])
    seen: list[AssetStatus] = []

    def inverter(node):
        found = [a for a in node.snapshot.assets if "pvinverter" in a.id]
        if found and (not seen or seen[-1] != found[0].status):
            seen.append(found[0].status)
        return found[0] if found else None

    async with Replay(path, port, speed=10.0), running(home) as node:
        await node.until(
            lambda: inverter(node) and seen[-2:] == [AssetStatus.LOST, AssetStatus.LIVE], 30
        )
        assert node.asset("gx").status is AssetStatus.LIVE
    assert seen == [AssetStatus.LIVE, AssetStatus.LOST, AssetStatus.LIVE]


async def test_gx_reboot(tmp_path, recordings):
    """A GX reboots: stale while it is away, and all its services are back by themselves."""
    path = recordings / "victron/derived_gx_reboot.jsonl"
    last = recorded(path)
    port = free_port()
    device = {"id": "gx", "kind": "gx", "host": "127.0.0.1", "port": port}
    home = make_home(tmp_path, [device])
    async with Replay(path, port, speed=5.0), running(home) as node:
        await node.until(lambda: node.asset("gx.genset").status is AssetStatus.LIVE, 20)
        before = {a.id for a in node.snapshot.assets if a.status is AssetStatus.LIVE}
        await node.until(
            lambda: all(a.status is not AssetStatus.LIVE for a in node.snapshot.assets), 30
        )
        await node.until(
            lambda: before <= {a.id for a in node.snapshot.assets if a.status is AssetStatus.LIVE},
            40,
        )
        chargers = [a for a in node.snapshot.assets if "mppt" in a.id]
        assert near(chargers[0], "pv_power_w", last["solarcharger/256/Yield/Power"])


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("cerbo_flashmq_2025-12_fragments.mqtt", None, None),
        ("small_fragments_2020-2025.mqtt", "battery_soc_pct", 100.0),
    ],
)
async def test_fragments(tmp_path, recordings, name, key, value):
    """Fragments of genuine captures, broken payloads and all, leave the connection alive."""

    def true(node):
        assert node.snapshot.sources[0].state == "running"
        return key is None or near(node.asset("gx"), key, value)

    await last_of(tmp_path, recordings / "victron" / name, true)


async def test_gen24(tmp_path, recordings, modbus):
    """The registers of a Symo GEN24 with storage become its readings."""
    words = json.loads(next((recordings / "modbus/fronius_gen24").glob("*.json")).read_text())
    registers = dict(enumerate(words["registers"], words["base"]))
    server = await modbus({1: Unit(registers)})
    device = {"id": "pv", "kind": "fronius", "host": "127.0.0.1", "port": server.port}
    home = make_home(tmp_path, [device])
    async with running(home) as node:
        await node.until(lambda: node.asset("pv").status is AssetStatus.LIVE, 20)
        asset = node.asset("pv")
    base = 40069
    power = _signed(registers[base + 14]) * 10 ** _signed(registers[base + 15])
    hertz = registers[base + 16] * 10.0 ** _signed(registers[base + 17])
    volts = registers[base + 10] * 10.0 ** _signed(registers[base + 13])
    assert near(asset, "pv_power_w", power)
    assert near(asset, "frequency_hz", hertz)
    assert near(asset, "voltage_v.L1", volts)
    assert "GEN24" in asset.model


def _signed(word):
    return int.from_bytes(pack(">H", word), "big", signed=True)
