"""Systems' reports made by hand: steady powers, and energies as a person reckons them."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from collector.model.assets import Link
from collector.model.assignment import Held
from collector.model.event import Event, Participation, UseCase
from collector.model.kinds import AssetKind
from collector.model.report import SystemReport
from collector.model.report.billing import Billing, BillingRow
from collector.model.report.energy import Energy, FlowEnergy
from collector.model.report.generator import Generator
from collector.model.report.load import Load, Peak, Sources, SourceShare
from collector.model.report.quality import Gap, Note, Quality
from collector.model.report.saving import Saving
from collector.model.report.series import Series
from collector.model.report.system import Head, Member
from collector.model.report_input import AssetInput, EventInputs, PartRef, ReportInputs, Stage
from collector.model.rollup_keys import BY_KEY
from collector.model.terms import Terms
from reporting.event.spread import POWER_OF
from reporting.measured.model import MINUTE_MS, Minutes
from reporting.profile import profile_csv
from reporting.profile.columns import BY_BALANCE
from tests.reporting.profile.made import START, measured

HOUR = 60 * MINUTE_MS
ZONE = "America/Los_Angeles"


def event(**more: object) -> Event:
    """The event of all parts."""
    base = Event(
        id="event-1",
        name="Show",
        job="J-1",
        timezone=ZONE,
        created_ms=0,
        changed_ms=0,
        terms=Terms(),
    )
    return msgspec.structs.replace(base, **more)


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A flow of one asset: kW by minute from the part's begin on (one number: steady), and its
    energy of record where it is not the integral."""

    asset: str
    energy: str = "load_energy_kwh"
    kw: float | Sequence[float | None]
    kwh: float | None = None
    counted: bool = True


def part(
    folder: Path,
    system: str,
    flows: Sequence[Flow],
    *,
    node: str = "n1",
    from_ms: int = START,
    to_ms: int = START + HOUR,
    report: str = "",
    revision: int = 1,
    stage: Stage = "final",
    links: Sequence[Link] = (),
    assignments: Sequence[Held] = (),
    assets: Sequence[AssetInput] = (),
    serials: Mapping[str, str] | None = None,
    gaps: Sequence[Gap] = (),
    bills: Sequence[BillingRow] = (),
    generators: Sequence[Generator] = (),
    shares: Mapping[str, float] | None = None,
    stored: tuple[float, float] | None = None,
    notes: Sequence[Note] = (),
    use_case: UseCase = UseCase.METERING,
    of: Event | None = None,
    balance: float | Sequence[float | None] | None = None,
) -> PartRef:
    """Write one part into `folder`; its reference, as a collector would make it. `balance`: the kW
    of a load by balance, which no asset measures."""
    name = report or f"{system}-{from_ms}"
    show = of or event()
    known = {one.id for one in assets}
    own = [
        AssetInput(id=asset, device=asset, kind=AssetKind.LOAD, system=system)
        for asset in dict.fromkeys(flow.asset for flow in flows)
        if asset not in known
    ]
    inputs = ReportInputs(
        report=name,
        revision=revision,
        stage=stage,
        node=node,
        system=system,
        use_case=use_case,
        event=show,
        participation=Participation(
            id=name, event=show.id, node=node, system=system, from_ms=from_ms, to_ms=to_ms,
            changed_ms=0,
        ),
        from_ms=from_ms,
        to_ms=to_ms,
        upto_ms=to_ms,
        assets=(*own, *assets),
        assignments=tuple(assignments),
        links=tuple(links),
    )  # fmt: skip
    inputs_bytes = msgspec.json.encode(inputs)
    minutes = {
        (flow.asset, POWER_OF[flow.energy][0]): by_minute(flow, from_ms, to_ms)
        for flow in flows
        if not isinstance(flow.kw, tuple) or flow.kw
    }
    found = report_of(
        inputs, flows, minutes, hashlib.sha256(inputs_bytes).hexdigest(), serials or {}, gaps,
        bills, generators, shares, stored, notes,
    )  # fmt: skip
    if balance is not None:
        kitchen = by_minute(Flow(asset=BY_BALANCE, kw=balance), from_ms, to_ms)
        minutes[BY_BALANCE, "load_power_w"] = kitchen
        energy = msgspec.structs.replace(
            found.energy,
            load_kwh=(sum(kitchen.pos) - sum(kitchen.neg)) / 36_000_000_000,
            uncertainty={"load_kwh": 1.0},
        )
        found = msgspec.structs.replace(found, energy=energy)
    whole = {power: flow for (_, power), flow in sorted(minutes.items())}
    table = measured(minutes, whole, from_ms=from_ms, to_ms=to_ms, timezone=ZONE)
    contents = {
        "report.json": msgspec.json.encode(found),
        "profile.csv": profile_csv(table),
        "inputs.json": inputs_bytes,
    }
    folder.mkdir(parents=True)
    for file, content in contents.items():
        (folder / file).write_bytes(content)
    report_sha, profile_sha, inputs_sha = (
        hashlib.sha256(content).hexdigest() for content in contents.values()
    )
    return PartRef(
        node=node,
        system=system,
        report=name,
        revision=revision,
        folder=folder.name,
        report_sha256=report_sha,
        profile_sha256=profile_sha,
        inputs_sha256=inputs_sha,
    )


