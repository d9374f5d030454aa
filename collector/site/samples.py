"""Which samples a tick has: what changed, what must be seen again, and what has ended."""

import math
from array import array
from collections.abc import Iterable
from typing import NamedTuple

from collector.model.kinds import Quality
from collector.model.series import STALE
from collector.site.cells import CanonCell, RawCell
from collector.site.image import RAW_REPEAT_TICKS, Image
from collector.site.role import Role

CANON_REPEAT_TICKS = 30
GOOD, BAD, STALE_NOW = Quality.GOOD, Quality.BAD, Quality.STALE
UNSAID_TICKS = 30
"""How often a polled device's raw series are looked through for what it says no more."""


class Samples:
    """The samples of one tick: label bytes and values side by side."""

    def __init__(self) -> None:
        self.series: list[bytes] = []
        self.values = array("d")
        self.readings = 0
        """Values that devices said since the last tick, changed or not."""

    def add(self, series: bytes, value: float) -> None:
        """One sample; `value` is finite or the stale marker."""
        self.series.append(series)
        self.values.append(value)

    def cut(self, size: int) -> None:
        """Take back what was added beyond the first `size`."""
        del self.series[size:]
        del self.values[size:]

    def __len__(self) -> int:
        return len(self.series)


class Moment(NamedTuple):
    """A tick: its number, its time (UTC ms) and its slot in the history rings."""

    tick: int
    at_ms: int
    slot: int


def canonical(role: Role, now: Moment, out: Samples) -> None:
    """A live asset's readings and samples: changed values, and each series once in 30 ticks."""
    tick, at_ms, slot = now
    add_series, add_value = out.series.append, out.values.append
    for number, cell in enumerate(role.cells.values(), tick):
        value = None if cell.doubt else cell.value
        quality = GOOD if value is not None else STALE_NOW if cell.doubt else BAD
        if cell.heard or quality is not cell.reading.quality:
            out.readings += cell.heard
            cell.freeze(at_ms, quality)
        if value is None:
            cell.ring[slot] = math.nan
            _end(cell, out)
            continue
        cell.ring[slot] = value
        if value != cell.emitted or cell.ended or not number % CANON_REPEAT_TICKS:
            add_series(cell.series)
            add_value(value)
            cell.emitted = value
            cell.ended = False
    retire(role, out)


def silent(role: Role, now: Moment, out: Samples) -> None:
    """An asset that is not live: stale readings, a gap in the history, one stale marker on each
    series."""
    for cell in role.cells.values():
        if cell.heard or cell.reading.quality is not STALE_NOW:
            cell.freeze(now.at_ms, STALE_NOW)
        cell.ring[now.slot] = math.nan
        _end(cell, out)
    retire(role, out)


def retire(role: Role, out: Samples) -> None:
    """End the series whose labels have changed."""
    if not role.retired:
        return
    going_on = {cell.series for cell in role.cells.values() if not cell.ended}
    for cell in role.retired:
        if cell.series not in going_on:
            _end(cell, out)
    role.retired = []


def _end(cell: CanonCell, out: Samples) -> None:
    if not cell.ended:
        cell.ended = True
        out.add(cell.series, STALE)


def raw(image: Image, tick: int, out: Samples, *, on_change: bool) -> None:
    """A live device's raw samples: changed values, and each series once in 240 ticks.

    A device that speaks `on_change` need not repeat itself; what a polled one has not said for
    its silence limit has ended.
    """
    waiting, image.dirty[:] = image.dirty[:], []
    add_series, add_value = out.series.append, out.values.append
    out.readings += len(waiting)
    for cell in waiting:
        cell.settle(tick)
        value = cell.value
        if math.isnan(value):
            if not cell.ended:
                cell.ended = True
                out.add(cell.series, STALE)
        elif value != cell.emitted or cell.ended:
            add_series(cell.series)
            add_value(value)
            cell.emitted = value
            cell.ended = False
            cell.sent_tick = tick
    due = image.wheel[tick % RAW_REPEAT_TICKS]
    if not on_change:
        some_silent = not all(role.live for role in image.roles.values())
        everything = some_silent or tick % UNSAID_TICKS == 0
        _end_unsaid(image.raw.values() if everything else due, tick, image.silence_s, out)
    for cell in due:
        if not cell.ended and cell.sent_tick != tick:
            out.add(cell.series, cell.value)


def _end_unsaid(cells: Iterable[RawCell], tick: int, silence_s: float, out: Samples) -> None:
    for cell in cells:
        if not cell.ended and tick - cell.set_tick > silence_s:
            cell.ended = True
            out.add(cell.series, STALE)


def raw_silent(image: Image, out: Samples) -> None:
    """A device that is not live any more: one stale marker on each raw series. Values that were
    said stay, to be sampled when it lives again."""
    for cell in image.raw.values():
        if not cell.ended:
            cell.ended = True
            out.add(cell.series, STALE)


def raw_again(image: Image) -> None:
    """A device that speaks on change lives again on the same connection: what it said counts
    again. (A polled one says all of it anew.)"""
    waiting = set(map(id, image.dirty))
    image.dirty += [
        cell
        for cell in image.raw.values()
        if cell.ended and not math.isnan(cell.value) and id(cell) not in waiting
    ]
