"""A Fronius device whose Modbus is off, by its Solar API: real HTTP, simulated answers."""

import asyncio
from typing import Any

import pytest
from msgspec import structs

from collector.errors import NotConnected, WrongDevice
from collector.model.kinds import AssetKind, AssetStatus
from collector.model.series import decode_series
from collector.sources.fronius import Place, SolarHosts
from collector.sources.fronius.source import BACK_S
from tests.modbus.live import raw
from tests.modbus.solar_bench import METER, SERIAL, Plant, solar

# The bench's clock begins on 2026-05-28 at 20:26 UTC: dark at one place, noon at the other.
NIGHT, DAY = Place(0.0, 0.0), Place(33.0, -120.0)


async def test_modbus_off_and_the_solar_api_on():
    """The device lives by its Solar API, says so, and its values are those of the plant; raw
    series have names of their own."""
    async with solar() as b, b.live("", "meter") as run:
        plant = b.plant.field
        got = b.values()
        assert got["pv_power_w"] == pytest.approx(plant.pv.total_w)
        assert got["frequency_hz"] == pytest.approx(plant.bus.hz)
        assert got["voltage_v.L2"] == pytest.approx(plant.bus.u[1])
        assert got["current_a.L3"] == pytest.approx(plant.pv.amps(2))
        assert got["pv_state"] == 3
        kwh, path, unit, modulus = b.counters()["pv_energy_kwh"]
        assert (path, unit, modulus) == ("solar.TOTAL_ENERGY", SERIAL, None)
        assert kwh == pytest.approx(5000 + plant.pv.forward_wh / 1000, abs=1)
        assert b.image.identity.serial == SERIAL
        grid = b.values("meter")
        assert grid["grid_power_w"] == pytest.approx(plant.grid.total_w)
        assert grid["grid_power_w.L1"] == pytest.approx(plant.grid.p[0])
        assert grid["voltage_v.L12"] == pytest.approx(plant.bus.u[0] * 3**0.5, rel=0.02)
        told = b.counters("meter")
        assert told["grid_import_kwh"][1:3] == ("solar.EnergyReal_WAC_Sum_Consumed", METER)
        assert told["grid_import_kwh"][0] == pytest.approx(777 + plant.grid.forward_wh / 1000)
        assert b.note().startswith("Read by its Solar API because its Modbus is off: every 10 s")
        names = {name for name, _ in raw(b.site)}
        assert all(name.startswith("fronius_solar_") for name in names)
        for name in (
            "inverter_pac",
            "meter_power_real_p_sum",
            "site_p_grid",
            "inverter_status_code",
        ):
            assert f"fronius_solar_{name}" in names
        labels = [decode_series(s)[1] for s in b.image.raw if b"fronius_solar_meter_power_r" in s]
        assert labels[0]["serial"] == METER
        assert b.asset().status is AssetStatus.LIVE
        assert run.ready


async def test_the_battery_of_a_hybrid():
    """P_Akku is + discharging, our battery power + charging; the battery has its own serial."""
    async with solar(Plant(battery=True)) as b, b.live("", "battery"):
        field = b.plant.field
        assert field.battery.flow.w > 500, "the battery rests: the test proves nothing"
        got = b.values("battery")
        assert got["battery_power_w"] == pytest.approx(field.battery.flow.w)
        assert got["battery_soc_pct"] == pytest.approx(field.battery.soc_pct)
        assert got["battery_current_a"] > 0
        assert got["battery_temperature_c"] == 21.5
        assert b.values()["pv_power_w"] == pytest.approx(field.array.available_w)
        asset = b.image.roles["battery"].asset
        assert (asset.kind, asset.serial) == (AssetKind.BESS, "P030T1")
        assert b.counters("battery") == {}


async def test_without_a_battery_there_is_none():
    """A GEN24 without storage says SOC 0, mode disabled and P_Akku null: that is no battery."""
    async with solar() as b, b.live("", "meter") as run:
        await b.polls(run, 3)
        assert set(b.image.roles) == {"", "meter"}


@pytest.mark.parametrize("expected", ["", METER, "A-MODBUS-SERIAL"])
async def test_a_meter_alone(expected):
    """An entry of a smart meter's own is that meter by the Solar API too, also where Modbus called
    it by a number of another form."""
    plant = Plant()
    async with solar(plant, unit=200, serial=expected) as b, b.live() as run:
        assert b.values()["grid_power_w"] == pytest.approx(plant.field.grid.total_w)
        assert b.image.roles[""].asset.kind is AssetKind.GRID
        assert b.counters()["grid_import_kwh"][2] == METER
        await b.polls(run, 2)
        assert set(b.image.roles) == {""}
        assert not any("PowerFlow" in request for request in b.http.requests)


