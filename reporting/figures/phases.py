"""How evenly the load was spread over the phases."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from collector.model.report.load import PhaseBalance
from collector.model.report.quality import Note
from collector.model.rollup import Rollup
from collector.model.rollup_keys import BY_KEY
from collector.model.rounding import half_up
from reporting.figures.clock import MINUTE_MS
from reporting.figures.column import Column, column_of, minutes_of, together
from reporting.figures.distribution import Held
from reporting.figures.flows import LOAD, QUANTA_PER_KW, counted, note, rows_of, tracks_of
from reporting.measured.model import Measured, Track
from reporting.rounding import AMPS, percent, rounded

LINES = ("L1", "L2", "L3")
LEAST_A = 1.0
LEAST_SHARE = 0.05
"""Unbalance is judged where the phases' mean is at least 1 A and 5 % of its greatest minute: of a
load that is off the ratio is noise."""
PER_A = BY_KEY["current_a.L1"].scale

Reals = NDArray[np.float64]
Three = tuple[float | None, float | None, float | None]


def phase_balance(measured: Measured) -> tuple[PhaseBalance | None, tuple[Note, ...]]:
    """Currents and powers of the phases at the meter of the load; of several meters at the one
    that carried the most, for currents of different places do not add up.

    Unbalance of a minute = max |I − mean| ÷ mean of the three phases' minute means, as NEMA MG 1
    (14.36) defines it for voltages; its mean is weighted by time.
    """
    tracks, said = load_meter(measured)
    rows = rows_of(tracks)
    columns = currents(rows)
    powers = {line: column_of(rows, f"{LOAD}.{line}") for line in LINES}
    if not any(columns.values()) and not any(powers.values()):
        return None, said
    judged = judged_minutes(columns)
    if not judged.values:
        said = (*said, _why(columns))
    said = (*said, *_reversed(powers))
    neutral = columns["N"]
    balance = PhaseBalance(
        mean_a=_three(_mean(columns[line], PER_A) for line in LINES),
        max_a=_three(_greatest(columns[line]) for line in LINES),
        neutral_max_a=_greatest(neutral),
        neutral_mean_a=_mean(neutral, PER_A),
        mean_kw=_three(_mean(powers[line], QUANTA_PER_KW, 3) for line in LINES),
        unbalance_mean_pct=percent(judged.mean()),
        unbalance_max_pct=percent(judged.top()),
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


def currents(rows: Sequence[Rollup]) -> Mapping[str, Column]:
    """The current of each phase and of the neutral, by minute."""
    return {line: minutes_of(rows, f"current_a.{line}") for line in (*LINES, "N")}


def judged_minutes(columns: Mapping[str, Column]) -> Held:
    """The unbalance in per cent in the minutes in which all three phases were seen, and loaded
    enough."""
    three = together([columns[line] for line in LINES])
    mean, farthest = apart(three)
    least = max(LEAST_A * PER_A, LEAST_SHARE * max(mean.tolist(), default=0.0))
    loaded = mean >= least
    good = map(min, *(column.good_ms for column in three))
    pct = 100 * farthest[loaded] / mean[loaded]
    return Held(pct.tolist(), list(compress(good, loaded)))


def apart(three: Sequence[Column]) -> tuple[Reals, Reals]:
    """Of the phases in the same minutes: the mean of their means, and how far from it the farthest
    of them is. Elementwise only, so that it has the same bits on each machine."""
    one, two, other = (np.array(column.means()) for column in three)
    mean = (one + two + other) / 3
    off = [np.abs(phase - mean) for phase in (one, two, other)]
    return mean, np.maximum(np.maximum(off[0], off[1]), off[2])


def _why(columns: Mapping[str, Column]) -> Note:
    phases = [line for line in LINES if columns[line]]
    if len(phases) == 3:
        text = f"The phases never carried {LEAST_A:g} A together: their unbalance is not judged."
    elif not phases:
        text = "No current of a phase was read: the unbalance of the phases is not known."
    else:
        text = f"Only {' and '.join(phases)} was read: there is no unbalance of three phases."
    return note("no-unbalance", text, "load.phases")


def _reversed(powers: Mapping[str, Column]) -> tuple[Note, ...]:
    """A phase whose mean power has another sign than the other two's: its CT looks turned."""
    net = {line: sum(column.integral) for line, column in powers.items() if column}
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


def _mean(column: Column, per_unit: int, decimals: int = AMPS) -> float | None:
    return rounded(column.mean() / per_unit, decimals) if column else None


def _greatest(column: Column) -> float | None:
    return rounded(max(column.greatest) / PER_A, AMPS) if column else None


def _over(judged: Held, limit: float) -> float | None:
    ms = judged.over_ms(limit)
    return None if ms is None else half_up(ms / MINUTE_MS, 2)


def _three(values: Iterable[float | None]) -> Three:
    first, second, third = values
    return first, second, third
