"""The plant: energy, batteries, generators, weather."""

import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.simulator.compose import compose
from collector.simulator.meters.point import Point
from collector.simulator.physics.battery import Battery, BatterySpec, cell_energy, cell_ocv
from collector.simulator.physics.bess import Bess, BessSpec, Mode, Source
from collector.simulator.physics.flow import Bus, Flow
from collector.simulator.physics.genset import Engine, Genset, GensetSpec
from collector.simulator.physics.inverter import Inverter, InverterSpec
from collector.simulator.physics.load import LoadSpec
from collector.simulator.physics.plant import Plant
from collector.simulator.physics.sun import Sun, clear_sky

LOAD = LoadSpec(base_w=5000, show_w=12000, spike_w=2500)
OTHER = LoadSpec(base_w=900, show_w=900)


def bess(**changes: object) -> Bess:
    """A battery system with one solar charger, changed as told."""
    spec: dict[str, object] = {
        "inverter": InverterSpec(kva=45),
        "battery": BatterySpec(kwh=100, first_soc_pct=55),
        "load": LOAD,
        "other_load": OTHER,
        "mppt_w": (8000.0,),
    }
    return Bess(BessSpec(**{**spec, **changes}), 3, "b")  # type: ignore[arg-type]


def run(part: Bess, hours: float, start_hour: float = 13, dt_s: float = 2) -> Plant:
    """A plant of that part, run for some hours."""
    plant = Plant([part], 3, start_hour)
    for _ in range(int(hours * 3600 / dt_s)):
        plant.step(dt_s)
    return plant


@settings(max_examples=8)
@given(
    assets=st.integers(1, 26),
    seed=st.integers(0, 10**6),
    hour=st.floats(0, 23.99),
    dt=st.sampled_from([0.5, 1.0, 2.0, 7.0, 60.0]),
)
def test_energy_balances(assets: int, seed: int, hour: float, dt: float) -> None:
    """Sources are loads, stored energy and losses to 0.5 %, on any site at any hour and step."""
    plant = Plant(compose(assets, seed, lambda: 0.0).parts, seed, hour)
    for _ in range(60):
        plant.step(dt)
    balance = plant.balance()
    assert balance.loads > 0
    assert abs(balance.residual) <= 0.005 * max(balance.sources, balance.loads)


def test_balance_over_a_day_with_every_state() -> None:
    """Over a day, with generator starts and a full battery, the residual stays below 0.01 %."""
    part = bess(genset=GensetSpec(kva=60), pv_inverter_w=25000.0)
    plant = run(part, 22, dt_s=2)
    assert part.genset is not None
    assert part.genset.starts >= 1
    balance = plant.balance()
    assert abs(balance.residual) <= 1e-4 * balance.sources


def test_counters_are_integrals_of_their_powers() -> None:
    """Each counter grows by its power times the time, step by step and per phase."""
    part = bess(grid_w=15000.0, pv_inverter_w=10000.0)
    plant = Plant([part], 3, 12.0)
    sums: dict[str, float] = dict.fromkeys(("load", "in", "out", "l2", "charged", "pv"), 0.0)
    for _ in range(1500):
        plant.step(2.0)
        hours = 2.0 / 3600
        sums["load"] += part.served.total_w * hours
        sums["in"] += max(part.input.total_w, 0) * hours
        sums["out"] += max(-part.input.total_w, 0) * hours
        sums["l2"] += part.served.p[1] * hours
        sums["charged"] += max(part.battery.flow.w, 0) * hours
        sums["pv"] += part.pv_dc_w * hours
    assert part.served.forward_wh == pytest.approx(sums["load"])
    assert part.input.forward_wh == pytest.approx(sums["in"])
    assert part.input.reverse_wh == pytest.approx(sums["out"])
    assert part.served.phase_forward_wh[1] == pytest.approx(sums["l2"])
    assert part.battery.flow.forward_wh == pytest.approx(sums["charged"])
    assert part.mppts[0].forward_wh == pytest.approx(sums["pv"])


def test_victron_energy_paths_close() -> None:
    """What went into the inverter/charger's AC input and DC side came out somewhere."""
    part = bess(grid_w=15000.0, pv_inverter_w=12000.0)
    run(part, 5)
    wh = part.paths.wh
    into = wh["in_out"] + wh["in_inverter"]
    assert into == pytest.approx(part.input.forward_wh, rel=1e-6)
    back = wh["out_in"] + wh["inverter_in"]
    assert back == pytest.approx(part.input.reverse_wh, rel=1e-6)
    out = wh["in_out"] + wh["inverter_out"]
    assert out == pytest.approx(part.output.forward_wh, rel=1e-6)


