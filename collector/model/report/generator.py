"""What a generator did."""

from typing import Literal

from msgspec import Struct

FuelMethod = Literal["log", "metered", "curve", "none"]


class LoadBand(Struct, frozen=True, kw_only=True):
    """Hours that the set ran at `from_pct` to `to_pct` of its rating (None: no end)."""

    from_pct: float
    to_pct: float | None
    hours: float


class Generator(Struct, frozen=True, kw_only=True):
    """One set (one unit at one asset). `fuel_l` is by `fuel_method`, the best there is; the others
    stand beside it as checks. A tank's litres are of the set that it feeds."""

    asset: str
    name: str
    unit: str
    from_ms: int
    to_ms: int
    rated_kw: float | None
    hours: float | None
    log_hours: float | None
    starts: int | None
    kwh: float | None
    average_load_pct: float | None
    bands: tuple[LoadBand, ...]
    peak_kw: float | None
    peak_ms: int | None
    peak_pct: float | None
    fuel_l: float | None
    fuel_method: FuelMethod
    fuel_log_l: float | None
    fuel_metered_l: float | None
    fuel_curve_l: float | None
    cross_check_pct: float | None
    delivered_l: float | None
    kwh_per_l: float | None
    l_per_h: float | None
    idle_l: float | None
