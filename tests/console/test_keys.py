"""What the last line says of a key is what it does now."""

import asyncio

from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.item_table import Item
from ovr_tui.console.pages.pick import PickPage
from ovr_tui.console.pages.work import Tell, Told, WorkPage
from ovr_tui.console.text import plain
from ovr_tui.console.views import views_line
from tests.console.readers import make_app, screen_text, settle
from tests.support.snapshots import site

ITEMS = [Item(key=name, line=((f" {name}", "text"),)) for name in ("one", "two")]


def last(app: ConsoleApp) -> str:
    """The last line."""
    return screen_text(app).splitlines()[-1]


async def test_long_work_is_stopped_then_left() -> None:
    """esc says stop while it runs; once it has ended, by itself or by a person, it says back."""
    app, _ = make_app(site(5))
    go = asyncio.Event()

    async def work(_: Tell) -> Told:
        await go.wait()
        return ["all is well"]

    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for stopped in (False, True):
            go.clear()
            app.push_screen(WorkPage("Verify", work))
            await settle(pilot)
            assert "esc stop " in last(app)
            if stopped:
                await pilot.press("escape")
            else:
                go.set()
            await settle(pilot)
            assert "esc back" in last(app)
            assert "stop" not in last(app)
            await pilot.press("escape")
            await settle(pilot)
            assert not isinstance(app.screen, WorkPage)


async def test_a_list_to_choose_from_says_choose() -> None:
    """Enter takes what the cursor is on; esc first ends the filter, then leads back."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        taken: list[str] = []
        app.push_screen(PickPage("Which?", lambda _now, _cells: ITEMS, taken.append))
        await settle(pilot)
        assert "⏎ choose" in last(app)
        assert "esc back" in last(app)
        await pilot.press("slash", "w", "enter")
        await settle(pilot)
        assert "esc clear filter" in last(app)
        await pilot.press("enter")
        await settle(pilot)
        assert taken == ["two"]


def test_the_view_that_is_shown_stands_in_brackets() -> None:
    """Not by weight or colour alone; where the room is short the others lose counts, then names."""
    views: list[tuple[str, int | str | None]]
    views = [("systems", "3 of 4"), ("timeline", 14), ("facts", None)]
    assert [plain(views_line(views, 2, cells)).strip() for cells in (60, 44, 24)] == [
        "1 systems 3 of 4  [2 timeline 14]  3 facts",
        "1 systems [2 timeline 14]  3 facts",
        "1 [2 timeline 14]  3",
    ]


async def test_a_list_says_that_it_goes_on_below() -> None:
    """A row that is not in sight is not taken for one that is not there."""
    app, _ = make_app(site(5))
    many = [Item(key=str(number), line=((f" row {number}", "text"),)) for number in range(40)]
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.push_screen(PickPage("Which?", lambda _now, _cells: many, str))
        await settle(pilot)
        shown = screen_text(app)
        below = 39 - max(number for number in range(40) if f" row {number}\n" in shown)
        assert below > 10
        assert f"↓ {below} more" in shown
        await pilot.press("end")
        await settle(pilot)
        assert "more" not in screen_text(app)
