"""Pictures of the display: each must stay as it was when a person last looked at it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.model.alarm import Rule, Severity
from collector.model.snapshot import Snapshot
from ovr_tui.console.kiosk import Wish
from tests.console.kiosk.support import CREW, PUBLIC, TTY, festival, later, make_kiosk, settle
from tests.support.pictures import DrawnPicture, at_each_size, drawing
from tests.support.snapshots import alarm, snapshot

ALARMS = (
    alarm(),
    alarm(Rule.SILENT, Severity.WARNING, id="2", name="Stage B transformer"),
)
STATES: dict[str, tuple[Snapshot, int]] = {
    "normal": (festival(), 0),
    "alarm": (festival(alarms=ALARMS), 0),
    "seen": (festival(alarms=(alarm(state="acknowledged"), alarm(state="cleared"))), 0),
    "stale": (festival(), 9),
    "gone": (festival(), 90),
    "empty": (snapshot(), 0),
}
"""What the collector shows, and for how long it has said nothing since."""

Compare = Callable[..., bool]
Before = Callable[[Pilot[Any]], Awaitable[None]]


def display(
    wish: Wish, shot: Snapshot, silent_s: int = 0, *pressed: str, **more: Any
) -> tuple[Any, Before]:
    """A display, and what happens before the picture is taken."""
    app, _, clock = make_kiosk(shot, wish=wish, **more)

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await later(app, clock, pilot, silent_s)
        await pilot.press(*pressed)
        await settle(pilot)

    return app, before


@pytest.mark.parametrize("state", STATES)
async def test_crew(snapshot: SnapshotAssertion, state: str) -> None:
    """The crew's display at each size, in each state."""
    kept = snapshot.use_extension(DrawnPicture)
    app, before = display(CREW, *STATES[state])
    async with app.run_test() as pilot:
        await before(pilot)
        async for size, screen in at_each_size(pilot, settle, drawing):
            assert screen == kept(name=f"{size}-{state}")


@pytest.mark.parametrize("state", ["normal", "alarm", "stale", "gone", "empty"])
async def test_public(snapshot: SnapshotAssertion, state: str) -> None:
    """The public one, of which an alarm is no business."""
    kept = snapshot.use_extension(DrawnPicture)
    app, before = display(PUBLIC, *STATES[state])
    async with app.run_test() as pilot:
        await before(pilot)
        async for size, screen in at_each_size(pilot, settle, drawing):
            assert screen == kept(name=f"{size}-{state}")


@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 6])
async def test_pages(snapshot: SnapshotAssertion, page: int) -> None:
    """Each further page."""
    kept = snapshot.use_extension(DrawnPicture)
    app, before = display(CREW, festival(), 0, *["right"] * page)
    async with app.run_test() as pilot:
        await before(pilot)
        async for size, screen in at_each_size(pilot, settle, drawing):
            assert screen == kept(name=f"{page}-{size}")


@pytest.mark.parametrize("state", ["normal", "alarm", "gone"])
def test_console(snap_compare: Compare, state: str) -> None:
    """On a Linux console."""
    app, before = display(CREW, *STATES[state], profile=TTY)
    assert snap_compare(app, terminal_size=(120, 33), run_before=before)