async def test_another_meter_alone():
    """Another smart meter in its place is a wrong device."""
    async with solar(Plant(), unit=200, serial="19129999") as b:
        with pytest.raises(WrongDevice, match=METER):
            await b.source.run(b.image, lambda: None)


async def test_inverter_number_zero():
    """The API's inverter 0 is Modbus unit 100."""
    plant = Plant(gen24=False)
    plant.api.inverters = {"0": plant.inverter}
    async with solar(plant, unit=100) as b, b.live("", "meter"):
        assert b.values()["pv_power_w"] == pytest.approx(plant.field.pv.total_w)


async def test_neither_way_is_an_error():
    """No Modbus and no Solar API: both reasons are told, for the supervisor."""
    async with solar() as b:
        b.plant.api.off = True
        with pytest.raises(NotConnected, match=r"refuses.*HTTP 404: its Solar API"):
            await b.source.run(b.image, lambda: None)
        await b.http.stop()
        with pytest.raises(NotConnected, match=r"refuses.*Solar API help: http:"):
            await b.source.run(b.image, lambda: None)


async def test_switched_off_in_the_registry():
    """`solar_api = "off"`: nothing is asked over HTTP, by either way."""
    async with solar(solar_api="off") as b:
        with pytest.raises(NotConnected, match="refuses"):
            await b.source.run(b.image, lambda: None)
        await b.modbus_on()
        async with b.live("", "meter") as run:
            await b.polls(run, 5)
        assert b.http.requests == []


@pytest.mark.parametrize("gen24", [True, False])
async def test_night(gen24):
    """In the evening a Symo leaves keys out and a GEN24 says null: both deliver 0 W, asleep, and
    their energy stays."""
    plant = Plant(gen24=gen24)
    async with solar(plant) as b, b.live("", "meter") as run:
        before = b.asset().readings["pv_energy_kwh"].value
        plant.field.array.enabled = False  # dusk: too little light, not yet dark
        plant.step(120)
        await b.polls(run, 3)
        asset = b.asset()
        assert asset.status is AssetStatus.LIVE
        assert asset.readings["pv_power_w"].value == 0.0
        assert asset.readings["pv_state"].value == 1
        assert asset.readings["pv_energy_kwh"].value == before
        assert not b.site.taken.totals["pv_power_w"].partial
        assert b.site.asset("d1.meter").status is AssetStatus.LIVE


@pytest.mark.parametrize(("place", "lives"), [(NIGHT, True), (DAY, False)])
async def test_an_inverter_that_its_datamanager_does_not_reach(place, lives):
    """Code 12 is sleep with evidence only; else the inverter is gone, and its meter goes on."""
    plant = Plant(gen24=False)
    plant.hour = 23.0
    plant.step(60)
    async with solar(plant, place=place) as b, b.live("meter") as run:
        await b.polls(run, 3)
        asset = b.asset()
        assert b.site.asset("d1.meter").status is AssetStatus.LIVE
        if lives:
            assert (asset.status, asset.readings["pv_power_w"].value) == (AssetStatus.LIVE, 0.0)
            assert any(note.startswith("Asleep, 0 W") for note in asset.notes)
        else:
            assert asset.status is AssetStatus.LOST
            assert "not available" in asset.reason
        plant.hour = 13.0
        plant.step(60)
        await run.until(lambda: (b.values().get("pv_power_w") or 0) > 1000)
        assert b.asset().status is AssetStatus.LIVE
        assert b.asset().notes == (b.note(),)


async def test_off_the_network_after_dusk():
    """A Datamanager that is read by its Solar API and leaves the network in the dark is asleep; by
    day that is an error."""
    for place, dark in ((NIGHT, True), (DAY, False)):
        plant = Plant(gen24=False)
        async with solar(plant, place=place) as b, b.live("", "meter") as run:
            plant.field.array.enabled = False
            plant.step(60)
            await run.until(lambda b=b: b.values()["pv_power_w"] == 0.0)
            await b.http.stop()
            if not dark:
                with pytest.raises(NotConnected):
                    await run.until(lambda: False)
                continue
            await run.until(lambda b=b: "the dark" in b.image.roles[""].notes.get("asleep", ""))
            asset = b.asset()
            assert (asset.status, asset.readings["pv_power_w"].value) == (AssetStatus.LIVE, 0.0)
            assert asset.readings["pv_state"].value == 1
            assert not b.note()


