"""The tables of an export: their columns, typed, each with its unit and where it comes from.

- `minutes`: a row for each system and minute, wide: every system has the same few quantities.
- `flows`: a row for each flow of record and minute, long: systems have any number of meters.
- `assets`: a row for each asset, minute and measurement, long: no two kinds of asset have the same
  measurements, and a wide table would be mostly empty.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from reporting.profile.columns import POWERS, SOC_COLUMN, TIMES, WINDOW, whole

Kind = Literal["text", "time", "real", "whole"]
Values = Sequence[object]


class Field(Struct, frozen=True, kw_only=True):
    """One column. `source` is a measurement of the catalogue, or ""; times are UTC ms."""

    name: str
    kind: Kind
    unit: str = ""
    text: str
    source: str = ""


class TableSpec(Struct, frozen=True, kw_only=True):
    """One table: a file of each format."""

    name: str
    text: str
    fields: tuple[Field, ...]


Chunk = Mapping[str, Values]
"""Rows of a table by column, all of one length; None is *not known*."""

WHO = (
    Field(name="node", kind="text", text="The node that measured it."),
    Field(name="system", kind="text", text="The system, by its id on that node."),
    Field(name="report", kind="text", text="The id of the system's report (its participation)."),
)
TIME = Field(name="time_utc", kind="time", text="Beginning of the UTC minute.")
LOCAL = Field(name="time_local", kind="text", text=TIMES[1].text)
WITHIN = Field(name=WINDOW, kind="real", unit="s", text=TIMES[2].text)

MINUTES = TableSpec(
    name="minutes",
    text="Each system as a whole, as its report has it (corrections applied).",
    fields=(
        *WHO,
        TIME,
        LOCAL,
        WITHIN,
        *(
            Field(
                name=column.name, kind="real", unit=column.unit, text=column.text,
                source=column.source,
            )
            for prefix in POWERS
            for column in whole(prefix)
        ),
        Field(
            name=SOC_COLUMN.name, kind="real", unit=SOC_COLUMN.unit, text=SOC_COLUMN.text,
            source=SOC_COLUMN.source,
        ),
    ),
)  # fmt: skip

FLOWS = TableSpec(
    name="flows",
    text="Each flow of record, as its system's report has it (corrections applied). Add up only "
    "what counts: plus_kwh × counts_s ÷ window_s.",
    fields=(
        *WHO,
        Field(name="asset", kind="text", text="The measuring place; by-balance: none."),
        Field(name="measurement", kind="text", text="The power, by its name in the catalogue."),
        TIME,
        WITHIN,
        Field(name="good_s", kind="real", unit="s", text="Time in which it was seen."),
        Field(
            name="counts_s", kind="real", unit="s",
            text="Time in which it counts in the event's totals: a flow that another meter of the "
            "event has too counts there only.",
        ),
        Field(name="mean_w", kind="real", unit="W", text="Mean while it was seen."),
        Field(name="min_w", kind="real", unit="W", text="Least value."),
        Field(name="max_w", kind="real", unit="W", text="Greatest value."),
        Field(
            name="plus_kwh", kind="real", unit="kWh",
            text="Integral of the positive values while it was seen.",
        ),
        Field(
            name="minus_kwh", kind="real", unit="kWh",
            text="Integral of the negative values while it was seen, as a positive number.",
        ),
    ),
)  # fmt: skip

ASSETS = TableSpec(
    name="assets",
    text="Every measurement of every asset as it was stored: corrections are not applied.",
    fields=(
        *WHO,
        Field(name="asset", kind="text", text="The measuring place."),
        Field(name="kind", kind="text", text="What it measured then."),
        Field(
            name="time_utc", kind="time",
            text="Beginning of the stretch: a UTC minute, cut where a system joined or left.",
        ),
        Field(name="span_s", kind="real", unit="s", text="Length of the stretch."),
        Field(name="measurement", kind="text", text="Its name in the catalogue."),
        Field(name="phase", kind="text", text="L1 L2 L3 N L12 L23 L31, or empty: the whole."),
        Field(name="unit", kind="text", text="Of mean, min, max, first and last."),
        Field(name="good_s", kind="real", unit="s", text="Time in which it was good."),
        Field(name="mean", kind="real", text="Of a gauge: mean over that time."),
        Field(name="min", kind="real", text="Of a gauge: least value."),
        Field(name="max", kind="real", text="Of a gauge: greatest value."),
        Field(name="first", kind="real", text="At the begin; of counters the node's own total."),
        Field(name="last", kind="real", text="At the end; of counters the node's own total."),
        Field(name="state", kind="whole", text="Of a state: its value; good_s is for how long."),
        Field(name="entries", kind="whole", text="Of a state: how often it turned to it."),
    ),
)  # fmt: skip

TABLES = (MINUTES, FLOWS, ASSETS)
