"""How evenly the load was spread over the phases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import fsum
from typing import NamedTuple

from collector.model.report.load import PhaseBalance
from collector.model.report.quality import Note
from collector.model.rollup_keys import BY_KEY
from reporting.figures.clock import MINUTE_MS
from reporting.figures.flows import LOAD, QUANTA_PER_KW, counted, note, tracks_of
from reporting.figures.parts import Part, minutes, parts_of
from reporting.measured.model import Measured, Track
from reporting.rounding import AMPS, known, percent, rounded

LINES = ("L1", "L2", "L3")
LEAST_A = 1.0
LEAST_SHARE = 0.05
"""Unbalance is judged where the phases' mean is at least 1 A and 5 % of its greatest minute: of a
load that is off the ratio is noise."""
PER_A = BY_KEY["current_a.L1"].scale

Three = tuple[float | None, float | None, float | None]


class Judged(NamedTuple):
    """The unbalance of one minute, in per cent, for how many ms it stands."""

    pct: float
    ms: int


def phase_balance(measured: Measured) -> tuple[PhaseBalance | None, tuple[Note, ...]]:
    """Currents and powers of the phases at the meter of the load; of several meters at the one
    that carried the most, for currents of different places do not add up.

    Unbalance of a minute = max |I − mean| ÷ mean of the three phases' minute means, as NEMA MG 1
    (14.36) defines it for voltages; its mean is weighted by time.
    """
    tracks, said = load_meter(measured)
    columns = currents(tracks)
    powers = {line: _all(tracks, f"{LOAD}.{line}") for line in LINES}
    if not any(columns.values()) and not any(powers.values()):
        return None, said
    judged = list(judged_minutes(columns))
    if not judged:
        said = (*said, _why(columns))
    said = (*said, *_reversed(powers))
    neutral = columns["N"]
    balance = PhaseBalance(
        mean_a=_three(_mean(columns[line], PER_A) for line in LINES),
        max_a=_three(_greatest(columns[line]) for line in LINES),
        neutral_max_a=_greatest(neutral),
        neutral_mean_a=_mean(neutral, PER_A),
        mean_kw=_three(_mean(powers[line], QUANTA_PER_KW, 3) for line in LINES),
        unbalance_mean_pct=percent(_weighted(judged)),
        unbalance_max_pct=percent(max((one.pct for one in judged), default=None)),
        over_10_min=_over(judged, 10),
        over_20_min=_over(judged, 20),
    )
    return balance, said


def load_meter(measured: Measured) -> tuple[list[Track], tuple[Note, ...]]:
    """The tracks of the meter at which the load's phases are judged."""
    meters = counted(measured, LOAD)
    if len(meters) <= 1:
        return tracks_of(measured, meters), ()
    biggest = max(meters, key=lambda asset: (_carried(measured, asset), asset))
    said = note(
        "phases-of-one",
        f"{len(meters)} meters make up the load; phases and currents are those of {biggest}, which "
        "carried the most.",
        "load.phases",
    )
    return tracks_of(measured, [biggest]), (said,)


def _carried(measured: Measured, asset: str) -> int:
    flow = measured.flow_of.get((asset, LOAD))
    if flow is None:
        return 0
    return sum(p - n for p, n, g in zip(flow.pos, flow.neg, flow.good_ms, strict=True) if g)


def currents(tracks: Sequence[Track]) -> Mapping[str, list[Part]]:
    """The current of each phase and of the neutral, by minute."""
    return {line: minutes(_all(tracks, f"current_a.{line}")) for line in (*LINES, "N")}


def _all(tracks: Sequence[Track], key: str) -> list[Part]:
    return [part for track in tracks for part in parts_of(track.rows, key)]


def judged_minutes(columns: Mapping[str, list[Part]]) -> Iterator[Judged]:
    """The minutes in which all three phases were seen, and loaded enough."""
    first = {part.from_ms: part for part in columns["L1"]}
    second = {part.from_ms: part for part in columns["L2"]}
    seen = []
    for part in columns["L3"]:
        one, two = first.get(part.from_ms), second.get(part.from_ms)
        if one is not None and two is not None:
            a, b, c = one.mean, two.mean, part.mean
            mean = (a + b + c) / 3
            ms = min(one.good_ms, two.good_ms, part.good_ms)
            seen.append((mean, max(abs(a - mean), abs(b - mean), abs(c - mean)), ms))
    least = max(LEAST_A * PER_A, LEAST_SHARE * max((mean for mean, _, _ in seen), default=0.0))
    for mean, farthest, ms in seen:
        if mean >= least:
            yield Judged(100 * farthest / mean, ms)


def _why(columns: Mapping[str, list[Part]]) -> Note:
    phases = [line for line in LINES if columns[line]]
    if len(phases) == 3:
        text = f"The phases never carried {LEAST_A:g} A together: their unbalance is not judged."
    elif not phases:
        text = "No current of a phase was read: the unbalance of the phases is not known."
    else:
        text = f"Only {' and '.join(phases)} was read: there is no unbalance of three phases."
    return note("no-unbalance", text, "load.phases")


def _reversed(powers: Mapping[str, list[Part]]) -> tuple[Note, ...]:
    """A phase whose mean power has another sign than the other two's: its CT looks turned."""
    net = {line: sum(part.integral for part in parts) for line, parts in powers.items() if parts}
    least = LEAST_SHARE * max((abs(one) for one in net.values()), default=0)
    ways = {line: one > 0 for line, one in net.items() if abs(one) > least}
    odd = [line for line, way in ways.items() if sum(other == way for other in ways.values()) == 1]
    if len(ways) != len(LINES) or len(odd) != 1:
        return ()
    text = (
        f"The power of {odd[0]} has another sign than that of the other phases: its current "
        "transformer may be turned round. A correction of its sign (`ovr correct`) shows the rest."
    )
    return (note("phase-reversed", text, "load.phases", "warning"),)


def _mean(parts: Sequence[Part], per_unit: int, decimals: int = AMPS) -> float | None:
    good = sum(part.good_ms for part in parts)
    total = sum(part.integral for part in parts)
    return rounded(total / good / per_unit, decimals) if good else None


def _greatest(parts: Sequence[Part]) -> float | None:
    return rounded(max(part.greatest for part in parts) / PER_A, AMPS) if parts else None


def _weighted(judged: Sequence[Judged]) -> float | None:
    total = sum(one.ms for one in judged)
    return fsum(one.pct * one.ms for one in judged) / total if total else None


def _over(judged: Sequence[Judged], limit: float) -> float | None:
    if not judged:
        return None
    return known(sum(one.ms for one in judged if one.pct > limit) / MINUTE_MS, 2)


def _three(values: Iterable[float | None]) -> Three:
    first, second, third = values
    return first, second, third
