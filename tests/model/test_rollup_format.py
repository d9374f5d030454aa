"""The format of packed rows is frozen: numbers of keys, quanta, bytes."""

import hashlib

from collector.model.catalogue import KEYS
from collector.model.rollup import Counter, Gauge, Peak, Rollup, Running, Spell
from collector.model.rollup_codec import pack
from collector.model.rollup_decode import unpack
from collector.model.rollup_keys import BY_KEY, ROW_KEYS, in_unit, quanta

MINUTE = 1_780_000_020_000


def test_every_key_of_the_catalogue_has_a_number_and_its_type():
    """A new measurement must be added to the end of the frozen table."""
    assert {key: m.type for key, m in KEYS.items()} == {key: BY_KEY[key].type for key in KEYS}, (
        "add the new measurement at the END of collector/model/rollup_keys.py"
    )


def test_numbers_and_quanta_never_change():
    """Rows that were packed years ago are read by them. Adding at the end leaves this as it is."""
    frozen = ROW_KEYS[:81]
    text = "\n".join(f"{k.number} {k.key} {k.type} {k.decimals}" for k in frozen)
    assert [k.number for k in ROW_KEYS] == list(range(len(ROW_KEYS)))
    assert len({k.key for k in ROW_KEYS}) == len(ROW_KEYS)
    assert hashlib.sha256(text.encode()).hexdigest() == FROZEN


FROZEN = "2fc5b73da495496307ffdfd858fd7e20e865030083755519c23ca9f1386cb68e"


def test_a_quantum_is_at_least_as_fine_as_what_people_are_shown():
    """A rollup never shows less than a live value does."""
    assert all(BY_KEY[key].decimals >= m.decimals for key, m in KEYS.items())


def test_values_go_to_the_nearest_quantum_and_back():
    """A tenth of a watt, a hundredth of a volt."""
    assert quanta("load_power_w", 1234.56) == 12346
    assert in_unit("load_power_w", 12346) == 1234.6
    assert in_unit("voltage_v.L1", quanta("voltage_v.L1", -230.004)) == -230.0


WHOLE = Rollup(
    from_ms=MINUTE,
    to_ms=MINUTE + 60_000,
    gauges={
        "load_power_w": Gauge(60_000, 31_000_000, 0, 480, 560, 500, 520),
        "battery_power_w": Gauge(60_000, 900_000, 400_000, -30, 40, 40, -30),
        "grid_power_w": Gauge(60_000, 0, 6_000_000, -100, -100, -100, -100),
        "battery_soc_pct": Gauge(20_000, 160_000_000, 0, 8000, 8000, 8000, 8000),
    },
    counters={
        "load_energy_kwh": Counter(123_456_789, 123_456_799, 500_000_000, 500_000_010),
        "pv_energy_kwh": Counter(5, 5),
    },
    states={
        "inverter_state": {9: Spell(60_000, 0)},
        "ac_source": {1: Spell(1000, 0), 2: Spell(59_000, 1)},
    },
    peak=Peak(MINUTE + 7000, 560, -3, None),
    running=Running(59_000, 58_000, 7_000_000),
    filled_ms=60_000,
)
PART = Rollup(
    from_ms=MINUTE + 20_250,
    to_ms=MINUTE + 60_000,
    gauges={"frequency_hz": Gauge(39_749, 1_987_450_001, 0, 49_990, 50_010, 50_000, 50_010)},
)


def test_the_bytes_of_a_whole_minute():
    """Golden: a change here is a change of format, which takes a new version number."""
    assert pack(WHOLE).hex() == (
        "013fab7af22e3c0800c007501428981119c7015c3b464600fc1190038b0214807d4eaab4de7514d6df8ce7"
        "0200190a51120802020100043b010107e008053b3ab06d"
    )
    assert unpack(pack(WHOLE), WHOLE.from_ms) == WHOLE


def test_the_bytes_of_a_part_that_was_cut_to_the_millisecond():
    """Golden, likewise."""
    assert pack(PART).hex() == "0100985c2adcc6b602c5b60201b8028c8d06140a14b3a118"
    assert unpack(pack(PART), PART.from_ms) == PART
