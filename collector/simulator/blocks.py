"""The building blocks of a site: a battery system with its meters, a solar field, a village."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from collector.simulator import truth
from collector.simulator.gx import battery, solar, supply, vebus
from collector.simulator.gx.plan import GxPlan
from collector.simulator.layout import Gateway, GxSpot, Layout, Unit
from collector.simulator.meters import fronius
from collector.simulator.meters.acuvim import Setup, acuvim_ii, acuvim_l
from collector.simulator.meters.fronius_solar import SmartMeter, SolarApi
from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Registers
from collector.simulator.physics.battery import BatterySpec
from collector.simulator.physics.bess import Bess, BessSpec
from collector.simulator.physics.direct import Field, FieldSpec, MainsLoad, Village, VillageSpec
from collector.simulator.physics.flow import Flow
from collector.simulator.physics.genset import GensetSpec
from collector.simulator.physics.inverter import InverterSpec, jitter
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.noise import stream

_METERED: Mapping[str, Callable[[Flow], dict[str, float]]] = {
    "load": truth.load, "generator": truth.generator, "grid": truth.grid,
}  # fmt: skip
"""The true figures of a flow, by what its meter is said to measure."""

Served = tuple[str, Registers, tuple[Point, ...]]

STAGES = (
    "Main stage", "Sahara tent", "Gobi tent", "Mojave tent", "Outdoor theatre", "Yuma club",
    "Sonora stage", "Do LaB", "Quasar", "Heineken house", "Artist compound", "Camping hub",
)  # fmt: skip
PLACES = (
    "Food court north", "Food court south", "Box office", "Medical", "Merch row", "Production",
    "Catering", "Gate A", "Gate B", "Water station", "VIP bar", "Cashless top-up",
)  # fmt: skip


class Block(Struct, frozen=True):
    """Adds `assets` assets to a layout."""

    assets: int
    add: Callable[[Layout], None]


# --- battery systems ------------------------------------------------------------------------


def _hybrid(layout: Layout) -> None:
    """Off grid: GX with generator, tank and a solar charger; the generator has a meter of its
    own (the same flow), the stage's transformer has one behind the battery system."""
    n = layout.number("bess")
    rated = (60.0, 100.0, 45.0)[n % 3]
    spec = bess_spec(layout, n, mppt_w=(9000.0,), genset=genset_spec(layout, rated, n))
    plan = gx(layout, n, spec, tank=True)
    assert plan.bess.genset is not None  # noqa: S101 - the spec above has one
    generator = f"gen-{layout.number('gen')}"
    setup = Setup(primary=True, ct=(600, 5), serial=layout.serial("AH", 9))
    acuvim(
        layout, generator, f"{plan.name} generator", plan.bess.genset.flow,
        kind="generator", setup=setup, system=plan.device, rated=rated,
    )  # fmt: skip
    layout.assets.append({"id": f"{plan.device}.genset", "same_as": generator, "rated_kva": rated})
    stage(layout, plan, Setup(primary=False, ct=(400, 5), pt=(120.0, 120.0)))


def _solar(layout: Layout) -> None:
    """On a feed that is too small: GX with grid meter, solar charger, and a PV inverter on its
    output that is also a device of its own."""
    n = layout.number("bess")
    spec = bess_spec(layout, n, mppt_w=(6500.0,), pv_inverter_w=12000.0, grid_w=18000.0)
    serial = layout.serial("3", 8)
    plan = gx(layout, n, spec, pv_inverter_serial=serial, grid=True)
    device = f"pv-{layout.number('pv')}"
    bess = plan.bess
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
    stage(layout, plan, Setup(primary=True, ct=(200, 5)))


def _small(layout: Layout) -> None:
    """A trailer: GX with a generator that a relay starts, and its tank."""
    n = layout.number("bess")
    spec = bess_spec(layout, n, genset=genset_spec(layout, 30.0, n), scale=0.45)
    gx(layout, n, spec, tank=True, relay=True)


