"""Small systems made by hand: rows, tracks, and a `Measured` around them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from collector.model.assets import Ratings
from collector.model.event import Event
from collector.model.kinds import AssetKind
from collector.model.report.energy import Energy, FlowEnergy
from collector.model.report.evidence import Evidence
from collector.model.report.quality import Gap, Quality
from collector.model.report_input import AssetInput, Limits, ReportInputs
from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from collector.model.rollup_keys import quanta
from collector.model.said import Alert, LogEntry, LogKind
from collector.model.terms import FuelTerms, Terms
from reporting.measured.model import Measured, Minutes, Track

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
T0 = 1_780_617_600_000
"""2026-06-05 00:00 UTC, a Friday."""

Value = float | tuple[float, float, float]
"""What a gauge held: one value, or its mean, least and greatest."""
POWERS = (
    "load_power_w",
    "grid_power_w",
    "generator_power_w",
    "pv_power_w",
    "battery_power_w",
)


def gauge(key: str, value: Value, ms: int) -> Gauge:
    """A gauge over `ms` of good time. A mean with extremes of both signs is not asked for."""
    mean, least, greatest = value if isinstance(value, tuple) else (value, value, value)
    integral = quanta(key, mean) * ms
    return Gauge(
        ms,
        max(0, integral),
        max(0, -integral),
        quanta(key, least),
        quanta(key, greatest),
        quanta(key, mean),
        quanta(key, mean),
    )


def row(
    from_ms: int,
    values: Mapping[str, Value],
    *,
    to_ms: int | None = None,
    good_ms: int | None = None,
    counters: Mapping[str, tuple[float, float]] | None = None,
    states: Mapping[str, Mapping[int, tuple[int, int]]] | None = None,
    peak: tuple[int, float, float | None, float | None] | None = None,
    run_ms: int | None = None,
    registers: bool = False,
) -> Rollup:
    """A row: values in their units, counters as (first, last), states as {value: (ms, entries)},
    the peak as (at, W, var, VA), and for how long a generator ran with its mean power. With
    `registers` the device keeps the counters itself."""
    end = from_ms + MINUTE if to_ms is None else to_ms
    good = end - from_ms if good_ms is None else good_ms
    gauges = {key: gauge(key, value, good) for key, value in values.items()}
    running = None
    if run_ms:
        power = gauges.get("generator_power_w")
        known = power is not None
        running = Running(run_ms, run_ms if known else 0, power.pos if power else 0)
    return Rollup(
        from_ms=from_ms,
        to_ms=end,
        gauges=gauges,
        counters={
            key: Counter(
                quanta(key, first),
                quanta(key, last),
                quanta(key, first) if registers else None,
                quanta(key, last) if registers else None,
            )
            for key, (first, last) in (counters or {}).items()
        },
        states={
            key: {value: Spell(*spell) for value, spell in spells.items()}
            for key, spells in (states or {}).items()
        },
        peak=None
        if peak is None
        else Peak(
            peak[0],
            quanta("load_power_w", peak[1]),
            None if peak[2] is None else quanta("reactive_power_var", peak[2]),
            None if peak[3] is None else quanta("apparent_power_va", peak[3]),
        ),
        running=running,
    )


def minutes(
    count: int,
    values: Callable[[int], Mapping[str, Value]],
    from_ms: int = T0,
    run_ms: int | None = None,
) -> list[Rollup]:
    """Rows of `count` minutes; `values` says what each held."""
    return [row(from_ms + i * MINUTE, values(i), run_ms=run_ms) for i in range(count)]


def track(
    rows: Sequence[Rollup],
    kind: AssetKind = AssetKind.LOAD,
    asset: str = "",
    *,
    unit: str = "",
    from_ms: int | None = None,
    to_ms: int | None = None,
    curve: tuple[tuple[float, float], ...] = (),
    **ratings: float,
) -> Track:
    """One unit at one asset."""
    name = asset or f"{kind.value}-1"
    return Track(
        asset=AssetInput(
            id=name,
            device=name,
            kind=kind,
            name=name,
            ratings=Ratings(**ratings),
            fuel_curve=curve,
        ),
        kind=kind,
        unit=unit,
        from_ms=from_ms if from_ms is not None else rows[0].from_ms,
        to_ms=to_ms if to_ms is not None else rows[-1].to_ms,
        rows=rows,
    )


def flow(rows: Iterable[Rollup], key: str, starts: Sequence[int]) -> Minutes | None:
    """One power of rows by UTC minute; None when it is in none."""
    at = {start: index for index, start in enumerate(starts)}
    columns: list[list[int]] = [[0] * len(starts) for _ in range(5)]
    for one in rows:
        g = one.gauges.get(key)
        if g is not None:
            i = at[one.from_ms // MINUTE * MINUTE]
            fresh = columns[0][i] == 0
            columns[0][i] += g.good_ms
            columns[1][i] += g.pos
            columns[2][i] += g.neg
            columns[3][i] = g.least if fresh else min(columns[3][i], g.least)
            columns[4][i] = g.greatest if fresh else max(columns[4][i], g.greatest)
    if not any(columns[0]):
        return None
    good, pos, neg, least, greatest = columns
    return Minutes(good_ms=good, pos=pos, neg=neg, least=least, greatest=greatest)


def summed(flows: Sequence[Minutes]) -> Minutes:
    """Flows that add up, over the time in which all were seen (whole minutes only)."""
    if len(flows) == 1:
        return flows[0]
    good = [min(one) for one in zip(*(f.good_ms for f in flows), strict=True)]
    sides = [
        [sum(one) for one in zip(*(getattr(f, name) for f in flows), strict=True)]
        for name in ("pos", "neg", "least", "greatest")
    ]
    return Minutes(good_ms=good, pos=sides[0], neg=sides[1], least=sides[2], greatest=sides[3])


KWH_NAMES = {
    "load_kwh": ("load_power_w", "pos"),
    "grid_import_kwh": ("grid_power_w", "pos"),
    "grid_export_kwh": ("grid_power_w", "neg"),
    "generator_kwh": ("generator_power_w", "pos"),
    "pv_kwh": ("pv_power_w", "pos"),
    "charged_kwh": ("battery_power_w", "pos"),
    "discharged_kwh": ("battery_power_w", "neg"),
}


def measured(
    *tracks: Track,
    from_ms: int | None = None,
    to_ms: int | None = None,
    zone: str = "UTC",
    window_min: int = 15,
    checks: Mapping[str, str] | None = None,
    energies: Mapping[str, float | None] | None = None,
    log: Sequence[LogEntry] = (),
    alerts: Sequence[Alert] = (),
    gaps: Sequence[Gap] = (),
    evidence: Sequence[Evidence] = (),
    fuel: FuelTerms | None = None,
    limits: Limits | None = None,
) -> Measured:
    """What a system measured: energies are the integrals, unless `energies` says otherwise;
    `checks` names assets that measure the same flow as another."""
    begin = min((t.from_ms for t in tracks), default=T0) if from_ms is None else from_ms
    end = max((t.to_ms for t in tracks), default=T0) if to_ms is None else to_ms
    starts = list(range(begin // MINUTE * MINUTE, end, MINUTE))
    checks = checks or {}
    flow_of: dict[tuple[str, str], Minutes] = {}
    for power in POWERS:
        for asset in sorted({t.asset.id for t in tracks}):
            rows = [r for t in tracks if t.asset.id == asset for r in t.rows]
            found = flow(rows, power, starts)
            if found is not None:
                flow_of[asset, power] = found
    flows = {
        power: summed([f for (a, p), f in flow_of.items() if p == power and a not in checks])
        for power in dict.fromkeys(p for _, p in flow_of)
    }
    kwh: dict[str, float | None] = {}
    for name, (power, side) in KWH_NAMES.items():
        one = flows.get(power)
        kwh[name] = None if one is None else sum(getattr(one, side)) / 10_000 / HOUR
    kwh.update(energies or {})
    counted = [
        FlowEnergy(
            asset=asset,
            name=asset,
            flow=energy,
            kwh=None,
            gap_kwh=None,
            uncertainty_kwh=None,
            counted=asset not in checks,
            same_as=checks.get(asset, ""),
        )
        for asset, power in flow_of
        for energy in _energies_of(power)
    ]
    return Measured(
        inputs=ReportInputs(
            report="r1",
            node="n1",
            system="s1",
            event=Event(
                id="e1",
                name="Job",
                timezone=zone,
                created_ms=begin,
                changed_ms=begin,
                terms=Terms(fuel=fuel or FuelTerms(), demand_window_min=window_min),
            ),
            from_ms=begin,
            to_ms=end,
            upto_ms=end,
            log=tuple(log),
            alerts=tuple(alerts),
            limits=limits or Limits(),
        ),
        tracks=list(tracks),
        starts_ms=starts,
        flows=flows,
        flow_of=flow_of,
        quality=Quality(
            duration_ms=end - begin,
            coverage_pct=100.0,
            enough=True,
            min_coverage_pct=80.0,
            gaps=tuple(gaps),
        ),
        energy=Energy(
            load_kwh=kwh["load_kwh"],
            grid_import_kwh=kwh["grid_import_kwh"],
            grid_export_kwh=kwh["grid_export_kwh"],
            generator_kwh=kwh["generator_kwh"],
            pv_kwh=kwh["pv_kwh"],
            charged_kwh=kwh["charged_kwh"],
            discharged_kwh=kwh["discharged_kwh"],
            uncertainty={},
            stored_start_kwh=None,
            stored_end_kwh=None,
            battery_losses_kwh=None,
            residual_kwh=None,
            residual_pct=None,
            flows=tuple(counted),
        ),
        evidence=tuple(evidence),
        effects=(),
        notes=(),
    )


def _energies_of(power: str) -> tuple[str, ...]:
    return {
        "load_power_w": ("load_energy_kwh",),
        "grid_power_w": ("grid_import_kwh", "grid_export_kwh"),
        "generator_power_w": ("generator_energy_kwh",),
        "pv_power_w": ("pv_energy_kwh",),
        "battery_power_w": ("battery_charged_kwh", "battery_discharged_kwh"),
    }[power]


def entry(
    kind: LogKind, at_ms: int, value: float, asset: str = "", unit: str = "l", system: str = "s1"
) -> LogEntry:
    """A log entry about the system, or one of its assets."""
    return LogEntry(
        id=f"{kind.value}-{at_ms}",
        kind=kind,
        at_ms=at_ms,
        value=value,
        unit=unit,
        asset=asset,
        system=system,
        made_ms=at_ms,
    )
