"""What a console holds does not grow with what it is used for."""

import gc
from collections import Counter

from textual.widget import Widget

from ovr_tui.console.pages.base import Page
from tests.console.readers import Clock, HandReader, make_app, settle
from tests.support.snapshots import START_MS, changed, site

STEPS = ("enter", "escape", "a", "e", "r", "d", "h", "question_mark", "escape", "s")
CYCLES = 10
KINDS = ("Snapshot", "AssetView", "Task", "Timer", "Worker", "StylesCache")


async def test_pages_and_snapshots_leave_nothing_behind() -> None:
    """Three times a hundred changes of page, a snapshot with each: after the third hundred the
    console holds no more pages, widgets, snapshots, tasks and timers than after the second."""
    clock, shot, seq = Clock(), site(20), 1
    reader = HandReader(shot)
    app, _ = make_app(reader=reader, clock=clock)
    held: list[Counter[str]] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for _ in range(3):
            for key in STEPS * CYCLES:
                seq += 1
                clock.at += 1
                reader.push(changed(shot, seq=seq, at_ms=START_MS + seq * 1000))
                await pilot.press(key)
            await settle(pilot)
            newest = app.now().snapshot
            assert newest is not None
            assert newest.seq == seq
            gc.collect()
            held.append(Counter(map(_kind, gc.get_objects())))
    grown = {kind: held[2][kind] - held[1][kind] for kind in held[2] if kind}
    assert held[2]["pages"] > 0
    assert held[2]["Snapshot"] > 0
    assert not {kind: more for kind, more in grown.items() if more > 2}


def _kind(thing: object) -> str:
    if isinstance(thing, Page):
        return "pages"
    if isinstance(thing, Widget):
        return "widgets"
    name = type(thing).__name__
    return (
        name if name in ("Snapshot", "AssetView", "Task", "Timer", "Worker", "StylesCache") else ""
    )
