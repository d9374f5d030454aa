"""An alarm's whole life by keyboard, on a real collector whose meter falls silent; on the
real local API what was refused, and who may not."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from collector.alarms import Scene
from collector.journal import Dead
from collector.model.alarm import Alarm
from collector.model.snapshot import JournalHealth
from collector.serve.access import Transport
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.pages.alarms import AlarmsPage
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.profile import Profile
from tests.console.jobs.test_events import write
from tests.console.readers import screen_text, shows
from tests.modbus.acuvim_map import acuvim_ii
from tests.serve.desks import Dead as RefusedSamples
from tests.serve.support import served
from tests.support.modbus import modbus
from tests.support.nodes import NODE, make_home, running
from tests.support.snapshots import START_MS, HandFeed, changed, site

__all__ = ["modbus"]
HOSTILE = "[/red]\x1b[2J no space"


def console(socket: Path) -> ConsoleApp:
    """A console on this socket."""
    return ConsoleApp(socket, profile=Profile(), hosted=False)


@pytest.mark.timeout(180)
async def test_a_device_falls_silent(tmp_path, modbus) -> None:
    """The clock is confirmed; the meter falls silent and the console says so; the alarm is
    acknowledged with a note, shelved, brought back, and is history once the meter answers; the
    audit tells who did what."""
    unit = acuvim_ii("ACU1")
    server = await modbus({1: unit})
    meter = {"id": "stage-a", "kind": "acuvim", "host": "127.0.0.1", "port": server.port,
             "timeout_s": 1.0, "asset_kind": "load"}  # fmt: skip
    home = make_home(
        tmp_path,
        [meter],
        node={
            "node": NODE | {"trust_clock": False},
            "alarms": {"stale_s": 1.0, "delay_s": 0.0},
        },
    )
    async with running(home) as node:
        await node.until(lambda: node.asset("stage-a").status == "live")
        await node.collector.parts.alarms.commission("stage-a", person="anna")

        def alarm() -> Alarm:
            return [one for one in node.snapshot.alarms if one.asset == "stage-a"][0]  # noqa: RUF015

        app = console(home.operator_socket)
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("h", "4")
            await shows(pilot, "unconfirmed")
            await pilot.press("C")
            await shows(pilot, "Compare it with your watch")
            await pilot.press("down", "enter")
            await node.until(lambda: node.snapshot.health.clock_confirmed)
            await shows(pilot, "the clock is confirmed")

            unit.delay_s = 600.0
            await shows(pilot, "ALARM: stage-a")  # in the last line, on the page of the node
            await pilot.press("a")
            await shows(pilot, "SEVERITY")
            await _to(pilot, alarm().id)
            await pilot.press("A")
            await shows(pilot, "this one: stage-a")
            await write(pilot, "on my way")
            await pilot.press("enter", "enter")
            await node.until(lambda: alarm().ack_note == "on my way")
            assert alarm().state == "acknowledged"
            await shows(pilot, ": on my way")

            await pilot.press("enter")  # what it is about, and back to the list
            await shows(pilot, "raw values")
            assert isinstance(pilot.app.screen, AssetPage)
            await pilot.press("escape")
            await shows(pilot, "SEVERITY")

            await pilot.press("S")
            await shows(pilot, "15 min")
            await write(pilot, "new cable")
            await pilot.press("ctrl+s")
            await shows(pilot, "1 alarm shelved")
            await node.until(lambda: all(one.asset != "stage-a" for one in node.snapshot.alarms))
            await pilot.press("4")
            await shows(pilot, ": new cable")
            await pilot.press("U")
            await node.until(lambda: alarm().state == "active")
            await pilot.press("1")
            await _to(pilot, alarm().id)
            await pilot.press("A", "ctrl+s")
            await node.until(lambda: alarm().state == "acknowledged")

            unit.delay_s = 0.0
            await node.until(
                lambda: all(one.asset != "stage-a" for one in node.snapshot.alarms), 60
            )
            await pilot.press("3")
            await shows(pilot, "✓ ALARM    over")

            await pilot.press("h", "6")
            text = await shows(pilot, "unshelve")
            assert "ack" in text
            assert "shelve" in text


async def _to(pilot, alarm: str) -> None:
    """Put the cursor on an alarm, once the list has it."""
    async with asyncio.timeout(20):
        while True:
            page = pilot.app.screen
            assert isinstance(page, AlarmsPage)
            keys = [item.key for item in page.table.items]
            if alarm in keys:
                break
            await pilot.pause(0.05)
    await pilot.press("home")
    await pilot.press(*["down"] * keys.index(alarm))
    await pilot.pause()
    assert page.table.cursor == alarm


@asynccontextmanager
async def desk(feed: HandFeed) -> AsyncIterator[Path]:
    """The local API with its desks; the folder of its sockets."""
    with tempfile.TemporaryDirectory(prefix="ovr-") as name:
        folder = Path(name)
        both = (Transport.OPERATOR_SOCKET, Transport.VIEWER_SOCKET)
        async with served(folder, feed, both):
            yield folder
            await feed.end()
            await asyncio.sleep(0)


def fail(feed: HandFeed, cause: str) -> Alarm:
    """The node's journal fails for long enough."""
    failing = JournalHealth(state="failing", cause=cause)
    for second in range(30):
        feed.alarms.tick(Scene(at_ms=START_MS + 1000 * second, now_s=second, journal=failing))
    (alarm,) = feed.alarms.active()
    return alarm