def by_minute(flow: Flow, from_ms: int, to_ms: int) -> Minutes:
    """The minutes of a flow, the first and last cut to the window."""
    first = from_ms // MINUTE_MS * MINUTE_MS
    starts = range(first, to_ms, MINUTE_MS)
    spans = [min(at + MINUTE_MS, to_ms) - max(at, from_ms) for at in starts]
    values = [flow.kw] * len(starts) if isinstance(flow.kw, float | int) else list(flow.kw)
    scale = BY_KEY["load_power_w"].scale * 1000
    quanta = [round((value or 0.0) * scale) for value in values]
    good = [0 if kw is None else span for kw, span in zip(values, spans, strict=True)]
    pos = [q * ms for q, ms in zip(quanta, good, strict=True)]
    sign = POWER_OF[flow.energy][1]
    nothing = [0] * len(pos)
    return Minutes(
        good_ms=good,
        pos=pos if sign > 0 else nothing,
        neg=nothing if sign > 0 else pos,
        least=quanta,
        greatest=quanta,
    )


def integral_kwh(minutes: Minutes) -> float:
    """What the minutes come to."""
    return (sum(minutes.pos) + sum(minutes.neg)) / 36_000_000_000


def report_of(
    inputs: ReportInputs,
    flows: Sequence[Flow],
    minutes: Mapping[tuple[str, str], Minutes],
    inputs_sha256: str,
    serials: Mapping[str, str],
    gaps: Sequence[Gap],
    bills: Sequence[BillingRow],
    generators: Sequence[Generator],
    shares: Mapping[str, float] | None,
    stored: tuple[float, float] | None,
    notes: Sequence[Note],
) -> SystemReport:
    """A report with what an event's report looks at."""
    told = tuple(
        FlowEnergy(
            asset=flow.asset,
            name="",
            flow=flow.energy,
            kwh=flow.kwh
            if flow.kwh is not None
            else integral_kwh(minutes[flow.asset, POWER_OF[flow.energy][0]]),
            gap_kwh=None,
            uncertainty_kwh=1.0,
            counted=flow.counted,
        )
        for flow in flows
    )
    sums: dict[str, float | None] = {
        name: sum(found)
        for name in POWER_OF
        if (found := [f.kwh or 0.0 for f in told if f.flow == name and f.counted])
    }
    start, end = stored or (None, None)
    load = [flow for (_, power), flow in minutes.items() if power == "load_power_w"]
    top = None
    if load:
        best = max(range(len(load[0].pos)), key=lambda i: load[0].mean_kw(i) or 0.0, default=0)
        top = Peak(kw=load[0].mean_kw(best) or 0.0, at_ms=inputs.from_ms + best * MINUTE_MS)
    return SystemReport(
        head=Head(
            kind="system", report=inputs.report, revision=inputs.revision, stage=inputs.stage,
            node=inputs.node, site="", system=inputs.system, system_name=inputs.system.upper(),
            use_case=inputs.use_case, event=inputs.event.id, event_name=inputs.event.name,
            job=inputs.event.job, client="", timezone=inputs.event.timezone, locale="en-US",
            company="", client_notes="", internal_notes="", from_ms=inputs.from_ms,
            to_ms=inputs.to_ms, upto_ms=inputs.upto_ms,
        ),
        members=tuple(
            Member(
                asset=one.id, name="", kind=one.kind.value, unit="", model="",
                serial=serials.get(one.id, ""), from_ms=inputs.from_ms, to_ms=inputs.to_ms,
            )
            for one in inputs.assets
        ),
        quality=Quality(
            duration_ms=inputs.to_ms - inputs.from_ms, coverage_pct=100.0, enough=True,
            min_coverage_pct=80.0, gaps=tuple(gaps),
        ),
        energy=Energy(
            load_kwh=sums.get("load_energy_kwh"),
            grid_import_kwh=sums.get("grid_import_kwh"),
            grid_export_kwh=sums.get("grid_export_kwh"),
            generator_kwh=sums.get("generator_energy_kwh"),
            pv_kwh=sums.get("pv_energy_kwh"),
            charged_kwh=sums.get("battery_charged_kwh"),
            discharged_kwh=sums.get("battery_discharged_kwh"),
            uncertainty={}, stored_start_kwh=start, stored_end_kwh=end, battery_losses_kwh=None,
            residual_kwh=None, residual_pct=None, flows=told,
        ),
        load=Load(
            kwh=sums.get("load_energy_kwh"), average_kw=None, peak_1s=None, peak_1min=top,
            peak_window=None, window_min=15, load_factor=None, p5_kw=None, p50_kw=None,
            p95_kw=None, p99_kw=None, p995_kw=None, phases=None, grid_peak_window=None,
        ),
        sources=Sources(
            delivered=tuple(
                SourceShare(source=name, kwh=kwh, share_pct=None)
                for name, kwh in (shares or {}).items()
            ),
            origin=tuple(
                SourceShare(source=name, kwh=kwh, share_pct=None)
                for name, kwh in (shares or {}).items()
            ),
        ),
        batteries=(),
        generators=tuple(generators),
        power_quality=(),
        days=(),
        saving=Saving(use_case=inputs.use_case, valid=False),
        billing=Billing(currency="USD", rows=tuple(bills)),
        sizing=None,
        evidence=(), effects=(), terms=inputs.event.terms, changes=(), log=(), alerts=(),
        actions=(),
        series=Series(),
        notes=tuple(notes),
        inputs_sha256=inputs_sha256,
    )  # fmt: skip


def inputs_of(
    refs: Sequence[PartRef], *, from_ms: int = START, to_ms: int = START + HOUR, **more: object
) -> EventInputs:
    """The event's inputs over its parts."""
    base = EventInputs(
        report="event-1", node="n1", event=event(), from_ms=from_ms, to_ms=to_ms, parts=tuple(refs)
    )
    return msgspec.structs.replace(base, **more)
