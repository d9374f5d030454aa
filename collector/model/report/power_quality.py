"""How good the supply was."""

from msgspec import Struct


class Band(Struct, frozen=True, kw_only=True):
    """Percentiles of minute means weighted by good time, the extremes of all readings, and the
    minutes (by their means) outside the limits; without a nominal value there are none."""

    key: str
    nominal: float | None
    lower: float | None
    upper: float | None
    least: float
    p1: float
    p5: float
    p50: float
    p95: float
    p99: float
    greatest: float
    outside_min: float | None


class PowerQuality(Struct, frozen=True, kw_only=True):
    """Of one asset that reads voltages, frequency or currents; the load's meters come first.

    Of a generator only the minutes through which it ran. `off_min`: minutes without voltage (below
    5 % of nominal on all phases), which are in no percentile. `…_over_min` are minutes whose mean
    is over the limit; maxima of THD are of all readings, of unbalance of minute means.
    """

    asset: str
    name: str
    voltages: tuple[Band, ...] = ()
    frequency: Band | None = None
    off_min: float | None = None
    voltage_thd_max_pct: float | None = None
    voltage_thd_over_min: float | None = None
    current_thd_max_pct: float | None = None
    voltage_unbalance_max_pct: float | None = None
    voltage_unbalance_over_min: float | None = None
    current_unbalance_max_pct: float | None = None
    current_unbalance_over_min: float | None = None
    neutral_max_a: float | None = None
    overload_min: float | None = None
    alarms: int = 0
