"""`python -m scripts.bench.reports`: reports of a four-day event, while a collector collects."""

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collector.client import Client
from collector.config.paths import Home
from collector.errors import ApiError
from collector.model.report_meta import META_FILE
from scripts.bench.four_days import DAYS, SYSTEMS, FourDays, prepare
from scripts.bench.local import UnixConnection, all_running
from scripts.bench.parts import (
    collector,
    folder,
    gx_devices,
    home_with,
    meter_devices,
    until,
    wires,
)
from scripts.bench.rows import Row
from scripts.bench.workload import Size

ONE_S = 3.0
ALL_S = 180.0
LATE_MS = 200.0
CALM_S = 15.0
LIMIT_S = 1200.0


class Ticks:
    """How late each tick came that was seen."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._late: dict[int, float] = {}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def since(self, seq: int) -> tuple[float, int, int]:
        """The latest tick since then, in ms; how many were seen, and how many there were."""
        seen = {at: late for at, late in self._late.items() if at > seq}
        return max(seen.values(), default=0.0), len(seen), max(seen, default=seq) - seq

    @property
    def newest(self) -> int:
        """The number of the newest tick seen."""
        return max(self._late, default=0)

    def _watch(self) -> None:
        asyncio.run(self._stream())

    async def _stream(self) -> None:
        while not self._end.is_set():
            try:
                async with Client(self._home.operator_socket) as client:
                    async for one in client.stream():
                        self._late[one.health.tick_seq] = one.health.tick_late_ms
                        if self._end.is_set():
                            return
            except ApiError:
                await asyncio.sleep(0.5)

    def __enter__(self) -> "Ticks":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(5)


def run(size: Size, systems: int = SYSTEMS, days: int = DAYS) -> Iterator[Row]:
    """Measure; rows come as they are known."""
    with (
        folder() as below,
        wires("gx_wire", "--count", str(size.gx), "--rate", str(size.rate)) as gx,
        wires("meter_wire", "--count", str(size.meters)) as meters,
    ):
        home = home_with(below, gx_devices(gx) + meter_devices(meters), None)
        began_s = time.monotonic()
        made = prepare(home, int(time.time() * 1000), systems, days)
        mb = home.node_db.stat().st_size / 1e6
        detail = f"{made.rows} rows, {mb:.0f} MB, written in {time.monotonic() - began_s:.0f} s"
        yield Row(f"{systems} systems of {days} days", "prepared", "", None, detail)
        with collector(home), Ticks(home) as ticks:
            until(lambda: all_running(home), "all devices answer", 120, 0.5)
            yield from _measured(home, made, ticks, days)


def _measured(home: Home, made: FourDays, ticks: Ticks, days: int) -> Iterator[Row]:
    time.sleep(10)
    calm = ticks.newest
    time.sleep(CALM_S)
    late, _, _ = ticks.since(calm)
    yield Row("ticks late, no report being made", f"{late:.0f} ms", "", None)
    first = made.systems[0]
    began_s = time.monotonic()
    _post(home, f"/v1/events/{made.event}/systems/{first}/leave", {})
    root = home.state / "reports" / made.event
    until(lambda: _whole(root), "the first report", 120, 0.02)
    took = time.monotonic() - began_s
    what = f"system report of {days} days, with PDF"
    yield Row(what, f"{took:.1f} s", f"≤ {ONE_S:g} s", took <= ONE_S, "from the leave on")
    seq, began_s = ticks.newest, time.monotonic()
    _post(home, f"/v1/events/{made.event}/end", {})
    answered = time.monotonic() - began_s
    count = len(made.systems)
    until(lambda: len(_whole(root / "systems")) >= count, "all system reports", LIMIT_S, 0.25)
    systems_s = time.monotonic() - began_s
    until(lambda: _whole(root, "event-r*"), "the event's report", LIMIT_S, 0.25)
    event_s = time.monotonic() - began_s
    until(lambda: _drafts(root) >= count, "all drafts", LIMIT_S, 0.5)
    drafts_s = time.monotonic() - began_s
    late, seen, passed = ticks.since(seq)
    yield Row(
        f"{count} systems ended at once, and the event", f"{event_s:.0f} s", f"≤ {ALL_S:g} s",
        event_s <= ALL_S,
        f"provisional {systems_s:.0f} s, event {event_s:.0f} s, all final {drafts_s:.0f} s; "
        f"the end was answered after {answered:.1f} s",
    )  # fmt: skip
    yield Row(
        "  ticks late meanwhile", f"{late:.0f} ms", f"≤ {LATE_MS:g} ms", late <= LATE_MS,
        f"{seen} of {passed} ticks seen",
    )  # fmt: skip


def _whole(root: Path, below: str = "**") -> list[Path]:
    return [one for one in root.glob(f"{below}/{META_FILE}") if ".jobs" not in one.parts]


def _drafts(root: Path) -> int:
    """Reports that are no provisional ones any more."""
    count = 0
    for one in _whole(root / "systems"):
        try:
            count += json.loads(one.read_bytes()).get("state") == "draft"
        except (OSError, ValueError):
            continue
    return count


def _post(home: Home, path: str, body: dict[str, Any]) -> Any:
    connection = UnixConnection(str(home.operator_socket), 120.0)
    with closed(connection):
        connection.request(
            "POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"bench: POST {path}: {answer.status} {content.decode()[:400]}")
        return json.loads(content)


@contextmanager
def closed(connection: http.client.HTTPConnection) -> Iterator[None]:
    """Closed at the end."""
    try:
        yield
    finally:
        connection.close()


if __name__ == "__main__":
    import sys

    small = "--quick" in sys.argv
    sizes = Size(gx=5, meters=10) if small else Size()
    for row in run(sizes, 10 if small else SYSTEMS):
        print(row.line(), flush=True)
