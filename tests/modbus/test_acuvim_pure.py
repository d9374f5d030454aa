"""Settings, decoding and checks of an ACUVIM, without a wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import BadDevice
from collector.model.catalogue import KEYS
from collector.model.kinds import AssetKind
from collector.sources.acuvim.check import (
    STREAK,
    EnergyCheck,
    Hint,
    direction,
    plausibility,
    volt_amperes,
)
from collector.sources.acuvim.decode import ENERGIES, decode_block, readings
from collector.sources.acuvim.probe import forced_family
from collector.sources.acuvim.registers import ACUVIM_II, ACUVIM_L, Wiring
from collector.sources.acuvim.settings import Settings, decode_settings
from collector.sources.modbus.words import as_bytes
from tests.modbus.acuvim_map import acuvim_ii
from tests.support.modbus import f32, u32

PRIMARY = Settings(Wiring.STAR, 1.0, 1.0, 0.1, False, 1000, "")
BLOCKS = (*ACUVIM_II.blocks, *ACUVIM_II.spare, *ACUVIM_L.spare)


def told(**changes):
    """The values of a sound meter, with changes."""
    unit = acuvim_ii()
    block = ACUVIM_II.blocks[0]
    words = [unit.registers[a] for a in range(block.address, block.address + block.size)]
    return decode_block(block, as_bytes(words), PRIMARY) | changes


def settings_words(**changes):
    """The 27 settings registers of an ACUVIM II."""
    words = [0] * 27
    words[0:7] = [0, 0, *u32(400), 400, 1000, 5]
    for place, value in changes.items():
        words[int(place[1:])] = value
    return words


@pytest.mark.parametrize("block", BLOCKS)
def test_each_block_lies_within_its_request(block):
    """No point of a block lies behind the registers that are asked for; one request is enough."""
    ends = [p.at + 2 for p in (*block.floats, *block.energies)] + [p.at + 1 for p in block.percents]
    assert max(ends) <= block.size <= 125


def test_names_are_unique_over_a_map():
    """Two registers of a meter never write the same raw series."""
    for blocks in (ACUVIM_II.blocks, ACUVIM_II.spare, ACUVIM_L.spare):
        names = [p.name for b in blocks for p in b.floats]
        names += [p.name for b in blocks for p in b.energies]
        names += [p.name for b in blocks for p in b.percents]
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("words", "pt", "ct"),
    [
        (settings_words(), 1.0, 200.0),
        (settings_words(_6=1), 1.0, 1000.0),
        (settings_words(_6=333), 1.0, 1000.0),
        (settings_words(_6=100), 1.0, 1000.0),
        (settings_words(_2=1, _3=0), 163.84, 200.0),
        (settings_words(_26=1), 1.0, 1.0),
    ],
)
def test_ratios(words, pt, ct):
    """PT1/PT2 and CT1/CT2 in secondary mode, CT2 as 1 for mV and mA; 1 in primary mode."""
    found = decode_settings(ACUVIM_II, words, "here")
    assert (found.pt, found.ct) == pytest.approx((pt, ct))


@pytest.mark.parametrize("change", [{"_4": 0}, {"_5": 0}, {"_6": 0}, {"_0": 9}, {"_26": 2}])
def test_settings_that_cannot_be_are_refused(change):
    """A zero ratio, an unknown wiring or mode is an error that names the place."""
    with pytest.raises(BadDevice, match="here"):
        decode_settings(ACUVIM_II, settings_words(**change), "here")


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("", None),
        ("II", ACUVIM_II),
        ("acuvim ii", ACUVIM_II),
        ("L", ACUVIM_L),
        ("Acuvim-L", ACUVIM_L),
    ],
)
def test_the_forced_family(model, family):
    """The registry's model forces a family in the usual spellings."""
    assert forced_family(model) is family


def test_net_energy_is_signed():
    """Net energy below zero is negative, not four hundred million."""
    block = ACUVIM_II.spare[1]
    words = [0] * block.size
    words[10:12] = u32(-1230 & 0xFFFFFFFF)
    assert decode_block(block, as_bytes(words), PRIMARY)["ep_net"] == -123.0


def test_an_energy_beyond_its_range_is_none():
    """A register above 999 999 999 is no energy."""
    block = ACUVIM_II.spare[1]
    words = [*u32(1_000_000_000), *u32(999_999_999), *[0] * 14]
    values = decode_block(block, as_bytes(words), PRIMARY)
    assert values["ep_import"] is None
    assert values["ep_export"] == pytest.approx(99_999_999.9)


@pytest.mark.parametrize("words", [f32(3e38), f32(-2e12), [0x7F80, 0], [0xFFFF, 0xFFFF]])
def test_a_float_that_cannot_be_is_none(words):
    """Infinities, NaN and sizes that no meter sees are no value, whatever they are scaled by."""
    block = ACUVIM_II.spare[0]
    blank = [0] * block.size
    blank[0x22:0x24] = words
    found = decode_block(block, as_bytes(blank), PRIMARY._replace(ct=200.0))
    assert found["p_total"] is None
    assert found["p1"] == 0.0


