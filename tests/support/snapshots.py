"""Snapshots by hand: sites of any size, with every status, and a feed that serves them."""

import asyncio
import math
from collections.abc import Mapping

import msgspec

from collector.alarms import Alarms
from collector.audit import AuditBook
from collector.control.desk import ControlDesk
from collector.diagnosis import DiagnosisDesk
from collector.discovery import DiscoveryDesk
from collector.events import EventBook, SaidBook
from collector.ingest import Ingest
from collector.log_ring import Ring
from collector.model.alarm import Alarm, AlarmState, Rule, Severity
from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind, AssetStatus, Quality
from collector.model.raw import RawValue
from collector.model.reading import Reading
from collector.model.snapshot import (
    AssetView,
    JournalHealth,
    NodeHealth,
    SinkHealth,
    Snapshot,
    SourceHealth,
    Total,
)
from collector.outbox import Outbox
from collector.reports import ReportDesk
from collector.serve.feed import ClockDesk, CounterDesk, DeadStore
from collector.serve.keeper import Change, RegistryKeeper
from collector.serve.units import UnitDesk
from collector.site.site import Site
from collector.store import NodeDb
from collector.wire import HealthAnswer, HistoryAnswer, RawAnswer

START_MS = 1_782_423_127_000
"""2026-06-25 14:32:07 in Los Angeles."""

KIND_KEYS: dict[AssetKind, tuple[str, ...]] = {
    kind: tuple(key for key, measurement in KEYS.items() if kind in measurement.kinds)
    for kind in AssetKind
}


def alarm(
    rule: Rule = Rule.LOW_SOC,
    severity: Severity = Severity.ALARM,
    state: AlarmState = "active",
    **more: object,
) -> Alarm:
    """An alarm of BESS 1, half an hour old, unless said otherwise."""
    made: dict[str, object] = {
        "id": "019a",
        "key": f"{rule.value}/bess-1",
        "rule": rule,
        "subject": "bess-1",
        "severity": severity,
        "text": "state of charge below 20 %",
        "now": "state of charge 14 %, limit 20 %",
        "advice": "Start its generator, or take loads off.",
        "raised_ms": START_MS - 1_800_000,
        "changed_ms": START_MS - 1_800_000,
        "state": state,
        "name": "BESS 1 Main stage",
        "asset": "bess-1",
    }
    return msgspec.convert({**made, **more}, Alarm)


def reading(value: float | None, at_ms: int = START_MS, quality: Quality = Quality.GOOD) -> Reading:
    """A reading, good unless said otherwise."""
    return Reading(value, quality, at_ms)


def asset(
    asset_id: str = "bess-1",
    kind: AssetKind = AssetKind.BESS,
    status: AssetStatus = AssetStatus.LIVE,
    readings: Mapping[str, float | None] | None = None,
    *,
    name: str = "",
    reason: str = "",
    age_s: float | None = 0.0,
    system: str = "",
    notes: tuple[str, ...] = (),
    remarks: tuple[str, ...] = (),
    links: tuple[str, ...] = (),
    at_ms: int = START_MS,
) -> AssetView:
    """One asset; readings take the quality that its status implies."""
    quality = Quality.GOOD if status is AssetStatus.LIVE else Quality.STALE
    return AssetView(
        id=asset_id,
        name=name or asset_id,
        kind=kind,
        system=system or asset_id.partition(".")[0],
        device=asset_id.partition(".")[0],
        status=status,
        reason=reason,
        age_s=age_s,
        readings={k: Reading(v, quality, at_ms) for k, v in (readings or {}).items()},
        notes=notes,
        remarks=remarks,
        links=links,
        model="EasySolar 48/15000" if kind is AssetKind.BESS else "",
    )


def snapshot(
    *assets: AssetView,
    seq: int = 1,
    at_ms: int = START_MS,
    totals: dict[str, Total] | None = None,
    today: dict[str, Total] | None = None,
    sources: tuple[SourceHealth, ...] = (),
    sinks: tuple[SinkHealth, ...] = (),
    problems: tuple[str, ...] = (),
    timezone: str = "America/Los_Angeles",
    site: str = "Main field",
) -> Snapshot:
    """A snapshot of these assets on a healthy node."""
    return Snapshot(
        seq=seq,
        at_ms=at_ms,
        node="ovr-node-07",
        site=site,
        timezone=timezone,
        assets=assets,
        totals=totals or {},
        today=today or {},
        sources=sources,
        sinks=sinks,
        journal=JournalHealth(state="ok", head=seq, bytes=12_000_000, cap_bytes=4_000_000_000),
        health=NodeHealth(
            started_ms=at_ms - 7_200_000,
            tick_seq=seq,
            rss_bytes=90_000_000,
            cpu_s=412.0,
            clock="confirmed",
            clock_confirmed=True,
            series=4120,
            samples=9_100_000,
            problems=problems,
        ),
    )


