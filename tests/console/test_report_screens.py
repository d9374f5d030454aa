"""Pictures of the reports place: each must stay as it was when a person last looked at it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from collector.wire import ReleaseRequest, ReportsAnswer
from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.event_scene import STATES, State
from tests.console.readers import Clock, HandReader, make_app, pass_seconds, settle, shows
from tests.console.report_scene import REPORTS, printed, reader
from tests.support.pictures import TextPicture, at_each_size, picture

TTY = Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False)
ASCII = Profile(theme=ThemeName.MONO, glyphs=GlyphSet.ASCII, mouse=False)
PAGES = {"list": (), "corrections": ("C",)}
LOAD_4 = ("down",) * 4
BESS_1 = ("down",) * 2
BEHIND = {
    "older": ("o", *LOAD_4),
    "compare": (*LOAD_4, "equals_sign"),
    "release": ("down", "R", "enter"),
    "release-blocked": (*LOAD_4, "R"),
    "build": ("b",),
    "interim": ("n",),
    "correct": (*LOAD_4, "c"),
    "withdraw": ("C", "W"),
}


@asynccontextmanager
async def shown(
    found: HandReader,
    keys: tuple[str, ...],
    *,
    state: State = "normal",
    size: tuple[int, int] = (80, 24),
    profile: Profile | None = None,
    until: str = "",
) -> AsyncIterator[Pilot[Any]]:
    """What there is after these keys."""
    clock = Clock()
    app, _ = make_app(clock=clock, reader=found, profile=profile)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for key in ("r", *keys):
            await pilot.press(key)
            await settle(pilot)
        if until:
            await shows(pilot, until)
        if state == "disconnected":
            found.lose("the collector has ended")
            await settle(pilot)
        if state in ("stale", "disconnected"):
            pass_seconds(app, clock, 30)
            await settle(pilot)
        yield pilot


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("page", PAGES)
async def test_lists(snapshot: SnapshotAssertion, page: str, state: State) -> None:
    """The reports and the corrections, at each size, in each state."""
    kept = snapshot.use_extension(TextPicture)
    async with shown(reader(state), PAGES[page], state=state) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{state}-{size}")


@pytest.mark.parametrize("page", BEHIND)
async def test_behind_keys(snapshot: SnapshotAssertion, page: str) -> None:
    """What is asked, and revisions beside each other."""
    kept = snapshot.use_extension(TextPicture)
    async with shown(reader("normal"), BEHIND[page]) as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=f"{page}-{size}")


@pytest.mark.parametrize("profile", [TTY, ASCII], ids=["tty", "ascii"])
async def test_with_other_signs(snapshot: SnapshotAssertion, profile: Profile) -> None:
    """With the signs and colours that a Linux console has, and with none but ASCII."""
    async with shown(reader("alarm"), ("o",), profile=profile) as pilot:
        assert picture(pilot.app) == snapshot.use_extension(TextPicture)


def with_report() -> HandReader:
    """Bess-1's report can be read."""
    found = reader("normal")
    printed(found)
    sha256 = hashlib.sha256(found.contents["/v1/reports/r-1/report.json"]).hexdigest()
    listed = tuple(
        msgspec.structs.replace(one, report_sha256=sha256) if one.id == "r-1" else one
        for one in REPORTS
    )
    found.answers["/v1/reports"] = ReportsAnswer(reports=listed, jobs=())
    return found


async def test_a_report(snapshot: SnapshotAssertion) -> None:
    """The report itself with its charts, at each size; a gap is a gap."""
    kept = snapshot.use_extension(TextPicture)
    async with shown(with_report(), (*BESS_1, "enter"), until="Energy delivered") as pilot:
        async for size, screen in at_each_size(pilot, settle):
            assert screen == kept(name=size)


@pytest.mark.parametrize("profile", [TTY, ASCII], ids=["tty", "ascii"])
async def test_a_report_with_other_signs(snapshot: SnapshotAssertion, profile: Profile) -> None:
    """Its charts in a Linux console's signs, and in ASCII."""
    keys = (*BESS_1, "enter")
    async with shown(
        with_report(), keys, size=(80, 48), profile=profile, until="Load by source"
    ) as pilot:
        assert picture(pilot.app) == snapshot.use_extension(TextPicture)


async def test_what_was_changed_on_the_way_is_not_shown() -> None:
    """A report.json that is not the one that the list speaks of is no report."""
    found = with_report()
    found.contents["/v1/reports/r-1/report.json"] += b" "
    async with shown(found, (*BESS_1, "enter"), until="is not the one that was made"):
        pass


async def test_one_that_cannot_be_read_is_asked_for_again() -> None:
    """What failed once, as the collector was away for a moment, shows as soon as it can."""
    found = with_report()
    kept = found.contents.pop("/v1/reports/r-1/inputs.json")
    async with shown(found, (*BESS_1, "enter"), until="inputs.json") as pilot:
        found.contents["/v1/reports/r-1/inputs.json"] = kept
        pilot.app.screen.reload()  # type: ignore[attr-defined]  # ours
        await shows(pilot, "Energy delivered")


async def test_one_that_is_blocked_goes_out_with_a_reason_only() -> None:
    """The note is needed, and the system's name has to be typed; then it is forced."""
    found = reader("normal")
    app, _ = make_app(reader=found)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        for key in ("r", *LOAD_4, "R"):
            await pilot.press(key)
            await settle(pilot)
        await shows(pilot, "It is blocked: 61.0 %")
        await pilot.press("enter")
        await shows(pilot, "it is needed")
        await pilot.press("o", "k", "enter")
        await shows(pilot, "type it to go on")
        await pilot.press(*"load", "enter")
        assert not found.sent
        await pilot.press("minus", "4", "enter")
        await settle(pilot)
    ((_, path, body),) = found.sent
    assert path == "/v1/reports/release"
    assert body == ReleaseRequest(report="r-2", revision=2, note="ok", force=True)
