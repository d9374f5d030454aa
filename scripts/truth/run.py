"""A simulated event for a comparison: who takes part from when to when, what is true of each, and
where the reports lie."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from collector.config.paths import find_home
from collector.model.event import Event, EventStatus, Participation, SystemUse, UseCase
from collector.model.report import EventReport, SystemReport
from collector.model.report_state import ReportEntry
from collector.model.terms import Terms
from collector.reports import table
from collector.simulator.blocks import Block
from collector.simulator.virtual.loop import VirtualLoop
from collector.simulator.virtual.loop import run as run_virtual
from collector.simulator.virtual.node import VirtualNode, opened
from collector.simulator.virtual.site import VirtualSite
from scripts.truth.ledger import Facts, Ledger, Moment, parts_by_system

TICK_S = 6
WARM_S = 300
"""Before the event: everything is found, and lives."""
AFTER_S = 600
START_S = 1_782_396_000
"""2026-06-25 14:00 UTC: seven in the morning in California."""
ZONE = "America/Los_Angeles"
NODE: dict[str, Any] = {
    "node": {"id": "truth", "site": "field", "timezone": ZONE},
    "journal": {"cap_mb": 512},
}


class Case(Struct, frozen=True, kw_only=True):
    """What is simulated. `acts` are done at so many seconds of the event, after its systems have
    joined. `hour` is the sun's when collecting begins."""

    blocks: Sequence[Block]
    seconds: int
    seed: int = 3
    hour: float = 7.0
    uses: Mapping[str, UseCase] = {}
    terms: Terms = Terms()
    acts: Sequence[tuple[int, Callable[["Bench"], Awaitable[None]]]] = ()
    prepare: Callable[[VirtualSite], None] = lambda _site: None
    said: Mapping[str, Mapping[str, Any]] = {}
    """What the registry says of assets beside what the blocks do."""


class Spell(Struct, frozen=True, kw_only=True):
    """One participation, and what is true of it."""

    participation: Participation
    facts: Facts


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of a case. `spells` are those of systems of which the plant knows the truth;
    `totals` is true of the whole event, each flow once."""

    state: Path
    event: str
    entries: tuple[ReportEntry, ...]
    spells: tuple[Spell, ...]
    totals: Mapping[str, float]
    failed: Mapping[str, str]

    def folder(self, report: str) -> Path:
        """Where the newest revision of a report lies. Raises KeyError."""
        found = [one for one in self.entries if one.id == report]
        if not found:
            raise KeyError(f"there is no report {report}: {dict(self.failed)}")
        return self.state / max(found, key=lambda one: one.revision).folder

    def system(self, spell: Spell) -> SystemReport:
        """The report of a participation."""
        content = (self.folder(spell.participation.id) / "report.json").read_bytes()
        return msgspec.json.decode(content, type=SystemReport)

    def whole(self) -> EventReport:
        """The event's report."""
        content = (self.folder(self.event) / "report.json").read_bytes()
        return msgspec.json.decode(content, type=EventReport)

    def of(self, system: str) -> list[Spell]:
        """The participations of a system, in order of time."""
        return [one for one in self.spells if one.participation.system == system]


class Bench:
    """The running case: acts use `node`, `event` and `ledger`."""

    def __init__(self, node: VirtualNode, ledger: Ledger) -> None:
        self.node = node
        self.ledger = ledger
        self.event = ""
        self.firsts: dict[str, Moment] = {}
        """Where the systems that are in stood when they joined."""
        self.spells: list[Spell] = []

    async def join(self, *systems: str) -> None:
        """Systems take part from now on."""
        now_ms = self.node.now_ms()
        await self.node.events.join(self.event, systems, person="bench")
        for system in systems:
            if system in self.ledger.systems:
                self.firsts[system] = self.ledger.now(system, now_ms)

    async def leave(self, *systems: str) -> None:
        """Systems leave now."""
        self._close(await self.node.events.leave(self.event, systems, person="bench"))

    async def end(self) -> None:
        """The event ends now."""
        _, left = await self.node.events.end(self.event, person="bench")
        self._close(left)

    def _close(self, left: Sequence[Participation]) -> None:
        for one in left:
            first = self.firsts.pop(one.system, None)
            if first is not None:
                last = self.ledger.now(one.system, one.to_ms or 0)
                facts = self.ledger.between(one.system, first, last)
                self.spells.append(Spell(participation=one, facts=facts))

    async def tick(self) -> None:
        """Let a tick pass."""
        await self.node.tick()
        self.ledger.note(self.node.newest_ms)


def happen(case: Case, folder: Path) -> Outcome:
    """Simulate a case in the home `folder`, until its reports are made."""
    random.seed(case.seed)  # the supervisors' jitter
    return run_virtual(lambda loop: _happen(loop, case, folder))


async def _happen(loop: VirtualLoop, case: Case, folder: Path) -> Outcome:
    site = VirtualSite(
        loop, case.blocks, case.seed, start_s=START_S, start_hour=case.hour, tick_s=TICK_S
    )
    case.prepare(site)
    home = find_home(str(folder), {})
    async with opened(loop, site, home, NODE, case.said) as node:
        bench = Bench(node, Ledger(site, parts_by_system(site)))
        for _ in range(WARM_S // TICK_S):
            await bench.tick()
        missing = {one.id for one in node.assets} - node.alive
        if missing:
            raise AssertionError(f"these do not live: {', '.join(sorted(missing))}")
        await _begin(bench, case)
        totals = await _go_on(bench, case)
        for _ in range(AFTER_S // TICK_S):
            await bench.tick()
        return await _outcome(bench, totals)


async def _begin(bench: Bench, case: Case) -> None:
    now_ms = bench.node.now_ms()
    draft = Event(
        id="",
        name="Truth",
        job="TRUTH-1",
        timezone=ZONE,
        status=EventStatus.PLANNED,
        terms=case.terms,
        systems=tuple(SystemUse(system=s, use_case=u) for s, u in case.uses.items()),
        created_ms=now_ms,
        changed_ms=now_ms,
    )
    bench.event = (await bench.node.events.create(draft, person="bench")).id
    await bench.node.events.start(bench.event, person="bench")
    await bench.join(*sorted(bench.node.systems()))


async def _go_on(bench: Bench, case: Case) -> Mapping[str, float]:
    before = bench.ledger.total()
    acts = sorted(case.acts, key=lambda act: act[0])
    for second in range(0, case.seconds, TICK_S):
        while acts and acts[0][0] <= second:
            await acts.pop(0)[1](bench)
        await bench.tick()
    await bench.end()
    return {name: kwh - before[name] for name, kwh in bench.ledger.total().items()}


async def _outcome(bench: Bench, totals: Mapping[str, float]) -> Outcome:
    node = bench.node
    stored = await node.db.run("read reports", lambda db: table.listed(db, None, 1000))
    jobs = await node.db.run("read jobs", table.jobs)
    return Outcome(
        state=node.home.state,
        event=bench.event,
        entries=tuple(one.entry for one in stored),
        spells=tuple(bench.spells),
        totals=totals,
        failed={job.system or "event": job.reason or job.state for job in jobs},
    )
