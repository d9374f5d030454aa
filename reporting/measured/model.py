"""`Measured`: the one thing that all figures are computed from."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from collector.model.kinds import AssetKind
from collector.model.report.energy import Energy
from collector.model.report.evidence import Effect, Evidence
from collector.model.report.quality import Note, Quality
from collector.model.report_input import AssetInput, ReportInputs
from collector.model.rollup import Rollup

MINUTE_MS = 60_000


class Track(Struct, frozen=True, kw_only=True):
    """One unit at one asset with one kind, for a time within the window, after corrections.

    `rows` are in order and do not overlap; `from_ms` and `to_ms` say when the unit stood there
    (also without rows). `unit` is the fleet number, else the serial, else "".
    """

    asset: AssetInput
    kind: AssetKind
    unit: str
    from_ms: int
    to_ms: int
    rows: Sequence[Rollup]


class Minutes(Struct, frozen=True, kw_only=True):
    """A power by UTC minute of the window: lists as long as `Measured.starts_ms`.

    Integers as in rollups: quanta of 0.1 W, integrals in quanta · ms. `good_ms` 0: not seen, and
    the other figures mean nothing. Of a sum over several flows: the time in which all were seen;
    its `least` and `greatest` are sums, hence bounds, unless one flow makes it.
    """

    good_ms: Sequence[int]
    pos: Sequence[int]
    neg: Sequence[int]
    least: Sequence[int]
    greatest: Sequence[int]

    def mean_kw(self, index: int) -> float | None:
        """The mean of one minute over its good time, kW; None when it was not seen."""
        good = self.good_ms[index]
        return (self.pos[index] - self.neg[index]) / good / 10_000 if good else None


class Measured(Struct, frozen=True, kw_only=True):
    """Everything that was measured in one window, as it counts.

    `starts_ms`: the UTC minutes that the window touches. `flows` by name of the power (load_power_w
    grid_power_w generator_power_w pv_power_w battery_power_w): the sum of the flows of record, each
    counted once; a name that nobody measures is absent. `flow_of` has the minutes of every power of
    every asset, (asset, power), also of checks and of parts of others: which of them count is said
    by `energy.flows`. `load_power_w` without a meter of its own is what flows into the loads
    by balance where all others are known (a note `load-by-balance` says so).

    `quality` and `energy` name flows by their energy (load_energy_kwh …). Figures in `quality`,
    `energy`, `evidence` and `effects` are rounded as the report has them.
    """

    inputs: ReportInputs
    tracks: Sequence[Track]
    starts_ms: Sequence[int]
    flows: Mapping[str, Minutes]
    flow_of: Mapping[tuple[str, str], Minutes]
    quality: Quality
    energy: Energy
    evidence: tuple[Evidence, ...]
    effects: tuple[Effect, ...]
    notes: tuple[Note, ...]

    def of_kind(self, kind: AssetKind) -> list[Track]:
        """The tracks of one kind, by asset and time."""
        return [track for track in self.tracks if track.kind is kind]
