"""Filter, sort and grouping of the table."""

import random

import pytest

from collector.model.kinds import AssetKind, AssetStatus
from ovr_tui.console.arrange import Entry, Grouping, Section, SortKey, View, arrange, order
from ovr_tui.console.query import matches, parse
from ovr_tui.console.rows import Row, make_row, make_rows
from tests.support.snapshots import asset, site, snapshot

GX = asset("bess-1", readings={"load_power_w": 48_000.0, "battery_soc_pct": 71.0}, name="BESS 1")
GENSET = asset("bess-1.genset", AssetKind.GENERATOR, readings={"generator_power_w": 9e4}, name="AA")
STAGE = asset(
    "stage-a",
    AssetKind.LOAD,
    AssetStatus.STALE,
    {"load_power_w": 88_000.0},
    name="Stage A",
    age_s=43,
)
TENTH = asset("bess-10", readings={"load_power_w": 1.0, "battery_soc_pct": 5.0}, name="BESS 10")
SECOND = asset("bess-2", readings={"load_power_w": None}, name="BESS 2", age_s=None)
ROWS = make_rows(snapshot(TENTH, STAGE, GENSET, SECOND, GX))


def ids(entries: list[Entry]) -> list[str]:
    """The entries by id, heads of systems with a #."""
    return [entry.id if isinstance(entry, Row) else f"#{entry.name}" for entry in entries]


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        (SortKey.NAME, False, ["bess-1", "bess-1.genset", "bess-2", "bess-10", "stage-a"]),
        (SortKey.NAME, True, ["stage-a", "bess-10", "bess-2", "bess-1", "bess-1.genset"]),
        (SortKey.POWER, True, ["bess-1", "bess-1.genset", "bess-10", "bess-2", "stage-a"]),
        (SortKey.POWER, False, ["bess-10", "bess-1", "bess-1.genset", "bess-2", "stage-a"]),
        (SortKey.SOC, False, ["bess-10", "bess-1", "bess-1.genset", "bess-2", "stage-a"]),
        (SortKey.AGE, True, ["stage-a", "bess-1", "bess-1.genset", "bess-10", "bess-2"]),
        (SortKey.STATUS, False, ["stage-a", "bess-1", "bess-1.genset", "bess-2", "bess-10"]),
    ],
)
def test_order(sort: SortKey, descending: bool, expected: list[str]) -> None:
    """Numbers in names count as numbers, roles stay below their device, and what has no good value
    (stale, invalid, absent) stands last in both directions."""
    assert order(ROWS, View(sort=sort, descending=descending)) == expected


@pytest.mark.parametrize("sort", list(SortKey))
def test_order_does_not_depend_on_the_order_before(sort: SortKey) -> None:
    """The same rows sort the same way however they come: no row jumps without a reason."""
    rows = make_rows(site(60))
    once = order(rows, View(sort=sort))
    random.Random(4).shuffle(rows)
    assert order(rows, View(sort=sort)) == once


def test_a_lost_role_brings_its_device_up() -> None:
    """By status a device stands where the worst of its assets does."""
    lost = asset("bess-10.genset", AssetKind.GENERATOR, AssetStatus.LOST)
    found = order([*ROWS, make_row(lost)], View(sort=SortKey.STATUS))
    assert found[:2] == ["bess-10", "bess-10.genset"]


def test_between_sorts_rows_keep_their_places() -> None:
    """Rows stay in the given order, new assets come at the end, gone ones are left out."""
    entries = arrange(ROWS, ["stage-a", "gone", "bess-2"], View(), ())
    assert ids(entries) == ["stage-a", "bess-2", "bess-10", "bess-1.genset", "bess-1"]


def test_grouped_by_system() -> None:
    """Each system has one head, which counts its rows."""
    view = View(grouping=Grouping.SYSTEM)
    entries = arrange(ROWS, order(ROWS, view), view, ())
    assert ids(entries) == [
        "#bess-1", "bess-1", "bess-1.genset", "#bess-2", "bess-2", "#bess-10", "bess-10",
        "#stage-a", "stage-a",
    ]  # fmt: skip
    heads = [entry for entry in entries if isinstance(entry, Section)]
    assert [len(head.rows) for head in heads] == [2, 1, 1, 1]


def test_a_role_in_another_system_is_grouped_there() -> None:
    """A device whose assets belong to two systems appears below both heads, each system once."""
    other = asset("bess-1.grid", AssetKind.GRID, system="zz")
    rows = [*ROWS, make_row(other)]
    view = View(grouping=Grouping.SYSTEM)
    entries = arrange(rows, order(rows, view), view, ())
    assert ids(entries)[-2:] == ["#zz", "bess-1.grid"]
    assert ids(entries).count("#bess-1") == 1


def test_a_role_without_its_device_stands_at_the_margin() -> None:
    """Filtered to generators, the role is not indented below nothing."""
    entries = arrange(ROWS, order(ROWS, View()), View(), parse("kind:gen"))
    assert [(e.id, e.depth) for e in entries if isinstance(e, Row)] == [("bess-1.genset", 0)]
    whole = arrange(ROWS, order(ROWS, View()), View(), ())
    assert [e.depth for e in whole if isinstance(e, Row)] == [0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"bess-1", "bess-1.genset", "bess-2", "bess-10", "stage-a"}),
        ("STAGE", {"stage-a"}),
        ("!stage", {"bess-1", "bess-1.genset", "bess-2", "bess-10"}),
        ("kind:bess", {"bess-1", "bess-2", "bess-10"}),
        ("kind:generator", {"bess-1.genset"}),
        ("kind:gen", {"bess-1.genset"}),
        ("system:bess-1", {"bess-1", "bess-1.genset", "bess-10"}),
        ("status:stale", {"stage-a"}),
        ("!status:live", {"stage-a"}),
        ("kind:bess !name:10", {"bess-1", "bess-2"}),
        ("device:bess-1 id:genset", {"bess-1.genset"}),
        ("kind:", {"bess-1", "bess-1.genset", "bess-2", "bess-10", "stage-a"}),
        ("!", {"bess-1", "bess-1.genset", "bess-2", "bess-10", "stage-a"}),
        ("nothing:like", set()),
        ("[/]", set()),
        ("(", set()),
    ],
)
def test_filter(text: str, expected: set[str]) -> None:
    """All words must hold; `!` turns one round; a half-typed key filters nothing away; no text is
    a broken filter."""
    assert {row.id for row in ROWS if matches(row, parse(text))} == expected


def test_a_colon_in_a_name_is_found() -> None:
    """Only known keys are keys: `10.0.0.5:502` is looked for as it stands."""
    row = make_row(asset(name="Meter 10.0.0.5:502"))
    assert matches(row, parse("10.0.0.5:502"))
