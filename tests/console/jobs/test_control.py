"""Controlling devices by keyboard, on a real collector with a simulated GX that takes writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
from textual.pilot import Pilot

from collector.client import Client
from collector.config.paths import Home
from collector.errors import ApiError
from collector.simulator import SimulatedSite
from collector.wire import (
    ControlAnswer,
    ControlRequest,
    GrantAnswer,
    LockoutAnswer,
    LockoutRequest,
    OffersAnswer,
    PinAnswer,
    PinRequest,
    UnlockRequest,
)
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.control import ControlPage
from ovr_tui.console.pages.outcome import OutcomePage
from ovr_tui.console.profile import Profile
from ovr_tui.console.settings import SettingsFile
from tests.console.jobs.test_events import write
from tests.console.readers import screen_text, shows
from tests.support.nodes import Node, make_home, running

pytestmark = pytest.mark.timeout(120)

GX = "bess-1"
PIN = "493817260594"
WHERE = f"/v1/assets/{GX}/control"


class Place:
    """A running node with a PIN, what was written to its GX, and a console with its own clock."""

    def __init__(self, node: Node, home: Home, writes: list[tuple[str, str]]) -> None:
        self.node = node
        self.home = home
        self.writes = writes
        self.ahead_s = 0.0
        self.seen: list[str] = []
        self.app = self.console(home.operator_socket)

    def console(self, socket: Path) -> ConsoleApp:
        """A console; its clock can be put ahead."""
        return ConsoleApp(
            socket,
            profile=Profile(),
            hosted=False,
            clock=lambda: time.monotonic() + self.ahead_s,
            wall=lambda: time.time() + self.ahead_s,
            settings=SettingsFile(self.home.state / "console.toml"),
        )

    @property
    def name(self) -> str:
        """What is typed for dangerous commands."""
        return self.node.asset(GX).name

    async def see(self, pilot: Pilot[Leave], text: str) -> str:
        """Wait for it, and remember every picture on the way."""
        screen = await shows(pilot, text)
        self.seen += [screen, pilot.app.export_screenshot()]
        return screen

    async def command(self, pilot: Pilot[Leave], label: str) -> None:
        """Go to a command of the page and choose it."""
        page = pilot.app.screen
        assert isinstance(page, ControlPage)
        for _ in range(12):
            offer = page._offer()
            if offer is not None and offer.label == label:
                break
            await pilot.press("down")
        await pilot.press("enter")

    async def unlock(self, pilot: Pilot[Leave]) -> None:
        """With the PIN, on the page of control."""
        await pilot.press("U")
        await self.see(pilot, "PIN of this node")
        await write(pilot, PIN)
        await self.see(pilot, "•" * len(PIN))
        await pilot.press("enter")
        await self.see(pilot, "CONTROL UNLOCKED")

    async def value(self, command: str) -> object:
        """How it is set, by the collector."""
        async with Client(self.home.operator_socket) as client:
            told = await client.get(WHERE, OffersAnswer)
        return next(o.value for o in told.offers if o.command == command)


async def _listen(ear: aiomqtt.Client, writes: list[tuple[str, str]]) -> None:
    async for message in ear.messages:
        assert isinstance(message.payload, bytes)
        tail = str(message.topic).partition("/")[2].partition("/")[2]
        writes.append((tail, message.payload.decode()))


@asynccontextmanager
async def place(tmp_path: Path, assets: int = 6, *, pin: bool = True) -> AsyncIterator[Place]:
    """Once its battery system and what it feeds are known."""
    async with SimulatedSite(assets=assets, seed=2) as sim:
        port = next(device["port"] for device in sim.devices if device["id"] == GX)
        home = make_home(tmp_path, sim.devices, sim.assets)
        async with aiomqtt.Client("127.0.0.1", port) as ear, running(home) as node:
            await ear.subscribe("W/#")
            writes: list[tuple[str, str]] = []
            listening = asyncio.create_task(_listen(ear, writes))
            await node.until(lambda: node.value(GX, "load_power_w"))
            if pin:
                async with Client(home.operator_socket) as client:
                    await client.put("/v1/pin", PinAnswer, PinRequest(pin=PIN))
            try:
                yield Place(node, home, writes)
            finally:
                listening.cancel()


@asynccontextmanager
async def controlled(found: Place) -> AsyncIterator[Pilot[Leave]]:
    """A console on the page of control of the battery system, by keyboard."""
    async with found.app.run_test(size=(120, 40)) as pilot:
        await shows(pilot, found.name)
        await pilot.press("enter")
        await shows(pilot, " c control")
        await pilot.press("c")
        await shows(pilot, "DANGER")
        yield pilot


async def until(pilot: Pilot[Leave], true: Callable[[], object]) -> None:
    """Wait until this holds."""
    async with asyncio.timeout(20):
        while not true():
            await pilot.pause(0.05)


def traces(folder: Path) -> list[Path]:
    """Files below a folder in which the PIN stands."""
    return [p for p in folder.rglob("*") if p.is_file() and PIN.encode() in p.read_bytes()]


async def test_a_limit_is_set_once(tmp_path: Path) -> None:
    """A tech unlocks (first with a wrong PIN), sets the AC limit with the typed name, and sees it
    confirmed and in the audit. The GX got one write; the PIN stands on no screen and in no file;
    leaving locks, so that the grant counts no more."""
    async with place(tmp_path) as found:
        async with controlled(found) as pilot:
            app = found.app
            await found.command(pilot, "inverter mode")
            await found.see(pilot, "Locked: U unlocks it with the PIN.")
            await pilot.press("U")
            await shows(pilot, "PIN of this node")
            await write(pilot, "111111111111")
            await pilot.press("enter")
            await found.see(pilot, "That is not the PIN")
            assert app.now().unlocked_s is None
            await pilot.press("escape")
            await found.unlock(pilot)
            grant = app.unlocking.grant
            await found.command(pilot, "current limit of AC input 1")
            await found.see(pilot, "set it to")
            await write(pilot, "40")
            await pilot.press("enter")
            screen = await found.see(pilot, "not typed yet")
            assert "150 A" in screen
            assert "40 A" in screen
            assert "loads take" in screen
            await write(pilot, "BESS 1")
            await pilot.press("enter")
            await found.see(pilot, "that is not what has to be typed")
            await write(pilot, found.name.removeprefix("BESS 1"))
            await pilot.press("enter", "enter", "enter")
            await found.see(pilot, "Confirmed: current limit of AC input 1 is 40 A.")
            assert isinstance(app.screen, OutcomePage)
            await pilot.press("escape")
            screen = await found.see(pilot, f"150 A {app.glyphs.to} 40 A")
            assert "confirmed" in screen
        assert found.writes == [("vebus/276/Ac/In/1/CurrentLimit", '{"value":40.0}')]
        assert not any(PIN in each or grant in each for each in found.seen)
        assert traces(tmp_path) == []
        async with Client(found.home.operator_socket) as client:
            with pytest.raises(ApiError) as over:
                await client.post("/v1/unlock", GrantAnswer, UnlockRequest(grant=grant))
            assert over.value.code == "pin_needed"


async def test_what_would_drop_a_load_is_not_even_asked(tmp_path: Path) -> None:
    """Off under load says why in the form, and is not sent; charger only with the typed name is
    set, with one write."""
    async with place(tmp_path) as found, controlled(found) as pilot:
        await found.unlock(pilot)
        await found.command(pilot, "inverter mode")
        await shows(pilot, "set it to")
        await write(pilot, "of")
        screen = await found.see(pilot, "off drops the loads")
        await pilot.press("enter")
        assert "set it to" in screen
        assert "not typed yet" not in screen_text(found.app)
        assert found.writes == []
        await write(pilot, "c")
        await pilot.press("enter")
        await shows(pilot, "not typed yet")
        await write(pilot, found.name)
        await pilot.press("enter")
        await found.see(pilot, "Confirmed: inverter mode is charger only.")
        assert found.writes == [("vebus/276/Mode", '{"value":1}')]


async def test_a_value_that_moves_is_asked_about_anew(tmp_path: Path) -> None:
    """Somebody else sets the relay while the question stands: the page says so, takes back what was
    typed, and sends nothing until the person has decided anew."""
    async with place(tmp_path) as found, controlled(found) as pilot:
        await found.unlock(pilot)
        await found.command(pilot, "relay 2")
        await shows(pilot, "set it to")
        await pilot.press("right", "enter")
        await shows(pilot, "not typed yet")
        await write(pilot, found.name)
        await shows(pilot, "set it to on")
        grant = found.app.unlocking.grant
        async with Client(found.home.operator_socket, answer_s=30) as client:
            told = await client.get(WHERE, OffersAnswer)
            request = ControlRequest(
                id="somebody-else", command="relay-2", value="on", seen="off", made_ms=told.at_ms,
                confirm=told.name, grant=grant,
            )  # fmt: skip
            await client.post(WHERE, ControlAnswer, request)
        await pilot.press("enter")
        await found.see(pilot, "It was off and is on now")
        await shows(pilot, "not typed yet")
        assert len(found.writes) == 1
        await pilot.press("escape")
        await shows(pilot, "DANGER")
        assert len(found.writes) == 1


async def test_a_lockout_blocks(tmp_path: Path) -> None:
    """Locked out by name and reason: shown at the asset, in the table and here, and nothing can be
    given; its end takes control unlocked, and a choice that begins on cancel."""
    async with place(tmp_path) as found, controlled(found) as pilot:
        await pilot.press("L")
        await shows(pilot, "It does not replace the physical lock.")
        await write(pilot, "new filter")
        await pilot.press("enter")
        await pilot.press(*["backspace"] * 20)
        await write(pilot, "Jo")
        await pilot.press("enter")
        await shows(pilot, "LOCKED OUT by Jo")
        await pilot.press("L")
        await shows(pilot, "It takes the PIN")
        await found.unlock(pilot)
        await found.command(pilot, "relay 2")
        await shows(pilot, "Locked out by Jo: nothing can be given here.")
        await pilot.press("escape")
        await shows(pilot, "LOCKED OUT by Jo")
        assert isinstance(found.app.screen, AssetPage)
        await pilot.press("escape")
        await shows(pilot, "LOCKED OUT by J")  # as much as fits in the table
        await pilot.press("enter", "L")
        await shows(pilot, "remove the lockout")
        await pilot.press("enter")
        await shows(pilot, "LOCKED OUT by Jo")
        assert found.node.asset(GX).lockout is not None
        await pilot.press("L")
        await shows(pilot, "remove the lockout")
        await pilot.press("down", "enter")
        await found.node.until(lambda: found.node.asset(GX).lockout is None)
        assert found.writes == []


async def test_control_locks_itself(tmp_path: Path) -> None:
    """Keys keep it unlocked; ten minutes without one lock it, by the console's own clock; K locks
    at once, and so does the loss of the collector."""
    async with place(tmp_path) as found, controlled(found) as pilot:
        app = found.app
        await found.unlock(pilot)
        found.ahead_s += 400
        await pilot.press("down")
        await until(pilot, lambda: (app.unlocking.left_s or 0) > 500)
        found.ahead_s += 400
        await pilot.press("down")
        assert app.now().unlocked_s is not None
        await until(pilot, lambda: (app.unlocking.left_s or 0) > 500)
        found.ahead_s += 601
        await pilot.press("down")
        assert app.now().unlocked_s is None
        assert "CONTROL UNLOCKED" not in await shows(pilot, "locked, U unlocks")
        await found.unlock(pilot)
        grant = app.unlocking.grant
        await pilot.press("K")
        await shows(pilot, "Control is locked.")
        async with Client(found.home.operator_socket) as client:
            with pytest.raises(ApiError):
                await client.post("/v1/unlock", GrantAnswer, UnlockRequest(grant=grant))
        await found.unlock(pilot)
        found.node.collector.stop()
        await shows(pilot, "COLLECTOR LOST")
        assert app.now().unlocked_s is None
        await shows(pilot, "The collector is lost: nothing can be given.")


async def test_a_setpoint_is_held_and_released(tmp_path: Path) -> None:
    """A setpoint takes a time; the page says what is held for how long, and R releases it after a
    question that begins on cancel."""
    async with place(tmp_path, assets=2) as found, controlled(found) as pilot:
        await found.unlock(pilot)
        await found.command(pilot, "power drawn from the grid (ESS)")
        await shows(pilot, "for how long")
        await pilot.press("down")
        await write(pilot, "2000")
        await pilot.press("enter")
        await write(pilot, "10m")
        await pilot.press("enter")
        await shows(pilot, "not set")
        await shows(pilot, "for 10 min, until")
        await pilot.press("down", "enter")
        await shows(pilot, "Confirmed")
        await shows(pilot, "held: grid setpoint 2000 W, kept up for")
        await pilot.press("escape")
        await shows(pilot, "R releases it.")
        await pilot.press("R")
        await shows(pilot, "The GX regulates by its own settings again.")
        await pilot.press("down", "enter")
        await shows(pilot, "Confirmed")
        payloads = [payload for _, payload in found.writes]
        assert payloads == ['{"value":2000}', '{"value":null}']


async def test_without_a_pin_nothing_is_offered(tmp_path: Path) -> None:
    """No PIN on the node: the page says how to set one, and has neither commands nor U."""
    async with (
        place(tmp_path, assets=2, pin=False) as found,
        found.app.run_test(size=(80, 24)) as pilot,
    ):
        await shows(pilot, found.name)
        await pilot.press("enter")
        await shows(pilot, " c control")
        await pilot.press("c")
        screen = await shows(pilot, "ovr control --set-pin")
        assert "AS IT IS NOW" in screen
        assert "DANGER" not in screen
        await pilot.press("U", "enter")
        assert isinstance(found.app.screen, ControlPage)


async def test_a_viewer_sees_no_control(tmp_path: Path) -> None:
    """On the viewers' socket there is neither the key nor the command in the palette."""
    async with place(tmp_path, assets=2) as found:
        app = found.console(found.home.viewer_socket)
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "read only")
            await pilot.press("enter")
            await shows(pilot, "esc back")
            await pilot.press("c", "L", "K")
            assert isinstance(app.screen, AssetPage)
            await pilot.press("colon")
            await write(pilot, "told")
            assert "what it can be told" not in screen_text(app)
        lockout = LockoutRequest(reason="work")
        async with Client(found.home.viewer_socket) as client:
            with pytest.raises(ApiError):
                await client.post(f"/v1/assets/{GX}/lockout", LockoutAnswer, lockout)
        assert found.writes == []
