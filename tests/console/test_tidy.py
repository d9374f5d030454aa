"""When garbage is collected."""

import gc
import sys

import pytest
from textual import events

from ovr_tui.console.pages.base import Page
from ovr_tui.console.tidy import LONG_S, MANY, SOME, Tidy, favour_keys
from tests.console.readers import Clock, make_app, settle
from tests.support.snapshots import site


def test_it_waits_until_nobody_types() -> None:
    """A few pages are looked for once the keys rest, many at once, and now and then anyway."""
    looks: list[int] = []
    tidy = Tidy(lambda: looks.append(1))
    tidy.look(0.0)
    for _ in range(SOME):
        tidy.left()
    tidy.key(1.0)
    tidy.look(1.5)
    assert not looks
    tidy.look(2.5)
    assert len(looks) == 1
    tidy.look(3.5)
    assert len(looks) == 1
    for _ in range(MANY):
        tidy.left()
    tidy.key(4.4)
    tidy.look(4.5)
    assert len(looks) == 2
    tidy.look(4.5 + LONG_S)
    assert len(looks) == 3


async def test_pages_that_were_left_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the console runs, with all its settings for short pauses, it holds few pages that were
    left, though nobody else collects."""
    before, switching = gc.get_threshold(), sys.getswitchinterval()
    monkeypatch.setattr(gc, "freeze", lambda: None)
    favour_keys()
    try:
        clock = Clock()
        app, _ = make_app(site(5), clock=clock)
        async with app.run_test(size=(80, 24)) as pilot:
            await settle(pilot)
            app.post_message(events.Key("h", "h"))
            for turn in range(2 * MANY):
                await pilot.press("2345"[turn % 4])
                clock.at += 1
                app._second()
            held = sum(isinstance(thing, Page) for thing in gc.get_objects())
        assert held < MANY + 15
    finally:
        gc.set_threshold(*before)
        sys.setswitchinterval(switching)
