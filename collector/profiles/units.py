"""Units that devices speak in, and how they become the catalogue's."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Conversion(NamedTuple):
    """canonical = value · factor + offset."""

    factor: float
    offset: float = 0.0


SAME = Conversion(1.0)

_TABLE = """
W: W 1, kW 1000, MW 1e6, mW 0.001, hp 745.699872, PS 735.49875
VA: VA 1, kVA 1000, MVA 1e6
var: var 1, kvar 1000, Mvar 1e6
kWh: kWh 1, Wh 0.001, MWh 1000, GWh 1e6, J 2.7777777777777777e-7, MJ 0.2777777777777778
V: V 1, mV 0.001, kV 1000
A: A 1, mA 0.001, kA 1000
Hz: Hz 1, mHz 0.001
%: % 1, ‰ 0.1, pu 100
s: s 1, ms 0.001, min 60, h 3600, d 86400
L: L 1, l 1, dL 0.1, mL 0.001, m³ 1000, m3 1000, gal 3.785411784, gal_uk 4.54609
kPa: kPa 1, Pa 0.001, hPa 0.1, mbar 0.1, bar 100, MPa 1000, psi 6.894757293168361
rpm: rpm 1, 1/min 1, Hz 60
: - 1, % 0.01
"""
_FAHRENHEIT = 5.0 / 9.0


def _rows() -> dict[str, dict[str, Conversion]]:
    found: dict[str, dict[str, Conversion]] = {}
    for line in _TABLE.strip("\n").splitlines():
        target, _, sources = line.partition(":")
        found[target] = {
            name: Conversion(float(factor))
            for name, factor in (source.split() for source in sources.split(","))
        }
    found["°C"] = {
        "°C": SAME,
        "C": SAME,
        "K": Conversion(1.0, -273.15),
        "°F": Conversion(_FAHRENHEIT, -32 * _FAHRENHEIT),
        "F": Conversion(_FAHRENHEIT, -32 * _FAHRENHEIT),
    }
    found[""][""] = SAME
    return found


UNITS: Mapping[str, Mapping[str, Conversion]] = MappingProxyType(_rows())
"""Catalogue unit → device unit → conversion."""


def conversion(unit: str, target: str) -> Conversion | None:
    """How a value in `unit` becomes one in the catalogue's unit `target`; None when it cannot."""
    if unit == target:
        return SAME
    return UNITS.get(target, {}).get(unit)


def spoken(target: str) -> tuple[str, ...]:
    """The units that can become `target`."""
    return tuple(UNITS.get(target, {target: SAME}))
