"""The columns of the table."""

import pytest
from rich.cells import cell_len

from collector.model.kinds import AssetKind, AssetStatus
from ovr_tui.console.arrange import SortKey, View
from ovr_tui.console.columns import Paint, draw_row, header, lay_out, mark
from ovr_tui.console.glyphs import TTY, UNICODE
from ovr_tui.console.rows import make_row, make_rows
from ovr_tui.console.text import plain, width
from ovr_tui.console.trends import Trends
from tests.console.test_text import HOSTILE
from tests.support.snapshots import asset, site

PAINT = Paint(UNICODE, Trends())


@pytest.mark.parametrize("cells", [60, 80, 100, 120, 140, 200, 250])
def test_every_line_has_the_width_of_the_table(cells: int) -> None:
    """Header and rows fill the table exactly, at any width, for every status and kind."""
    layout = lay_out(cells)
    lines = [header(layout, View(), UNICODE)]
    lines += [draw_row(row, layout, PAINT) for row in make_rows(site(100))]
    assert {width(line) for line in lines} <= {cells, cells - 1, width(lines[0])}
    assert max(width(line) for line in lines) <= max(cells, 60)


def test_columns_by_width() -> None:
    """At 80 cells name, power, SOC, age and state are there; at 120 everything with the bar."""
    narrow = [column.title for column, _ in lay_out(80).columns]
    wide = [column.title for column, _ in lay_out(120).columns]
    assert {"NAME", "POWER kW", "SOC %", "AGE", "STATE"} <= set(narrow)
    assert wide == [
        "", "NAME", "KIND", "SYSTEM", "POWER kW", "15 MIN", "SOC %", "V L-N", "A max", "AGE",
        "STATE",
    ]  # fmt: skip
    assert {column.title: cells for column, cells in lay_out(120).columns}["SOC %"] == 15


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("cells", [60, 80, 120])
def test_hostile_names_move_no_column(name: str, cells: int) -> None:
    """Whatever a name holds, the power stands where it always stands."""
    layout = lay_out(cells)
    calm = asset("a", name="calm", readings={"load_power_w": 48_200.0})
    wild = asset(
        "a", name=name or "x", system=name, reason=name, readings={"load_power_w": 48_200.0}
    )
    lines = [plain(draw_row(make_row(view), layout, PAINT)) for view in (calm, wild)]
    before = [cell_len(line[: line.index("48.2")]) for line in lines]
    assert before[0] == before[1]
    assert cell_len(lines[0]) == cell_len(lines[1])


def test_header_marks_the_sort() -> None:
    """The sorted column carries the arrow of its direction."""
    layout = lay_out(120)
    text = plain(header(layout, View(sort=SortKey.POWER, descending=True), UNICODE))
    assert "POWER kW▼" in text
    assert "NAME▲" in plain(header(layout, View(), TTY))


@pytest.mark.parametrize(
    ("status", "reason", "age_s", "notes", "text"),
    [
        (AssetStatus.LIVE, "", 0.0, (), "inverting"),
        (AssetStatus.LIVE, "", 0.0, ("CTs reversed?",), "inverting · ▲ CTs reversed?"),
        (AssetStatus.LIVE, "", 0.0, ("one", "two"), "inverting · ▲ one (+1)"),
        (AssetStatus.STALE, "", 43.0, (), "STALE 43 s"),
        (AssetStatus.STALE, "heartbeat frozen", 43.0, (), "STALE 43 s: heartbeat frozen"),
        (AssetStatus.LOST, "no route to host", 722.0, (), "LOST: no route to host"),
        (AssetStatus.WRONG, "serial 2 answers", 9.0, (), "WRONG DEVICE: serial 2 answers"),
        (AssetStatus.WAITING, "", None, (), "not heard yet"),
        (AssetStatus.DISABLED, "", None, (), "disabled"),
    ],
)
def test_mark(
    status: AssetStatus, reason: str, age_s: float | None, notes: tuple[str, ...], text: str
) -> None:
    """Why an asset is not live, or what it does and what is to be looked at, in words."""
    view = asset(
        status=status, reason=reason, age_s=age_s, notes=notes, readings={"inverter_state": 9.0}
    )
    assert mark(make_row(view), UNICODE)[0] == text


def test_stale_numbers_are_in_brackets_and_dim() -> None:
    """A stale row shows brackets round every number, invalid as --, and no trend arrow."""
    view = asset(
        "a",
        AssetKind.BESS,
        AssetStatus.STALE,
        {
            "load_power_w": 88_100.0,
            "battery_soc_pct": 71.0,
            "voltage_v.L1": 229.6,
            "current_a.L1": None,
        },
        age_s=43,
    )
    line = draw_row(make_row(view), lay_out(120), PAINT)
    text = plain(line)
    assert "(88.1)" in text
    assert "(71)" in text
    assert "(229.6)" in text
    assert "--" in text
    assert all(tone in ("dim", "warn") for piece, tone in line if piece.strip())
