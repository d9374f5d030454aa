"""A console on the real API over real desks that make real reports: time is moved by the test."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from collector.audit import AuditBook
from collector.config.paths import Home
from collector.events import EventBook, SaidBook
from collector.model.kinds import AssetKind
from collector.model.report_state import ReportEntry
from collector.model.snapshot import Snapshot
from collector.reports import event_hooks
from collector.reports.process import Limits
from collector.serve.api import make_app
from collector.serve.server import serve
from ovr_tui.commands.console import environment
from ovr_tui.console.app import ConsoleApp
from ovr_tui.console.leaving import Leave
from ovr_tui.console.profile import Profile
from tests.reports.support import TO_MS, Node, node
from tests.serve.desks import desks
from tests.support.snapshots import HandFeed, asset, snapshot


def site(at_ms: int, seq: int = 1) -> Snapshot:
    """Two systems of one meter each."""
    return snapshot(
        asset("stage-a", AssetKind.LOAD, readings={"load_power_w": 6000.0}, system="stage-a"),
        asset("stage-b", AssetKind.LOAD, readings={"load_power_w": 6000.0}, system="stage-b"),
        at_ms=at_ms,
        seq=seq,
    )


@asynccontextmanager
async def ticking(feed: HandFeed, one: Node) -> AsyncIterator[None]:
    """A collector says something every second, or it is taken for lost."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            await feed.push(site(one.now_ms, feed.snapshot.seq + 1))

    task = asyncio.create_task(tick())
    try:
        yield
    finally:
        task.cancel()


class Site:
    """What a test sees: the node, the app, the keyboard, and the folder with everything in it."""

    def __init__(self, node: Node, app: ConsoleApp, pilot: Pilot[Leave], folder: Path) -> None:
        self.node = node
        self.app = app
        self.pilot = pilot
        self.folder = folder

    async def report(self, revision: int = 1) -> ReportEntry:
        """The newest report of stage-a, once its revision is a draft."""
        (first, *_) = (await self.node.desk.listed()).reports
        return (await self.node.draft(first.id, revision)).entry


@asynccontextmanager
async def reporting(size: tuple[int, int] = (120, 40)) -> AsyncIterator[Site]:
    """A node on which stage-a has just left an event, and its report is a draft; the console shows
    its reports."""
    with tempfile.TemporaryDirectory(prefix="ovr-") as name:
        folder = Path(name)
        home = Home(config=folder / "config", state=folder / "state", run=folder)
        feed = HandFeed(site(TO_MS))
        (folder / "rest").mkdir()
        async with node(home.state, limits=Limits()) as one, desks(feed, folder / "rest"):
            feed.audit = AuditBook(one.db, wall=lambda: one.now_ms / 1000)
            feed.events = EventBook(
                one.db, node="n1", systems=lambda: {"stage-a": {"stage-a"}, "stage-b": {"stage-b"}},
                wall=lambda: one.now_ms / 1000,
            )  # fmt: skip
            feed.events.hooks = event_hooks(one.runner.wake)
            await feed.events.open()
            feed.said = SaidBook(feed.events)
            feed.reports = one.desk
            event = await one.event(["stage-a", "stage-b"])
            await one.stay(event, "stage-b")
            left = await one.leave(event, "stage-a")
            await one.draft(left.id)
            await feed.push(site(one.now_ms, 2))
            async with serve(make_app(feed), home.operator_socket), ticking(feed, one):
                app = ConsoleApp(
                    home.operator_socket, profile=Profile(), hosted=False,
                    wall=lambda: one.now_ms / 1000, environment=environment(home),
                )  # fmt: skip
                async with app.run_test(size=size) as pilot:
                    await pilot.press("r")
                    yield Site(one, app, pilot, folder)
                await feed.end()
