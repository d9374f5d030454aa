"""What was needed, and what served it."""

from msgspec import Struct


class Peak(Struct, frozen=True, kw_only=True):
    """The greatest power and when (the beginning of its second, minute or window)."""

    kw: float
    at_ms: int
    kva: float | None = None
    power_factor: float | None = None


class PhaseBalance(Struct, frozen=True, kw_only=True):
    """Currents of the load by phase: mean and greatest A; unbalance = max |I − mean| / mean of
    minutes (`over_…_min`: minutes in which it was over so many per cent)."""

    mean_a: tuple[float | None, float | None, float | None]
    max_a: tuple[float | None, float | None, float | None]
    neutral_max_a: float | None
    neutral_mean_a: float | None
    mean_kw: tuple[float | None, float | None, float | None]
    unbalance_mean_pct: float | None
    unbalance_max_pct: float | None
    over_10_min: float | None
    over_20_min: float | None


class Load(Struct, frozen=True, kw_only=True):
    """The load. Percentiles are of minute means, weighted by good time; `p5` is the base load. Only
    whole minutes and windows are peaks; one below the average, which is of all that was seen, is
    none."""

    kwh: float | None
    average_kw: float | None
    peak_1s: Peak | None
    peak_1min: Peak | None
    peak_window: Peak | None
    window_min: int
    load_factor: float | None
    p5_kw: float | None
    p50_kw: float | None
    p95_kw: float | None
    p99_kw: float | None
    p995_kw: float | None
    phases: PhaseBalance | None
    grid_peak_window: Peak | None


class SourceShare(Struct, frozen=True, kw_only=True):
    """One source's part of what was delivered to the load."""

    source: str
    kwh: float | None
    share_pct: float | None


class Sources(Struct, frozen=True, kw_only=True):
    """Where the load's energy came from: as delivered (grid, generator, pv, battery), and by
    origin (the battery's discharge counted as what charged it; `brought in` was in it before)."""

    delivered: tuple[SourceShare, ...] = ()
    origin: tuple[SourceShare, ...] = ()
    renewable_pct: float | None = None
