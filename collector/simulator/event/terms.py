"""What was agreed with the client of the scripted show. Names, prices and people are made up."""

from typing import Any

from collector.model.event import Event, SystemUse, UseCase
from collector.model.terms import (
    Account,
    Baseline,
    BaselineSet,
    CarbonTerms,
    FuelTerms,
    PriceBand,
    Share,
    TariffTerms,
    Terms,
)

ZONE = "America/Los_Angeles"
NODE: dict[str, Any] = {
    "node": {
        "id": "ovr-node-07",
        "site": "Golden Mesa fairground",
        "timezone": ZONE,
        "latitude": 33.68,
        "longitude": -116.24,
    },
    "journal": {"cap_mb": 256},
}
"""node.toml."""

UNITS: dict[str, dict[str, Any]] = {
    "bess-1": {"unit_no": "B-031"},
    "bess-1.genset": {"unit_no": "G-117"},
    "gen-1": {"unit_no": "G-117"},
    "bess-2": {"unit_no": "B-018"},
    "bess-2.genset": {"unit_no": "G-088"},
    "bess-3": {"unit_no": "B-044"},
    "bess-4": {"unit_no": "B-052"},
    "stage-1": {"account": "production", "accuracy_class": "0.5S"},
    "stage-2": {"account": "production", "accuracy_class": "0.5S"},
    "load-1": {"accuracy_class": "0.5S"},
}
"""What registry.toml says of assets beside what the site gives."""

TARIFF = TariffTerms(
    currency="USD",
    energy_per_kwh=0.21,
    demand_per_kw=18.5,
    standing_per_day=25.0,
    bands=(PriceBand(name="on-peak", start="16:00", end="21:00", energy_per_kwh=0.46),),
)

TERMS = Terms(
    fuel=FuelTerms(price_per_l=1.38),
    carbon=CarbonTerms(
        scope1_kg_per_l=2.706,
        well_to_tank_kg_per_l=0.627,
        grid_kg_per_kwh=0.225,
        source="EPA GHG Emission Factors Hub; well-to-tank: DESNZ",
        year=2025,
    ),
    tariff=TARIFF,
    baseline=Baseline(
        sets=(
            BaselineSet(name="60 kVA diesel at the main stage", rated_kw=48.0),
            BaselineSet(name="45 kVA diesel at the Sahara tent", rated_kw=36.0),
        ),
        note="agreed with the client's production",
    ),
    accounts=(
        Account(id="production", name="Golden Mesa Presents"),
        Account(id="vendors", name="Mesa Food Vendors"),
    ),
    shares=(
        Share(asset="load-1", account="vendors", percent=70.0),
        Share(asset="load-1", account="production", percent=25.0),
    ),
)


def _set(name: str, kw: float) -> Baseline:
    return Baseline(
        sets=(BaselineSet(name=name, rated_kw=kw),), note="agreed with the client's production"
    )


SYSTEMS = (
    SystemUse(
        system="bess-1",
        use_case=UseCase.HYBRIDIZATION,
        baseline=_set("60 kVA diesel, day and night", 48.0),
    ),
    SystemUse(
        system="bess-2",
        use_case=UseCase.PV_OFFSET,
        baseline=_set("45 kVA diesel, day and night", 36.0),
    ),
    SystemUse(system="bess-3", use_case=UseCase.PEAK_SHAVING),
    SystemUse(system="bess-4", use_case=UseCase.TIME_SHIFTING),
    SystemUse(system="load-1"),
)


def draft(from_ms: int, to_ms: int) -> Event:
    """The event as it is entered."""
    return Event(
        id="",
        name="Golden Mesa Weekend",
        job="OES-2026-117",
        client="Golden Mesa Presents LLC",
        site="Golden Mesa fairground, Indio CA",
        timezone=ZONE,
        locale="en-US",
        notes="Gate code 4471; the generator of the main stage is on loan from the yard.",
        client_notes="All times are local; the clocks go back on Sunday at 02:00.",
        planned_from_ms=from_ms,
        planned_to_ms=to_ms,
        terms=TERMS,
        systems=SYSTEMS,
        created_ms=0,
        changed_ms=0,
    )
