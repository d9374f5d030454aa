"""How the flows that a GX's devices measure lie to each other: what is a part of the battery system
and what checks it. Nothing is added twice."""

from collections.abc import Iterable, Mapping

from collector.sources.victron.derive.common import num
from collector.sources.victron.roles import Roles
from collector.sources.victron.tree import Service
from collector.sources.victron.writer import Writer

MAIN = ""

LOADS = frozenset({"load_power_w", "load_energy_kwh"})
SOLAR = frozenset({"pv_power_w", "pv_energy_kwh"})

BEHIND: Mapping[str, frozenset[str]] = {
    "acload": LOADS,
    "heatpump": LOADS,
    "evcharger": LOADS,
    "pvinverter": SOLAR,
    "solarcharger": SOLAR,
    "multi": SOLAR,
    "inverter": SOLAR,
    "battery": frozenset({"battery_power_w", "battery_charged_kwh", "battery_discharged_kwh"}),
}
"""What a device's flow is a part of, in the main asset. Loads at DC (`dcload`, `dcsystem`) are
none of it: the main asset's loads are those at AC. A `dcload` is a part of the `dcsystem`, the
shunt of all loads at DC, where there is one."""

SAME: Mapping[str, tuple[str, frozenset[str]]] = {
    "grid": ("grid_power_w", frozenset({"grid_import_kwh", "grid_export_kwh"})),
    "genset": ("generator_power_w", frozenset({"generator_energy_kwh"})),
}
"""The AC inputs: the main asset sees the flow that services of this kind measure, and checks it.
Sources at DC (`dcgenset`, `alternator`, `fuelcell`) pass none."""

AT_INPUTS = frozenset({0.0, 2.0})
"""`Position`: at AC input 1 or 2, before the inverter."""


def link(services: Iterable[Service], writer: Writer, roles: Roles) -> None:
    """Tell the image how the assets that are declared lie to the main one, if there is one."""
    declared = writer.roles
    if MAIN not in declared:
        return  # several flows of one GX without a battery system lie beside each other
    known = list(services)
    metered = any(s.kind in SAME and s.usable for s in known)
    system = next((s.role for s in known if s.kind == "dcsystem" and s.role in declared), None)
    for service in known:
        role = service.role
        if role is None or role not in declared:
            continue
        if service.kind in BEHIND:
            unseen = BEHIND[service.kind] is LOADS and not metered and _before_inverter(service)
            writer.link("behind", role, MAIN, frozenset() if unseen else BEHIND[service.kind])
        if service.kind == "dcload" and system is not None:
            writer.link("behind", role, system, LOADS)
        if service.kind in SAME and writer.delivers(role, SAME[service.kind][0]):
            roles.meters[role] = service.kind
    for role, kind in roles.meters.items():
        power, energies = SAME[kind]
        writer.link("same", MAIN, role, frozenset({power}) | energies)


def _before_inverter(service: Service) -> bool:
    """Whether a load hangs at an AC input: without a meter there the GX does not see it, so the
    main asset's loads are without it."""
    return num(service.values, "Position") in AT_INPUTS
