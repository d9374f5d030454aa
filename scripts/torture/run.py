"""The run: lives and deaths one after another, then time to catch up, then the comparison."""

import json
import time
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import tomli_w

from collector.config.paths import Home, find_home
from collector.wire import HealthAnswer
from scripts.bench.local import snapshot
from scripts.bench.parts import (
    Receiver,
    folder,
    gx_devices,
    home_with,
    meter_devices,
    until,
    wires,
)
from scripts.bench.workload import free_port
from scripts.torture import disk
from scripts.torture.compare import compare
from scripts.torture.mortal import Mortal
from scripts.torture.outcome import DiskFull, Outcome
from scripts.torture.plan import Life, Moment, Plan
from scripts.torture.victim import Victim
from scripts.torture.witness import Witness

QUIET_S = 0.3
STEP_S = 0.1
FULL_S = 20.0
FILLS_S = 1800.0
STARTS_S = 10.0
SETTLES_S = 1800.0

Say = Callable[[str], None]


def torture(plan: Plan, no_disk: str, say: Say) -> Outcome:
    """Carry `plan` out. `no_disk` tells why there can be no small disk; empty: there can."""
    silent = str(plan.meters // 4)
    with (
        ExitStack() as stack,
        folder() as below,
        wires("gx_wire", "--count", str(plan.gx), "--rate", "30") as gx,
        wires("meter_wire", "--count", str(plan.meters), "--silent", silent) as meters,
    ):
        receiver = Receiver(below, free_port())
        home = find_home(str(below / "home"), {})
        home.ensure()
        if plan.disk_mb and not no_disk:
            stack.enter_context(disk.mounted(home.state, plan.disk_mb))
        home_with(below, gx_devices(gx) + meter_devices(meters), receiver.url)
        _cap(home, plan.cap_mb)
        run = _Run(plan, home, below, receiver, say)
        try:
            return run.all(no_disk if plan.disk_mb else "not asked for")
        finally:
            run.stop()


def _cap(home: Home, cap_mb: int) -> None:
    node = tomllib.loads(home.node_toml.read_text())
    node["journal"] = {"cap_mb": cap_mb}
    home.node_toml.write_text(tomli_w.dumps(node))


class _Run:
    def __init__(self, plan: Plan, home: Home, scratch: Path, receiver: Receiver, say: Say) -> None:
        self._plan = plan
        self._home = home
        self._say = say
        self._mortal = Mortal(receiver)
        self._victim = Victim(home, scratch, plan.settle_s)
        self._witness = Witness(home, scratch)
        self._kills: Counter[str] = Counter()
        self._disk = DiskFull()
        self._receiver = receiver

    def all(self, no_disk: str) -> Outcome:
        """Every life, and the reckoning."""
        self._receiver.start()
        self._disk.skipped = no_disk
        for number, life in enumerate(self._plan.lives):
            if number == len(self._plan.lives) // 2 and not no_disk:
                self._fill()
                self._start_full()
            self._live(life)
            self._say(
                f"{number + 1}/{len(self._plan.lives)} {life.moment.value}: "
                f"{self._witness.head} batches, {self._mortal.kills} deaths of the receiver"
            )
        settled_s = self._settle()
        self._say("comparing")
        batches = [self._witness.batches[seq] for seq in sorted(self._witness.batches)]
        return Outcome(
            kills=dict(self._kills),
            receiver_kills=self._mortal.kills,
            back_s=self._victim.back_s,
            settled_s=settled_s,
            disk=self._disk,
            corrupt=self._witness.corrupt,
            faults=[*self._witness.faults, *self._victim.faults, *self._victim.own_faults()],
            comparison=compare(batches, self._receiver.url),
        )

    def stop(self) -> None:
        """End what still runs."""
        self._victim.end()
        self._receiver.stop()

    def _live(self, life: Life) -> None:
        self._victim.start()
        self._mortal.plan(life)
        ends_s = time.monotonic() + life.after_s
        while time.monotonic() < ends_s - QUIET_S:
            self._mortal.step()
            self._victim.look()
            time.sleep(STEP_S)
        time.sleep(max(0.0, ends_s - time.monotonic()))
        if life.moment is Moment.COMMIT:
            time.sleep(1 - time.time() % 1 + life.beyond_s)
        self._kill(life.moment.value)

    def _kill(self, moment: str) -> None:
        self._victim.kill()
        self._kills[moment] += 1
        self._witness.look(self._victim.acknowledged)

    def _watch(self, true: Callable[[HealthAnswer], object], what: str, limit_s: float) -> None:
        """Let time pass until `true` holds of what the collector says."""

        def holds() -> object:
            self._mortal.step()
            if self._victim.ended is not None:
                raise SystemExit(f"torture: {what}: the collector ended: {self._victim.said()}")
            seen = self._victim.look()
            return seen is not None and true(seen)

        until(holds, what, limit_s, STEP_S)

    def _fill(self) -> None:
        """A life in which the disk is full for a while, and what others free is taken at once. The
        receiver is away, or its settled batches would make room. It ends in order, to be asked."""
        self._victim.start()
        self._watch(lambda seen: seen.journal.samples, "the first batch", 90)
        before = until(lambda: snapshot(self._home), "the collector answers", 30)
        began_s = time.monotonic()
        self._mortal.away(True)
        with disk.filled(self._home.state) as glutton:

            def lost(seen: HealthAnswer) -> object:
                glutton.eat()
                return seen.journal.lost_samples

            self._watch(lost, "the disk is full", FILLS_S)
            self._disk.kept_s = time.monotonic() - began_s
            ends_s = time.monotonic() + FULL_S
            self._watch(lambda _: time.monotonic() > ends_s, "time passes", 2 * FULL_S)
        self._mortal.away(False)
        self._disk.full_s = time.monotonic() - began_s
        self._watch(lambda seen: seen.journal.state == "ok", "journaling goes on", 60)
        after = until(lambda: snapshot(self._home), "the collector answers", 30)
        head = self._victim.acknowledged
        self._watch(lambda seen: seen.journal.head > head + 2, "journaling goes on", 60)
        self._victim.end()
        self._witness.look(self._victim.acknowledged)
        did = json.loads(self._victim.summary.read_text())
        kept = self._witness.kept(before.at_ms, after.at_ms)
        self._disk.gap = after.seq - before.seq - kept
        self._disk.counted = did["lost_ticks"]
        self._disk.counted_samples = did["lost"]
        self._say(f"disk full: {self._disk.gap} ticks lost, {self._disk.counted} counted")

    def _start_full(self) -> None:
        """A start on a full disk, and a kill there."""
        with disk.filled(self._home.state):
            began_s = time.monotonic()
            self._victim.start()
            seen = None
            while self._victim.ended is None and time.monotonic() - began_s < STARTS_S:
                self._mortal.step()
                seen = self._victim.look() or seen
                time.sleep(STEP_S)
            if seen is None:
                self._disk.started = "refused; it has to be started again when there is room"
                self._victim.kill()
            else:
                self._disk.started = f"runs; {seen.health.tick_seq} ticks, {seen.journal.state}"
                self._kill("on a full disk")

    def _settle(self) -> float:
        """The last life: until the receiver surely has what was journaled before it began."""
        began_s = time.monotonic()
        self._victim.start()
        until(self._mortal.step, "the receiver's deaths", 120)
        goal = self._witness.head
        self._say(f"waiting until {goal} batches have settled")
        self._watch(
            lambda seen: seen.sinks and all(sink.settled >= goal for sink in seen.sinks),
            "everything settles",
            SETTLES_S,
        )
        settled_s = time.monotonic() - began_s
        self._victim.end()
        self._witness.look(self._victim.acknowledged, everything=True)
        return settled_s
