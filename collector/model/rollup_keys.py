"""The frozen numbers of the rollups: which number a key has in a packed row, and its quantum.

A row that was packed years ago must be read by every later program, so nothing here ever changes:
numbers are only added at the end, and a key that the catalogue no longer has keeps its number. A
test compares the whole table with a copy.

A *quantum* is the finest step that a rollup keeps of a measurement: `10 ** -decimals` of its unit.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple


class RowKey(NamedTuple):
    """How one key stands in packed rows."""

    number: int
    key: str
    type: Literal["gauge", "counter", "state"]
    decimals: int

    @property
    def scale(self) -> int:
        """How many quanta make a unit."""
        return int(10**self.decimals)


_L = ("", "L1", "L2", "L3")
_L_N = ("L1", "L2", "L3", "N")
_L_LL = ("L1", "L2", "L3", "L12", "L23", "L31")
_WHOLE = ("",)

_FROZEN: tuple[tuple[str, Literal["gauge", "counter", "state"], int, tuple[str, ...]], ...] = (
    ("load_power_w", "gauge", 1, _L),
    ("grid_power_w", "gauge", 1, _L),
    ("generator_power_w", "gauge", 1, _L),
    ("pv_power_w", "gauge", 1, _L),
    ("battery_power_w", "gauge", 1, _WHOLE),
    ("apparent_power_va", "gauge", 1, _L),
    ("reactive_power_var", "gauge", 1, _L),
    ("power_factor", "gauge", 3, _L),
    ("voltage_v", "gauge", 2, _L_LL),
    ("current_a", "gauge", 2, _L_N),
    ("frequency_hz", "gauge", 3, _WHOLE),
    ("voltage_unbalance_pct", "gauge", 2, _WHOLE),
    ("current_unbalance_pct", "gauge", 2, _WHOLE),
    ("voltage_thd_pct", "gauge", 2, _L),
    ("current_thd_pct", "gauge", 2, _L),
    ("battery_soc_pct", "gauge", 2, _WHOLE),
    ("battery_soh_pct", "gauge", 2, _WHOLE),
    ("battery_voltage_v", "gauge", 3, _WHOLE),
    ("battery_current_a", "gauge", 2, _WHOLE),
    ("battery_temperature_c", "gauge", 2, _WHOLE),
    ("cell_voltage_min_v", "gauge", 4, _WHOLE),
    ("cell_voltage_max_v", "gauge", 4, _WHOLE),
    ("time_to_go_s", "gauge", 0, _WHOLE),
    ("charge_limit_a", "gauge", 1, _WHOLE),
    ("discharge_limit_a", "gauge", 1, _WHOLE),
    ("load_energy_kwh", "counter", 4, _WHOLE),
    ("grid_import_kwh", "counter", 4, _WHOLE),
    ("grid_export_kwh", "counter", 4, _WHOLE),
    ("generator_energy_kwh", "counter", 4, _WHOLE),
    ("pv_energy_kwh", "counter", 4, _WHOLE),
    ("battery_charged_kwh", "counter", 4, _WHOLE),
    ("battery_discharged_kwh", "counter", 4, _WHOLE),
    ("generator_run_s", "counter", 1, _WHOLE),
    ("generator_starts", "counter", 0, _WHOLE),
    ("fuel_level_pct", "gauge", 2, _WHOLE),
    ("fuel_remaining_l", "gauge", 2, _WHOLE),
    ("engine_speed_rpm", "gauge", 1, _WHOLE),
    ("engine_load_pct", "gauge", 2, _WHOLE),
    ("coolant_temperature_c", "gauge", 2, _WHOLE),
    ("oil_pressure_kpa", "gauge", 1, _WHOLE),
    ("inverter_state", "state", 0, _WHOLE),
    ("inverter_mode", "state", 0, _WHOLE),
    ("ac_source", "state", 0, _WHOLE),
    ("battery_state", "state", 0, _WHOLE),
    ("generator_state", "state", 0, _WHOLE),
    ("pv_state", "state", 0, _WHOLE),
)


def _numbered() -> tuple[RowKey, ...]:
    keys = [
        (f"{name}.{phase}" if phase else name, kind, decimals)
        for name, kind, decimals, phases in _FROZEN
        for phase in phases
    ]
    return tuple(RowKey(number, *key) for number, key in enumerate(keys))


ROW_KEYS: tuple[RowKey, ...] = _numbered()
"""Every key that a row can hold, at the place that is its number."""

BY_KEY: Mapping[str, RowKey] = MappingProxyType({row_key.key: row_key for row_key in ROW_KEYS})


def quanta(key: str, value: float) -> int:
    """`value` in quanta of `key`, to the nearest. `value` is finite, `key` a key of rows."""
    return round(value * BY_KEY[key].scale)


def in_unit(key: str, count: float) -> float:
    """`count` quanta of `key` in its measurement's unit."""
    return count / BY_KEY[key].scale
