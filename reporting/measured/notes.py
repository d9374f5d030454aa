"""What has to be said about how figures were made: nothing is put right in silence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from collector.model.assets import ASSUMED, Link
from collector.model.report.energy import Energy
from collector.model.report.quality import Gap, Note, Quality
from collector.model.report_input import ReportInputs
from reporting.measured.coverage import SHORT_MS
from reporting.measured.energies import Totals
from reporting.measured.metering import Line, class_pct, kwh
from reporting.measured.meters import Meter
from reporting.measured.plan import Epoch
from reporting.measured.stream import Stream

RESIDUAL_PCT = 5


def of_streams(streams: Mapping[str, Stream]) -> Iterator[Note]:
    """Rows that were not as they should be."""
    for asset, stream in streams.items():
        if stream.damaged:
            yield Note(
                code="damaged-rows", level="warning", about=asset,
                text=f"{stream.damaged} stored minutes could not be read; they are gaps.",
            )  # fmt: skip
        if stream.overlapping:
            yield Note(
                code="overlapping-rows", level="warning", about=asset,
                text=f"{stream.overlapping} stored parts of minutes lay over others (the node's "
                "clock was set back); the time in common counts once, as the earlier one has it.",
            )  # fmt: skip
        if stream.impossible:
            yield Note(
                code="impossible-values", level="warning", about=asset,
                text=f"{stream.impossible} stored minutes held values that no power can have; "
                "these values are left out.",
            )  # fmt: skip


def of_meters(meters: Iterable[Meter]) -> Iterator[Note]:
    """What was shared, and corrections that could not act."""
    for meter in meters:
        if meter.shared_rows:
            many = meter.shared_rows != 1
            yield Note(
                code="shared-by-time", level="info", about=meter.asset.id,
                text=f"{meter.shared_rows} minute{'s' if many else ''} lay across a boundary and "
                f"could not be split any more; {'they were' if many else 'it was'} shared by time.",
            )  # fmt: skip
        if meter.corrected.not_applied:
            yield Note(
                code="correction-not-applied", level="blocks", about=meter.asset.id,
                text="A correction of one phase cannot act on a whole whose phases were not read: "
                "that time is a gap. Correct the whole, or exclude it.",
            )  # fmt: skip


def of_lines(lines: Iterable[Line]) -> Iterator[Note]:
    """Contradictions between counters and powers, and what is not known."""
    unclassed: dict[str, str] = {}
    for line in lines:
        asset = line.track.asset
        if line.flagged and line.compared is not None:
            counter, integral = (kwh(work) or 0.0 for work in line.compared)
            yield Note(
                code="register-contradicts", level="blocks", about=asset.id,
                text=f"{line.energy}: the register rose by {counter:.3f} kWh while the power came "
                f"to {integral:.3f} kWh, which is {line.deviation_text} apart: more than 2 % "
                "and than half a minute explains. Correct one of them, or exclude the meter.",
            )  # fmt: skip
        if line.method == "none":
            yield Note(
                code="not-measured", level="warning", about=asset.id,
                text=f"{line.energy}: nothing was measured, so it is not known.",
            )  # fmt: skip
        elif line.uncertainty is not None and class_pct(asset.accuracy_class) is None:
            unclassed[asset.id] = asset.name or asset.id
    if unclassed:
        names = ", ".join(unclassed[asset] for asset in sorted(unclassed))
        yield Note(
            code="no-class", level="info",
            text=f"The accuracy class of these meters is not known, so the uncertainties leave "
            f"their own error out: {names}.",
        )  # fmt: skip


def of_balance(energy: Energy, found: Totals, *, derived: bool) -> Iterator[Note]:
    """What the balance says."""
    if derived:
        yield Note(
            code="load-by-balance", level="info", about="load_energy_kwh",
            text="No meter measured the load: it is what came from generators, grid, PV and "
            "battery less what was charged and exported.",
        )  # fmt: skip
    for name in sorted(found.partial):
        yield Note(
            code="partial-total", level="warning", about=name,
            text=f"{name}: a flow that belongs to the total is not known for some time; the total "
            "is the least that it can be.",
        )  # fmt: skip
    if energy.residual_pct is not None and abs(energy.residual_pct) > RESIDUAL_PCT:
        yield Note(
            code="balance", level="warning",
            text=f"Sources and uses differ by {energy.residual_pct:.2f} % of what came in; losses "
            "between the meters do not usually explain more than 5 %.",
        )  # fmt: skip


def of_links(links: Iterable[Link], plan: Iterable[Epoch]) -> Iterator[Note]:
    """Flows of which nobody knows any more how they lie to others."""
    assumed = {link.asset: link.other for link in links if link.why == ASSUMED}
    parts = {
        name
        for epoch in plan
        for groups in epoch.groups.values()
        for group in groups
        if group.parent is not None
        for name in (group.asset, *group.checks)
    }
    for asset in sorted(assumed.keys() & parts):
        yield Note(
            code="link-not-known", level="blocks", about=asset,
            text=f"Nobody knows any more whether {asset} measured the same as {assumed[asset]}, or "
            f"another flow: it is taken for a part of {assumed[asset]}, so that nothing counts "
            "twice. Connect the device once more, or link the two.",
        )  # fmt: skip


def of_quality(quality: Quality, inputs: ReportInputs, gaps: Sequence[Gap]) -> Iterator[Note]:
    """What was not seen."""
    if not quality.duration_ms:
        yield Note(code="no-duration", level="warning", text="The window has no duration.")
    elif quality.coverage_pct is None:
        yield Note(code="no-data", level="blocks", text="Nothing was measured in this time.")
    elif not quality.enough:
        yield Note(
            code="low-coverage", level="warning",
            text=f"Only {quality.coverage_pct:.2f} % of the time was seen; at least "
            f"{quality.min_coverage_pct:.0f} % are asked for.",
        )  # fmt: skip
    long = [gap for gap in gaps if gap.to_ms - gap.from_ms > SHORT_MS]
    if long:
        yield Note(
            code="gaps", level="warning",
            text=f"{len(long)} gaps of more than a minute: see the list. What a counter rose "
            "meanwhile is in the energies, and in no peak.",
        )  # fmt: skip
    if inputs.upto_ms < inputs.to_ms:
        yield Note(
            code="provisional-end", level="info",
            text="The last minute was not closed yet when this was made.",
        )  # fmt: skip
    open_ones = [one for one in quality.doubts if not one.decided]
    accepted = [one for one in quality.doubts if one.accepted is not None]
    if accepted:
        yield Note(
            code="accepted-energy", level="info",
            text=f"{len(accepted)} rises of counters that were refused at first were accepted by "
            f"{', '.join(sorted({one.decided_by for one in accepted}))}: they are in the energies "
            "of when they were refused, and in no peak.",
        )  # fmt: skip
    if open_ones:
        yield Note(
            code="refused-energy", level="warning",
            text=f"{len(open_ones)} rises of counters were refused and nobody has decided "
            "about them; they are in no figure.",
        )  # fmt: skip
