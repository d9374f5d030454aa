"""How each fault is done to the simulated devices, and undone."""

import difflib
from collections.abc import Awaitable, Callable

from collector.simulator.faults import Fault, FaultKind, FaultScriptError
from collector.simulator.layout import Layout, Unit
from collector.simulator.stations import GxStation, Station, beside

Undo = Callable[[], Awaitable[None]]
LOW_CHARGE_PCT = 12.0
DEFAULT_S = {FaultKind.GX_REBOOT: 60.0}
"""How long a fault lasts that does not say so; others stay."""

_GX_ONLY = (
    FaultKind.GX_REBOOT,
    FaultKind.FROZEN_HEARTBEAT,
    FaultKind.LOW_CHARGE,
    FaultKind.GENERATOR_FAILED,
)
_DEVICE_ONLY = (
    *_GX_ONLY,
    FaultKind.ADDRESSES_EXCHANGED,
    FaultKind.LINK_DOWN,
    FaultKind.MODBUS_OFF,
)


def targets(layout: Layout) -> dict[str, str]:
    """Every name that a fault can hit, with what it is: gx, modbus, or asset."""
    known = dict.fromkeys(layout.truth, "asset")
    known |= {spot.plan.device: "gx" for spot in layout.gxs}
    for gateway in layout.gateways:
        known |= {unit.device: "modbus" for unit in gateway.units.values()}
    return known


def check(fault: Fault, known: dict[str, str]) -> None:
    """Raises FaultScriptError when the fault cannot happen to its target."""
    for name in _names(fault):
        device = name.split("/")[0]
        if device not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else f": {', '.join(sorted(known))}"
            raise FaultScriptError(f"{fault.kind}: the site has no {name!r}{hint}")
        if fault.kind in _GX_ONLY and known[device] != "gx":
            raise FaultScriptError(f"{fault.kind}: {name!r} is no GX")
        if fault.kind in _DEVICE_ONLY and (known[device] == "asset" or "/" in name):
            raise FaultScriptError(f"{fault.kind}: {name!r} is a part of a device, name the device")
    if fault.kind is FaultKind.MODBUS_OFF and known[fault.target] != "modbus":
        raise FaultScriptError(f"{fault.kind}: {fault.target!r} does not speak Modbus")
    if fault.kind is FaultKind.ADDRESSES_EXCHANGED:
        names = set(_names(fault))
        if len(names) != 2 or len({known[name] for name in names}) != 1:
            raise FaultScriptError(
                f"{fault.kind}: name two GX or two devices behind Modbus, as in "
                'target = "bess-1,bess-2"'
            )


def _names(fault: Fault) -> list[str]:
    if fault.kind is FaultKind.ADDRESSES_EXCHANGED:
        return [name.strip() for name in fault.target.split(",")]
    return [fault.target]


