"""What one run of the collector did, in figures."""

import resource
import time
from collections.abc import Mapping, Sequence

from msgspec import Struct

from collector.app.latency import Latency, Percentiles, percentiles
from collector.app.recorder import Recorder
from collector.model.snapshot import JournalHealth, SinkHealth


class Summary(Struct, frozen=True, kw_only=True):
    """A run in figures. Latencies in ms, CPU in seconds, memory in bytes.

    `lost` counts samples that no receiver can get any more: not journaled, dropped at the
    journal's cap, or refused as poison; `lost_ticks` ticks of which none was journaled. `owed`
    counts batches that sinks still have to deliver.
    """

    seconds: float
    assets: int
    readings_per_s: float
    samples_journaled: int
    batches_journaled: int
    delivered: Mapping[str, int]
    owed: Mapping[str, int]
    lost: int
    lost_ticks: int
    wire_to_snapshot_ms: Percentiles
    wire_to_stored_ms: Mapping[str, Percentiles]
    cpu_s: float
    peak_rss_bytes: int


def make_summary(
    *,
    seconds: float,
    assets: int,
    readings: int,
    recorder: Recorder,
    journal: JournalHealth,
    sinks: Sequence[SinkHealth],
    latency: Latency,
) -> Summary:
    """The figures of a run of `seconds`."""
    dead = sum(sink.dead_samples for sink in sinks)
    return Summary(
        seconds=round(seconds, 1),
        assets=assets,
        readings_per_s=round(readings / seconds, 1) if seconds else 0.0,
        samples_journaled=recorder.kept_samples,
        batches_journaled=recorder.kept_ticks,
        delivered={sink.sink: sink.sent_samples for sink in sinks},
        owed={sink.sink: sink.owed_batches + max(0, journal.head - sink.head) for sink in sinks},
        lost=recorder.lost_samples + journal.lost_samples + dead,
        lost_ticks=recorder.lost_ticks,
        wire_to_snapshot_ms=percentiles(latency.to_snapshot),
        wire_to_stored_ms={
            sink.sink: percentiles(latency.to_stored.get(sink.sink, ())) for sink in sinks
        },
        cpu_s=round(time.process_time(), 2),
        peak_rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )
