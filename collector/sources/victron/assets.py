"""From the tree of services to the assets of the GX, once a tick, for what changed."""

from collections.abc import Callable, Mapping

from collector.model.kinds import AssetKind
from collector.sources.victron import ids
from collector.sources.victron.derive import battery, genset, meters, solar, tank
from collector.sources.victron.derive.common import Derived, Values, num, text
from collector.sources.victron.derive.inverter import Unit
from collector.sources.victron.derive.main import Parts, main
from collector.sources.victron.notices import Complaints
from collector.sources.victron.roles import (
    ENGINES,
    KINDS,
    RELAY_ROLE,
    Roles,
    choose_inverters,
    logic_of,
    measures_something,
    order,
)
from collector.sources.victron.tree import Service, Tree
from collector.sources.victron.writer import Writer

MAIN = ""

DERIVE: Mapping[str, Callable[[Values], Derived]] = {
    "grid": meters.grid,
    "acload": meters.load,
    "pvinverter": meters.pv_inverter,
    "solarcharger": solar.solar_charger,
    "tank": tank.tank,
    "battery": battery.battery,
}

BEHIND: Mapping[str, frozenset[str]] = {
    "acload": frozenset({"load_power_w", "load_energy_kwh"}),
    "pvinverter": frozenset({"pv_power_w", "pv_energy_kwh"}),
    "solarcharger": frozenset({"pv_power_w", "pv_energy_kwh"}),
    "battery": frozenset({"battery_power_w", "battery_charged_kwh", "battery_discharged_kwh"}),
}
"""What a device's flow is a part of, in the main asset."""

SAME: Mapping[str, tuple[str, frozenset[str]]] = {
    "grid": ("grid_power_w", frozenset({"grid_import_kwh", "grid_export_kwh"})),
    "genset": ("generator_power_w", frozenset({"generator_energy_kwh"})),
}
"""The AC inputs: the main asset sees the flow that services of this kind measure, and checks it.
A `dcgenset` passes none."""


def _speaks(service: Service) -> bool:
    """Whether its values are an asset's: one that is back says first who it is."""
    return service.usable and service.settled and measures_something(service)


def has_battery(system: Values) -> bool:
    """Whether the GX's own summary tells of a battery."""
    told = num(system, "Dc/Battery/Voltage"), num(system, "Dc/Battery/Soc")
    return any(value is not None for value in (*told, *battery.listed(system).values()))