@given(st.data())
def test_any_registers_become_readings_without_raising(data):
    """Whatever a meter sends, for each kind and wiring, keys are legal and checks do not raise."""
    family = data.draw(st.sampled_from([ACUVIM_II, ACUVIM_L]))
    kind = data.draw(st.sampled_from(list(ENERGIES)))
    wiring = data.draw(st.sampled_from(list(Wiring)))
    settings = PRIMARY._replace(wiring=wiring, pt=data.draw(st.sampled_from([1.0, 27.5])))
    values: dict[str, float | None] = {}
    for block in family.blocks or family.spare:
        words = data.draw(st.lists(st.integers(0, 0xFFFF), min_size=0, max_size=block.size))
        values |= decode_block(block, as_bytes(words), settings)
    found = list(readings(kind, wiring, values))
    assert all(key in KEYS and kind in KEYS[key].kinds for key, _ in found)
    assert len(found) == len({key for key, _ in found})
    assert isinstance(plausibility(values, settings), str)
    assert isinstance(direction(kind, values, settings), str)
    EnergyCheck(kind).take(1.0, values, settings)


@given(st.lists(st.integers(0, 0xFFFF), min_size=27, max_size=27))
def test_any_settings_are_read_or_refused(words):
    """Any 27 registers are settings or a BadDevice, never another exception."""
    for family in (ACUVIM_II, ACUVIM_L):
        try:
            found = decode_settings(family, words[: family.settings[1]], "x")
        except BadDevice:
            continue
        assert found.pt > 0
        assert found.ct > 0


def test_a_sound_meter_gives_no_hint():
    """Values that agree are not complained about."""
    assert plausibility(told(), PRIMARY) == ""
    assert direction(AssetKind.LOAD, told(), PRIMARY) == ""


def test_no_load_gives_no_hint():
    """Without current, ratios mean nothing."""
    idle = told(i1=0.0, i2=0.0, i3=0.0, s_total=5.0, p_total=-3.0)
    assert plausibility(idle, PRIMARY) == ""
    assert direction(AssetKind.LOAD, idle, PRIMARY) == ""


def test_unequal_power_factors_are_no_fault():
    """A vector sum below the sum of the phases is right when the phases add up."""
    assert plausibility(told(s_total=30_000.0), PRIMARY) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"frequency": 12.0}, "12.0 Hz"),
        ({"s_total": 35.0}, "factor of"),
        ({"s_total": 30_000.0, "s1": 9000.0}, "volts times amperes make 35.3 kVA"),
    ],
)
def test_implausible_values_are_told(changes, words):
    """Frequency, units and ratios that cannot be are told in words."""
    assert words in plausibility(told(**changes), PRIMARY)


def test_delta_is_checked_by_line_voltages():
    """Without neutral √3 · U · I is compared."""
    delta = PRIMARY._replace(wiring=Wiring.DELTA)
    due = 3**0.5 * 397.0 * (62 + 51 + 41) / 3
    assert volt_amperes(Wiring.DELTA, told()) == pytest.approx(due)
    assert plausibility(told(s_total=due), delta) == ""
    assert "volts times amperes" in plausibility(told(s_total=due * 1.2, s1=None), delta)


@pytest.mark.parametrize("kind", [AssetKind.LOAD, AssetKind.GENERATOR, AssetKind.PV])
def test_a_reversed_meter_is_told(kind):
    """Negative power of a load, generator or solar meter is a hint; of the grid it is export."""
    back = told(p_total=-30_000.0, p1=-10_000.0)
    assert "negative" in direction(kind, back, PRIMARY)
    assert direction(AssetKind.GRID, back, PRIMARY) == ""


def test_one_reversed_ct_is_told():
    """One phase against the others names the phase."""
    assert direction(AssetKind.LOAD, told(p2=-11_400.0), PRIMARY).startswith("L2 runs against")


def test_a_hint_needs_several_polls():
    """One odd frame makes no hint, and one good frame removes none."""
    hint = Hint()
    assert not any(hint.take("odd") for _ in range(STREAK - 1))
    assert not hint.take("")
    assert [hint.take("odd") for _ in range(STREAK)] == [False] * (STREAK - 1) + [True]
    assert hint.shown == "odd"
    assert [hint.take("") for _ in range(STREAK)] == [False] * (STREAK - 1) + [True]
    assert hint.shown == ""


@pytest.mark.parametrize(("part", "wrong"), [(1.0, False), (1 / 200, True), (0.0, True)])
def test_secondary_energy_is_noticed(part, wrong):
    """A register that counts only a part of what the power makes is told after some kWh."""
    check = EnergyCheck(AssetKind.LOAD)
    kwh = 1000.0
    for second in range(600):
        check.take(float(second), told(p_total=36_000.0, ep_import=kwh), PRIMARY)
        kwh += 0.01 * part
    assert bool(check.text) is wrong


def test_the_energy_check_begins_anew_after_a_gap():
    """What was not seen is not held against the register."""
    check = EnergyCheck(AssetKind.LOAD)
    kwh = 1000.0
    for second in range(0, 60_000, 60):
        check.take(float(second), told(p_total=36_000.0, ep_import=kwh), PRIMARY)
    assert check.text == ""
