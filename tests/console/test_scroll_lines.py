"""Lines that scroll: nothing is cut by what is said of those below."""

import pytest
from textual.app import App, ComposeResult

from ovr_tui.console.palette import Palette
from ovr_tui.console.profile import ThemeName
from ovr_tui.console.widgets import ScrollLines


class Shown(App[None]):
    """One text over the whole screen."""

    def compose(self) -> ComposeResult:
        """The text."""
        yield ScrollLines(Palette(ThemeName.DARK), id="text")


@pytest.mark.parametrize(
    ("last", "row"),
    [
        ("current A  50.9", "current A  50.9           ↓ 7 more"),
        ("current A  50.9  46.3  39.6  12.1", "                          ↓ 8 more"),
    ],
)
async def test_a_figure_is_never_cut_by_the_count(last: str, row: str) -> None:
    """Where the last line in sight has no room beside the count it is one of those below."""
    app = Shown()
    async with app.run_test(size=(35, 3)) as pilot:
        text = app.query_one(ScrollLines)
        text.show([((line, "text"),) for line in ("a", "b", last, *"cdefghi")])
        await pilot.pause()
        assert text.render_line(2).text.rstrip() == row
        text.action_scroll_by(1)
        await pilot.pause()
        assert text.render_line(1).text.rstrip() == last
