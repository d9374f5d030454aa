"""The assets of a report one by one: rows corrected, cut into tracks; their lines of energy."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct, structs

from collector.model.catalogue import ENERGIES, MAIN_ENERGY
from collector.model.kinds import AssetKind
from collector.model.report_input import AssetInput
from collector.model.rollup import Rollup
from collector.model.said import Correction, CorrectionKind, Doubt
from reporting.measured import hybrid
from reporting.measured.corrections import FAMILIES, Corrected, acting, corrected
from reporting.measured.facts import Stand
from reporting.measured.metering import Chain, Line, line
from reporting.measured.model import Track
from reporting.measured.rises import Rise, Span, Times, granted, rises
from reporting.measured.roles import as_kind
from reporting.measured.rows import Rows, as_rows
from reporting.measured.stream import Row, Stream
from reporting.measured.tracks import tracks_of

Stored = Callable[[Track], Sequence[Rollup]]
"""The rows of a hybrid inverter's battery in the time of the inverter's track."""


class Meter(Struct, frozen=True, kw_only=True):
    """One asset as it has to be read: its tracks in the system, its counters over all rows there
    are, its energies by track."""

    asset: AssetInput
    tracks: Sequence[Track]
    chains: Mapping[str, Chain]
    lines: Mapping[str, Sequence[Line]]
    corrected: Corrected
    shared_rows: int


def meter(
    asset: AssetInput,
    stands: Sequence[Stand],
    stream: Stream,
    corrections: Sequence[Correction],
    system: str,
    moments: Iterable[int],
    doubts: Sequence[Doubt] = (),
    stored: Stored | None = None,
) -> Meter:
    """An asset with these corrections (`acting`) of it, and with `doubts`: what its counters were
    not given at first. `stored`: it is a hybrid inverter, its solar energy is what it delivers."""
    read = corrected(stream, corrections)
    made = tracks_of(stands, read.rows, system, moments)
    told = [_told(track) for track in made.tracks]
    wanted = [energy for energy in ENERGIES if any(energy in some for some in told)]
    spans = _spans(read.rows, stands, wanted)
    chains = {
        energy: _chain(spans[energy], read.uncounted.get(energy, ()), doubts, energy)
        for energy in wanted
    }
    shared = made.cut + read.cut
    return Meter(
        asset=asset,
        tracks=made.tracks,
        chains=chains,
        lines={
            energy: [
                line(
                    _counted(track, energy, stored),
                    energy,
                    chains[energy],
                    shared,
                    _readings(corrections, energy),
                )
                for track, some in zip(made.tracks, told, strict=True)
                if energy in some
            ]
            for energy in wanted
        },
        corrected=read,
        shared_rows=shared,
    )


def _counted(track: Track, energy: str, stored: Stored | None) -> Track:
    """The track with the power that its register adds up."""
    if stored is None or energy != hybrid.ENERGY:
        return track
    return structs.replace(track, rows=hybrid.delivered(track.rows, stored(track)))


def corrections_of(corrections: Iterable[Correction], asset: str) -> list[Correction]:
    """The corrections that act on an asset, in order."""
    return acting(corrections, asset)


def _told(track: Track) -> set[str]:
    """The energies that a unit tells itself or by the power that adds up to them; one that told
    nothing at all has what its kind is there for."""
    if not track.rows:
        return {MAIN_ENERGY[track.kind]} if track.kind in MAIN_ENERGY else set()
    told = as_rows(track.rows).told()
    return {energy for energy, power in FAMILIES.items() if energy in told or power in told}


def _spans(
    rows: Sequence[Row], stands: Sequence[Stand], energies: Sequence[str]
) -> dict[str, list[Span]]:
    """The counters of each row, under the role that its asset had then."""
    rollups = Rows(row.rollup for row in rows)
    if any(stand.role is not None for stand in stands):
        rollups = Rows(_as_role(row, _role(stands, row.rollup.from_ms)) for row in rows)
    return {energy: rollups.counted(energy) for energy in energies}


def _as_role(row: Row, role: AssetKind | None) -> Rollup:
    return row.rollup if role is None else as_kind(row.rollup, row.kind, role)


def _chain(spans: Sequence[Span], uncounted: Times, doubts: Sequence[Doubt], energy: str) -> Chain:
    found = granted(rises(spans, uncounted), doubts, energy)
    registered = any(span.counter.raw_last is not None for span in spans)
    return Chain(
        rises=found,
        witness=registered or any(rise.gap and rise.quanta > 0 for rise in found),
        uncounted=uncounted,
    )


def _role(stands: Sequence[Stand], at_ms: int) -> AssetKind | None:
    for stand in stands:
        if at_ms < stand.to_ms:
            return stand.role
    return stands[-1].role if stands else None


def _readings(corrections: Iterable[Correction], energy: str) -> list[Correction]:
    return [
        one
        for one in corrections
        if one.kind is CorrectionKind.READING and one.measurement == energy
    ]


def rises_of(one: Meter, energy: str) -> Sequence[Rise]:
    """The rises of a counter of an asset; none where it has none."""
    chain = one.chains.get(energy)
    return () if chain is None else chain.rises
