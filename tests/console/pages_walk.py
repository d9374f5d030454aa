"""Every page, by the keys that lead there: whoever adds a page adds it here, and it is scanned for
signs and colours, and walked for memory, from then on."""

from collections.abc import AsyncIterator

from textual.pilot import Pilot

from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.site import SitePage
from tests.console.readers import settle

PAGES: list[tuple[str, tuple[str, ...]]] = [
    ("site", ()),
    ("site sorted", ("3",)),
    ("site grouped", ("g",)),
    ("site filtered", ("slash", "b")),
    ("columns", ("C",)),
    ("paused", ("space",)),
    ("asset", ("enter",)),
    ("asset, other measurement", ("enter", "right_square_bracket")),
    ("raw values", ("enter", "v")),
    ("control", ("enter", "c")),
    ("links", ("enter", "l")),
    ("alarms", ("a",)),
    ("history of alarms", ("a", "3")),
    ("acknowledge", ("a", "1", "A")),
    ("shelve", ("a", "S")),
    ("events", ("e",)),
    ("new event", ("e", "n")),
    ("into the log", ("ctrl+e",)),
    ("note", ("ctrl+e", "n")),
    ("last shift", ("e", "w")),
    ("reports", ("r",)),
    ("corrections", ("r", "C")),
    ("new correction", ("r", "C", "n")),
    ("devices", ("d",)),
    ("devices by kind", ("d", "g")),
    ("health", ("h",)),
    *((f"health {tab}", ("h", "h", tab)) for tab in "23456"),
    ("help", ("question_mark",)),
    ("commands", ("colon",)),
    ("jump", ("ctrl+o",)),
    ("leave", ("q",)),
]


async def home(pilot: Pilot[Leave]) -> None:
    """Back to the site page, however deep one is."""
    app = pilot.app
    for _ in range(5):
        if isinstance(app.screen, SitePage):
            break
        await pilot.press("escape")
        await settle(pilot)
    assert isinstance(app.screen, SitePage)


async def walk(pilot: Pilot[Leave]) -> AsyncIterator[str]:
    """Go to every page and back; yields a page's name while it is shown.

    The app should host its collector, so that leaving asks. A key that does nothing where it would
    be pressed ends the way there: the page does not exist yet.
    """
    app = pilot.app
    assert isinstance(app, ConsoleApp)
    for name, keys in PAGES:
        await home(pilot)
        for key in keys:
            if not app.screen.focused and key not in app.active_bindings:
                break
            await pilot.press(key)
            await settle(pilot)
        yield name
        if name == "site filtered":
            await pilot.press("escape")
        if name in ("paused", "site grouped"):
            await pilot.press(*keys)
    await home(pilot)
