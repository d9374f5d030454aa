"""What each correction did: the asset's figures before it and after it, in the order in which the
corrections act."""

from collections.abc import Callable, Iterator, Sequence

from collector.model.catalogue import MAIN_POWER, L
from collector.model.report.evidence import Effect
from collector.model.said import Correction, CorrectionKind
from reporting.measured.energies import FIELDS
from reporting.measured.metering import kwh
from reporting.measured.meters import Meter
from reporting.rounding import AMPS, rounded
from reporting.rounding import kwh as rounded_kwh

Made = Callable[[Sequence[Correction]], Meter]
"""The asset with some of its corrections."""


def effects(corrections: Sequence[Correction], final: Meter, made: Made) -> list[Effect]:
    """The effects of an asset's corrections; `final` has all of them."""
    found: list[Effect] = []
    before = made(()) if corrections else final
    for count, one in enumerate(corrections, 1):
        after = final if count == len(corrections) else made(corrections[:count])
        found += _of(one, before, after)
        before = after
    return found


def _of(correction: Correction, before: Meter, after: Meter) -> list[Effect]:
    found = [
        Effect(
            correction=correction, figure=energy, unit="kWh",
            before=rounded_kwh(old), after=rounded_kwh(new),
        )
        for energy in FIELDS
        if (old := _kwh(before, energy)) != (new := _kwh(after, energy))
    ]  # fmt: skip
    if correction.kind is CorrectionKind.PHASE_SWAP:
        found += _currents(correction, before, after)
    if found:
        return found
    main = next(iter(after.lines), "")
    same = rounded_kwh(_kwh(after, main))
    return [Effect(correction=correction, figure=main, unit="kWh", before=same, after=same)]


def _kwh(meter: Meter, energy: str) -> float | None:
    works = [line.work for line in meter.lines.get(energy, ())]
    known = [work for work in works if work is not None]
    return kwh(sum(known)) if known else None


def _currents(correction: Correction, before: Meter, after: Meter) -> Iterator[Effect]:
    """The mean of each phase's current, else of its power."""
    for key, unit, scale in _phase_keys(after):
        old, new = _mean(before, key, scale), _mean(after, key, scale)
        if old != new:
            yield Effect(
                correction=correction, figure=key, unit=unit,
                before=rounded(old, AMPS), after=rounded(new, AMPS),
            )  # fmt: skip


def _phase_keys(meter: Meter) -> Iterator[tuple[str, str, int]]:
    currents = [f"current_a.{phase}" for phase in L]
    if any(key in row.gauges for track in meter.tracks for row in track.rows for key in currents):
        yield from ((key, "A", 100) for key in currents)
        return
    for power in sorted({MAIN_POWER.get(track.kind, "") for track in meter.tracks} - {""}):
        yield from ((f"{power}.{phase}", "W", 10) for phase in L)


def _mean(meter: Meter, key: str, scale: int) -> float | None:
    gauges = [row.gauges[key] for track in meter.tracks for row in track.rows if key in row.gauges]
    good = sum(gauge.good_ms for gauge in gauges)
    return sum(gauge.pos - gauge.neg for gauge in gauges) / good / scale if good else None
