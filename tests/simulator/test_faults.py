"""Scripts of faults, and each fault on a running site."""

import json
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from pymodbus.client import AsyncModbusTcpClient

from collector.simulator import Fault, FaultKind, FaultScriptError, SimulatedSite, load_faults
from collector.simulator.stations import GxStation
from tests.simulator.wire import Ear, ear, heard_to_the_end, refuses, within

SUPPRESS = '{"keepalive-options":["suppress-republish"]}'


def script(folder: Path, text: str) -> Path:
    """A script of that text."""
    path = folder / "faults.toml"
    path.write_text(text)
    return path


def test_a_script_is_read_by_time(tmp_path: Path) -> None:
    """Entries become faults in the order of their times; `for_s` may be missing."""
    path = script(
        tmp_path,
        '[[fault]]\nat_s = 90\nkind = "gx_reboot"\ntarget = "bess-1"\nfor_s = 45.5\n'
        '[[fault]]\nat_s = 10\nkind = "meter_reset"\ntarget = "stage-1"\n',
    )
    assert load_faults(path) == (
        Fault(at_s=10, kind=FaultKind.METER_RESET, target="stage-1"),
        Fault(at_s=90, kind=FaultKind.GX_REBOOT, target="bess-1", for_s=45.5),
    )


def test_all_problems_of_a_script_at_once(tmp_path: Path) -> None:
    """Each wrong entry is named with its number, what is wrong, and the nearest right word."""
    path = script(
        tmp_path,
        'speed = 3\n[[fault]]\nat_s = -1\nkind = "gx_rebot"\n'
        '[[fault]]\nat = 5\nkind = "link_down"\ntarget = "bess-1"\nfor_s = nan\n',
    )
    with pytest.raises(FaultScriptError) as caught:
        load_faults(path)
    message = str(caught.value)
    for part in (
        "speed: unknown key", "fault 1: kind", "'gx_reboot'", "fault 1: target", "fault 1: at_s",
        "fault 2: at: unknown key (did you mean 'at_s'?)", "fault 2: for_s",
    ):  # fmt: skip
        assert part in message


@pytest.mark.parametrize("text", ["[[fault", "fault = 3", "fault = [3]", "\ufeff\0"])
def test_what_is_no_script(tmp_path: Path, text: str) -> None:
    """Broken TOML and wrong shapes are refused with the file's name."""
    with pytest.raises(FaultScriptError, match=r"faults\.toml"):
        load_faults(script(tmp_path, text))


def test_a_missing_script(tmp_path: Path) -> None:
    """A file that cannot be read is named."""
    with pytest.raises(FaultScriptError, match=r"none\.toml"):
        load_faults(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("kind", "target", "message"),
    [
        (FaultKind.DEVICE_LOST, "bess-9", "did you mean"),
        (FaultKind.GX_REBOOT, "stage-1", "is no GX"),
        (FaultKind.FROZEN_HEARTBEAT, "pv-1", "is no GX"),
        (FaultKind.LOW_CHARGE, "pv-1", "is no GX"),
        (FaultKind.ADDRESSES_EXCHANGED, "bess-1", "two GX"),
        (FaultKind.ADDRESSES_EXCHANGED, "bess-1,bess-1", "two GX"),
        (FaultKind.ADDRESSES_EXCHANGED, "bess-1,pv-2", "two GX or two devices behind Modbus"),
        (FaultKind.MODBUS_OFF, "bess-1", "does not speak Modbus"),
        (FaultKind.LINK_DOWN, "bess-1.genset", "part of a device"),
    ],
)
def test_faults_that_cannot_happen(kind: FaultKind, target: str, message: str) -> None:
    """A fault of an unknown or unfit target is refused when the site is made."""
    with pytest.raises(FaultScriptError, match=message):
        SimulatedSite(20, faults=(Fault(kind=kind, target=target),))


def port_of(site: SimulatedSite, device: str) -> int:
    """Where a device listens by the registry."""
    return next(int(d["port"]) for d in site.devices if d["id"] == device)


async def full(site: SimulatedSite, client: Ear, device: str, echo: str = "e") -> None:
    """Ask for everything and wait until it has come."""
    portal = site.portal_ids[device]
    asked = json.dumps({"keepalive-options": [{"full-publish-completed-echo": echo}]})
    await client.client.publish(f"R/{portal}/keepalive", asked)
    done = f"N/{portal}/full_publish_completed"
    await client.until(
        lambda: any(t == done and echo.encode() in p for t, p, _ in client.heard), done
    )


