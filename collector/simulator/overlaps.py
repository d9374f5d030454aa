"""Blocks that measure again what another one measures: every overlap that a site can have."""

from collector.simulator.blocks import GEN24, HYBRID, SOLAR, Block, acuvim
from collector.simulator.by_profile import engine_controller
from collector.simulator.gx.plan import GxPlan
from collector.simulator.layout import Layout
from collector.simulator.meters.acuvim import Setup


def _controller(layout: Layout) -> None:
    """The engine controller of the first generator that a GX has, read by its own address too. It
    is of record: what the GX and the generator's meter say is a check."""
    plan = next(spot.plan for spot in layout.gxs if spot.plan.genset_serial)
    device = f"dse-{layout.number('dse')}"
    engine_controller(layout, plan, device, f"{plan.name} engine")
    for entry in layout.assets:
        if entry.get("same_as", "").startswith("gen-"):
            meter = entry["same_as"]
            entry["same_as"] = device
    next(entry for entry in layout.assets if entry["id"] == meter)["same_as"] = device


def _feed(layout: Layout) -> None:
    """A meter at the feed of the first battery system whose GX has one there too."""
    plan: GxPlan = next(spot.plan for spot in layout.gxs if spot.plan.grid_serial)
    device = f"feed-{layout.number('feed')}"
    setup = Setup(primary=True, ct=(200, 5))
    acuvim(layout, device, f"{plan.name} feed", plan.bess.input, kind="grid", setup=setup)
    layout.assets.append({"id": f"{plan.device}.grid", "same_as": device})


CONTROLLER = Block(1, _controller)
FEED = Block(1, _feed)

OVERLAPS = (HYBRID, CONTROLLER, SOLAR, FEED, GEN24)
"""A generator measured by its GX, by a meter and by its controller; a stage's meter behind a
battery system; a PV inverter that its GX sees too; a feed with a meter inside and one outside; and
a solar field that nobody else sees."""