async def test_a_code_is_an_error_whatever_http_says():
    """HTTP 200 with a code is no data; a code of the serial ring is asked again at once."""
    async with solar() as b, b.live("", "meter") as run:
        b.plant.api.codes["GetInverterRealtimeData"] = 7
        due = b.image.drops.get("solar api", 0) + 2
        before = [r for r in b.http.requests if "Common" in r]
        await run.until(lambda: b.image.drops.get("solar api", 0) >= due)
        after = [r for r in b.http.requests if "Common" in r]
        assert len(after) - len(before) >= 4, "each poll asks twice"
        b.plant.api.codes.clear()
        await b.polls(run, 2)
        assert b.asset().status is AssetStatus.LIVE


async def test_requests_that_a_device_does_not_have():
    """Requests that are not supported are asked for once; the rest goes on."""
    api = Plant()
    api.api.codes |= {"GetStorageRealtimeData": 11, "GetPowerFlowRealtimeData": 1}
    async with solar(api) as b, b.live("", "meter") as run:
        await b.polls(run, 6)
        assert len([r for r in b.http.requests if "PowerFlow" in r]) == 1
        assert len([r for r in b.http.requests if "Storage" in r]) == 1
        assert b.values()["pv_power_w"] == pytest.approx(api.field.pv.total_w)


async def test_garbage_is_a_missed_poll():
    """A web page instead of JSON, now and then, costs a poll and nothing else."""
    async with solar() as b, b.live("", "meter") as run:
        b.plant.api.mute.add("GetInverterRealtimeData")
        await run.until(lambda: b.image.drops.get("no solar api"))
        b.plant.api.mute.clear()
        await b.polls(run, 2)
        assert b.asset().status is AssetStatus.LIVE


async def test_one_request_at_a_time():
    """Several devices behind one Datamanager wait for each other, however slow it is."""
    plant = Plant(gen24=False)
    hosts = SolarHosts()
    async with solar(plant) as one:
        one.source.hosts = hosts
        one.http.slow_s = 0.01
        two = type(one)(plant, one.http, one.device.solar_api_port, "d2")
        two.source.hosts = hosts
        async with one.live("", "meter"), two.live() as run:
            await two.polls(run, 3)
        assert one.http.most == 1
        assert "meter" not in two.image.roles, "one meter for both would be two"
        assert len(one.http.requests) > 20


@pytest.mark.parametrize(("timeout_s", "limit_s"), [(None, 15.0), (0.3, 10.0), (30.0, 30.0)])
async def test_time_for_an_answer(timeout_s, limit_s):
    """An answer may take 15 s; the registry can give it more, and never less than 10 s."""
    async with solar(timeout_s=timeout_s) as b:
        assert b.source.limit_s == limit_s


async def test_an_answer_that_takes_too_long():
    """It costs a poll, and tells how long was waited; the next one is used again."""
    async with solar() as b:
        b.source.limit_s = 0.8
        async with b.live("", "meter") as run:
            b.http.slow_s = 2.0
            await run.until(lambda: b.image.drops.get("no solar api"))
            b.http.slow_s = 0.0
            await b.polls(run, 2)
            assert b.asset().status is AssetStatus.LIVE


# -- who it is ---------------------------------------------------------------------------------


async def known_by_modbus(b):
    """Let Modbus say who the device is; then somebody switches it off, long enough."""
    await b.modbus_on()
    async with b.live("", "meter") as run:
        await run.until(lambda: b.image.pinned(f"solar_id_{SERIAL}"))
    await b.modbus_off()
    b.time.now += 120


async def test_the_same_serial_is_the_same_device():
    """The API tells the serial number that Modbus told: the same device."""
    async with solar() as b:
        await known_by_modbus(b)
        async with b.live("", "meter"):
            assert b.image.identity.serial == SERIAL
            assert "does not say who" not in b.note()


