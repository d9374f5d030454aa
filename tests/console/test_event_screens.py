"""Pictures of the events place: each must stay as it was when a person last looked at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.wire import ParticipationsAnswer
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.event_scene import ID, STATES, SceneReader, State, answers, event, part, shot
from tests.console.readers import HandReader, make_app, screen_text, settle, shows
from tests.support.pictures import TextPicture, at_each_size, picture
from tests.support.snapshots import START_MS

TTY = Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False)
PAGES = {"list": (), "event": ("open",), "timeline": ("open", "2"), "shift": ("w",)}
BEHIND = {
    "log": ("open", "3"),
    "reports": ("open", "4"),
    "facts": ("open", "6"),
    "join": ("open", "J", "x", "x"),
    "join-form": ("open", "J", "x", "x", "enter"),
    "end": ("open", "X"),
    "new": ("n",),
    "kinds": ("l",),
    "fuel": ("l", "f"),
}


@asynccontextmanager
async def shown(
    state: State, keys: tuple[str, ...], profile: Profile | None = None
) -> AsyncIterator[Pilot[Any]]:
    """What there is after these keys."""
    reader = SceneReader(shot(state))
    reader.answers |= answers(state)
    old_s = 30 if state in ("stale", "disconnected") else 0
    app, _ = make_app(reader=reader, profile=profile, wall=lambda: START_MS / 1000 + old_s)
    async with app.run_test() as pilot:
        await settle(pilot)
        await pilot.press("e")
        await settle(pilot)
        for key in keys:
            if key != "open":
                await pilot.press(key)
            elif state != "empty":
                await pilot.press("enter")
            else:  # the list is empty: a new event's page
                app.screen.changed(event())  # type: ignore[attr-defined]  # the events page
            await settle(pilot)
        if state == "disconnected":
            reader.lose("the collector has ended")
            await settle(pilot)
        yield pilot


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("page", PAGES)
async def test_pages(snapshot: SnapshotAssertion, page: str, state: State) -> None:
    """List, event, timeline and last shift, at each size, in each state."""
    kept = snapshot.use_extension(TextPicture)
    async with shown(state, PAGES[page]) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{state}-{size}")


@pytest.mark.parametrize("page", BEHIND)
async def test_behind_keys(snapshot: SnapshotAssertion, page: str) -> None:
    """The views of an event, and what is asked before something is done."""
    kept = snapshot.use_extension(TextPicture)
    async with shown("normal", BEHIND[page]) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{size}")


@pytest.mark.parametrize("page", PAGES)
async def test_on_a_linux_console(snapshot: SnapshotAssertion, page: str) -> None:
    """With the signs and colours that a Linux console has."""
    async with shown("alarm", PAGES[page], TTY) as pilot:
        assert picture(pilot.app) == snapshot.use_extension(TextPicture)


async def test_a_viewer_sees_what_is_on() -> None:
    """Who may only look sees the event of the snapshot, is asked nothing and offered no deed."""
    from tests.support.kinds import VIEWER

    reader = HandReader(shot())
    reader.answers["/v1/me"] = VIEWER
    app, _ = make_app(reader=reader)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("e")
        await settle(pilot)
        text = screen_text(app)
        assert "Desert Weekend 1" in text
        assert "day 2" in text
        assert not {"J join", "X end", "n new", "l log"} & set(text.splitlines()[-1].split("   "))
        assert ("/v1/events", {"limit": 500}) not in reader.got
        await pilot.press("n", "X", "ctrl+e")
        await settle(pilot)
        assert app.current_mode == "events"
        assert len(app.screen_stack) == 1


async def test_the_line_of_truth_names_the_event() -> None:
    """From 120 cells on the event that is on stands behind the site's name, with its day, marked
    when somebody should do something."""
    for state, size, wanted in (
        ("normal", (120, 24), "Main field · Desert Weekend 1 (day 2) ·"),
        ("alarm", (120, 24), "Main field · Desert Weekend 1 (day 2) ▲"),
        ("normal", (100, 24), "Main field · ovr-node-07"),
    ):
        app, _ = make_app(shot(state), wall=lambda: START_MS / 1000)  # type: ignore[arg-type]
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            assert wanted in screen_text(app).splitlines()[0]


async def test_who_joins_too_early_reads_what_comes_first() -> None:
    """The page of a planned event names the keys in their order, and J says why it is too early."""
    async with shown("empty", ("open",)) as pilot:
        text = screen_text(pilot.app)
        assert "U says what systems are for. S starts it; then J lets systems join." in text
        assert "J join" not in text.splitlines()[-1]
        await pilot.press("J")
        await settle(pilot)
        assert "not before it has begun: S starts it" in screen_text(pilot.app)


async def test_what_enter_shows_stands_in_columns() -> None:
    """Of a system the same lines as below the list, each value beside its name."""
    async with shown("normal", ("open", "enter")) as pilot:
        text = screen_text(pilot.app)
        assert " in since          Wed 2026-06-24" in text
        assert " use               hybridization" in text


async def test_one_system_that_leaves_with_an_event_is_one() -> None:
    """Not 1 systems."""
    async with shown("normal", ("open", "X")) as pilot:
        reader = pilot.app.reader  # type: ignore[attr-defined]  # ours
        answer = ParticipationsAnswer(event=event(), participations=(part("p", "bess-1", 3),))
        reader.answers[f"POST /v1/events/{ID}/end"] = answer
        await pilot.press(*"Desert", "space", *"Weekend", "space", "1", "ctrl+s")
        assert "1 system left with it" in await shows(pilot, "is over")
