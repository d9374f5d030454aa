"""What to bring next time. Internal."""

from msgspec import Struct


class Candidate(Struct, frozen=True, kw_only=True):
    """One set that was simulated against the measured load."""

    battery_kwh: float
    inverter_kva: float
    generator_kw: float
    generator_h: float
    starts: int
    fuel_l: float
    unserved_kwh: float
    soc_min_pct: float | None
    average_load_pct: float | None
    serves: bool


class Sizing(Struct, frozen=True, kw_only=True):
    """`smallest` serves all, with margin; `design_kw` is the P99.5 of the minutes × 1.25."""

    margin: float
    design_kw: float | None
    rule: str
    candidates: tuple[Candidate, ...] = ()
    smallest: Candidate | None = None
    actual: Candidate | None = None
