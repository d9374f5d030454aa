"""The other meters of the maker: AcuRev with its channels, and the AcuDC.

AcuRev 2000, 2010, 2100: values of the mains in the order of the ACUVIM II at 0x2000, channels from
0x2100 on, 12 registers each (manual of the AcuRev 2100; AcuRev 2100 in Project Haystack's Xeto).
Their energy registers and transformer settings are documented nowhere that can be read: values are
taken as they are, and energy is the integral of the power.

AcuDC 240: V, A and kW as floats at 0x0200, energies in hundredths of a kWh at 0x0300 (the maker's
register map). It says nowhere what it is: only the registry's `model` can name it.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from collector.model.catalogue import MAIN_POWER
from collector.model.kinds import AssetKind
from collector.sources.acuvim.decode import EnergyMap, Values
from collector.sources.acuvim.registers import Block, Energy, Family, Wiring, floats

ACUREV = Family(
    name="AcuRev 2000",
    probe=0x2000,
    blocks=(
        Block(
            0x2000,
            60,
            floats=floats(
                0,
                ("", 1, "frequency"),
                ("u", 1, "u1 u2 u3 u_ln_avg u12 u23 u31 u_ll_avg"),
                ("i", 1, "i1 i2 i3 i_avg i_n"),
                ("p", 1, "p1 p2 p3 p_total q1 q2 q3 q_total s1 s2 s3 s_total"),
                ("", 1, "pf1 pf2 pf3 pf_total"),
            ),
        ),
    ),
    spare=(),
    settings=None,
    wirings=MappingProxyType({}),
    energy_roll=None,
)

CHANNELS = 0x2100
STRIDE = 12
MOST_CHANNELS = 18
"""Single-phase channels of the largest of them."""
CHANNEL_POINTS = floats(0, ("", 1, "i p q s pf load_type"))

ACUDC = Family(
    name="AcuDC 240",
    probe=0x0200,
    blocks=(
        Block(0x0200, 6, floats=floats(0, ("", 1, "u_dc i_dc"), ("", 1000, "p_total"))),
        Block(
            0x0300,
            8,
            energies=(
                Energy("ep_import", 0),
                Energy("ep_export", 2),
                Energy("ep_total", 4),
                Energy("ep_net", 6, signed=True),
            ),
        ),
    ),
    spare=(),
    settings=None,
    wirings=MappingProxyType({0: Wiring.DC}),
    energy_roll=None,
)

DC_POWER: Mapping[AssetKind, str] = MappingProxyType(
    {AssetKind.BESS: "battery_power_w", AssetKind.PV: MAIN_POWER[AssetKind.PV],
     AssetKind.LOAD: MAIN_POWER[AssetKind.LOAD]}
)  # fmt: skip
DC_ENERGIES: Mapping[AssetKind, tuple[EnergyMap, ...]] = MappingProxyType({
    AssetKind.LOAD: (EnergyMap("load_energy_kwh", "ep_import"),),
    AssetKind.PV: (EnergyMap("pv_energy_kwh", "ep_import"),),
    AssetKind.BESS: (
        EnergyMap("battery_charged_kwh", "ep_import"),
        EnergyMap("battery_discharged_kwh", "ep_export"),
    ),
})  # fmt: skip


def dc_readings(kind: AssetKind, values: Values) -> Iterator[tuple[str, float | None]]:
    """Canonical readings of a DC meter; at a battery, what the meter imports charges it."""
    yield DC_POWER[kind], values["p_total"]
    if kind is AssetKind.BESS:
        yield "battery_voltage_v", values["u_dc"]
        yield "battery_current_a", values["i_dc"]