async def test_an_id_of_another_form_proves_it_once_kept():
    """A Datamanager calls its inverter 38183: kept while Modbus said who that is, it proves it; the
    counters stay the same unit's."""
    plant = Plant(gen24=False)
    plant.api.serials, plant.api.ids = False, {"1": "38183"}
    async with solar(plant) as b:
        await known_by_modbus(b)
        assert b.image.pinned(f"solar_id_{SERIAL}") == "38183"
        async with b.live("", "meter"):
            assert b.image.identity.serial == SERIAL
            assert b.counters()["pv_energy_kwh"][2] == SERIAL
        plant.api.ids = {"1": "7262"}
        with pytest.raises(WrongDevice, match="7262"):
            await b.source.run(b.image, lambda: None)


async def test_an_api_that_cannot_say_makes_no_wrong_device():
    """What is pinned stays, and an API without serial numbers is read; what it counts is nobody's
    for sure, and the asset says so."""
    plant = Plant(gen24=False)
    plant.api.serials, plant.api.ids = False, {"1": "38183"}
    async with solar(plant, serial=SERIAL) as b, b.live("", "meter"):
        assert b.values()["pv_power_w"] == pytest.approx(plant.field.pv.total_w)
        assert b.counters()["pv_energy_kwh"][2] == ""
        assert b.image.roles[""].asset.serial == SERIAL, "a GX that sees it too would count twice"
        assert "does not say who it is" in b.note()
        assert b.asset().status is AssetStatus.LIVE


async def test_another_serial_is_a_wrong_device():
    """Another inverter's Solar API at the address: nothing of it is used."""
    async with solar(Plant(serial="30412345"), serial=SERIAL) as b:
        with pytest.raises(WrongDevice, match="30412345"):
            await b.source.run(b.image, lambda: None)
        assert b.image.roles[""].cells == {}


async def test_another_one_before_anybody_knows_the_serial():
    """First met by an id of another form, without Modbus: another id later is a wrong device, and
    is not pinned in its place."""
    plant = Plant(gen24=False)
    plant.api.serials, plant.api.ids = False, {"1": "38183"}
    async with solar(plant) as b:
        async with b.live("", "meter"):
            assert b.counters()["pv_energy_kwh"][2] == "38183"
            assert b.image.expected() == ""
        plant.api.ids = {"1": "7262"}
        for _ in range(2):
            with pytest.raises(WrongDevice, match="7262"):
                await b.source.run(b.image, lambda: None)
        plant.api.ids = {"1": "38183"}
        async with b.run() as run:
            await run.until(lambda: run.ready)


async def test_another_serial_in_the_registry():
    """Who puts a new inverter's serial number into the registry is not held up by what the API
    called the old one."""
    plant = Plant(gen24=False)
    plant.api.serials, plant.api.ids = False, {"1": "38183"}
    async with solar(plant) as b:
        await known_by_modbus(b)
        site = b.site.site
        b.image.device = b.source.device = structs.replace(b.device, serial="30412345")
        plant.api.ids = {"1": "7262"}
        async with b.run() as run:
            await run.until(lambda: run.ready)
            assert site.identities.expected(b.image.device) == "30412345"
            assert "does not say who it is" in b.note()


async def test_a_hostile_answer():
    """Numbers of meters that are none, hundreds of batteries and keys, markup in names: what can be
    used is used, the rest is left out, and nothing grows without end."""
    plant = Plant()
    async with solar(plant) as b, b.live("", "meter") as run:
        entry = {"PowerReal_P_Sum": 1.0, "Details": {"Serial": "\x1b[31m", "Model": "<b>"}}
        meters = {str(n): entry for n in (*range(300), "-1", "x", "../..")}
        keys = {f"K{n}": float(n) for n in range(1000)}
        hostile: dict[str, Any] = {
            "GetMeterRealtimeData": meters | {"0": entry | keys},
            "GetStorageRealtimeData": {str(n): {"Controller": keys} for n in range(50)},
            "GetPowerFlowRealtimeData": {"Site": {"P_Akku": 5}, "Inverters": {"1": [], "2": 7}},
        }
        plant.api.instead = hostile
        await b.polls(run, 3)
        assert len(b.image.raw) < 3000
        assert len(b.image.roles) < 110
        assert b.image.drops["too many keys"]
        assert b.asset().status is AssetStatus.LIVE
        assert not any("\x1b" in role.asset.serial for role in b.image.roles.values())


async def test_exchanged_in_the_middle():
    """Another inverter answers from one poll to the next: its values are not used."""
    async with solar() as b, b.live("", "meter") as run:
        power = b.values()["pv_power_w"]
        other = Plant(serial="30412345", hour=9.0)
        b.plant.api.inverters = other.api.inverters
        with pytest.raises(WrongDevice):
            await run.until(lambda: False)
        assert b.values()["pv_power_w"] == power


