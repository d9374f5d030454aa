"""Two inverters exchange their addresses: nothing goes to the wrong name."""

import asyncio

import pytest

from collector.errors import NotConnected, WrongDevice
from collector.model.assets import Device
from collector.model.kinds import AssetStatus, DeviceKind
from tests.modbus import fronius_map as fm
from tests.modbus.fronius_bench import Bench
from tests.support.sites import Clocked


def inverter(serial, watts, wh):
    """An inverter of that serial with its meter."""
    return {
        1: fm.unit(fm.inverter_int(watts=watts), fm.status(wh), serial=serial),
        200: fm.smart_meter(fm.meter_int(watts=watts // 10), serial=f"M-{serial}"),
    }


async def test_two_inverters_exchange_their_addresses(modbus):
    """Both are wrong devices then, with their meters; no reading, no kWh and no sample of one goes
    under the other's name, and back at their places both go on where they stood."""
    one, two = inverter("AAAA1111", 5000, 1_000_000), inverter("BBBB2222", 3000, 9_000_000)
    servers = [await modbus(one), await modbus(two)]
    entries = [
        Device(id=name, kind=DeviceKind.FRONIUS, host="127.0.0.1", port=server.port)
        for name, server in zip(("pv-1", "pv-2"), servers, strict=True)
    ]
    site = Clocked(*entries)
    benches = [
        Bench(server, entry.id, site=site, solar_api="off")
        for server, entry in zip(servers, entries, strict=True)
    ]

    async def exchange():
        for server in servers:
            await server.stop()
        servers[0].units, servers[1].units = servers[1].units, servers[0].units
        for server in servers:
            await server.start()

    def shown():
        site.tick()
        found = {}
        for name in ("pv-1", "pv-2", "pv-1.meter", "pv-2.meter"):
            asset = site.asset(name)
            keys = ("pv_power_w", "grid_power_w", "pv_energy_kwh", "grid_import_kwh")
            found[name] = {k: asset.readings[k].value for k in keys if k in asset.readings}
        return found

    async with benches[0].live("", "meter"), benches[1].live("", "meter"):
        before = shown()
    assert before["pv-1"]["pv_power_w"] == 5000.0
    await exchange()
    for _ in range(3):
        for b in benches:
            with pytest.raises((WrongDevice, NotConnected)) as error:
                await b.source.run(b.image, lambda: None)
            if error.type is WrongDevice:
                site.site.watches[b.device.id].turn("wrong device")
        assert shown() == before
        assert not site.samples().keys() & {
            ("ovr_pv_power_w", "pv-1", ""), ("ovr_pv_power_w", "pv-2", ""),
        } or all(value == "stale" for value in site.samples().values())  # fmt: skip
    assert site.asset("pv-1").status is AssetStatus.WRONG
    assert site.taken.totals["pv_power_w"].partial
    await exchange()
    for unit, wh in ((one[1], 1_000_400), (two[1], 9_000_300)):
        unit.put(40121, fm.status(wh))
    for name in ("pv-1", "pv-2"):
        site.site.watches[name].turn("running")
    async with benches[0].run() as first, benches[1].run() as second:
        await first.until(lambda: first.ready > 2)
        await second.until(lambda: second.ready > 2)
        await asyncio.sleep(0)
        after = shown()
    assert after["pv-1"]["pv_energy_kwh"] == pytest.approx(0.4, abs=1e-3)
    assert after["pv-2"]["pv_energy_kwh"] == pytest.approx(0.3, abs=1e-3)
    assert (after["pv-1"]["pv_power_w"], after["pv-2"]["pv_power_w"]) == (5000.0, 3000.0)
