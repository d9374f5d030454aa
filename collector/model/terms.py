"""What an event's figures are judged by: fuel, emission factors, tariff, baseline, who pays.

Entered with the event (defaults: node.toml) and printed with every figure that they touch.
"""

from typing import Literal

from msgspec import Struct

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY_DAY: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

FuelCurve = tuple[tuple[float, float], ...]
"""Points (kW, litres an hour) of a set that runs, rising in both."""


class FuelTerms(Struct, frozen=True, kw_only=True):
    """The fuel of generators without a curve of their own: litres an hour =
    `idle_l_per_h_per_kw` × rated kW + `slope_l_per_kwh` × kW; left at these defaults, the chart of
    `reporting.fuel` counts for each size. `price_per_l` is in the tariff's
    currency; None: nobody has said."""

    kind: str = "diesel"
    idle_l_per_h_per_kw: float = 0.027
    slope_l_per_kwh: float = 0.247
    price_per_l: float | None = None


class CarbonTerms(Struct, frozen=True, kw_only=True):
    """Emission factors in kg CO2e, with where they come from. Scope 1, well-to-tank and biogenic
    are never added up."""

    scope1_kg_per_l: float = 2.706
    well_to_tank_kg_per_l: float | None = None
    biogenic_kg_per_l: float | None = None
    grid_kg_per_kwh: float | None = None
    source: str = "EPA GHG Emission Factors Hub"
    year: int | None = None


class FuelKind(Struct, frozen=True, kw_only=True):
    """Another kind of fuel than the event's usual one (HVO beside diesel), with its own factors in
    kg CO2e a litre. Deliveries in the log name it."""

    kind: str
    scope1_kg_per_l: float | None = None
    well_to_tank_kg_per_l: float | None = None
    biogenic_kg_per_l: float | None = None
    price_per_l: float | None = None
    source: str = ""
    year: int | None = None


class PriceBand(Struct, frozen=True, kw_only=True):
    """A price by time of day in the event's zone ("HH:MM"); `start` after `end` spans midnight and
    belongs to the day on which it begins."""

    name: str
    start: str
    end: str
    energy_per_kwh: float
    days: tuple[Weekday, ...] = EVERY_DAY


class TariffTerms(Struct, frozen=True, kw_only=True):
    """What metered energy costs; a band's price goes before `energy_per_kwh`."""

    currency: str = "USD"
    energy_per_kwh: float | None = None
    demand_per_kw: float | None = None
    standing_per_day: float | None = None
    bands: tuple[PriceBand, ...] = ()


class BaselineSet(Struct, frozen=True, kw_only=True):
    """A generator that would have run without us: `count` sets of `rated_kw`, from `start` to
    `end` of each day in the event's zone (all day: 00:00 to 24:00). Without a curve that of its
    size."""

    name: str
    rated_kw: float
    count: int = 1
    start: str = "00:00"
    end: str = "24:00"
    fuel_curve: FuelCurve = ()


class Baseline(Struct, frozen=True, kw_only=True):
    """What would have served the load otherwise. Without sets the default rule counts, which says
    so. `demand_per_kw` and grid terms come from the tariff."""

    sets: tuple[BaselineSet, ...] = ()
    note: str = ""


class Account(Struct, frozen=True, kw_only=True):
    """Who pays; `tariff` where it is not the event's."""

    id: str
    name: str = ""
    tariff: TariffTerms | None = None


class Share(Struct, frozen=True, kw_only=True):
    """`percent` of what `asset` measures is paid by `account`; what is left is named as such."""

    asset: str
    account: str
    percent: float


class Terms(Struct, frozen=True, kw_only=True):
    """All terms of an event."""

    fuel: FuelTerms = FuelTerms()
    carbon: CarbonTerms = CarbonTerms()
    fuels: tuple[FuelKind, ...] = ()
    tariff: TariffTerms = TariffTerms()
    baseline: Baseline = Baseline()
    accounts: tuple[Account, ...] = ()
    shares: tuple[Share, ...] = ()
    demand_window_min: int = 15
    min_coverage_pct: float = 80.0
