"""Kilowatt-hours are counted once, and only what was measured."""

import pytest

from collector.model.assets import AssetSettings, Ratings
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.site.counters import STEPS_IN_KWH
from tests.support.sites import START_MS, Clocked, device

KWH_A_S = 3_600_000.0
"""A power of 1 kWh in each second."""


def meter(memory=None, serial=""):
    """A site with a polled meter, whose connection has just begun."""
    c = Clocked(device(), memory=memory)
    c.image().reset()
    if serial:
        c.image().identify(Identity(serial=serial))
    c.image().declare("", AssetKind.LOAD)
    return c


def poll(c, register=None, power=1000.0, seconds=1.0):
    """One poll, and the tick after it."""
    c.image().put("", "load_power_w", power)
    if register is not None:
        c.image().put_counter("", "load_energy_kwh", register, path="p")
    c.now_s += seconds
    c.image().alive()
    c.tick(0)


def near(value):
    """Energies are published in steps of 1/16384 kWh."""
    return pytest.approx(value, abs=1 / STEPS_IN_KWH)


def energy(c):
    """The asset's own total."""
    return c.asset("d1").readings["load_energy_kwh"].value


def state(c):
    """What the site knows of the counter."""
    return c.site.counters["d1", "load_energy_kwh"]


def test_standstill_is_not_integrated():
    """The process was stopped for an hour and the device spoke before the next tick: the power at
    both ends says nothing about the hour between."""
    c = meter()
    poll(c, power=KWH_A_S)
    poll(c, power=KWH_A_S)
    assert energy(c) == near(1.0)
    poll(c, power=KWH_A_S, seconds=3600)
    assert energy(c) == near(1.0)
    poll(c, power=KWH_A_S)
    assert energy(c) == near(2.0)


@pytest.mark.parametrize("power", [3.4e38, 1.7e308])
def test_power_that_is_no_value(power):
    """What is larger than any quantity is left out and counted; nothing is integrated over it, and
    the total goes on after it."""
    c = meter()
    for each in (36_000.0, 36_000.0, power, power, 36_000.0, 36_000.0):
        poll(c, power=each)
    assert energy(c) == near(0.02)
    assert c.taken.sources[0].drops["too large"] == 2


@pytest.mark.parametrize("power", [9e11, 5e10])
def test_power_that_cannot_be(power):
    """A misread power of more than any asset has is not integrated, however large a number it is;
    the total goes on after it, and people are told."""
    c = meter()
    for each in (36_000.0, 36_000.0, power, power, 36_000.0, 36_000.0):
        poll(c, power=each)
    assert energy(c) == near(0.02)
    assert any("refused" in note for note in c.asset("d1").notes)
    assert c.taken.sources[0].drops["counter refused"] == 3


def test_running_time_over_a_standstill():
    """A generator that ran before and after a standstill is not known to have run meanwhile."""
    c = Clocked(device(asset_kind=AssetKind.GENERATOR))
    c.image().declare("", AssetKind.GENERATOR)
    for seconds in (1, 1, 3600, 1):
        c.image().put("", "generator_power_w", 5000.0)
        c.now_s += seconds
        c.image().alive()
        c.tick(0)
    assert c.asset("d1").readings["generator_run_s"].value == near(2.0)


def test_unproven_meter_after_a_silence():
    """A meter without identity is silent for two minutes on a connection that stands, then lives
    before its register is read: the old register is not heard again by that, so the new one is a
    baseline, for another meter may hang there now."""
    c = meter()
    poll(c, 100.0)
    poll(c, 100.5)
    c.tick(120)
    poll(c)
    poll(c, 100.7)
    assert energy(c) == 0.5
    poll(c, 100.8)
    assert energy(c) == near(0.6)


def test_gap_after_a_silence():
    """The same with a proven meter: the difference is energy, and known as gap; at an asset without
    a rating people are told that nothing says whether it can be."""
    c = meter(serial="S1")
    poll(c, 100.0)
    poll(c, 100.5)
    c.tick(120)
    poll(c)
    poll(c, 101.0)
    assert energy(c) == 1.0
    assert state(c).gap == 0.5
    assert any("+0.5 kWh over a silence" in note for note in c.asset("d1").notes)


def test_identity_after_the_first_registers():
    """Registers said before the identity is known are a baseline, and so is the first one after."""
    c = meter()
    poll(c, 100.0)
    c.image().identify(Identity(serial="S1"))
    poll(c, 105.0)
    assert energy(c) == 0
    poll(c, 105.5)
    assert energy(c) == 0.5


def test_another_meter_in_its_place():
    """A wrong device's registers never reach the asset's total; the right one's go on."""
    c = meter(serial="S1")
    poll(c, 100.0)
    poll(c, 100.5)
    again = meter(memory=c.site.memory(), serial="S1")
    again.now_s = c.now_s + 300
    poll(again, 101.0)
    assert (energy(again), state(again).gap) == (1.0, 0.5)


