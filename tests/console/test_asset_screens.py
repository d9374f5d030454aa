"""Pictures of the asset page: each must stay as it was when a person last looked at it."""

from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from textual.pilot import Pilot

from ovr_tui.console.profile import GlyphSet, Profile, ThemeName
from tests.console.readers import HandReader, make_app, settle
from tests.console.test_screens import Before, Compare
from tests.support.kinds import KIND_IDS, State, answers, one_of_each
from tests.support.pictures import DrawnPicture, at_each_size, drawing

TTY = Profile(theme=ThemeName.ANSI, glyphs=GlyphSet.TTY, mouse=False)


def opened(asset: str, *keys: str) -> Before:
    """Open the page of an asset and press keys."""

    async def before(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        pilot.app.open_asset(asset)  # type: ignore[attr-defined]  # ours
        await settle(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    return before


def reader(asset: str, state: State = "normal") -> HandReader:
    """A reader of the small site that answers as an operator's does."""
    found = HandReader(one_of_each(state))
    found.answers |= answers(asset)
    return found


@pytest.mark.parametrize("asset", KIND_IDS)
@pytest.mark.parametrize("state", ["normal", "alarm", "stale"])
async def test_kinds(snapshot: SnapshotAssertion, asset: str, state: State) -> None:
    """Each kind of asset at each size, well, with an alarm, and stale."""
    kept = snapshot.use_extension(DrawnPicture)
    app, _ = make_app(reader=reader(asset, state))
    async with app.run_test() as pilot:
        await opened(asset, "2")(pilot)
        async for size, screen in at_each_size(pilot, settle, drawing):
            assert screen == kept(name=f"{size}-{state}-{asset}")


@pytest.mark.parametrize("asset", KIND_IDS)
def test_kinds_on_a_linux_console(snap_compare: Compare, asset: str) -> None:
    """Each kind with the signs and colours that a Linux console has."""
    app, _ = make_app(reader=reader(asset), profile=TTY)
    assert snap_compare(app, terminal_size=(80, 24), run_before=opened(asset))


CHARTS = {
    "band": ("3", "left", "left"),
    "four": ("3", "m", *("right_square_bracket", "m") * 3),
    "two-units": ("2", "m", *("right_square_bracket",) * 6),
    "big": ("4", "f"),
}


@pytest.mark.parametrize("chart", CHARTS)
@pytest.mark.parametrize("profile", ["dark", "tty"])
def test_charts(snap_compare: Compare, chart: str, profile: str) -> None:
    """A band with its cursor, four series, two axes, a chart over the whole page."""
    app, _ = make_app(reader=reader("bess-1"), profile=TTY if profile == "tty" else Profile())
    assert snap_compare(app, terminal_size=(120, 40), run_before=opened("bess-1", *CHARTS[chart]))


@pytest.mark.parametrize("key", ["v", "l"])
@pytest.mark.parametrize(
    ("size", "profile"),
    [((80, 24), TTY), ((120, 40), Profile()), ((200, 60), Profile())],
    ids=["80x24-tty", "120x40", "200x60"],
)
def test_behind_keys(
    snap_compare: Compare, key: str, size: tuple[int, int], profile: Profile
) -> None:
    """Every raw value, and what the asset counts for and why."""
    app, _ = make_app(reader=reader("bess-1"), profile=profile)
    assert snap_compare(app, terminal_size=size, run_before=opened("bess-1", key))
