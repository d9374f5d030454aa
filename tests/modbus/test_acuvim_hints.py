"""What an ACUVIM's values tell whoever commissions it, without a wire."""

from math import cos, radians, sin

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from collector.model.kinds import AssetKind
from collector.sources.acuvim.check import FINE, Verdict, sizes, volt_amperes
from collector.sources.acuvim.decode import decode_block
from collector.sources.acuvim.facing import diagnose, direction
from collector.sources.acuvim.hints import CALM, STREAK, EnergyCheck, Hint
from collector.sources.acuvim.registers import ACUVIM_II, Wiring
from collector.sources.acuvim.settings import Settings
from collector.sources.modbus.words import as_bytes
from tests.modbus.acuvim_map import I, U, acuvim_ii

PRIMARY = Settings(Wiring.STAR, 1.0, 1.0, 0.1, False, 1000, "")
ODD = Verdict("odd", "something is odd")


def told(**changes):
    """The values of a sound meter, with changes."""
    unit = acuvim_ii()
    block = ACUVIM_II.blocks[0]
    words = [unit.registers[a] for a in range(block.address, block.address + block.size)]
    return decode_block(block, as_bytes(words), PRIMARY) | changes


def turned(**degrees):
    """The values of a load of 20° whose currents are turned by so many degrees (`L1=180`)."""
    changes: dict[str, float] = {}
    for n in (1, 2, 3):
        size = U[n - 1] * I[n - 1]
        angle = radians(20 + degrees.get(f"L{n}", 0))
        changes |= {f"s{n}": size, f"p{n}": size * cos(angle), f"q{n}": size * sin(angle)}
    for name in "pqs":
        changes[f"{name}_total"] = sum(changes[f"{name}{n}"] for n in (1, 2, 3))
    return told(**changes)


def words(verdict):
    """The text of a verdict that was made."""
    assert verdict is not None
    return verdict.text


def test_a_sound_meter_gives_no_hint():
    """Values that agree are not complained about."""
    assert sizes(told(), PRIMARY) == FINE
    assert direction(AssetKind.LOAD, told(), PRIMARY) == FINE
    assert direction(AssetKind.LOAD, turned(), PRIMARY) == FINE


def test_no_load_says_nothing():
    """Without current, ratios mean nothing: neither that all is well nor that it is not."""
    idle = told(i1=0.0, i2=0.0, i3=0.0, s_total=5.0, p_total=-3.0)
    assert sizes(idle, PRIMARY) is None
    assert direction(AssetKind.LOAD, idle, PRIMARY) is None


def test_unequal_power_factors_are_no_fault():
    """A vector sum below the sum of the phases is right when the phases add up."""
    assert sizes(told(s_total=34_400.0), PRIMARY) == FINE


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"frequency": 12.0}, "12.0 Hz"),
        ({"s_total": 35.0}, "too small by a factor of 1008"),
        ({"s_total": 35e6}, "too large by a factor of 992"),
        ({"s_total": 30_000.0, "s1": 9000.0}, "volts times amperes make 35.3 kVA"),
        ({"u1": 0.23, "u2": 0.228, "u3": 0.229, "u12": 0.4, "u23": 0.4, "u31": 0.4}, "0.4 V"),
        ({"u12": 397_000.0}, "far too large"),
        ({"i2": 51_000.0}, "cannot come through CTs of 1000 A"),
        ({"p_total": 39_000.0}, "more than the apparent power"),
    ],
)
def test_implausible_values_are_told(changes, text):
    """Frequency, units and ratios that cannot be are told in words that say what to do."""
    assert text in words(sizes(told(**changes), PRIMARY))


def test_delta_is_checked_by_line_voltages():
    """Without neutral √3 · U · I is compared."""
    delta = PRIMARY._replace(wiring=Wiring.DELTA)
    due = 3**0.5 * 397.0 * (62 + 51 + 41) / 3
    assert volt_amperes(Wiring.DELTA, told()) == pytest.approx(due)
    assert sizes(told(s_total=due), delta) == FINE
    assert "volts times amperes" in words(sizes(told(s_total=due * 1.2, s1=None), delta))


@pytest.mark.parametrize("kind", [AssetKind.LOAD, AssetKind.GENERATOR, AssetKind.PV])
def test_a_reversed_meter_is_told(kind):
    """Negative power of a load, generator or solar meter is a hint; of the grid it is export."""
    back = turned(L1=180, L2=180, L3=180)
    assert "turn all of them around" in words(direction(kind, back, PRIMARY))
    assert direction(AssetKind.GRID, back, PRIMARY) == FINE