class Troubles:
    """Applies faults to the running stations; `ports` is who listens where."""

    def __init__(
        self, layout: Layout, stations: dict[str, Station], ports: dict[str, int], speed: float
    ) -> None:
        self._stations = stations
        self._ports = ports
        self._speed = speed
        self._services = {
            asset: (spot.plan.device, names)
            for spot in layout.gxs
            for asset, names in spot.services.items()
        }
        self._units: dict[str, tuple[str, list[Unit]]] = {}
        for gateway in layout.gateways:
            for unit in gateway.units.values():
                self._units.setdefault(unit.device, (gateway.name, []))[1].append(unit)

    async def apply(self, fault: Fault) -> Undo | None:
        """Do it; gives what ends it, None where nothing has to."""
        match fault.kind:
            case FaultKind.LINK_DOWN:
                name = self._station(fault.target)
                return await self._down(name, beside(name))
            case FaultKind.MODBUS_OFF:
                return await self._down(self._station(fault.target))
            case FaultKind.GX_REBOOT:
                return await self._reboot(self._gx(fault.target))
            case FaultKind.FROZEN_HEARTBEAT:
                return self._hang(self._gx(fault.target))
            case FaultKind.LOW_CHARGE:
                self._gx(fault.target).plan.bess.battery.soc_pct = LOW_CHARGE_PCT
                return None
            case FaultKind.GENERATOR_FAILED:
                return self._break(fault.target)
            case FaultKind.ADDRESSES_EXCHANGED:
                first, second = _names(fault)
                return await self._exchange(first, second)
            case _:
                if fault.target in self._units or self._meter_of(fault.target):
                    return self._unit_fault(fault)
                return self._service_fault(fault)

    # --- connections ------------------------------------------------------------------------

    def _station(self, device: str) -> str:
        return device if device in self._stations else self._units[device][0]

    def _gx(self, device: str) -> GxStation:
        station = self._stations[device]
        assert isinstance(station, GxStation)  # noqa: S101 - `check` refuses other targets
        return station

    async def _down(self, *names: str) -> Undo:
        stations = {name: self._stations[name] for name in names if name in self._stations}
        for station in stations.values():
            async with station.busy:
                await station.stop()

        async def undo() -> None:
            for name, station in stations.items():
                async with station.busy:
                    await station.start(self._ports[name])

        return undo

    async def _reboot(self, station: GxStation) -> Undo:
        async with station.busy:
            await station.stop()

        async def undo() -> None:
            async with station.busy:
                station.reboot(self._speed)
                await station.start(self._ports[station.plan.device])

        return undo

    def _hang(self, station: GxStation) -> Undo:
        station.gx.hung = True

        async def undo() -> None:
            station.gx.hung = False

        return undo

    async def _exchange(self, first: str, second: str) -> Undo:
        pairs = [(self._station(first), self._station(second))]
        if all(beside(name) in self._stations for name in pairs[0]):
            pairs.append((beside(pairs[0][0]), beside(pairs[0][1])))

        async def swap() -> None:
            for pair in pairs:
                await self._swap(*pair)

        await swap()
        return swap

    async def _swap(self, first: str, second: str) -> None:
        one, two, ports = self._stations[first], self._stations[second], self._ports
        async with one.busy, two.busy:
            await one.stop()
            await two.stop()
            ports[first], ports[second] = ports[second], ports[first]
            await one.start(ports[first])
            await two.start(ports[second])

    def _break(self, device: str) -> Undo:
        genset = self._gx(device).plan.bess.genset
        if genset is None:
            raise FaultScriptError(f"{FaultKind.GENERATOR_FAILED}: {device} has no generator")
        broken, genset.broken = genset, True

        async def undo() -> None:
            broken.broken = False

        return undo

    # --- devices ----------------------------------------------------------------------------

    def _meter_of(self, asset: str) -> str:
        """The device whose smart meter an asset like `pv-2.meter` is, or nothing."""
        device, _, role = asset.partition(".")
        return device if role == "meter" and device in self._units else ""

    def _unit_fault(self, fault: Fault) -> Undo | None:
        device = self._meter_of(fault.target)
        units = self._units[device][1][1:] if device else self._units[fault.target][1][:1]
        if fault.kind is FaultKind.METER_RESET:
            for unit in units:
                for point in unit.points:
                    point.reset()
            return None
        lost = fault.kind is FaultKind.DEVICE_LOST
        self._set_units(units, on=True, lost=lost)

        async def undo() -> None:
            self._set_units(units, on=False, lost=lost)

        return undo

    def _set_units(self, units: list[Unit], *, on: bool, lost: bool) -> None:
        for unit in units:
            if lost:
                unit.registers.silent = on
            else:
                unit.registers.frozen = on

    def _service_fault(self, fault: Fault) -> Undo | None:
        device, _, service = fault.target.partition("/")
        device, names = (device, (service,)) if service else self._services[fault.target]
        station = self._gx(device)
        missing = [name for name in names if name not in station.gx.services]
        if missing:
            raise FaultScriptError(
                f"{fault.kind}: {device} has no service {missing[0]!r}, it has "
                f"{', '.join(station.gx.services)}"
            )
        if fault.kind is FaultKind.METER_RESET:
            for name in names:
                station.gx.services[name].reset_counters()
            return None
        lost = fault.kind is FaultKind.DEVICE_LOST
        self._set_services(station, names, on=True, lost=lost)

        async def undo() -> None:
            self._set_services(station, names, on=False, lost=lost)

        return undo

    def _set_services(
        self, station: GxStation, names: tuple[str, ...], *, on: bool, lost: bool
    ) -> None:
        for name in names:
            if not lost:
                station.gx.services[name].frozen = on
            elif on:
                station.gx.lose(name)
            else:
                station.gx.find(name)
        station.flush()
