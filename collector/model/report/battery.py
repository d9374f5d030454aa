"""What a battery did."""

from msgspec import Struct


class Battery(Struct, frozen=True, kw_only=True):
    """One battery. `efficiency_pct` only when throughput ≥ 2 × |ΔSOC|. Hours below 20 %."""

    asset: str
    name: str
    unit: str
    capacity_kwh: float | None
    charged_kwh: float | None
    discharged_kwh: float | None
    throughput_kwh: float | None
    cycles: float | None
    soc_first_pct: float | None
    soc_last_pct: float | None
    soc_min_pct: float | None
    soc_min_ms: int | None
    soc_max_pct: float | None
    below_20_h: float | None
    stored_start_kwh: float | None
    stored_end_kwh: float | None
    efficiency_pct: float | None
    max_charge_kw: float | None
    max_discharge_kw: float | None
    temperature_max_c: float | None
    cell_min_v: float | None
    cell_max_v: float | None
