"""What a tech does with devices, by keyboard alone, on a real collector with simulated meters."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from collector.simulator.meters.acuvim import Setup, acuvim_ii
from collector.simulator.meters.point import Point
from collector.simulator.physics.direct import MainsLoad
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.noise import stream
from collector.simulator.physics.sun import Sun
from collector.simulator.server_modbus import ModbusServer
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.profile import Profile
from tests.console.readers import screen_text, shows
from tests.support.nodes import Node, make_home, running
from tests.support.ports import free_port

SECRET = "hidden-hunter2"


@asynccontextmanager
async def meters(*serials: str) -> AsyncIterator[list[int]]:
    """A meter for each serial, and the ports at which they answer."""
    servers, ports = [], []
    for number, serial in enumerate(serials):
        load = MainsLoad(LoadSpec(base_w=40_000, show_w=20_000), 1, serial)
        load.step(10, 20.0, Sun(stream(1, "sun")))
        setup = Setup(primary=True, ct=(200, 5), serial=serial)
        point = Point(load.served, stream(1, serial), 100.0 * number)
        server = ModbusServer({1: acuvim_ii(point, setup, 1, time.time)})
        port = free_port()
        await server.start(port)
        servers.append(server)
        ports.append(port)
    try:
        yield ports
    finally:
        for server in servers:
            await server.stop()


@asynccontextmanager
async def console(
    tmp_path: Path, devices: list[dict[str, Any]], size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[Any], Node, list[str]]]:
    """A console on the devices page of a real collector; what was seen after each step."""
    home = make_home(tmp_path, devices)
    async with running(home) as node:
        app = ConsoleApp(home.operator_socket, profile=Profile())
        async with app.run_test(size=size) as pilot:
            await shows(pilot, "operator")
            await pilot.press("d")
            yield pilot, node, []


async def typed(pilot: Pilot[Any], text: str) -> None:
    """Type a text into the field that has the keys."""
    await pilot.press(*("space" if ch == " " else ch for ch in text))


def meter(name: str, port: int, **more: Any) -> dict[str, Any]:
    """A `[[device]]` of a meter."""
    return {"id": name, "kind": "acuvim", "host": "127.0.0.1", "port": port, **more}


@pytest.mark.timeout(120)
async def test_found_and_added_all_at_once(tmp_path: Path) -> None:
    """From an empty node: look at two addresses, mark both finds, name them, and they are live."""
    async with meters("AH1", "AH2") as ports, console(tmp_path, []) as (pilot, node, _):
        await shows(pilot, "No devices yet.")
        await pilot.press("f")
        await shows(pilot, "Look for devices")
        field = pilot.app.screen.focused
        assert field is not None
        await pilot.press("ctrl+a", "ctrl+k")
        await typed(pilot, f"127.0.0.1:{ports[0]} 127.0.0.1:{ports[1]}")
        await pilot.press("ctrl+s")
        await shows(pilot, "2 of them new")
        await pilot.press("x", "x", "n")
        await shows(pilot, "2 devices to add")
        await pilot.press("down", "ctrl+a", "ctrl+k")
        await typed(pilot, "Stage [left]")
        await pilot.press("ctrl+s")
        await shows(pilot, "none of them new")
        await node.until(lambda: len([a for a in node.snapshot.assets if a.age_s is not None]) == 2)
        await pilot.press("escape")
        await shows(pilot, "Stage [left]")
        await shows(pilot, "2 devices")


@pytest.mark.timeout(120)
async def test_added_by_hand_tested_before_and_changed(tmp_path: Path) -> None:
    """A new one is tested before it is saved; a wrong value stays in the form with its reason at
    its field; then it is saved, renamed, and the change is taken back."""
    async with meters("AH1") as ports, console(tmp_path, []) as (pilot, node, _):
        await shows(pilot, "No devices yet.")
        await pilot.press("n")
        await shows(pilot, "A new device")
        await pilot.press("a", "down")
        await shows(pilot, "Modbus unit")
        await typed(pilot, "stage-a")
        await pilot.press("down")
        await typed(pilot, "127.0.0.1")
        await pilot.press("down")
        await typed(pilot, "99999")
        await shows(pilot, "at most 65")
        await pilot.press("ctrl+a", "ctrl+k")
        await typed(pilot, str(ports[0]))
        await pilot.press("ctrl+t")
        await shows(pilot, "AH1")
        await pilot.press("escape")
        await shows(pilot, "A new device")
        assert node.snapshot.sources == ()
        await pilot.press("ctrl+s")
        await shows(pilot, "1 device ")
        await node.until(lambda: node.asset("stage-a").age_s is not None)
        await pilot.press("c")
        await shows(pilot, "Change")
        for _ in range(3):
            await pilot.press("down")
        await typed(pilot, "Renamed")
        await pilot.press("ctrl+s")
        await shows(pilot, "1 device ")
        await shows(pilot, "Renamed")
        await pilot.press("u")
        await shows(pilot, "name Renamed")
        await pilot.press("down", "enter")
        await node.until(lambda: node.asset("stage-a").name != "Renamed")
        await pilot.press("n", "down")
        await typed(pilot, "z-9")
        await pilot.press("down")
        await typed(pilot, "127.0.0.1")
        await pilot.press("ctrl+s")
        await shows(pilot, "2 devices")
        await shows(pilot, "z-9  z-9")  # its details: the cursor is where it was added


@pytest.mark.timeout(120)
async def test_commissioned_and_removed_by_its_name(tmp_path: Path) -> None:
    """A clamp beside the meter, then the device goes only when its id is typed."""
    async with meters("AH1") as ports:
        devices = [meter("stage-a", ports[0])]
        async with console(tmp_path, devices) as (pilot, node, _):
            await node.until(lambda: node.asset("stage-a").age_s is not None)
            await shows(pilot, "live")
            await pilot.press("enter")
            await shows(pilot, "in service: its alarms")
            for _ in range(30):
                if getattr(pilot.app.screen, "table").cursor == "commission":  # noqa: B009
                    break
                await pilot.press("down")
            await pilot.press("enter")
            await shows(pilot, "clamp on L1")
            await typed(pilot, "1")
            await shows(pilot, "look at ratio")
            await pilot.press("ctrl+s")
            await shows(pilot, "is watched from now on")
            await pilot.press("escape", "escape", "D")
            await shows(pilot, "not typed yet")
            assert "It is not read any more." in " ".join(screen_text(pilot.app).split())
            await typed(pilot, "stage-a")
            await pilot.press("enter")
            await shows(pilot, "stage-a is removed; u takes it back")
            await pilot.press("escape")
            await shows(pilot, "No devices yet.")
            assert "stage-a" not in (tmp_path / "config" / "registry.toml").read_text()


@pytest.mark.timeout(120)
async def test_a_password_is_never_on_screen(tmp_path: Path) -> None:
    """Typed, kept and used, it is on no screen on the way, nor in the registry."""
    gx = {"id": "bess-1", "kind": "gx", "host": "127.0.0.1", "port": free_port()}
    async with console(tmp_path, [gx]) as (pilot, _, seen):
        await shows(pilot, "bess-1")
        await pilot.press("c")
        await shows(pilot, "not kept")
        for _ in range(6):
            await pilot.press("down")
        await typed(pilot, SECRET)
        seen.append(screen_text(pilot.app))
        await pilot.press("ctrl+s")
        seen.append(await shows(pilot, "unencrypted"))
        await pilot.press("escape")
        seen.append(await shows(pilot, "password kept"))
        await pilot.press("enter")
        seen.append(await shows(pilot, "THE DEVICE"))
        assert not [text for text in seen if SECRET in text]
        assert SECRET in (tmp_path / "config" / "secrets.toml").read_text()
        assert SECRET not in (tmp_path / "config" / "registry.toml").read_text()