def test_the_same_seed_gives_the_same_site() -> None:
    """Two plants of one seed are equal after ten minutes, another seed is not."""

    def soc(seed: int) -> list[float]:
        plant = Plant(compose(20, seed, lambda: 0.0).parts, seed, 13.0)
        for _ in range(60):
            plant.step(10.0)
        return [p.battery.soc_pct for p in plant.parts if isinstance(p, Bess)]

    assert soc(7) == soc(7)
    assert soc(7) != soc(8)


def test_generator_keeps_the_charge_between_start_and_stop() -> None:
    """It starts at the low charge, stops at the high one, and does not hunt."""
    part = bess(genset=GensetSpec(kva=60), battery=BatterySpec(kwh=60, first_soc_pct=40), mppt_w=())
    plant = Plant([part], 3, 18.0)
    charges, running = [], []
    for _ in range(7 * 1800):
        plant.step(2.0)
        charges.append(part.battery.soc_pct)
        running.append(part.source is Source.GENERATOR)
    assert min(charges) > part.start_soc_pct - 1
    assert max(charges) < part.stop_soc_pct + 1
    assert part.genset is not None
    assert 1 <= part.genset.starts <= 12
    assert any(running)
    assert not all(running)


def test_engine_goes_through_its_states_in_order() -> None:
    """Start, warm up, run, cool down, stop; only the turning engine burns fuel and counts hours."""
    g = Genset(GensetSpec(kva=60, warm_up_s=20, cool_down_s=30), Random(1), Bus(Random(1)))
    seen = [g.engine]
    g.wanted = True
    for second in range(200):
        if second == 100:
            g.wanted = False
        g.step(1.0)
        if g.engine is not seen[-1]:
            seen.append(g.engine)
    assert seen == [
        Engine.STOPPED, Engine.STARTING, Engine.WARM_UP, Engine.RUNNING, Engine.COOL_DOWN,
        Engine.STOPPING, Engine.STOPPED,
    ]  # fmt: skip
    assert g.starts == 1
    assert 100 < g.run_s < 130
    idle_l = 0.016 * 48 * g.run_s / 3600
    assert g.burnt_l == pytest.approx(idle_l, rel=0.02)


def test_full_battery_throttles_solar() -> None:
    """Off grid with a full battery and little load the AC-coupled PV is cut and the frequency
    rises, and the battery does not overflow."""
    part = bess(
        battery=BatterySpec(kwh=40, first_soc_pct=97), pv_inverter_w=30000.0,
        load=LoadSpec(base_w=1000, show_w=0), other_load=LoadSpec(base_w=100, show_w=0),
    )  # fmt: skip
    run(part, 1.5, start_hour=12)
    assert part.throttled
    assert part.out_bus.hz > 61
    assert part.pv_ac.total_w < part.roof.available_w - 1000
    assert 99 < part.battery.soc_pct <= 100


def test_empty_battery_drops_the_load_and_comes_back() -> None:
    """Without any source the output goes dead before the battery does; grid power revives it."""
    part = bess(battery=BatterySpec(kwh=10, first_soc_pct=6), mppt_w=())
    plant = run(part, 0.5, start_hour=20)
    assert not part.output_on
    assert part.served.total_w == 0
    assert part.out_bus.u == [0.0, 0.0, 0.0]
    part.spec = bess(grid_w=30000.0).spec
    part.input_limit_a = 90.0
    for _ in range(60):
        plant.step(2.0)
    assert part.output_on
    assert part.battery.flow.w > 0


def test_mode_off_and_charger_only() -> None:
    """Off drops the load; charger only carries it through while there is a feed."""
    part = bess(grid_w=20000.0)
    plant = run(part, 0.1)
    part.mode = Mode.OFF
    plant.step(2.0)
    assert not part.output_on
    part.mode = Mode.CHARGER_ONLY
    plant.step(2.0)
    assert part.output_on
    assert part.inverter_w <= 0


@given(soc=st.floats(0, 100))
def test_cell_energy_is_the_integral_of_its_voltage(soc: float) -> None:
    """Summing the voltage in small steps gives the closed integral."""
    steps = 500
    width = soc / steps
    summed = sum(cell_ocv((k + 0.5) * width) * width for k in range(steps))
    assert cell_energy(soc) == pytest.approx(summed, rel=1e-3, abs=1e-3)


@given(dc=st.floats(-36000, 42000))
def test_inverter_loss_has_an_inverse(dc: float) -> None:
    """The AC power found for a DC power draws that DC power."""
    inverter = Inverter(InverterSpec(kva=45))
    assert inverter.dc(inverter.ac(dc)) == pytest.approx(dc, abs=0.01)


