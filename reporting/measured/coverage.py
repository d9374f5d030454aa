"""How much of its time a flow of record was seen: good time ÷ duration, and every gap.

A row's good time is known to the millisecond, but not where in the row its gap lay: it is put at
the end that a gap beside the row continues, else at the row's beginning. A flow that has a counter
and no power was seen where its counter was read.
"""

from collections.abc import Iterable, Iterator, Sequence
from operator import sub
from typing import NamedTuple

from collector.model.report.quality import Coverage, Gap
from collector.model.rollup import Rollup
from collector.model.rounding import half_up
from reporting.measured.corrections import FAMILIES
from reporting.measured.model import Track
from reporting.measured.rises import Rise, risen
from reporting.measured.rows import as_rows
from reporting.rounding import kwh

SHORT_MS = 60_000
"""Gaps above this are remarked on."""


class Seen(NamedTuple):
    """When a flow was seen, of all the time that it had."""

    good_ms: int
    duration_ms: int
    gaps: list[tuple[int, int]]


def seen(tracks: Iterable[Track], energy: str, to_ms: int) -> Seen:
    """How a flow was seen over the tracks of its asset, up to `to_ms`."""
    good = duration = 0
    gaps: list[tuple[int, int]] = []
    for track in tracks:
        end = min(track.to_ms, to_ms)
        if end <= track.from_ms:
            continue
        duration += end - track.from_ms
        stretches = [one for one in _good(track.rows, energy) if one[0] < end]
        good += sum(ms for _, _, ms in stretches)
        gaps += _gaps(stretches, track.from_ms, end)
    return Seen(good, duration, _joined(gaps))


def _good(rows: Sequence[Rollup], energy: str) -> Iterable[tuple[int, int, int]]:
    """Each row in which the flow was seen: from, to, good ms."""
    own = as_rows(rows)
    power = own.gauged(FAMILIES[energy])
    if not power.from_ms:
        return ((start, end, end - start) for start, end, _ in own.counted(energy))
    good = map(min, power.good_ms, map(sub, power.to_ms, power.from_ms))
    return zip(power.from_ms, power.to_ms, good, strict=True)


def _gaps(
    stretches: Sequence[tuple[int, int, int]], from_ms: int, to_ms: int
) -> Iterator[tuple[int, int]]:
    at = from_ms
    for index, (start, end, good) in enumerate(stretches):
        missing = end - start - good
        if not missing and start <= at:
            at = end
            continue
        following = stretches[index + 1][0] if index + 1 < len(stretches) else to_ms
        at_end = missing > 0 and following > end and start <= at
        if start > at or (missing and not at_end):
            yield at, start + (0 if at_end else missing)
        at = end - missing if at_end else end
    if to_ms > at:
        yield at, to_ms


def _joined(gaps: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in gaps:
        if found and found[-1][1] >= start:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def coverage(asset: str, energy: str, what: Seen) -> Coverage:
    """A flow's coverage as the report has it."""
    pct = 100 * what.good_ms / what.duration_ms if what.duration_ms else 0.0
    return Coverage(
        asset=asset,
        flow=energy,
        good_ms=what.good_ms,
        coverage_pct=half_up(pct, 2),
        gaps=len(what.gaps),
        longest_gap_ms=max((end - start for start, end in what.gaps), default=0),
    )


def gaps_of(asset: str, energy: str, what: Seen, rises: Sequence[Rise]) -> list[Gap]:
    """A flow's gaps as the report has them; `rises` are its counter's."""
    return [
        Gap(asset=asset, flow=energy, from_ms=start, to_ms=end, gap_kwh=_rose(rises, start, end))
        for start, end in what.gaps
    ]


def _rose(rises: Sequence[Rise], from_ms: int, to_ms: int) -> float | None:
    came = risen(rises, from_ms, to_ms)
    return None if came is None else kwh(came.quanta / 10_000)
