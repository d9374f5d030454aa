"""From the tree of services to the assets of the GX, once a tick, for what changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from collector.model.kinds import AssetKind
from collector.sources.victron import ids
from collector.sources.victron.derive import battery, dc, genset, meters, solar, tank
from collector.sources.victron.derive.common import Derived, Readings, Values, text
from collector.sources.victron.derive.inverter import Unit
from collector.sources.victron.derive.main import Parts, main
from collector.sources.victron.flows import MAIN, link
from collector.sources.victron.notices import Complaints
from collector.sources.victron.remarks import Remarks
from collector.sources.victron.roles import (
    ENGINES,
    INVERTERS,
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

DERIVE: Mapping[str, Callable[[Values], Derived]] = {
    "grid": meters.grid,
    "acload": meters.load,
    "heatpump": meters.load,
    "evcharger": meters.ev_charger,
    "pvinverter": meters.pv_inverter,
    "solarcharger": solar.solar_charger,
    "multi": solar.solar_side,
    "inverter": solar.solar_side,
    "alternator": dc.dc_source,
    "fuelcell": dc.dc_source,
    "dcload": dc.dc_load,
    "dcsystem": dc.dc_load,
    "tank": tank.tank,
    "battery": battery.battery,
}


def _speaks(service: Service) -> bool:
    """Whether its values are an asset's: one that is back says first who it is."""
    return service.usable and service.settled and measures_something(service)


def _panels_found(changed: Iterable[Service]) -> bool:
    """Whether an inverter tells now that it has panels of its own."""
    return any(
        s.kind in INVERTERS and s.kind in DERIVE and s.role is None and measures_something(s)
        for s in changed
    )


class Assets:
    """What the GX's services are as assets, written into the image when they change."""

    def __init__(
        self,
        tree: Tree,
        writer: Writer,
        roles: Roles,
        portal: str,
        *,
        complaints: Complaints,
        remarks: Remarks,
    ) -> None:
        self._tree = tree
        self._complaints = complaints
        self._remarks = remarks
        self._writer = writer
        self._roles = roles
        self._portal = portal
        self._engines: list[Service] = []
        self._logics: list[Service] = []
        self._battery: Service | None = None
        self._monitor: Service | None = None
        """The battery that the GX goes by, or went by before it had none."""
        self._named = ""
        """The battery that the GX said it goes by when that was decided last."""
        self._inverters: list[Service] = []
        self._relay = ""
        """The role of the generator that is started by relay; empty while there is none."""
        self._driven: dict[Service, str] = {}
        """By start/stop logic the role of the generator that it starts."""
        self._units: dict[Service, str] = {}
        self._planned = False
        """What there is was decided anew in this update: declare it."""

    def update(self, *, alive: bool) -> None:
        """Bring the image up to date. `alive`: the GX shows life, so new assets do. After a fault
        of ours what there is is decided anew: what was half done is done again."""
        try:
            self._update(alive=alive)
        except Exception:
            self._tree.shape_changed = True
            raise

    def _update(self, *, alive: bool) -> None:
        tree = self._tree
        tree.settle()
        changed, tree.changed = tree.changed, []
        for service in changed:
            service.changed = False
        if battery.named(self._values("system")) != self._named or _panels_found(changed):
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
        link(tree.services.values(), self._writer, self._roles)
        self._remarks.update(changed, tree.services.values(), self._said_at, anew=self._planned)
        declared = self._writer.roles
        main = MAIN if MAIN in declared or not declared else declared[0]
        self._complaints.update(changed, self._said_at, main)

    # -- for control -------------------------------------------------------------------------

    @property
    def inverters(self) -> Sequence[Service]:
        """The inverter/chargers that the main asset is made of."""
        return self._inverters

    def logic_at(self, role: str) -> Service | None:
        """The start/stop logic that drives the generator in `role`; None when there is none."""
        if role and role == self._relay:
            return logic_of(None, self._engines, self._logics)
        engine = next((each for each in self._engines if each.role == role), None)
        if engine is None or not engine.usable:
            return None
        return logic_of(engine, self._engines, self._logics)

    def whole(self) -> Readings:
        """What the system as a whole says now."""
        return main(self._parts()).readings

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
        self._monitor = self._battery or self._monitor
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
        there = there or battery.is_told(self._values("system"))
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
        if self._planned:
            self._writer.note(MAIN, "battery", self._missed() if there else "")
        if there:
            derived = main(self._parts())
            unit = self._unit(self._battery) if self._battery is not None else ""
            self._writer.write(MAIN, derived, {c.measurement: unit for c in derived.counters})

    def _missed(self) -> str:
        """What is missing since the battery that the GX went by is gone; empty while none is."""
        if self._battery is not None or self._monitor is None or not self._monitor.absence:
            return ""
        return (
            f"The battery monitor is gone: {self._monitor.absence}. What only it tells is missing "
            "(state of charge, limits, cells); power is what inverters and solar chargers tell"
        )

    def _parts(self) -> Parts:
        settings, system = self._values("settings"), self._values("system")
        usable = [s for s in self._tree.services.values() if s.usable]
        return Parts(
            system=system,
            inverters=[Unit(s.kind, s.values, settings, system) for s in self._inverters],
            battery=self._battery.values if self._battery is not None else None,
            chargers=[s.values for s in usable if s.kind == "solarcharger"],
            pv_inverters=[s.values for s in usable if s.kind == "pvinverter"],
            panels=[s.values for s in usable if s.kind in INVERTERS and s.kind in DERIVE],
            thermometers=[s.values for s in usable if s.kind == "temperature"],
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
                name=ids.label(values, role) + (" solar" if service.kind in INVERTERS else ""),
                model=text(values, "ProductName"),
                serial=ids.serial_of(values),
                alive=alive,
                part=f"{service.kind}/{service.instance}",
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
        logic = logic_of(engine, self._engines, self._logics)
        if logic is not None:
            self._driven[logic] = role
        if not _speaks(engine):
            return
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
            self._driven[logic] = role
            self._declare(role, logic, alive=alive)
            self._write(role, logic, genset.genset(None, logic.values))

    # -- words -------------------------------------------------------------------------------

    def _said_at(self, service: Service) -> str | None:
        """The asset at which people look for what a service says: its own, that of the engine that
        it starts, else the main one; None while there is none."""
        declared = self._writer.roles
        own = self._driven.get(service, service.role)
        if own in declared and service.kind not in INVERTERS:
            return own
        return MAIN if MAIN in declared else next(iter(declared), None)
