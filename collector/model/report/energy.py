"""Energies by flow, and whether they balance."""

from msgspec import Struct


class FlowEnergy(Struct, frozen=True, kw_only=True):
    """One flow of record. `gap_kwh` is part of `kwh`; `checks` measure the same flow."""

    asset: str
    name: str
    flow: str
    kwh: float | None
    gap_kwh: float | None
    uncertainty_kwh: float | None
    counted: bool
    same_as: str = ""
    behind: str = ""
    deviation_pct: float | None = None


class Remainder(Struct, frozen=True, kw_only=True):
    """What a parent has beyond its sub-meters: unmetered and losses."""

    parent: str
    children: tuple[str, ...]
    flow: str
    kwh: float | None


class Energy(Struct, frozen=True, kw_only=True):
    """Totals by the totals rule; `flow` names are of the catalogue (load_energy_kwh …).

    `class_unknown`: the totals (load_kwh …) in which a meter counts whose accuracy class nobody
    knows; their uncertainty leaves its error out.
    Balance: grid import + generator + pv + discharge = load + charge + export + residual.
    `losses_kwh`: conversion losses where they can be told (charge − discharge − ΔSOC).
    """

    load_kwh: float | None
    grid_import_kwh: float | None
    grid_export_kwh: float | None
    generator_kwh: float | None
    pv_kwh: float | None
    charged_kwh: float | None
    discharged_kwh: float | None
    uncertainty: dict[str, float | None]
    stored_start_kwh: float | None
    stored_end_kwh: float | None
    battery_losses_kwh: float | None
    residual_kwh: float | None
    residual_pct: float | None
    flows: tuple[FlowEnergy, ...] = ()
    remainders: tuple[Remainder, ...] = ()
    class_unknown: tuple[str, ...] = ()
