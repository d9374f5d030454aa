"""An event from nothing to its reports, by keyboard, on a real collector with simulated devices."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from collector.model.kinds import AssetStatus
from collector.model.said import LogKind
from collector.wire import EventsAnswer, LogListAnswer
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.event import EventPage
from ovr_tui.console.pages.events import EventsPage
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.profile import Profile
from ovr_tui.console.text import plain
from tests.console.readers import screen_text, shows
from tests.integration.test_lifecycle import simulated
from tests.support.nodes import Node, make_home, running
from tests.support.ports import free_port

KEYS = {" ": "space", "-": "minus", "/": "slash", "[": "left_square_bracket", "=": "equals_sign",
        "]": "right_square_bracket", "{": "left_curly_bracket", "}": "right_curly_bracket",
        "%": "percent_sign", ".": "full_stop", "~": "tilde", ":": "colon"}  # fmt: skip


async def write(pilot: Pilot[Leave], text: str) -> None:
    """Type a text, key by key."""
    await pilot.press(*(KEYS.get(ch, ch) for ch in text))


@asynccontextmanager
async def site(tmp_path, assets: int = 8) -> AsyncIterator[Node]:
    """A collector on simulated devices, once all of them are heard."""
    with simulated("--assets", str(assets)) as served:
        home = make_home(tmp_path, served["devices"], served["assets"])
        async with running(home) as node:
            await node.until(
                lambda: (
                    node.snapshot.assets
                    and all(one.status is AssetStatus.LIVE for one in node.snapshot.assets)
                ),
                40,
            )
            yield node


def console(tmp_path) -> ConsoleApp:
    """A console of an operator."""
    return ConsoleApp(tmp_path / "run" / "ovr.sock", profile=Profile(), hosted=False)


async def events(app: ConsoleApp) -> EventsAnswer:
    """What the collector has."""
    return await app.ask("/v1/events", EventsAnswer)


async def make(pilot: Pilot[Leave], name: str, job: str = "") -> None:
    """From the list: a new event of this name, and its page."""
    await shows(pilot, "No events yet.")
    await pilot.press("n")
    await shows(pilot, "A new event")
    await write(pilot, name)
    await pilot.press("enter")
    await write(pilot, job)
    await pilot.press("ctrl+s")
    await shows(pilot, "is planned")


@pytest.mark.timeout(400)
async def test_from_nothing_to_reports(tmp_path) -> None:
    """Made, said what for, started, all joined at once, fuel and a note written down, one left,
    ended by its typed name: what was done is what the collector has, and the reports are made."""
    async with site(tmp_path) as node:
        app = console(tmp_path)
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("e")
            await make(pilot, "Desert Weekend 1", "DW-1")
            await _uses_and_start(pilot)
            count = await _all_join(pilot, node)
            await _write_down(pilot, app)
            await _one_leaves(pilot, count)
            await _end(pilot, app)
            (one,) = (await events(app)).events
            assert one.event.status == "ended"
            assert len(one.participations) == count
            assert all(part.to_ms is not None for part in one.participations)
            assert {str(part.use_case) for part in one.participations} == {"hybridization"}
            await pilot.press("4")
            async with _patience():
                while "draft r1" not in screen_text(app) or "waiting" in screen_text(app):
                    await pilot.pause(0.2)


def _patience():
    """A report may wait for a minute to be made again (CUT_MS), and then is made."""
    return asyncio.timeout(200)


async def _uses_and_start(pilot: Pilot[Leave]) -> None:
    await pilot.press("U")
    await shows(pilot, "What systems are for")
    await pilot.press("A", "enter")
    await shows(pilot, "metering only >")
    await pilot.press("h", "ctrl+s")
    await shows(pilot, "kept: what")
    await pilot.press("escape")
    await pilot.press("S")
    await shows(pilot, "No baseline is entered")
    await pilot.press("ctrl+s")
    await shows(pilot, "is on since")


async def _all_join(pilot: Pilot[Leave], node: Node) -> int:
    count = len({one.system for one in node.snapshot.assets})
    await pilot.press("J")
    await shows(pilot, "Who joins")
    await pilot.press("A", "enter")
    await shows(pilot, f"{count} systems join")
    await pilot.press("ctrl+s")
    await shows(pilot, f"systems {count} of {count}")
    await node.until(lambda: len(node.snapshot.events[0].systems) == count)
    return count


async def _write_down(pilot: Pilot[Leave], app: ConsoleApp) -> None:
    await pilot.press("l", "f")
    await shows(pilot, "Fuel delivered")
    await write(pilot, "400")
    await pilot.press("ctrl+s")
    await shows(pilot, "written down: fuel delivered 400 L")
    await pilot.press("l", "n")
    await shows(pilot, "Note, into")
    await write(pilot, "rain [/b] at {noon}")
    await pilot.press("ctrl+s")
    await pilot.press("3")
    await shows(pilot, "rain [/b] at {noon}")
    found = (await app.ask("/v1/log", LogListAnswer, event="DW-1")).entries
    assert [(one.kind, one.value) for one in found] == [(LogKind.FUEL, 400), (LogKind.NOTE, None)]
    assert all(one.event for one in found)


async def _one_leaves(pilot: Pilot[Leave], count: int) -> None:
    await pilot.press("1")
    await shows(pilot, f"systems {count} of {count}")
    await pilot.press("x", "L")
    await shows(pilot, "1 system leaves")
    assert "Each report is made at once" in screen_text(pilot.app)
    await pilot.press("ctrl+s")
    await shows(pilot, f"systems {count - 1} of {count}")


async def _end(pilot: Pilot[Leave], app: ConsoleApp) -> None:
    """A wrong name ends nothing, and esc does not throw away what was typed unasked."""
    await pilot.press("X")
    await shows(pilot, "Still in, with what they give now")
    await write(pilot, "Desert weekend 1")
    await pilot.press("ctrl+s")
    await shows(pilot, "that is not Desert Weekend 1")
    await pilot.press("escape")
    await shows(pilot, "esc once more")
    assert (await events(app)).events[0].event.status == "active"
    for _ in range(len("weekend 1")):
        await pilot.press("backspace")
    await write(pilot, "Weekend 1")
    await pilot.press("ctrl+s")
    await shows(pilot, "ended since")


@pytest.mark.timeout(120)
async def test_hostile_names_and_many_leave(tmp_path) -> None:
    """A name of markup shows as text; what cannot be typed on every keyboard is ended by a shorter
    word; many leave at once; what was told wrong is corrected with a reason, and called off."""
    name = "[/b] {x} %s"
    async with site(tmp_path) as node:
        app = console(tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("e")
            await make(pilot, name)
            assert isinstance(app.screen, EventPage)
            assert name in screen_text(app)
            await pilot.press("S")
            await shows(pilot, "No baseline")
            await write(pilot, "5m ago")
            await pilot.press("ctrl+s")
            await shows(pilot, "is on since")
            await pilot.press("J")
            await shows(pilot, "Who joins")
            await pilot.press("x", "x", "enter")
            await shows(pilot, "2 systems join")
            await write(pilot, "4m ago")
            joined_ms = time.time() * 1000
            await pilot.press("ctrl+s")
            await shows(pilot, "systems 2 of 2")
            await pilot.press("F")
            await shows(pilot, "Joined *")
            await pilot.press("end", *["backspace"] * 30)
            await write(pilot, "3m ago")
            await pilot.press("ctrl+s")
            await shows(pilot, "it is needed")
            await write(pilot, "plugged in later")
            later_ms = time.time() * 1000 - joined_ms
            await pilot.press("ctrl+s")
            await shows(pilot, "corrected; its report is made anew")
            await pilot.press("2")
            await shows(pilot, "changed")
            assert name in screen_text(app)
            await pilot.press("1", "x", "x", "L")
            await shows(pilot, "2 systems leave")
            await pilot.press("ctrl+s")
            await shows(pilot, "systems 0 of 2")
            (one,) = (await events(app)).events
            starts = sorted(part.from_ms for part in one.participations)
            assert 50_000 < starts[1] - starts[0] - later_ms < 70_000
            await pilot.press("escape")
            assert isinstance(app.screen, EventsPage)
            await node.until(lambda: not node.snapshot.events[0].systems)


@pytest.mark.timeout(120)
async def test_last_shift_and_files(tmp_path, monkeypatch) -> None:
    """What happened in the last hours is told and kept as text; an event goes out into a file and
    in again, and a planned one is called off with a reason."""
    monkeypatch.setenv("HOME", str(tmp_path))
    async with site(tmp_path):
        app = console(tmp_path)
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("ctrl+e", "o")
            await shows(pilot, "Handover, into")
            await write(pilot, "genset 2 leaks oil")
            await pilot.press("ctrl+s")
            await shows(pilot, "written down: handover")
            await pilot.press("e")
            await make(pilot, "Arena")
            await pilot.press("O")
            await shows(pilot, "Export Arena")
            await pilot.press("ctrl+s")
            await shows(pilot, "0 participations")
            (file,) = tmp_path.glob("event-*.json")
            await pilot.press("C")
            await shows(pilot, "that cannot be undone")
            await write(pilot, "rain")
            await pilot.press("ctrl+s")
            await shows(pilot, "cancelled")
            await pilot.press("escape")
            await pilot.press("I")
            await shows(pilot, "Import an event")
            await write(pilot, file.name)
            await pilot.press("ctrl+s")
            await shows(pilot, "is taken in")
            await pilot.press("w")
            text = await shows(pilot, "NOT HEARD FOR")
            assert "genset 2 leaks oil" in text
            await pilot.press("O")
            await shows(pilot, "Keep the last shift")
            await pilot.press("ctrl+s")
            await shows(pilot, "the last 8 h are in")
            (kept,) = tmp_path.glob("shift-*.txt")
            assert "genset 2 leaks oil" in kept.read_text()
            assert "BATTERIES" in kept.read_text()


async def test_what_was_written_down_wrong_is_withdrawn(tmp_path) -> None:
    """A delivery is written down wrong, then right. The wrong one is withdrawn, for which a reason
    is needed; it stays in the list, marked with who did it, counts no more, and cannot be withdrawn
    twice. The audit says why."""
    genset = {"id": "genset-1", "kind": "acuvim", "host": "127.0.0.1", "port": free_port(),
              "asset_kind": "generator"}  # fmt: skip
    async with running(make_home(tmp_path, [genset])):
        app = console(tmp_path)
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("e")
            await make(pilot, "Arena", "AR-1")
            await pilot.press("S")
            await shows(pilot, "No baseline")
            await pilot.press("ctrl+s")
            await shows(pilot, "is on since")
            for litres in ("940", "94"):
                await pilot.press("l", "f")
                await shows(pilot, "Fuel delivered")
                await write(pilot, litres)
                await pilot.press("ctrl+s")
                await shows(pilot, f"written down: fuel delivered {litres} L")
            await pilot.press("3")
            await shows(pilot, "log 2")
            assert "W withdraw" in screen_text(app).splitlines()[-1]
            await to(pilot, "940 L")
            await pilot.press("W")
            await shows(pilot, "It does not count any more; it stays in the list.")
            await pilot.press("ctrl+s")
            await shows(pilot, "it is needed")
            await write(pilot, "a zero too many")
            await pilot.press("ctrl+s")
            await shows(pilot, "withdrawn: fuel delivered 940 L")
            await to(pilot, "940 L")
            await shows(pilot, "it does not count.")
            assert "W withdraw" not in screen_text(app).splitlines()[-1]
            found = (await app.ask("/v1/log", LogListAnswer, event="AR-1")).entries
            assert sorted((one.value, one.withdrawn_ms is None) for one in found) == [
                (94, True),
                (940, False),
            ]
            await pilot.press("h", "6")
            await shows(pilot, "a zero too many")


async def to(pilot: Pilot[Leave], words: str) -> None:
    """In a list: the cursor on the row with these words."""
    page = pilot.app.screen
    assert isinstance(page, ListPage)
    (key,) = [item.key for item in page.table.items if words in plain(item.line)]
    await pilot.press("home")
    for _ in page.table.items:
        if page.table.cursor == key:
            break
        await pilot.press("down")
    assert page.table.cursor == key
