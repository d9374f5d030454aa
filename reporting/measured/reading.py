"""From a report's inputs and its packed rollups to `Measured`."""

from collections.abc import Mapping, Sequence

from collector.model.catalogue import ENERGIES
from collector.model.report.energy import Energy
from collector.model.report.evidence import Effect
from collector.model.report.quality import Coverage, Gap, Note, Quality
from collector.model.report_input import AssetInput, ReportInputs, RollupFile
from collector.model.rounding import half_up
from collector.model.said import Correction
from reporting.measured import hybrid, minutes, notes
from reporting.measured.coverage import Seen, coverage, gaps_of, seen
from reporting.measured.derived import derived_load
from reporting.measured.effects import effects
from reporting.measured.energies import (
    Totals,
    deviation,
    energy_of,
    flow_energies,
    remainders,
    totals,
    with_derived_load,
)
from reporting.measured.evidence import evidence
from reporting.measured.facts import Facts
from reporting.measured.metering import REVERSE, Line
from reporting.measured.meters import Meter, corrections_of, meter, rises_of
from reporting.measured.meters import Stored as MeterStored
from reporting.measured.model import Measured, Minutes, Track
from reporting.measured.plan import Epoch, epochs, moments
from reporting.measured.stored import stored
from reporting.measured.stream import Stream, streams

MOST_GAPS = 1000
LOAD = "load_power_w"


def read(inputs: ReportInputs, rollups: RollupFile) -> Measured:
    """All that was measured in the window of `inputs`, as it counts.

    Pure: the same inputs give the same figures, whatever the order of assets, corrections and
    assignments. Never raises for what was measured or said: what cannot be used is left out, and a
    note says so.
    """
    return _Reading(inputs, rollups).measured()


