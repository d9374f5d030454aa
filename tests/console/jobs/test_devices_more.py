"""More of what a tech does with devices, by keyboard alone: move, swap, link, import, a registry
that waits, what somebody else does meanwhile, what waits for a decision."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from textual.pilot import Pilot

from collector.model import tables as edit
from collector.model.snapshot import Overlap, Total
from collector.site.counters import CounterState
from collector.site.energy import Happened, Missed
from collector.wire import (
    CreateEventRequest,
    EventAnswer,
    JoinRequest,
    MomentRequest,
    ParticipationsAnswer,
)
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.devices import desk
from ovr_tui.console.profile import Profile
from tests.console.jobs.test_alarms import desk as desk_of
from tests.console.jobs.test_devices import console, meter, meters, typed
from tests.console.readers import screen_text, shows
from tests.support.nodes import Node
from tests.support.ports import free_port
from tests.support.snapshots import START_MS, HandFeed, changed, site

SECRET = "hidden-hunter2"


def app_of(pilot: Pilot[Any]) -> ConsoleApp:
    """The console under test."""
    assert isinstance(pilot.app, ConsoleApp)
    return pilot.app


def screen(pilot: Pilot[Any]) -> str:
    """What it shows now."""
    return screen_text(app_of(pilot))


async def choose(pilot: Pilot[Any], name: str) -> None:
    """On a page of what can be done: do this."""
    table = getattr(pilot.app.screen, "table")  # noqa: B009
    for _ in range(40):
        if table.cursor == name:
            break
        await pilot.press("down")
    assert table.cursor == name
    await pilot.press("enter")


async def live(node: Node, *names: str) -> None:
    """Until all of these measure."""
    await node.until(lambda: all(node.asset(name).status.value == "live" for name in names))


@pytest.mark.timeout(120)
async def test_moved_then_swapped(tmp_path: Path) -> None:
    """A meter is found again at another address and goes on; it goes into another system; another
    serial and unit number are said of it, and the one that answers is then a wrong device."""
    async with meters("AH1", "AH1") as ports:
        devices = [meter("stage-a", ports[0])]
        async with console(tmp_path, devices) as (pilot, node, _):
            await live(node, "stage-a")
            await shows(pilot, "live")
            await pilot.press("enter")
            await shows(pilot, "reached elsewhere")
            await choose(pilot, "move")
            await shows(pilot, "Move stage-a")
            await pilot.press("down")
            await typed(pilot, "127.0.0.1")
            await pilot.press("down")
            await typed(pilot, str(ports[1]))
            await pilot.press("ctrl+s")
            await shows(pilot, f"stage-a is at 127.0.0.1:{ports[1]}")
            await node.until(lambda: str(ports[1]) in node.snapshot.sources[0].address)
            await live(node, "stage-a")

            await choose(pilot, "into another system")
            await shows(pilot, "One that is there (stage-a)")
            await typed(pilot, "Camp 1")
            await shows(pilot, "a-z, 0-9 and - inside")
            await pilot.press("ctrl+a", "ctrl+k")
            await typed(pilot, "camp-1")
            await pilot.press("ctrl+s")
            await node.until(lambda: node.asset("stage-a").system == "camp-1")
            await shows(pilot, "system: camp-1")

            await choose(pilot, "unit swapped")
            await shows(pilot, "Another unit stands at stage-a")
            await typed(pilot, "B 117")
            await pilot.press("down")
            await typed(pilot, "AH2")
            await pilot.press("ctrl+s")
            await shows(pilot, "stage-a is unit B 117 now; AH2 is pinned")
            await node.until(lambda: node.snapshot.sources[0].state == "wrong device")
            await shows(pilot, "it has moved")
            assert "it was swapped" in screen(pilot)


@pytest.mark.timeout(120)
async def test_linked_as_it_was_told_and_taken_back(tmp_path: Path) -> None:
    """Which totals a link changes is told before, and is so after; taken back, both count."""
    async with meters("AH1", "AH2") as ports:
        devices = [meter("stage-a", ports[0]), meter("stage-b", ports[1])]
        async with console(tmp_path, devices) as (pilot, node, _):
            await live(node, "stage-a", "stage-b")
            both = ("stage-a", "stage-b")

            def counted() -> tuple[str, ...]:
                return node.snapshot.totals["load_power_w"].counted

            await node.until(lambda: counted() == both)
            await shows(pilot, "2 devices")
            await pilot.press("enter")
            await shows(pilot, "THE DEVICE")
            await choose(pilot, "link")
            await shows(pilot, "which other asset")
            await pilot.press("enter")
            await shows(pilot, "a check of it")
            await pilot.press("right")
            told = await shows(pilot, "stage-a is fed by stage-b")
            assert "load power: the total falls by" in told
            assert "load energy of today: what stage-a has counted" in told
            await pilot.press("ctrl+s")
            await shows(pilot, "stage-a is behind stage-b")
            await node.until(lambda: counted() == ("stage-b",))
            await node.until(lambda: node.snapshot.today["load_energy_kwh"].counted == ("stage-b",))

            await shows(pilot, "unlink")
            await choose(pilot, "unlink")
            await shows(pilot, "behind stage-b")
            await pilot.press("ctrl+s")
            await shows(pilot, "nothing is said of stage-a and stage-b any more")
            await node.until(lambda: counted() == both)


async def offered(pilot: Pilot[Any], file: Path) -> str:
    """From the list: take devices from this file; the question with what would change."""
    await pilot.press("i")
    await shows(pilot, "Many devices from a file")
    await pilot.press("down")
    await typed(pilot, file.name)
    await pilot.press("ctrl+s")
    return await shows(pilot, f"Take this from {file.name}?")


@pytest.mark.timeout(120)
async def test_imported_from_a_table_and_from_the_older_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would change is shown, and enter alone changes nothing; confirmed it is so. A password
    of the older file is kept, and is in no picture. A table that is wrong stays with its reason."""
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "m.csv"
    table.write_text(
        "id,kind,host,port,name,asset_kind,rated_kva\r\n"
        f"stage-a,acuvim,127.0.0.1,{free_port()},Stage [A],load,250\r\n"
        f"stage-b,acuvim,127.0.0.1,{free_port()},,grid,\r\n"
    )
    older = tmp_path / "gx.json"
    older.write_text(json.dumps([{"name": "BESS 1", "host": "127.0.0.1", "port": free_port(),
                                  "user": "u", "password": SECRET}]))  # fmt: skip
    registry = tmp_path / "config" / "registry.toml"
    async with console(tmp_path, []) as (pilot, node, seen):
        await shows(pilot, "No devices yet.")
        told = await offered(pilot, table)
        assert "+ device stage-a: kind acuvim" in told
        assert "+ asset stage-a: rated_kva 250" in told
        await pilot.press("enter")
        await shows(pilot, "No devices yet.")
        assert "stage-a" not in registry.read_text()
        await offered(pilot, table)
        await pilot.press("down", "enter")
        await node.until(lambda: len(node.snapshot.sources) == 2)
        await shows(pilot, "2 devices")
        await shows(pilot, "Stage [A]")

        seen.append(await offered(pilot, older))
        assert "+ device bess-1: kind gx" in seen[-1]
        await pilot.press("down", "enter")
        await node.until(lambda: len(node.snapshot.sources) == 3)
        seen.append(await shows(pilot, "3 devices"))
        assert SECRET in (tmp_path / "config" / "secrets.toml").read_text()
        assert SECRET not in registry.read_text() + "".join(seen)

        table.write_text("id,kind,host,colour\r\nstage-c,acuvim,127.0.0.1,red\r\n")
        await pilot.press("i")
        await shows(pilot, "Many devices from a file")
        await pilot.press("down")
        await typed(pilot, table.name)
        await pilot.press("ctrl+s")
        await shows(pilot, "colour")
        assert table.name in screen(pilot)