def _lone(layout: Layout) -> None:
    """A battery system on a feed, of which only the inverter/charger is known."""
    n = layout.number("bess")
    gx(layout, n, bess_spec(layout, n, grid_w=12000.0, scale=0.6))


def bess_spec(
    layout: Layout,
    n: int,
    *,
    mppt_w: tuple[float, ...] = (),
    pv_inverter_w: float = 0.0,
    genset: GensetSpec | None = None,
    grid_w: float = 0.0,
    scale: float = 1.0,
) -> BessSpec:
    """A battery system of about the usual size times `scale`; the `n`th of its site."""
    rnd = layout.random
    size = scale * rnd.uniform(0.85, 1.15)
    first = rnd.uniform(42, 62) if genset is None or genset.running else rnd.uniform(31, 34)
    return BessSpec(
        inverter=InverterSpec(kva=round(45 * scale)),
        battery=BatterySpec(kwh=round(120 * scale), first_soc_pct=first),
        load=LoadSpec(
            base_w=4500 * size, show_w=11500 * size, spike_w=2200 * size, split=_split(rnd.random())
        ),
        other_load=LoadSpec(base_w=900 * size, show_w=1200 * size, hours=(9, 24)),
        mppt_w=mppt_w,
        pv_inverter_w=pv_inverter_w,
        genset=genset,
        grid_w=grid_w,
        start_soc_pct=30.0,
        stop_soc_pct=80.0 - n % 2 * 5,
    )


def _split(x: float) -> tuple[float, float, float]:
    first = 0.34 + 0.08 * x
    return first, 0.33, 0.67 - first


def genset_spec(layout: Layout, kva: float, n: int) -> GensetSpec:
    """A generator of `kva`, of the `n`th battery system; every other one runs at the start."""
    rnd = layout.random
    return GensetSpec(
        kva=kva,
        tank_l=round(kva * 6),
        first_fuel_pct=rnd.uniform(45, 92),
        first_hours=rnd.uniform(300, 8000),
        running=n % 2 == 1,
    )


def gx(
    layout: Layout,
    n: int,
    spec: BessSpec,
    *,
    pv_inverter_serial: str = "",
    grid: bool = False,
    tank: bool = False,
    relay: bool = False,
) -> GxPlan:
    """A GX over a new battery system, its registry entry and its assets."""
    device = f"bess-{n}"
    bess = Bess(spec, layout.seed, device)
    layout.parts.append(bess)
    plan = GxPlan(
        device=device,
        name=f"BESS {n} {STAGES[(n - 1) % len(STAGES)]}",
        portal_id=f"c0619ab{layout.seed % 16:x}{n:04x}",
        bess=bess,
        mppt_serials=tuple(layout.serial("HQ21", 11) for _ in spec.mppt_w),
        pv_inverter_serial=pv_inverter_serial,
        genset_serial=layout.serial("00", 7) if spec.genset and not relay else "",
        grid_serial=layout.serial("HQ22", 11) if grid else "",
        battery_serial=layout.serial("OD", 8),
        tank=tank,
        genset_gain=jitter(layout.random, 0.008),
        lifetime_kwh=round(layout.random.uniform(900, 30000), 1),
    )
    entry = {"id": device, "kind": "gx", "name": plan.name, "system": device, "control": True}
    if n % 2:
        entry["portal_id"] = plan.portal_id
    layout.devices.append(entry)
    ratings = {"battery_kwh": spec.battery.kwh, "inverter_kva": spec.inverter.kva}
    layout.assets.append({"id": device, **ratings})
    layout.gxs.append(GxSpot(plan=plan, services=_assets_of(layout, plan)))
    return plan


