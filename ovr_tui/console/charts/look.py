"""Which part of the past a chart shows: a range, zoomed or not, and a cursor in it. Pure."""

from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from ovr_tui.console.charts.series import Window
from ovr_tui.console.format import span

LEAST_SPAN_MS = 60_000
"""Nobody zooms in further."""


class Range(StrEnum):
    """How far back a chart reaches."""

    FIVE_MINUTES = "5 min"
    HOUR = "1 h"
    SIX_HOURS = "6 h"
    DAY = "24 h"
    EVENT = "event"
    QUARTER = "15 min"
    """Beside a table, where nothing is asked for."""


RANGES = (Range.FIVE_MINUTES, Range.HOUR, Range.SIX_HOURS, Range.DAY, Range.EVENT)
"""Those that a person chooses from, by the digits from 1 on."""
_SPAN_MS = {
    Range.FIVE_MINUTES: 300_000,
    Range.QUARTER: 900_000,
    Range.HOUR: 3_600_000,
    Range.SIX_HOURS: 21_600_000,
    Range.DAY: 86_400_000,
}


class Edges(Struct, frozen=True, kw_only=True):
    """What a look is at: the newest moment, and when the event began (None: there is none)."""

    end_ms: int
    event_ms: int | None = None


class Look(Struct, frozen=True, kw_only=True):
    """`span_ms` is the length of what is zoomed in to (None: the whole range); `until_ms` its end
    (None: it follows the newest). `cursor_ms`: a moment that is looked at."""

    range: Range = Range.FIVE_MINUTES
    span_ms: int | None = None
    until_ms: int | None = None
    cursor_ms: int | None = None

    @property
    def way_back(self) -> str:
        """The digit that shows all of the range again; "" where all of it is shown."""
        zoomed = self.span_ms is not None and self.range in RANGES
        return str(RANGES.index(self.range) + 1) if zoomed else ""

    def whole(self, edges: Edges) -> Window:
        """The range, not zoomed."""
        if self.range is Range.EVENT and edges.event_ms is not None:
            start_ms = min(edges.event_ms, edges.end_ms - LEAST_SPAN_MS)
            return Window(start_ms, edges.end_ms)
        span_ms = _SPAN_MS.get(self.range, _SPAN_MS[Range.FIVE_MINUTES])
        return Window(edges.end_ms - span_ms, edges.end_ms)

    def window(self, edges: Edges) -> Window:
        """What is shown."""
        whole = self.whole(edges)
        if self.span_ms is None:
            return whole
        span_ms = min(self.span_ms, whole.span_ms)
        end_ms = whole.end_ms if self.until_ms is None else self.until_ms
        end_ms = min(whole.end_ms, max(end_ms, whole.start_ms + span_ms))
        return Window(end_ms - span_ms, end_ms)

    def extent(self, edges: Edges) -> str:
        """How much time is shown, in words: the range, or what is zoomed in to."""
        return self.range if self.span_ms is None else lasting(self.window(edges).span_ms)

    def cursor(self, edges: Edges) -> int | None:
        """The moment that is looked at, as long as it is in the picture."""
        window = self.window(edges)
        at_ms = self.cursor_ms
        return at_ms if at_ms is not None and window.start_ms <= at_ms <= window.end_ms else None

    def zoomed(self, factor: float, edges: Edges) -> "Look":
        """`factor` times as much time, around the cursor, else up to the end."""
        whole, window = self.whole(edges), self.window(edges)
        span_ms = max(LEAST_SPAN_MS, round(window.span_ms * factor))
        if span_ms >= whole.span_ms:
            return replace(self, span_ms=None, until_ms=None)
        at_ms = self.cursor(edges)
        if at_ms is None:
            return replace(self, span_ms=span_ms)
        share = (window.end_ms - at_ms) / max(1, window.span_ms)
        return _until(self, at_ms + round(span_ms * share), span_ms, edges)

    def moved(self, columns: int, of: int, edges: Edges) -> "Look":
        """The cursor some of `of` columns to the right; a zoomed picture goes along. Beyond the
        newest there is no cursor any more."""
        whole, window = self.whole(edges), self.window(edges)
        at_ms = self.cursor(edges)
        at_ms = window.end_ms if at_ms is None else at_ms
        at_ms += round(columns * window.span_ms / max(1, of))
        if at_ms >= whole.end_ms:
            return replace(self, cursor_ms=None, until_ms=None)
        at_ms = max(at_ms, whole.start_ms)
        kept = replace(self, cursor_ms=at_ms)
        if window.start_ms <= at_ms <= window.end_ms:
            return kept
        quarter = window.span_ms // 4
        end_ms = at_ms + quarter if at_ms > window.end_ms else at_ms + window.span_ms - quarter
        return _until(kept, end_ms, window.span_ms, edges)


def lasting(span_ms: int) -> str:
    """A length of time, to the second below 100 minutes: `75 s`, `2 min 30 s`, `1 h 52`, `3 h`."""
    whole = span_ms // 1000
    if 100 <= whole < 6000 and whole % 60:
        return f"{span(whole)} {whole % 60} s"
    return span(whole).removesuffix(" 00")


def _until(look: Look, end_ms: int, span_ms: int, edges: Edges) -> Look:
    newest = end_ms >= edges.end_ms
    return replace(look, span_ms=span_ms, until_ms=None if newest else end_ms)
