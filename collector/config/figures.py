"""Tables of node.toml for alarms, events and reports: thresholds, factors, prices, looks."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from collector.model.alarm import Rule

Percent = Annotated[float, Meta(ge=0, le=100, description="a percentage from 0 to 100")]
Excess = Annotated[float, Meta(ge=0, le=1000, description="a percentage from 0 to 1000")]
Amount = Annotated[float, Meta(ge=0, description="a number of 0 or more")]
Seconds = Annotated[float, Meta(ge=0, le=86400, description="seconds from 0 to 86400")]
Currency = Annotated[
    str, Meta(pattern=r"\A[A-Z]{3}\Z", description='a currency of three letters, like "USD"')
]
Clock = Annotated[
    str,
    Meta(
        pattern=r"\A(([01]\d|2[0-3]):[0-5]\d|24:00)\Z",
        description='a time of day like "07:00"',
    ),
]
Text = Annotated[str, Meta(max_length=200, description="text of at most 200 characters")]
Year = Annotated[int, Meta(ge=1990, le=2100, description="a year")]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class AlarmSettings(Struct, frozen=True, kw_only=True):
    """When an alarm is raised. `…_deviation_pct` counts from the nominal value, `overload_pct`
    from the rating; a value must stay beyond its limit for `delay_s`, and come back by
    `hysteresis_pct` of the limit, for `delay_s` too, before the alarm clears. `off` names rules
    that raise nothing."""

    soc_low_pct: Percent = 20.0
    fuel_low_pct: Percent = 20.0
    overload_pct: Excess = 100.0
    voltage_deviation_pct: Percent = 10.0
    frequency_deviation_pct: Percent = 5.0
    voltage_unbalance_pct: Percent = 3.0
    current_unbalance_pct: Percent = 30.0
    balance_residual_pct: Percent = 5.0
    stale_s: Seconds = 120.0
    sink_behind_min: Amount = 15.0
    disk_free_mb: Amount = 1024.0
    delay_s: Seconds = 10.0
    hysteresis_pct: Percent = 2.0
    off: tuple[Rule, ...] = ()


class FuelSettings(Struct, frozen=True, kw_only=True):
    """The fuel of generators without a curve of their own: litres an hour =
    `idle_l_per_h_per_kw` × rated kW + `slope_l_per_kwh` × kW. The defaults are the fit of the
    Diesel Service & Supply type chart for sets from 60 kW up; left at them, the chart itself counts
    for each size."""

    kind: Text = "diesel"
    idle_l_per_h_per_kw: Amount = 0.027
    slope_l_per_kwh: Amount = 0.247
    price_per_l: Amount | None = None


class CarbonSettings(Struct, frozen=True, kw_only=True):
    """Emission factors in kg CO2e, with where they come from. The default is diesel by the EPA
    GHG Emission Factors Hub; scope 1, well-to-tank and biogenic are never added up."""

    scope1_kg_per_l: Amount = 2.706
    well_to_tank_kg_per_l: Amount | None = None
    biogenic_kg_per_l: Amount | None = None
    grid_kg_per_kwh: Amount | None = None
    source: Text = "EPA GHG Emission Factors Hub"
    year: Year | None = None


class TariffBand(Struct, frozen=True, kw_only=True):
    """A price by time of day, in the event's time zone; `start` after `end` spans midnight."""

    name: Text
    start: Clock
    end: Clock
    energy_per_kwh: Amount
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class TariffSettings(Struct, frozen=True, kw_only=True):
    """What metered energy costs when no band says otherwise."""

    currency: Currency = "USD"
    energy_per_kwh: Amount | None = None
    demand_per_kw: Amount | None = None
    standing_per_day: Amount | None = None
    band: tuple[TariffBand, ...] = ()


class ReportSettings(Struct, frozen=True, kw_only=True):
    """How reports look and what they need. `logo` is a file beside node.toml."""

    company: Text = ""
    logo: Text = ""
    locale: Text = "en-US"
    demand_window_min: Literal[5, 10, 15, 20, 30, 60] = 15
    min_coverage_pct: Percent = 80.0
