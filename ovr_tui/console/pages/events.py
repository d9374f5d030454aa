"""The events page."""

from collections.abc import Sequence

from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line


class EventsPage(ListPage):
    """The events."""

    PLACE = "events"

    def items(self, now: Now, cells: int) -> Sequence[Item]:
        """None yet."""
        del now, cells
        return []

    def header(self, cells: int) -> Line:
        """None yet."""
        del cells
        return ()

    def state(self, now: Now) -> Line:
        """None yet."""
        del now
        return ()

    def empty(self, now: Now) -> tuple[str, str]:
        """What to do."""
        del now
        return "No events yet.", ""