@given(soc=st.floats(3.5, 99.5), share=st.floats(-1, 1))
def test_battery_terminal_power_is_voltage_times_current(soc: float, share: float) -> None:
    """Within its limits P = U·I holds, and no current exceeds what the BMS allows."""
    b = Battery(BatterySpec(kwh=100, first_soc_pct=soc), Random(1))
    ocv = b.ocv_v
    limit_in, limit_out = b.charge_limit_a, b.discharge_limit_a
    power = share * (b.charge_limit_w if share > 0 else b.discharge_limit_w)
    b.step(power, 1.0)
    volts = ocv + b.current_a * b.resistance_ohm
    assert volts * b.current_a == pytest.approx(power, abs=0.5)
    assert -limit_out * 1.001 - 0.01 <= b.current_a <= limit_in * 1.001 + 0.01


def test_flow_of_unbalanced_phases() -> None:
    """Currents, power factor and neutral follow from P and Q; equal phases leave none in N."""
    bus = Bus(Random(2))
    bus.u = [120.0, 120.0, 120.0]
    flow = Flow(bus)
    flow.carry([1200.0, 1200.0, 1200.0], [900.0, 900.0, 900.0], 3600)
    assert flow.amps(0) == pytest.approx(12.5)
    assert flow.power_factor() == pytest.approx(0.8)
    assert flow.neutral_a == pytest.approx(0, abs=1e-9)
    assert flow.forward_wh == pytest.approx(3600)
    assert flow.vah == pytest.approx(4500)
    flow.carry([1200.0, 0.0, 0.0], [0.0, 0.0, 0.0], 3600)
    assert flow.neutral_a == pytest.approx(10)


def test_sun_of_the_day() -> None:
    """No sun at night, most at midday, and clouds take some away."""
    assert clear_sky(3) == clear_sky(22) == 0
    assert clear_sky(13) == pytest.approx(1)
    sun = Sun(Random(4))
    levels = []
    for _ in range(3000):
        sun.step(2.0, 13.0)
        levels.append(sun.level)
    assert max(levels) > 0.95
    assert min(levels) < 0.8
    assert not any(math.isnan(level) for level in levels)


def test_a_broken_set_stands_and_another_one_takes_its_place():
    """A set that breaks delivers nothing more and does not start; the one that replaces it has its
    own hours and fuel, and what flowed through the terminals goes on."""
    spec = GensetSpec(kva=60, running=True, first_fuel_pct=50, tank_l=300)
    part = bess(genset=spec, battery=BatterySpec(kwh=100, first_soc_pct=25))
    run(part, 0.5)
    genset = part.genset
    assert genset is not None
    before = genset.flow.forward_wh
    assert before > 0
    genset.broken = True
    run(part, 0.2)
    assert genset.engine is Engine.STOPPED
    stood = genset.flow.forward_wh
    run(part, 0.2)
    assert genset.flow.forward_wh == stood
    genset.replace(GensetSpec(kva=80, first_hours=77, first_fuel_pct=100, tank_l=400))
    assert (genset.run_s, genset.fuel_l, genset.spec.first_hours) == (0.0, 400.0, 77)
    run(part, 0.5)
    assert genset.flow.forward_wh > stood
    room = 400 - genset.fuel_l
    assert genset.deliver(1000) == pytest.approx(room)
    assert genset.fuel_l == pytest.approx(400)


def test_a_system_lives_from_its_battery_in_the_dear_hours():
    """Between its dear hours it takes nothing from the feed while the battery can carry it; after
    them it fills again."""
    part = bess(grid_w=40000.0, dear_hours=(14.0, 16.0), mppt_w=())
    run(part, 1.5)  # from 13:00
    assert part.source is Source.GRID
    assert part.input.total_w == pytest.approx(0, abs=200)
    taken = part.input.forward_wh
    run(part, 0.4, 14.5)
    assert part.input.forward_wh - taken < 50
    run(part, 0.3, 16.1)
    assert part.input.total_w > 20000


def test_a_turned_transformer_counts_backwards():
    """The registers of a meter with a turned CT are what it sees: without that phase twice."""
    flow = Flow(Bus(Random(1)))
    point = Point(flow, Random(2), 0.0)
    point.turned = (1,)
    for _ in range(3600):
        flow.carry([5000.0, 4000.0, 3000.0], [0.0] * 3, 1.0)
        point.step(1.0)
    found = point.energies()
    assert found["imp"] == pytest.approx(4.0)
    assert found["imp1"] == pytest.approx(0.0)
    assert found["exp1"] == pytest.approx(4.0)
    point.turned = ()
    flow.carry([5000.0, 4000.0, 3000.0], [0.0] * 3, 3600.0)
    point.step(3600.0)
    assert point.energies()["imp"] == pytest.approx(16.0)
