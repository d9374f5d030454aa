"""The site page, by keyboard, on snapshots by hand."""

import pytest
from textual import events
from textual.widgets import Input

from collector.model.kinds import AssetKind
from ovr_tui.console.arrange import SortKey
from ovr_tui.console.pages.site import SitePage
from ovr_tui.console.table import AssetTable
from tests.console.readers import Clock, make_app, screen_text, settle, shows
from tests.support.snapshots import asset, site, snapshot

SIZES = [(60, 16), (80, 24), (120, 40), (160, 48), (200, 60), (250, 70)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 20, 150])
async def test_site_page_at_every_size(size: tuple[int, int], count: int) -> None:
    """From 60×16 to 250×70 the page shows its assets, the count and the keys, within its lines."""
    app, _ = make_app(site(count))
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        text = screen_text(app)
        assert "BESS 1 Main stage" in text
        assert f"{count} of {count} asset" in text
        assert "? help" in text
        assert "q leave" in text
        assert all(len(line) <= size[0] for line in text.splitlines())
        assert len(text.splitlines()) == size[1]


async def test_too_small_and_back() -> None:
    """Below 60×16 the page says what it needs, and shows itself again when there is room."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(20, 5)
        await settle(pilot)
        told = ["too small", "needs 60×16", "ctrl+q leaves"]
        assert screen_text(app).split("\n") == [
            "",
            *(text.center(20).rstrip() for text in told),
            "",
        ]
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert "BESS 1 Main stage" in screen_text(app)
        assert "too small" not in screen_text(app)
        before = app.screen.query_one(AssetTable).cursor
        await pilot.press("down")
        assert app.screen.query_one(AssetTable).cursor != before


async def test_before_the_first_snapshot() -> None:
    """Without a collector the page says why, and what to do; then it fills by itself."""
    app, reader = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        reader.lose("no collector runs: nobody listens on /run/ovr/ovr.sock")
        await settle(pilot)
        text = screen_text(app)
        assert "No collector runs: nobody listens" in text
        assert "Next try in 1 s" in text
        assert "ovr collect" in text
        reader.push(site(3))
        await shows(pilot, "BESS 1 Main stage")
        await settle(pilot)
        table = app.screen.query_one(AssetTable)
        before = table.cursor
        await pilot.press("down")
        assert table.cursor != before
        assert app.focused is table


async def test_no_devices_yet() -> None:
    """An empty registry says what to do next, and where: with what the collector found amiss."""
    amiss = "/etc/ovr/registry.toml: there is no registry [/], hence no device"
    app, _ = make_app(snapshot(problems=(amiss,)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "No devices yet." in screen_text(app)
        assert amiss in screen_text(app)


async def test_filter_by_keyboard() -> None:
    """/ opens the filter, rows go while typing, enter keeps it, escape clears it."""
    app, _ = make_app(site(20, troubles=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"kind:gen")
        await settle(pilot)
        assert "4 of 20 assets" in screen_text(app)
        assert "esc no filter" in screen_text(app).splitlines()[-1]
        assert "q leave" not in screen_text(app)  # a q would be part of the filter
        assert "Genset 1" in screen_text(app)
        assert "BESS 1" not in screen_text(app)
        await pilot.press("enter")
        assert isinstance(app.focused, AssetTable)
        assert "filter kind:gen" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert "20 of 20 assets" in screen_text(app)
        await pilot.press("slash", *"zzz")
        await settle(pilot)
        assert "0 of 20 assets" in screen_text(app)
        assert "No asset matches the filter. esc clears it." in screen_text(app)
        await pilot.press("enter", "down", "enter", "up", "pagedown", "end")
        await pilot.press("escape")
        await settle(pilot)
        assert "20 of 20 assets" in screen_text(app)
        assert app.screen.query_one(AssetTable).cursor


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("~[", "No asset matches: ~[ is no pattern: unterminated character set"),
        ("~(a+)+", "~(a+)+ is too long or too intricate a pattern"),
        ("foo:bar", "no key is called foo; there are kind system status name id device alarm"),
    ],
)
async def test_a_filter_that_cannot_be_says_why(typed: str, said: str) -> None:
    """Not only that nothing passes: which word is no pattern, which keys there are."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(96, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *typed)
        await settle(pilot)
        assert said in screen_text(app)
        await pilot.press("escape", "enter", "v")
        await settle(pilot)
        await pilot.press("slash", *typed)
        await settle(pilot)
        assert ("pattern" in screen_text(app)) is typed.startswith("~")


async def test_keys_typed_into_the_filter_do_nothing_else() -> None:
    """q, h, space, ? and digits are text while a filter is typed."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("slash", "q", "h", "space", "question_mark", "1", "s")
        await settle(pilot)
        assert app.screen.query_one("#filter", Input).value == "qh ?1s"
        assert isinstance(app.screen, SitePage)
        assert "PAUSED" not in screen_text(app)


async def test_sort_keys() -> None:
    """Digits sort by their column, again turns round, o goes on to the next, O turns round."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        page = app.screen
        assert isinstance(page, SitePage)
        await pilot.press("2")
        assert (page.view.sort, page.view.descending) == (SortKey.POWER, True)
        assert "POWER kW▼" in screen_text(app)
        await pilot.press("2")
        assert not page.view.descending
        await pilot.press("o")
        assert page.view.sort is SortKey.SOC
        await pilot.press("O")
        assert page.view.descending
        await pilot.press("5", "g")
        assert page.view.sort is SortKey.STATUS
        assert "by system" in screen_text(app)


