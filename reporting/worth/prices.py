"""What grid energy costs, by the tariff's bands in the event's zone."""

from collections.abc import Sequence
from math import fsum
from zoneinfo import ZoneInfo

from collector.model.terms import TariffTerms
from reporting.worth.facts import GRID, HOUR_MS, Facts
from reporting.worth.hours import Bands, Span


class Prices:
    """A tariff over a time. A band's price goes before the tariff's own; None: nobody gave one."""

    def __init__(self, zone: str, tariff: TariffTerms, window: Span) -> None:
        self.tariff = tariff
        self.bands = Bands(ZoneInfo(zone), tariff.bands, window)

    @property
    def known(self) -> bool:
        """Whether there is any price for energy."""
        return bool(self.tariff.bands) or self.tariff.energy_per_kwh is not None

    def of(self, band: int | None) -> float | None:
        """The price of a kWh in a band (None: in no band)."""
        return (
            self.tariff.energy_per_kwh if band is None else self.tariff.bands[band].energy_per_kwh
        )

    def name(self, band: int | None) -> str:
        """The band's name; empty in no band."""
        return "" if band is None else self.tariff.bands[band].name

    def at(self, at_ms: int) -> float | None:
        """The price of a kWh at a moment of the time."""
        return self.of(self.bands.at(at_ms))


def prices_of(facts: Facts) -> Prices:
    """The event's tariff over the facts' time."""
    window = Span(facts.from_ms, facts.to_ms)
    return Prices(facts.event.timezone, facts.event.terms.tariff, window)


def import_kw(facts: Facts) -> Sequence[float | None]:
    """What came from the grid by minute, kW ≥ 0; None where it was not seen."""
    known = [facts.kw(GRID, index) for index in range(len(facts.starts_ms))]
    return [None if kw is None else max(0.0, kw) for kw in known]


def grid_cost(facts: Facts, prices: Prices) -> float | None:
    """What the energy from the grid cost: minute by minute at the price of the minute; what came
    in gaps, and what register and minutes differ by, at the mean price of the rest. 0 without any
    energy from the grid; None where a price is missing."""
    total = facts.energy.grid_import_kwh
    if GRID not in facts.flows or total == 0:
        return 0.0
    seen: list[float] = []
    cost: list[float] = []
    for at, window, kw in zip(facts.starts_ms, facts.window_ms, import_kw(facts), strict=True):
        if kw is None or kw == 0:
            continue
        price = prices.at(at)
        if price is None:
            return None
        seen.append(kw * window / HOUR_MS)
        cost.append(seen[-1] * price)
    kwh = fsum(seen)
    if kwh == 0:
        return 0.0 if not total else None
    return fsum(cost) * (1.0 if total is None else total / kwh)
