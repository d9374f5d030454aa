"""A row for each show day."""

from msgspec import Struct


class Day(Struct, frozen=True, kw_only=True):
    """One day in the event's zone (`day` is YYYY-MM-DD), as far as it lies in the window.

    Energies of the days sum to those of record. `peak_kw` is the greatest demand window that begins
    on that day, and `peak_ms` when; `battery_kwh` what was discharged. Litres are those of record,
    spread as the curve spreads them."""

    day: str
    from_ms: int
    to_ms: int
    coverage_pct: float | None
    load_kwh: float | None
    grid_kwh: float | None
    generator_kwh: float | None
    pv_kwh: float | None
    battery_kwh: float | None
    peak_kw: float | None
    peak_ms: int | None
    generator_h: float | None
    fuel_l: float | None
    soc_min_pct: float | None
