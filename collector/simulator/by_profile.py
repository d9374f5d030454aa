"""Building blocks that are read by profile: a generator with a DSE controller beside its GX, and a
battery system of which nothing is known but a register map."""

from functools import partial

from collector.simulator import truth
from collector.simulator.blocks import Block, bess_spec, genset_spec, gx, modbus, stage
from collector.simulator.gx.plan import GxPlan
from collector.simulator.layout import Layout
from collector.simulator.meters.acuvim import Setup
from collector.simulator.meters.bess import System, generic_bess
from collector.simulator.meters.dse import Controller, dse
from collector.simulator.meters.point import Point
from collector.simulator.physics.bess import Bess
from collector.simulator.physics.noise import stream

DSE_UNIT = 10


def engine_controller(layout: Layout, plan: GxPlan, device: str, name: str) -> None:
    """The controller of the generator that a GX has, read by its own address too. It measures what
    the GX says of that generator."""
    genset = plan.bess.genset
    if genset is None:
        raise ValueError(f"{plan.device} has no generator")
    random = stream(layout.seed, device)
    point = Point(genset.flow, random, random.uniform(500, 90000))
    controller = Controller(
        genset=genset,
        point=point,
        serial=random.randrange(10**8, 10**9),
        first_starts=random.randrange(20, 900),
    )
    modbus(layout, device, {DSE_UNIT: (device, dse(controller), (point,))})
    layout.devices.append(
        {"id": device, "kind": "modbus", "profile": "dse-gencomm", "unit": DSE_UNIT,
         "name": name, "system": plan.device}
    )  # fmt: skip
    layout.assets.append({"id": device, "rated_kva": genset.spec.kva})
    layout.truth[device] = partial(truth.generator, genset.flow)


def _controlled(layout: Layout) -> None:
    """Off grid: GX with generator, tank and a solar charger; the generator's DSE controller is a
    device of its own. A meter at the stage's transformer."""
    n = layout.number("bess")
    rated = 80.0
    spec = bess_spec(layout, n, mppt_w=(7000.0,), genset=genset_spec(layout, rated, n))
    plan = gx(layout, n, spec, tank=True)
    device = f"gen-{layout.number('gen')}"
    engine_controller(layout, plan, device, f"{plan.name} generator")
    layout.assets.append({"id": f"{plan.device}.genset", "same_as": device, "rated_kva": rated})
    stage(layout, plan, Setup(primary=True, ct=(400, 5)))


def _plain(layout: Layout) -> None:
    """A battery system on a feed, behind Modbus."""
    n = layout.number("bess")
    device = f"bess-{n}"
    spec = bess_spec(layout, n, mppt_w=(5000.0,), grid_w=15000.0, scale=0.7)
    bess = Bess(spec, layout.seed, device)
    layout.parts.append(bess)
    system = System(
        bess=bess, serial=layout.serial("GP", 8), first_kwh=layout.random.uniform(900, 30000)
    )
    modbus(layout, device, {1: (device, generic_bess(system), ())})
    layout.devices.append(
        {"id": device, "kind": "modbus", "profile": "bess-generic", "unit": 1,
         "name": f"BESS {n} generic", "system": device}
    )  # fmt: skip
    ratings = {"battery_kwh": spec.battery.kwh, "inverter_kva": spec.inverter.kva}
    layout.assets.append({"id": device, **ratings})
    layout.truth[device] = partial(truth.bess, bess)


CONTROLLED = Block(6, _controlled)
PLAIN = Block(1, _plain)
