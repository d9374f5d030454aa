"""The display's cells on terminals that can do little, on every page and in every state."""

from collections.abc import Callable
from typing import Any

import pytest

from ovr_tui.console.profile import resolve
from tests.console.cells import check_console_colours, check_no_colours, check_signs
from tests.console.kiosk.support import CREW, PUBLIC, festival, later, make_kiosk, settle
from tests.console.kiosk.test_screens import ALARMS
from tests.console.whole_scene import HOSTILE
from tests.support.snapshots import START_MS, alarm

Check = Callable[[Any, str], None]
LINUX = {"TERM": "linux"}
BARE = {"TERM": "xterm", "LANG": "de_DE.ISO-8859-1", "NO_COLOR": "1"}


@pytest.mark.parametrize("wish", [CREW, PUBLIC], ids=["crew", "public"])
@pytest.mark.parametrize(
    ("env", "checks"),
    [(LINUX, (check_signs, check_console_colours)), (BARE, (check_signs, check_no_colours))],
    ids=["linux", "seven bits, no colour"],
)
async def test_every_page(env: dict[str, str], checks: tuple[Check, ...], wish: Any) -> None:
    """Each page, an alarm with a name that no console can show, then a silent collector and one
    that is gone: only signs of the terminal's font, only its colours or none."""
    app, reader, clock = make_kiosk(festival(), wish=wish, profile=resolve(env, mouse=False))

    async def look(what: str) -> None:
        await settle(pilot)
        for check in checks:
            check(app, what)

    async with app.run_test(size=(160, 48)) as pilot:
        for page in range(7):
            await look(f"page {page}")
            await pilot.press("right")
        strange = alarm(id="9", name=HOSTILE, text=HOSTILE, now=HOSTILE, advice=HOSTILE)
        reader.push(festival(2, alarms=(strange, *ALARMS), site=HOSTILE, at_ms=START_MS + 1000))
        await look("alarm")
        await later(app, clock, pilot, 9)
        await look("stale")
        await later(app, clock, pilot, 90)
        await look("gone")
        reader.lose(HOSTILE)
        await look("lost")