async def test_lost_and_found_service() -> None:
    """A lost asset's topics go empty and come back by themselves."""
    async with SimulatedSite(6, speed=20) as site:
        portal = site.portal_ids["bess-1"]
        async with ear(port_of(site, "bess-1"), f"N/{portal}/genset/#", f"N/{portal}/+") as client:
            await full(site, client, "bess-1")
            topic = f"N/{portal}/genset/1/StatusCode"
            assert await client.topic(topic) == 8
            await site.inject(Fault(kind=FaultKind.DEVICE_LOST, target="bess-1.genset", for_s=20))
            await client.until(lambda: (topic, b"", False) in client.heard, "an empty payload")
            lost = client.heard.index((topic, b"", False))
            await client.until(
                lambda: any(t == topic and p for t, p, _ in client.heard[lost:]), "it is back"
            )


async def test_service_by_its_name() -> None:
    """A single service can be hit; an unknown one is refused with those that there are."""
    async with SimulatedSite(6) as site:
        portal = site.portal_ids["bess-1"]
        async with ear(port_of(site, "bess-1"), f"N/{portal}/#") as client:
            await site.inject(Fault(kind=FaultKind.DEVICE_LOST, target="bess-1/battery/512"))
            assert await client.topic(f"N/{portal}/battery/512/Soc") is ...
        with pytest.raises(FaultScriptError, match="battery/512"):
            await site.inject(Fault(kind=FaultKind.DEVICE_LOST, target="bess-1/battery/9"))


async def test_stale_sensor_and_reset_of_a_gx_service() -> None:
    """A reset counter starts from zero; a stale service repeats itself while the rest lives."""
    async with SimulatedSite(12, speed=50) as site:
        portal = site.portal_ids["bess-2"]
        async with ear(port_of(site, "bess-2"), f"N/{portal}/#") as client:
            energy, power = (f"N/{portal}/grid/30/Ac/{x}" for x in ("Energy/Forward", "Power"))
            load = f"N/{portal}/vebus/276/Ac/Out/P"
            await full(site, client, "bess-2")
            assert await client.topic(energy) > 100
            await site.inject(Fault(kind=FaultKind.METER_RESET, target="bess-2.grid"))
            await full(site, client, "bess-2", "second")
            assert await client.topic(energy) < 10
            await site.inject(Fault(kind=FaultKind.STALE_SENSOR, target="bess-2.grid"))
            await full(site, client, "bess-2", "third")
            stands = [p for t, p, _ in client.heard if t == power][-1]
            count = len(client.heard)

            def said(topic: str) -> list[bytes]:
                return [p for t, p, _ in client.heard[count:] if t == topic]

            await client.until(lambda: len(set(said(load))) > 1, "the rest lives")
            await full(site, client, "bess-2", "fourth")
            assert said(power) == [stands]


async def test_gx_reboot() -> None:
    """The connection breaks and is refused, then the GX is back: nobody keeps it alive, volatile
    energies are at zero, and services come one after the other."""
    async with SimulatedSite(6, speed=10) as site:
        port, portal = port_of(site, "bess-1"), site.portal_ids["bess-1"]
        async with aiomqtt.Client("127.0.0.1", port) as client:
            await client.subscribe("N/#")
            await site.inject(Fault(kind=FaultKind.GX_REBOOT, target="bess-1", for_s=20))
            assert refuses(port)()
            with pytest.raises(aiomqtt.MqttError):
                await heard_to_the_end(client)
        await within(lambda: not refuses(port)(), "the broker is back")
        async with ear(port, f"N/{portal}/#") as client:
            assert await client.topic(f"N/{portal}/system/0/Serial") == portal
            await full(site, client, "bess-1")
            path = f"N/{portal}/vebus/276/Energy/AcIn1ToAcOut"
            await client.until(
                lambda: any(t == path for t, _, _ in client.heard), "the inverter is found"
            )
            assert await client.topic(path) < 5


