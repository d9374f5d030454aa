"""The lists of a display: in which order, and what stands in place of a bar."""

import pytest
from msgspec import structs

from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.reading import Reading
from collector.model.snapshot import AssetView, Snapshot
from ovr_tui.console.band import text_of
from ovr_tui.console.kiosk.pages import leaves
from ovr_tui.console.text import width
from tests.console.kiosk.support import CREW
from tests.console.test_band import moment
from tests.support.snapshots import START_MS, asset, snapshot


def shown(shot: Snapshot, page: str, cells: int, rows: int) -> str:
    """A page of a display of the crew."""
    (leaf,) = (one for one in leaves(moment(shot), CREW) if one.title == page)
    lines = leaf.draw(cells, rows)
    assert max(map(width, lines)) <= cells
    return text_of(lines)


def load(name: str, power_w: float, *, lost_s: int = 0) -> AssetView:
    """A load, lost since so many seconds."""
    view = asset(name, AssetKind.LOAD, name=name, readings={"load_power_w": power_w})
    if not lost_s:
        return view
    old = Reading(power_w, Quality.GOOD, START_MS - 1000 * lost_s)
    return structs.replace(view, status=AssetStatus.LOST, readings={"load_power_w": old})


@pytest.mark.parametrize(("cells", "rows"), [(80, 12), (120, 40), (200, 60)])
def test_what_is_lost_comes_last_without_a_bar(cells: int, rows: int) -> None:
    """However big it was: with its age in place of a bar, and its unit apart from the bracket. The
    bars are parts of the biggest that is known."""
    shot = snapshot(load("lost", 29_700.0, lost_s=720), load("a", 4_000.0), load("b", 12_000.0))
    text = shown(shot, "loads", cells, rows)
    if rows > 12:
        assert text.index("12 min old") > text.index("█")
        return
    lines = [line for line in text.splitlines() if "kW" in line]
    assert [line.split()[1] for line in lines] == ["b", "a", "lost"]
    assert "(29.7) kW" in lines[2]
    assert lines[2].rstrip().endswith("12 min old")
    assert "█" not in lines[2]
    assert "░" not in lines[0]
    assert lines[0].index(" kW") == lines[1].index(" kW")


def test_a_title_is_shorter_where_there_is_no_room() -> None:
    """The first of a list's titles that fits as big as the list is."""
    batteries = [
        asset(f"bess-{n}", AssetKind.BESS, readings={"battery_soc_pct": 10.0 * n})
        for n in range(1, 4)
    ]
    text = shown(snapshot(*batteries), "batteries", 80, 22)
    assert text.splitlines()[1].rstrip() == "  █▀▀▀▄ ▄▀▀▀▄ ▀▀█▀▀ ▀▀█▀▀ █▀▀▀▀ █▀▀▀▄ ▀█▀ █▀▀▀▀ ▄▀▀▀▀"
    assert "  BATTERIES, THE EMPTIEST FIRST" in shown(snapshot(*batteries), "batteries", 60, 12)
