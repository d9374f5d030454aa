"""What each battery did."""

from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

from collector.model.report.battery import Battery
from collector.model.report.quality import Note
from collector.model.rollup import Rollup
from collector.model.rollup_keys import in_unit
from reporting.figures.clock import HOUR_MS
from reporting.figures.column import Column, column_of
from reporting.figures.flows import BATTERY, KWH, QUANTA_PER_KW, kwh_of, note, value_at_ends
from reporting.figures.stored import PER_PCT, SOC, battery_tracks
from reporting.measured.model import Measured, Track
from reporting.measured.rows import as_rows
from reporting.rounding import HOURS, VOLTS, kw, kwh, percent, rounded

LEAST_THROUGHPUT = 2.0
"""Round-trip efficiency needs so many times the change of the content as throughput (DESIGN §10):
below that the error of the state of charge decides it."""
LOW_PCT = 20
CYCLE_DECIMALS = 3


class BatteryFigures(NamedTuple):
    """One line for each battery, and what has to be said about them."""

    batteries: tuple[Battery, ...]
    notes: tuple[Note, ...]


def battery_figures(measured: Measured) -> BatteryFigures:
    """A line for each unit that stood at an asset with a battery.

    - throughput: what was discharged; full cycles = throughput ÷ rated capacity (equivalent full
      cycles, counted on the discharge as battery makers' warranties do);
    - stored energy = state of charge × rated capacity, at the first and last good reading;
    - round-trip efficiency = discharged ÷ (charged − change of the stored energy), only when
      throughput ≥ 2 × that change (DESIGN §10);
    - time below 20 % by minute means.
    """
    batteries, notes = [], []
    for track in battery_tracks(measured):
        if not track.rows:
            continue
        battery, said = _battery(measured, track)
        batteries.append(battery)
        notes += said
    return BatteryFigures(tuple(batteries), tuple(notes))


class _Soc(NamedTuple):
    first: float | None = None
    last: float | None = None
    least: float | None = None
    least_ms: int | None = None
    greatest: float | None = None
    below_h: float | None = None


def _soc(rows: Sequence[Rollup]) -> _Soc:
    column = column_of(rows, SOC)
    if not column:
        return _Soc()
    first, last = value_at_ends(rows, SOC)
    least = min(column.least)
    by_minute = column.by_minute()
    low = (mean < LOW_PCT * PER_PCT for mean in by_minute.means())
    return _Soc(
        first,
        last,
        least / PER_PCT,
        column.from_ms[column.least.index(least)],
        max(column.greatest) / PER_PCT,
        sum(compress(by_minute.good_ms, low)) / HOUR_MS,
    )


def _battery(measured: Measured, track: Track) -> tuple[Battery, list[Note]]:
    rows = as_rows(track.rows)
    soc = _soc(rows)
    charged, discharged = _energies(measured, track)
    capacity = track.asset.ratings.battery_kwh or None
    start, end = _content(soc.first, capacity), _content(soc.last, capacity)
    efficiency, said = _efficiency(track.asset.id, charged, discharged, start, end)
    power = column_of(rows, BATTERY)
    battery = Battery(
        asset=track.asset.id,
        name=track.asset.name,
        unit=track.unit,
        capacity_kwh=kwh(capacity),
        charged_kwh=kwh(charged),
        discharged_kwh=kwh(discharged),
        throughput_kwh=kwh(discharged),
        cycles=_cycles(discharged, capacity),
        soc_first_pct=percent(soc.first),
        soc_last_pct=percent(soc.last),
        soc_min_pct=percent(soc.least),
        soc_min_ms=soc.least_ms,
        soc_max_pct=percent(soc.greatest),
        below_20_h=rounded(soc.below_h, HOURS),
        stored_start_kwh=kwh(start),
        stored_end_kwh=kwh(end),
        efficiency_pct=percent(efficiency),
        max_charge_kw=_extreme(power, charging=True),
        max_discharge_kw=_extreme(power, charging=False),
        temperature_max_c=_greatest(rows, "battery_temperature_c"),
        cell_min_v=_cell(rows, "cell_voltage_min_v"),
        cell_max_v=_cell(rows, "cell_voltage_max_v"),
    )
    return battery, [*said, *_unknown(track, soc, capacity)]


def _energies(measured: Measured, track: Track) -> tuple[float | None, float | None]:
    """Charged and discharged kWh: of record, else the integrals of the power."""
    charged = kwh_of(measured, track, "battery_charged_kwh")
    discharged = kwh_of(measured, track, "battery_discharged_kwh")
    told = as_rows(track.rows).gauged(BATTERY)
    if told.from_ms and charged is None:
        charged = sum(told.pos) / KWH
    if told.from_ms and discharged is None:
        discharged = sum(told.neg) / KWH
    return charged, discharged


def _content(soc: float | None, capacity: float | None) -> float | None:
    return None if soc is None or capacity is None else soc / 100 * capacity


def _cycles(discharged: float | None, capacity: float | None) -> float | None:
    if discharged is None or capacity is None:
        return None
    return rounded(discharged / capacity, CYCLE_DECIMALS)


def _efficiency(
    asset: str,
    charged: float | None,
    discharged: float | None,
    start: float | None,
    end: float | None,
) -> tuple[float | None, list[Note]]:
    if charged is None or discharged is None or start is None or end is None:
        return None, []
    change = end - start
    passed = charged - change
    if discharged <= 0 or passed <= 0 or discharged < LEAST_THROUGHPUT * abs(change):
        text = (
            f"Only {discharged:.1f} kWh went through while the content changed by "
            f"{abs(change):.1f} kWh: too little to tell a round-trip efficiency (twice the change "
            "is needed)."
        )
        return None, [note("no-efficiency", text, asset)]
    if discharged > passed:
        text = (
            f"{discharged:.1f} kWh came out for {passed:.1f} kWh that went in and did not stay: "
            "state of charge, capacity and counters contradict each other, so there is no "
            "round-trip efficiency."
        )
        return None, [note("efficiency-impossible", text, asset, "warning")]
    return 100 * discharged / passed, []


def _extreme(power: Column, *, charging: bool) -> float | None:
    """The greatest power in or out, ≥ 0."""
    if not power:
        return None
    most = max(power.greatest) if charging else -min(power.least)
    return kw(max(0, most) / QUANTA_PER_KW)


def _greatest(rows: Sequence[Rollup], key: str) -> float | None:
    column = column_of(rows, key)
    return rounded(in_unit(key, max(column.greatest)), 1) if column else None


def _cell(rows: Sequence[Rollup], key: str) -> float | None:
    column = column_of(rows, key)
    if not column:
        return None
    value = min(column.least) if key == "cell_voltage_min_v" else max(column.greatest)
    return rounded(in_unit(key, value), VOLTS + 1)


def _unknown(track: Track, soc: _Soc, capacity: float | None) -> list[Note]:
    asset = track.asset.id
    if soc.first is None:
        return [note("no-soc", "No state of charge was read.", asset, "warning")]
    if capacity is None:
        text = "The battery's capacity is not known: no cycles, no stored energy, no efficiency."
        return [note("no-capacity", text, asset, "warning")]
    return []
