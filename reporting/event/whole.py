"""The event as something that was measured: the systems' powers in one, for all figures of load,
days, charts and saving to be computed as those of a system are."""

from collections.abc import Iterable, Sequence
from math import fsum

from msgspec import structs

from collector.model.report.energy import Energy
from collector.model.report.load import Sources, SourceShare
from collector.model.report.quality import Coverage, Gap, Note, Quality
from collector.model.report_input import EventInputs, ReportInputs
from reporting.event.combined import LOAD, Sum
from reporting.event.gathered import Gathered
from reporting.event.parts import Part
from reporting.event.totals import counted
from reporting.figures import source_figures
from reporting.figures.sources import ORIGINS, TOLERANCE, UNKNOWN
from reporting.measured.model import MINUTE_MS, Measured, Minutes
from reporting.rounding import kwh, percent

MOST_GAPS = 1000
DELIVERED = ("grid", "generator", "pv", "battery", UNKNOWN)


def measured(
    inputs: EventInputs, energy: Energy, quality: Quality, powers: dict[str, Minutes]
) -> Measured:
    """The event's powers as those of one system. It has no rows: what needs them is not known."""
    first = inputs.from_ms // MINUTE_MS * MINUTE_MS
    return Measured(
        inputs=ReportInputs(
            report=inputs.report,
            revision=inputs.revision,
            stage=inputs.stage,
            node=inputs.node,
            system="",
            event=inputs.event,
            from_ms=inputs.from_ms,
            to_ms=inputs.to_ms,
            upto_ms=inputs.to_ms,
            log=inputs.log,
            brand=inputs.brand,
        ),
        tracks=(),
        starts_ms=range(first, inputs.to_ms, MINUTE_MS),
        flows=powers,
        flow_of={},
        quality=quality,
        energy=energy,
        evidence=(),
        effects=(),
        notes=(),
    )


def quality(inputs: EventInputs, parts: Sequence[Part], gathered: Gathered) -> Quality:
    """How whole the event's data are: of the loads that count (without any: of the least seen
    power that counts) the time in which they were seen ÷ the time in which they were there. A row
    for each system; the longest gaps of all."""
    sums = gathered.powers
    load = sums.get(LOAD)
    shares = [_share(one) for one in ([load] if load is not None else sums.values())]
    known = [share for share in shares if share is not None]
    share = min(known) if known else None
    gaps = sorted(
        (gap for part in parts for gap in _named(part)),
        key=lambda gap: (gap.from_ms - gap.to_ms, gap.from_ms, gap.asset, gap.flow),
    )
    least = inputs.event.terms.min_coverage_pct
    left_out = sum(part.report.quality.gaps_left_out for part in parts)
    return Quality(
        duration_ms=max(0, inputs.to_ms - inputs.from_ms),
        coverage_pct=percent(share),
        enough=share is not None and share >= least,
        min_coverage_pct=least,
        flows=tuple(
            Coverage(
                asset=one.name,
                flow=LOAD,
                good_ms=one.good_ms,
                coverage_pct=percent(100 * one.good_ms / one.due_ms) or 0.0,
                gaps=sum(len(part.report.quality.gaps) for part in parts if part.name == one.name),
                longest_gap_ms=max(
                    (
                        gap.to_ms - gap.from_ms
                        for part in parts
                        if part.name == one.name
                        for gap in part.report.quality.gaps
                    ),
                    default=0,
                ),
            )
            for one in gathered.systems
            if one.due_ms
        ),
        gaps=tuple(sorted(gaps[:MOST_GAPS], key=lambda gap: (gap.from_ms, gap.asset, gap.flow))),
        gaps_left_out=max(0, len(gaps) - MOST_GAPS) + left_out,
        filled_ms=sum(part.report.quality.filled_ms for part in parts),
        doubts=tuple(doubt for part in parts for doubt in part.report.quality.doubts),
    )


def _share(one: Sum) -> float | None:
    return 100 * one.good_ms / one.due_ms if one.due_ms else None


def _named(part: Part) -> Iterable[Gap]:
    for gap in part.report.quality.gaps:
        yield structs.replace(gap, asset=f"{part.ref.node}/{gap.asset}")


def sources(
    inputs: EventInputs, parts: Sequence[Part], gathered: Gathered, energy: Energy
) -> tuple[Sources, tuple[Note, ...]]:
    """Where the load's energy came from: the systems' own shares, in the part of their load that
    counts, added up; for within a system it is known what served it, and a battery's content is
    its own. What remains (loads and generators that were reported as systems of their own) is
    shared out by the minutes of these together."""
    delivered: dict[str, list[float]] = {}
    origin: dict[str, list[float]] = {}
    for index, part in enumerate(parts):
        own = counted(gathered, index, "load_energy_kwh")
        whole = part.report.energy.load_kwh
        if has_sources(part) and own is not None and whole:
            _add(delivered, part.report.sources.delivered, own / whole)
            _add(origin, part.report.sources.origin, own / whole)
    rest = fsum(
        counted(gathered, index, "load_energy_kwh") or 0.0
        for index, part in enumerate(parts)
        if not has_sources(part)
    )
    notes: tuple[Note, ...] = ()
    if rest > 0:
        powers = {power: one.minutes() for power, one in gathered.rest.items()}
        others = structs.replace(energy, load_kwh=rest)
        empty = Quality(duration_ms=0, coverage_pct=None, enough=False, min_coverage_pct=0.0)
        found, notes = source_figures(measured(inputs, others, empty, powers))
        _add(delivered, found.delivered, 1.0)
        _add(origin, found.origin, 1.0)
        if not found.delivered:
            delivered.setdefault(UNKNOWN, []).append(rest)
            origin.setdefault(UNKNOWN, []).append(rest)
    shares = Sources(delivered=_shares(DELIVERED, delivered), origin=_shares(ORIGINS, origin))
    notes = tuple(one for one in notes if one.code not in ("unknown-source", "no-sources"))
    notes += _unknown(delivered)
    pv = next((one.share_pct for one in shares.origin if one.source == "pv"), None)
    if shares.origin and pv is None:
        pv = 0.0
    return structs.replace(shares, renewable_pct=pv), notes


def _unknown(delivered: dict[str, list[float]]) -> tuple[Note, ...]:
    """What to say when more than 5 % of the load has a source that nobody measured (`figures`)."""
    whole = fsum(value for values in delivered.values() for value in values)
    unknown = fsum(delivered.get(UNKNOWN, ()))
    if unknown <= TOLERANCE * whole:
        return ()
    share = 100 * unknown / whole
    text = f"{share:.1f} % of the load was served by what no meter of a source showed."
    return (Note(code="unknown-source", level="warning", about="sources", text=text),)


def has_sources(part: Part) -> bool:
    """Whether a part's own report says what served its load."""
    return any(
        one.source != UNKNOWN and (one.kwh or 0.0) > 0 for one in part.report.sources.delivered
    )


def _add(to: dict[str, list[float]], shares: Iterable[SourceShare], factor: float) -> None:
    for one in shares:
        if one.kwh is not None:
            to.setdefault(one.source, []).append(one.kwh * factor)


def _shares(order: Sequence[str], found: dict[str, list[float]]) -> tuple[SourceShare, ...]:
    sums = {name: fsum(values) for name, values in found.items()}
    whole = fsum(sums.values())
    names = [*order, *sorted(set(sums) - set(order))]
    return tuple(
        SourceShare(
            source=name,
            kwh=kwh(sums[name]),
            share_pct=percent(100 * sums[name] / whole) if whole > 0 else None,
        )
        for name in names
        if name in sums
    )
