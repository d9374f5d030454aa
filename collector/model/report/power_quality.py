"""How good the supply was."""

from msgspec import Struct


class Band(Struct, frozen=True, kw_only=True):
    """Percentiles of minute means, extremes of all, and minutes outside the limits."""

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
    """Of one asset (the meter of record of the load, else what there is)."""

    asset: str
    name: str
    voltages: tuple[Band, ...] = ()
    frequency: Band | None = None
    voltage_thd_max_pct: float | None = None
    current_thd_max_pct: float | None = None
    voltage_unbalance_max_pct: float | None = None
    voltage_unbalance_over_min: float | None = None
    current_unbalance_max_pct: float | None = None
    current_unbalance_over_min: float | None = None
    neutral_max_a: float | None = None
    overload_min: float | None = None
    alarms: int = 0
