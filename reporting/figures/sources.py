"""Where the load's energy came from: as delivered, and by origin.

*As delivered*: in each minute the load is served by grid, generator, PV and battery in the
proportion in which they supply, less what went into the battery or out to the grid. That is the
proportional sharing principle: a node is a perfect mixer, nobody can tell one source's kWh from
another's (J. Bialek, *Tracing the flow of electricity*, IEE Proc. Gener. Transm. Distrib. 143,
1996).

*By origin*: the battery is such a mixer too, over time. What charges it mixes with what is in it,
and what it gives has the composition of that pool; what was in it at the beginning is `brought in`,
for nobody measured where it came from. A first-in-first-out queue would be as defensible, but its
answer turns on the order of minutes and on the assumed size of the first lot; the pool's does not.
"""

from collections.abc import Mapping, Sequence
from math import fsum
from typing import NamedTuple

from collector.model.report.load import Sources, SourceShare
from collector.model.report.quality import Note
from reporting.figures.flows import BATTERY, GENERATOR, GRID, KWH, LOAD, PV, note
from reporting.figures.stored import Stored, stored_by_minute
from reporting.measured.model import Measured, Minutes
from reporting.rounding import kwh, percent

EXTERNAL = (("grid", GRID), ("generator", GENERATOR), ("pv", PV))
BROUGHT_IN, UNKNOWN = "brought in", "unknown"
ORIGINS = ("grid", "generator", "pv", BROUGHT_IN, UNKNOWN)
TOLERANCE = 0.05
"""A minute's supply may fall short of its load by so much (losses and meters); beyond it the rest
has a source that nobody measured. The same 5 % at which a balance residual alarms (DESIGN §5)."""

Mix = tuple[float, float, float, float, float]
"""Parts of a whole by `ORIGINS`; they sum to 1."""
NEW: Mix = (0.0, 0.0, 0.0, 1.0, 0.0)


class Minute(NamedTuple):
    """Mean powers of one minute in quanta, all ≥ 0: the load for `good_ms` (0: not seen), the
    battery for `battery_ms`. What was not seen is 0."""

    load: float
    good_ms: int
    grid: float
    generator: float
    pv: float
    charge: float
    discharge: float
    export: float
    battery_ms: int


class SourceFigures(NamedTuple):
    """Shares of the load, and what has to be said about them."""

    sources: Sources
    notes: tuple[Note, ...]


class Served(NamedTuple):
    """What served the load, in quanta · ms: by source, and by origin (`ORIGINS`)."""

    delivered: tuple[float, float, float, float, float]
    origin: Mix


def source_figures(measured: Measured) -> SourceFigures:
    """Shares of what was delivered to the load; both tables sum to the load's energy of record.

    A minute whose measured supply is more than 5 % short of its load has the rest from `unknown`.
    The renewable fraction is what came from PV directly and through the battery: grid energy and
    what was brought in count as not renewable, so it is the least that it can be.
    """
    if not any(power in measured.flows for power in (GRID, GENERATOR, PV, BATTERY)):
        text = "No source was measured in this system, so what served its load is not told."
        return SourceFigures(Sources(), (note("no-sources", text, "sources"),))
    minutes = _minutes(measured)
    if not minutes or measured.energy.load_kwh is None:
        return SourceFigures(Sources(), _why_none(measured))
    stored, notes = stored_by_minute(measured)
    served = serve(minutes, _pool_sizes(minutes, stored))
    total = fsum(part for part in served.origin)
    if total <= 0:
        return SourceFigures(Sources(), (*notes, *_why_none(measured)))
    whole = measured.energy.load_kwh
    origin = [part / total for part in served.origin]
    delivered = [part / total for part in served.delivered]
    names = ("grid", "generator", "pv", "battery", UNKNOWN)
    there = _there(measured)
    if delivered[4] > 0:
        notes = (*notes, _unknown(100 * delivered[4]))
    sources = Sources(
        delivered=_shares(names, delivered, whole, there),
        origin=_shares(ORIGINS, origin, whole, there),
        renewable_pct=percent(100 * origin[2]),
    )
    return SourceFigures(sources, notes)


