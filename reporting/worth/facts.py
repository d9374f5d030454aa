"""What a saving is reckoned from: minute flows of a system or of a whole event, and its terms.

The same for one system and for an event's systems together: whoever has combined the flows, each
counted once, gets the combined saving from the same functions (never the sum of savings).
"""

from collections.abc import Mapping, Sequence
from math import fsum

from msgspec import Struct

from collector.model.event import Change, Event, UseCase
from collector.model.report.energy import Energy
from collector.model.report.generator import Generator
from collector.model.report.quality import Note, NoteLevel
from collector.model.said import LogEntry
from collector.model.terms import Baseline
from reporting.fuel import Curve
from reporting.measured.model import MINUTE_MS, Measured, Minutes
from reporting.worth.changed import later_changes

LOAD, GRID, GENERATOR, PV, BATTERY = (
    "load_power_w",
    "grid_power_w",
    "generator_power_w",
    "pv_power_w",
    "battery_power_w",
)
HOUR_MS = 3_600_000
PER_KWH = 10_000 * HOUR_MS
"""Quanta (0.1 W) times ms in a kilowatt-hour."""


class RunningSet(Struct, frozen=True, kw_only=True):
    """A set that stood at an asset for a time: its curve (empty: not known), and what the asset
    gave by minute."""

    asset: str
    curve: Curve
    power: Minutes
    from_ms: int
    to_ms: int


class Facts(Struct, frozen=True, kw_only=True):
    """What savings are reckoned from.

    `starts_ms` are UTC minutes, `window_ms` how much of each lies in the time (as long). `flows` as
    in `Measured`. `energy` has the totals of record, gap energy among them. `has_battery`: there is
    one, whether or not it was seen. `baseline_changes` were made after the start. `log` counts for
    the kinds of fuel.
    """

    event: Event
    use_case: UseCase
    baseline: Baseline
    baseline_changes: Sequence[Change] = ()
    from_ms: int
    to_ms: int
    starts_ms: Sequence[int]
    window_ms: Sequence[int]
    flows: Mapping[str, Minutes]
    energy: Energy
    generators: Sequence[Generator] = ()
    sets: Sequence[RunningSet] = ()
    has_battery: bool = False
    log: Sequence[LogEntry] = ()
    coverage_pct: float | None = None

    def kw(self, power: str, index: int) -> float | None:
        """The mean of a power in one minute; None where it was not seen."""
        flow = self.flows.get(power)
        return None if flow is None else flow.mean_kw(index)

    def fuel_l(self) -> float | None:
        """Litres of record of all sets; 0 without a set and of one that never ran, None where one's
        are not known."""
        return _total([0.0 if one.hours == 0 else one.fuel_l for one in self.generators])

    def generator_h(self) -> float | None:
        """Hours of all sets together; 0 without a set, None where one's are not known."""
        return _total([one.hours for one in self.generators])

    def drawn_kwh(self) -> float | None:
        """How much less the batteries hold at the end than at the beginning (negative: more).

        The content at both ends by state of charge × capacity; at least what came out of them
        beyond what went in, for that was in them before. 0 without a battery; None when neither
        content nor flows are known.
        """
        energy = self.energy
        if not self.has_battery:
            return 0.0
        out = None
        if energy.discharged_kwh is not None and energy.charged_kwh is not None:
            out = energy.discharged_kwh - energy.charged_kwh
        if energy.stored_start_kwh is None or energy.stored_end_kwh is None:
            return None if out is None else max(0.0, out)
        less = energy.stored_start_kwh - energy.stored_end_kwh
        return less if out is None else max(less, out)

    def unexplained_pct(self) -> float:
        """How much of the load came from no source that was measured, in per cent of it (0 where
        the load is not known): what the balance of energies lacks on the side of the sources."""
        energy = self.energy
        if not energy.load_kwh or energy.load_kwh <= 0:
            return 0.0
        sources = (energy.grid_import_kwh, energy.generator_kwh, energy.pv_kwh)
        given = fsum(one or 0.0 for one in (*sources, energy.discharged_kwh))
        taken = fsum(one or 0.0 for one in (energy.charged_kwh, energy.grid_export_kwh))
        return max(0.0, 100 * (energy.load_kwh + taken - given) / energy.load_kwh)

    def gap_load_kwh(self) -> float:
        """What the counters of the load rose while nobody saw its power."""
        return fsum(
            flow.gap_kwh or 0.0
            for flow in self.energy.flows
            if flow.counted and flow.flow == "load_energy_kwh"
        )


def means_kw(flow: Minutes) -> list[float | None]:
    """The mean of each minute over its good time, kW; None where it was not seen."""
    return [
        (pos - neg) / good / 10_000 if good else None
        for pos, neg, good in zip(flow.pos, flow.neg, flow.good_ms, strict=True)
    ]


def note(code: str, text: str, level: NoteLevel = "info") -> Note:
    """One thing to be said of a saving."""
    return Note(code=code, level=level, about="saving", text=text)


def windows_of(starts_ms: Sequence[int], from_ms: int, to_ms: int) -> list[int]:
    """How much of each minute lies in [from_ms, to_ms)."""
    return [max(0, min(at + MINUTE_MS, to_ms) - max(at, from_ms)) for at in starts_ms]


def facts_of(
    measured: Measured,
    generators: Sequence[Generator],
    sets: Sequence[RunningSet],
    *,
    has_battery: bool,
) -> Facts:
    """The facts of one system's window."""
    inputs = measured.inputs
    use = inputs.event.use_of(inputs.system)
    return Facts(
        event=inputs.event,
        use_case=inputs.use_case,
        baseline=use.baseline if use.baseline is not None else inputs.event.terms.baseline,
        baseline_changes=later_changes(inputs.event, inputs.changes, inputs.system),
        from_ms=inputs.from_ms,
        to_ms=inputs.to_ms,
        starts_ms=measured.starts_ms,
        window_ms=windows_of(measured.starts_ms, inputs.from_ms, inputs.to_ms),
        flows=measured.flows,
        energy=measured.energy,
        generators=generators,
        sets=sets,
        has_battery=has_battery,
        log=inputs.log,
        coverage_pct=measured.quality.coverage_pct,
    )


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fsum(known) if len(known) == len(values) else None
