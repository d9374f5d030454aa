"""The page of one asset."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ovr_tui.console.now import Now
from ovr_tui.console.pages.base import Page
from ovr_tui.console.panel_view import AssetPanel
from ovr_tui.console.widgets import ScrollLines


class AssetPage(Page):
    """All values of an asset, with a chart; `ids` is the order in which n and p walk."""

    PLACE = "site"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,left,backspace", "back", "site", key_display="←"),
        Binding(
            "left_square_bracket",
            "measure(-1)",
            "chart",
            key_display="[ ]",
            tooltip="chart the measurement before, the next one",
        ),
        Binding(
            "right_square_bracket",
            "measure(1)",
            "chart: next",
            show=False,
            key_display="]",
            tooltip="chart the measurement before, the next one",
        ),
        Binding("n", "walk(1)", "next", tooltip="next asset of the table"),
        Binding("p", "walk(-1)", "previous", tooltip="previous asset of the table"),
    ]

    def __init__(self, asset: str, ids: Sequence[str]) -> None:
        super().__init__()
        self.asset = asset
        self._ids = list(ids)

    def content(self) -> ComposeResult:
        """The panel."""
        yield AssetPanel()

    def begin(self) -> None:
        """The keys scroll the values."""
        self.query_one("#values", ScrollLines).focus()

    def draw(self, now: Now) -> None:
        """The panel of this moment."""
        self.query_one(AssetPanel).show(now, self.asset)

    def action_back(self) -> None:
        """Back to the site, the cursor on this asset."""
        self.console_app.back_to_site(self.asset)

    def action_measure(self, by: int) -> None:
        """Chart another measurement."""
        self.query_one(AssetPanel).next_measurement(by)

    def action_walk(self, by: int) -> None:
        """Show the next or previous asset."""
        if self.asset in self._ids:
            at = (self._ids.index(self.asset) + by) % len(self._ids)
            self.asset = self._ids[at]
            self.console_app.redraw()
