"""What the plant truly did between two moments: energies, peaks, hours, by system."""

from collections.abc import Mapping

from msgspec import Struct

from collector.simulator.physics.bess import Bess
from collector.simulator.physics.direct import Field, MainsLoad
from collector.simulator.physics.plant import Part
from collector.simulator.truth import since, take, whole
from collector.simulator.virtual.site import VirtualSite

WINDOW_MS = 15 * 60_000
MINUTE_MS = 60_000
ENERGIES = {
    "load_kwh": "load_energy_kwh",
    "generator_kwh": "generator_energy_kwh",
    "grid_import_kwh": "grid_import_kwh",
    "grid_export_kwh": "grid_export_kwh",
    "pv_kwh": "pv_energy_kwh",
    "charged_kwh": "battery_charged_kwh",
    "discharged_kwh": "battery_discharged_kwh",
}
"""Figures of a report's energies, with the plant's key for each."""


class Moment(Struct, frozen=True, kw_only=True):
    """The plant at a tick: energies of one system since the site was made, engine hours, what is
    stored, litres burnt."""

    at_ms: int
    energy: Mapping[str, float]
    run_h: float = 0.0
    stored_kwh: float = 0.0
    burnt_l: float = 0.0


class Facts(Struct, frozen=True, kw_only=True):
    """What is true of a window. Peaks are of the load, in kW: of whole UTC minutes, and of whole
    windows of 15 minutes on the clock; None where there is no whole one."""

    energy: Mapping[str, float]
    average_kw: float
    peak_1min_kw: float | None
    peak_15min_kw: float | None
    run_h: float
    stored_start_kwh: float
    stored_end_kwh: float
    burnt_l: float


class Ledger:
    """Notes what is true at each whole minute; `note` it at each tick, after the tick.

    Peaks of a minute are of the powers at the ticks, each of which holds until the next one: what
    happens between two ticks of several seconds nobody can have seen.
    """

    def __init__(self, site: VirtualSite, parts: Mapping[str, Part]) -> None:
        """`parts` are the parts of the plant by the system that measures them."""
        self._site = site
        self._parts = parts
        self._minutes: dict[str, dict[int, Moment]] = {name: {} for name in parts}
        self.systems = frozenset(parts)
        """Of which the plant knows the truth."""
        self._sampled: dict[str, dict[int, list[float]]] = {name: {} for name in parts}
        self._zero = take(site.plant, site.layout.truth)

    def note(self, at_ms: int) -> None:
        """A tick, to which all figures belong."""
        minute_ms = at_ms // MINUTE_MS * MINUTE_MS
        for system, part in self._parts.items():
            watts = whole(part).get("load_power_w", 0.0)
            self._sampled[system].setdefault(minute_ms, []).append(watts)
            if at_ms == minute_ms:
                self._minutes[system][at_ms] = self.now(system, at_ms)

    def now(self, system: str, at_ms: int) -> Moment:
        """A system at this moment."""
        part = self._parts[system]
        genset = None if isinstance(part, Field | MainsLoad) else part.genset
        battery = part.battery if isinstance(part, Bess | Field) else None
        return Moment(
            at_ms=at_ms,
            energy={figure: whole(part).get(key, 0.0) for figure, key in ENERGIES.items()},
            run_h=0.0 if genset is None else genset.run_s / 3600,
            stored_kwh=0.0 if battery is None else battery.stored_wh / 1000,
            burnt_l=0.0 if genset is None else genset.burnt_l,
        )

    def between(self, system: str, first: Moment, last: Moment) -> Facts:
        """What is true of a system from one moment to another."""
        energy = {name: last.energy[name] - kwh for name, kwh in first.energy.items()}
        return Facts(
            energy=energy,
            average_kw=energy["load_kwh"] / ((last.at_ms - first.at_ms) / 3_600_000),
            peak_1min_kw=self._highest_minute(system, first.at_ms, last.at_ms),
            peak_15min_kw=self._peak(system, first.at_ms, last.at_ms, WINDOW_MS),
            run_h=last.run_h - first.run_h,
            stored_start_kwh=first.stored_kwh,
            stored_end_kwh=last.stored_kwh,
            burnt_l=last.burnt_l - first.burnt_l,
        )

    def _highest_minute(self, system: str, from_ms: int, to_ms: int) -> float | None:
        means = [
            sum(watts) / len(watts) / 1000
            for minute_ms, watts in self._sampled[system].items()
            if from_ms <= minute_ms and minute_ms + MINUTE_MS <= to_ms
        ]
        return max(means, default=None)

    def _peak(self, system: str, from_ms: int, to_ms: int, span_ms: int) -> float | None:
        """The greatest mean load of whole spans on the clock (zones differ by whole windows)."""
        minutes = self._minutes[system]
        means = []
        start_ms = -(-from_ms // span_ms) * span_ms
        while start_ms + span_ms <= to_ms:
            before, after = minutes.get(start_ms), minutes.get(start_ms + span_ms)
            if before is not None and after is not None:
                kwh = after.energy["load_kwh"] - before.energy["load_kwh"]
                means.append(kwh / (span_ms / 3_600_000))
            start_ms += span_ms
        return max(means, default=None)

    def total(self) -> Mapping[str, float]:
        """Energies of the whole site since it was made, each flow once: those that somebody meters,
        and the kitchens beside solar fields, which only a balance tells of."""
        now = since(take(self._site.plant, self._site.layout.truth), self._zero)
        found = {figure: now.total_energy.get(key, 0.0) for figure, key in ENERGIES.items()}
        fields = (part for part in self._parts.values() if isinstance(part, Field))
        found["load_kwh"] += sum(part.served.forward_wh for part in fields) / 1000
        return found


def parts_by_system(site: VirtualSite) -> dict[str, Part]:
    """The parts of a site's plant, by the system of the device that measures the whole of it."""
    return {part.name: part for part in site.layout.parts}