@pytest.mark.timeout(120)
async def test_what_somebody_else_changed_meanwhile(tmp_path: Path) -> None:
    """Another field that somebody else has set stays theirs; the same one is refused once, with
    their value at the field and mine still in it, and replaced when it is sent again."""
    device = meter("stage-a", free_port())
    async with console(tmp_path, [device]) as (pilot, node, _):
        reader = app_of(pilot).reader
        await shows(pilot, "stage-a")
        await pilot.press("c")
        await shows(pilot, "Change stage-a")
        await pilot.press("down", "down", "down")
        await typed(pilot, "Mine")
        theirs = {"name": "Theirs", "system": "camp-2"}
        await desk.change(reader, partial(edit.set_device, name="stage-a", changes=theirs))
        await pilot.press("ctrl+s")
        told = await shows(pilot, "meanwhile set to Theirs")
        assert "Mine" in told
        entry = (await desk.read(reader)).registry["device"][0]
        assert entry["name"] == "Theirs"
        await pilot.press("ctrl+s")
        await node.until(lambda: node.asset("stage-a").name == "Mine")
        entry = (await desk.read(reader)).registry["device"][0]
        assert (entry["name"], entry["system"]) == ("Mine", "camp-2")
        assert "Mine" in await shows(pilot, "1 device ")