async def test_frozen_heartbeat() -> None:
    """TCP stands, and as long as it hangs nothing is said, not even when asked; then it goes on by
    itself."""
    async with SimulatedSite(3, speed=10) as site:
        portal = site.portal_ids["bess-1"]
        gx = next(s.gx for s in site._stations.values() if isinstance(s, GxStation))
        async with ear(port_of(site, "bess-1"), f"N/{portal}/#") as client:
            await full(site, client, "bess-1")
            await site.inject(Fault(kind=FaultKind.FROZEN_HEARTBEAT, target="bess-1", for_s=15))
            published = gx.published
            await client.client.publish(f"R/{portal}/keepalive", b"")

            def awake() -> bool:
                assert not gx.hung or gx.published == published
                return not gx.hung

            await within(awake, "it wakes")
            await within(lambda: gx.published > published, "it goes on")


async def test_two_gx_exchange_their_addresses() -> None:
    """Each answers at the other's port, and only there; its own retained serial comes along."""
    async with SimulatedSite(12) as site:
        one, two = port_of(site, "bess-1"), port_of(site, "bess-2")
        await site.inject(Fault(kind=FaultKind.ADDRESSES_EXCHANGED, target="bess-1, bess-2"))
        for port, device in ((one, "bess-2"), (two, "bess-1")):
            async with ear(port, "N/+/system/0/Serial") as client:
                portal = site.portal_ids[device]
                assert await client.topic(f"N/{portal}/system/0/Serial") == portal
                assert len({topic for topic, _, _ in client.heard}) == 1
        assert port_of(site, "bess-1") == one


async def read(client: AsyncModbusTcpClient, address: int, count: int, unit: int = 1) -> Any:
    """A plain read."""
    return await client.read_holding_registers(address, count=count, device_id=unit)


async def test_modbus_link_down_and_back() -> None:
    """Connections break, new ones are refused, then it is back on the same port."""
    async with SimulatedSite(6, speed=10) as site:
        port = port_of(site, "stage-1")
        await site.inject(Fault(kind=FaultKind.LINK_DOWN, target="stage-1", for_s=10))
        assert refuses(port)()
        await within(lambda: not refuses(port)(), "it is back")
        client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=2, retries=0)
        assert await client.connect()
        assert (await read(client, 0x1001, 1)).registers == [1]
        client.close()


async def test_faults_of_single_units() -> None:
    """A smart meter goes silent and its inverter answers; a meter's energy is cleared."""
    async with SimulatedSite(20) as site:
        await site.inject(Fault(kind=FaultKind.DEVICE_LOST, target="pv-2.meter"))
        await site.inject(Fault(kind=FaultKind.METER_RESET, target="load-3"))
        client = AsyncModbusTcpClient(
            "127.0.0.1", port=port_of(site, "pv-2"), timeout=0.5, retries=0
        )
        assert await client.connect()
        assert (await read(client, 40000, 2)).registers == [0x5375, 0x6E53]
        with pytest.raises(Exception, match="No response"):
            await read(client, 40000, 2, unit=200)
        client.close()
        client = AsyncModbusTcpClient("127.0.0.1", port=port_of(site, "load-3"), timeout=2)
        assert await client.connect()
        assert (await read(client, 0x4048, 2)).registers[0] == 0
        client.close()


async def test_a_battery_that_was_run_down() -> None:
    """A GX tells at once of a charge that is low."""
    async with SimulatedSite(6, speed=20) as site:
        portal = site.portal_ids["bess-1"]
        async with ear(port_of(site, "bess-1"), f"N/{portal}/battery/#", f"N/{portal}/+") as client:
            await full(site, client, "bess-1")
            await site.inject(Fault(kind=FaultKind.LOW_CHARGE, target="bess-1"))
            low = f"N/{portal}/battery/512/Soc"
            await client.until(
                lambda: any(
                    t == low and p and json.loads(p)["value"] < 20 for t, p, _ in client.heard
                ),
                "a low charge",
            )


def test_the_busy_hour_is_a_script_for_its_site() -> None:
    """The shipped script names only what 120 assets have."""
    script = Path(__file__).parent.parent.parent / "configs" / "faults" / "busy-hour.toml"
    assert SimulatedSite(120, faults=load_faults(script)).faults


async def test_scripted_faults_run_by_the_plants_clock() -> None:
    """A fault at 20 simulated seconds comes after 1 s at twenty-fold speed, and ends."""
    fault = Fault(kind=FaultKind.LINK_DOWN, target="stage-1", at_s=20, for_s=20)
    async with SimulatedSite(6, speed=20, faults=(fault,)) as site:
        down = refuses(port_of(site, "stage-1"))
        assert not down()
        await within(down, "the link goes down")
        await within(lambda: not down(), "the link comes back")
