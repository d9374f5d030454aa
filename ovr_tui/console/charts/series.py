"""What a chart draws: values over a window of time, thinned to the columns that there are. Pure."""

import math
from bisect import bisect_left
from typing import NamedTuple

from msgspec import Struct

from ovr_tui.console.format import scale


class Window(NamedTuple):
    """From when to when, UTC ms."""

    start_ms: int
    end_ms: int

    @property
    def span_ms(self) -> int:
        """How long it is."""
        return self.end_ms - self.start_ms


class Track(Struct, frozen=True, kw_only=True):
    """Past values of one reading in the catalogue's unit: times UTC ms rising, None is a gap.

    `least` and `greatest` have an entry for each value that stands for a while, else they are
    empty. A pause of more than `gap_ms` between two times is a gap too.
    """

    times: tuple[int, ...] = ()
    values: tuple[float | None, ...] = ()
    least: tuple[float | None, ...] = ()
    greatest: tuple[float | None, ...] = ()
    gap_ms: int = 10_000


class Series(Struct, frozen=True, kw_only=True):
    """One line of a chart: a track in the unit that people read, and the letter it is told by."""

    key: str
    letter: str
    track: Track
    unit: str
    decimals: int


class Seen(NamedTuple):
    """What a series shows at a moment, in its unit."""

    at_ms: int
    value: float
    least: float | None = None
    greatest: float | None = None


def series(key: str, letter: str, track: Track) -> Series:
    """A track as it is read: W as kW, and as it was where the unit stays."""
    how = scale(key)

    def read(values: tuple[float | None, ...]) -> tuple[float | None, ...]:
        return tuple(v / how.by if v is not None and math.isfinite(v) else None for v in values)

    drawn = Track(
        times=track.times,
        values=read(track.values),
        least=read(track.least),
        greatest=read(track.greatest),
        gap_ms=track.gap_ms,
    )
    return Series(key=key, letter=letter, track=drawn, unit=how.unit, decimals=how.decimals)


Point = tuple[float, float]


def pieces(track: Track, window: Window, columns: int) -> list[list[Point]]:
    """The unbroken pieces of a track, at most two points (lowest, highest) for each of `columns`
    columns; x is the column."""
    width_ms = max(1, window.span_ms) / columns
    runs: list[list[Point]] = []
    run: list[Point] = []
    last = None
    first = max(0, bisect_left(track.times, window.start_ms))
    for at_ms, value in zip(track.times[first:], track.values[first:], strict=False):
        if at_ms > window.end_ms:
            break
        if value is None or not math.isfinite(value):
            last = None
            continue
        if last is None or at_ms - last > track.gap_ms:
            run = []
            runs.append(run)
        last = at_ms
        run.append(((at_ms - window.start_ms) / width_ms, value))
    return [_thin(run) for run in runs]


def _thin(run: list[Point]) -> list[Point]:
    out: list[Point] = []
    column: list[Point] = []
    for point in run:
        if column and int(point[0]) != int(column[0][0]):
            out.extend(_ends(column))
            column = []
        column.append(point)
    out.extend(_ends(column))
    return out


def _ends(column: list[Point]) -> list[Point]:
    low, high = min(column, key=lambda p: p[1]), max(column, key=lambda p: p[1])
    return sorted({low, high})


def band(track: Track, window: Window, columns: int) -> dict[int, tuple[float, float]]:
    """The least and greatest of each column; a value that stands for a while fills the columns of
    its time. Empty where no value has them."""
    found: dict[int, tuple[float, float]] = {}
    width_ms = max(1, window.span_ms) / columns
    entries = list(zip(track.times, track.least, track.greatest, strict=False))
    for number, (at_ms, low, high) in enumerate(entries):
        if low is None or high is None or not window.start_ms <= at_ms <= window.end_ms:
            continue
        after_ms = entries[number + 1][0] if number + 1 < len(entries) else at_ms
        until_ms = min(after_ms, at_ms + track.gap_ms // 2, window.end_ms)
        first = int((at_ms - window.start_ms) / width_ms)
        last = int((until_ms - window.start_ms) / width_ms)
        for column in range(first, max(first + 1, last)):
            before = found.get(column, (low, high))
            found[column] = (min(low, before[0]), max(high, before[1]))
    return found


def seen(one: Series, at_ms: int) -> Seen | None:
    """What the series shows at a moment: the value nearest to it, no further away than a gap."""
    times, values = one.track.times, one.track.values
    after = bisect_left(times, at_ms)
    near = [n for n in (after - 1, after) if 0 <= n < len(times)]
    if not near:
        return None
    best = min(near, key=lambda n: abs(times[n] - at_ms))
    value = values[best]
    if value is None or abs(times[best] - at_ms) > one.track.gap_ms:
        return None
    least = one.track.least[best] if best < len(one.track.least) else None
    greatest = one.track.greatest[best] if best < len(one.track.greatest) else None
    return Seen(times[best], value, least, greatest)
