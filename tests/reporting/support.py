"""Inputs and rows of reports, as tests write them: W, kWh, minutes."""

from collections.abc import Iterable, Mapping

from collector.model.event import Event, EventStatus, Participation, UseCase
from collector.model.kinds import AssetKind
from collector.model.report_input import AssetInput, AssetRows, ReportInputs, RollupFile
from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from collector.model.rollup_codec import pack
from collector.model.rollup_keys import BY_KEY
from collector.model.rollup_record import RecordRow, RollupRecord

START_MS = 1_780_000_020_000
"""A whole UTC minute: 2026-05-28T20:27:00Z."""
MINUTE = 60_000


def gauge(key: str, value: float, good_ms: int = MINUTE, **other: float) -> Gauge:
    """A gauge that had one value, or `least` to `greatest` around that mean."""
    scale = BY_KEY[key].scale
    quanta = round(value * scale)
    least = round(other.get("least", value) * scale)
    greatest = round(other.get("greatest", value) * scale)
    pos, neg = max(quanta, 0) * good_ms, max(-quanta, 0) * good_ms
    return Gauge(good_ms, pos, neg, least, greatest, quanta, quanta)


def counter(first: float, last: float, *, raw: bool = True) -> Counter:
    """An energy counter in kWh at both ends; its register shows 1,000 kWh more."""
    a, b = round(first * 10_000), round(last * 10_000)
    if not raw:
        return Counter(a, b)
    return Counter(a, b, a + 10_000_000, b + 10_000_000)


def row(
    minute: float,
    gauges: Mapping[str, float | Gauge] | None = None,
    counters: Mapping[str, Counter] | None = None,
    *,
    ms: int = MINUTE,
    states: Mapping[str, int] | None = None,
    running: Running | None = None,
    peak: Peak | None = None,
) -> Rollup:
    """A row that begins so many minutes after START_MS. Plain numbers are constant values."""
    start = START_MS + round(minute * MINUTE)
    made = {
        key: value if isinstance(value, Gauge) else gauge(key, value, ms)
        for key, value in (gauges or {}).items()
    }
    return Rollup(
        from_ms=start,
        to_ms=start + ms,
        gauges=made,
        counters=dict(counters or {}),
        states={key: {value: Spell(ms, 0)} for key, value in (states or {}).items()},
        running=running,
        peak=peak,
    )


def steady(
    key: str, watts: float, minutes: Iterable[int], energy: str = "", total: float = 0.0
) -> list[Rollup]:
    """Whole minutes of one constant power; `energy`: with a counter that begins at `total` kWh at
    the first of START_MS's minutes and counts that power all the time, also between rows."""
    found = []
    for minute in minutes:
        counters = {}
        if energy:
            first = total + abs(watts) * minute / 60_000
            counters[energy] = counter(first, first + abs(watts) / 60_000)
        found.append(row(minute, {key: watts}, counters))
    return found


def asset(id_: str, kind: AssetKind = AssetKind.LOAD, **other: object) -> AssetInput:
    """An asset of system s1."""
    device, _, role = id_.partition(".")
    said = {"system": "s1", "name": id_.upper(), **other}
    return AssetInput(id=id_, device=device, role=role, kind=kind, **said)  # type: ignore[arg-type]


def rollup_file(
    rows: Mapping[str, Iterable[Rollup]],
    kinds: Mapping[str, AssetKind] | None = None,
    systems: Mapping[str, str] | None = None,
) -> RollupFile:
    """Rows as a job has them, packed; `kinds` and `systems` as the node had them then."""
    found = []
    for name, some in sorted(rows.items()):
        kind = (kinds or {}).get(name, AssetKind.LOAD)
        system = (systems or {}).get(name, "s1")
        own = list(some)
        bodies = [pack(one) for one in own]
        record = RollupRecord(
            node="n1",
            asset=name,
            from_ms=min((one.from_ms for one in own), default=0),
            to_ms=max((one.to_ms for one in own), default=0),
            rows=tuple(
                RecordRow(one.from_ms, kind, system, len(body))
                for one, body in zip(own, bodies, strict=True)
            ),
        )
        found.append(AssetRows(record=record, content=b"".join(bodies)))
    return RollupFile(assets=tuple(found))


def inputs(
    assets: Iterable[AssetInput],
    minutes: float = 60,
    *,
    begin: float = 0,
    use_case: UseCase = UseCase.METERING,
    **other: object,
) -> ReportInputs:
    """The inputs of system s1 for so many minutes from `begin` (minutes after START_MS) on."""
    from_ms = START_MS + round(begin * MINUTE)
    to_ms = from_ms + round(minutes * MINUTE)
    event = Event(
        id="e1", name="Test event", timezone="America/Los_Angeles", status=EventStatus.ENDED,
        from_ms=from_ms, to_ms=to_ms, created_ms=from_ms, changed_ms=from_ms,
    )  # fmt: skip
    took_part = Participation(
        id="p1", event="e1", node="n1", system="s1", from_ms=from_ms, to_ms=to_ms,
        use_case=use_case, changed_ms=to_ms,
    )  # fmt: skip
    said = {
        "report": "p1", "node": "n1", "system": "s1", "event": event, "participation": took_part,
        "from_ms": from_ms, "to_ms": to_ms, "upto_ms": to_ms, "use_case": use_case,
        "assets": tuple(assets), **other,
    }  # fmt: skip
    return ReportInputs(**said)  # type: ignore[arg-type]
