"""The true figures of the plant, to compare with what a collector makes of them."""

from collections.abc import Callable, Mapping

from msgspec import Struct, structs

from collector.simulator.physics.battery import Battery
from collector.simulator.physics.bess import Bess
from collector.simulator.physics.direct import Field, MainsLoad, Village
from collector.simulator.physics.flow import PHASES, DcFlow, Flow
from collector.simulator.physics.plant import Part, Plant

Read = Callable[[], dict[str, float]]
"""Gives an asset's figures by catalogue key: powers in W, energies since start in kWh."""


class Truth(Struct, frozen=True, kw_only=True):
    """The plant at one moment. `power` (W) and `energy` (kWh since start) by asset id and
    catalogue key; the totals count every metered flow of the site once."""

    elapsed_s: float
    power: Mapping[str, Mapping[str, float]]
    energy: Mapping[str, Mapping[str, float]]
    total_power: Mapping[str, float]
    total_energy: Mapping[str, float]


def take(plant: Plant, reads: Mapping[str, Read]) -> Truth:
    """The figures now."""
    figures = {asset: read() for asset, read in reads.items()}
    totals: dict[str, float] = {}
    for part in plant.parts:
        for key, value in whole(part).items():
            totals[key] = totals.get(key, 0.0) + value
    return Truth(
        elapsed_s=plant.elapsed_s,
        power={asset: _only(f, energy=False) for asset, f in figures.items()},
        energy={asset: _only(f, energy=True) for asset, f in figures.items()},
        total_power=_only(totals, energy=False),
        total_energy=_only(totals, energy=True),
    )


def since(now: Truth, start: Truth) -> Truth:
    """`now` with its energies and its time counted from `start`."""
    energy = {
        asset: {key: kwh - start.energy[asset][key] for key, kwh in figures.items()}
        for asset, figures in now.energy.items()
    }
    total = {key: kwh - start.total_energy[key] for key, kwh in now.total_energy.items()}
    return structs.replace(
        now, elapsed_s=now.elapsed_s - start.elapsed_s, energy=energy, total_energy=total
    )


def _only(figures: Mapping[str, float], *, energy: bool) -> dict[str, float]:
    return {key: value for key, value in figures.items() if key.endswith("_kwh") == energy}


def powers(name: str, flow: Flow, sign: float = 1.0) -> dict[str, float]:
    """A power with its phases."""
    figures = {f"{name}.L{k + 1}": sign * flow.p[k] for k in PHASES}
    return {name: sign * flow.total_w, **figures}


def load(flow: Flow) -> dict[str, float]:
    """A load at its meter."""
    return {**powers("load_power_w", flow), "load_energy_kwh": flow.forward_wh / 1000}


def generator(flow: Flow) -> dict[str, float]:
    """A generator at its terminals."""
    return {**powers("generator_power_w", flow), "generator_energy_kwh": flow.forward_wh / 1000}


def grid(flow: Flow) -> dict[str, float]:
    """A grid connection; + = import."""
    return {
        **powers("grid_power_w", flow),
        "grid_import_kwh": flow.forward_wh / 1000,
        "grid_export_kwh": flow.reverse_wh / 1000,
    }


def pv(flow: Flow) -> dict[str, float]:
    """A PV inverter on AC."""
    return {**powers("pv_power_w", flow), "pv_energy_kwh": flow.forward_wh / 1000}


def hybrid(field: Field) -> dict[str, float]:
    """A PV inverter with a battery: its power is the sun's, its energy what it delivers on AC."""
    return {"pv_power_w": field.array.available_w, "pv_energy_kwh": field.pv.forward_wh / 1000}


def store(battery: Battery) -> dict[str, float]:
    """The battery of a hybrid inverter."""
    return {
        "battery_power_w": battery.flow.w,
        "battery_charged_kwh": battery.flow.forward_wh / 1000,
        "battery_discharged_kwh": battery.flow.reverse_wh / 1000,
    }


def charger(flow: DcFlow) -> dict[str, float]:
    """A solar charger, at the battery."""
    return {"pv_power_w": flow.w, "pv_energy_kwh": flow.forward_wh / 1000}


def bess(b: Bess) -> dict[str, float]:
    """A battery system as a whole."""
    solar_wh = b.pv_ac.forward_wh + sum(m.forward_wh for m in b.mppts)
    figures = {
        **load(b.served),
        "pv_power_w": b.pv_dc_w + b.pv_ac.total_w,
        "pv_energy_kwh": solar_wh / 1000,
        "battery_power_w": b.battery.flow.w,
        "battery_charged_kwh": b.battery.flow.forward_wh / 1000,
        "battery_discharged_kwh": b.battery.flow.reverse_wh / 1000,
    }
    if b.genset:
        figures |= generator(b.genset.flow)
    if b.spec.grid_w:
        figures |= grid(b.input)
    return figures


def whole(part: Part) -> dict[str, float]:
    """The metered flows of one part of the site, without phases and each once."""
    match part:
        case Bess():
            figures = bess(part)
        case Village():
            figures = generator(part.genset.flow)
            figures["load_power_w"] = sum(f.total_w for f in part.flows)
            figures["load_energy_kwh"] = sum(f.forward_wh for f in part.flows) / 1000
        case Field():
            figures = (pv(part.pv) if part.battery is None else hybrid(part)) | grid(part.grid)
            if part.battery is not None:
                figures |= store(part.battery)
        case MainsLoad():
            figures = load(part.served)
    return {key: value for key, value in figures.items() if "." not in key}
