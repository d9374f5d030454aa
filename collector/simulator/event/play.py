"""Plays a script on a node in scripted time."""

import random
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from collector.config.paths import Home
from collector.model.event import Participation
from collector.model.report_meta import META_FILE
from collector.model.report_state import ReportEntry, ReportState
from collector.reports import table
from collector.simulator.blocks import Block
from collector.simulator.event.crew import Crew
from collector.simulator.event.script import Script, Step
from collector.simulator.event.terms import NODE, UNITS
from collector.simulator.show import SHOW
from collector.simulator.virtual.loop import VirtualLoop
from collector.simulator.virtual.node import VirtualNode, opened
from collector.simulator.virtual.site import VirtualSite

TICK_S = 6
SEED = 7
LONGEST_MS = 20 * 60_000
"""So long after the last step reports are waited for."""

Tell = Callable[[int, str], None]
"""Takes what has happened, with its scripted time in UTC ms."""


class Appeared(Struct, kw_only=True):
    """When a report's revision was there: real seconds of its provisional form after what asked for
    it, and of its draft; scripted seconds of the draft after the end of its window."""

    provisional_s: float | None = None
    draft_s: float | None = None
    draft_scripted_s: float | None = None


class Played(Struct, frozen=True, kw_only=True):
    """What came of it. `entries` are the reports as they stand at the end, each newest revision
    last; `appeared` is by id and revision; `failed` says of what there is no report, and why."""

    event: str
    entries: tuple[ReportEntry, ...]
    appeared: Mapping[tuple[str, int], Appeared]
    failed: Mapping[str, str]
    left: tuple[Participation, ...]
    ticks: int
    real_s: float


async def play(
    loop: VirtualLoop,
    script: Script,
    home: Home,
    tell: Tell,
    *,
    blocks: Sequence[Block] = SHOW,
    tick_s: int = TICK_S,
    seed: int = SEED,
) -> Played:
    """Play it on a node of its own in `home`. Raises what the node's books refuse."""
    began_s = time.monotonic()
    random.seed(seed)  # the supervisors' jitter
    site = VirtualSite(
        loop, blocks, seed, start_s=script.begin_ms // 1000, start_hour=script.hour, tick_s=tick_s
    )
    devices = {entry["id"] for entry in site.layout.devices}
    units = {asset: said for asset, said in UNITS.items() if asset.partition(".")[0] in devices}
    async with opened(loop, site, home, NODE, units) as node:
        crew = Crew(node)
        crew.prepare()
        watch = Watching(node, tell)
        await _steps(crew, script.steps, watch, tell)
        until_ms = node.now_ms() + LONGEST_MS
        while await watch.unfinished() and node.now_ms() < until_ms:
            await node.tick()
            await watch.look()
        return Played(
            event=crew.event_id,
            entries=tuple(watch.entries),
            appeared=watch.appeared,
            failed=await watch.failed(),
            left=tuple(crew.left),
            ticks=node.ticks,
            real_s=time.monotonic() - began_s,
        )


async def _steps(crew: Crew, steps: Sequence[Step], watch: "Watching", tell: Tell) -> None:
    """Let time pass, and each step happen when it is its time."""
    left = list(steps)
    while left:
        now_ms = crew.node.now_ms()
        for step in [one for one in left if one.at_ms <= now_ms]:
            if not step.when(crew):
                continue
            left.remove(step)
            watch.asked()
            tell(now_ms, await step.act(crew))
        await crew.node.tick()
        await watch.look()


class Watching:
    """Sees reports appear, and says so."""

    def __init__(self, node: VirtualNode, tell: Tell) -> None:
        self.entries: list[ReportEntry] = []
        self.appeared: dict[tuple[str, int], Appeared] = {}
        self._asked_s = time.time()
        """Real time (Unix s), as files have it."""
        self._expecting = False
        self._node = node
        self._tell = tell
        self._states: dict[tuple[str, int], ReportState] = {}

    def asked(self) -> None:
        """Something happens now that may ask for reports."""
        self._asked_s = time.time()
        self._expecting = True

    async def look(self) -> None:
        """Look for what is new, while anything is to be made."""
        if self._expecting:
            self._expecting = await self.unfinished()
            await self._read()

    async def _read(self) -> None:
        stored = await self._node.db.run("read reports", lambda db: table.listed(db, None, 1000))
        self.entries = sorted(
            (one.entry for one in stored), key=lambda e: (e.kind == "event", e.to_ms, e.revision)
        )
        for entry in self.entries:
            key = entry.id, entry.revision
            if self._states.get(key) is not entry.state:
                self._states[key] = entry.state
                self._note(entry)

    def _note(self, entry: ReportEntry) -> None:
        at_ms = self._node.now_ms()
        one = self.appeared.setdefault((entry.id, entry.revision), Appeared())
        name = f"report of {entry.system or 'the event'}, revision {entry.revision}"
        if entry.state is ReportState.PROVISIONAL:
            one.provisional_s = self._written_s(entry) - self._asked_s
            self._tell(at_ms, f"  {name}: provisional after {one.provisional_s:.1f} s")
        elif entry.state is ReportState.DRAFT:
            one.draft_s = time.time() - self._asked_s
            one.draft_scripted_s = (at_ms - entry.to_ms) / 1000
            why = f" ({entry.why})" if entry.why else ""
            self._tell(at_ms, f"  {name}: draft{why}")

    def _written_s(self, entry: ReportEntry) -> float:
        """When its last file was written (Unix s): several may be there since the last look."""
        return (self._node.home.state / entry.folder / META_FILE).stat().st_mtime

    async def unfinished(self) -> bool:
        """Whether a report is still to be made, or will be made better by itself."""
        jobs = await self._node.db.run("read what is to be done", table.jobs)
        return any(job.state != "failed" for job in jobs)

    async def failed(self) -> dict[str, str]:
        """What has no report, and why."""
        await self._read()
        jobs = await self._node.db.run("read what is to be done", table.jobs)
        return {job.system or "the event": job.reason or "it was not made in time" for job in jobs}
