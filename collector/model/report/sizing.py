"""What to bring next time. Internal."""

from msgspec import Struct

from collector.model.report.quality import Note


class Candidate(Struct, frozen=True, kw_only=True):
    """One set that was simulated against the measured load. `generator_h` and `fuel_l` include
    filling the battery again to what it held at the beginning. `serves`: all of the load, also with
    the margin; `unserved_kwh` is of the load as it was measured."""

    battery_kwh: float
    inverter_kva: float
    generator_kw: float
    generator_h: float
    starts: int
    fuel_l: float
    unserved_kwh: float
    soc_min_pct: float | None
    average_load_pct: float | None
    serves: bool


class Sizing(Struct, frozen=True, kw_only=True):
    """`smallest` is the smallest set with a battery that serves all, with margin; `alone` the
    smallest generator that does so by itself; `actual` what stood there, simulated like the others.
    `candidates`: of each size of generator the one alone, the smallest with a battery and the one
    of least fuel, of those that serve; `tried` how many were simulated. `design_kw` is the P99.5 of
    the minutes × `margin`; `phase_factor` what the heaviest phase carried against a third of all.
    `rule` says how the sets were run; `notes` are as internal as the rest."""

    margin: float
    design_kw: float | None
    rule: str
    peak_kw: float | None = None
    seen_h: float | None = None
    step_min: int | None = None
    phase_factor: float | None = None
    tried: int = 0
    candidates: tuple[Candidate, ...] = ()
    smallest: Candidate | None = None
    alone: Candidate | None = None
    actual: Candidate | None = None
    notes: tuple[Note, ...] = ()
