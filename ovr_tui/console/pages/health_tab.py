"""What the tabs of the health place have in common: the line that names them, and their digits."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.views import views_line
from ovr_tui.console.widgets import Lines

NAMES = ("overview", "sources", "sinks", "node", "log", "audit")
TABS: dict[int, Callable[[], Page]] = {}
"""The pages of the digits from 2 on; the first one is the place's own page."""
DIGITS: list[BindingType] = [
    Binding(str(digit), f"tab({digit})", f"health: {name}", show=False)
    for digit, name in enumerate(NAMES, 1)
]


def tab_line(page: Page, tab: int) -> None:
    """Name the tabs above a page's content."""
    line = views_line([(name, None) for name in NAMES], tab, page.size.width)
    page.query_one("#tabs", Lines).show([line])


def show_tab(page: Page, tab: int) -> None:
    """Put another tab in the place of the one that is shown."""
    app = page.console_app
    stacked = len(app.screen_stack) > 1
    if tab == 1:
        app.go("health")
    elif stacked:
        app.switch_screen(TABS[tab]())
    else:
        app.push_screen(TABS[tab]())


class HealthList(ListPage):
    """A tab that is a list."""

    BINDINGS: ClassVar[list[BindingType]] = DIGITS
    TAB: ClassVar[int] = 0
    BELOW = 9
    BESIDE_CELLS = 150
    SHARE = 0.65

    def content(self) -> ComposeResult:
        """The tabs above all else."""
        yield Lines(self.console_app.palette, id="tabs")
        yield from super().content()

    def draw(self, now: Now) -> None:
        """The tabs, and the list."""
        tab_line(self, self.TAB)
        super().draw(now)

    def action_tab(self, tab: int) -> None:
        """Show another tab."""
        if tab != self.TAB:
            show_tab(self, tab)
