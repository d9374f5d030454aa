"""The units of raw values, which their names tell."""

import pytest

from collector.model.catalogue import KEYS
from collector.model.raw import RawValue
from collector.model.series import snake
from collector.sources.acuvim.registers import ACUVIM_II, ACUVIM_L
from collector.sources.fronius.models import GROUPS, LAYOUTS
from collector.sources.fronius.raw import snake as point_snake
from collector.sources.victron.claims import CLAIMS
from collector.wire import RawAnswer
from ovr_tui.console.asset.raw import items
from ovr_tui.console.asset.raw_units import raw_unit
from ovr_tui.console.glyphs import UNICODE
from ovr_tui.console.text import plain
from tests.support.snapshots import START_MS, asset, snapshot


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("victron_battery_dc_0_temperature", "°C"),
        ("victron_battery_dc_0_voltage", "V"),
        ("victron_battery_voltages_cell3", "V"),
        ("victron_battery_consumed_amphours", "Ah"),
        ("victron_battery_alarms_high_voltage", ""),
        ("victron_vebus_state", ""),
        ("victron_vebus_ac_out_l1_p", "W"),
        ("victron_vebus_ac_out_l1_s", "VA"),
        ("victron_vebus_energy_ac_in1_to_ac_out", "kWh"),
        ("victron_grid_ac_l1_energy_forward", "kWh"),
        ("victron_tank_level", "%"),
        ("victron_tank_remaining", "m³"),
        ("victron_vebus_micro_grid_direct_drive_pq_p", ""),
        ("acuvim_ep_import", "kWh"),
        ("acuvim_eq1_export", "kvarh"),
        ("acuvim_pf_total", ""),
        ("acuvim_channel_i1", "A"),
        ("acuvim_thd_u_avg", "%"),
        ("fronius_inverter_ph_vph_a", "V"),
        ("fronius_inverter_st", ""),
        ("fronius_meter_tot_wh_imp", "Wh"),
        ("fronius_solar_inverter_pac", "W"),
        ("fronius_solar_inverter_day_energy", "Wh"),
        ("some_profile_w", ""),
    ],
)
def test_the_name_of_a_series_tells_its_unit(name: str, unit: str) -> None:
    """By the words of its maker; nothing is guessed where they say none."""
    assert raw_unit(name) == unit


def test_what_becomes_a_reading_has_the_unit_of_the_reading() -> None:
    """Of every path of a GX that is a measurement of the catalogue without being converted."""
    for claim in CLAIMS:
        measurement = KEYS.get(claim.key) or KEYS[claim.key.replace("Lx", "L1")]
        if claim.factor == 1.0 and measurement.unit:
            path = claim.path.replace("Lx", "L1").replace("[n]", "0")
            assert raw_unit(f"victron_{claim.service}_{snake(path)}") == measurement.unit, claim


def test_every_quantity_of_the_tables_has_a_unit() -> None:
    """Of a meter's registers all but power factors; of SunSpec's points all but states, events."""
    for family in (ACUVIM_II, ACUVIM_L):
        for block in (*family.blocks, *family.slow):
            names = [point.name for point in block.floats]
            names += [percent.name for percent in block.percents]
            for name in (*names, *(energy.name for energy in block.energies)):
                bare = name.startswith("pf") or name == "load_type"
                assert bool(raw_unit(f"acuvim_{name}")) is not bare, name
    for model, layout in LAYOUTS.items():
        for point in (*layout.points, *layout.group):
            number = point.kind in ("float32", "int16", "acc32", "acc64") or point.scale
            if number and not point.name.startswith(("PF", "OutPFSet")):
                name = f"fronius_{GROUPS[model]}_{point_snake(point.name)}"
                assert raw_unit(name), name


def test_the_list_of_raw_values_has_units() -> None:
    """Beside each value that has one; the heading says what none means."""
    values = tuple(
        RawValue(name=name, value=26.1, age_s=0.0, quality="good")
        for name in ("victron_battery_dc_0_temperature", "victron_vebus_state")
    )
    told = RawValue(name="acme_oil", value=4.0, unit="bar", age_s=0.0, quality="good")
    answer = RawAnswer(asset="bess-1", device="bess-1", at_ms=START_MS, values=(told, *values))
    found = items(asset(), snapshot(), answer, None, UNICODE, 100)
    lines = [plain(item.line) for item in found]
    (heading,) = [line for line in lines if "ALL THAT" in line]
    assert heading.endswith("no UNIT: a state, a count, or the device's own")
    assert [line.split()[2] for line in lines if "victron" in line] == ["°C", "0"]
    assert next(line.split()[2] for line in lines if "acme_oil" in line) == "bar"
