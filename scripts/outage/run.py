"""The outage itself: the past in the journal, the receiver comes, goes and comes again."""

import asyncio
import math
import shutil
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from collector.config.paths import Home
from collector.journal import Batch
from collector.model.sink import SinkSettings
from collector.model.snapshot import SinkHealth
from collector.sinks import Deliverer
from scripts.bench.parts import (
    Receiver,
    collector,
    folder,
    gx_devices,
    home_with,
    meter_devices,
    until,
    wires,
)
from scripts.bench.recorded import mark_of, moved, opened, record, request
from scripts.bench.rows import Row
from scripts.bench.workload import free_port
from scripts.outage.past import RECORD_S, WARM_S, write
from scripts.outage.watch import Look, Watch
from scripts.torture.compare import compare_receivers

BEFORE_S = 30.0
THINNED_S = 10
MINUTE_MS = 60_000
FLAT_MB = 20.0
LIVE_S = 5.0
LONG_AGO_S = 90 * 86400.0
SURE_S = 10.0
"""A catch-up that is shorter is over before it can be measured."""
TELLING_S = 120.0
"""A catch-up that is shorter says nothing about memory: requests only just have their size."""
LONGEST_S = 7200.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class Outage:
    """How large: `hours` of past of `gx` GX and `meters` meters; the second outage lasts
    `second_s`."""

    hours: float = 24.0
    gx: int = 50
    meters: int = 100
    second_s: float = 60.0


def run(size: Outage, say: Say) -> Iterator[Row]:
    """Measure the thinned sink, then one of full resolution; rows come as they are known."""
    with (
        folder() as below,
        wires("gx_wire", "--count", str(size.gx), "--rate", "30") as gx,
        wires("meter_wire", "--count", str(size.meters)) as meters,
    ):
        devices = gx_devices(gx) + meter_devices(meters)
        (below / "recorded").mkdir()
        say("recording what a collector journals")
        former = home_with(below / "recorded", devices, None)
        recorded = record(former, WARM_S, RECORD_S)
        local, cloud = Receiver(below, free_port()), Receiver(below, free_port())
        home = home_with(below, devices, local.url)
        seconds = round(size.hours * 3600)
        with ExitStack() as stack:
            for one in (local, cloud):
                stack.callback(one.stop)
            for one in (local, cloud):
                _met_before(one, recorded[0])
            local.start()
            samples = sum(map(len, recorded)) / len(recorded)
            say(f"writing {seconds} batches of about {samples:.0f} samples")
            write(home, recorded, seconds, settled="local")
            shutil.copyfile(former.node_db, home.node_db)  # counters, and what rollups are stored
            say(f"{home.journal_db.stat().st_size / 1e6:.0f} MB of journal")
            table = {"url": cloud.url, "resolution_s": THINNED_S}
            _configure(home, {"local": {"url": local.url}, "cloud": table})
            yield from _outage(size, home, "cloud", cloud, local, say)
            yield from _identical(home, below, cloud, say)
            cloud.stop()
            full = Receiver(below, free_port())
            stack.callback(full.stop)
            _met_before(full, recorded[0])
            _configure(home, {"full": {"url": full.url}})
            yield from _outage(size, home, "full", full, full, say)


def _met_before(receiver: Receiver, batch: Batch) -> None:
    """Give a receiver a batch of long ago, and stop it: it knows the series then. One that was
    asked for a series which it has never met says for ten seconds more that there is none."""
    receiver.start()
    at_ms = int(time.time() - LONG_AGO_S) * 1000
    body = request(moved(batch, mark_of(batch), 0, at_ms))
    url = f"{receiver.url}/api/v1/write"

    def taken() -> bool:
        try:
            urllib.request.urlopen(urllib.request.Request(url, body), timeout=10).close()  # noqa: S310
        except OSError:
            return False
        return True

    until(taken, "the receiver takes a batch", 30)
    receiver.stop()


def _configure(home: Home, sinks: dict[str, Any]) -> None:
    node = tomllib.loads(home.node_toml.read_text())
    node["sinks"] = sinks
    node["journal"] = {"cap_mb": 500_000, "max_age_days": 365}
    home.node_toml.write_text(tomli_w.dumps(node))


def _outage(
    size: Outage, home: Home, name: str, receiver: Receiver, live: Receiver, say: Say
) -> Iterator[Row]:
    with collector(home):
        watch = Watch(home, name, live.url, say)
        began = watch.until(lambda _: watch.looks[-1].at_s > BEFORE_S, "the collector runs", 600)
        say(f"{name}: {began.left_s:.0f} s behind; the receiver comes")
        receiver.start()
        half = began.left_s / 2
        first = _leg(watch, lambda _, sent: sent >= half)
        say("the second outage: the receiver is killed")
        receiver.kill()
        gone_s = time.monotonic()
        watch.until(lambda _: time.monotonic() - gone_s > size.second_s, "time passes", 600)
        receiver.start()
        fresh_s = 2 * 60 + 10 if name == "cloud" else 10
        second = _leg(watch, lambda sink, _: sink.behind_s <= fresh_s and not sink.owed_batches)
    yield from judge(name, watch, (first, second), live_is_own=receiver is live)


def _leg(watch: Watch, done: Callable[[SinkHealth, int], bool]) -> tuple[Look, Look]:
    """From the first request that is taken until `done` holds of the sink and of the number of
    batches that were answered since then."""
    watch.until(lambda sink: sink.state not in ("backoff", "starting"), "the sink goes on", 180)
    start = watch.looks[-1]
    end = watch.until(
        lambda sink: done(sink, sink.sent_batches - start.sent), "the sink catches up", LONGEST_S
    )
    return start, end