def serve(minutes: Sequence[Minute], pool: Sequence[float | None]) -> Served:
    """Share out each minute's load; `pool` has the battery's content at each of these minutes in
    quanta · ms, None where it is not known: it is then carried on from what went in and out.

    - to the battery go the external sources in their proportion, and what they do not cover by
      more than 5 % is unknown; to the load goes what is left of them, and the discharge;
    - after a charge C of composition c a content E of composition m has (E·m + C·c) ÷ (E + C).
    """
    delivered = [0.0] * 5
    origin = [0.0] * 5
    mix: Sequence[float] = NEW
    content = 0.0
    for minute, size in zip(minutes, pool, strict=True):
        mean, good_ms, grid, generator, pv, charge, discharge, export, battery_ms = minute
        content = content if size is None else max(0.0, size)
        external = grid + generator + pv
        left = max(0.0, external - charge)
        part = left / external if external > 0 else 0.0
        supply = left + discharge
        load = mean * good_ms
        known = load * _covered(supply - min(export, supply), mean)
        if known > 0:
            direct = known * part / supply
            for index, one in ((0, grid), (1, generator), (2, pv)):
                if one:
                    delivered[index] += direct * one
                    origin[index] += direct * one
            stored = known * discharge / supply
            delivered[3] += stored
            if stored:
                origin = [whole + stored * own for whole, own in zip(origin, mix, strict=True)]
        delivered[4] += load - known
        origin[4] += load - known
        if battery_ms:
            mix, content = _after(mix, content, minute, external)
    return Served(
        (delivered[0], delivered[1], delivered[2], delivered[3], delivered[4]),
        (origin[0], origin[1], origin[2], origin[3], origin[4]),
    )


def _covered(supply: float, load: float) -> float:
    """How much of a load is taken to be served by a supply: all within the tolerance."""
    if load <= 0:
        return 0.0
    return 1.0 if supply >= load * (1 - TOLERANCE) else max(0.0, supply / load)


def _after(
    mix: Sequence[float], content: float, minute: Minute, external: float
) -> tuple[Sequence[float], float]:
    """The pool after a minute."""
    charged = minute.charge * minute.battery_ms
    if charged > 0:
        source = min(1.0, external / minute.charge * (1 + TOLERANCE)) if external > 0 else 0.0
        each = source / external if external > 0 else 0.0
        came = (minute.grid * each, minute.generator * each, minute.pv * each)
        charge_mix = (*came, 0.0, 1.0 - source)
        whole = content + charged
        mix = [
            (content * old + charged * new) / whole
            for old, new in zip(mix, charge_mix, strict=True)
        ]
        content = whole
    return mix, max(0.0, content - minute.discharge * minute.battery_ms)


def _minutes(measured: Measured) -> list[Minute]:
    """All minutes of the window; empty without a load."""
    load, battery = measured.flows.get(LOAD), measured.flows.get(BATTERY)
    if load is None or not any(load.good_ms):
        return []
    grid, generator, pv = (measured.flows.get(power) for _, power in EXTERNAL)
    count = len(load.good_ms)
    taken, given = _side(load, count, positive=True), _side(load, count, positive=False)
    return list(
        map(
            Minute,
            [max(0.0, one - other) for one, other in zip(taken, given, strict=True)],
            load.good_ms,
            _side(grid, count, positive=True),
            _side(generator, count, positive=True),
            _side(pv, count, positive=True),
            _side(battery, count, positive=True),
            _side(battery, count, positive=False),
            _side(grid, count, positive=False),
            [0] * count if battery is None else battery.good_ms,
        )
    )


def _side(flow: Minutes | None, count: int, *, positive: bool) -> list[float]:
    """The mean of one side of a flow in each minute; 0 where it was not seen."""
    if flow is None:
        return [0.0] * count
    side = flow.pos if positive else flow.neg
    return [one / good if good else 0.0 for one, good in zip(side, flow.good_ms, strict=True)]


def _pool_sizes(minutes: Sequence[Minute], stored: Stored | None) -> list[float | None]:
    """The battery's content at each minute; without capacity or state of charge only at the first:
    the least that explains what came out."""
    if stored is not None:
        return [None if kwh_there is None else kwh_there * KWH for kwh_there in stored.kwh]
    least = content = 0.0
    for minute in minutes:
        content += (minute.charge - minute.discharge) * minute.battery_ms
        least = min(least, content)
    return [-least, *(None for _ in minutes[1:])]


def _there(measured: Measured) -> Mapping[str, bool]:
    """Which sources somebody measures; the others are not listed."""
    found = {name: power in measured.flows for name, power in EXTERNAL}
    battery = BATTERY in measured.flows
    return {**found, "battery": battery, BROUGHT_IN: battery}


def _shares(
    names: Sequence[str], parts: Sequence[float], whole: float, there: Mapping[str, bool]
) -> tuple[SourceShare, ...]:
    return tuple(
        SourceShare(source=name, kwh=kwh(part * whole), share_pct=percent(100 * part))
        for name, part in zip(names, parts, strict=True)
        if part > 0 or there.get(name, False)
    )


def _unknown(pct: float) -> Note:
    return note(
        "unknown-source",
        f"{pct:.1f} % of the load was served by what no meter of a source showed.",
        "sources",
        "warning" if pct > 100 * TOLERANCE else "info",
    )


def _why_none(measured: Measured) -> tuple[Note, ...]:
    text = (
        "The load took nothing, so there are no shares of sources."
        if measured.energy.load_kwh == 0
        else "No power of the load was read, so its sources cannot be told apart."
    )
    return (note("no-sources", text, "sources"),)
