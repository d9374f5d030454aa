"""The simulated Solar API: the forms of recorded answers, and the traps of both generations."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from collector.net.http import Http
from collector.simulator import Fault, FaultKind, SimulatedSite
from collector.simulator.server_http import HttpError, HttpServer
from tests.modbus.solar_bench import Plant
from tests.simulator.wire import refuses

COMMON = "GetInverterRealtimeData.cgi?Scope=Device&DeviceId=1&DataCollection=CommonInverterData"


@asynccontextmanager
async def asking(plant):
    """Asks the plant's Solar API over HTTP: the head's code and the data."""
    server = HttpServer(plant.api.answer)
    port = await server.start(0)

    async def ask(request):
        answer = await http.get(f"http://127.0.0.1:{port}/solar_api/v1/{request}", {})
        assert answer.status == 200, request
        told = json.loads(answer.body)
        return told["Head"]["Status"]["Code"], told["Body"]["Data"]

    async with Http() as http:
        try:
            yield ask
        finally:
            await server.stop()


def shape(data):
    """The keys of a document, with numbers of devices left out."""
    if not isinstance(data, dict):
        return set()
    found = set()
    for key, value in data.items():
        found |= {key} if not key.isdecimal() else set()
        found |= shape(value)
    return found


@pytest.mark.parametrize(
    ("request_", "part"),
    [
        (COMMON, "v1__solar_api__v1__GetInverterRealtimeData.cgi___Scope_Device_Dev"),
        ("GetStorageRealtimeData.cgi?Scope=System", "GetStorageRealtimeData.cgi___Scope_System"),
        ("GetActiveDeviceInfo.cgi?DeviceClass=System", "GetActiveDeviceInfo"),
        ("GetInverterInfo.cgi", "v1__GetInverterInfo"),
    ],
)
async def test_forms_are_those_of_recorded_answers(recordings, request_, part):
    """Each recorded answer's keys are told, but for those of LEDs, timers and other devices."""
    plant = Plant(gen24=False, battery=True)
    plant.step(60)
    recorded = set()
    for path in (recordings / "modbus/solar_api").glob("v1__*.json"):
        if part in path.name and "3PInverter" not in path.name:
            recorded |= shape(json.loads(path.read_text())["Body"]["Data"])
    left_out = {"LEDColor", "LEDState", "MgmtTimerRemainingTime", "StateToReset", "Ohmpilot",
                "SensorCard", "StringControl"}  # fmt: skip
    async with asking(plant) as ask:
        code, data = await ask(request_)
    assert code == 0
    assert recorded
    assert recorded - left_out <= shape(data)


async def test_night_of_both_generations():
    """A Datamanager leaves AC keys out, a GEN24 says null; after dark a Datamanager has no inverter
    and answers 12 for it, with HTTP 200."""
    old, new = Plant(gen24=False), Plant()
    for plant in (old, new):
        plant.field.array.enabled = False
        plant.step(60)
    async with asking(old) as ask:
        _, data = await ask(COMMON)
        assert not {"PAC", "FAC", "IAC", "UAC"} & data.keys()
        assert data["DeviceStatus"]["ErrorCode"] == 307
        old.hour = 23.0
        old.step(60)
        assert await ask(COMMON) == (12, {})
        assert await ask("GetInverterInfo.cgi") == (0, {})
        assert (await ask("GetMeterRealtimeData.cgi?Scope=System"))[1]["0"]["Enable"] == 1
    async with asking(new) as ask:
        _, data = await ask(COMMON)
        assert data["PAC"]["Value"] is None
        assert data["DAY_ENERGY"]["Value"] is None
        assert (await ask("GetPowerFlowRealtimeData.fcgi"))[1]["Site"]["P_PV"] is None
        assert (await ask("GetLoggerInfo.cgi"))[0] == 11
        assert (await ask(COMMON.replace("Common", "MinMax")))[0] == 6


async def test_two_servers_at_one_port():
    """A port that is taken is an error in words."""
    plant = Plant()
    one, two = HttpServer(plant.api.answer), HttpServer(plant.api.answer)
    port = await one.start(0)
    try:
        with pytest.raises(HttpError, match=str(port)):
            await two.start(port)
    finally:
        await one.stop()


async def test_modbus_off_and_link_down():
    """`modbus_off` leaves the Solar API, `link_down` takes it too; exchanged devices exchange both
    ports."""

    def ports(name):
        entry = next(d for d in site.devices if d["id"] == name)
        return entry["port"], entry["solar_api_port"]

    async def serial(port):
        answer = await http.get(f"http://127.0.0.1:{port}/solar_api/v1/GetInverterInfo.cgi", {})
        return json.loads(answer.body)["Body"]["Data"]["1"]["UniqueID"]

    async with SimulatedSite(14) as site, Http() as http:
        modbus, web = ports("pv-2")
        before = await serial(web), await serial(ports("pv-1")[1])
        await site.inject(Fault(kind=FaultKind.MODBUS_OFF, target="pv-2"))
        assert refuses(modbus)()
        assert await serial(web) == before[0]
        exchanged = Fault(kind=FaultKind.ADDRESSES_EXCHANGED, target="pv-1,pv-2")
        await site.inject(exchanged)
        assert (await serial(web), await serial(ports("pv-1")[1])) == before[::-1]
        await site.inject(Fault(kind=FaultKind.LINK_DOWN, target="pv-2"))
        await asyncio.sleep(0)
        assert refuses(ports("pv-1")[1])()
