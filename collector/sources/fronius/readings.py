"""SunSpec values of Fronius devices as canonical readings. Pure functions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind
from collector.sources.fronius import models
from collector.sources.modbus.sunspec import Decoded, decode
from collector.sources.modbus.words import text

Values = Mapping[str, float | None]
Readings = dict[str, float | None]

RESTING = (1, 2, 8)
"""SunSpec `St`: off, sleeping, standby."""
_VOLTAGELESS = (*RESTING, 3, 6)
"""States in which there may be no AC values: starting and shutting down too."""

_PV_STATE: Mapping[float, int] = MappingProxyType({1: 0, 2: 1, 3: 2, 4: 3, 5: 4, 6: 5, 7: 6, 8: 7})
"""SunSpec `St` (1 off … 8 standby) as `pv_state`."""

ASLEEP: Mapping[str, float | None] = MappingProxyType({"pv_power_w": 0.0, "pv_state": 1})
"""What is known of an inverter that has switched itself off for want of sun."""
WIDE_ENERGY = "122.ActWh"

_BATTERY_STATE: Mapping[float, int] = MappingProxyType({
    1: 0, 2: 0, 3: 2, 4: 1, 5: 0, 6: 0, 7: 0,
})  # fmt: skip
"""SunSpec `ChaSt` (1 off, 2 empty, 3 discharging, 4 charging, 5 full, 6 holding, 7 testing) as
`battery_state`."""

_SHARED = (
    ("apparent_power_va", "VA"),
    ("frequency_hz", "Hz"),
    ("voltage_v.L1", "PhVphA"),
    ("voltage_v.L2", "PhVphB"),
    ("voltage_v.L3", "PhVphC"),
    ("voltage_v.L12", "PPVphAB"),
    ("voltage_v.L23", "PPVphBC"),
    ("voltage_v.L31", "PPVphCA"),
)
_PHASES = (("L1", "A"), ("L2", "B"), ("L3", "C"))
_SINGLE = (101, 111, 201, 211)
_SPLIT = (102, 112, 202, 212)


class Counter(NamedTuple):
    """A counter register in kWh; `modulus` is where it rolls over (None: it does not)."""

    measurement: str
    kwh: float | None
    path: str
    modulus: float | None


class Battery(NamedTuple):
    """What an inverter with storage says of its battery."""

    readings: Readings
    counters: list[Counter]


def _real(model: int, readings: Readings) -> Readings:
    """Without the phases that a model of one or two phases does not have."""
    absent: tuple[str, ...] = ()
    if model in _SINGLE:
        absent = ("L2", "L3", "L12", "L23", "L31")
    elif model in _SPLIT:
        absent = ("L3", "L23", "L31")
    return {key: v for key, v in readings.items() if key.partition(".")[2] not in absent}


def power_factor(
    told: float | None, power_w: float | None, apparent_va: float | None
) -> float | None:
    """−1…1 with the sign of the active power. SunSpec says percent, some firmware a ratio: what
    can be both is what active and apparent power come nearer to."""
    if told is None:
        return None
    ratio = abs(told)
    percent = ratio / 100.0
    if percent > 1.0:
        return None
    due = abs(power_w / apparent_va) if power_w is not None and apparent_va else None
    as_percent = ratio > 1.0 or (due is not None and abs(percent - due) < abs(ratio - due))
    size = percent if as_percent else ratio
    return -size if power_w is not None and power_w < 0 else size


_AC = ("W", "A", "Hz", "VA", "WH", "PhVphA", "PhVphB", "PhVphC")


def says_nothing(values: Values) -> bool:
    """Neither a state nor an AC value is available."""
    return values.get("St") is None and all(values.get(name) is None for name in _AC)


def null_frame(values: Values) -> bool:
    """All zero, though by its state (fault, producing, or none, as of a meter) there must be AC
    values: the unit has lost its inner network for a moment and the frame says nothing."""
    return values.get("St") not in _VOLTAGELESS and not any(values.get(n) for n in _AC)


def inverter(model: int, values: Values, battery_w: float | None = None) -> Readings:
    """Readings of a PV inverter from models 101–103, 111–113.

    Solar power is what the inverter delivers, less what its battery adds (`battery_w`,
    + charging), never below 0; in a resting inverter *not available* means 0 W.
    """
    power = values["W"]
    state = values["St"]
    if power is None and state in RESTING:
        power = 0.0
    solar = None if power is None else max(0.0, power + (battery_w or 0.0))
    readings: Readings = {
        "pv_power_w": solar,
        "reactive_power_var": values["VAr"],
        "power_factor": power_factor(values["PF"], power, values["VA"]),
        "pv_state": None if state is None else _PV_STATE.get(state),
    }
    readings |= {key: values[name] for key, name in _SHARED}
    readings |= {f"current_a.{phase}": values[f"Aph{sun}"] for phase, sun in _PHASES}
    return _real(model, readings)


def meter(model: int, kind: AssetKind, values: Values) -> Readings:
    """Readings of a smart meter from models 201–204, 211–214; power as that of `kind`.

    The device counts import as positive, which is right for grid, load and generator; solar
    power is positive when delivered.
    """
    sign = -1.0 if kind is AssetKind.PV else 1.0
    power = MAIN_POWER[kind]
    readings: Readings = {
        power: _times(values["W"], sign),
        "reactive_power_var": values["VAR"],
        "power_factor": power_factor(values["PF"], values["W"], values["VA"]),
    }
    readings |= {key: values[name] for key, name in _SHARED}
    for phase, sun in _PHASES:
        watts = values[f"Wph{sun}"]
        readings[f"{power}.{phase}"] = _times(watts, sign)
        readings[f"apparent_power_va.{phase}"] = values[f"VAph{sun}"]
        readings[f"reactive_power_var.{phase}"] = values[f"VARph{sun}"]
        readings[f"power_factor.{phase}"] = power_factor(
            values[f"PFph{sun}"], watts, values[f"VAph{sun}"]
        )
        readings[f"current_a.{phase}"] = _size(values[f"Aph{sun}"])
    return _real(model, readings)


def _times(value: float | None, sign: float) -> float | None:
    return None if value is None else value * sign


def _size(value: float | None) -> float | None:
    return None if value is None else abs(value)


def _kwh(wh: float | None) -> float | None:
    return None if wh is None else wh / 1000.0


def _modulus(told: Decoded, factor: str) -> float | None:
    """Where an acc32 in Wh rolls over, in kWh; None for a float."""
    power = told.factors.get(factor)
    return None if power is None else 2.0**32 * 10.0**power / 1000.0


def meter_counters(model: int, kind: AssetKind, told: Decoded) -> list[Counter]:
    """The energy registers of a meter as those of `kind`."""
    wanted = {
        AssetKind.GRID: (("grid_import_kwh", "TotWhImp"), ("grid_export_kwh", "TotWhExp")),
        AssetKind.LOAD: (("load_energy_kwh", "TotWhImp"),),
        AssetKind.GENERATOR: (("generator_energy_kwh", "TotWhImp"),),
        AssetKind.PV: (("pv_energy_kwh", "TotWhExp"),),
        AssetKind.BESS: (("load_energy_kwh", "TotWhImp"),),
    }[kind]
    modulus = _modulus(told, "TotWh_SF")
    return [
        Counter(name, _kwh(told.values[point]), f"{model}.{point}", modulus)
        for name, point in wanted
    ]


def ac_energy(blocks: Mapping[int, Decoded], model: int) -> Counter | None:
    """The AC energy of an inverter: 122.ActWh (64 bit), else its WH. Never the DC energy of 160.
    None when neither is told."""
    status = blocks.get(models.STATUS)
    if status is not None and status.values["ActWh"] is not None:
        return Counter("pv_energy_kwh", _kwh(status.values["ActWh"]), WIDE_ENERGY, None)
    told = blocks[model]
    if told.values["WH"] is None:
        return None
    return Counter("pv_energy_kwh", _kwh(told.values["WH"]), f"{model}.WH", _modulus(told, "WH_SF"))


def mppt_modules(block: bytes) -> tuple[Decoded, list[str]]:
    """Model 160 with as many modules as it says and has room for, and their names."""
    layout = models.LAYOUTS[models.MPPT]
    count = decode(layout, block).values["N"] or 0
    told = decode(layout, block, int(count))
    first = layout.group_at + models.MPPT_LABEL_AT
    names = [text(block, first + i * layout.stride, 8) for i in range(len(told.groups))]
    return told, names


def battery(storage: Decoded | None, mppt: Decoded | None, names: list[str]) -> Battery | None:
    """The battery of a hybrid inverter, or None when none is connected (124.WChaMax 0 or absent).

    Its power is in two modules of model 160, named StCha and StDisCha; where they bear no such
    names, they are the last two of at least four.
    """
    if storage is None or not storage.values["WChaMax"]:
        return None
    state = storage.values["ChaSt"]
    readings: Readings = {
        "battery_soc_pct": storage.values["ChaState"],
        "battery_state": None if state is None else _BATTERY_STATE.get(state),
    }
    pair = _battery_modules(names) if mppt is not None else None
    if mppt is None or pair is None:
        return Battery(readings, [])
    charge, discharge = (mppt.groups[i] for i in pair)
    readings["battery_power_w"] = _difference(charge["DCW"], discharge["DCW"])
    readings["battery_current_a"] = _difference(charge["DCA"], discharge["DCA"])
    volts = [v for v in (charge["DCV"], discharge["DCV"]) if v]
    readings["battery_voltage_v"] = max(volts) if volts else None
    modulus = _modulus(mppt, "DCWH_SF")
    return Battery(
        readings,
        [
            Counter(name, _kwh(module["DCWH"]), f"160.{place + 1}.DCWH", modulus)
            for name, module, place in (
                ("battery_charged_kwh", charge, pair[0]),
                ("battery_discharged_kwh", discharge, pair[1]),
            )
        ],
    )


def _battery_modules(names: list[str]) -> tuple[int, int] | None:
    lower = [name.lower() for name in names]
    charge = [i for i, name in enumerate(lower) if name.startswith("stcha")]
    discharge = [i for i, name in enumerate(lower) if name.startswith("stdischa")]
    if charge and discharge:
        return charge[0], discharge[0]
    return (len(names) - 2, len(names) - 1) if len(names) >= 4 else None


def _difference(plus: float | None, minus: float | None) -> float | None:
    if plus is None and minus is None:
        return None
    return (plus or 0.0) - (minus or 0.0)