class _Reading:
    def __init__(self, inputs: ReportInputs, rollups: RollupFile) -> None:
        self._inputs = inputs
        self._from_ms = inputs.from_ms
        self._to_ms = max(inputs.from_ms, inputs.to_ms)
        self._end_ms = self._to_ms
        if inputs.stage == "provisional":
            self._end_ms = min(self._to_ms, max(self._from_ms, inputs.upto_ms))
        self._streams = streams(rollups)
        self._facts = Facts(inputs.assignments, self._from_ms, self._to_ms)
        self._dated = self._facts.links()
        assets = sorted(inputs.assets, key=lambda asset: asset.id)
        self._stands = {one.id: self._facts.stands(one) for one in assets}
        self._moments = moments((*self._dated, *inputs.links)) | {
            one.to_ms for some in self._stands.values() for one in some
        }
        self._effects: list[Effect] = []
        self._hybrids = hybrid.hybrids(assets)
        self._made: dict[str, Meter] = {}
        inside = self._hybrids.values()
        for asset in sorted(assets, key=lambda one: one.id not in inside):
            self._made[asset.id] = self._meter(asset)
        self._meters = [self._made[asset.id] for asset in assets]

    def measured(self) -> Measured:
        tracks = [track for one in self._meters for track in one.tracks]
        plan = epochs(tracks, self._inputs.links, self._dated, self._from_ms, self._to_ms)
        starts = minutes.starts(self._from_ms, self._to_ms)
        first = starts[0] if starts else 0
        flow_of = minutes.by_asset(tracks, first, len(starts))
        flows = minutes.wholes(tracks, flow_of, plan, first, len(starts))
        lines = {(m.asset.id, e): some for m in self._meters for e, some in m.lines.items()}
        found, energy, derived = self._energy(tracks, lines, plan)
        if derived and LOAD not in flows:
            load = derived_load(flows, len(starts))
            if load is not None:
                flows[LOAD] = load
        quality, gaps = self._quality(plan, flows)
        every = [line for some in lines.values() for line in some]
        return Measured(
            inputs=self._inputs,
            tracks=tracks,
            starts_ms=starts,
            flows=flows,
            flow_of=flow_of,
            quality=quality,
            energy=energy,
            evidence=tuple(evidence(line, self._inputs) for line in every),
            effects=tuple(self._effects),
            notes=self._notes(plan, every, found, energy, quality, gaps, derived=derived),
        )

    def _meter(self, asset: AssetInput) -> Meter:
        stream = self._streams.get(asset.id, Stream(asset=asset.id))
        corrections = corrections_of(self._inputs.corrections, asset.id)

        def made(some: Sequence[Correction]) -> Meter:
            return meter(
                asset,
                self._stands[asset.id],
                stream,
                some,
                self._inputs.system,
                self._moments,
                [one for one in self._inputs.doubts if one.asset == asset.id],
                self._stored(asset.id),
            )

        final = made(corrections)
        if final.tracks:
            self._effects += effects(corrections, final, made)
        return final

    def _stored(self, asset: str) -> MeterStored | None:
        """How the rows of a hybrid inverter's battery are had; None for all else."""
        store = self._hybrids.get(asset)
        if store is None:
            return None
        if store == asset:
            return lambda track: track.rows
        rows = [row for track in self._made[store].tracks for row in track.rows]
        return lambda track: rows

    def _energy(
        self,
        tracks: Sequence[Track],
        lines: Mapping[tuple[str, str], Sequence[Line]],
        plan: Sequence[Epoch],
    ) -> tuple[Totals, Energy, bool]:
        chains = {(m.asset.id, e): chain for m in self._meters for e, chain in m.chains.items()}
        found = totals(lines, chains, plan, frozenset(self._hybrids.values()))
        balanced = with_derived_load(found)
        derived = balanced is not None
        found = found if balanced is None else balanced
        deviations = {
            (check, group.asset, energy): deviation(
                lines.get((check, energy), ()), lines.get((group.asset, energy), ())
            )
            for epoch in plan
            for energy in ENERGIES
            for group in epoch.groups.get(energy, ())
            for check in group.checks
        }
        flows = flow_energies(lines, plan, deviations)
        left = remainders(lines, chains, plan)
        held = stored(tracks, self._from_ms, self._end_ms)
        return found, energy_of(found, flows, left, held, derived=derived), derived

    def _quality(
        self, plan: Sequence[Epoch], flows: Mapping[str, Minutes]
    ) -> tuple[Quality, list[Gap]]:
        inputs = self._inputs
        duration = self._end_ms - self._from_ms
        heads = {(name, e) for one in plan for e in ENERGIES for name in one.counted(e)}
        lists: list[Coverage] = []
        gaps: list[Gap] = []
        for one in self._meters:
            for energy in one.lines:
                if (one.asset.id, energy) not in heads:
                    continue
                what: Seen = seen(one.tracks, energy, self._end_ms)
                own = gaps_of(one.asset.id, energy, what, rises_of(one, energy))
                if energy in REVERSE:
                    gaps += [gap for gap in own if gap.gap_kwh]
                else:
                    lists.append(coverage(one.asset.id, energy, what))
                    gaps += own
        pct = _coverage_pct(lists, flows, duration)
        gaps.sort(key=lambda gap: (gap.from_ms - gap.to_ms, gap.from_ms, gap.asset, gap.flow))
        shown = sorted(gaps[:MOST_GAPS], key=lambda gap: (gap.from_ms, gap.asset, gap.flow))
        least = inputs.event.terms.min_coverage_pct
        filled = sum(
            row.filled_ms for m in self._meters for track in m.tracks for row in track.rows
        )
        return Quality(
            duration_ms=duration,
            coverage_pct=pct,
            enough=pct is not None and pct >= least,
            min_coverage_pct=least,
            flows=tuple(sorted(lists, key=lambda one: (one.asset, one.flow))),
            gaps=tuple(shown),
            gaps_left_out=max(0, len(gaps) - MOST_GAPS),
            filled_ms=filled,
            doubts=tuple(sorted(inputs.doubts, key=lambda one: (one.at_ms, one.asset))),
        ), gaps

    def _notes(
        self,
        plan: Sequence[Epoch],
        lines: Sequence[Line],
        found: Totals,
        energy: Energy,
        quality: Quality,
        gaps: Sequence[Gap],
        *,
        derived: bool,
    ) -> tuple[Note, ...]:
        return (
            *notes.of_quality(quality, self._inputs, gaps),
            *notes.of_streams(self._streams),
            *notes.of_meters(self._meters),
            *notes.of_lines(lines),
            *notes.of_balance(energy, found, derived=derived),
            *notes.of_links(self._inputs.links, plan),
        )


def _coverage_pct(
    lists: Sequence[Coverage], flows: Mapping[str, Minutes], duration: int
) -> float | None:
    """The coverage of the load, else of the flow that was seen least; None: nothing was."""
    if not duration:
        return None
    load = flows.get(LOAD)
    if load is not None and any(load.good_ms):
        return half_up(min(100.0, 100 * sum(load.good_ms) / duration), 2)
    loads = [one for one in lists if one.flow == "load_energy_kwh"] or lists
    if not any(one.good_ms for one in loads):
        return None
    return min(one.coverage_pct for one in loads)