def _assets_of(layout: Layout, plan: GxPlan) -> dict[str, tuple[str, ...]]:
    """The assets that the GX gives, with the D-Bus services that each comes from."""
    device, bess = plan.device, plan.bess
    found: dict[str, tuple[str, ...]] = {}
    found[device] = (f"battery/{battery.INSTANCE}", f"vebus/{vebus.INSTANCE}")
    layout.truth[device] = partial(truth.bess, bess)

    def add(role: str, service: str, read: truth.Read) -> None:
        found[f"{device}.{role}"] = (service,)
        layout.truth[f"{device}.{role}"] = read

    for k, (serial, flow) in enumerate(zip(plan.mppt_serials, bess.mppts, strict=True)):
        service = f"solarcharger/{solar.FIRST_CHARGER + k}"
        add(f"mppt-{serial.lower()}", service, partial(truth.charger, flow))
    if plan.pv_inverter_serial:
        service = f"pvinverter/{solar.PV_INVERTER}"
        role = f"pvinverter-{plan.pv_inverter_serial.lower()}"
        add(role, service, partial(truth.pv, bess.pv_ac))
    if plan.grid_serial:
        add("grid", f"grid/{supply.GRID}", partial(truth.grid, bess.input))
    if bess.genset and plan.by_relay:
        add("genset", "generator/0", dict)  # its state and hours are known, its power is not
    elif bess.genset:
        add("genset", f"genset/{supply.GENSET}", partial(truth.generator, bess.genset.flow))
    if plan.tank:
        add(f"tank-{supply.TANK}", f"tank/{supply.TANK}", dict)
    return found


def stage(layout: Layout, plan: GxPlan, setup: Setup) -> None:
    """The meter at the stage's transformer, behind the battery system."""
    device = f"stage-{layout.number('stage')}"
    name = f"{plan.name.split(' ', 2)[2]} transformer"
    acuvim(layout, device, name, plan.bess.stage, kind="load", setup=setup, rated=75.0)
    layout.assets[-1]["behind"] = plan.device


# --- everything else ------------------------------------------------------------------------


def _village(layout: Layout) -> None:
    """A generator at 480 V that runs through; its meter and two feeders' on one gateway."""
    n = layout.number("village")
    device = f"gen-{layout.number('gen')}"
    size = layout.random.uniform(0.8, 1.2)
    loads = tuple(
        LoadSpec(base_w=b * size, show_w=s * size, spike_w=1500, hours=(8, 26))
        for b, s in ((9000, 14000), (6000, 9000))
    )
    genset = GensetSpec(kva=80, running=True, first_hours=layout.random.uniform(100, 5000))
    part = Village(VillageSpec(genset=genset, loads=loads, nominal_v=277.0), layout.seed, device)
    layout.parts.append(part)
    setup = Setup(primary=False, pt=(480.0, 120.0), ct=(400, 5))
    gateway: dict[int, Served] = {}
    meters = [(device, "Village generator", "generator", part.genset.flow, 80.0)]
    for flow in part.flows:
        feeder = f"load-{layout.number('load')}"
        meters.append((feeder, PLACES[(layout.numbers["load"] - 1) % 12], "load", flow, 45.0))
    for unit, (meter, name, kind, flow, rated) in enumerate(meters, 1):
        point = Point(flow, stream(layout.seed, meter), layout.random.uniform(50, 9e4))
        make = acuvim_ii if unit == 1 else acuvim_l
        gateway[unit] = (meter, make(point, setup, unit, layout.wall), (point,))
        _entry(layout, meter, f"{name} {n}", kind, unit, flow, device, rated)
    modbus(layout, device, gateway)


