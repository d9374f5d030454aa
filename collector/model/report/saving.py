"""What was saved, against a stated baseline."""

from msgspec import Struct

from collector.model.event import UseCase


class Emission(Struct, frozen=True, kw_only=True):
    """kg CO2e of some litres and of grid energy; the lines are never added up."""

    scope1_kg: float | None
    well_to_tank_kg: float | None
    biogenic_kg: float | None
    grid_kg: float | None = None


class FuelLine(Struct, frozen=True, kw_only=True):
    """Litres of one kind of fuel, what they emitted, and where the factors come from."""

    kind: str
    litres: float | None
    emission: Emission
    source: str = ""
    year: int | None = None


class Side(Struct, frozen=True, kw_only=True):
    """What ran, or would have run. `generator_h` adds up the hours of all sets; `demand_kw` is the
    greatest demand on the grid; `cost` what fuel and grid energy cost."""

    generator_h: float | None = None
    fuel_l: float | None = None
    unserved_kwh: float | None = None
    demand_kw: float | None = None
    demand_ms: int | None = None
    grid_kwh: float | None = None
    cost: float | None = None
    emission: Emission | None = None


class BandShift(Struct, frozen=True, kw_only=True):
    """Grid energy in one band of the tariff, with and without the battery (import − export)."""

    band: str
    price: float | None
    with_kwh: float
    without_kwh: float


class Saving(Struct, frozen=True, kw_only=True):
    """By use case; `valid` is false below the minimum coverage and where it cannot be told, and
    `why` says so.

    `stored_kwh` is how much less the battery holds than at the beginning, `stored_l` the litres
    (`stored_cost` the money) that this is worth: they are taken off the saving, so that what a
    battery brought along is not saved by it. `compared_h` are the hours that the comparison covers.
    `pv_kwh` is all that PV gave, `pv_offset_kwh` what of it took a generator's place.
    """

    use_case: UseCase
    valid: bool
    why: str = ""
    baseline: str = ""
    baseline_default: bool = False
    baseline_changed: bool = False
    coverage_pct: float | None = None
    compared_h: float | None = None
    served_kwh: float | None = None
    with_us: Side | None = None
    without_us: Side | None = None
    stored_kwh: float | None = None
    stored_l: float | None = None
    stored_cost: float | None = None
    saved_l: float | None = None
    saved_h: float | None = None
    saved_money: float | None = None
    saved_demand_kw: float | None = None
    moved_kwh: float | None = None
    pv_kwh: float | None = None
    pv_offset_kwh: float | None = None
    bands: tuple[BandShift, ...] = ()
    saved: Emission | None = None
    used: Emission | None = None
    fuels: tuple[FuelLine, ...] = ()
    currency: str = ""
    price_per_l: float | None = None
    factor_source: str = ""
    factor_year: int | None = None
    method: str = ""