@pytest.mark.parametrize(
    ("degrees", "text"),
    [
        (
            {"L2": 180},
            "CT of L2 faces backwards: turn it around, or swap its two wires. Now: L2",
        ),
        ({"L1": 180, "L3": 180}, "The CTs of L1 and L3 face backwards: turn them around"),
        ({"L1": 120, "L2": -120}, "The CTs of L1 and L2 are exchanged"),
        ({"L1": -120, "L3": 120}, "The CTs of L1 and L3 are exchanged"),
        ({"L1": 120, "L2": 120, "L3": 120}, "Each CT sits on the conductor of another phase"),
        ({"L1": 90, "L2": -100}, "Check which way the CT of L1 faces"),
    ],
)
def test_the_ct_to_turn_is_named(degrees, text):
    """One that faces backwards, two that are exchanged, all moved on; else which one to look at."""
    found = words(direction(AssetKind.LOAD, turned(**degrees), PRIMARY))
    assert text in found
    assert len(found) <= 240


def test_a_direction_that_was_set_is_told():
    """Where the meter is set to turn the CT that seems turned, that setting is named."""
    settings = PRIMARY._replace(turned=(False, True, False))
    text = words(direction(AssetKind.LOAD, turned(L2=180), settings))
    assert "the meter itself is set to turn L2" in text


def test_the_other_sign_convention_changes_nothing():
    """With the IEEE convention var has the other sign; the faults are the same."""
    ieee = {f"q{n}": -(turned(L1=120, L2=-120)[f"q{n}"] or 0.0) for n in (1, 2, 3)}
    settings = PRIMARY._replace(ieee=True)
    found = direction(AssetKind.LOAD, turned(L1=120, L2=-120) | ieee, settings)
    assert "L1 and L2 are exchanged" in words(found)


def test_reactive_current_is_no_direction():
    """A solar inverter that only compensates at night draws a little: no CT is wrong."""
    night = {"p_total": -40.0, "q_total": -3000.0, "s_total": 3000.3}
    night |= {f"p{n}": -13.3 for n in (1, 2, 3)} | {f"q{n}": -1000.0 for n in (1, 2, 3)}
    night |= {f"s{n}": 1000.1 for n in (1, 2, 3)}
    assert direction(AssetKind.PV, told(**night), PRIMARY) == FINE


@given(
    st.lists(st.floats(-25, 25), min_size=3, max_size=3),
    st.lists(st.sampled_from([0.0, 180.0]), min_size=3, max_size=3),
)
def test_turned_cts_are_found_whatever_the_load(load, faults):
    """Whichever CTs are turned under any usual load, just those are named."""
    assume(any(faults) and max(load) - min(load) < 30)
    angles = {n: load[n - 1] + faults[n - 1] for n in (1, 2, 3)}
    fault = diagnose(angles)
    assert fault is not None
    assert fault.turns == {n: 180.0 for n in (1, 2, 3) if faults[n - 1]}


def test_a_hint_needs_several_polls():
    """Some odd frames make no hint, and some good ones remove none."""
    hint = Hint()
    assert not any(hint.take(ODD) for _ in range(STREAK - 1))
    assert not hint.take(FINE)
    assert [hint.take(ODD) for _ in range(STREAK)] == [False] * (STREAK - 1) + [True]
    assert hint.shown == ODD
    assert not any(hint.take(FINE) for _ in range(CALM - 1))
    assert not hint.take(ODD)
    assert [hint.take(FINE) for _ in range(CALM)] == [False] * (CALM - 1) + [True]
    assert hint.shown == FINE


def test_a_hint_does_not_flap_with_the_load():
    """A load that goes on and off every five seconds, and numbers that change with each poll:
    one hint, said once."""
    hint = Hint()
    changes = 0
    for second in range(600):
        on = second // 5 % 2
        changes += hint.take(Verdict("L2", f"L2 {second} kW") if on else None)
    assert changes == 1
    assert hint.shown.key == "L2"


@pytest.mark.parametrize(("part", "wrong"), [(1.0, False), (1 / 200, True), (0.0, True)])
def test_secondary_energy_is_noticed(part, wrong):
    """A register that counts only a part of what the power makes is told after some kWh."""
    check = EnergyCheck("ep_import")
    kwh = 1000.0
    for second in range(600):
        check.take(float(second), told(p_total=36_000.0, ep_import=kwh), PRIMARY)
        kwh += 0.01 * part
    assert bool(check.text) is wrong


def test_the_energy_check_begins_anew_after_a_gap():
    """What was not seen is not held against the register."""
    check = EnergyCheck("ep_import")
    kwh = 1000.0
    for second in range(0, 60_000, 60):
        check.take(float(second), told(p_total=36_000.0, ep_import=kwh), PRIMARY)
    assert check.text == ""
