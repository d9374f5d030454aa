"""The generating sets of a system: which rows tell of each, when it ran, and when nobody knows."""

from collections.abc import Callable, Sequence
from math import fsum
from typing import NamedTuple

from collector.model.kinds import AssetKind
from collector.model.report.quality import Gap
from collector.model.report_input import AssetInput
from collector.model.rollup import Rollup
from reporting.figures import fuel, running
from reporting.figures.clock import HOUR_MS
from reporting.figures.flows import (
    GENERATOR,
    counted,
    end_of,
    plate_of,
    rated_kw,
    rows_between,
    tracks_of,
    twins,
)
from reporting.fuel import Curve
from reporting.measured.model import Measured, Track
from reporting.measured.rows import Rows, as_rows

ENERGY = "generator_energy_kwh"


class Set(NamedTuple):
    """One unit: the track that measures its power, its plate, and all rows that tell of its engine
    and tank (its own, else those of a twin or of its tank)."""

    track: Track
    plate: AssetInput | None
    engine: Sequence[Rollup]
    tank: Sequence[Rollup]
    ran: Sequence[running.Run]
    darks: Sequence[running.Stretch]
    metered: Sequence[running.Stretch]
    seen_h: float
    unseen_h: float
    """Hours of running in gaps, as far as they can be told."""
    meter_h: float
    """Hours by its own hour counter."""
    assets: frozenset[str]
    tank_l: float | None
    """The tank's size by the registry: the set's own, else that of its tank if there is one."""
    only: bool
    """No other set stood in the system at any time of this unit."""

    @property
    def unknown_h(self) -> float:
        """How long nobody knows whether it ran."""
        return fsum((one.to_ms - one.from_ms) / HOUR_MS for one in self.darks if one.hours is None)

    @property
    def loaded_h(self) -> float:
        """Hours of running that were seen, and those in gaps as far as they can be told."""
        return self.seen_h + self.unseen_h

    @property
    def by_meter(self) -> bool:
        """Whether its hours are those of its own hour counter: not if that stood while power
        flowed."""
        return self.meter_h > self.loaded_h

    @property
    def hours(self) -> float | None:
        """Hours of running; None when nothing ever told whether it ran."""
        if self.by_meter:
            return self.meter_h
        if not self.loaded_h and not any(map(running.tells, self.engine)):
            return None
        return self.loaded_h

    @property
    def unloaded_h(self) -> float:
        """Hours by its own counter beyond those that were seen: warming up and cooling down."""
        return max(0.0, (self.hours or 0.0) - self.loaded_h)

    def hours_between(self, from_ms: int, to_ms: int) -> float:
        """The part of its hours that is of a stretch."""
        if self.by_meter:
            return running.hours_between(self.metered, from_ms, to_ms)
        seen = sum(run.ms for run in running.runs_between(self.ran, from_ms, to_ms))
        return seen / HOUR_MS + running.hours_between(self.darks, from_ms, to_ms)


def sets(measured: Measured) -> list[Set]:
    """The generating sets, with when each ran."""
    tracks = units(measured)
    return [_set(measured, track, tracks) for track in tracks]


def units(measured: Measured) -> list[Track]:
    """The generating sets: units at the assets of record for the generator's power, and those that
    are generators though nobody measured their power."""
    record = counted(measured, GENERATOR)
    checks = {twin for asset in record for twin in twins(measured, asset, GENERATOR)}
    bare = [
        track.asset.id
        for track in measured.of_kind(AssetKind.GENERATOR)
        if track.asset.id not in checks and (track.asset.id, GENERATOR) not in measured.flow_of
    ]
    assets = [*record, *dict.fromkeys(bare)]
    return [track for track in tracks_of(measured, assets) if _stood(track)]


def _stood(track: Track) -> bool:
    """Whether a track is of a set: a GX that saw no generator has none."""
    if track.kind is AssetKind.GENERATOR:
        return True
    return GENERATOR in as_rows(track.rows).told() and any(
        row.running is not None for row in track.rows
    )


