"""The collector's own health in Prometheus' text format 0.0.4.

The names are those of the node's own series (`collector/app/own.py`), with the same label `part`
for the sink, device or reason that a value is about, and more of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from collector.model.alarm import Severity
from collector.model.kinds import AssetStatus
from collector.model.snapshot import Snapshot, SourceHealth
from collector.wire import HealthAnswer

Values = Iterator[tuple[Mapping[str, str], float]]


class Metric(NamedTuple):
    """One family: its name behind `ovr_node_`, type, help and values."""

    name: str
    type: Literal["gauge", "counter"]
    text: str
    values: Values


def metrics_text(health: HealthAnswer, snapshot: Snapshot, *, reasons: bool = True) -> str:
    """The whole answer of `GET /metrics`; without `reasons` what was dropped is only counted."""
    own = {"node": snapshot.node, "site": snapshot.site}
    lines: list[str] = []
    for metric in _metrics(health, snapshot, reasons=reasons):
        name = f"ovr_node_{metric.name}"
        values = [f"{name}{_labels(own | dict(part))} {_number(v)}" for part, v in metric.values]
        if values:
            lines += [f"# HELP {name} {metric.text}", f"# TYPE {name} {metric.type}", *values]
    return "\n".join(lines) + "\n"


def _metrics(health: HealthAnswer, snapshot: Snapshot, *, reasons: bool) -> Iterator[Metric]:
    yield from _collector(health)
    yield from _journal(health)
    yield from _assets(snapshot)
    yield from _sources(health, reasons=reasons)
    yield from _sinks(health)
    yield from _waiting(snapshot)
    yield from _api(health)


def _collector(health: HealthAnswer) -> Iterator[Metric]:
    node = health.health
    yield Metric("up", "gauge", "Whether ticks advance and the journal commits.", _one(health.ok))
    yield Metric(
        "start_time_seconds",
        "gauge",
        "When the collector started, UTC seconds.",
        _one(node.started_ms / 1000),
    )
    yield Metric("ticks_total", "counter", "Ticks since the start.", _one(node.tick_seq))
    yield Metric(
        "tick_late_ms", "gauge", "How late the newest tick was, in ms.", _one(node.tick_late_ms)
    )
    yield Metric("rss_bytes", "gauge", "Resident memory.", _one(node.rss_bytes))
    yield Metric("cpu_seconds_total", "counter", "CPU time taken.", _one(node.cpu_s))
    yield Metric(
        "clock_confirmed",
        "gauge",
        "Whether the clock has been confirmed since the boot.",
        _one(node.clock_confirmed),
    )
    yield Metric("series", "gauge", "Series that the node knows.", _one(node.series))
    yield Metric("readers", "gauge", "Open streams.", _one(node.readers))
    yield Metric("reports_open", "gauge", "Reports to be made.", _one(node.reports_open))
    yield Metric(
        "reports_failed", "gauge", "Reports that wait for somebody.", _one(node.reports_failed)
    )
    yield Metric("problems", "gauge", "Problems that wait for somebody.", _one(len(node.problems)))
    yield Metric(
        "dropped_total",
        "counter",
        "What was left out outside of the sources, by reason.",
        _each(node.drops),
    )


def _journal(health: HealthAnswer) -> Iterator[Metric]:
    journal = health.journal
    yield Metric(
        "journal_ok", "gauge", "Whether the journal keeps batches.", _one(journal.state == "ok")
    )
    yield Metric("journal_bytes", "gauge", "Size on disk.", _one(journal.bytes))
    yield Metric("journal_cap_bytes", "gauge", "The size it may reach.", _one(journal.cap_bytes))
    yield Metric(
        "journal_head", "gauge", "Sequence number of the newest batch.", _one(journal.head)
    )
    yield Metric(
        "journal_first", "gauge", "Sequence number of the oldest batch.", _one(journal.first)
    )
    yield Metric(
        "journal_samples_total", "counter", "Samples kept since the start.", _one(journal.samples)
    )
    yield Metric(
        "journal_lost_samples_total",
        "counter",
        "Samples that were never sent and are gone.",
        _one(journal.lost_samples),
    )
    yield Metric(
        "journal_unconfirmed",
        "gauge",
        "Batches that wait for the clock to be confirmed.",
        _one(journal.unconfirmed),
    )
    yield Metric(
        "journal_commit_ms", "gauge", "How long the newest commit took, in ms.",
        _one(journal.commit_ms),
    )  # fmt: skip


def _assets(snapshot: Snapshot) -> Iterator[Metric]:
    counts = dict.fromkeys((status.value for status in AssetStatus), 0)
    for asset in snapshot.assets:
        counts[asset.status.value] += 1
    yield Metric("assets", "gauge", "Assets by status.", _each(counts))


def _sources(health: HealthAnswer, *, reasons: bool) -> Iterator[Metric]:
    sources = health.sources
    yield Metric(
        "source_up",
        "gauge",
        "Whether a device is read.",
        (({"part": s.device}, s.state == "running") for s in sources),
    )
    yield Metric(
        "source_messages_total",
        "counter",
        "Messages or answers of a device.",
        (({"part": s.device}, s.messages) for s in sources),
    )
    yield Metric(
        "source_dropped_total",
        "counter",
        "What a device said and could not be used, by reason.",
        _drops(sources, reasons=reasons),
    )


def _drops(sources: Sequence[SourceHealth], *, reasons: bool) -> Values:
    for source in sources:
        if not reasons:
            yield {"part": source.device}, sum(source.drops.values())
            continue
        for reason, count in source.drops.items():
            yield {"part": source.device, "reason": reason}, count


def _sinks(health: HealthAnswer) -> Iterator[Metric]:
    sinks = health.sinks
    for name, kind, text in (
        ("behind_s", "gauge", "How far a sink is behind, in seconds."),
        ("owed_batches", "gauge", "Batches that a sink has still to get."),
        ("sent_batches", "counter", "Batches that a sink has taken."),
        ("sent_samples", "counter", "Samples that a sink has taken."),
        ("sent_bytes", "counter", "Bytes sent to a sink."),
        ("dead_samples", "counter", "Samples that a sink has refused for good."),
    ):
        public = f"sink_{name}_total" if kind == "counter" else f"sink_{name}"
        yield Metric(
            public.replace("behind_s", "behind_seconds"),
            "counter" if kind == "counter" else "gauge",
            text,
            (({"part": sink.sink}, float(getattr(sink, name))) for sink in sinks),
        )
    yield Metric(
        "sink_lossless",
        "gauge",
        "Whether a sink's restarts are seen, so that nothing is lost by them.",
        (({"part": s.sink}, bool(s.lossless)) for s in sinks if s.lossless is not None),
    )


def _waiting(snapshot: Snapshot) -> Iterator[Metric]:
    counts = dict.fromkeys((severity.value for severity in Severity), 0)
    for alarm in snapshot.alarms:
        counts[alarm.severity.value] += 1
    yield Metric("alarms", "gauge", "Open alarms that are not shelved.", _each(counts))
    outbox = snapshot.outbox
    yield Metric(
        "outbox_waiting", "gauge", "Records that the cloud does not have.", _each(outbox.waiting)
    )
    yield Metric(
        "outbox_refused", "gauge", "Records that the cloud refused.", _each(outbox.refused)
    )
    yield Metric(
        "outbox_oldest_seconds",
        "gauge",
        "How long the oldest record waits.",
        _one(outbox.oldest_min * 60),
    )
    yield Metric("outbox_sent_total", "counter", "Records that the cloud has.", _one(outbox.sent))
    yield Metric(
        "outbox_dropped_total", "counter", "Records that were given up.", _one(outbox.dropped)
    )


def _api(health: HealthAnswer) -> Iterator[Metric]:
    api = health.api
    yield Metric("api_connections", "gauge", "Open connections.", _one(api.connections))
    yield Metric("api_requests_total", "counter", "Requests answered.", _one(api.requests))
    yield Metric("api_refused_total", "counter", "Requests refused, by code.", _each(api.refused))
    yield Metric(
        "api_turned_away_total",
        "counter",
        "Connections that found no place.",
        _one(api.turned_away),
    )
    yield Metric(
        "api_let_go_total",
        "counter",
        "Streams whose reader took nothing any more.",
        _one(api.let_go),
    )


def _one(value: float) -> Values:
    yield {}, value


def _each(values: Mapping[str, float]) -> Values:
    for part, value in values.items():
        yield {"part": part}, value


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return repr(int(value)) if value == int(value) else repr(float(value))
