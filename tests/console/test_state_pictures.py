"""Pictures of the pages that stand on others (an asset's, control, a report, a device's) in each
state of the site, at each size: each must stay as it was when a person last looked at it."""

import pytest
from syrupy.assertion import SnapshotAssertion

from ovr_tui.console.app import ConsoleApp
from tests.console import event_scene
from tests.console.pages_walk import go
from tests.console.readers import Clock, HandReader, make_app, pass_seconds, settle, shows
from tests.console.test_place_pictures import OPEN
from tests.console.whole_scene import whole_reader
from tests.support.pictures import TextPicture, at_each_size
from tests.support.snapshots import changed, snapshot

PAGES = {
    "site": ("", "20 of 20"),
    "asset": ("enter", "5 min"),
    "raw": ("enter v", "QUALITY"),
    "links": ("enter l", "TOTALS"),
    "control": ("enter c U 4 9 3 8 enter", "CONTROL UNLOCKED"),
    "control-form": ("enter c U 4 9 3 8 enter down enter", "current limit"),
    "report": ("r down down enter", "Energy"),
    "compare": ("r down down down down =", "CHANGE"),
    "report-form": ("r n", "Interim report"),
    "asset-menu": ("d home enter >asset_bess-1", "THE ASSET"),
    "device-form": ("d home c", "Change"),
    "device-test": ("d home t", "Test of the connection"),
    "found-form": ("d f x n", "to add"),
    "decide": ("d y", "decide"),
}
"""The keys that lead there, and what is then on the screen."""
STATES = ("normal", "alarm", "stale", "disconnected")
"""In this order one site can go through all of them."""


async def become(state: str, app: ConsoleApp, reader: HandReader, clock: Clock) -> None:
    """What happens to the site."""
    if state == "alarm":
        reader.push(changed(event_scene.shot("alarm", seq=2), alarms=OPEN))
    if state == "stale":
        pass_seconds(app, clock, 30)
    if state == "disconnected":
        reader.lose("no collector runs: nobody listens on /run/ovr/ovr.sock")


@pytest.mark.parametrize("page", PAGES)
async def test_each_state(kept: SnapshotAssertion, page: str) -> None:
    """The page while all is well, with alarms, when the collector falls silent, and lost."""
    reader, clock = whole_reader(event_scene.shot()), Clock()
    app, _ = make_app(reader=reader, clock=clock)
    keys, text = PAGES[page]
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await go(pilot, keys)
        await shows(pilot, text)
        for state in STATES:
            await become(state, app, reader, clock)
            await settle(pilot)
            async for size, screen in at_each_size(pilot, settle):
                assert screen == kept(name=f"{page}-{state}-{size}")


@pytest.mark.parametrize("page", ["site", "report"])
async def test_empty(kept: SnapshotAssertion, page: str) -> None:
    """Where there is nothing yet, what to do next."""
    amiss = "/etc/ovr/registry.toml: there is no registry, hence no device"
    reader = HandReader(snapshot(problems=(amiss,)))
    reader.answers |= event_scene.answers("empty")
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await go(pilot, {"site": "", "report": "r enter"}[page])
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{size}")


@pytest.fixture
def kept(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """The pictures as text."""
    return snapshot.use_extension(TextPicture)