def _set(measured: Measured, track: Track, all_tracks: Sequence[Track]) -> Set:
    same = twins(measured, track.asset.id, GENERATOR)
    only = not any(
        other.asset.id != track.asset.id
        and other.from_ms < track.to_ms
        and other.to_ms > track.from_ms
        for other in all_tracks
    )
    tanks = {t.asset.id for t in measured.of_kind(AssetKind.TANK)} if only else set()
    engine = _with(measured, track, same, _tells_of_engine)
    ran = running.runs(track.rows) or running.runs(engine)
    darks, metered = _darks(measured, track, engine, ran), running.by_meter(engine)
    plate = plate_of(measured, track)
    return Set(
        track=track,
        plate=plate,
        engine=engine,
        tank=_with(measured, track, same | tanks, _tells_of_tank),
        ran=ran,
        darks=darks,
        metered=metered,
        seen_h=sum(run.ms for run in ran) / HOUR_MS,
        unseen_h=fsum(one.hours or 0.0 for one in darks),
        meter_h=fsum(one.hours or 0.0 for one in metered),
        assets=frozenset(same | tanks),
        tank_l=_tank_l(measured, plate, tanks),
        only=only,
    )


def _darks(
    measured: Measured, track: Track, engine: Sequence[Rollup], ran: Sequence[running.Run]
) -> list[running.Stretch]:
    """The gaps of a set, with its hours in them: what a device's hour counter rose; else the energy
    that its register counted in the gap ÷ the mean power while running; else nobody knows."""
    rows = track.rows if any(map(running.tells, track.rows)) else engine
    average = running.average_kw(ran)
    energy = [
        gap
        for gap in measured.quality.gaps
        if gap.asset == track.asset.id and gap.flow == ENERGY and gap.gap_kwh is not None
    ]
    found = []
    for gap in running.gaps(rows, track.from_ms, min(track.to_ms, end_of(measured))):
        hours = running.counted_hours(engine, gap)
        if hours is None:
            hours = _by_energy(energy, gap, average)
        found.append(running.Stretch(*gap, hours))
    return found


def _by_energy(energy: Sequence[Gap], gap: tuple[int, int], average: float | None) -> float | None:
    """Hours of a gap from the energy that came in it; None when no register tells."""
    covering = [one for one in energy if one.from_ms <= gap[0] and one.to_ms >= gap[1]]
    if not covering:
        return None
    one = covering[0]
    length = (gap[1] - gap[0]) / HOUR_MS
    came = (one.gap_kwh or 0.0) * (gap[1] - gap[0]) / (one.to_ms - one.from_ms)
    if came <= 0:
        return 0.0
    return min(length, came / average) if average and average > 0 else None


def _with(
    measured: Measured, track: Track, assets: set[str], tells: Callable[[Rows], bool]
) -> Sequence[Rollup]:
    """The rows of the track itself if these tell it, else of the first twin that does."""
    candidates = [track, *(t for t in tracks_of(measured, assets) if t.asset.id != track.asset.id)]
    by_asset: dict[str, Rows] = {}
    for one in candidates:
        rows = rows_between(one.rows, track.from_ms, track.to_ms)
        by_asset.setdefault(one.asset.id, Rows()).extend(rows)
    return next(filter(tells, by_asset.values()), track.rows)


def _tells_of_engine(rows: Rows) -> bool:
    told = any(span.counter.raw_last is not None for span in rows.counted(running.RUN_S))
    return told or running.STARTS in rows.told() or any(running.STATE in row.states for row in rows)


def _tank_l(measured: Measured, plate: AssetInput | None, tanks: set[str]) -> float | None:
    if plate is not None and plate.ratings.tank_l:
        return plate.ratings.tank_l
    sizes = {t.asset.ratings.tank_l for t in measured.tracks if t.asset.id in tanks}
    return sizes.pop() if len(sizes) == 1 else None


def _tells_of_tank(rows: Rows) -> bool:
    return not rows.told().isdisjoint((fuel.REMAINING, fuel.LEVEL))


def set_curve(measured: Measured, plate: AssetInput | None) -> tuple[Curve, str]:
    """The fuel curve of a set by its plate, and what it is in words
    (`reporting.figures.fuel.curve_of`)."""
    own = plate.fuel_curve if plate is not None else ()
    return fuel.curve_of(rated_kw(plate)[0], own, measured.inputs.event.terms.fuel)
