"""A display with hardly any room: a figure whole or none, an alarm with what and where. Pure."""

import re

import pytest
from msgspec import structs

from collector.model.alarm import Rule, Severity
from ovr_tui.console.glyphs import TTY, UNICODE
from ovr_tui.console.kiosk.alarms import alarm_page
from ovr_tui.console.kiosk.draw import tile_page
from ovr_tui.console.kiosk.figures import Tile
from ovr_tui.console.kiosk.wish import Name
from ovr_tui.console.text import plain, width
from tests.console.test_event_words import NOW
from tests.support.snapshots import alarm

LOAD = Tile(name=Name.LOAD, title="SITE POWER", text="(115.5)", unit="kW", lacks="partial: 3 out")


@pytest.mark.parametrize("rows", range(1, 24))
def test_a_figure_is_whole_or_not_there(rows: int) -> None:
    """Whatever the size, its digits, its unit and that it lacks something stand together, or it is
    drawn big."""
    for cells in range(18, 61):
        lines = tile_page([LOAD], cells, rows, UNICODE)
        assert len(lines) == rows
        assert {width(line) for line in lines} == {cells}
        told = "\n".join(plain(line) for line in lines)
        if set("█▀▄") & set(told):
            assert "partial: 3 out" in told
        else:
            assert re.search(r"\(115\.5\) kW(  partial: 3 out|\s+partial: 3 out| !)", told), told


@pytest.mark.parametrize("rows", range(3, 26))
def test_an_alarm_says_what_and_where(rows: int) -> None:
    """In three rows as on a whole screen."""
    one = alarm(Rule.LOW_SOC, Severity.ALARM)
    one = structs.replace(one, now="low soc", text="low soc", name="発電機 A", subject="bess-9")
    told = "\n".join(plain(line) for line in alarm_page([one], NOW, 30, rows))
    assert "low soc" in told or "█" in told
    assert "発電機" in told


def test_what_cannot_be_drawn_big_leaves_room_to_what_can() -> None:
    """A Linux console of 80×24 draws how bad it is and what, though the name is in letters that it
    does not have; the name's id stands beside it then."""
    one = alarm(Rule.LOW_SOC, Severity.ALARM)
    one = structs.replace(one, now="low soc", text="low soc", name="発電機", subject="bess-9")
    lines = [plain(line) for line in alarm_page([one], structs.replace(NOW, glyphs=TTY), 80, 22)]
    assert sum("█" in line for line in lines[1:-1]) >= 10
    assert any("bess-9 ??" in line for line in lines)
