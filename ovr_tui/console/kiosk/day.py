"""The site's load over the last 24 hours, in quarters of an hour."""

from collections.abc import Iterable, Mapping, Sequence

from collector.model.snapshot import Snapshot
from collector.wire import HistoryAnswer
from ovr_tui.console.format import local, number
from ovr_tui.console.glyphs import Glyphs
from ovr_tui.console.kiosk.draw import banner_words, fill
from ovr_tui.console.text import BLANK, Line

QUANTITY = "load_power_w"
BUCKET_S = 900
BUCKET_MS = BUCKET_S * 1000
BUCKETS = 96
MOST_ASKED = 40
"""Of so many assets the past is asked for; on a larger site the page fills as time goes by."""
LEAST_KNOWN = 4
"""Fewer quarters are no page."""
LABEL_CELLS = 10


class Day:
    """Fed with every snapshot; `fill` adds what was before this display looked."""

    def __init__(self) -> None:
        self._sums: dict[int, tuple[float, int]] = {}
        self._seq = -1

    def feed(self, snapshot: Snapshot) -> None:
        """Take a snapshot's total, once; not a partial one."""
        total = snapshot.totals.get(QUANTITY)
        if snapshot.seq == self._seq or total is None or total.value is None or total.partial:
            return
        self._seq = snapshot.seq
        bucket = snapshot.at_ms // BUCKET_MS
        value, count = self._sums.get(bucket, (0.0, 0))
        self._sums[bucket] = (value + total.value, count + 1)
        while len(self._sums) > BUCKETS + 1:
            del self._sums[min(self._sums)]

    def fill(self, past: Iterable[HistoryAnswer], at_ms: int) -> None:
        """Put the sum of these in where no snapshot of a whole quarter was seen; a quarter that is
        not known of each of them is a gap. The quarter of `at_ms` goes on: what is put in counts
        for the seconds that it is the mean of."""
        known = [
            {
                at_ms // BUCKET_MS: value
                for at_ms, value in zip(answer.times, answer.values, strict=False)
                if value is not None
            }
            for answer in past
        ]
        whole = set.intersection(*map(set, known)) if known else set()
        for bucket in whole:
            if self._sums.get(bucket, (0.0, 0))[1] < BUCKET_S // 2:
                seconds = max(1, min(BUCKET_S, at_ms // 1000 - bucket * BUCKET_S))
                mean = sum(values[bucket] for values in known)
                self._sums[bucket] = (mean * seconds, seconds)

    def bars(self, at_ms: int) -> tuple[float | None, ...]:
        """The mean of each quarter in W, that of `at_ms` the last; None where nothing is known."""
        last = at_ms // BUCKET_MS
        found = (self._sums.get(bucket) for bucket in range(last - BUCKETS + 1, last + 1))
        return tuple(None if one is None else one[0] / one[1] for one in found)


def asked(snapshot: Snapshot) -> tuple[str, ...]:
    """The assets whose past makes the total's; none where there are too many."""
    total = snapshot.totals.get(QUANTITY)
    members = () if total is None else (*total.counted, *total.left_out)
    return members if len(members) <= MOST_ASKED else ()


def day_page(
    bars: Sequence[float | None],
    at_ms: int,
    timezone: str,
    cells: int,
    rows: int,
    glyphs: Glyphs,
) -> list[Line]:
    """The bars with their greatest, and the hours below."""
    title = banner_words("LOAD OF 24 HOURS", cells - 4, rows // 7, glyphs, "head")
    room, high = max(8, cells - LABEL_CELLS - 2), max(2, rows - len(title) - 3)
    each = _merged(room)
    first = _first(at_ms, timezone, each)
    merged = [_mean(bars[at : at + each]) for at in range(first, len(bars), each)]
    wide = max(1, room // len(merged))
    top = max((value for value in merged if value is not None), default=0.0)
    columns = [_column(value, top, high, glyphs) for value in merged]
    lines: list[Line] = [*(((("  ", "text"), *line)) for line in title), BLANK]
    for row in range(high):
        label = _label(row, top, high)
        body = "".join(column[row] * wide for column in columns)
        lines.append(((f"{label:>{LABEL_CELLS - 1}} ", "text"), (body, "bar")))
    first_ms = (at_ms // BUCKET_MS - BUCKETS + 1 + first) * BUCKET_MS
    hours = _hours(first_ms, timezone, each, wide, len(merged))
    lines.append(((" " * LABEL_CELLS + hours, "text"),))
    return fill(lines, cells, rows)


def _merged(room: int) -> int:
    """How many quarters make a bar: as few as fit and use most of the room."""
    used = {n: room // (BUCKETS // n) * (BUCKETS // n) for n in (1, 2, 3, 4, 6, 8, 12)}
    return next((n for n, cells in used.items() if cells >= room * 0.75), 12)


def _first(at_ms: int, timezone: str, each: int) -> int:
    """The quarter that the first bar begins with: every bar begins with a whole bar of local time,
    and that of now may be short."""
    here = local(at_ms, timezone)
    in_last = (here.hour * 60 + here.minute) // 15 % each + 1
    return (BUCKETS - in_last) % each


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _column(value: float | None, top: float, high: int, glyphs: Glyphs) -> list[str]:
    """One bar from the top down, its end in eighths where the font has them."""
    if value is None or top <= 0:
        return [" "] * (high - 1) + [" " if value is None else glyphs.rule]
    steps = glyphs.levels if len(glyphs.levels) == 8 else glyphs.full
    parts = max(1, round(max(0.0, value) / top * high * len(steps)))
    whole, rest = divmod(parts, len(steps))
    body = [glyphs.full] * whole + ([steps[rest - 1]] if rest else [])
    return [" "] * (high - len(body)) + body[::-1]


def _label(row: int, top: float, high: int) -> str:
    marks: Mapping[int, float] = {0: top, high // 2: top * (1 - (high // 2) / high)}
    return f"{number(marks[row] / 1000, 1)} kW" if row in marks and top > 0 else ""


def _hours(first_ms: int, timezone: str, each: int, wide: int, count: int) -> str:
    """Every sixth hour of local time below the bar that it begins in."""
    text = ""
    for index in range(count):
        start = local(first_ms + index * each * BUCKET_MS, timezone)
        begun = start.hour * 60 + start.minute
        ahead = -begun % 360
        if ahead < each * 15 and len(text) <= index * wide:
            text = text.ljust(index * wide) + f"{(begun + ahead) // 60 % 24:02d}:00"
    return text
