"""Pictures of the display: each must stay as it was when a person last looked at it."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from collector.model.alarm import Rule, Severity
from collector.model.snapshot import Snapshot
from ovr_tui.console.kiosk import Wish
from tests.console.kiosk.support import CREW, PUBLIC, TTY, festival, later, make_kiosk, settle
from tests.support.snapshots import alarm, snapshot

SIZES = [(80, 24), (120, 40), (200, 60)]
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
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_crew(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    """The crew's display in each state."""
    app, before = display(CREW, *STATES[state])
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("state", ["alarm", "stale"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_public(snap_compare: Compare, size: tuple[int, int], state: str) -> None:
    """The public one, of which an alarm is no business."""
    app, before = display(PUBLIC, *STATES[state])
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("page", [1, 2, 3, 4, 5, 6])
def test_pages(snap_compare: Compare, size: tuple[int, int], page: int) -> None:
    """Each further page."""
    app, before = display(CREW, festival(), 0, *["right"] * page)
    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("state", ["normal", "alarm", "gone"])
def test_console(snap_compare: Compare, state: str) -> None:
    """On a Linux console."""
    app, before = display(CREW, *STATES[state], profile=TTY)
    assert snap_compare(app, terminal_size=(120, 33), run_before=before)