def _field(layout: Layout, *, modern: bool, stores: bool = False) -> None:
    """A solar field with a kitchen on a grid connection: inverter and smart meter on one port, and
    a battery behind the inverter if it `stores`."""
    device = f"pv-{layout.number('pv')}"
    rated = 12000.0 if modern else 12500.0
    load = LoadSpec(base_w=2500, show_w=4500, spike_w=1800, hours=(7, 23), power_factor=0.97)
    battery = BatterySpec(kwh=11.5, first_soc_pct=55.0) if stores else None
    part = Field(FieldSpec(pv_w=rated, load=load, battery=battery), layout.seed, device)
    layout.parts.append(part)
    made = Point(part.pv, stream(layout.seed, device), layout.random.uniform(2e3, 6e4))
    fed = Point(part.grid, stream(layout.seed, f"{device}/grid"), layout.random.uniform(5e2, 4e4))
    inverter = fronius.Inverter(
        point=made, array=part.array, serial=layout.serial("2", 8), throttled=lambda: False
    )
    if part.battery is not None:
        stored = layout.serial("P030T", 12)
        inverter.store = fronius.Store(battery=part.battery, serial=stored)
        layout.truth[f"{device}.battery"] = partial(truth.store, part.battery)
    unit = fronius.GEN24_METER if modern else fronius.DATAMANAGER_METER
    make = fronius.gen24 if modern else fronius.datamanager
    serial = layout.serial("19", 8)
    meter = fronius.smart_meter(fed, serial, unit)
    modbus(layout, device, {1: (device, make(inverter), (made,)), unit: (device, meter, (fed,))})
    layout.gateways[-1].solar = SolarApi(
        inverters={"1": inverter},
        meters={"0": SmartMeter(point=fed, serial=serial)},
        gen24=modern,
    )
    name = f"Solar field {layout.numbers['pv']}"
    layout.devices.append({"id": device, "kind": "fronius", "name": name, "unit": 1})
    layout.assets.append({"id": device, "rated_kw": rated / 1000})
    read = partial(truth.hybrid, part) if stores else partial(truth.pv, part.pv)
    layout.truth[device] = read
    layout.truth[f"{device}.meter"] = partial(truth.grid, part.grid)


def _load(layout: Layout) -> None:
    """One load on house power with a meter."""
    n = layout.number("load")
    device = f"load-{n}"
    size = layout.random.uniform(0.5, 1.5)
    spec = LoadSpec(base_w=2800 * size, show_w=5200 * size, spike_w=900, hours=(9, 25))
    part = MainsLoad(spec, layout.seed, device)
    layout.parts.append(part)
    setup = Setup(primary=n % 2 == 0, ct=(200, 5))
    acuvim(layout, device, PLACES[(n - 1) % len(PLACES)], part.served, kind="load", setup=setup)


def acuvim(
    layout: Layout,
    device: str,
    name: str,
    flow: Flow,
    *,
    kind: str,
    setup: Setup,
    system: str = "",
    rated: float = 45.0,
) -> None:
    """An Acuvim II with a port of its own."""
    point = Point(flow, stream(layout.seed, device), layout.random.uniform(50, 90000))
    registers = acuvim_ii(point, setup, 1, layout.wall)
    modbus(layout, device, {1: (device, registers, (point,))})
    _entry(layout, device, name, kind, 1, flow, system, rated)


def _entry(
    layout: Layout, device: str, name: str, kind: str, unit: int, flow: Flow, system: str,
    rated: float,
) -> None:  # fmt: skip
    entry: dict[str, Any] = {
        "id": device, "kind": "acuvim", "name": name, "unit": unit, "asset_kind": kind,
    }  # fmt: skip
    if system:
        entry["system"] = system
    layout.devices.append(entry)
    layout.assets.append({"id": device, "rated_kva": rated})
    layout.truth[device] = partial(_METERED[kind], flow)


def modbus(layout: Layout, name: str, units: dict[int, Served]) -> None:
    """Modbus units behind one port."""
    served = {
        number: Unit(device=device, registers=registers, points=points)
        for number, (device, registers, points) in units.items()
    }
    layout.gateways.append(Gateway(name=name, units=served))


HYBRID = Block(6, _hybrid)
SOLAR = Block(6, _solar)
SMALL = Block(3, _small)
LONE = Block(1, _lone)
VILLAGE = Block(3, _village)
GEN24 = Block(2, partial(_field, modern=True))
GEN24_PLUS = Block(3, partial(_field, modern=True, stores=True))
DATAMANAGER = Block(2, partial(_field, modern=False))
LOAD = Block(1, _load)

FESTIVAL = (
    HYBRID, SOLAR, GEN24, VILLAGE, DATAMANAGER, LOAD, SMALL,
    HYBRID, SOLAR, GEN24_PLUS, VILLAGE, DATAMANAGER, LOAD, SMALL,
)  # fmt: skip
