"""Metered sites made of a few figures: rows, evidence and flows as `Measured` has them."""

from collections.abc import Sequence

from collector.model.assignment import Fact, Held
from collector.model.event import Event
from collector.model.kinds import AssetKind
from collector.model.report.energy import FlowEnergy
from collector.model.report.evidence import Evidence
from collector.model.report.quality import Quality
from collector.model.report_input import AssetInput, ReportInputs
from collector.model.rollup import Counter, Gauge, Rollup
from collector.model.terms import Terms
from reporting.measured.model import MINUTE_MS, Measured, Minutes, Track
from reporting.worth.bill import billing_figures
from tests.reporting.worth.site import START, energy

LOAD, POWER = "load_energy_kwh", "load_power_w"


def account(asset, value, from_ms, to_ms=None):
    """Who pays from a moment on."""
    return Held(
        asset=asset,
        what=Fact.ACCOUNT,
        key="",
        value=value,
        from_ms=from_ms,
        to_ms=to_ms,
        id=f"{asset}{from_ms}",
        person="p",
    )


def meter(
    name: str,
    kw: Sequence[float | None],
    *,
    pays="",
    behind="",
    gap_wh=None,
    start=START,
    opening=1000.0,
    method="register",
    extra_kwh=0.0,
):
    """One load meter that read `kw` minute by minute (None: a gap, in which its counter rose
    `gap_wh` in all)."""
    rows, quanta = [], round(opening * 10_000)
    first = quanta
    dark = sum(one is None for one in kw)
    for index, one in enumerate(kw):
        if one is None:
            quanta += round((gap_wh or 0) * 10 / dark)
            continue
        rise = round(one * 10_000 / 60)
        power = round(one * 10_000)
        rows.append(
            Rollup(
                from_ms=start + index * MINUTE_MS,
                to_ms=start + (index + 1) * MINUTE_MS,
                gauges={POWER: Gauge(MINUTE_MS, power * MINUTE_MS, 0, power, power, power, power)},
                counters={LOAD: Counter(quanta, quanta + rise)},
            )
        )
        quanta += rise
    asset = AssetInput(id=name, device=name, kind=AssetKind.LOAD, name=name.upper(), account=pays)
    kwh = (quanta - first) / 10_000 + extra_kwh
    end = start + len(kw) * MINUTE_MS
    said = Evidence(
        asset=name, name=name, flow=LOAD, unit=f"u-{name}", make="", model="", serial="",
        accuracy_class="", wiring="", certified=False, from_ms=start, to_ms=end,
        raw_opening=None, raw_closing=None, own_opening_kwh=first / 10_000,
        own_closing_kwh=quanta / 10_000, register_kwh=kwh, integral_kwh=kwh, deviation_pct=0.0,
        method=method, flagged=False, kwh=round(kwh, 3), uncertainty_kwh=None,
    )  # fmt: skip
    flow = FlowEnergy(
        asset=name, name=name, flow=LOAD, kwh=round(kwh, 3), gap_kwh=None, uncertainty_kwh=None,
        counted=not behind, behind=behind,
    )  # fmt: skip
    track = Track(
        asset=asset, kind=AssetKind.LOAD, unit=said.unit, from_ms=start, to_ms=end, rows=rows
    )
    known = [round((one or 0) * 10_000) for one in kw]
    minutes = Minutes(
        good_ms=[0 if one is None else MINUTE_MS for one in kw],
        pos=[one * MINUTE_MS for one in known],
        neg=[0] * len(known),
        least=known,
        greatest=known,
    )
    return asset, track, said, flow, minutes


def bill(meters, terms: Terms | None = None, **known):
    """The billing table of these meters."""
    return billing_figures(measured(meters, terms, **known))


def measured(
    meters,
    terms: Terms | None = None,
    *,
    zone="UTC",
    assignments=(),
    start=START,
    minutes=None,
    flows=None,
    tracks=(),
):
    """What these meters measured."""
    count = minutes or len(meters[0][4].good_ms)
    end = start + count * MINUTE_MS
    event = Event(
        id="e", name="Show", timezone=zone, terms=terms or Terms(), created_ms=0, changed_ms=0
    )
    inputs = ReportInputs(
        report="r",
        node="n",
        system="s",
        event=event,
        from_ms=start,
        to_ms=end,
        upto_ms=end,
        assets=tuple(m[0] for m in meters),
        assignments=tuple(assignments),
    )
    return Measured(
        inputs=inputs,
        tracks=[*(m[1] for m in meters), *tracks],
        starts_ms=[start + index * MINUTE_MS for index in range(count)],
        flows=flows or {},
        flow_of={(m[0].id, POWER): m[4] for m in meters},
        quality=Quality(
            duration_ms=end - start, coverage_pct=100.0, enough=True, min_coverage_pct=80.0
        ),
        energy=energy(flows=tuple(m[3] for m in meters)),
        evidence=tuple(m[2] for m in meters),
        effects=(),
        notes=(),
    )
