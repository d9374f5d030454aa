"""What was saved, against a stated baseline."""

from msgspec import Struct

from collector.model.event import UseCase


class Emission(Struct, frozen=True, kw_only=True):
    """kg CO2e of some litres; never added up."""

    scope1_kg: float | None
    well_to_tank_kg: float | None
    biogenic_kg: float | None
    grid_kg: float | None = None


class Side(Struct, frozen=True, kw_only=True):
    """What ran, or would have run."""

    generator_h: float | None = None
    fuel_l: float | None = None
    unserved_kwh: float | None = None
    demand_kw: float | None = None
    cost: float | None = None
    emission: Emission | None = None


class Saving(Struct, frozen=True, kw_only=True):
    """By use case; `valid` is false below the minimum coverage, and `why` says so. `stored_kwh` is
    how much less the battery holds than at the beginning (counted against the saving), with the
    litres that takes (`stored_l`)."""

    use_case: UseCase
    valid: bool
    why: str = ""
    baseline: str = ""
    baseline_default: bool = False
    baseline_changed: bool = False
    with_us: Side | None = None
    without_us: Side | None = None
    stored_kwh: float | None = None
    stored_l: float | None = None
    saved_l: float | None = None
    saved_h: float | None = None
    saved_money: float | None = None
    saved_demand_kw: float | None = None
    moved_kwh: float | None = None
    pv_kwh: float | None = None
    saved: Emission | None = None
    used: Emission | None = None
    currency: str = ""
    factor_source: str = ""
    factor_year: int | None = None
    method: str = ""