# -- from one way to the other -----------------------------------------------------------------


async def test_modbus_is_waited_for():
    """A moment without Modbus does not change ways; a minute does."""
    async with solar() as b:
        await b.modbus_on()
        async with b.live("", "meter"):
            pass
        await b.modbus_off()
        with pytest.raises(NotConnected):
            await b.source.run(b.image, lambda: None)
        b.time.now += 60
        async with b.run() as run:
            await run.until(b.note)


async def test_energy_over_both_ways():
    """Changing ways neither books energy twice nor invents any: each register counts what it
    counted itself while it was read, and the totals only rise."""
    plant = Plant()
    async with solar(plant) as b:
        await b.modbus_on()

        def totals():
            b.site.tick()
            own = b.site.asset("d1").readings["pv_energy_kwh"].value
            return own, b.site.asset("d1.meter").readings["grid_export_kwh"].value

        def real():
            return plant.field.pv.forward_wh / 1000, plant.field.grid.reverse_wh / 1000

        async def seen(run):
            """What both ways added over ten minutes in which the device was read."""
            await b.polls(run, 3)
            before, true = totals(), real()
            plant.step(600)
            b.site.now_s += 600
            await b.polls(run, 6)
            after = totals()
            grown = [a - c for a, c in zip(after, before, strict=True)]
            due = [a - c for a, c in zip(real(), true, strict=True)]
            assert grown == pytest.approx(due, abs=0.002)
            return after

        async with b.live("", "meter") as run:
            first = await seen(run)
        await b.modbus_off()
        b.time.now += 120
        plant.step(600)  # nobody looks
        async with b.live("", "meter") as run:
            await run.until(lambda: b.note() and b.counters("meter"))
            start = totals()
            assert start == pytest.approx(first, abs=0.001), "energy of the gap was invented"
            second = await seen(run)
            await b.modbus_on()
            plant.step(600)
            await run.until(lambda: not b.note())
            await run.until(lambda: b.heard("meter") and b.counters("meter"))
            assert b.counters()["pv_energy_kwh"][1] == "122.ActWh"
            back = totals()
            assert all(a >= c for a, c in zip(back, second, strict=True))
            assert back == pytest.approx(second, abs=0.5)
            await seen(run)
        assert b.time.slept.count(BACK_S)


# -- beside Modbus -----------------------------------------------------------------------------


async def test_a_check_that_agrees():
    """`solar_api = "check"`: the API is read too, into raw series, and nothing else changes."""
    async with solar(solar_api="check") as b:
        await b.modbus_on()
        async with b.live("", "meter") as run:
            await run.until(lambda: ("fronius_solar_inverter_pac", "") in raw(b.site))
            await run.until(lambda: len([r for r in b.http.requests if "Common" in r]) > 8)
            assert "solar api differs" not in b.image.roles[""].notes
            assert b.counters()["pv_energy_kwh"][1] == "122.ActWh"
            assert not b.note()


async def test_a_check_that_differs():
    """When both differ for minutes, the asset says so with both numbers; readings stay those of
    Modbus."""
    plant = Plant()
    async with solar(plant, solar_api="check") as b:
        other = Plant(hour=8.0)
        plant.api.inverters = {"1": other.inverter}
        await b.modbus_on()
        async with b.live("", "meter") as run:
            await run.until(lambda: "solar api differs" in b.image.roles[""].notes)
            note = b.image.roles[""].notes["solar api differs"]
            assert f"{other.field.pv.total_w:.0f} W where Modbus" in note
            assert b.values()["pv_power_w"] == pytest.approx(plant.field.pv.total_w, abs=1)
            plant.api.inverters = {"1": plant.inverter}
            await run.until(lambda: "solar api differs" not in b.image.roles[""].notes)


async def test_without_a_check_the_api_is_left_alone():
    """Beside a Modbus that works the API is asked once who it is, and no more."""
    async with solar() as b:
        await b.modbus_on()
        async with b.live("", "meter") as run:
            await run.until(lambda: b.image.pinned(f"solar_id_{SERIAL}"))
            await b.polls(run, 40)
            await asyncio.sleep(0)
        assert len(b.http.requests) == 3
        assert not any("Realtime" in request for request in b.http.requests)
