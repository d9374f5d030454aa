"""What a person chose, kept in a file of their own."""

import asyncio
import threading
from pathlib import Path

import pytest
from textual.binding import Binding

from ovr_tui.console.arrange import Grouping, SortKey
from ovr_tui.console.item_table import ItemTable
from ovr_tui.console.keys import is_key, names, usable
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.site import SitePage
from ovr_tui.console.settings import Settings, SettingsFile, read
from ovr_tui.console.shell import Shell
from ovr_tui.console.table import AssetTable
from tests.console.readers import Clock, make_app, pass_seconds, screen_text, settle
from tests.support.snapshots import site


def test_written_and_read_again(tmp_path: Path) -> None:
    """What was chosen is there at the next start; what was not is not written."""
    path = tmp_path / "new" / "console.toml"
    kept = SettingsFile(path)
    kept.change(sort="power", columns=("KIND",), keys={"site.order": "x"})
    assert not path.exists()
    assert kept.unwritten
    kept.write()
    assert not kept.unwritten
    again = SettingsFile(path)
    assert again.settings == Settings(sort="power", columns=("KIND",), keys={"site.order": "x"})
    assert again.problems == []
    assert "theme" not in path.read_text()


def test_what_cannot_be_used_is_said_and_the_rest_counts(tmp_path: Path) -> None:
    """One wrong line costs its own setting, not the others."""
    settings, problems = read({"sort": "soc", "interval_s": "often", "colour": "red"})
    assert settings.sort == "soc"
    assert settings.interval_s == 0
    assert [problem.partition(":")[0] for problem in problems] == ["interval_s", "colour"]
    broken = tmp_path / "console.toml"
    broken.write_text("= broken")
    assert SettingsFile(broken).problems[0].startswith(f"{broken} is no TOML")


