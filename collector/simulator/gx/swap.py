"""Another generator set at a GX: a new controller on its bus, with its own hours and serial."""

from collector.simulator.gx import supply
from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.unit import Gx
from collector.simulator.physics.genset import GensetSpec


def take_away(gx: Gx, plan: GxPlan) -> None:
    """The set is unplugged: its controller vanishes from the bus, and the engine stands."""
    if plan.bess.genset is None or not plan.genset_serial:
        raise ValueError(f"{plan.device} has no generator on its bus")
    plan.bess.genset.broken = True
    gx.lose(f"genset/{supply.GENSET}")


def put_there(gx: Gx, plan: GxPlan, spec: GensetSpec, serial: str) -> None:
    """A set of `spec` is plugged in, and its controller is found."""
    genset = plan.bess.genset
    if genset is None:
        raise ValueError(f"{plan.device} has no place for a generator")
    genset.replace(spec)
    plan.genset_serial = serial
    found = [supply.genset(plan, genset)]
    if plan.tank:
        gx.lose(f"tank/{supply.TANK}")
        found.append(supply.tank(genset))
    for service in found:
        service.present = False
        gx.services[service.name] = service
        gx.find(service.name)
