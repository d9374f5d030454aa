"""Devices that let nobody in yet, and devices that are elsewhere, by keyboard alone on a real
collector: paired, looked for, found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.console.jobs.test_devices import console, meter, meters, typed
from tests.console.jobs.test_devices_more import choose, live, screen
from tests.console.readers import shows
from tests.support.certificates import Authority
from tests.support.http_answers import answering
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.victron.conftest import PORTAL
from tests.victron.test_pairing import SECRET, TOLD, Venus, paired_only


async def at(pilot: Pilot[Any], device: str) -> None:
    """On the list of devices: the cursor on this one."""
    table = getattr(pilot.app.screen, "table")  # noqa: B009
    await pilot.press("home")
    for _ in table.items:
        if table.cursor == device:
            break
        await pilot.press("down")
    assert table.cursor == device


async def test_paired_with_a_gx(tmp_path: Path, mosquitto: Callable[..., Mosquitto]) -> None:
    """A GX that lets paired clients in only is refused, and says so. Out of pairing mode it gives
    no login: the form stays with the reason. With its password it does, and is heard at once;
    neither password is in any picture, nor the one that it made in the registry."""
    broker = paired_only(mosquitto, tmp_path)
    gx = {"id": "bess-1", "kind": "gx", "host": "127.0.0.1", "port": broker.port, "tls": True}
    gx["portal_id"] = PORTAL
    page = answering(Venus(pairing=False), tls=Authority().server(tmp_path))
    async with page as server, console(tmp_path / "h", [gx]) as (pilot, node, seen):
        seen.append(await shows(pilot, "refuses"))
        await pilot.press("enter")
        await shows(pilot, "THE DEVICE")
        await choose(pilot, "pair")
        await shows(pilot, "Pair with bess-1")
        await pilot.press("down", "ctrl+a", "ctrl+k")
        await typed(pilot, str(server.port))
        await pilot.press("ctrl+s")
        seen.append(await shows(pilot, "not in pairing mode"))
        assert "Pair with bess-1" in seen[-1]
        assert "token_name" not in str(node.snapshot)
        await pilot.press("up")
        await typed(pilot, SECRET)
        seen.append(screen(pilot))
        await pilot.press("ctrl+s")
        seen.append(await shows(pilot, f"bess-1 logs in as {TOLD['token_name']} from now on"))
        met = node.collector.parts.site.identities.serials
        await node.until(lambda: met().get("bess-1"), 20)
        seen.append(await shows(pilot, TOLD["token_name"]))
        kept = (tmp_path / "h" / "config" / "secrets.toml").read_text()
        assert TOLD["password"] in kept
        written = (tmp_path / "h" / "config" / "registry.toml").read_text()
        assert TOLD["token_name"] in written
        for secret in (SECRET, TOLD["password"]):
            assert secret not in written + "".join(seen)


async def test_two_that_changed_places_and_one_that_left(tmp_path: Path) -> None:
    """Of two meters each answers where the other is pinned: both are wrong devices. One is looked
    for, and both go on where they are. A third one is nowhere; a search finds it as moved, and it
    is read there, under its name."""
    async with meters("AH1", "AH2", "AH3") as ports:
        devices = [
            meter("stage-a", ports[1], serial="AH1"),
            meter("stage-b", ports[0], serial="AH2"),
            meter("stage-c", free_port(), serial="AH3") | {"name": "Stage C"},
        ]
        async with console(tmp_path, devices) as (pilot, node, _):
            await node.until(
                lambda: [one.state for one in node.snapshot.sources[:2]] == ["wrong device"] * 2
            )
            await shows(pilot, "expected")
            await at(pilot, "stage-a")
            await pilot.press("enter")
            await shows(pilot, "it has moved")
            await choose(pilot, "it has moved")
            await shows(pilot, "Look for stage-a?")
            await pilot.press("enter")
            await shows(pilot, "it has moved")
            assert node.snapshot.sources[0].state == "wrong device"
            await choose(pilot, "it has moved")
            await shows(pilot, "Look for stage-a?")
            await pilot.press("down", "enter")
            await shows(pilot, f"stage-a is at 127.0.0.1:{ports[0]}")
            await live(node, "stage-a", "stage-b")
            where = [one.address for one in node.snapshot.sources[:2]]
            assert [str(port) in one for port, one in zip(ports, where, strict=False)] == [True] * 2

            await pilot.press("escape", "f")
            await shows(pilot, "Look for devices")
            await pilot.press("ctrl+a", "ctrl+k")
            await typed(pilot, f"127.0.0.1:{ports[2]}")
            await pilot.press("ctrl+s")
            await shows(pilot, "MOVED")
            await pilot.press("enter")
            await shows(pilot, f"Read Stage C at 127.0.0.1:{ports[2]}")
            await pilot.press("down", "enter")
            await shows(pilot, "Stage C is read at")
            await live(node, "stage-c")
            assert node.asset("stage-c").name == "Stage C"
