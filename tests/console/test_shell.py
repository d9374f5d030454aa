"""Getting about: pages by their keys, palette, jump mode, what is said in the last line."""

import asyncio

import msgspec
import pytest
from textual import events

from collector.model.text import called
from collector.wire import MeAnswer
from ovr_tui.console.commands import commands, ranked
from ovr_tui.console.grid import Column, lay_out
from ovr_tui.console.item_table import Item, ItemTable
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.discover import DiscoverPage
from ovr_tui.console.pages.events import EventsPage
from ovr_tui.console.pages.health_log import LogPage
from ovr_tui.console.pages.listing import filtered
from ovr_tui.console.pages.palette import PalettePage
from ovr_tui.console.pages.site import SitePage
from ovr_tui.console.places import PLACES
from ovr_tui.console.profile import Profile, ThemeName, resolve
from ovr_tui.console.shell import ELSEWHERE
from ovr_tui.console.table import AssetTable
from ovr_tui.console.text import width
from tests.console.readers import Clock, HandReader, make_app, screen_text, settle
from tests.support.snapshots import alarm, changed, site

ME = MeAnswer(
    person="uid 1000 (kim)", role="operator", transport="ovr.sock", control=True, pin=False,
    node="ovr-node-07", site="Main field", timezone="America/Los_Angeles", version="0.1.0",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.word)
async def test_each_place_has_its_key(place: object) -> None:
    """One key leads to each page from anywhere; escape leads to the site."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("h", place.key)  # type: ignore[attr-defined]  # a Place
        await settle(pilot)
        assert app.current_mode == place.word  # type: ignore[attr-defined]
        assert f"[{place.name}]" in screen_text(app)  # type: ignore[attr-defined]
        await pilot.press("escape")
        await settle(pilot)
        assert app.current_mode == "site"


async def test_a_place_seen_before_is_painted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the first visit waits for the page to be made, so that it is not seen half made."""
    app, _ = make_app(site(5))
    waited: list[object] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("h", "s")
        await settle(pilot)
        monkeypatch.setattr(app, "set_timer", lambda *a, **more: waited.append(more.get("name")))
        for key, name in (("h", "[Health]"), ("s", "[Site]"), ("h", "[Health]")):
            await pilot.press(key)
            await pilot.pause()
            assert name in screen_text(app)
        assert "delay_update" not in waited


@pytest.mark.parametrize("cells", [80, 120, 200])
async def test_who_looks_is_always_in_sight(cells: int) -> None:
    """Person and right stand on every page; a viewer is told that they only look."""
    for role, word in (("operator", "operator kim"), ("viewer", "read only kim")):
        reader = HandReader(site(5))
        reader.answers["/v1/me"] = msgspec.structs.replace(ME, role=role)
        app, _ = make_app(reader=reader)
        async with app.run_test(size=(cells, 24)) as pilot:
            await settle(pilot)
            for place in PLACES:
                await pilot.press(place.key)
                await settle(pilot)
                assert word in screen_text(app)
            await pilot.press("question_mark")
            await settle(pilot)
            assert word in screen_text(app)


def test_a_person_is_called_by_name() -> None:
    """What the audit needs of a person is not shown all day."""
    assert called("uid 1000 (kim)") == "kim"
    assert called("kim's token") == "kim's token"
    assert called("uid 1000") == "uid 1000"


async def test_alarms_are_counted_on_every_page() -> None:
    """Whatever is looked at, unseen alarms are counted beside the page's name."""
    shot = changed(site(5), alarms=(alarm(), alarm(id="b", state="acknowledged")))
    app, _ = make_app(shot)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in ("d", "h", "question_mark"):
            await pilot.press(key)
            await settle(pilot)
            assert "larms 1" in screen_text(app)


async def test_the_palette_finds_commands_and_assets() -> None:
    """Typing a part of a name finds it; enter does it, also what has no key of its own."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("colon")
        await settle(pilot)
        assert isinstance(app.screen, PalettePage)
        await pilot.press(*"sort", "space", *"soc")
        await settle(pilot)
        assert "sort by SOC" in screen_text(app)
        await pilot.press("enter")
        await settle(pilot)
        page = app.screen
        assert isinstance(page, SitePage)
        assert page.view.sort == "soc"
        await pilot.press("ctrl+p", *"genset", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, AssetPage)
        await pilot.press("ctrl+p", "escape")
        await settle(pilot)
        assert isinstance(app.screen, AssetPage)


WORDS = {
    "ack": "acknowledge: I have seen it",
    "lock": "lock the asset out",
    "withdraw": "withdraw: the log entry at the cursor does not count",
    "discover": "find: look for devices in the network",
    "add": "add what is marked",
    "theme": "other colours",
    "quit": "leave",
    "help": "all keys",
    "zoom": "zoom in",
    "pin": "unlock control with the PIN",
    "make event": "a new event",
    "node clock": "confirm the clock",
}


async def test_the_palette_knows_the_words_that_people_use() -> None:
    """Commands of every page are found by their names and by other words for them, what begins so
    first; whoever may only look is not offered what they may not do."""
    app, reader = make_app(site(3))
    reader.answers["/v1/me"] = ME
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        page = app.screen
        assert isinstance(page, SitePage)
        offered = commands(page, ELSEWHERE)
        for typed, first in WORDS.items():
            assert ranked(offered, typed)[0].name.startswith(first), typed
        assert ranked(offered, "nothing like it") == []
        app.me = msgspec.structs.replace(ME, role="viewer", control=False)
        found = {command.name for command in commands(page, ELSEWHERE)}
        assert WORDS["ack"] not in found
        assert "zoom in" in found


async def test_the_palette_goes_where_a_command_is() -> None:
    """One that is about a place as a whole is done there at once; for one about a row, or deeper,
    the palette leads to the place and says which key does it."""
    app, reader = make_app(site(3))
    reader.answers["/v1/me"] = ME
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("colon", *"discover", "enter")
        await settle(pilot)
        assert isinstance(app.screen, DiscoverPage)
        assert app.current_mode == "devices"
        await pilot.press("colon", *"zoom in", "enter")
        await settle(pilot)
        assert isinstance(app.screen, SitePage)
        assert "open an asset, then + does it" in screen_text(app)
        await pilot.press("colon", *"acknowledge", "enter")
        await settle(pilot)
        assert "choose a row, then A does it" in screen_text(app)


async def test_the_palette_calls_each_thing_once_and_each_key_as_people_do() -> None:
    """From another place: no name that says itself twice, no key by the terminal's name for it."""
    app, _ = make_app(site(3))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("e")
        await settle(pilot)
        assert isinstance(app.screen, EventsPage)
        offered = commands(app.screen, ELSEWHERE)
        twice = [c.name for c in offered if c.name.count(f"{c.name.split(': ')[0]}: ") > 1]
        assert not twice
        assert not [c.keys for c in offered if "square" in c.keys or "sign" in c.keys]
        (chart,) = [c for c in offered if c.name == "chart: next"]
        assert (chart.keys, chart.where) == ("s ]", "Site")


async def test_the_palette_takes_keys_in_one_burst() -> None:
    """A command typed and entered before anything was painted is the one that is done."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("colon")
        await settle(pilot)
        for key in (*"soc", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(pilot)
        page = app.screen
        assert isinstance(page, SitePage)
        assert page.view.sort == "soc"


async def test_every_command_of_a_page_is_in_the_palette() -> None:
    """Nothing that a key does is missing there, but moving about."""
    app, reader = make_app(site(3))
    reader.answers["/v1/me"] = ME
    async with app.run_test(size=(100, 90)) as pilot:
        await settle(pilot)
        page = app.screen
        names = {b.tooltip or b.description for b in (*page.BINDINGS, *app.BINDINGS)}  # type: ignore[union-attr]
        await pilot.press("colon")
        await settle(pilot)
        text = screen_text(app)
        missing = {name for name in names if name[:40] not in text}
        locked = "lock control: commands take the PIN anew"  # only once it is unlocked
        assert missing <= {
            "all commands", "next part of the page", "previous part of the page", locked,
        }  # fmt: skip


@pytest.mark.parametrize("theme", [ThemeName.DARK, ThemeName.ANSI, ThemeName.MONO])
async def test_jump_mode(theme: ThemeName) -> None:
    """ctrl+o puts a letter at every row in sight, over the page; the letter goes there, any other
    key nowhere."""
    app, _ = make_app(site(20), profile=Profile(theme=theme))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert "[a]BESS 1 Main stage" in screen_text(app)
        assert "any other key back" in screen_text(app).splitlines()[-1]
        await pilot.press("d")
        await settle(pilot)
        table = app.screen.query_one(AssetTable)
        assert table.cursor == app.screen.query_one(AssetTable).entries[2].id  # type: ignore[union-attr]
        before = table.cursor
        await pilot.press("ctrl+o", "escape")
        await settle(pilot)
        assert table.cursor == before


async def test_no_colours_stay_away() -> None:
    """NO_COLOR holds against the key for other colours, which says why it does nothing."""
    profile = resolve({"TERM": "xterm-256color", "NO_COLOR": "1"})
    app, _ = make_app(site(5), profile=profile)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("T")
        await settle(pilot)
        assert app.palette.theme is ThemeName.MONO
        assert "NO_COLOR is set" in screen_text(app)


async def test_how_this_terminal_is_drawn_for_is_in_sight() -> None:
    """A slow line and a console's own signs are said on every page, at 80 columns too."""
    app, reader = make_app(site(5), profile=resolve({"TERM": "linux"}, slow=True))
    reader.answers["/v1/me"] = ME
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "Health  SLOW TTY operator kim" in screen_text(app).splitlines()[1]
        await pilot.press("h", *["greater_than_sign"] * 3)
        await settle(pilot)
        assert "SLOW 1 s TTY" in screen_text(app).splitlines()[1]


