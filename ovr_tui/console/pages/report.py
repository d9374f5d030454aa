"""One revision of a report, as it is printed."""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from collector.errors import ApiError
from collector.model.report_document import Edition
from collector.model.report_state import ReportEntry, ReportState
from ovr_tui.console.input_line import InputLine
from ovr_tui.console.now import Now
from ovr_tui.console.pages.report_deeds import DEEDS, NEEDED, ReportDeeds
from ovr_tui.console.reports.drawing import dated, drawn
from ovr_tui.console.reports.files import Printed
from ovr_tui.console.reports.listed import standing
from ovr_tui.console.reports.paper import Paper, paper
from ovr_tui.console.reports.rows import title
from ovr_tui.console.reports.search import hits, lit
from ovr_tui.console.reports.shelf import Shelf
from ovr_tui.console.text import BLANK, Line, Piece, ends, wrap
from ovr_tui.console.widgets import Lines, ScrollLines

MOST_CELLS = 132
"""Wider text is not read easily."""
EDITIONS: dict[Edition, str] = {"internal": "internal edition", "client": "client's edition"}


class ReportPage(ReportDeeds):
    """A report in the terminal, with its charts, in either edition."""

    NEEDS = NEEDED
    DEFAULT_CSS = """
    ReportPage #find-line { display: none; height: 1; }
    ReportPage #prompt { width: 10; }
    ReportPage #find { height: 1; border: none; padding: 0; background: $background; }
    ReportPage #find:ansi > .input--cursor {
        background: ansi_default; color: ansi_default; text-style: reverse;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_or_back", "end the search, back", show=False, key_display="esc"),
        Binding("i", "edition", "client/internal", tooltip="the edition that is shown"),
        Binding("slash", "find", "search", key_display="/", priority=True),
        Binding("n", "hit(1)", "next", show=False, tooltip="where what was looked for stands"),
        Binding("N", "hit(-1)", "the one before", show=False),
        Binding("right_square_bracket", "section(1)", "next section", key_display="]", show=False),
        Binding("left_square_bracket", "section(-1)", "section before", key_display="[",
                show=False),
        *DEEDS,
    ]  # fmt: skip

    def __init__(self, entry: ReportEntry, shelf: Shelf) -> None:
        super().__init__()
        self.entry = entry
        self.shelf = shelf
        self.edition: Edition = "internal"
        self.wanted = ""
        self._unread = ""
        """Why its text cannot be shown; asked for again from time to time."""
        self._again = False
        self._printed: Printed | None = None
        self._paper: Paper | None = None
        self._laid: tuple[Edition, int, ReportState] | None = None
        self._hits: list[int] = []

    # widgets

    def content(self) -> ComposeResult:
        """What it is, the search line, the text."""
        palette = self.console_app.palette
        yield Lines(palette, id="state")
        with Horizontal(id="find-line"):
            yield Lines(palette, id="prompt")
            yield InputLine(id="find")
        yield ScrollLines(palette, id="paper")

    @property
    def text(self) -> ScrollLines:
        """The report."""
        return self.query_one("#paper", ScrollLines)

    def begin(self) -> None:
        """The keys scroll."""
        self.query_one("#prompt", Lines).show([((" search / ", "accent"),)])
        self.text.focus()

    def draw(self, now: Now) -> None:
        """The text, laid out for this width."""
        cells = min(self.size.width - 2, MOST_CELLS)
        wanted = (self.edition, cells, self.entry.state)
        if self._again or (self._laid != wanted and not self._unread):
            self._laid, self._again = wanted, False
            self.run_worker(
                self._lay_out(self.edition, cells), name="print", group="print", exclusive=True,
                exit_on_error=False,
            )  # fmt: skip
        self.query_one("#state", Lines).show([self._state(now)])
        self.text.show(self._lines(now))

    def _lines(self, now: Now) -> list[Line]:
        if self._unread:
            cells = self.size.width - 3
            return [BLANK, *wrap(now.glyphs.prose(self._unread), cells, "warn", 3)]
        if self._paper is None:
            return [BLANK, (("   It is being laid out.", "dim"),)]
        found = set(self._hits)
        return [
            ((" ", "text"), *(lit(line, self.wanted) if at in found else line))
            for at, line in enumerate(self._paper.lines)
        ]

    def _state(self, now: Now) -> Line:
        listing = self.shelf.listing
        state, tone = standing(self.entry, self.shelf.job(self.entry), now.wall_ms, now.glyphs)
        name = "" if listing is None else now.glyphs.text(title(self.entry, listing))
        left: list[Piece] = [(f" {EDITIONS[self.edition]}   ", "accent"), (f"{state}   ", tone),
                             (name, "bold")]  # fmt: skip
        right = ""
        if self.wanted:
            count = len(self._hits)
            lines = "line has" if count == 1 else "lines have"
            right = f"{count} {lines} {now.glyphs.text(self.wanted)} "
        elif self._paper is not None:
            right = f"{_section(self._paper, self.text.scroll_offset.y)} "
        return ends(tuple(left), ((right, "dim"),), self.size.width)

    async def _lay_out(self, edition: Edition, cells: int) -> None:
        app = self.console_app
        try:
            printed = await self.shelf.files.printed(app.reader, self.entry, edition)
        except ApiError as error:
            self._unread = str(error)
        else:
            self._paper = await asyncio.to_thread(self._laid_out, printed, cells)
            self._unread = ""
            self._hits = hits(self._paper.lines, self.wanted)
        app.redraw()

    def _laid_out(self, printed: Printed, cells: int) -> Paper:
        glyphs = self.console_app.glyphs
        listing = self.shelf.listing
        zone = "UTC" if listing is None else listing.zone(self.entry.event)
        label = dated(zone, day_first=printed.document.day_first)
        return paper(printed.document, drawn(printed.series, label, glyphs), cells, glyphs)

    # what the deeds are about

    def subject(self) -> ReportEntry | None:
        """This revision, as the newest list has it."""
        listing = self.shelf.listing
        known = None if listing is None else listing.entry(f"{self.entry.id}#{self.entry.revision}")
        return known or self.entry

    def subjects(self) -> list[ReportEntry]:
        """This revision."""
        entry = self.subject()
        return [] if entry is None else [entry]

    async def load(self) -> None:
        """The newest list: its state may be another one now."""
        await super().load()
        self.entry = self.subject() or self.entry
        self._again = bool(self._unread)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a search is typed / is a character of it."""
        if action == "find":
            return not isinstance(self.focused, InputLine)
        return super().check_action(action, parameters)

    def action_edition(self) -> None:
        """The other edition."""
        self.edition = "client" if self.edition == "internal" else "internal"
        self._paper, self._unread = None, ""
        self.text.scroll_to(y=0, animate=False)
        self.console_app.redraw()

    def action_find(self) -> None:
        """Type what to look for."""
        self.query_one("#find-line").display = True
        self.set_focus(self.query_one("#find", InputLine))

    def on_input_changed(self, event: InputLine.Changed) -> None:
        """Look while it is typed."""
        self.wanted = event.value
        self._hits = hits(self._paper.lines, self.wanted) if self._paper is not None else []
        self._to_hit(self.text.scroll_offset.y)
        self.console_app.redraw()

    def on_input_submitted(self, _: InputLine.Submitted) -> None:
        """Back to the text."""
        self._end_search()

    def _end_search(self) -> None:
        self.query_one("#find-line").display = False
        self.set_focus(self.text)
        self.console_app.redraw()

    def action_clear_or_back(self) -> None:
        """No search; where there is none, back."""
        if self.wanted or isinstance(self.focused, InputLine):
            self.query_one("#find", InputLine).value = ""
            self._end_search()
        else:
            self.action_back()

    def _to_hit(self, least: int) -> None:
        after = [at for at in self._hits if at >= least]
        if after:
            self._go(after[0])

    def _go(self, line: int) -> None:
        self.text.scroll_to(y=max(0, line - 1), animate=False)
        self.call_after_refresh(self.console_app.redraw)

    def action_hit(self, by: int) -> None:
        """The next or the former place; round and round."""
        if not self._hits:
            return
        top = self.text.scroll_offset.y + 1
        later = [at for at in self._hits if at > top] or self._hits[:1]
        earlier = [at for at in self._hits if at < top] or self._hits[-1:]
        self._go(later[0] if by > 0 else earlier[-1])

    def action_section(self, by: int) -> None:
        """The next or the former section."""
        if self._paper is None:
            return
        top = self.text.scroll_offset.y + 1
        places = [line for _, line in self._paper.sections]
        later = [at for at in places if at > top]
        earlier = [at for at in places if at < top] or [0]
        self._go(later[0] if by > 0 and later else earlier[-1] if by < 0 else places[-1])


def _section(laid: Paper, top: int) -> str:
    """The section that is in sight."""
    return [name for name, line in laid.sections if line <= top + 1][-1]
