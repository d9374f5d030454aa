"""The rules about what one asset measures."""

import pytest
from msgspec import structs

from collector.model.alarm import Rule
from collector.model.kinds import AssetKind
from tests.alarms.scenes import LIMITS, Watch, bess, generator, load, rated, scene, silent
from tests.support.snapshots import asset


def keys(watch: Watch) -> set[str]:
    """What is open."""
    return set(watch.open)


def after(seen, seconds=15, limits=LIMITS):
    """What a scene raises when it lasts."""
    watch = Watch(limits)
    watch.see(seen, seconds)
    return watch


STAR = {"voltage_v_L1": 230.0, "voltage_v_L2": 231.0, "voltage_v_L3": 229.0, "frequency_hz": 50.0}
SPLIT = {"voltage_v_L1": 120.0, "voltage_v_L2": 121.0, "frequency_hz": 60.0}
HIGH = {"voltage_v_L1": 277.0, "voltage_v_L2": 276.0, "voltage_v_L3": 278.0, "frequency_hz": 60.0}
DELTA = {"voltage_v_L12": 480.0, "voltage_v_L23": 481.0, "voltage_v_L31": 479.0}


def learned(readings, **more):
    """A load that has shown these readings for a minute, and is healthy."""
    watch = Watch()
    watch.see(scene([load(**readings)], **more), 70)
    assert keys(watch) == set()
    return watch


def then(watch, readings, seconds=15, **more):
    """What the load raises with other readings."""
    watch.see(scene([load(**readings)], **more), seconds)
    return watch.open.get("voltage:load-1")


def test_low_charge_names_value_and_limit():
    """A battery below its limit says by how much, and what to do."""
    alarm = after(scene([bess(battery_soc_pct=12.0)])).open["low soc:bess-1"]
    assert alarm.text == "charge 12 % (limit 20 %)"
    assert alarm.severity == "alarm"
    assert "generator" in alarm.advice


def test_half_of_the_limit_is_critical():
    """At half of its limit a battery is about to drop its loads."""
    watch = after(scene([bess(battery_soc_pct=10.0)]))
    assert watch.open["low soc:bess-1"].severity == "critical"


def test_fuel_sloshes_for_half_a_minute():
    """A tank is low once it has been for 30 s."""
    tank = scene([asset("tank-1", AssetKind.TANK, readings={"fuel_level_pct": 8.0})])
    assert keys(after(tank, 25)) == set()
    assert keys(after(tank, 40)) == {"low fuel:tank-1"}


def test_a_rule_that_is_off_raises_nothing():
    """`[alarms] off` switches single rules off, the others go on."""
    limits = structs.replace(LIMITS, off=(Rule.LOW_SOC,))
    both = scene([bess(battery_soc_pct=5.0), generator(fuel_level_pct=5.0)])
    assert keys(after(both, 60, limits)) == {"low fuel:gen-1"}


def test_a_silent_asset_keeps_its_alarm_and_gets_no_new_one():
    """What is not heard is neither well nor worse."""
    low = bess(battery_soc_pct=12.0)
    watch = after(scene([low]))
    watch.see(scene([silent(low, 20)]), 40)
    assert watch.open["low soc:bess-1"].state == "active"
    fresh = after(scene([silent(low, 20)]), 20)
    assert keys(fresh) == set()


def test_a_value_that_is_missing_keeps_its_alarm():
    """A battery that lost its monitor for a moment is not full again."""
    watch = after(scene([bess(battery_soc_pct=12.0)]))
    watch.see(scene([bess(battery_soc_pct=None)]), 600)
    assert watch.open["low soc:bess-1"].state == "active"


def test_nothing_is_alarmed_of_a_quantity_that_an_asset_has_not():
    """No reading, no alarm."""
    assert keys(after(scene([bess(), load(), generator()]), 120)) == set()


@pytest.mark.parametrize("readings", [STAR, SPLIT, HIGH, DELTA])
def test_usual_voltages_are_recognised(readings):
    """A healthy system of each usual voltage raises nothing, without a word in the registry."""
    watch = learned(readings)
    watch.see(scene([load(**readings)]), 60)
    assert keys(watch) == set()


def test_a_lost_neutral_is_no_healthy_277_volt_system():
    """What a system is was learned while it was well: 230 V that becomes 277 is an alarm, though
    277 V is a usual voltage."""
    alarm = then(learned(STAR), STAR | {"voltage_v_L1": 277.0, "voltage_v_L2": 180.0})
    assert alarm is not None
    assert "180 V, -22 %" in alarm.text
    assert "230 V to neutral, inferred" in alarm.text
    assert alarm.severity == "critical"


def test_a_sagging_277_volt_system_is_no_healthy_230_volt_system():
    """277 V that sags to 235 is 15 % low."""
    alarm = then(learned(HIGH), dict.fromkeys(HIGH, 235.0) | {"frequency_hz": 60.0})
    assert alarm is not None
    assert "-15 %" in alarm.text


def test_what_was_learned_outlives_a_restart():
    """A crash in the middle of a fault does not make the fault normal."""
    watch = learned(STAR)
    watch.restart()
    assert then(watch, STAR | {"voltage_v_L1": 277.0}, 100) is not None


def test_a_person_knows_better():
    """`nominal_v` stands above what was inferred, between phases or to neutral as it is usual."""
    for said in (400.0, 230.0):
        watch = learned(STAR, settings={"load-1": rated(nominal_v=said)})
        assert (
            "inferred"
            not in (
                then(
                    watch,
                    STAR | {"voltage_v_L1": 190.0},
                    settings={"load-1": rated(nominal_v=said)},
                )
            ).text
        )
    mistaken = Watch()
    mistaken.see(scene([load(**STAR)], settings={"load-1": rated(nominal_v=277.0)}), 90)
    assert "277 V to neutral" in mistaken.open["voltage:load-1"].text


