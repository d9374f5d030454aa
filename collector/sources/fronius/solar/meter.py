"""Smart meters by GetMeterRealtimeData: where they stand, what they count. Pure functions; nothing
raises for any content.

Keys differ by meter and generation. A meter in the consumption branch counts what is drawn there as
negative.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from collector.model.kinds import AssetKind
from collector.sources.fronius.readings import Counter
from collector.sources.fronius.solar.answers import (
    LINES,
    PHASES,
    Data,
    Values,
    number,
    part,
    text,
)

GRID_POINT, CONSUMPTION, GENERATOR_POINT, SUB_LOADS = 0, 1, 3, range(256, 512)
"""`Meter_Location_Current`."""


class Meter(NamedTuple):
    """A smart meter by GetMeterRealtimeData. `kind` is None where it does not say where it
    stands; import is positive and `imported` what was drawn, whatever the meter's sign is."""

    number: str
    model: int
    values: Values
    imported: tuple[str, float | None]
    exported: tuple[str, float | None]
    name: str
    serial: str
    kind: AssetKind | None
    raw: Data

    @property
    def tells_volts(self) -> bool:
        """Whether it measures volts, as all but pulse counters do."""
        return any(self.values[f"PhVph{phase}"] is not None for phase in PHASES)

    def counters(self, kind: AssetKind) -> list[Counter]:
        """Its energy registers as those of `kind`."""
        drawn, given = self.imported, self.exported
        wanted = {
            AssetKind.GRID: (("grid_import_kwh", drawn), ("grid_export_kwh", given)),
            AssetKind.LOAD: (("load_energy_kwh", drawn),),
            AssetKind.GENERATOR: (("generator_energy_kwh", drawn),),
            AssetKind.PV: (("pv_energy_kwh", given),),
            AssetKind.BESS: (("load_energy_kwh", drawn),),
        }.get(kind, ())
        return [
            Counter(name, wh / 1000.0, f"solar.{key}", None)
            for name, (key, wh) in wanted
            if wh is not None
        ]


_METER: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "W": ("PowerReal_P_Sum", "SMARTMETER_POWERACTIVE_MEAN_SUM_F64"),
    "VA": ("PowerApparent_S_Sum", "SMARTMETER_POWERAPPARENT_MEAN_SUM_F64"),
    "VAR": ("PowerReactive_Q_Sum", "SMARTMETER_POWERREACTIVE_MEAN_SUM_F64"),
    "PF": ("PowerFactor_Sum", "SMARTMETER_FACTOR_POWER_SUM_F64"),
    "Hz": ("Frequency_Phase_Average", "SMARTMETER_FREQUENCY_MEAN_F64"),
})  # fmt: skip
_METER_PHASE: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "Wph": ("PowerReal_P_Phase_{n}", "SMARTMETER_POWERACTIVE_MEAN_0{n}_F64"),
    "VAph": ("PowerApparent_S_Phase_{n}", "SMARTMETER_POWERAPPARENT_MEAN_0{n}_F64"),
    "VARph": ("PowerReactive_Q_Phase_{n}", "SMARTMETER_POWERREACTIVE_MEAN_0{n}_F64"),
    "PFph": ("PowerFactor_Phase_{n}", "SMARTMETER_FACTOR_POWER_0{n}_F64"),
    "PhVph": ("Voltage_AC_Phase_{n}", "SMARTMETER_VOLTAGE_MEAN_0{n}_F64"),
    "Aph": ("Current_AC_Phase_{n}", "SMARTMETER_CURRENT_0{n}_F64"),
})  # fmt: skip
_IMPORTED = (
    "EnergyReal_WAC_Sum_Consumed",
    "EnergyReal_WAC_Plus_Absolute",
    "SMARTMETER_ENERGYACTIVE_CONSUMED_SUM_F64",
)
_EXPORTED = (
    "EnergyReal_WAC_Sum_Produced",
    "EnergyReal_WAC_Minus_Absolute",
    "SMARTMETER_ENERGYACTIVE_PRODUCED_SUM_F64",
)
_LOCATION = ("Meter_Location_Current", "SMARTMETER_VALUE_LOCATION_U16")
_SIGNED = ("W", "VAR", *(f"{name}ph{phase}" for name in ("W", "VAR") for phase in PHASES))


def meters(data: Data) -> Iterator[Meter]:
    """The smart meters that are switched on. One in the consumption branch counts what is drawn
    there as negative: it is turned over."""
    for name, entry in data.items():
        if isinstance(entry, Mapping) and number(entry.get("Enable")) != 0:
            yield _meter(str(name), entry)


def _meter(name: str, entry: Data) -> Meter:
    values: Values = {point: _first(entry, keys)[1] for point, keys in _METER.items()}
    for n, phase in enumerate(PHASES, 1):
        for point, forms in _METER_PHASE.items():
            keys = tuple(form.format(n=n) for form in forms)
            values[f"{point}{phase}"] = _first(entry, keys)[1]
    for phase, line in LINES:
        values[f"PPVph{phase}"] = number(entry.get(f"Voltage_AC_PhaseToPhase_{line}"))
    imported, exported = _first(entry, _IMPORTED), _first(entry, _EXPORTED)
    location = _first(entry, _LOCATION)[1]
    if location is not None and (location == CONSUMPTION or location in SUB_LOADS):
        imported, exported = exported, imported
        for point in _SIGNED:
            told = values[point]
            values[point] = None if told is None else -told
    details = part(entry, "Details")
    several = any(values[f"PhVph{phase}"] is not None for phase in "BC")
    return Meter(
        number=name,
        model=203 if several else 201,
        values=values,
        imported=imported,
        exported=exported,
        name=f"{text(details.get('Manufacturer'))} {text(details.get('Model'))}".strip(),
        serial=text(details.get("Serial")),
        kind=_place(location),
        raw=entry,
    )


def _first(entry: Data, keys: tuple[str, ...]) -> tuple[str, float | None]:
    for key in keys:
        value = number(entry.get(key))
        if value is not None:
            return key, value
    return keys[0], None


def _place(location: float | None) -> AssetKind | None:
    if location == GRID_POINT:
        return AssetKind.GRID
    if location == GENERATOR_POINT:
        return AssetKind.GENERATOR
    if location is not None and (location == CONSUMPTION or location in SUB_LOADS):
        return AssetKind.LOAD
    return None
