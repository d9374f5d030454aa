"""A hybrid inverter: the sun's power on DC, a register on AC, a battery between the two."""

import pytest

from collector.model.kinds import AssetKind, DeviceKind
from reporting.measured import read
from tests.reporting.support import asset, counter, inputs, rollup_file, row

KINDS = {"pv": AssetKind.PV, "pv.battery": AssetKind.BESS, "pv.meter": AssetKind.GRID}


def hybrid_rows(*, battery_w=2400.0, register=True):
    """An hour: the sun gives 6 kW of which `battery_w` charge; the rest is delivered, and 1.2 kW of
    it exported."""
    solar, stored, grid = [], [], []
    ac_w = 6000.0 - battery_w
    charged, discharged = max(battery_w, 0), max(-battery_w, 0)
    for m in range(60):
        hour, until = m / 60, (m + 1) / 60
        made = {"pv_energy_kwh": counter(ac_w / 1000 * hour, ac_w / 1000 * until)}
        solar.append(row(m, {"pv_power_w": 6000.0}, made if register else {}))
        stored.append(
            row(m, {"battery_power_w": battery_w}, {
                "battery_charged_kwh": counter(charged / 1000 * hour, charged / 1000 * until),
                "battery_discharged_kwh": counter(
                    discharged / 1000 * hour, discharged / 1000 * until
                ),
            })
        )  # fmt: skip
        grid.append(row(m, {"grid_power_w": -1200.0}, {
            "grid_import_kwh": counter(0, 0),
            "grid_export_kwh": counter(1.2 * hour, 1.2 * until),
        }))  # fmt: skip
    return {"pv": solar, "pv.battery": stored, "pv.meter": grid}


def measured(rows, kinds=KINDS, **other):
    """As a job does it, of a Fronius device."""
    assets = [asset(name, kind, device_kind=DeviceKind.FRONIUS) for name, kind in kinds.items()]
    return read(inputs(assets, **other), rollup_file(rows, kinds))


@pytest.mark.parametrize(("battery_w", "ac_kwh"), [(2400.0, 3.6), (-1800.0, 7.8), (0.0, 6.0)])
@pytest.mark.parametrize("register", [True, False])
def test_a_load_by_balance_takes_charging_off_once(battery_w, ac_kwh, register):
    """What the inverter delivers less what is exported: 3.6 − 1.2 kWh while it charges with 2.4 kW;
    its register and its power do not contradict each other, and the minutes say the same."""
    found = measured(hybrid_rows(battery_w=battery_w, register=register))
    assert found.energy.pv_kwh == ac_kwh
    assert found.energy.load_kwh == pytest.approx(ac_kwh - 1.2)
    assert "register-contradicts" not in {note.code for note in found.notes}
    load = found.flows["load_power_w"]
    assert load.mean_kw(30) == pytest.approx(ac_kwh - 1.2)
    assert found.energy.charged_kwh == max(battery_w, 0) / 1000


def test_a_hybrid_that_is_called_a_battery_system():
    """The registry may call the inverter itself a battery system: then all is one asset's."""
    rows = hybrid_rows()
    both = [
        row(m, {"pv_power_w": 6000.0, "battery_power_w": 2400.0}, {**a.counters, **b.counters})
        for m, (a, b) in enumerate(zip(rows["pv"], rows["pv.battery"], strict=True))
    ]
    kinds = {"pv": AssetKind.BESS, "pv.meter": AssetKind.GRID}
    found = measured({"pv": both, "pv.meter": rows["pv.meter"]}, kinds)
    assert found.energy.load_kwh == 2.4
    assert "register-contradicts" not in {note.code for note in found.notes}


def test_a_metered_load_leaves_no_residual():
    """3.6 kWh delivered, 1.2 exported, 2.4 metered at the load: nothing is left over."""
    kinds = {**KINDS, "kitchen": AssetKind.LOAD}
    kitchen = [
        row(m, {"load_power_w": 2400.0}, {"load_energy_kwh": counter(m * 0.04, (m + 1) * 0.04)})
        for m in range(60)
    ]
    found = measured({**hybrid_rows(), "kitchen": kitchen}, kinds)
    assert (found.energy.load_kwh, found.energy.residual_kwh) == (2.4, 0.0)


def test_a_register_of_the_inverter_that_is_wrong_is_still_found():
    """The register shows 4.5 kWh where 3.6 were delivered."""
    rows = hybrid_rows()
    rows["pv"] = [
        row(m, {"pv_power_w": 6000.0}, {"pv_energy_kwh": counter(m * 0.075, (m + 1) * 0.075)})
        for m in range(60)
    ]
    found = measured(rows)
    assert "register-contradicts" in {note.code for note in found.notes}


def test_any_other_battery_beside_solar_takes_from_the_balance():
    """A battery of a device of its own: 6 kWh of sun, 2.4 charged, 1.2 exported, 2.4 used."""
    kinds = {"pv": AssetKind.PV, "store": AssetKind.BESS, "meter": AssetKind.GRID}
    rows = hybrid_rows()
    solar = [
        row(m, {"pv_power_w": 6000.0}, {"pv_energy_kwh": counter(m * 0.1, (m + 1) * 0.1)})
        for m in range(60)
    ]
    own = {"pv": solar, "store": rows["pv.battery"], "meter": rows["pv.meter"]}
    assets = [asset(name, kind) for name, kind in kinds.items()]
    found = read(inputs(assets), rollup_file(own, kinds))
    assert found.energy.load_kwh == 2.4
