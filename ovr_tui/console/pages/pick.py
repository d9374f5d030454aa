"""A page on which one of many is chosen."""

from collections.abc import Callable, Sequence

from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line


class PickPage(ListPage):
    """Lists items, and calls `chosen` with the key of the one that a person takes."""

    OPENS = "choose"

    def __init__(
        self,
        title: str,
        make: Callable[[Now, int], Sequence[Item]],
        chosen: Callable[[str], object],
    ) -> None:
        super().__init__()
        self._title = title
        self._make = make
        self._chosen = chosen

    def items(self, now: Now, cells: int) -> Sequence[Item]:
        """All of them."""
        return self._make(now, cells)

    def header(self, cells: int) -> Line:
        """No columns."""
        del cells
        return ()

    def state(self, now: Now) -> Line:
        """What is asked."""
        return ((f" {now.glyphs.text(self._title)}", "bold"),)

    def empty(self, now: Now) -> tuple[str, str]:
        """There is nothing to choose."""
        del now
        return "There is nothing to choose from.", "Press esc."

    def opened(self, key: str) -> None:
        """Taken: this page goes."""
        app = self.console_app
        self.dismiss()
        app.call_later(self._chosen, key)