def total(quantity: str, value: float | None, counted: int = 1, left_out: int = 0) -> Total:
    """A total over made-up assets."""
    return Total(
        quantity=quantity,
        value=value,
        counted=tuple(f"counted-{n}" for n in range(counted)),
        left_out=tuple(f"out-{n}" for n in range(left_out)),
    )


def site(count: int, seq: int = 1, *, troubles: bool = True) -> Snapshot:
    """A festival of `count` assets in which almost every number changes with `seq`.

    Each has all readings of its kind; with `troubles` one in nineteen is stale, lost, waiting or
    a wrong device.
    """
    at_ms = START_MS + seq * 1000
    assets = tuple(_member(index, seq, at_ms, troubles) for index in range(count))
    totals = {}
    for name, kind in (
        ("load_power_w", AssetKind.LOAD),
        ("generator_power_w", AssetKind.GENERATOR),
        ("pv_power_w", AssetKind.PV),
    ):
        members = [view for view in assets if view.kind is kind]
        live = [view for view in members if view.status is AssetStatus.LIVE]
        totals[name] = Total(
            quantity=name,
            value=sum(view.readings[name].value or 0.0 for view in live) if live else None,
            counted=tuple(view.id for view in live),
            left_out=tuple(view.id for view in members if view not in live),
        )
    totals["battery_power_w"] = Total(quantity="battery_power_w", value=-186_200.0 + seq * 37)
    today = {
        "load_energy_kwh": Total(quantity="load_energy_kwh", value=3214.0 + seq / 9),
        "pv_energy_kwh": Total(quantity="pv_energy_kwh", value=611.2 + seq / 40),
        "generator_energy_kwh": Total(quantity="generator_energy_kwh", value=1203.4),
    }
    return snapshot(
        *assets,
        seq=seq,
        at_ms=at_ms,
        totals=totals,
        today=today,
        sources=tuple(_source(view, at_ms) for view in assets if view.id == view.device),
        sinks=(
            SinkHealth(sink="local", state="live", behind_s=0.0, head=seq, settled=seq),
            SinkHealth(sink="cloud", state="live", behind_s=41.0, head=seq, settled=seq - 1),
        ),
    )


_PLACES = ("Main stage", "Stage A", "Food court", "Gate 3", "Backstage", "Camping north", "Medical")
_MEMBERS = (
    ("bess", AssetKind.BESS, "BESS"),
    ("gen", AssetKind.GENERATOR, "Genset"),
    ("load", AssetKind.LOAD, "Distribution"),
    ("pv", AssetKind.PV, "PV container"),
    ("grid", AssetKind.GRID, "Shore"),
)


