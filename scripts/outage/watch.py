"""Looking at a collector that catches up, some times a second."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from collector.config.paths import Home
from collector.model.snapshot import SinkHealth
from scripts.bench.local import health

LOOK_S = 0.2
ASK_S = 1.0
"""How often a receiver is asked for its newest sample."""
SAY_S = 15.0
BACK_S = 300.0
MARK = '{__name__="ovr_node_batch_seq"}'


@dataclass(frozen=True)
class Look:
    """One look: seconds since the beginning, batches that the receiver has answered so far, how far
    back the oldest one lies that it has not, how old the newest sample of the live receiver is, the
    collector's memory and CPU seconds, and how late its last tick was."""

    at_s: float
    sent: int
    left_s: float
    behind_s: float
    rss_mb: float
    cpu_s: float
    late_ms: float
    state: str


def newest_s(url: str) -> float | None:
    """How old the newest sample is that the VictoriaMetrics at `url` shows; None: no answer, or
    nothing newer than five minutes."""
    now_s = time.time()
    query = urllib.parse.urlencode({"match[]": MARK, "start": now_s - BACK_S, "end": now_s + 60})
    try:
        with urllib.request.urlopen(f"{url}/api/v1/export?{query}", timeout=10) as answer:  # noqa: S310
            times = [t for line in answer for t in json.loads(line)["timestamps"]]
    except (urllib.error.URLError, OSError):
        return None
    return time.time() - max(times) / 1000 if times else None


@dataclass
class Watch:
    """Looks at the sink `name` of the collector of `home`, and at the receiver at `live_url`."""

    home: Home
    name: str
    live_url: str
    say: Callable[[str], None]
    looks: list[Look] = field(default_factory=list)
    began_s: float = field(default_factory=time.monotonic)
    _asked_s: float = 0.0
    _said_s: float = -SAY_S
    _newest_s: float = BACK_S

    def sink(self) -> SinkHealth | None:
        """The sink as the collector shows it; a look is kept."""
        seen = health(self.home)
        if seen is None:
            return None
        sink = next((one for one in seen.sinks if one.sink == self.name), None)
        if sink is None:
            return None
        at_s = time.monotonic() - self.began_s
        look = Look(
            at_s=at_s,
            sent=sink.sent_batches,
            left_s=sink.behind_s,
            behind_s=self._behind_s(at_s),
            rss_mb=seen.health.rss_bytes / 1e6,
            cpu_s=seen.health.cpu_s,
            late_ms=seen.health.tick_late_ms,
            state=sink.state,
        )
        self.looks.append(look)
        if at_s - self._said_s >= SAY_S:
            self._said_s = at_s
            self.say(
                f"{at_s:5.0f} s: {look.sent} batches sent, behind by {look.left_s:.0f} s, "
                f"newest {look.behind_s:.1f} s old, {look.rss_mb:.0f} MB, "
                f"tick {look.late_ms:.0f} ms late, {look.state}"
            )
        return sink

    def _behind_s(self, at_s: float) -> float:
        """How old the newest sample was when the receiver was asked last."""
        if at_s - self._asked_s >= ASK_S:
            self._asked_s = at_s
            found = newest_s(self.live_url)
            self._newest_s = BACK_S if found is None else found
        return self._newest_s

    def until(self, true: Callable[[SinkHealth], object], what: str, limit_s: float) -> Look:
        """Look until `true` holds of the sink, and return the last look."""
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            sink = self.sink()
            if sink is not None and true(sink):
                return self.looks[-1]
            time.sleep(LOOK_S)
        raise SystemExit(f"outage: {what}: not within {limit_s:.0f} s")
