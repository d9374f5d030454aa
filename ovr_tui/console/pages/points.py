"""The values of a chart as a table."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from collector.errors import ApiError
from ovr_tui.console.charts import points
from ovr_tui.console.charts.view import ChartView
from ovr_tui.console.item_table import Item
from ovr_tui.console.now import Now
from ovr_tui.console.pages.listing import ListPage
from ovr_tui.console.text import Line


class PointsPage(ListPage):
    """What `chart`, on the page below, shows: each moment with its values, the newest first."""

    EVERY_S = 10.0
    OPENS = "show in the chart"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,backspace", "back", "chart", show=False),
        Binding("w", "export", "write CSV", tooltip="write these values into a CSV file"),
        Binding("W", "export_json", "JSON", tooltip="write these values into a JSON file"),
    ]

    def __init__(self, name: str, chart: ChartView) -> None:
        super().__init__()
        self._name_ = name
        self._chart = chart
        self._drawn: points.Drawn = {}
        self._made_for: object = None
        self._count = 0

    async def load(self) -> None:
        """Values of minutes that the window has moved on to."""
        problem = await self._chart.fetch()
        if problem:
            raise ApiError(problem)

    def items(self, now: Now, cells: int) -> Sequence[Item] | None:
        """A row for each moment."""
        del now
        shown = self._chart.points()
        if shown is None:
            return ()
        grid = points.grid(shown, cells)
        first = (grid, [one.key for one in shown.series], shown.timezone)
        if first != self._made_for:
            self._made_for, self._drawn = first, {}
        found = points.items(shown, grid, self._drawn)
        self._count = len(found)
        return found

    def header(self, cells: int) -> Line:
        """Units, with the letters of the chart."""
        shown = self._chart.points()
        return () if shown is None else points.grid(shown, cells).header()

    def state(self, now: Now) -> Line:
        """Whose values of what, and how many."""
        shown = self._chart.points()
        name: Line = ((f" {now.glyphs.text(self._name_)}", "bold"),)
        if shown is None:
            return name
        what = points.names(shown).replace("·", now.glyphs.middle)
        how = f"  {self._count} in {self._chart.extent()}"
        return (*name, (f"  {what}", "text"), (how, "dim"))

    def empty(self, now: Now) -> tuple[str, str]:
        """Nothing in this time."""
        del now
        return "No values in this time.", "esc leads back to the chart; its digits show more time."

    def opened(self, key: str) -> None:
        """The chart's cursor goes there."""
        self.console_app.back()
        self._chart.look_at(int(key))

    def action_export(self) -> None:
        """Write the values into a CSV file."""
        self._chart.export()

    def action_export_json(self) -> None:
        """Write them into a JSON file."""
        self._chart.export("json")
