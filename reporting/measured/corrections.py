"""Corrections applied to the rows of one asset: what was read, as it has to be read.

They act in the order in which they were made, for whoever made the later one saw the figures as the
earlier ones had left them. Stored data stay as they are.

Energy counters follow the power: a factor multiplies their rises; with a reversed CT the counters
of both directions (grid, battery) change places, and where there is one direction only (load,
generator, PV) its counter has counted nothing of worth: there, and where one phase alone was
wrong, the time is *uncounted*, and energy is the integral of the corrected power.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct, structs

from collector.model.catalogue import CATALOGUE, ENERGIES, MAIN_POWER, L
from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running
from collector.model.said import Correction, CorrectionKind
from reporting.measured.roles import GENERATOR_POWER, as_kind, running_of
from reporting.measured.scaling import ONE, SCALED, SIGNED, Scale, product, scaled_gauges
from reporting.measured.share import cut_at
from reporting.measured.stream import Row, Stream

FAMILIES: Mapping[str, str] = {
    "load_energy_kwh": "load_power_w",
    "generator_energy_kwh": "generator_power_w",
    "pv_energy_kwh": "pv_power_w",
    "grid_import_kwh": "grid_power_w",
    "grid_export_kwh": "grid_power_w",
    "battery_charged_kwh": "battery_power_w",
    "battery_discharged_kwh": "battery_power_w",
}
"""The power that adds up to each energy."""
OPPOSITE: Mapping[str, str] = {
    "grid_import_kwh": "grid_export_kwh",
    "grid_export_kwh": "grid_import_kwh",
    "battery_charged_kwh": "battery_discharged_kwh",
    "battery_discharged_kwh": "battery_charged_kwh",
}
"""The counter of the other direction."""
FOREVER = 1 << 62


class Corrected(Struct, frozen=True, kw_only=True):
    """The rows of an asset after its corrections. `uncounted` are the times in which a counter
    means nothing; `cut` how many rows were shared by time at the edge of a correction;
    `not_applied` the corrections that could not act on some row, by id."""

    rows: Sequence[Row]
    uncounted: Mapping[str, Sequence[tuple[int, int]]] = {}
    excluded: Sequence[tuple[int, int]] = ()
    cut: int = 0
    not_applied: tuple[str, ...] = ()


class _Regime(Struct, frozen=True, kw_only=True):
    """What acts from `from_ms` to `to_ms`."""

    from_ms: int
    to_ms: int
    active: tuple[Correction, ...]
    exclude: bool
    role: AssetKind | None
    scales: Mapping[str, Scale]


def acting(corrections: Iterable[Correction], asset: str) -> list[Correction]:
    """The corrections of an asset that hold, in the order in which they act."""
    found = [one for one in corrections if one.asset == asset and one.withdrawn_ms is None]
    return sorted(found, key=lambda one: (one.made_ms, one.id))


def corrected(stream: Stream, corrections: Sequence[Correction]) -> Corrected:
    """The rows of an asset as these corrections of it (`acting`) have them read."""
    regimes = _regimes([one for one in corrections if one.kind is not CorrectionKind.READING])
    if not regimes:
        return Corrected(rows=stream.rows)
    edges = sorted({at for one in regimes for at in (one.from_ms, one.to_ms)})
    rows: list[Row] = []
    cut = 0
    for row in stream.rows:
        parts = cut_at(row.rollup, edges)
        cut += len(parts) > 1
        rows += (Row(row.kind, row.system, part) for part in parts)
    return _Applied(regimes).to(rows, cut)


def _regimes(corrections: Sequence[Correction]) -> list[_Regime]:
    """The times in which always the same corrections act, in order."""
    edges = sorted({at for one in corrections for at in (one.from_ms, _end(one))})
    found = []
    for start, end in pairwise(edges):
        active = tuple(one for one in corrections if one.from_ms <= start and _end(one) >= end)
        if active:
            roles = [one.role for one in active if one.kind is CorrectionKind.ROLE]
            found.append(
                _Regime(
                    from_ms=start,
                    to_ms=end,
                    active=active,
                    exclude=any(one.kind is CorrectionKind.EXCLUDE for one in active),
                    role=roles[-1] if roles else None,
                    scales={name: _scale(name, active) for name in CATALOGUE},
                )
            )
    return found


def _end(correction: Correction) -> int:
    return FOREVER if correction.to_ms is None else correction.to_ms


def _scale(name: str, active: Sequence[Correction]) -> Scale:
    """What all of these come to for one measurement."""
    scale = Scale()
    for one in active:
        if not _concerns(one, name):
            continue
        if one.kind is CorrectionKind.FACTOR and one.factor is not None and name in SCALED:
            scale = scale.times(Fraction(repr(one.factor)), one.phase)
        elif one.kind is CorrectionKind.SIGN and name in SIGNED:
            scale = scale.times(-ONE, one.phase)
        elif one.phases is not None and sorted(one.phases) == list(L):
            scale = scale.exchanged(one.phases)
    return scale


def _concerns(correction: Correction, name: str) -> bool:
    """Whether a correction is about a measurement: one that names a power or energy is about that
    power alone (and its energies), one that names none about all of the asset."""
    wanted = FAMILIES.get(correction.measurement, correction.measurement)
    return not wanted or wanted == name


class _Applied:
    """Rows under regimes, in order of time. Counters go on without a jump where a regime begins or
    ends: rises are multiplied, not levels."""

    def __init__(self, regimes: Sequence[_Regime]) -> None:
        self._regimes = regimes
        self._levels: dict[str, tuple[str, Fraction, int, int]] = {}
        """Of each counter what it is read from, its factor, and its last level read and given."""
        self._uncounted: dict[str, list[tuple[int, int]]] = {}
        self._failed: set[str] = set()

    def to(self, rows: Iterable[Row], cut: int) -> Corrected:
        found: list[Row] = []
        for row in rows:
            regime = self._regime(row.rollup.from_ms)
            if regime is None:
                found.append(Row(row.kind, row.system, self._plain(row.rollup)))
            elif regime.exclude:
                self._pass(row.rollup)
            else:
                found.append(self._row(row, regime))
        excluded = [(one.from_ms, one.to_ms) for one in self._regimes if one.exclude]
        for key in ENERGIES:
            if excluded:
                self._uncounted[key] = sorted({*self._uncounted.get(key, ()), *excluded})
        return Corrected(
            rows=found,
            uncounted=self._uncounted,
            excluded=excluded,
            cut=cut,
            not_applied=tuple(sorted(self._failed)),
        )

    def _regime(self, at_ms: int) -> _Regime | None:
        return next((one for one in self._regimes if one.from_ms <= at_ms < one.to_ms), None)

    def _plain(self, row: Rollup) -> Rollup:
        counters = {key: self._counted(key, key, ONE, c) for key, c in row.counters.items()}
        return row if counters == row.counters else structs.replace(row, counters=counters)

    def _pass(self, row: Rollup) -> None:
        """A row that does not count: what follows goes on where the one before ended."""
        for key, counter in row.counters.items():
            self._skip(key, counter)

    def _skip(self, key: str, counter: Counter) -> None:
        if key in self._levels:
            source, factor, _, given = self._levels[key]
            self._levels[key] = (source, factor, counter.last, given)

    def _row(self, row: Row, regime: _Regime) -> Row:
        rollup = row.rollup
        kind = row.kind
        if regime.role is not None:
            rollup, kind = as_kind(rollup, kind, regime.role), regime.role
        gauges, applied = scaled_gauges(rollup.gauges, regime.scales)
        if not applied:
            self._failed.update(one.id for one in regime.active if one.phase)
        power = regime.scales[GENERATOR_POWER]
        made = Rollup(
            from_ms=rollup.from_ms,
            to_ms=rollup.to_ms,
            gauges=gauges,
            counters=self._counters(rollup, regime),
            states=rollup.states,
            peak=_peak(rollup, gauges, regime, MAIN_POWER.get(kind, "")),
            running=_running(rollup.running, gauges.get(GENERATOR_POWER), power),
            filled_ms=rollup.filled_ms,
        )
        return Row(kind, row.system, made)

    def _counters(self, row: Rollup, regime: _Regime) -> dict[str, Counter]:
        found: dict[str, Counter] = {}
        for key, counter in row.counters.items():
            power = FAMILIES.get(key)
            scale = Scale() if power is None else regime.scales[power]
            if scale.even and scale.whole > 0:
                found[key] = self._counted(key, key, scale.whole, counter)
            elif scale.even and scale.whole < 0 and key in OPPOSITE:
                other = OPPOSITE[key]
                found[other] = self._counted(other, key, -scale.whole, counter)
            else:
                self._skip(key, counter)
                self._leave_out(key, regime)
        for key, other in OPPOSITE.items():
            scale = regime.scales[FAMILIES[key]]
            if scale.whole < 0 and other not in row.counters and key in row.counters:
                self._leave_out(key, regime)
        return found

    def _leave_out(self, key: str, regime: _Regime) -> None:
        stretch = (regime.from_ms, regime.to_ms)
        times = self._uncounted.setdefault(key, [])
        if not times or times[-1] != stretch:
            times.append(stretch)

    def _counted(self, key: str, source: str, factor: Fraction, counter: Counter) -> Counter:
        """A counter's part: from `source`'s rises, times `factor`."""
        begun, ended = product(counter.first, factor), product(counter.last, factor)
        known = self._levels.get(key)
        if known is None:
            first = begun
        else:
            was, _, read, given = known
            first = given
            if was == source:
                first += begun - product(read, factor)
        last = first + ended - begun
        self._levels[key] = (source, factor, counter.last, last)
        return Counter(first, last, counter.raw_first, counter.raw_last)


def _running(running: Running | None, power: Gauge | None, scale: Scale) -> Running | None:
    """How long it ran: as it was seen, with the corrected power; by the corrected power alone where
    the power that was read had said nothing of it."""
    if scale.even and scale.whole > 0:
        if running is None or scale.whole == ONE:
            return running
        return Running(running.ms, running.good_ms, round(running.integral * scale.whole))
    found = running_of(power)
    if running is None or power is None:
        return found
    return Running(running.ms, running.good_ms, power.pos - power.neg)


def _peak(row: Rollup, gauges: Mapping[str, Gauge], regime: _Regime, main: str) -> Peak | None:
    """The peak of the `main` power under the corrections. Where the order of values may have
    changed the greatest value stands at the beginning of the row; Q and S then are not known."""
    peak = row.peak
    if peak is None or main not in gauges:
        return None
    scale = regime.scales[main]
    if scale.even and scale.whole > 0:
        reactive, apparent = regime.scales["reactive_power_var"], regime.scales["apparent_power_va"]
        return Peak(
            peak.at_ms,
            round(peak.p * scale.whole),
            None if peak.q is None else round(peak.q * reactive.whole),
            None if peak.s is None else round(peak.s * apparent.whole),
        )
    return Peak(row.from_ms, gauges[main].greatest, None, None)
