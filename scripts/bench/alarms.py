"""`python -m scripts.bench.alarms`: how often a script of faults calls an operator.

The simulated festival runs in virtual time behind the doors of the protocol libraries; sources,
supervisor, site, rules, lifecycle and node.db are the real ones. Every asset is commissioned once
it lives. One operator acknowledges what he is called for a minute later. Beside what the program
does, the same scenes are judged without grouping by common cause, and without delays besides: a
figure that could not fail would prove nothing.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog
from msgspec import structs

from collector.alarms import Alarms, Scene
from collector.alarms.book import Book
from collector.alarms.evaluate import Memory, evaluate, remember
from collector.config.figures import AlarmSettings
from collector.model.alarm import CALLS, Alarm, AlarmChange, Rule
from collector.model.ids import Uuid7
from collector.model.kinds import AssetStatus
from collector.simulator.faults import Fault, load_faults
from collector.simulator.virtual.loop import VirtualLoop, run
from collector.store import NodeDb
from scripts.bench.field import START_S, Field
from scripts.bench.rows import Row

SCRIPT = Path(__file__).parent.parent.parent / "configs" / "faults" / "busy-hour.toml"
TARGET = 6.0
ASSETS = 120
SETTLE_S = 120
"""Until everything was found, lives, and has shown its nominal voltage."""
ACK_S = 60.0
CAUSES = (Rule.GATEWAY, Rule.SUBNET, Rule.TOGETHER, Rule.NODE_LINK)
PLAIN = AlarmSettings(off=CAUSES)
BARE = AlarmSettings(off=CAUSES, stale_s=0.0, delay_s=0.0, hysteresis_pct=0.0)


class Judged:
    """The same scenes under other settings, for comparison."""

    def __init__(self, limits: AlarmSettings) -> None:
        self._limits = limits
        self._memory = Memory()
        self._book = Book(new_id=Uuid7())
        self.calls = 0

    def tick(self, scene: Scene) -> None:
        """Judge, count what calls, acknowledge at once."""
        self._memory = remember(self._memory, scene)
        found = evaluate(scene, self._limits, self._memory, company=self._book.company())
        for step in self._book.judge(found, scene.at_ms, scene.now_s):
            if step.change.what in CALLS and step.alarm.state == "active":
                self.calls += 1
                self._book.acknowledge(step.alarm.id, person="operator", note="", at_ms=scene.at_ms)


class Hour:
    """What an operator had to do. `called` is (seconds, word, alarm) for each call."""

    def __init__(self) -> None:
        self.called: list[tuple[float, str, Alarm]] = []
        self.fell_silent = 0
        self.plain = Judged(PLAIN)
        self.bare = Judged(BARE)
        self.cpu_s = 0.0
        self.scenes = 0
        self._live: dict[str, bool] = {}

    def put(self, _db: object, alarm: Alarm, change: AlarmChange) -> None:
        """A change was kept."""
        if change.what in CALLS and alarm.state == "active":
            self.called.append((change.at_ms / 1000 - START_S - SETTLE_S, change.what, alarm))

    def look(self, scene: Scene) -> None:
        """Count what falls silent, and judge the scene the other ways."""
        for view in scene.assets:
            live = view.status is AssetStatus.LIVE
            self.fell_silent += self._live.get(view.id, False) and not live
            self._live[view.id] = live
        self.plain.tick(scene)
        self.bare.tick(scene)


async def watch(
    loop: VirtualLoop, faults: Sequence[Fault], *, assets: int, seed: int, seconds: int
) -> Hour:
    """Let the faults happen to a site, and count."""
    hour = Hour()
    later = tuple(structs.replace(f, at_s=f.at_s + SETTLE_S) for f in faults)
    with tempfile.TemporaryDirectory() as folder:
        db = NodeDb(Path(folder) / "node.db")
        await db.open()
        alarms = Alarms(db, AlarmSettings(), put=hour.put, wall=lambda: START_S + loop.now_s)
        await alarms.open()
        field = Field(loop, assets, seed, later)
        async for scene in field.scenes(SETTLE_S + seconds):
            hour.scenes += 1
            if hour.scenes <= SETTLE_S:
                if hour.scenes == SETTLE_S:
                    await _commission(alarms, scene)
                continue
            watched = frozenset(alarms.commissioned)
            began_s = time.process_time()
            alarms.tick(scene)
            hour.cpu_s += time.process_time() - began_s
            if hour.scenes % 600 == 0:
                print(f"… {hour.scenes / 60:.0f} min", file=sys.stderr, flush=True)
            hour.look(structs.replace(scene, commissioned=watched))
            await _operate(alarms, scene)
        await alarms.flush()
        await db.close()
    return hour


async def _commission(alarms: Alarms, scene: Scene) -> None:
    for view in scene.assets:
        assert view.status is AssetStatus.LIVE, f"{view.id} does not live: {view.reason}"
        await alarms.commission(view.id, person="operator")


async def _operate(alarms: Alarms, scene: Scene) -> None:
    """The operator acknowledges what has called for a minute."""
    for alarm in alarms.active():
        due = alarm.changed_ms + ACK_S * 1000 <= scene.at_ms
        if alarm.acked_ms is None and due:
            await alarms.acknowledge(alarm.id, person="operator")


def rows(hour: Hour, hours: float) -> list[Row]:
    """The figures, a row each."""
    per_hour = len(hour.called) / hours
    return [
        Row("alarms per operator-hour", f"{per_hour:.1f}", f"≤ {TARGET:g}", per_hour <= TARGET),
        Row("the same without common causes", f"{hour.plain.calls / hours:.1f}", "more", None),
        Row("and without delays", f"{hour.bare.calls / hours:.1f}", "far more", None),
        Row("times that an asset fell silent", f"{hour.fell_silent}", "", None),
    ]


def measured(minutes: float) -> Iterator[Row]:
    """The rows for the shipped script, cut off after so many minutes."""
    yield from rows(happen(load_faults(SCRIPT), minutes=minutes), minutes / 60)


def happen(faults: Sequence[Fault], *, minutes: float, assets: int = ASSETS, seed: int = 1) -> Hour:
    """Let the faults happen, in silence."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    seconds = int(minutes * 60)
    return run(lambda loop: watch(loop, faults, assets=assets, seed=seed, seconds=seconds))


def main() -> None:
    """Run a script of faults and print who was called for what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=Path, default=SCRIPT)
    parser.add_argument("--assets", type=int, default=ASSETS)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    faults = load_faults(args.faults)
    hour = happen(faults, minutes=args.minutes, assets=args.assets, seed=args.seed)
    print(f"{args.assets} assets, {len(faults)} faults in {args.minutes:g} minutes")
    for at_s, word, alarm in hour.called:
        with_whom = f" [{len(alarm.members)} assets]" if alarm.members else ""
        said = alarm.now or alarm.text
        print(f"  {at_s / 60:5.1f} min  {word:10} {alarm.rule}: {alarm.name or alarm.subject}")
        print(f"             {said}{with_whom}")
    for row in rows(hour, args.minutes / 60):
        print(row.line())
    ticks = max(1, hour.scenes - SETTLE_S)
    print(f"   judging cost {hour.cpu_s / ticks * 1000:.2f} ms of CPU a tick")


if __name__ == "__main__":
    main()