def test_register_after_an_integral():
    """A register that turns up after the power was integrated starts from there: nothing twice."""
    c = meter(serial="S1")
    for _ in range(3):
        poll(c, power=KWH_A_S)
    poll(c, 5000.0, power=KWH_A_S)
    assert energy(c) == near(2.0)
    poll(c, 5000.5, power=KWH_A_S)
    assert energy(c) == near(2.5)


def test_integral_after_a_register():
    """When a register stays away for a minute the integral goes on from its total; when it is
    back, the same kilowatt-hours are not added a second time."""
    c = meter(serial="S1")
    poll(c, 100.0, power=KWH_A_S)
    poll(c, 101.0, power=KWH_A_S)
    c.image().reset()
    c.image().identify(Identity(serial="S1"))
    c.image().declare("", AssetKind.LOAD)
    c.tick(11)
    for _ in range(70):
        poll(c, power=KWH_A_S)
    integrated = energy(c)
    assert 9 <= integrated <= 12
    poll(c, 182.0, power=KWH_A_S)
    assert energy(c) == integrated
    poll(c, 183.0, power=KWH_A_S)
    assert energy(c) == integrated + 1


def test_midnight():
    """At local midnight the day's energy begins at zero, and the total goes on."""
    c = meter(serial="S1")
    midnight_s = 1_780_005_600 - START_MS // 1000  # 29 May 2026, 00:00 in Berlin
    c.now_s = midnight_s - 2.0
    for register in (100.0, 100.4):
        poll(c, register, seconds=0.5)
    assert c.taken.today["load_energy_kwh"].value == near(0.4)
    poll(c, 100.5)
    poll(c, 100.7)
    assert c.site.today.day == "2026-05-29"
    assert c.taken.today["load_energy_kwh"].value == near(0.2)
    assert energy(c) == near(0.7)


def test_restart_within_the_day():
    """After a restart the day's energy goes on where it stood."""
    c = meter(serial="S1")
    for register in (100.0, 100.4):
        poll(c, register)
    again = meter(memory=c.site.memory(), serial="S1")
    again.now_s = c.now_s + 5
    poll(again, 100.5)
    assert again.taken.today["load_energy_kwh"].value == near(0.5)


def test_restart_while_a_meter_is_away():
    """What a meter counted today stays in the day's energy over a restart at which it does not
    answer; the total says that it is missing, and live power has none of it."""
    c = meter(serial="S1")
    for register in (100.0, 100.4):
        poll(c, register)
    again = Clocked(device(), memory=c.site.memory())
    again.now_s = c.now_s + 5
    again.tick()
    today = again.taken.today["load_energy_kwh"]
    assert today.value == near(0.4)
    assert today.left_out == ("d1",)
    assert again.taken.totals["load_power_w"].value is None


def test_unproven_meter_on_a_new_connection():
    """Two meters without serial that exchange their addresses within seconds: the other one's
    register, a little higher, is not booked here."""
    c = meter()
    poll(c, 100.0)
    poll(c, 100.5)
    c.image().reset()
    c.image().identify(Identity(serial=""))
    c.image().declare("", AssetKind.LOAD)
    poll(c, 101.0)
    assert energy(c) == 0.5
    poll(c, 101.2)
    assert energy(c) == near(0.7)


def test_generator_behind_an_inverter_over_a_gap():
    """A 5 kVA inverter passes 14 kW of a generator to its loads: what came in hours of silence is
    energy, not more than its rating allows."""
    five = {"d1": AssetSettings(ratings=Ratings(inverter_kva=5))}
    c = Clocked(device(), settings=five)
    c.image().identify(Identity(serial="S1"))
    c.image().declare("", AssetKind.BESS)
    poll(c, 100.0)
    c.tick(3 * 3600)
    poll(c, 142.0)
    assert energy(c) == near(42.0)
    assert c.asset("d1").notes == ()
    poll(c, 300.0)
    assert energy(c) == near(42.0)


def test_register_without_a_valid_value():
    """A register that has no valid value for a moment goes on; after minutes without one, in which
    the asset lives, the difference is not taken for something that was watched."""
    c = meter(serial="S1")
    poll(c, 100.0)
    poll(c, 100.5)
    c.image().put_counter("", "load_energy_kwh", None, path="p")
    poll(c)
    poll(c, 100.6)
    assert (energy(c), state(c).gap) == (near(0.6), 0)
    c.image().put_counter("", "load_energy_kwh", None, path="p")
    for _ in range(59):
        poll(c, power=0.0)
    assert energy(c) == near(0.6)
    for _ in range(30):
        poll(c, power=KWH_A_S)
    assert 28 <= energy(c) <= 30.6, "the integral goes on meanwhile"
    before = energy(c)
    poll(c, 131.0)
    assert energy(c) == before