@pytest.mark.timeout(60)
async def test_who_may_not_operate_sees_no_key_for_it() -> None:
    """A viewer reads alarms; acknowledging and shelving do not exist for them, log and audit are
    not theirs; an operator's acknowledgement carries their name."""
    feed = HandFeed(site(3))
    async with desk(feed) as folder:
        alarm = fail(feed, HOSTILE)
        await feed.push(changed(site(3, seq=2), alarms=(alarm,)))
        app = console(folder / "view.sock")
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, "read only")
            await pilot.press("a")
            text = await shows(pilot, "▲ CRITICAL")
            assert "acknowledge" not in text.splitlines()[-1]
            await pilot.press("A")
            await pilot.pause()
            assert isinstance(app.screen, AlarmsPage)
            await pilot.press("h", "5")
            await shows(pilot, "Only operators see this.")
            await pilot.press("6")
            await shows(pilot, "Only operators see this.")
        app = console(folder / "ovr.sock")
        async with app.run_test(size=(80, 24)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("a")
            text = await shows(pilot, "[/red]")
            assert "\x1b" not in text
            await pilot.press("A", "ctrl+s")
            await shows(pilot, "1 alarm acknowledged")
        (done,) = feed.alarms.active()
        assert str(os.getuid()) in done.acked_by


@pytest.mark.timeout(60)
async def test_refused_samples_are_given_up() -> None:
    """What a receiver refused is listed; giving it up asks first, and begins on cancel."""
    feed = HandFeed(site(3))
    async with desk(feed) as folder:
        assert isinstance(feed.dead, RefusedSamples)
        for _ in range(2):
            await feed.dead.journal.bury(
                Dead(sink="cloud", first_seq=1, last_seq=1, at_ms=START_MS, reason="bad [label",
                     samples=3, body=b"\x00")
            )  # fmt: skip
        app = console(folder / "ovr.sock")
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("h", "3")
            await shows(pilot, "2 refused")
            await pilot.press("end", "F")
            await shows(pilot, "deleted for good")
            await pilot.press("enter")
            await shows(pilot, "2 refused")
            await pilot.press("x", "F")
            await shows(pilot, "deleted for good")
            await pilot.press("down", "enter")
            await shows(pilot, "1 refused")
            await pilot.press("end", "R")
            await shows(pilot, "impossible")
            assert len(await feed.dead.entries(None, 0, 10)) == 1
            assert "cloud: bad [label" in screen_text(app)


@pytest.mark.timeout(60)
async def test_the_log_is_read_while_it_is_written() -> None:
    """Lines appear by themselves; a level hides what is less urgent; who looks back is left there;
    the filter finds a word; hostile words are only words."""
    feed = HandFeed(site(3))
    async with desk(feed) as folder:
        for number in range(60):
            feed.ring.add("info", "collector.site", f"line {number}")
        feed.ring.add("warning", "collector.supervisor", HOSTILE)
        app = console(folder / "ovr.sock")
        async with app.run_test(size=(120, 40)) as pilot:
            await shows(pilot, "operator")
            await pilot.press("h", "5")
            text = await shows(pilot, "[/red]")
            assert "line 59" in text
            feed.ring.add("error", "collector.journal", "the disk is full")
            await shows(pilot, "the disk is full")
            await pilot.press("l")
            text = await shows(pilot, "2 of 62 lines")
            assert "line 59" not in text
            await pilot.press("l", "l", "home")
            await shows(pilot, "HELD")
            feed.ring.add("error", "collector.journal", "and full again")
            await shows(pilot, "63 of 63 lines")
            assert "and full again" not in screen_text(app)
            await pilot.press("f")
            await shows(pilot, "and full again")
            await pilot.press("slash", "tilde", *"line", "full_stop", *"42", "enter")
            await shows(pilot, "1 of 63 · filter ~line.42")  # the clock may show a 42
