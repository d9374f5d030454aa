"""The systems of a scripted show: one for each way of saving, and a stand that is only metered."""

from functools import partial

from msgspec import structs

from collector.simulator import truth
from collector.simulator.blocks import (
    Block,
    acuvim,
    bess_spec,
    genset_spec,
    gx,
    modbus,
    stage,
)
from collector.simulator.gx.plan import GxPlan
from collector.simulator.layout import Layout
from collector.simulator.meters import fronius
from collector.simulator.meters.acuvim import Setup
from collector.simulator.meters.bess import System, generic_bess
from collector.simulator.meters.fronius_solar import SolarApi
from collector.simulator.meters.point import Point
from collector.simulator.physics.bess import Bess, BessSpec
from collector.simulator.physics.direct import MainsLoad
from collector.simulator.physics.genset import GensetSpec
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.noise import stream

DEAR_HOURS = (16.0, 21.0)
"""When the grid's energy is dear."""


def _hybrid(layout: Layout) -> None:
    """Off grid: GX with generator, tank and a solar charger; the generator has a meter of its own
    (the same flow), the stage's transformer has one behind the battery system."""
    n = layout.number("bess")
    spec = bess_spec(layout, n, mppt_w=(6000.0,), genset=_quiet(layout, 60.0, n))
    plan = gx(layout, n, spec, tank=True)
    assert plan.bess.genset is not None  # noqa: S101 - the spec above has one
    meter = f"gen-{layout.number('gen')}"
    setup = Setup(primary=True, ct=(600, 5), serial=layout.serial("AH", 9))
    acuvim(
        layout, meter, f"{plan.name} generator", plan.bess.genset.flow,
        kind="generator", setup=setup, system=plan.device, rated=60.0,
    )  # fmt: skip
    layout.assets.append({"id": f"{plan.device}.genset", "same_as": meter, "rated_kva": 60.0})
    _stage(layout, plan)


def _quiet(layout: Layout, kva: float, n: int) -> GensetSpec:
    """A set that stands at the start, with a tank half full."""
    return structs.replace(genset_spec(layout, kva, n), running=False, first_fuel_pct=52.0)


def _sunny(layout: Layout) -> None:
    """Off grid with much sun: GX with generator, tank, a solar charger, and a PV inverter on its
    output that is a device of its own too."""
    n = layout.number("bess")
    spec = bess_spec(
        layout, n, mppt_w=(9000.0,), pv_inverter_w=12000.0, genset=_quiet(layout, 45.0, n),
        scale=0.7,
    )  # fmt: skip
    serial = layout.serial("3", 8)
    plan = gx(layout, n, spec, pv_inverter_serial=serial, tank=True)
    layout.assets.append({"id": f"{plan.device}.genset", "rated_kva": 45.0})
    _roof(layout, plan, serial)


def _roof(layout: Layout, plan: GxPlan, serial: str) -> None:
    bess = plan.bess
    device = f"pv-{layout.number('pv')}"
    point = Point(bess.pv_ac, stream(layout.seed, device), plan.lifetime_kwh * 2)
    inverter = fronius.Inverter(
        point=point, array=bess.roof, serial=serial, throttled=lambda: bess.throttled
    )
    modbus(layout, device, {1: (device, fronius.gen24(inverter), (point,))})
    layout.gateways[-1].solar = SolarApi(inverters={"1": inverter})
    layout.devices.append(
        {"id": device, "kind": "fronius", "name": f"{plan.name} roof", "unit": 1,
         "system": plan.device}
    )  # fmt: skip
    layout.assets.append({"id": device, "behind": plan.device, "rated_kw": 12.0})
    layout.truth[device] = partial(truth.pv, bess.pv_ac)


def _shaver(layout: Layout) -> None:
    """On a feed that is too small for its peaks: GX with grid meter; a meter at the stage."""
    n = layout.number("bess")
    plan = gx(layout, n, bess_spec(layout, n, grid_w=11500.0, scale=0.8), grid=True)
    layout.assets.append({"id": f"{plan.device}.grid", "rated_kw": 60.0})
    _stage(layout, plan)


def _stage(layout: Layout, plan: GxPlan) -> None:
    stage(layout, plan, Setup(primary=True, ct=(400, 5), serial=layout.serial("AH", 9)))
    name = f"stage-{layout.numbers['stage']}"
    next(entry for entry in layout.devices if entry["id"] == name)["system"] = plan.device


def _shifter(layout: Layout) -> None:
    """On a good feed, with a battery that carries the dear hours; known by its register map."""
    n = layout.number("bess")
    device = f"bess-{n}"
    spec = structs.replace(bess_spec(layout, n, grid_w=30000.0, scale=0.6), dear_hours=DEAR_HOURS)
    bess = Bess(spec, layout.seed, device)
    layout.parts.append(bess)
    _by_map(layout, n, device, spec, bess)


def _by_map(layout: Layout, n: int, device: str, spec: BessSpec, bess: Bess) -> None:
    system = System(
        bess=bess, serial=layout.serial("GP", 8), first_kwh=layout.random.uniform(900, 30000)
    )
    modbus(layout, device, {1: (device, generic_bess(system), ())})
    layout.devices.append(
        {"id": device, "kind": "modbus", "profile": "bess-generic", "unit": 1,
         "name": f"BESS {n} Production", "system": device}
    )  # fmt: skip
    ratings = {"battery_kwh": spec.battery.kwh, "inverter_kva": spec.inverter.kva}
    layout.assets.append({"id": device, **ratings})
    layout.truth[device] = partial(truth.bess, bess)


def _stand(layout: Layout) -> None:
    """A food court on house power, metered."""
    device = f"load-{layout.number('load')}"
    spec = LoadSpec(base_w=3000, show_w=8000, spike_w=1500, hours=(9, 25))
    part = MainsLoad(spec, layout.seed, device)
    layout.parts.append(part)
    setup = Setup(primary=True, ct=(200, 5), serial=layout.serial("AH", 9))
    acuvim(layout, device, "Food court", part.served, kind="load", setup=setup, rated=45.0)


HYBRID = Block(6, _hybrid)
SUNNY = Block(6, _sunny)
SHAVER = Block(3, _shaver)
SHIFTER = Block(1, _shifter)
STAND = Block(1, _stand)

SHOW = (HYBRID, SUNNY, SHAVER, SHIFTER, STAND)
"""`bess-1` `bess-2` `bess-3` `bess-4` `load-1`: seventeen assets."""
