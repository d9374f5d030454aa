"""What the crew of the scripted show does at the plant and enters on the node. Each method returns
what happened, in words."""

from collector.model.alarm import Clamp
from collector.model.assignment import NUMBER, About, Fact
from collector.model.event import Event, Participation
from collector.model.said import Correction, CorrectionKind, LogEntry, LogKind
from collector.simulator.faults import Fault, FaultKind
from collector.simulator.gx import swap
from collector.simulator.layout import GxSpot
from collector.simulator.meters.point import Point
from collector.simulator.physics.genset import Genset, GensetSpec
from collector.simulator.virtual.node import VirtualNode

ANNA, BEN, DIPSTICK_L = "anna", "ben", 5.0


class Crew:
    """Two techs on a node. `event` is the event they run, once it is made."""

    def __init__(self, node: VirtualNode) -> None:
        self.node = node
        self.event: Event | None = None
        self.failed_ms: int | None = None
        """When a set failed."""
        self.left: list[Participation] = []
        """Every participation that has ended, in that order."""

    @property
    def event_id(self) -> str:
        """The id of the event. Raises ValueError before there is one."""
        if self.event is None:
            raise ValueError("there is no event yet")
        return self.event.id

    # -- the plant ---------------------------------------------------------------------------

    def spot(self, device: str) -> GxSpot:
        """The GX of that id."""
        return next(one for one in self.node.plant.layout.gxs if one.plan.device == device)

    def genset(self, device: str) -> Genset:
        """The generator of a GX. Raises ValueError for a GX without one."""
        found = self.spot(device).plan.bess.genset
        if found is None:
            raise ValueError(f"{device} has no generator")
        return found

    def point(self, device: str) -> Point:
        """The metering point of a meter."""
        gateways = self.node.plant.layout.gateways
        units = (unit for gateway in gateways for unit in gateway.units.values())
        return next(unit.points[0] for unit in units if unit.device == device)

    def prepare(self) -> None:
        """No lorry comes unasked, and the food court's second CT is clamped on backwards."""
        for spot in self.node.plant.layout.gxs:
            if spot.plan.bess.genset is not None:
                spot.plan.bess.genset.own_refuel = False
        self.point("load-1").turned = (1,)

    # -- the event ---------------------------------------------------------------------------

    async def commission(self) -> str:
        """Sign off what lives, with a clamp on each phase of the meters."""
        meters = [one for one in self.node.assets if one.device.startswith(("stage", "load"))]
        for one in self.node.assets:
            if one.id in self.node.alive:
                clamps = self._clamps(one.id) if one in meters else ()
                await self.node.alarms.commission(one.id, person=ANNA, clamps=clamps)
        return f"{len(self.node.alive)} assets commissioned, {len(meters)} with clamp readings"

    def _clamps(self, asset: str) -> tuple[Clamp, ...]:
        flow = self.point(asset).flow
        readings = next(one for one in self.node.assets if one.id == asset).readings
        found = []
        for phase in range(3):
            shown = readings.get(f"current_a.L{phase + 1}")
            clamp_a = round(flow.amps(phase) * 1.01, 1)
            meter_a = None if shown is None else shown.value
            found.append(
                Clamp(
                    phase=f"L{phase + 1}",
                    clamp_a=clamp_a,
                    meter_a=meter_a,
                    at_ms=self.node.now_ms(),
                )
            )
        return tuple(found)

    async def create(self, draft: Event) -> str:
        """The event is entered."""
        self.event = await self.node.events.create(draft, person=ANNA)
        return f"event {self.event.name!r} ({self.event.job}) for {self.event.client} is planned"

    async def start(self) -> str:
        """The event is on."""
        self.event = await self.node.events.start(self.event_id, person=ANNA)
        return "the event starts"

    async def join(self, *systems: str) -> str:
        """Systems take part."""
        await self.node.events.join(self.event_id, systems, person=ANNA)
        return f"{_and(systems)} {'join' if len(systems) > 1 else 'joins'}"

    async def leave(self, *systems: str) -> str:
        """Systems leave: their reports follow."""
        self.left += await self.node.events.leave(self.event_id, systems, person=BEN)
        return f"{_and(systems)} {'leave' if len(systems) > 1 else 'leaves'}"

    async def end(self) -> str:
        """The event is over."""
        self.event, left = await self.node.events.end(self.event_id, person=ANNA)
        self.left += left
        return f"the event ends; {_and([one.system for one in left])} leave with it"

    # -- the log -----------------------------------------------------------------------------

    async def log(
        self, kind: LogKind, asset: str, value: float | None, unit: str, text: str
    ) -> str:
        """Something is written down about an asset ("": about the event)."""
        draft = LogEntry(
            id="",
            kind=kind,
            at_ms=self.node.now_ms(),
            event=self.event_id,
            asset=asset,
            system=asset.partition(".")[0] if asset else "",
            value=value,
            unit=unit,
            text=text,
            client=kind is not LogKind.NOTE,
            made_ms=0,
        )
        await self.node.said.note(draft, person=BEN)
        shown = "" if value is None else f" {value:g} {unit}".rstrip()
        return f"log: {asset or 'event'} {kind.value}{shown}{f' ({text})' if text else ''}"

    async def dip(self, device: str) -> str:
        """The tank is dipped and the hour meter read."""
        genset = self.genset(device)
        litres = DIPSTICK_L * round(genset.fuel_l / DIPSTICK_L)
        hours = round(genset.spec.first_hours + genset.run_s / 3600, 1)
        said = await self.log(LogKind.DIP, f"{device}.genset", litres, "l", "")
        return f"{said}; {await self.log(LogKind.HOURS, f'{device}.genset', hours, 'h', '')}"

    async def fuel(self, device: str, litres: float, docket: str) -> str:
        """A lorry comes."""
        taken = self.genset(device).deliver(litres)
        return await self.log(LogKind.FUEL, f"{device}.genset", round(taken, 1), "l", docket)

    # -- what goes wrong ---------------------------------------------------------------------

    async def fault(self, kind: FaultKind, target: str, for_s: float = 0.0) -> str:
        """Something fails, and comes back by itself."""
        await self.node.plant.inject(Fault(kind=kind, target=target, for_s=for_s))
        lasting = f" for {for_s / 60:g} min" if for_s else ""
        return f"! {kind.value.replace('_', ' ')}: {target}{lasting}"

    async def swap(self, device: str, meter: str, spec: GensetSpec, number: str) -> str:
        """Another set takes the place of the one that failed: both are read, and the swap is
        stated for the engine and for the meter at its terminals."""
        spot = self.spot(device)
        before = await self.dip(device)
        gx = self.node.plant.gx(device)
        swap.take_away(gx, spot.plan)
        serial = f"00{9_000_000 + int(spec.kva) * 1000 + len(number)}"[-7:]
        swap.put_there(gx, spot.plan, spec, serial)
        facts = {}
        for asset in (f"{device}.genset", meter):
            facts[About(asset, Fact.UNIT, NUMBER)] = number
            facts[About(asset, Fact.RATING, "rated_kva")] = f"{spec.kva:g}"
        await self.node.assignments.state(facts, person=BEN, reason="the set on loan had failed")
        after = await self.dip(device)
        return f"{before}; set {number} ({spec.kva:g} kVA) takes its place; {after}"

    async def turn_back(self, meter: str, since_ms: int) -> str:
        """A CT that faced backwards is turned, and what it said since is corrected."""
        self.point(meter).turned = ()
        draft = Correction(
            id="",
            asset=meter,
            kind=CorrectionKind.SIGN,
            from_ms=since_ms,
            to_ms=self.node.now_ms(),
            phase="L2",
            reason="CT of L2 was clamped on backwards; turned, checked with a clamp",
            made_ms=0,
        )
        await self.node.said.correct(draft, person=ANNA)
        return f"the CT of L2 at {meter} is turned; what it said until now is corrected"


def _and(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names) if names else "nobody"
