"""The services of one GX, from what it is attached to."""

from collections.abc import Callable

from collector.simulator.gx import battery, housekeeping, sensors, solar, supply, system, vebus
from collector.simulator.gx.plan import GxPlan
from collector.simulator.gx.service import Service


def services(plan: GxPlan, wall: Callable[[], float]) -> list[Service]:
    """All services in the order in which a full publish sends them."""
    bess = plan.bess
    found = [
        housekeeping.settings(plan),
        housekeeping.platform(plan, wall),
        housekeeping.hub4(plan),
        housekeeping.logger(wall),
        vebus.build(plan),
        battery.build(plan),
        *(solar.charger(plan, k) for k in range(len(bess.mppts))),
    ]
    if plan.pv_inverter_serial:
        found.append(solar.inverter(plan))
    if plan.grid_serial:
        found.append(supply.grid(plan))
    if bess.genset and plan.genset_serial:
        found.append(supply.genset(plan, bess.genset))
    if bess.genset:
        found.append(supply.generator(plan, bess.genset))
    if bess.genset and plan.tank:
        found.append(supply.tank(bess.genset))
    found += [sensors.room(plan), sensors.door(plan)]
    if plan.position is not None:
        found.append(sensors.gps(plan))
    found.append(system.build(plan))
    return found
