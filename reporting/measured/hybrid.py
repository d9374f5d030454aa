"""Hybrid PV inverters: a battery on the DC side of an inverter whose register is on the AC side.

What such an inverter tells (ADR 33): its power is the sun's, `AC + charging`; its energy is its AC
register, so what its battery takes is missing there already and what it gives is in it. Powers
balance with the battery, energies without it.
"""

from collections.abc import Iterable, Mapping

from msgspec import structs

from collector.model.kinds import AssetKind, DeviceKind
from collector.model.report_input import AssetInput
from collector.model.rollup import Gauge, Rollup

STORE = "battery"
"""The role of a hybrid's battery."""
SOLAR, STORED = "pv_power_w", "battery_power_w"
ENERGY = "pv_energy_kwh"


def hybrids(assets: Iterable[AssetInput]) -> Mapping[str, str]:
    """The battery of each hybrid inverter, by the inverter. One that the registry calls a battery
    system is its own."""
    known = {one.id: one for one in assets}
    found = {}
    for one in known.values():
        if one.id != one.device or one.device_kind not in (DeviceKind.FRONIUS, None):
            continue
        store = known.get(f"{one.id}.{STORE}")
        if one.device_kind is not None and one.kind is AssetKind.BESS:
            found[one.id] = one.id
        elif one.kind is AssetKind.PV and store is not None and store.kind is AssetKind.BESS:
            found[one.id] = store.id
    return found


def stores(assets: Iterable[AssetInput]) -> frozenset[str]:
    """The batteries that are on the DC side of a hybrid inverter."""
    return frozenset(hybrids(assets).values())


def delivered(rows: Iterable[Rollup], stored: Iterable[Rollup]) -> list[Rollup]:
    """The inverter's rows with what it delivered on AC as their solar power: the sun's less what
    charged the battery (`stored`, the battery's rows, which may be the same). Without a reading of
    the battery it is the sun's, as the inverter's own reading was made. Exact but for what went
    both ways within one row; least and greatest are bounds."""
    powers = {
        (row.from_ms, row.to_ms): row.gauges[STORED] for row in stored if STORED in row.gauges
    }
    found = []
    for row in rows:
        solar, battery = row.gauges.get(SOLAR), powers.get((row.from_ms, row.to_ms))
        if solar is not None and battery is not None:
            power = {SOLAR: _less(solar, battery)}
            found.append(structs.replace(row, gauges={**row.gauges, **power}))
        else:
            found.append(row)
    return found


def _less(solar: Gauge, battery: Gauge) -> Gauge:
    taken = (battery.pos - battery.neg) * solar.good_ms // battery.good_ms
    net = solar.pos - solar.neg - taken
    return Gauge(
        solar.good_ms,
        max(net, 0),
        max(-net, 0),
        solar.least - battery.greatest,
        solar.greatest - battery.least,
        solar.first - battery.first,
        solar.last - battery.last,
    )
