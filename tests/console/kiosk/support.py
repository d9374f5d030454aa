"""A display without a socket, and what it shows."""

import math
from typing import Any

from textual.pilot import Pilot

from collector.model.event import EventNow, EventStatus
from collector.model.snapshot import Snapshot
from collector.serve.views import snapshot as seen
from collector.wire import HistoryAnswer
from ovr_tui.console.kiosk import KioskApp, Wish
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import Clock, HandReader
from tests.support.snapshots import START_MS, changed, site

TTY = Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False)
DAY_MS = 86_400_000
CREW = Wish(person="kim")
PUBLIC = Wish(public=True, person="kim", title="Power of this field")
WEEKEND = EventNow(
    id="019b",
    name="Desert Weekend 1",
    status=EventStatus.ACTIVE,
    timezone="America/Los_Angeles",
    from_ms=START_MS - 105_000_000,
    systems=("bess-1", "bess-2"),
)


class DayReader(HandReader):
    """Tells of each asset the same day: least at dawn, most at night."""

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int = 1
    ) -> HistoryAnswer:
        times = tuple(range(from_ms, to_ms + 1, step_s * 1000))
        values = tuple(40_000 + 30_000 * math.sin(t / DAY_MS * 2 * math.pi + 0.6) for t in times)
        return HistoryAnswer(asset=asset, measurement=key, times=times, values=values)


def festival(seq: int = 1, **fields: object) -> Snapshot:
    """A site of 30 assets at an event, as viewers get it."""
    full = site(30, seq, troubles=False)
    return seen(changed(full, events=(WEEKEND,), **fields))


def make_kiosk(
    *snapshots: Snapshot,
    wish: Wish = CREW,
    profile: Profile | None = None,
    clock: Clock | None = None,
    reader: HandReader | None = None,
) -> tuple[KioskApp, HandReader, Clock]:
    """A display on a hand-fed reader; the time of day follows the steady clock of the test."""
    reader, clock = reader or DayReader(*snapshots), clock or Clock()
    started = clock.at
    app = KioskApp(
        lambda: reader,
        wish=wish,
        profile=profile or Profile(),
        clock=clock,
        wall=lambda: START_MS / 1000 + 1 + clock.at - started,
        ask_pause_s=0,
    )
    return app, reader, clock


def text_of(app: KioskApp) -> str:
    """What the screen shows, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)


async def settle(pilot: Pilot[Any]) -> None:
    """Let snapshots arrive and the screen be painted."""
    for _ in range(4):
        await pilot.pause()
        for worker in [one for one in pilot.app.workers if one.group == "day"]:
            await worker.wait()


async def later(app: KioskApp, clock: Clock, pilot: Pilot[Any], seconds: float) -> str:
    """The screen after so many seconds in which the display drew once each, and no news came."""
    for _ in range(int(seconds)):
        clock.at += 1
        app._second()
    await settle(pilot)
    return text_of(app)