def test_a_phase_that_was_never_connected_is_not_missed():
    """A meter of one phase shows 0 V at the others: not a fault. One that was there is missed."""
    one = {"voltage_v_L1": 230.0, "voltage_v_L2": 0.0, "voltage_v_L3": 0.0}
    assert keys(learned(one)) == set()
    alarm = then(learned(STAR), STAR | {"voltage_v_L2": 0.0})
    assert "L2 is off" in alarm.text
    assert alarm.severity == "critical"


def test_a_load_without_voltage_has_lost_its_supply():
    """All phases dead is critical at a load, and rest at a generator."""
    dead = dict.fromkeys(STAR, 0.0)
    alarm = then(learned(STAR), dead)
    assert "no voltage" in alarm.text
    watch = Watch()
    watch.see(scene([generator(**STAR)]), 70)
    watch.see(scene([generator(**dead)]), 70)
    assert keys(watch) == set()


def test_a_battery_system_that_is_switched_off_may_be_dead():
    """Off is a choice; otherwise no voltage at its output is a fault."""
    watch = Watch()
    watch.see(scene([bess(**STAR, inverter_mode=3.0)]), 70)
    dead = dict.fromkeys(STAR, 0.0)
    watch.see(scene([bess(**dead, inverter_mode=4.0)]), 30)
    assert keys(watch) == set()
    watch.see(scene([bess(**dead, inverter_mode=3.0)]), 30)
    assert keys(watch) == {"voltage:bess-1"}


def test_a_generator_may_start_and_stop():
    """On its way to nominal speed, for half a minute, nothing is alarmed."""
    slow = STAR | {"frequency_hz": 41.0, "voltage_v_L1": 190.0}
    watch = Watch()
    watch.see(scene([generator(**STAR)]), 70)
    watch.see(scene([generator(**slow)]), 28)
    assert keys(watch) == set()
    watch.see(scene([generator(**slow)]), 10)
    assert keys(watch) == {"voltage:gen-1", "frequency:gen-1"}


def test_frequency_too_far_from_nominal():
    """60 Hz that falls to 55 is 8 % low; a standing machine has no frequency."""
    watch = learned(SPLIT)
    watch.see(scene([load(**SPLIT | {"frequency_hz": 55.0})]), 15)
    assert "-8 %" in watch.open["frequency:load-1"].text


def test_overload_counts_the_worst_of_what_the_plate_says():
    """kVA and kW are judged apart; far beyond is critical."""
    plates = {"gen-1": rated(rated_kva=100.0, rated_kw=80.0)}
    running = generator(apparent_power_va=95_000.0, generator_power_w=85_000.0)
    alarm = after(scene([running], settings=plates)).open["overload:gen-1"]
    assert alarm.text == "85 kW of 80 kW: 106 %"
    worse = generator(apparent_power_va=125_000.0, generator_power_w=85_000.0)
    alarm = after(scene([worse], settings=plates)).open["overload:gen-1"]
    assert (alarm.text, alarm.severity) == ("125 kVA of 100 kVA: 125 %", "critical")
    assert keys(after(scene([worse]))) == set(), "without a plate nobody knows"


def test_an_inverter_is_not_overloaded_by_what_passes_its_switch():
    """With a generator running the inverter bears only what it adds."""
    plates = {"bess-1": rated(inverter_kva=15.0)}
    alone = bess(load_power_w=17_000.0, ac_source=240.0)
    assert keys(after(scene([alone], settings=plates))) == {"overload:bess-1"}
    helped = bess(load_power_w=30_000.0, generator_power_w=20_000.0, ac_source=2.0)
    assert keys(after(scene([helped], settings=plates))) == set()
    both = bess(load_power_w=38_000.0, generator_power_w=20_000.0, ac_source=2.0)
    assert keys(after(scene([both], settings=plates))) == {"overload:bess-1"}


def test_unbalance_of_currents_counts_under_load():
    """A lamp on one phase is no unbalance worth a word."""
    plates = {"load-1": rated(rated_kva=40.0)}
    lamp = load(current_unbalance_pct=90.0, apparent_power_va=500.0)
    assert keys(after(scene([lamp], settings=plates))) == set()
    stage = load(current_unbalance_pct=45.0, apparent_power_va=20_000.0)
    alarm = after(scene([stage], settings=plates)).open["current unbalance:load-1"]
    assert alarm.severity == "warning"
    unrated = load(current_unbalance_pct=45.0, current_a_L1=60.0)
    assert keys(after(scene([unrated]))) == {"current unbalance:load-1"}


def test_unbalance_of_voltages():
    """Above its limit it is a warning."""
    assert keys(after(scene([load(voltage_unbalance_pct=3.5)]))) == {"voltage unbalance:load-1"}
    assert keys(after(scene([load(voltage_unbalance_pct=2.5)]))) == set()


def test_balance_of_a_battery_system():
    """What conversion loses is no residual; a turned current transformer is, after ten minutes."""
    sound = bess(
        load_power_w=20_000.0,
        battery_power_w=-14_900.0,
        generator_power_w=0.0,
        pv_power_w=6_500.0,
    )
    assert keys(after(scene([sound]), 900)) == set()
    turned = bess(load_power_w=20_000.0, battery_power_w=14_000.0, pv_power_w=6_000.0)
    assert keys(after(scene([turned]), 590)) == set()
    alarm = after(scene([turned]), 620).open["balance:bess-1"]
    assert "more has gone out than in" in alarm.text
