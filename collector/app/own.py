"""The collector's measurements of itself: `ovr_node_*` series, and the node's health."""

import resource
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from collector.model.kinds import AssetStatus
from collector.model.series import encode_series
from collector.model.snapshot import JournalHealth, NodeHealth, SinkHealth
from collector.site.samples import CANON_REPEAT_TICKS, Samples
from collector.site.site import Taken

PAGE = resource.getpagesize()

BATCH_SEQ = "ovr_node_batch_seq"
BATCH_SAMPLES = "ovr_node_batch_samples"


def rss_bytes() -> int:
    """Resident memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


class OwnSeries:
    """The `ovr_node_*` series: sampled when they change, and at least every 30 ticks."""

    def __init__(self, node: str, site: str) -> None:
        self._labels = {"node": node, "site": site}
        self._series: dict[tuple[str, str], bytes] = {}
        self._last: dict[bytes, tuple[float, int]] = {}

    def series(self, name: str, part: str = "") -> bytes:
        """Label bytes of `name`; `part` names the device, sink or reason that it is about."""
        found = self._series.get((name, part))
        if found is None:
            found = encode_series(name, {**self._labels, "part": part})
            self._series[name, part] = found
        return found

    def add(self, out: Samples, tick: int, values: Mapping[tuple[str, str], float]) -> None:
        """The samples of `values`, keyed by name and part."""
        for (name, part), value in values.items():
            series = self.series(name, part)
            last = self._last.get(series)
            if last is None or last[0] != value or tick - last[1] >= CANON_REPEAT_TICKS:
                self._last[series] = (value, tick)
                out.add(series, value)

    def seal(self, out: Samples, seq: int) -> None:
        """Put in the two marks by which a receiver can prove a batch whole: its sequence number
        and its number of samples, these two included."""
        out.add(self.series(BATCH_SEQ), float(seq))
        out.add(self.series(BATCH_SAMPLES), float(len(out) + 1))


def own_values(
    taken: Taken, health: NodeHealth, journal: JournalHealth, sinks: Sequence[SinkHealth]
) -> dict[tuple[str, str], float]:
    """What the node says of itself at a tick, by series name and part."""
    values = {
        ("ovr_node_start_time_ms", ""): float(health.started_ms),
        ("ovr_node_tick_late_ms", ""): health.tick_late_ms,
        ("ovr_node_rss_bytes", ""): float(health.rss_bytes),
        ("ovr_node_cpu_seconds_total", ""): health.cpu_s,
        ("ovr_node_series", ""): float(health.series),
        ("ovr_node_readers", ""): float(health.readers),
        ("ovr_node_journal_bytes", ""): float(journal.bytes),
        ("ovr_node_journal_lost_samples_total", ""): float(journal.lost_samples),
    }
    for status in AssetStatus:
        count = sum(asset.status is status for asset in taken.assets)
        values["ovr_node_assets", status.value] = float(count)
    for source in taken.sources:
        values["ovr_node_source_up", source.device] = float(source.state == "running")
        values["ovr_node_source_dropped_total", source.device] = float(sum(source.drops.values()))
    for sink in sinks:
        values["ovr_node_sink_behind_seconds", sink.sink] = round(sink.behind_s)
        values["ovr_node_sink_sent_bytes_total", sink.sink] = float(sink.sent_bytes)
        values["ovr_node_sink_dead_samples_total", sink.sink] = float(sink.dead_samples)
    return values


class Meter:
    """CPU and memory, read at most once every ten ticks."""

    def __init__(self) -> None:
        self.rss = rss_bytes()
        self.cpu_s = time.process_time()
        self._count = 0

    def tick(self) -> None:
        """Look again when it is time."""
        self._count += 1
        if self._count % 10 == 0:
            self.rss = rss_bytes()
            self.cpu_s = time.process_time()