async def test_what_is_said_goes_with_the_next_key() -> None:
    """A message stands in the last line for some seconds, or until a key is pressed."""
    clock = Clock()
    app, _ = make_app(site(5), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.say("BESS 1 [/] was named", "good")
        await settle(pilot)
        assert "BESS 1 [/] was named" in screen_text(app)
        await pilot.press("down")
        await settle(pilot)
        assert "was named" not in screen_text(app)
        app.say("again")
        clock.at += 9
        app.redraw()
        await settle(pilot)
        assert "again" not in screen_text(app)
        app.say("first reason\nsecond reason", "alert")
        await settle(pilot)
        assert "second reason" in screen_text(app)


async def test_painting_less_often() -> None:
    """< paints less often and says so in sight; snapshots in between are not painted, keys are."""
    clock = Clock()
    app, reader = make_app(site(5, 1), clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("less_than_sign", "less_than_sign")
        await settle(pilot)
        assert app.interval_s == 5
        assert "EVERY 5 s" in screen_text(app)
        before = screen_text(app)
        clock.at += 1
        reader.push(site(5, 2))
        await settle(pilot)
        assert screen_text(app) == before
        clock.at += 4
        reader.push(site(5, 3))
        await settle(pilot)
        assert screen_text(app) != before
        await pilot.press(*["greater_than_sign"] * 4)
        assert app.interval_s == 1


def test_columns_share_the_room() -> None:
    """The highest rank goes first; what is left grows up to its most; numbers stand right."""
    columns = (
        Column(title="NAME", least=10, most=20),
        Column(title="KW", least=6, right=True, rank=1),
        Column(title="NOTE", least=10, most=99, rank=2),
    )
    wide, narrow = lay_out(columns, 60), lay_out(columns, 20)
    assert [place for place, _, _ in wide.columns] == [0, 1, 2]
    assert [place for place, _, _ in narrow.columns] == [0, 1]
    line = wide.line((("a", "text"), ("1.5", "text"), ("n", "dim")))
    assert width(line) <= 60
    assert "   1.5" in "".join(text for text, _ in line)


def test_a_filter_keeps_headings_of_what_passes() -> None:
    """Words must be there, !words must not; a heading stays while something below it does."""
    items = [
        Item(key="", line=(("One", "head"),)),
        Item(key="a", line=(("apple", "text"),)),
        Item(key="", line=(("Two", "head"),)),
        Item(key="b", line=(("banana", "text"),), text="yellow"),
    ]
    assert [item.key for item in filtered(items, "yellow")] == ["", "b"]
    assert [item.key for item in filtered(items, "!yellow")] == ["", "a"]
    assert filtered(items, "none") == []


async def test_a_list_keeps_its_cursor_and_marks() -> None:
    """The cursor stays with its item wherever it goes; marks of what is gone go."""
    app, _ = make_app(site(3))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        table = ItemTable(app.palette, app.glyphs)
        await app.screen.mount(table)
        await settle(pilot)
        rows = [Item(key=k, line=((f" {k}", "text"),)) for k in "abc"]
        table.show([Item(key="", line=((" head", "head"),)), *rows])
        assert table.cursor == "a"
        table.action_move(1)
        table.toggle_mark()
        assert (table.cursor, table.chosen()) == ("c", ["b"])
        table.show([rows[2], rows[1]])
        assert table.cursor == "c"
        table.show([rows[2]])
        assert table.chosen() == ["c"]
        table.action_move(-5)
        assert table.cursor == "c"
        table.show([])
        assert table.chosen() == []


async def test_keys_too_many_while_leaving_break_nothing() -> None:
    """Who types on after q opens pages that the end of the app overtakes."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for key in "questions":
            app.post_message(events.Key(key, key))
    assert app.return_code == 0


async def test_a_page_that_is_left_while_it_begins_breaks_nothing() -> None:
    """Whatever of a page is gone already when it would give the keys to its list."""
    app, _ = make_app(site(5))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("h", "5")
        await settle(pilot)
        page = app.screen
        assert isinstance(page, LogPage)
        app.post_message(events.Key("4", "4"))
        for _ in range(40):
            page.begin_soon()
            await asyncio.sleep(0)
        await settle(pilot)
        assert app.screen is not page
        assert isinstance(app.screen, Page)