class Assets:
    """What the GX's services are as assets, written into the image when they change."""

    def __init__(
        self, tree: Tree, writer: Writer, roles: Roles, portal: str, complaints: Complaints
    ) -> None:
        self._tree = tree
        self._complaints = complaints
        self._writer = writer
        self._roles = roles
        self._portal = portal
        self._engines: list[Service] = []
        self._logics: list[Service] = []
        self._battery: Service | None = None
        self._named = ""
        """The battery that the GX said it goes by when that was decided last."""
        self._inverters: list[Service] = []
        self._relay = ""
        """The role of the generator that is started by relay; empty while there is none."""
        self._units: dict[Service, str] = {}
        self._planned = False
        """What there is was decided anew in this update: declare it."""

    def update(self, *, alive: bool) -> None:
        """Bring the image up to date. `alive`: the GX shows life, so new assets do."""
        tree = self._tree
        tree.settle()
        changed, tree.changed = tree.changed, []
        for service in changed:
            service.changed = False
        if battery.named(self._values("system")) != self._named:
            tree.shape_changed = True
        self._planned = tree.shape_changed
        if tree.shape_changed:
            tree.shape_changed = False
            self._plan()
            changed = list(tree.services.values())
        elif not changed:
            return
        self._write_main(alive=alive)
        self._write_parts(changed, alive=alive)
        self._link()
        self._complaints.update(changed, self._writer.roles)

    # -- what there is -----------------------------------------------------------------------

    def _plan(self) -> None:
        self._units.clear()
        known = list(self._tree.services.values())
        settled = [service for service in known if service.settled]
        self._engines = [s for s in order(known, ENGINES) if s.settled or s.role is not None]
        self._logics = [s for s in order(settled, ("generator",)) if s.usable]
        self._inverters = choose_inverters(settled, self._named_inverter())
        batteries = {s.instance: s for s in settled if s.kind == "battery" and s.usable}
        system = self._values("system")
        self._named = battery.named(system)
        name = battery.chosen(system, {k: s.values for k, s in batteries.items()})
        self._battery = batteries.get(name) if name is not None else None
        left: dict[str, str] = {}
        for service in [*self._engines, *order(settled, tuple(DERIVE))]:
            if service.kind == "battery" and service is self._battery and service.role is None:
                continue
            if _speaks(service):
                before, service.role = service.role, self._roles.assign(service, known)
                if service.role is None:
                    self._tree.drop("too many devices", service)
                if before is not None and before != service.role:
                    left[before] = service.role or "another device"
        for role in left.keys() - {service.role for service in known}:
            if role in self._writer.roles:
                told = f"what stands there is {left[role]} by its serial number"
                self._writer.absent(role, told)

    def _named_inverter(self) -> str:
        return text(self._values("system"), "VebusInstance")

    def _values(self, kind: str) -> Values:
        service = self._tree.services.get((kind, "0"))
        return service.values if service is not None else {}

    # -- the main asset ----------------------------------------------------------------------

    def _write_main(self, *, alive: bool) -> None:
        there = bool(self._inverters) or self._battery is not None
        there = there or has_battery(self._values("system"))
        if not there and MAIN not in self._writer.roles:
            return
        models = [text(service.values, "ProductName") for service in self._inverters]
        settings = self._values("settings")
        self._writer.declare(
            MAIN,
            AssetKind.BESS,
            name=text(settings, "Settings/SystemSetup/SystemName"),
            model=models[0] if models else "",
            serial="",
            alive=alive,
        )
        self._writer.absent(MAIN, "" if there else "the GX lists no inverter and no battery now")
        if there:
            derived = main(self._parts())
            unit = self._unit(self._battery) if self._battery is not None else ""
            self._writer.write(MAIN, derived, {c.measurement: unit for c in derived.counters})

    def _parts(self) -> Parts:
        settings = self._values("settings")
        usable = [s for s in self._tree.services.values() if s.usable]
        return Parts(
            system=self._values("system"),
            inverters=[Unit(s.kind, s.values, settings) for s in self._inverters],
            battery=self._battery.values if self._battery is not None else None,
            chargers=[s.values for s in usable if s.kind == "solarcharger"],
            pv_inverters=[s.values for s in usable if s.kind == "pvinverter"],
            meters=frozenset(s.kind for s in usable),
        )

    def _unit(self, service: Service) -> str:
        unit = self._units.get(service)
        if unit is None:
            unit = ids.unit_of(self._portal, service.kind, service.instance, service.values)
            self._units[service] = unit
        return unit

    # -- the devices around it ---------------------------------------------------------------

    def _write_parts(self, changed: list[Service], *, alive: bool) -> None:
        logic_changed = any(service.kind == "generator" for service in changed)
        for service in changed:
            if service.role is not None and service.kind in DERIVE:
                self._declare(service.role, service, alive=alive)
                if _speaks(service):
                    derived = DERIVE[service.kind](service.values)
                    self._write(service.role, service, derived)
        for engine in self._engines:
            if engine.role is not None and (logic_changed or engine in changed):
                self._write_engine(engine, alive=alive)
        if logic_changed:
            self._write_relay(alive=alive)

    def _declare(self, role: str, service: Service, *, alive: bool) -> None:
        if not self._planned:
            return
        values = service.values
        if service.usable and service.settled:
            self._writer.declare(
                role,
                KINDS[service.kind],
                name=ids.label(values, role),
                model=text(values, "ProductName"),
                serial=ids.serial_of(values),
                alive=alive,
            )
        if role in self._writer.roles:
            other = "" if measures_something(service) else "it holds no fuel now"
            back = "" if service.settled else "it is back, and has not told yet who it is"
            self._writer.absent(role, service.absence or back or other)

    def _write(self, role: str, service: Service, derived: Derived) -> None:
        unit = self._unit(service)
        self._writer.write(role, derived, {c.measurement: unit for c in derived.counters})

    def _write_engine(self, engine: Service, *, alive: bool) -> None:
        role = engine.role or ""
        self._declare(role, engine, alive=alive)
        if not _speaks(engine):
            return
        logic = logic_of(engine, self._engines, self._logics)
        derived = genset.genset(
            engine.values,
            logic.values if logic is not None else None,
            direct_current=engine.kind == "dcgenset",
        )
        self._write(role, engine, derived)

    def _write_relay(self, *, alive: bool) -> None:
        logic = logic_of(None, self._engines, self._logics)
        role = "" if logic is None else RELAY_ROLE if self._engines else "genset"
        before, self._relay = self._relay, role
        if before not in {"", role, *(engine.role for engine in self._engines)}:
            self._writer.absent(before, "the GX starts no generator by relay now")
        if logic is not None:
            self._declare(role, logic, alive=alive)
            self._write(role, logic, genset.genset(None, logic.values))

    # -- links -------------------------------------------------------------------------------

    def _link(self) -> None:
        roles = self._writer.roles
        if MAIN not in roles:
            return
        delivering = set()
        for service in self._tree.services.values():
            role = service.role
            if role is None or role not in roles:
                continue
            if service.kind in BEHIND:
                self._writer.link("behind", role, MAIN, BEHIND[service.kind])
            if service.kind in SAME and self._writer.delivers(role, SAME[service.kind][0]):
                self._roles.meters[role] = service.kind
                delivering.add(role)
        for role, kind in self._roles.meters.items():
            power, energies = SAME[kind]
            told = frozenset({power}) if role in delivering else frozenset()
            self._writer.link("same", MAIN, role, told | energies)