def judge(
    name: str, watch: Watch, legs: tuple[tuple[Look, Look], ...], *, live_is_own: bool
) -> Iterator[Row]:
    """The rows of a sink whose catch-ups were `legs` of what `watch` has seen; `live_is_own`: the
    newest samples were looked for in the receiver that was away."""
    what = "thinned to 10 s" if name == "cloud" else "full resolution"
    speeds = [(end.sent - start.sent) / (end.at_s - start.at_s) for start, end in legs]
    long_enough = all(end.at_s - start.at_s >= SURE_S for start, end in legs)
    told = ", then ".join(
        f"{end.sent - start.sent} s in {end.at_s - start.at_s:.0f} s" for start, end in legs
    )
    cores = [(end.cpu_s - start.cpu_s) / (end.at_s - start.at_s) for start, end in legs]
    yield Row(
        f"catch-up, {what}",
        f"{min(speeds):.0f} × real time",
        "≥ 50 ×",
        min(speeds) >= 50 if long_enough else None,
        f"{told}, between them a second outage; {max(cores) * 100:.0f} % of a core",
    )
    during = [
        one for start, end in legs for one in watch.looks if start.at_s <= one.at_s <= end.at_s
    ]
    fresh = [one for leg in legs for one in _fresh(watch, *leg)]
    behind = sorted(one.behind_s for one in fresh) or [math.inf]
    first_s = max(_fresh_after(watch, *leg) for leg in legs)
    yield Row(
        f"newest sample meanwhile, {'the same' if live_is_own else 'the other'} receiver",
        f"{behind[-1]:.1f} s old",
        "< 5 s",
        behind[-1] < LIVE_S and first_s < LIVE_S if long_enough else None,
        f"half of the time within {behind[len(behind) // 2]:.1f} s, as its export shows it"
        + (f"; so from {first_s:.1f} s after the first answer on" if live_is_own else ""),
    )
    yield _memory(watch, *legs[-1])
    late = sorted(one.late_ms for one in during)
    p99 = late[math.floor(0.99 * (len(late) - 1))]
    yield Row("ticks meanwhile, p99", f"{p99:.0f} ms late", "", None, f"at most {late[-1]:.0f} ms")


def _memory(watch: Watch, start: Look, end: Look) -> Row:
    """How it went in the last leg, whose requests have found their size by a quarter of it."""
    looks = [one.rss_mb for one in watch.looks if start.at_s <= one.at_s <= end.at_s]
    quarters = [looks[len(looks) * n // 4 : len(looks) * (n + 1) // 4] or looks for n in range(4)]
    highest = [max(quarter) for quarter in quarters]
    grown = highest[3] - highest[1]
    return Row(
        "memory meanwhile",
        f"{max(one.rss_mb for one in watch.looks):.0f} MB at most",
        "flat",
        grown < FLAT_MB if end.at_s - start.at_s >= TELLING_S else None,
        f"{watch.looks[0].rss_mb:.0f} at first, {watch.looks[-1].rss_mb:.0f} at last; highest in "
        f"each quarter of the last catch-up: {', '.join(f'{mb:.0f}' for mb in highest)}",
    )


def _fresh(watch: Watch, start: Look, end: Look) -> list[Look]:
    """The looks of a leg from the first on that found the newest sample there."""
    looks = [one for one in watch.looks if start.at_s <= one.at_s <= end.at_s]
    while looks and looks[0].behind_s >= LIVE_S:
        looks.pop(0)
    return looks


def _fresh_after(watch: Watch, start: Look, end: Look) -> float:
    """Seconds from the beginning of a leg until the newest sample was there."""
    looks = _fresh(watch, start, end)
    return looks[0].at_s - start.at_s if looks else math.inf


def _identical(home: Home, below: Path, cloud: Receiver, say: Say) -> Iterator[Row]:
    calm = Receiver(below, free_port())
    calm.start()
    try:
        say("the undisturbed run, from the same journal")
        first_ms, last_ms = asyncio.run(_deliver(home, calm.url))
        end_ms = (last_ms // MINUTE_MS - 1) * MINUTE_MS - 1
        say("comparing")
        found = compare_receivers(cloud.url, calm.url, first_ms, end_ms)
    finally:
        calm.stop()
    for text in found.examples:
        say(text)
    yield Row(
        "thinned series, disturbed or not",
        "identical" if found.good else "DIFFERENT",
        "identical",
        found.good and found.samples > 0,
        f"{found.samples} samples of {(end_ms - first_ms) / 3_600_000:.1f} h; missing "
        f"{found.missing}, changed {found.changed}, twice {found.doubled}, more {found.foreign}",
    )


async def _deliver(home: Home, url: str) -> tuple[int, int]:
    """Give a receiver everything that the journal holds, thinned; first and last tick."""
    journal = await opened(home.journal_db)
    sink = Deliverer(SinkSettings(name="calm", url=url, resolution_s=THINNED_S), journal)
    task = asyncio.create_task(sink.run(lambda: None))
    try:
        await asyncio.sleep(1)
        await sink.drain()
        first_ms = await journal.at_ms(journal.first)
        assert first_ms is not None  # there is a past
        return first_ms, journal.last_ms
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await journal.close()
