"""The page of every value of an asset, searchable."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from collector.model.catalogue import KEYS
from collector.wire import RawAnswer
from ovr_tui.console.asset import raw
from ovr_tui.console.charts.view import ChartView, find
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.rows import standing
from ovr_tui.console.text import Line


class RawPage(ListPage):
    """The readings of an asset, and for operators everything that its device says."""

    EVERY_S = 2.0
    OPENS = "chart"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v,backspace", "back", "asset", show=False),
    ]

    def __init__(self, asset: str) -> None:
        super().__init__()
        self.asset = asset
        self._raw: RawAnswer | None = None
        self._drawn: raw.Drawn = {}
        self._count = 0

    async def load(self) -> None:
        """The newest raw values, unless the picture is held."""
        now = self.console_app.now()
        if now.paused_s is None and (now.me is None or now.may_operate):
            path = f"/v1/assets/{self.asset}/raw"
            try:
                self._raw = await self.console_app.ask(path, RawAnswer)
            except ApiError as error:
                if error.code != "no_such_asset":  # its page says itself that it is gone
                    raise

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """All values."""
        shot, view = now.snapshot, find(now.snapshot, self.asset)
        if shot is None or view is None:
            return ()
        found = raw.items(view, shot, self._raw, now.stale_s, now.glyphs, cells, self._drawn)
        self._count = sum(bool(item.key) for item in found)
        return found

    def header(self, cells: int) -> Line:
        """Name, value, unit, age, quality."""
        return raw.header(cells)

    def state(self, now: Now) -> Line:
        """Whose values, and how many."""
        view = find(now.snapshot, self.asset)
        name = now.glyphs.text(view.name or view.id) if view is not None else self.asset
        line: Line = ((f" {name}", "bold"), (f"  {self._count} values", "dim"))
        if view is None:
            return line
        status, _ = standing(view, now.stale_s)
        return (*line, (f"  {now.glyphs.status[status]} {status.value}", "dim"))

    def opened(self, key: str) -> None:
        """Chart a reading, on the page below."""
        app, wanted = self.console_app, key.removeprefix("r ")
        if key.startswith("r ") and KEYS[wanted].type == "gauge":
            app.back()
            if app.screen.query(ChartView):
                app.screen.query_one(ChartView).choose(wanted)
        else:
            app.say("no chart of this: only measurements of the catalogue have a past here")

    def empty(self, now: Now) -> tuple[str, str]:
        """An asset that is gone."""
        if now.snapshot is None:
            return "The collector has not answered yet.", ""
        return f"{self.asset} is no longer in the registry: it was removed.", "esc leads back."