def test_a_file_that_cannot_be_written_is_a_problem_and_nothing_else(tmp_path: Path) -> None:
    """Where settings cannot be kept the choice counts until one leaves."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    kept = SettingsFile(blocked / "console.toml")
    kept.change(theme="light")
    kept.write()
    assert kept.settings.theme == "light"
    assert "choices are not kept" in kept.problems[0]


def test_what_others_wrote_meanwhile_stays(tmp_path: Path) -> None:
    """Keys that a person writes while a console runs, and what another console keeps, stay; only
    what is chosen here is changed, also back to what it is without a file."""
    path = tmp_path / "console.toml"
    one, other = SettingsFile(path), SettingsFile(path)
    path.write_text('colour = "red"\n\n[keys]\n"site.next_sort" = "y"\n')
    one.change(theme="light")
    one.write()
    other.change(bell_s=10)
    other.write()
    one.change(page="alarms")
    one.change(theme="")
    one.write()
    again = SettingsFile(path)
    assert again.settings == Settings(bell_s=10, page="alarms", keys={"site.next_sort": "y"})
    assert again.problems == [f"{path}: colour: there is no such setting"]


@pytest.mark.parametrize("broken", [b'[keys\n"site.order" = "x"\n', b"\xff"])
def test_a_file_that_cannot_be_read_is_not_overwritten(tmp_path: Path, broken: bytes) -> None:
    """Whoever made a typo finds the file as they left it; what is chosen meanwhile is kept once the
    typo is gone. It is said once: at the start, or when it came."""
    path = tmp_path / "console.toml"
    running = SettingsFile(path)
    path.write_bytes(broken)
    starts = SettingsFile(path)
    assert ["choices are not kept" in said for said in starts.problems] == [True]
    for kept, once in ((starts, ""), (running, "choices are not kept")):
        kept.change(theme="light")
        kept.write()
        assert path.read_bytes() == broken
        assert kept.unsaid.startswith(once)
        assert bool(kept.unsaid) == bool(once)
    running.unsaid = ""
    running.change(bell_s=10)
    running.write()
    assert running.unsaid == ""
    path.write_text('page = "alarms"\n')
    running.change(interval_s=2)
    running.write()
    wanted = Settings(page="alarms", theme="light", bell_s=10, interval_s=2)
    assert SettingsFile(path).settings == wanted


def test_leaving_always_has_a_key() -> None:
    """Whatever keys a person chooses, ctrl+q and ctrl+c lead out."""
    own = {"app.leave": "x", "site.group": " ", "app.help": "f2, f3"}
    keys, problems = usable(own, names())
    assert keys == {"app.leave": "x,ctrl+q,ctrl+c", "app.help": "f2,f3"}
    assert problems == ["keys.site.group: it needs a key"]


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("site.grup", "f3", "there is no such action (did you mean site.group?)"),
        ("notice.nonsense", "f3", "there is no such action (known here: notice.back)"),
        ("site.group", "zz", "zz is no key"),
        ("site.group", "f2, hyperdrive+x", "hyperdrive+x is no key"),
        ("site.group", "shift+a", "shift+a is no key"),
        ("app.leave", "F99", "F99 is no key"),
    ],
)
def test_what_is_no_action_or_no_key_is_said(name: str, wanted: str, said: str) -> None:
    """A name that is misspelt, or a key that no terminal sends: the action keeps its usual key."""
    assert usable({name: wanted}, names()) == ({}, [f"keys.{name}: {said}"])


def test_every_usual_key_is_a_key() -> None:
    """Whatever key an action has here may be given to another one."""
    for place in (Shell, ItemTable, SitePage, AssetPage):
        for binding in place.BINDINGS:
            assert isinstance(binding, Binding)
            assert all(is_key(key.strip()) for key in binding.key.split(",")), binding.key
    assert all(map(is_key, ("/", "+", "comma", "ctrl+f5", "alt+x", "shift+tab", "pagedown", "é")))


async def test_order_and_page_are_kept(tmp_path: Path) -> None:
    """The next console begins where the last one was left: page, order, grouping, columns."""
    path = tmp_path / "console.toml"
    app, _ = make_app(site(20), settings=SettingsFile(path))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        await pilot.press("2", "O", "g")
        await pilot.press("C")
        await settle(pilot)
        await pilot.press("left", "ctrl+s")
        await settle(pilot)
        assert "KIND" not in screen_text(app)
        await pilot.press("h")
        await settle(pilot)
    app, _ = make_app(site(20), settings=SettingsFile(path))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(pilot)
        assert app.current_mode == "health"
        await pilot.press("s")
        await settle(pilot)
        page = app.screen
        assert isinstance(page, SitePage)
        assert (page.view.sort, page.view.descending) == (SortKey.POWER, False)
        assert page.view.grouping is Grouping.SYSTEM
        titles = [column.title for column, _ in page.query_one(AssetTable).columns.columns]
        assert "KIND" not in titles


async def test_no_key_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is chosen by a key is written by another thread, within a second or when one leaves."""
    path, clock, threads = tmp_path / "console.toml", Clock(), set()
    kept = SettingsFile(path)
    write = kept.write

    def noted() -> None:
        threads.add(threading.current_thread())
        write()

    monkeypatch.setattr(kept, "write", noted)
    app, _ = make_app(site(5), settings=kept, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("h", "a")
        pass_seconds(app, clock, 1)
        async with asyncio.timeout(20):
            while not path.exists() or 'page = "alarms"' not in path.read_text():
                await pilot.pause(0.02)
        assert threads
        assert threading.main_thread() not in threads
        await pilot.press("d")
    assert 'page = "devices"' in path.read_text()


async def test_that_choices_are_not_kept_is_said_once(tmp_path: Path) -> None:
    """A person who breaks the file while a console runs reads why a choice is not kept."""
    path, clock = tmp_path / "console.toml", Clock()
    app, _ = make_app(site(5), settings=SettingsFile(path), clock=clock)
    async with app.run_test(size=(160, 24)) as pilot:
        await settle(pilot)
        path.write_text("[keys")
        await pilot.press("T")
        async with asyncio.timeout(20):
            while "choices are not kept" not in screen_text(app):
                pass_seconds(app, clock, 1)
                await pilot.pause(0.02)
        await pilot.press("T")
        await settle(pilot)
        pass_seconds(app, clock, 2)
        await settle(pilot)
        assert "choices are not kept" not in screen_text(app)
    assert path.read_text() == "[keys"


async def test_own_keys(tmp_path: Path) -> None:
    """A person's own key does the action, is shown in the help, and the old one is free."""
    path = tmp_path / "console.toml"
    path.write_text('[keys]\n"site.next_sort" = "y"\n')
    app, _ = make_app(site(20), settings=SettingsFile(path))
    async with app.run_test(size=(100, 110)) as pilot:
        await settle(pilot)
        page = app.screen
        assert isinstance(page, SitePage)
        found = []
        for key in ("o", "y"):
            await pilot.press(key)
            found.append(page.view.sort)
        assert found == [SortKey.NAME, SortKey.POWER]
        await pilot.press("question_mark")
        await settle(pilot)
        line = next(row for row in screen_text(app).splitlines() if "next column" in row)
        assert line.split()[0] == "y"


async def test_a_broken_file_is_said_at_the_start(tmp_path: Path) -> None:
    """Whoever wrote nonsense into the file reads so, and then works on."""
    path = tmp_path / "console.toml"
    path.write_text('sort = 7\n[keys]\n"app.leave" = ""\n')
    app, _ = make_app(site(5), settings=SettingsFile(path))
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        text = " ".join(screen_text(app).split())
        assert "sort: " in text
        assert "keys.app.leave: it needs a key" in text
        await pilot.press("escape")
        await settle(pilot)
        assert "5 of 5" in screen_text(app)
