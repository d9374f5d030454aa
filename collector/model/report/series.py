"""What the charts are drawn from. None in a series is a gap."""

from msgspec import Struct

Values = tuple[float | None, ...]


class Profile(Struct, frozen=True, kw_only=True):
    """Powers in buckets of `step_ms` from `from_ms` on (kW, means over good time), aligned with the
    event's clock at the beginning. `battery_kw` is what the battery gave, `charge_kw` what it took,
    `export_kw` what went to the grid; sources stack up to the load (with charge and export). A
    flow that nobody measures is empty."""

    from_ms: int
    step_ms: int
    load_kw: Values
    load_min_kw: Values
    load_max_kw: Values
    grid_kw: Values = ()
    generator_kw: Values = ()
    pv_kw: Values = ()
    battery_kw: Values = ()
    charge_kw: Values = ()
    export_kw: Values = ()
    soc_pct: Values = ()


class HeatMap(Struct, frozen=True, kw_only=True):
    """Mean load (kW) by day of the event's zone and hour 0–23: of an hour that the clock showed
    twice the mean of both, None of one that it skipped or in which nothing was seen."""

    days: tuple[str, ...]
    hours: tuple[Values, ...]


class Phases(Struct, frozen=True, kw_only=True):
    """Mean current of each phase (A) in the buckets of the profile, at the load's meter."""

    l1: Values
    l2: Values
    l3: Values
    neutral: Values = ()


class VoltageBand(Struct, frozen=True, kw_only=True):
    """Least, mean, greatest of all phases (V) in the buckets of the profile, and the limits; at
    the load's meter, else at the first asset that reads voltages (`asset`)."""

    least: Values
    mean: Values
    greatest: Values
    lower: float | None
    upper: float | None
    asset: str = ""


class Series(Struct, frozen=True, kw_only=True):
    """All chart series. `duration_kw`: load exceeded for 0, 1, … 100 % of good time."""

    profile: Profile | None = None
    duration_kw: Values = ()
    heat: HeatMap | None = None
    phases: Phases | None = None
    voltage: VoltageBand | None = None
