"""The catalogue is closed and sound."""

from collector.model.catalogue import (
    CATALOGUE,
    ENERGIES,
    KEYS,
    MAIN_ENERGY,
    MAIN_POWER,
    POWERS,
    split_key,
)
from collector.model.kinds import AssetKind
from collector.model.series import encode_series


def test_names_carry_their_unit():
    """A measurement's name ends in its unit, so that a bare number is never ambiguous."""
    tails = {
        "W": "_w", "VA": "_va", "var": "_var", "V": "_v", "A": "_a", "Hz": "_hz", "%": "_pct",
        "°C": "_c", "s": "_s", "kWh": "_kwh", "L": "_l", "rpm": "_rpm", "kPa": "_kpa",
    }  # fmt: skip
    for m in CATALOGUE.values():
        if m.unit:
            assert m.name.endswith(tails[m.unit]), m.name


def test_every_name_is_a_metric_name():
    """Each measurement can be a series."""
    for name in CATALOGUE:
        assert encode_series(f"ovr_{name}", {"asset": "a"})


def test_keys():
    """A key is a name with or without phase, and leads back to its measurement."""
    assert split_key("voltage_v.L12") == ("voltage_v", "L12")
    assert split_key("frequency_hz") == ("frequency_hz", "")
    assert KEYS["current_a.N"].name == "current_a"
    assert "voltage_v" not in KEYS


def test_main_quantities_fit_their_kind():
    """What a list shows for a kind is something that the kind has."""
    for kind in AssetKind:
        for table in (MAIN_POWER, MAIN_ENERGY):
            if kind in table:
                assert kind in CATALOGUE[table[kind]].kinds
    assert {CATALOGUE[q].type for q in POWERS} == {"gauge"}
    assert {CATALOGUE[q].type for q in ENERGIES} == {"counter"}