async def event_with(pilot: Pilot[Any], node: Node, system: str) -> None:
    """An event is on, and this system takes part."""
    reader = app_of(pilot).reader
    made = await reader.post("/v1/events", EventAnswer, CreateEventRequest(name="Festival"))
    path = f"/v1/events/{made.event.id}"
    await reader.post(f"{path}/start", EventAnswer, MomentRequest())
    await reader.post(f"{path}/systems/{system}/join", ParticipationsAnswer, JoinRequest())
    await node.until(lambda: node.snapshot.events and node.snapshot.events[0].systems)


@pytest.mark.timeout(120)
async def test_a_file_that_waits_while_an_event_is_on(tmp_path: Path) -> None:
    """registry.toml without a device of the event waits; the question says what it takes away,
    enter alone leaves it so, and applied it is in force."""
    devices = [meter("stage-a", free_port()), meter("stage-b", free_port())]
    async with console(tmp_path, devices) as (pilot, node, _):
        await shows(pilot, "2 devices")
        await event_with(pilot, node, "stage-b")
        file = tmp_path / "config" / "registry.toml"
        file.write_text(tomli_w.dumps({"version": 1, "device": devices[:1]}))
        await shows(pilot, "registry.toml waits (p)")
        await pilot.press("p")
        told = await shows(pilot, "It takes this from an event")
        assert "stage-b" in told
        await pilot.press("enter")
        await shows(pilot, "registry.toml waits (p)")
        assert len(node.snapshot.sources) == 2
        await pilot.press("p")
        await shows(pilot, "It takes this from an event")
        await pilot.press("down", "enter")
        await node.until(lambda: len(node.snapshot.sources) == 1)
        await shows(pilot, "1 device ")


@pytest.mark.timeout(120)
async def test_a_search_during_an_event_takes_hosts_that_are_confirmed(tmp_path: Path) -> None:
    """While an event is on no network is sent, and a host is refused until it is confirmed; what
    was typed stays in the form until it is sent well."""
    async with meters("AH1") as ports:
        device = meter("stage-b", free_port())
        async with console(tmp_path, [device]) as (pilot, node, _):
            await shows(pilot, "1 device ")
            await event_with(pilot, node, "stage-b")
            await pilot.press("f")
            await shows(pilot, "Festival is on: only single hosts")
            await typed(pilot, "127.0.0.0/30")
            await pilot.press("down", "y", "ctrl+s")
            await shows(pilot, "127.0.0.0/30 is a network: only single hosts now")
            await pilot.press("ctrl+a", "ctrl+k")
            await typed(pilot, f"127.0.0.1:{ports[0]}")
            await pilot.press("down", "n", "ctrl+s")
            told = await shows(pilot, "that these hosts may")
            assert f"127.0.0.1:{ports[0]}" in told
            await pilot.press("y", "ctrl+s")
            await shows(pilot, "AH1")


