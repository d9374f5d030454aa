"""Sites made of a few figures, for tests that reckon by hand."""

from collections.abc import Mapping, Sequence

from collector.model.event import Event, UseCase
from collector.model.report.energy import Energy, FlowEnergy
from collector.model.report.generator import Generator
from collector.model.said import LogEntry, LogKind
from collector.model.terms import Baseline, Terms
from reporting.measured.model import MINUTE_MS, Minutes
from reporting.worth import saving as worth
from reporting.worth.facts import Facts, RunningSet, windows_of

HOUR = 60
START = 1_780_272_000_000
"""2026-06-01 00:00 UTC, a Monday."""
POWERS = {
    "load": "load_power_w",
    "grid": "grid_power_w",
    "generator": "generator_power_w",
    "pv": "pv_power_w",
    "battery": "battery_power_w",
}


def minutes(kw: Sequence[float | None]) -> Minutes:
    """One mean for each whole minute; None: not seen."""
    quanta = [None if one is None else round(one * 10_000) for one in kw]
    good = [0 if one is None else MINUTE_MS for one in quanta]
    known = [one or 0 for one in quanta]
    return Minutes(
        good_ms=good,
        pos=[max(0, one) * MINUTE_MS for one in known],
        neg=[max(0, -one) * MINUTE_MS for one in known],
        least=known,
        greatest=known,
    )


def energy(**known):
    """Energies of which only the named are known."""
    unknown = {name: None for name in Energy.__struct_fields__ if name not in ("uncertainty",)}
    fields = {**unknown, "flows": (), "remainders": (), **known}
    return Energy(uncertainty={}, **fields)


def gap(kwh: float) -> FlowEnergy:
    """The load's meter with energy that came in gaps."""
    return FlowEnergy(
        asset="load-1",
        name="",
        flow="load_energy_kwh",
        kwh=None,
        gap_kwh=kwh,
        uncertainty_kwh=None,
        counted=True,
    )


def event(terms: Terms | None = None, zone: str = "UTC") -> Event:
    """An event in a zone with these terms."""
    return Event(
        id="e", name="Show", timezone=zone, terms=terms or Terms(), created_ms=0, changed_ms=0
    )


def generator(**known):
    """A set of which only the named figures are known."""
    blank = {
        name: None
        for name in Generator.__struct_fields__
        if name not in ("asset", "name", "unit", "from_ms", "to_ms", "bands", "fuel_method")
    }
    return Generator(
        asset="genset-1",
        name="",
        unit="",
        from_ms=START,
        to_ms=START,
        bands=(),
        fuel_method="curve",
        **(blank | known),
    )


def delivery(litres: float, kind: str = "") -> LogEntry:
    """Fuel that was delivered."""
    return LogEntry(
        id=f"{kind}{litres}",
        kind=LogKind.FUEL,
        at_ms=START,
        value=litres,
        measurement=kind,
        made_ms=START,
    )


def facts(
    powers: Mapping[str, Sequence[float | None]],
    *,
    use_case: UseCase = UseCase.HYBRIDIZATION,
    terms: Terms | None = None,
    zone: str = "UTC",
    energies: Energy | None = None,
    generators: Sequence[Generator] = (),
    sets: Sequence[RunningSet] = (),
    has_battery: bool = False,
    baseline: Baseline | None = None,
    log: Sequence[LogEntry] = (),
    coverage_pct: float | None = 100.0,
    start: int = START,
) -> Facts:
    """Whole minutes from `start` on, with the means (kW) of each power."""
    count = len(next(iter(powers.values())))
    starts = [start + index * MINUTE_MS for index in range(count)]
    end = start + count * MINUTE_MS
    of = event(terms, zone)
    return Facts(
        event=of,
        use_case=use_case,
        baseline=baseline or of.terms.baseline,
        from_ms=start,
        to_ms=end,
        starts_ms=starts,
        window_ms=windows_of(starts, start, end),
        flows={POWERS[name]: minutes(values) for name, values in powers.items()},
        energy=energies or energy(),
        generators=generators,
        sets=sets,
        has_battery=has_battery,
        log=log,
        coverage_pct=coverage_pct,
    )


def saving(of):
    """What the program makes of these facts."""
    return worth.saving(of)
