"""A report that is made after the collector was started again with all devices switched off."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import structlog

from collector.config.paths import Home, find_home
from collector.model.event import Event, EventStatus
from collector.model.report import SystemReport
from collector.model.report_input import ReportInputs
from collector.reports import Wish, table
from collector.reports.table import Stored
from collector.rollups import tables as rollups
from collector.simulator.blocks import Block, bess_spec, genset_spec, gx
from collector.simulator.layout import Layout
from collector.simulator.virtual.loop import VirtualLoop, run
from collector.simulator.virtual.node import VirtualNode, opened
from collector.simulator.virtual.site import VirtualSite
from collector.site.site import Site

pytestmark = pytest.mark.timeout(240)

START_S = 1_782_396_000
TICK_S = 6
NODE = {"node": {"id": "n1", "site": "field", "timezone": "UTC"}, "journal": {"cap_mb": 64}}
"""A battery system with a generator, a solar charger and an inverter on its roof, all behind one
GX, which measures what goes through it too."""


def _system(layout: Layout) -> None:
    n = layout.number("bess")
    spec = bess_spec(
        layout, n, mppt_w=(9000.0,), pv_inverter_w=12000.0, genset=genset_spec(layout, 45.0, n)
    )
    gx(layout, n, spec, pv_inverter_serial=layout.serial("3", 8), tank=True)


class Off(VirtualSite):
    """The same site with every device switched off."""

    @asynccontextmanager
    async def reading(self, site: Site, config: Path) -> AsyncIterator[None]:
        """Nobody answers."""
        yield


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.configure(**before)


def _site(loop: VirtualLoop, kind: type[VirtualSite], start_s: int) -> VirtualSite:
    return kind(loop, (Block(5, _system),), 3, start_s=start_s, start_hour=12.0, tick_s=TICK_S)


async def _pass(node: VirtualNode, minutes: float) -> None:
    for _ in range(round(minutes * 60 / TICK_S)):
        await node.tick()


async def _made(node: VirtualNode) -> None:
    """Let time pass until nothing is to be done for any report."""
    for _ in range(200):
        await node.tick()
        if not await node.db.run("look", table.jobs) and not node.reports.busy:
            return


async def _show(loop: VirtualLoop, home: Home) -> str:
    """The system takes part twice; before the second time is over the node stops. The event."""
    async with opened(loop, _site(loop, VirtualSite, START_S), home, NODE) as node:
        await _pass(node, 5)
        now_ms = node.now_ms()
        draft = Event(
            id="", name="Fair", timezone="UTC", status=EventStatus.PLANNED,
            created_ms=now_ms, changed_ms=now_ms,
        )  # fmt: skip
        event = await node.events.create(draft, person="ann")
        await node.events.start(event.id, person="ann")
        await node.events.join(event.id, ["bess-1"], person="ann")
        await _pass(node, 30)
        await node.events.leave(event.id, ["bess-1"], person="ann")
        await _made(node)
        await node.events.join(event.id, ["bess-1"], person="ann")
        await _pass(node, 20)
        return event.id


async def _packed_up(loop: VirtualLoop, home: Home, event: str) -> list[str]:
    """Started again with nothing to read: the first report is built anew, and the event ends. The
    assets that the node sees."""
    async with opened(loop, _site(loop, Off, START_S + 7200), home, NODE) as node:
        await _pass(node, 1)
        (first,) = await _systems(node)
        await node.desk.build(Wish(report=first.entry.id), "ann")
        await _made(node)
        last_ms = await node.db.run("read", rollups.mark)
        await node.events.end(event, at_ms=last_ms, person="ann")
        await _made(node)
        return [one.id for one in node.assets]


async def _systems(node: VirtualNode) -> list[Stored]:
    found = await node.db.run("read", lambda db: table.listed(db, None, 100))
    return [one for one in found if one.entry.kind == "system"]


def _read(folder: Path) -> tuple[SystemReport, ReportInputs]:
    report, inputs = ((folder / name).read_bytes() for name in ("report.json", "inputs.json"))
    return (
        msgspec.json.decode(report, type=SystemReport),
        msgspec.json.decode(inputs, type=ReportInputs),
    )


def test_what_devices_told_is_known_when_they_are_off(tmp_path: Path) -> None:
    """A report that is built anew after a restart without devices is the same to the byte, so that
    no new revision comes of it; one that is built there for the first time counts each flow once,
    under the names that the devices have."""
    random.seed(3)
    home = find_home(str(tmp_path), {})
    event = run(lambda loop: _show(loop, home))
    before = sorted(home.state.glob("reports/*/systems/*/*-r*"))
    assert len(before) == 1
    files = {path.name: path.read_bytes() for path in before[0].iterdir()}
    seen = run(lambda loop: _packed_up(loop, home, event))
    assert seen == ["bess-1"]
    first, second = sorted(home.state.glob("reports/*/systems/*/*-r*"))
    assert first == before[0]
    assert {path.name: path.read_bytes() for path in first.iterdir()} == files
    (was, was_made_of), (is_, made_of) = _read(first), _read(second)
    assert len(was.generators) == len(is_.generators) == 1
    assert {one.name for one in is_.members} == {one.name for one in was.members}
    assert made_of.links == was_made_of.links != ()
    assert made_of.assets == was_made_of.assets
    assert [note.code for note in is_.notes if note.level == "blocks"] == []
    assert abs(is_.energy.residual_pct or 99) < 5