async def test_the_cursor_stays_on_its_asset() -> None:
    """Whatever is sorted, filtered, added or removed, the cursor stays on the asset it was on."""
    app, reader = make_app(site(20, 1))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = app.screen.query_one(AssetTable)
        await pilot.press("down", "down", "down")
        chosen = table.cursor
        for keys in (("2",), ("2",), ("5",), ("g",), ("1",), ("g",)):
            await pilot.press(*keys)
            await settle(pilot)
            assert table.cursor == chosen
        reader.push(site(60, 2))
        await settle(pilot)
        assert table.cursor == chosen
        without = [view for view in site(20, 3).assets if view.id != chosen]
        reader.push(snapshot(*without, seq=3))
        await settle(pilot)
        assert table.cursor
        assert table.cursor != chosen


async def test_rows_do_not_jump_under_a_moving_cursor() -> None:
    """Sorted by power, rows change places every few seconds only, and never within three seconds
    of a move of the cursor."""
    clock = Clock()

    def shot(seq: int) -> tuple[float, float]:
        return (1000.0, 90_000.0) if seq % 2 else (90_000.0, 1000.0)

    def made(seq: int):
        return snapshot(
            *(
                asset(name, AssetKind.LOAD, readings={"load_power_w": watts})
                for name, watts in zip(("a", "b"), shot(seq), strict=True)
            ),
            seq=seq,
        )

    app, reader = make_app(made(1), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("2")

        def order() -> list[str]:
            return [entry.id for entry in app.screen.query_one(AssetTable).entries]  # type: ignore[union-attr]

        assert order() == ["b", "a"]

        async def on(*steps: float, seq: int) -> None:
            for number, step in enumerate(steps):  # no longer ones: it would have stood still
                clock.at += step
                reader.push(made(seq + 2 * number))
                await settle(pilot)

        await on(1, 1, 1, 1.5, seq=2)
        assert order() == ["b", "a"]
        await pilot.press("down")
        await on(1, seq=10)
        assert order() == ["b", "a"]
        await on(1, 1.5, seq=12)
        assert order() == ["a", "b"]


async def test_moving_through_a_long_table() -> None:
    """Home, end and paging reach both ends of 150 rows, the cursor always in sight."""
    app, _ = make_app(site(150))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = app.screen.query_one(AssetTable)
        for key in ("end", "pageup", "pageup", "home", "pagedown", "j", "k", "pagedown"):
            await pilot.press(key)
            await settle(pilot)
            row = table._row
            assert table.scroll_offset.y <= row < table.scroll_offset.y + table.size.height
        await pilot.press("end")
        assert table._row == 149
        await pilot.press("g", "home")
        await settle(pilot)
        assert table._row == 1
        assert table.scroll_offset.y == 0


async def test_which_rows_are_in_sight_is_said() -> None:
    """Where not all rows fit, the status line says which are in sight, and follows the cursor."""
    app, _ = make_app(site(60, troubles=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        height = app.screen.query_one(AssetTable).size.height
        assert f"60 of 60 assets · rows 1–{height} · name" in screen_text(app)
        await pilot.press("end")
        await settle(pilot)
        assert f"rows {61 - height}–60" in screen_text(app)
        await pilot.press("slash", *"kind:grid", "enter")
        await settle(pilot)
        assert "12 of 60 assets · filter kind:grid · name" in screen_text(app)
        assert "rows" not in screen_text(app)


@pytest.mark.parametrize("at_once", [False, True])
async def test_a_filter_leads_to_what_it_names_not_to_what_half_of_it_found(at_once: bool) -> None:
    """`id` is a part of gr-id-; the cursor does not stay there when the text goes on, however fast
    it is typed: it is on the row that it was on if that passes, else on the first one. Once the
    filter is kept, or gone, it stays with its asset."""
    members = [asset("bess-1", AssetKind.BESS, name="BESS 1"),
               asset("bess-2", AssetKind.BESS, name="BESS 2"),
               asset("bess-2.grid", AssetKind.GRID, name="Feed")]  # fmt: skip
    app, reader = make_app(snapshot(*members))

    async def typed(*keys: str) -> None:
        if at_once:
            for key in keys:
                app.post_message(events.Key(key, key if len(key) == 1 else None))
        else:
            await pilot.press(*keys)
        await settle(pilot)

    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        table = app.screen.query_one(AssetTable)
        await typed("home", "slash", *"id:bess-2", "enter")
        assert table.cursor == "bess-2"
        await pilot.press("escape", "end")
        assert table.cursor == "bess-2.grid"
        await typed("slash", *"id:bess-2")
        assert table.cursor == "bess-2.grid"  # it was there, and passes
        await typed(*["backspace"] * 9, *"name:bess")
        assert table.cursor == "bess-1"
        await typed("escape")
        assert table.cursor == "bess-2.grid"
        await typed("slash", *"id:bess-2", "enter", "up")
        assert table.cursor == "bess-2"
        reader.push(snapshot(*members[:1], *reversed(members[1:]), seq=2))
        await settle(pilot)
        await typed("escape")
        assert table.cursor == "bess-2"