def _member(index: int, seq: int, at_ms: int, troubles: bool) -> AssetView:
    word, kind, title = _MEMBERS[index % len(_MEMBERS)]
    number = index // len(_MEMBERS) + 1
    asset_id = f"bess-{number}.genset" if word == "gen" and number % 2 else f"{word}-{number}"
    status, reason, age = AssetStatus.LIVE, "", 0.0
    if troubles and index % 19 == 7:
        status, reason, age = _TROUBLE[index // 19 % len(_TROUBLE)]
    return asset(
        asset_id,
        kind,
        status,
        {key: _value(key, index, seq) for key in KIND_KEYS[kind]},
        name=f"{title} {number} {_PLACES[index % len(_PLACES)]}",
        reason=reason,
        age_s=age + (seq if age else 0),
        system=f"bess-{number}" if word in ("bess", "gen") else asset_id,
        at_ms=at_ms,
    )


_TROUBLE = (
    (AssetStatus.STALE, "no heartbeat for 43 s", 43.0),
    (AssetStatus.LOST, "no route to host", 722.0),
    (AssetStatus.WRONG, "serial 4711 answers, 0815 is pinned", 90.0),
)


_STATES = {
    "inverter_state": 9, "inverter_mode": 3, "ac_source": 240, "battery_state": 2,
    "generator_state": 3, "pv_state": 3,
}  # fmt: skip
_SPANS = {
    "power_factor": (0.88, 1.0), "frequency_hz": (49.97, 50.03), "battery_voltage_v": (50.0, 54.0),
    "battery_temperature_c": (19.0, 34.0), "cell_voltage_min_v": (3.2, 3.25),
    "cell_voltage_max_v": (3.26, 3.33), "time_to_go_s": (3600.0, 3e4), "current_a": (0.0, 250.0),
    "battery_current_a": (-900.0, 200.0), "reactive_power_var": (-9e3, 9e3),
    "engine_speed_rpm": (1498.0, 1502.0), "coolant_temperature_c": (70.0, 90.0),
    "oil_pressure_kpa": (300.0, 420.0), "generator_run_s": (0.0, 1e6), "generator_starts": (1, 99),
}  # fmt: skip
_UNITS = {
    "W": (0.0, 9e4),
    "VA": (0.0, 9.5e4),
    "V": (228.0, 233.0),
    "%": (0.0, 9.0),
    "kWh": (9.0, 9e3),
}


def _value(key: str, index: int, seq: int) -> float | None:
    measurement = KEYS[key]
    if measurement.states:
        return float(_STATES[measurement.name])
    wave = math.sin(seq / 17 + index) * 0.5 + 0.5
    low, high = _SPANS.get(measurement.name) or _UNITS.get(measurement.unit) or (0.0, 100.0)
    if key.endswith(("soc_pct", "soh_pct", "level_pct", "load_pct")):
        low, high = 0.0, 100.0
    if key in ("voltage_v.L12", "voltage_v.L23", "voltage_v.L31"):
        low, high = 395.0, 404.0
    return low + wave * (high - low)


def _source(view: AssetView, at_ms: int) -> SourceHealth:
    well = view.status is AssetStatus.LIVE
    return SourceHealth(
        device=view.device,
        kind="gx" if view.kind is AssetKind.BESS else "acuvim",
        address="10.20.0.21:1883",
        state="running" if well else "backoff",
        since_ms=at_ms - 60_000,
        cause="" if well else view.reason,
        tries=0 if well else 12,
        retry_in_s=None if well else 8.0,
        messages=31 * 60,
        latency_ms=12.5,
    )


class HandFeed:
    """A feed whose snapshots a test hands in with `push`. Who needs more than looking puts the
    desks in (`tests/serve/desks.py`)."""

    alarms: Alarms
    audit: AuditBook
    control: ControlDesk
    registry: RegistryKeeper
    changes: list[Change]
    dead: DeadStore
    units: UnitDesk
    events: EventBook
    reports: ReportDesk
    said: SaidBook
    counters: CounterDesk
    outbox: Outbox
    diagnosis: DiagnosisDesk
    discovery: DiscoveryDesk
    ingest: Ingest
    clock: ClockDesk
    db: NodeDb
    site: Site

    def __init__(self, first: Snapshot) -> None:
        self._snapshot = first
        self._news = asyncio.Condition()
        self.ended = False
        self.stops = 0
        self.readers = 0
        self.ring = Ring()
        self.raw_values: tuple[RawValue, ...] = ()

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    async def push(self, snapshot: Snapshot) -> None:
        """Make it the newest."""
        async with self._news:
            self._snapshot = snapshot
            self._news.notify_all()

    async def end(self) -> None:
        """End all streams in order."""
        async with self._news:
            self.ended = True
            self._news.notify_all()

    async def newer(self, seq: int) -> Snapshot | None:
        async with self._news:
            await self._news.wait_for(lambda: self.ended or self._snapshot.seq > seq)
        return None if self.ended else self._snapshot

    async def history(
        self, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
    ) -> HistoryAnswer | None:
        view = next((a for a in self._snapshot.assets if a.id == asset), None)
        if view is None or key not in view.readings:
            return None
        times = tuple(range(from_ms - from_ms % 1000, to_ms + 1, step_s * 1000))
        return HistoryAnswer(
            asset=asset,
            measurement=key,
            times=times,
            values=tuple(
                None if 300 <= t // 1000 % 900 < 360 else 50_000 + 20_000 * math.sin(t / 90_000)
                for t in times
            ),
        )

    def raw(self, asset: str) -> RawAnswer | None:
        view = next((a for a in self._snapshot.assets if a.id == asset), None)
        if view is None:
            return None
        return RawAnswer(
            asset=asset, device=view.device, at_ms=self._snapshot.at_ms, values=self.raw_values
        )

    def health(self) -> HealthAnswer:
        shot = self._snapshot
        return HealthAnswer(
            ok=not self.ended,
            version="0.1.0",
            pid=1,
            node=shot.node,
            hosted=False,
            health=shot.health,
            journal=shot.journal,
            sources=shot.sources,
            sinks=shot.sinks,
        )

    def now_ms(self) -> int:
        return self._snapshot.at_ms

    def stop(self) -> None:
        self.stops += 1

    def reader(self, change: int) -> None:
        self.readers += change


def changed(snapshot: Snapshot, **fields: object) -> Snapshot:
    """The snapshot with other fields."""
    return msgspec.structs.replace(snapshot, **fields)
