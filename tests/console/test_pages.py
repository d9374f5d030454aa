"""The other pages, pause, loss and leaving, by keyboard, on snapshots by hand."""

import re

import pytest

from collector.model.kinds import AssetKind
from ovr_tui.console.asset.view import AssetPanel
from ovr_tui.console.band import text_of
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.leaving import Leave
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.health import HealthPage
from ovr_tui.console.pages.help import HelpPage, help_lines
from ovr_tui.console.pages.leave import LeavePage
from ovr_tui.console.pages.site import SitePage
from ovr_tui.console.table import AssetTable
from ovr_tui.console.text import width
from tests.console.readers import Clock, make_app, pass_seconds, screen_text, settle, shows
from tests.support.kinds import ME
from tests.support.snapshots import START_MS, asset, site, snapshot, total


async def test_asset_page_and_back() -> None:
    """Enter opens the asset with its chart, n walks on, [ ] change the chart, ← leads back to the
    row of the asset last seen."""
    app, reader = make_app(site(20, troubles=False))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, AssetPage)
        text = screen_text(app)
        assert "EasySolar 48/15000" in text
        assert "load power" in text
        assert "14:2" in text
        assert ("bess-1", "load_power_w") in reader.asked
        await pilot.press("right_square_bracket")
        await settle(pilot)
        assert ("bess-1", "grid_power_w") in reader.asked
        await pilot.press("n")
        await settle(pilot)
        assert "Genset 1" in screen_text(app)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, SitePage)
        assert app.screen.query_one(AssetTable).cursor == "bess-1.genset"


async def test_an_asset_that_disappears_while_looked_at() -> None:
    """The page says that the asset is gone, instead of showing old values."""
    app, reader = make_app(site(20))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        reader.push(snapshot(asset("other"), seq=2))
        await settle(pilot)
        assert "No such asset now." in screen_text(app)
        assert "load power" not in screen_text(app)


async def test_without_history_the_chart_begins_now() -> None:
    """A collector that gives no history costs the chart its past, not the console its life."""
    app, reader = make_app(site(20))
    reader.history_fails = True
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert "no history" in screen_text(app)


async def test_panel_beside_a_wide_table() -> None:
    """From 140 cells on the selected asset's panel stands beside the table and follows it."""
    app, _ = make_app(site(20, troubles=False))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        panel = app.screen.query_one(AssetPanel)
        assert panel.asset == "bess-1"
        await pilot.press("down")
        await settle(pilot)
        assert panel.asset == "bess-1.genset"
        await pilot.resize_terminal(120, 40)
        await settle(pilot)
        assert not panel.display


