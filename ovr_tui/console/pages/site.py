"""The site page: totals and all assets, what a tech looks at all day."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import ClassVar, TypeVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from ovr_tui.console import files, query
from ovr_tui.console.arrange import DESCENDING_FIRST, Grouping, SortKey, View, arrange, order
from ovr_tui.console.asset.view import AssetPanel
from ovr_tui.console.band import band, height, status_line
from ovr_tui.console.columns import OPTIONAL, Paint, header
from ovr_tui.console.form import Field, FormPage, Kind
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.now import Now
from ovr_tui.console.pages.asset import AssetPage
from ovr_tui.console.pages.base import Page
from ovr_tui.console.pattern import wrong
from ovr_tui.console.rows import Row, make_rows
from ovr_tui.console.table import AssetTable, nothing
from ovr_tui.console.text import Line, wrap
from ovr_tui.console.widgets import Lines, ScrollLines

Choice = TypeVar("Choice", bound=StrEnum)

RESORT_S = 5.0
"""How often rows change places when sorted by what changes."""
REST_S = 3.0
"""How long after the cursor moved no row changes its place."""
BESIDE_CELLS = 140
TALL_ROWS = 32
ROOMY_CELLS = 110
"""From so many cells on the last line has more keys."""


class SitePage(Page):
    """The first page."""

    CSS = """
    SitePage #band { height: 1; }
    SitePage.-narrow #band { height: 2; }
    SitePage.-tall #band { height: 4; }
    SitePage #rule2 { display: none; }
    SitePage.-tall #rule2 { display: block; }
    SitePage #filter-line { display: none; height: 1; }
    SitePage #prompt { width: 10; }
    SitePage #filter { height: 1; border: none; padding: 0; background: $background; }
    SitePage #filter:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    SitePage AssetPanel { display: none; width: 58; margin-left: 1; }
    SitePage.-beside AssetPanel { display: block; }
    SitePage #empty { display: none; }
    SitePage.-empty #empty { display: block; }
    SitePage.-empty #body, SitePage.-empty #header, SitePage.-empty #band { display: none; }
    SitePage.-empty #status, SitePage.-empty #rule2 { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "filter",
            key_display="/",
            tooltip=f"filter: {query.HELP}",
            priority=True,
        ),
        Binding("escape", "clear", "clear filter", key_display="esc", tooltip="clear the filter"),
        Binding("o", "next_sort", "order", tooltip="sort by the next column"),
        Binding("O", "reverse", "reverse the order", show=False),
        *(
            Binding(
                str(number), f"sort('{key}')", f"sort by {key.word}, again: reverse", show=False
            )
            for number, key in enumerate(SortKey, 1)
        ),
        Binding("F", "hold_order", "hold the order of the rows, or let them be sorted", show=False),
        Binding("g", "group", "group", tooltip="group by system, by kind, or not"),
        Binding("C", "columns", "columns", tooltip="which columns are shown"),
        Binding("w", "export", "write CSV", tooltip="write the table into a CSV file"),
        Binding(
            "W",
            "export_json",
            "write JSON",
            show=False,
            tooltip="write the table into a JSON file",
        ),
        Binding(
            "left_square_bracket", "measure(-1)", "chart: previous", show=False, key_display="["
        ),
        Binding("right_square_bracket", "measure(1)", "chart: next", show=False, key_display="]"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.view = View()
        self._taken = False
        self._held = False
        self._terms: tuple[query.Term, ...] = ()
        self._ids: list[str] = []
        self._sorted_at = float("-inf")
        self._moved_at = float("-inf")
        self._rows: Sequence[Row] = ()
        self._shown = 0

    def content(self) -> ComposeResult:
        """Totals, status or filter line, table, and the panel beside it."""
        app = self.console_app
        yield Lines(app.palette, id="band")
        yield Lines(app.palette, id="rule2")
        yield Lines(app.palette, id="status")
        with Horizontal(id="filter-line"):
            yield Lines(app.palette, id="prompt")
            yield InputLine(placeholder=query.HELP, id="filter")
        yield Lines(app.palette, id="header")
        with Horizontal(id="body"):
            yield AssetTable(app.palette, Paint(app.glyphs, app.trends), id="table")
            yield AssetPanel()
        yield ScrollLines(app.palette, id="empty")

    @property
    def table(self) -> AssetTable:
        """The table of assets."""
        return self.query_one("#table", AssetTable)

    def begin(self) -> None:
        """The keys go to the table; the order is the one that the person left."""
        self.query_one("#prompt", Lines).show([((" filter / ", "accent"),)])
        if not self._taken:
            self._taken = True
            kept = self.console_app.kept.settings
            self.view = View(
                sort=_one_of(SortKey, kept.sort, SortKey.NAME),
                descending=kept.descending,
                grouping=_one_of(Grouping, kept.grouping, Grouping.NONE),
            )
        self._hide(self.console_app.kept.settings.columns)
        self.set_focus(self.query_one("#empty" if self.has_class("-empty") else "#table"))

    def _hide(self, chosen: Sequence[str]) -> None:
        """Leave out what a person does not want, and on a slow line what is dear in bytes."""
        self.table.hide((*chosen, *(("15 MIN",) if self.console_app.profile.slow else ())))

    def draw(self, now: Now) -> None:
        """Totals, the arranged rows, the panel if it is wide enough."""
        cells, rows = self.size
        tall = rows >= TALL_ROWS
        shot = now.snapshot
        empty = shot is None or not shot.assets
        self.set_class(tall, "-tall")
        self.set_class(height(cells, tall=tall) == 2, "-narrow")
        self.set_class(cells >= BESIDE_CELLS, "-beside")
        if empty is not self.has_class("-empty") and not isinstance(self.focused, InputLine):
            self.begin_soon()
        self.set_class(empty, "-empty")
        trends = self.console_app.trends
        self.query_one("#band", Lines).show(band(now, cells, tall=tall, trends=trends))
        self.query_one("#rule2", Lines).show([((now.glyphs.rule * cells, "dim"),)])
        if shot is None or empty:
            self.query_one("#empty", ScrollLines).show(_empty(now, cells))
            return
        self._rows = make_rows(shot, now.stale_s)
        self._sort()
        entries = arrange(self._rows, self._ids, self.view, self._terms)
        shown = sum(isinstance(entry, Row) for entry in entries)
        table = self.table
        table.nothing = nothing(now.glyphs.text(query.wrong(self.view.filter)))
        table.show(entries)
        self._show_header(now)
        self._shown = shown
        self._show_status(now)
        if cells >= BESIDE_CELLS:
            self.query_one(AssetPanel).show(now, table.cursor)

    def _show_header(self, now: Now) -> None:
        line = header(self.table.columns, self.view, now.glyphs)
        self.query_one("#header", Lines).show([line])

    def _show_status(self, now: Now) -> None:
        line = status_line(now, self._shown, len(self._rows), self._choices(), self.size.width)
        self.query_one("#status", Lines).show([line])

    def _choices(self) -> list[str]:
        glyphs = self.console_app.glyphs
        way = glyphs.descending if self.view.descending else glyphs.ascending
        odd = " (no pattern)" if self._shown and wrong(self.view.filter) else ""
        found = [f"filter {self.view.filter}{odd}"] if self.view.filter else []
        if self.view.grouping:
            found.append(f"by {self.view.grouping}")
        sight = self.table.in_sight()
        if sight is not None:
            found.append(f"rows {sight[0]}{glyphs.dash}{sight[1]}")
        held = " (held)" if self._held else ""
        return [*found, f"{self.view.sort.word} {way}{held}"]

    def _sort(self, *, at_once: bool = False) -> None:
        """Sort anew when it is time; never under a cursor that moves."""
        now = self.console_app.now().at_s
        same = len(self._ids) == len(self._rows) and {r.id for r in self._rows} == set(self._ids)
        due = now - self._sorted_at >= RESORT_S and now - self._moved_at >= REST_S
        if at_once or not same or (due and not self._held):
            self._ids = order(self._rows, self.view)
            self._sorted_at = now

    def _change(self, **fields: object) -> None:
        """Another view: sorted and drawn at once."""
        self.view = msgspec.structs.replace(self.view, **fields)
        self.console_app.kept.change(
            sort=self.view.sort.value,
            descending=self.view.descending,
            grouping=self.view.grouping.value,
        )
        self._terms = query.parse(self.view.filter)
        self._sort(at_once=True)
        self.console_app.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a filter is typed, / is a character of it. (Its binding has priority otherwise, so
        that keys typed ahead on a slow line go into the filter.)"""
        if action == "filter":
            return not isinstance(self.focused, InputLine)
        return super().check_action(action, parameters)

    def word(self, binding: Binding) -> str:
        """Enter opens where there is something, esc clears where something is kept; some keys are
        told where there is room."""
        left_out = {"open": not self._shown, "clear": not self.view.filter}
        left_out |= dict.fromkeys(("group", "columns", "export"), self.size.width < ROOMY_CELLS)
        return "" if left_out.get(binding.action) else super().word(binding)

    def action_filter(self) -> None:
        """Type a filter. The very next key is already part of it."""
        self.query_one("#filter-line").display = True
        self.table.begin_filter()
        self.set_focus(self.query_one("#filter", InputLine))

    def action_clear(self) -> None:
        """No filter, and back to the table."""
        self.query_one("#filter", InputLine).value = ""
        if self.view.filter:
            self.table.filter_changed()
        self._end_filter()
        if self.view.filter:
            self._change(filter="")

    def on_input_changed(self, event: InputLine.Changed) -> None:
        """Filter while typing."""
        if event.value != self.view.filter:
            self.table.filter_changed()
            self._change(filter=event.value)

    def on_input_submitted(self, _: InputLine.Submitted) -> None:
        """Keep the filter, back to the table."""
        self._end_filter()

    def _end_filter(self) -> None:
        self.query_one("#filter-line").display = False
        self.table.end_filter()
        self.set_focus(self.table)

    def action_sort(self, key: str) -> None:
        """Sort by a column; by the same one again: the other way round."""
        wanted = SortKey(key)
        if wanted is self.view.sort:
            self.action_reverse()
        else:
            self._change(sort=wanted, descending=wanted in DESCENDING_FIRST)

    def action_next_sort(self) -> None:
        """Sort by the next column."""
        keys = list(SortKey)
        self.action_sort(keys[(keys.index(self.view.sort) + 1) % len(keys)])

    def action_reverse(self) -> None:
        """The other way round."""
        self._change(descending=not self.view.descending)

    def action_group(self) -> None:
        """Group by system, by kind, or not."""
        ways = list(Grouping)
        self._change(grouping=ways[(ways.index(self.view.grouping) + 1) % len(ways)])

    def action_hold_order(self) -> None:
        """Rows keep their places, values go on; or rows are sorted again."""
        self._held = not self._held
        self.console_app.redraw()

    async def action_export(self) -> None:
        """Write the table into a CSV file."""
        await self._write("csv")

    async def action_export_json(self) -> None:
        """Write the table into a JSON file."""
        await self._write("json")

    async def _write(self, kind: str) -> None:
        """The rows in sight, as they are filtered and sorted."""
        app, shot = self.console_app, self.console_app.now().snapshot
        rows = [entry for entry in self.table.entries if isinstance(entry, Row)]
        if shot is None or not rows:
            return
        data = files.as_table(files.site_table(rows, shot.at_ms), kind)
        name = files.named("site", app.now().wall_ms, shot.timezone)
        try:
            path = await asyncio.to_thread(files.write_new, data, name, kind, files.folders())
        except OSError as error:
            app.say(f"not written: {error}", "warn")
        else:
            app.say(f"written: {path}", "good")

    def action_columns(self) -> None:
        """Choose the columns."""
        hidden = self.console_app.kept.settings.columns
        fields = [
            Field(
                name=f"c{place}",
                label=title,
                kind=Kind.FLAG,
                value="no" if title in hidden else "yes",
                text="columns that do not fit are left out anyway",
            )
            for place, title in enumerate(OPTIONAL)
        ]
        form = FormPage("Columns of the table", fields, self._keep_columns, verb="keep")
        self.app.push_screen(form)

    async def _keep_columns(self, values: Mapping[str, object]) -> str:
        chosen = [title for place, title in enumerate(OPTIONAL) if not values[f"c{place}"]]
        self.console_app.kept.change(columns=tuple(chosen))
        self._hide(chosen)
        return ""

    def action_measure(self, by: int) -> None:
        """Chart another measurement in the panel."""
        self.query_one(AssetPanel).next_measurement(by)

    def on_cursor_table_moved(self, _: AssetTable.Moved) -> None:
        """The panel follows the cursor, once the cursor is painted."""
        self._moved_at = self.console_app.now().at_s
        if self.has_class("-beside"):
            self.call_after_refresh(self._follow)

    def on_asset_table_scrolled(self, _: AssetTable.Scrolled) -> None:
        """The status line says which rows are in sight, the titles stand above their columns."""
        now = self.console_app.now()
        self._show_header(now)
        self._show_status(now)

    def _follow(self) -> None:
        if self.drawable:
            self.query_one(AssetPanel).show(self.console_app.now(), self.table.cursor)

    def on_cursor_table_sized(self, _: AssetTable.Sized) -> None:
        """Which rows are in sight is said anew."""
        self.call_after_refresh(self.console_app.redraw)

    def on_cursor_table_opened(self, event: AssetTable.Opened) -> None:
        """Open the asset's page; it walks through the assets as they stand here."""
        ids = [entry.id for entry in self.table.entries if isinstance(entry, Row)]
        self.app.push_screen(AssetPage(event.key, ids), lambda _: None)

    def came_back(self, asset: str) -> None:
        """The person left the page of `asset`: the cursor goes there."""
        self.table.select(asset)


def _one_of(kind: type[Choice], word: str, otherwise: Choice) -> Choice:
    """The member of that value; settings may name one that does not exist."""
    return next((member for member in kind if member == word), otherwise)


def _empty(now: Now, cells: int) -> list[Line]:
    problems: list[str] = []
    if now.snapshot is not None:
        first = "No devices yet."
        rest = (
            "Press d: there f looks for them in the network, n adds one by hand, i takes many from "
            "a file. `ovr demo` shows a simulated site instead."
            if now.may_operate
            else "An operator adds them, in the console (d) or in registry.toml."
        )
        problems = [now.glyphs.prose(problem) for problem in now.snapshot.health.problems]
    elif not now.link.cause:
        first, rest = "Asking this node's collector for its first snapshot.", ""
    else:
        again = f" Next try in {now.retry_in_s:.0f} s." if now.retry_in_s is not None else ""
        first = now.glyphs.prose(now.link.cause[:1].upper() + now.link.cause[1:]) + "." + again
        rest = (
            "This page fills by itself once a collector runs: `ovr collect` starts one, or "
            "`systemctl start ovr-collect` where it is installed as a service."
        )
    said = [line for text in problems for line in ((), *wrap(text, cells - 3, "warn", 3))]
    return [(), *wrap(first, cells - 3, "bold", 3), (), *wrap(rest, cells - 3, "dim", 3), *said]
