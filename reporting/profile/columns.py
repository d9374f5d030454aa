"""The columns of `profile.csv`: what they are called, what they hold, in which unit.

One row for each UTC minute that the window touches. First the system as a whole, for people; then
each flow of record, `<asset>.<power>.<part>`, exactly: rollups keep powers in steps of 0.1 W and
integrals in steps of 0.1 W · ms, which are 0.0001 Ws. So whoever reads the file has the very
integers that the system's report was computed from. 3 600 000 Ws are 1 kWh.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct

from collector.model.catalogue import CATALOGUE

POWERS: Mapping[str, str] = MappingProxyType({
    "load": "load_power_w", "grid": "grid_power_w", "generator": "generator_power_w",
    "pv": "pv_power_w", "battery": "battery_power_w",
})  # fmt: skip
"""The whole's column prefix for each power."""


class Column(Struct, frozen=True, kw_only=True):
    """One column. `source` is the measurement of the catalogue that it comes from ("": none),
    `asset` who measured it ("": the system as a whole), `decimals` the most that are written."""

    name: str
    unit: str
    decimals: int
    text: str
    source: str = ""
    asset: str = ""


UTC, LOCAL, WINDOW = "time_utc", "time_local", "window_s"
SOC = "soc_pct"
BY_BALANCE = "by-balance"
"""The asset of a flow that nobody measures by itself: a load that follows from all others."""

TIMES: tuple[Column, ...] = (
    Column(name=UTC, unit="", decimals=0, text="Beginning of the minute, UTC (ISO 8601)."),
    Column(
        name=LOCAL,
        unit="",
        decimals=0,
        text="The same moment in the event's time zone, with its offset.",
    ),
    Column(
        name=WINDOW, unit="s", decimals=3, text="How much of the minute lies in the report's time."
    ),
)

GOOD, PLUS, MINUS, MIN, MAX = "good_s", "plus_ws", "minus_ws", "min_w", "max_w"

PARTS: tuple[tuple[str, str, int, str], ...] = (
    (GOOD, "s", 3, "Time in which it was seen"),
    (PLUS, "Ws", 4, "Integral of the positive values over that time"),
    (MINUS, "Ws", 4, "Integral of the negative values over that time, as a positive number"),
    (MIN, "W", 1, "Least value"),
    (MAX, "W", 1, "Greatest value"),
)
"""What is told of each flow: name, unit, decimals, text."""


def whole(prefix: str) -> tuple[Column, ...]:
    """The columns of one power of the system as a whole."""
    power = POWERS[prefix]
    what = CATALOGUE[power].text.rstrip(".")
    told = [("kw", "kW", f"{what}: mean over the time in which it was seen.")]
    if prefix == "load":
        told += [
            ("min_kw", "kW", f"{what}: least value (a bound where several meters are added)."),
            ("max_kw", "kW", f"{what}: greatest value (a bound where several meters are added)."),
        ]
    told.append((GOOD, "s", f"{what}: time in which it was seen."))
    return tuple(
        Column(name=f"{prefix}_{end}", unit=unit, decimals=3, text=text, source=power)
        for end, unit, text in told
    )


SOC_COLUMN = Column(
    name=SOC,
    unit="%",
    decimals=2,
    text="State of charge: mean of the batteries over the time in which they were seen.",
    source="battery_soc_pct",
)


def flow(asset: str, power: str) -> tuple[Column, ...]:
    """The columns of one flow of record, in the order of `PARTS`."""
    what = CATALOGUE[power].text.rstrip(".")
    return tuple(
        Column(
            name=f"{asset}.{power}.{part}",
            unit=unit,
            decimals=decimals,
            text=f"{text}. {what}, at {asset}.",
            source=power,
            asset=asset,
        )
        for part, unit, decimals, text in PARTS
    )


def columns(
    powers: Iterable[str], flows: Iterable[tuple[str, str]], *, soc: bool
) -> tuple[Column, ...]:
    """All columns of a system with these powers as a whole and these flows (asset, power)."""
    having = set(powers)
    found = list(TIMES)
    for prefix, power in POWERS.items():
        if power in having:
            found += whole(prefix)
    if soc:
        found.append(SOC_COLUMN)
    for asset, power in sorted(flows):
        found += flow(asset, power)
    return tuple(found)
