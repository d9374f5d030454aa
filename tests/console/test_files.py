"""What a person takes along: screens, the table as CSV, a row; filters with expressions."""

import csv
import io
import json
import resource
from pathlib import Path

import pytest

from collector.errors import ApiError
from collector.model.kinds import AssetKind, AssetStatus
from ovr_tui.console.files import (
    as_table,
    folders,
    named,
    read_at,
    site_table,
    typed_path,
    write_at,
    write_new,
)
from ovr_tui.console.pages.notice import NoticePage
from ovr_tui.console.pattern import found, pattern
from ovr_tui.console.rows import make_row
from tests.console.readers import make_app, screen_text, settle, shows
from tests.support.snapshots import START_MS, asset, site


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files go here."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only(folder: Path, suffix: str) -> str:
    """What the one file of that kind holds."""
    (path,) = folder.glob(f"*.{suffix}")
    return path.read_text()


def test_a_table_as_json() -> None:
    """An object for each row, by the names of the columns; numbers stay numbers, and what is not
    good is null."""
    rows = [make_row(asset("a", AssetKind.LOAD, readings={"load_power_w": 1234.5678}))]
    (found,) = json.loads(as_table(site_table(rows, START_MS), "json"))
    assert (found["asset"], found["at_ms"], found["power_w"]) == ("a", START_MS, 1234.568)
    assert found["soc_pct"] is None


def test_nothing_is_replaced(here: Path) -> None:
    """A second file of that name gets a number; a name that is a path is none any more."""
    assert write_new(b"a", "view", "txt", folders()) == here / "view.txt"
    assert write_new(b"b", "view", "txt", folders()) == here / "view-2.txt"
    assert (here / "view.txt").read_bytes() == b"a"
    assert "/" not in named("../../etc/[x]", START_MS, "America/Los_Angeles")
    assert named("site", START_MS, "America/Los_Angeles") == "ovr-site-2026-06-25-143207"


def test_a_disk_that_is_full_holds_no_half_file(here: Path) -> None:
    """What cannot be written whole is in none of the folders that were tried."""
    other = here / "home"
    other.mkdir()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_new(b"x" * 20_000, "view", "txt", [here, other])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path for path in here.rglob("*") if path.is_file()] == []


async def test_a_file_at_a_typed_path(here: Path) -> None:
    """It is new or it is refused, each refusal with what to do; what is too long is not taken for
    what it should be."""
    await write_at(here / "a.csv", b"one")
    with pytest.raises(ApiError, match="is there already: choose another name"):
        await write_at(here / "a.csv", b"two")
    with pytest.raises(ApiError, match=r"there is no folder .*/gone: make it, or choose another"):
        await write_at(here / "gone" / "a.csv", b"two")
    assert await read_at(here / "a.csv", 3, "table") == b"one"
    with pytest.raises(ApiError, match="longer than any table: is it the right file"):
        await read_at(here / "a.csv", 2, "table")
    with pytest.raises(ApiError, match="cannot be read: No such file"):
        await read_at(here / "b.csv", 2, "table")
    assert typed_path("~/a") == Path.home() / "a"
    with pytest.raises(ApiError, match="no such home folder"):
        typed_path("~nobody-of-that-name/a")


def test_a_table_for_spreadsheets() -> None:
    """Values that are not good are empty, and no name is a formula."""
    rows = [
        make_row(asset("a", AssetKind.LOAD, readings={"load_power_w": 1234.5678}, name="=1+1")),
        make_row(asset("b", AssetKind.LOAD, AssetStatus.STALE, {"load_power_w": 99.0}, age_s=43.0)),
    ]
    read = list(csv.DictReader(io.StringIO(as_table(site_table(rows, START_MS), "csv").decode())))
    assert [row["power_w"] for row in read] == ["1234.568", ""]
    assert read[0]["name"] == "'=1+1"
    assert read[1]["status"] == "stale"
    assert read[1]["age_s"] == "43.0"


async def test_a_screen_and_a_table_are_written(here: Path) -> None:
    """ctrl+w writes what is seen, w the filtered table; the last line says where."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("slash", *"kind:bess", "enter")
        await settle(pilot)
        seen = screen_text(app).splitlines()[8]
        await pilot.press("ctrl+w")
        await settle(pilot)
        assert "written: " in screen_text(app)
        text = only(here, "txt")
        assert seen in text
        assert only(here, "svg").startswith("<svg")
        if isinstance(app.screen, NoticePage):  # a long path has a page of its own
            await pilot.press("escape")
            await settle(pilot)
        await pilot.press("w")
        await shows(pilot, ".csv")
        rows = only(here, "csv").splitlines()
        assert len(rows) == 5
        assert all(",bess," in row for row in rows[1:])


async def test_the_order_can_be_held() -> None:
    """F keeps every row where it is while values go on, and says so."""
    app, _ = make_app(site(20))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await pilot.press("2", "F")
        await settle(pilot)
        assert "(held)" in screen_text(app)
        await pilot.press("F")
        await settle(pilot)
        assert "(held)" not in screen_text(app)


@pytest.mark.parametrize(
    ("word", "text", "there"),
    [
        ("~^gen", "Genset 1", True),
        ("~^gen", "a genset", False),
        ("~[12]$", "Genset 2", True),
        ("~[", "a ~[ b", True),
        ("~(a+)+$", "aaaa", False),
        ("gen", "GENSET", True),
    ],
)
def test_expressions(word: str, text: str, there: bool) -> None:
    """~ makes a word an expression; what is none, or could take for ever, counts as it stands."""
    assert found(word, text) is there


@pytest.mark.parametrize("evil", ["(a+)+$", "(a|a)*$", ".*.*.*x", r"(a)\1", "(?=a)", "a" * 61])
def test_no_expression_takes_for_ever(evil: str) -> None:
    """Nested and many open repetitions are refused."""
    assert pattern(evil) is None