@pytest.mark.timeout(60)
async def test_what_waits_for_a_person_is_decided() -> None:
    """A pair that looks alike is said to be two flows; of two counters that were not added one is
    accepted in part and one is left out; after each the list is shorter."""
    feed = HandFeed(site(1))
    async with desk_of(feed) as folder:
        key = ("bess-1", "load_energy_kwh")
        feed.site.counters[key] = CounterState(
            unit="S1", path="p", raw=110.0, total=3.0, heard_ms=0, changed_ms=0
        )
        for measurement, grown in ((key[1], 100.0), ("grid_import_kwh", 7.0)):
            missed = Missed(grown, 10.0, 10.0 + grown, "S1", "p")
            told = f"refused: +{grown:g} is more than the rating"
            feed.site.refusals.note("bess-1", Happened(measurement, told, missed), START_MS)
        pair = (Overlap(asset="bess-1", other="bess-1.grid", since_ms=START_MS),)
        total = Total(quantity="load_power_w", value=1.0, unverified=pair)
        await feed.push(changed(feed.snapshot, totals={"load_power_w": total}))
        app = ConsoleApp(folder / "ovr.sock", profile=Profile(), hosted=False)
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("d")
            await shows(pilot, "3 to decide (y)")
            await pilot.press("y")
            await shows(pilot, "ONE FLOW OR TWO?")
            await pilot.press("enter")
            await shows(pilot, "Is it one flow?")
            await pilot.press("t")
            await shows(pilot, "does not ask again")
            await pilot.press("ctrl+s")
            await shows(pilot, "BESS 1 Main stage is apart from bess-1.grid")
            (link,) = feed.changes[-1].after.links
            assert (link.asset, link.other, link.type.value) == (
                "bess-1",
                "bess-1.grid",
                "apart_from",
            )
            await feed.push(changed(feed.snapshot, totals={}))
            await shows(pilot, "To decide · 2")

            await decide(pilot, "load energy")
            await pilot.press("a", "down")
            await shows(pilot, "empty: all of it")
            await typed(pilot, "40")
            await pilot.press("ctrl+s")
            await shows(pilot, "40 kWh are added to BESS 1")
            assert feed.site.counters[key].total == 43.0
            await shows(pilot, "To decide · 1")

            await decide(pilot, "grid import")
            await pilot.press("ctrl+s")
            await shows(pilot, "nothing is added to BESS 1")
            await shows(pilot, "Nothing waits for a decision.")
            assert feed.site.refusals.open == ()


async def decide(pilot: Pilot[Any], words: str) -> None:
    """Open the counter of these words."""
    table = getattr(pilot.app.screen, "table")  # noqa: B009
    wanted = next(item.key for item in table.items if words in "".join(p[0] for p in item.line))
    await choose(pilot, wanted)
    await shows(pilot, "leave it out for good")


@pytest.mark.timeout(120)
async def test_no_form_shows_a_password(tmp_path: Path) -> None:
    """Typed for a new device, tested, refused and saved, or typed to pair: it is in no picture,
    neither as text nor in an image of the screen."""
    async with console(tmp_path, [meter("stage-a", free_port())]) as (pilot, _, seen):

        async def look(text: str) -> None:
            seen.append(await shows(pilot, text))
            seen.append(pilot.app.export_screenshot())

        await shows(pilot, "1 device ")
        await pilot.press("n")
        await shows(pilot, "A new device")
        await pilot.press("down")
        await typed(pilot, "bess-1")
        await pilot.press("down")
        await typed(pilot, "127.0.0.1")
        await pilot.press("down")
        await typed(pilot, str(free_port()))
        while getattr(pilot.app.screen.focused, "name_", "") != "password":
            await pilot.press("down")
        await typed(pilot, SECRET)
        await look("never shown again")
        await pilot.press("ctrl+t")
        await look("NOT WELL")
        await pilot.press("w")
        await shows(pilot, "Try another password")
        await typed(pilot, SECRET)
        await look("It is tried, and not kept")
        await pilot.press("ctrl+s")
        await look("NOT WELL")
        await pilot.press("escape")
        await look("A new device")
        await pilot.press("ctrl+s")
        await look("unencrypted")
        await pilot.press("escape")
        await look("2 devices")
        await pilot.press("home", "enter")
        await look("let the GX make a login")
        await choose(pilot, "pair")
        await look("Pair with bess-1")
        await typed(pilot, SECRET)
        await pilot.press("down", "ctrl+a", "ctrl+k")
        await typed(pilot, str(free_port()))
        await look("Of the page of the GX")
        await pilot.press("ctrl+s")
        await look("127.0.0.1")
        assert not [text for text in seen if SECRET in text]
