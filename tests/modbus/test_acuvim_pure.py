"""Settings, decoding and checks of an ACUVIM, without a wire."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import BadDevice
from collector.model.catalogue import KEYS
from collector.sources.acuvim.check import sizes
from collector.sources.acuvim.decode import ENERGIES, decode_block, readings
from collector.sources.acuvim.facing import direction
from collector.sources.acuvim.hints import EnergyCheck
from collector.sources.acuvim.probe import forced_family
from collector.sources.acuvim.registers import ACUVIM_II, ACUVIM_L, Wiring
from collector.sources.acuvim.settings import Settings, decode_settings
from collector.sources.modbus.words import as_bytes
from tests.support.modbus import f32, u32

PRIMARY = Settings(Wiring.STAR, 1.0, 1.0, 0.1, False, 1000, "")
LONGEST_NOTE = 240
BLOCKS = (*ACUVIM_II.slow, *ACUVIM_L.slow, *ACUVIM_II.blocks, *ACUVIM_II.spare, *ACUVIM_L.spare)


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
    for verdict in (sizes(values, settings), direction(kind, values, settings)):
        assert verdict is None or bool(verdict.key) is bool(verdict.text)
        assert verdict is None or len(verdict.text) <= LONGEST_NOTE
    EnergyCheck("ep_import").take(1.0, values, settings)


@given(st.lists(st.integers(0, 0xFFFF), min_size=27, max_size=27))
def test_any_settings_are_read_or_refused(words):
    """Any 27 registers are settings or a BadDevice, never another exception."""
    for family in (ACUVIM_II, ACUVIM_L):
        assert family.settings is not None
        try:
            found = decode_settings(family, words[: family.settings[1]], "x")
        except BadDevice:
            continue
        assert found.pt > 0
        assert found.ct > 0
