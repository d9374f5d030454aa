"""What is derived from a simulated GX against the true flows of the plant behind it."""

import pytest

from collector.simulator.truth import take
from tests.simulator import gx as simulated
from tests.victron.bench import Bench

STEPS_S = 120
WATTS = 40.0
"""What rounding may cost; beside it the half per cent by which a genset's own meter is wrong."""


def derived(plant: simulated.Bench, lost: str) -> Bench:
    """What the source makes of everything that the GX says, after `lost` has vanished."""
    heard = Bench(portal=plant.plan.portal_id)
    plant.pass_s(STEPS_S)
    said = plant.send("R/keepalive")
    if lost:
        plant.gx.lose(lost)
        said += plant.take() + plant.pass_s(10, plant=False)
    for tail, payload, _ in said:
        if tail.count("/") > 1:
            heard.tree.take(f"N/{plant.plan.portal_id}/{tail}", payload)
    heard.say({})
    return heard


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("lost", ["", "battery/512", "system/0"])
def test_flows(index: int, lost: str) -> None:
    """Powers have the right sign, phase and size in each asset: by the GX's summary, without a
    battery monitor, and without the summary, whatever meets at the AC output."""
    plant = simulated.Bench(12, index)
    heard = derived(plant, lost)
    truth = take(plant.plant, plant.layout.truth).power
    device, compared = plant.plan.device, 0
    for asset, flows in truth.items():
        if asset != device and not asset.startswith(f"{device}."):
            continue
        readings = heard.image.readings[asset[len(device) + 1 :]]
        for key, watts in flows.items():
            known = readings.get(key)
            if known is None and lost == "system/0" and key.startswith(("grid", "generator")):
                continue  # with a meter of its own at the input nobody else knows it
            assert known == pytest.approx(watts, abs=WATTS, rel=0.005), (asset, key)
            compared += 1
    assert compared > 10


@pytest.mark.parametrize("index", [0, 1])
def test_energies(index: int) -> None:
    """Registers grow by what has flowed in truth; the loads have none that would not."""
    plant = simulated.Bench(12, index)
    before, began = derived(plant, ""), take(plant.plant, plant.layout.truth)
    for _ in range(1800):
        plant.plant.step(1.0)
    after, ended = derived(plant, ""), take(plant.plant, plant.layout.truth)
    device, compared = plant.plan.device, 0
    for (role, measurement), register in after.image.counters.items():
        asset = f"{device}.{role}" if role else device
        if not measurement.endswith("_kwh"):
            continue
        grown = (register.raw or 0.0) - (before.image.counters[role, measurement].raw or 0.0)
        true = ended.energy[asset][measurement] - began.energy[asset][measurement]
        assert grown == pytest.approx(true, abs=0.15, rel=0.01), (asset, measurement)
        compared += 1
    assert compared >= 4
