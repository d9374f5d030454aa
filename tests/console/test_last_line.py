"""The last line: the keys of the page, what they do just now, and always the way back."""

import asyncio
from typing import Any

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from collector.errors import ApiError
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.glyphs import ASCII, UNICODE
from ovr_tui.console.keys import last_line, types
from ovr_tui.console.pages.outcome import OutcomePage
from ovr_tui.console.pages.pick import PickPage
from ovr_tui.console.places import PLACES
from ovr_tui.console.text import plain, width
from tests.console.readers import make_app, screen_text, settle
from tests.console.test_control_screens import TOLD, UNLOCK, reader
from tests.support.snapshots import site


def told(pilot: Pilot[Any]) -> str:
    """The last line as it stands on the screen."""
    return pilot.app.screen._compositor.render_strips()[-1].text.rstrip()


async def pressed(pilot: Pilot[Any], *keys: str) -> str:
    """The last line after some keys."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
    return told(pilot)


def bindings(*more: str) -> list[tuple[Binding, str]]:
    """Some keys, those of every page behind them."""
    keys = [*((key, f"does {key}") for key in more), ("escape", "back"), ("q", "leave")]
    return [(Binding(key, key if key != "q" else "leave", word), word) for key, word in keys]


@pytest.mark.parametrize("cells", [20, 24, 30, 60, 200])
def test_what_leads_away_is_never_left_out(cells: int) -> None:
    """However many keys a page has, esc and leave stay, in their order and within the line; what
    does not fit is left out, not cut."""
    line = last_line(bindings("a", "ctrl+b", "c"), UNICODE, cells)
    text = plain(line)
    assert "esc back   q leave" in text
    assert width(line) - 3 <= cells
    for entry in filter(None, text.strip().split("   ")):
        assert entry in ("a does a", "ctrl+b does ctrl+b", "c does c", "esc back", "q leave")


def test_keys_in_plain_signs() -> None:
    """A set of signs without ⏎ has a word for it."""
    enter = [(Binding("enter", "open", "open", key_display="⏎"), "open")]
    assert plain(last_line(enter, UNICODE, 80)).strip() == "⏎ open"
    assert plain(last_line(enter, ASCII, 80)).strip() == "enter open"


def test_which_keys_are_characters() -> None:
    """Those are no keys where something is typed."""
    assert all(types(key) for key in ("q", "question_mark", "space", "slash", "5"))
    assert not any(types(key) for key in ("ctrl+q", "f1", "escape", "left", "pagedown", "enter"))


@pytest.mark.parametrize("cells", [60, 80, 120, 200])
async def test_places_are_named_above_only(cells: int) -> None:
    """The tabs have the keys of the places, the last line has those of the page, at least five
    with its own ones first, and help and leave at the end."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(cells, 24)) as pilot:
        await settle(pilot)
        entries = told(pilot).strip().split("   ")
        assert entries[:3] == ["⏎ open", "/ filter", "o order"]
        assert entries[-2:] == ["? help", "q leave"]
        assert len(entries) >= 5
        assert not any(f"{place.key} {place.word}" in entries for place in PLACES)


@pytest.mark.parametrize("cells", [60, 80, 120])
async def test_a_kept_filter_says_how_to_clear_it(cells: int) -> None:
    """As soon as a filter is kept the last line has esc for it, and no more when it is gone."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(cells, 24)) as pilot:
        await settle(pilot)
        assert "esc" not in told(pilot)
        assert "esc no filter" in await pressed(pilot, "slash")
        assert "esc clear filter" in await pressed(pilot, "b", "enter")
        assert "⏎ open" in told(pilot)
        assert "esc" not in await pressed(pilot, "escape")
        last = await pressed(pilot, "slash", *"zzz", "enter")
        assert "esc clear filter" in last
        assert "open" not in last
        assert "⏎ open" in await pressed(pilot, "escape")


async def test_a_list_says_what_esc_does() -> None:
    """In a list esc takes the filter away, then the marks, then leads back."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(100, 24)) as pilot:
        await settle(pilot)
        assert "esc back" in await pressed(pilot, "enter", "v")
        assert "⏎ chart" in told(pilot)
        assert "esc clear filter" in await pressed(pilot, "slash", *"load", "enter")
        assert "esc back" in await pressed(pilot, "escape")
        assert "v raw values" in await pressed(pilot, "escape")


def _picked(app: ConsoleApp) -> PickPage:
    return PickPage("Which one?", lambda now, cells: (), lambda key: None)


async def test_enter_is_called_by_what_it_does() -> None:
    """A command is chosen, not opened; a list of nothing has no enter and no filter."""
    app, _ = make_app(reader=reader())
    async with app.run_test(size=(120, 30)) as pilot:
        await settle(pilot)
        app.open_asset(TOLD.asset)
        await settle(pilot)
        assert "c control" in told(pilot)
        assert "⏎ choose" in await pressed(pilot, "c")
        app.push_screen(_picked(app))
        await settle(pilot)
        assert told(pilot).strip().split("   ")[0] == "esc back"


async def test_characters_are_no_keys_in_a_field() -> None:
    """Where q and ? are typed, the last line has the keys that still leave and help."""
    app, _ = make_app(reader=reader())
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.open_asset(TOLD.asset)
        await settle(pilot)
        last = await pressed(pilot, "c", "U")
        assert "ctrl+q leave" in last
        assert "f1 help" in last
        assert " q leave" not in last
        assert "esc back, it stays locked" in last


async def test_under_way_nothing_offers_to_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a command is under way the last line offers neither to give it nor to go back."""
    held, answer = reader(), asyncio.Event()
    app, _ = make_app(reader=held)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.open_asset(TOLD.asset)
        await settle(pilot)
        await pressed(pilot, "c", *UNLOCK)

        async def wait(*_: object, **__: object) -> None:
            await answer.wait()
            raise ApiError("it came to nothing")

        monkeypatch.setattr(held, "post", wait)
        assert "⏎ choose" in await pressed(pilot, "end", "enter")
        last = await pressed(pilot, "down", "enter")
        assert "waiting for what the device says" in screen_text(app)
        assert "choose" not in last
        assert "esc" not in last
        assert "q leave" in last
        answer.set()
        await settle(pilot)
        assert isinstance(app.screen, OutcomePage)
        assert "esc back to control" in told(pilot)