async def test_pause_holds_the_picture() -> None:
    """Space holds the numbers under a banner; space again shows the present at once."""
    clock = Clock()

    def made(seq: int, watts: float):
        view = asset("a", AssetKind.LOAD, readings={"load_power_w": watts})
        return snapshot(view, seq=seq, at_ms=START_MS + seq * 1000)

    app, reader = make_app(made(1, 11_100.0), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("space")
        reader.push(made(2, 22_200.0))
        clock.at += 7
        await settle(pilot)
        app.redraw()
        await settle(pilot)
        text = screen_text(app)
        assert "PAUSED 7 s" in text
        assert "(11.1)" in text
        assert "22.2" not in text
        assert app.trends.arrow("a") == 0
        await pilot.press("space")
        await settle(pilot)
        assert "22.2" in screen_text(app)
        assert "PAUSED" not in screen_text(app)
        assert app.trends.arrow("a") == 1


async def test_a_held_picture_goes_on_to_age() -> None:
    """Ages grow while the picture is held, and go on from there when the collector is lost; the
    bell and the line of truth go by what comes meanwhile."""
    clock = Clock()
    view = asset("a", AssetKind.LOAD, readings={"load_power_w": 48_200.0})
    app, reader = make_app(snapshot(view), clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("space")
        for second in range(20):
            reader.push(snapshot(view, seq=2 + second))
            await settle(pilot)
            pass_seconds(app, clock, 1)
        await settle(pilot)
        text = screen_text(app)
        assert "STALE 20 s" in text
        assert "● collecting" in text
        assert app.now().unheard_s is None
        reader.lose("the collector has ended")
        await settle(pilot)
        pass_seconds(app, clock, 7)
        await settle(pilot)
        text = screen_text(app)
        assert "COLLECTOR LOST 8 s ago · PAUSED 27 s" in text
        assert "STALE 27 s" in text


async def test_a_lost_collector_leaves_stale_values() -> None:
    """Lost: banner with cause and countdown, every value in brackets with a growing age, totals
    too; back: live again."""
    clock = Clock()
    totals = {"load_power_w": total("load_power_w", 412_600.0)}
    view = asset("a", AssetKind.LOAD, readings={"load_power_w": 48_200.0})
    app, reader = make_app(snapshot(view, totals=totals), clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "(48.2)" not in screen_text(app)
        reader.lose("the collector has ended")
        await settle(pilot)
        pass_seconds(app, clock, 30)
        await settle(pilot)
        text = screen_text(app)
        assert "COLLECTOR LOST 30 s ago, all values are stale · next try in" in text
        assert "the collector has ended" in text
        assert "(48.2)" in text
        assert "(412.6) kW" in text
        assert "STALE 30 s" in text
        reader.push(snapshot(view, seq=2, totals=totals))
        await shows(pilot, "● collecting")
        await settle(pilot)
        assert "COLLECTOR LOST" not in screen_text(app)
        assert "(48.2)" not in screen_text(app)


async def test_a_collector_that_stands_still_stays_stale() -> None:
    """Attaching again to a collector whose ticks stand still brings the old snapshot again: it is
    as old as its time says, never live once more."""
    clock = Clock()
    view = asset("a", AssetKind.LOAD, readings={"load_power_w": 48_200.0})
    app, reader = make_app(snapshot(view), clock=clock, wall=lambda: START_MS / 1000 + clock.at)
    clock.at = 0.5
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert app.now().stale_s is None
        assert "(48.2)" not in screen_text(app)
        clock.at = 5.5
        reader.lose("the collector has said nothing for 5 s")
        await settle(pilot)
        reader.push(snapshot(view))
        await shows(pilot, "no snapshot for 5 s: values are stale")
        assert app.now().link.attached
        assert app.now().stale_s == 5.5
        assert "(48.2)" in screen_text(app)
        clock.at = 6.5
        reader.push(snapshot(view, seq=2, at_ms=START_MS + 6000))
        await settle(pilot)
        assert "(48.2)" not in screen_text(app)


async def test_attaching_to_a_collector_that_stands_still() -> None:
    """The first snapshot of a console may be minutes old: it is shown as old as it is."""
    view = asset("a", AssetKind.LOAD, readings={"load_power_w": 48_200.0})
    app, _ = make_app(snapshot(view), wall=lambda: START_MS / 1000 + 240)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert "(48.2)" in screen_text(app)
        assert "STALE 4 min" in screen_text(app)


async def test_health_and_help() -> None:
    """h shows health, ? the keys of the page below; both lead back."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(120, 90)) as pilot:
        await settle(pilot)
        await pilot.press("h")
        await settle(pilot)
        assert isinstance(app.screen, HealthPage)
        assert "COLLECTOR" in screen_text(app)
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(app.screen, HelpPage)
        await pilot.press("escape", "escape")
        assert isinstance(app.screen, SitePage)
        await pilot.press("question_mark")
        await settle(pilot)
        text = screen_text(app)
        for said in (
            "kind:bess",
            "group by system",
            "hold the picture",
            "STALE",
            "the device has no",
        ):
            assert said in text


def test_help_fits_a_low_screen() -> None:
    """On 80 columns nothing of the help is cut: long descriptions are wrapped."""
    lines = help_lines([("This page", SitePage.BINDINGS)], UNICODE, 80)
    assert max(width(line) for line in lines) <= 80
    assert "status:stale, name: id: device:" in " ".join(text_of(lines).split())


def test_help_has_every_key() -> None:
    """Keys that do the same stand together, however they are shown in the last line."""
    lines = " ".join(text_of(help_lines([("This page", AssetPage.BINDINGS)], UNICODE, 58)).split())
    assert "[ ] chart the measurement before, the next one" in lines
    assert "← → chart: a cursor with the values of its moment" in lines


async def test_a_long_page_says_that_it_goes_on() -> None:
    """What does not fit on a low screen is announced, until one has scrolled to the end."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in ("question_mark", "h", "enter"):
            await pilot.press(key)
            await settle(pilot)
            assert re.search(r"↓ \d+ more", screen_text(app))
            await pilot.press("end")
            await settle(pilot)
            assert not re.search(r"↓ \d+ more", screen_text(app))
            await pilot.press("escape")
            await settle(pilot)


async def test_every_binding_is_in_the_help() -> None:
    """The help page lists every key of page, table and app: it is made from the bindings."""
    app, reader = make_app(site(5))
    reader.answers["/v1/me"] = ME
    async with app.run_test(size=(100, 110)) as pilot:
        await settle(pilot)
        page, table = app.screen, app.screen.query_one(AssetTable)
        await pilot.press("question_mark")
        await settle(pilot)
        text = " ".join(screen_text(app).split())
        for binding in (*page.BINDINGS, *table.BINDINGS, *app.BINDINGS):
            if binding.action == "lock_control":  # type: ignore[union-attr]
                continue  # only once control is unlocked
            assert (binding.tooltip or binding.description) in text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("q",), Leave.LEFT),
        (("ctrl+c",), Leave.LEFT),
        (("h", "q"), Leave.LEFT),
    ],
)
async def test_leaving(keys: tuple[str, ...], answer: Leave) -> None:
    """A console that hosts nothing is left at once, from any page."""
    app, reader = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press(*keys)
        await pilot.pause()
    assert app.return_value is answer
    assert reader.closed


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (("q", "enter"), None),
        (("q", "escape"), None),
        (("q", "q"), None),
        (("q", "l"), Leave.LEFT),
        (("q", "s"), Leave.STOP),
        (("q", "down", "enter"), Leave.LEFT),
        (("q", "up", "enter"), Leave.STOP),
    ],
)
async def test_leaving_a_hosting_console_asks(keys: tuple[str, ...], answer: Leave | None) -> None:
    """Hosting, leaving asks: stay (where the cursor begins), leave it running, or stop it."""
    app, _ = make_app(site(5), hosted=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("q")
        await settle(pilot)
        assert isinstance(app.screen, LeavePage)
        assert "A console has started this collector" in screen_text(app)
        await pilot.press(*keys[1:])
        await settle(pilot)
        if answer is None:
            assert isinstance(app.screen, SitePage)
    assert app.return_value is answer
