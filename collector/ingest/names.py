"""What an AXM-WEB2 calls its parameters, and in which units: as raw names of the ACUVIM source.

Sources: the AXM-WEB2 manual 2.1.4 (`Psum` in W), posts of its 2026 firmware (`Psum_kW`), and logs
of an Acuvim CL (`Ep_Imp [kWh]`). The unit that is written counts, never the name: where none is
written and more than one is possible, the value is left out.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from collector.model.series import snake

NO_UNIT = "no unit"
ODD_UNIT = "odd unit"
ODD_NAME = "odd name"
MAX_NAME = 64


class Named(NamedTuple):
    """A raw name (`acuvim_<name>`) and what the value is multiplied with."""

    name: str
    factor: float


Units = Mapping[str, float]

_POWER: Units = {"W": 1.0, "kW": 1e3, "KW": 1e3, "MW": 1e6}
_REACTIVE: Units = {"var": 1.0, "kvar": 1e3, "Kvar": 1e3, "Mvar": 1e6}
_APPARENT: Units = {"VA": 1.0, "kVA": 1e3, "KVA": 1e3, "MVA": 1e6}
_VOLTS: Units = {"": 1.0, "V": 1.0, "kV": 1e3}
_AMPERES: Units = {"": 1.0, "A": 1.0, "kA": 1e3, "mA": 1e-3}
_HERTZ: Units = {"": 1.0, "Hz": 1.0}
_RATIO: Units = {"": 1.0}
_PERCENT: Units = {"%": 1.0}
_ENERGY: Units = {"Wh": 1e-3, "kWh": 1.0, "MWh": 1e3}
_REACTIVE_ENERGY: Units = {"varh": 1e-3, "kvarh": 1.0, "Mvarh": 1e3}
_APPARENT_ENERGY: Units = {"VAh": 1e-3, "kVAh": 1.0, "MVAh": 1e3}


def _table() -> Mapping[str, tuple[str, Units]]:
    found: dict[str, tuple[str, Units]] = {
        "freq": ("frequency", _HERTZ),
        "in": ("i_n", _AMPERES),
        "iavg": ("i_avg", _AMPERES),
        "pf": ("pf_total", _RATIO),
        "es": ("es", _APPARENT_ENERGY),
    }
    for n in "123":
        found[f"v{n}"] = (f"u{n}", _VOLTS)
        found[f"i{n}"] = (f"i{n}", _AMPERES)
        found[f"pf{n}"] = (f"pf{n}", _RATIO)
    for pair in ("12", "23", "31"):
        found[f"v{pair}"] = (f"u{pair}", _VOLTS)
    for letter, units in (("p", _POWER), ("q", _REACTIVE), ("s", _APPARENT)):
        found[f"{letter}sum"] = (f"{letter}_total", units)
        found[f"dmd_{letter}"] = (f"{letter}_demand", units)
        found |= {f"{letter}{n}": (f"{letter}{n}", units) for n in "123"}
    for name in ("vnavg", "vlnavg"):
        found[name] = ("u_ln_avg", _VOLTS)
    for name in ("vlavg", "vllavg", "viavg"):
        found[name] = ("u_ll_avg", _VOLTS)
    for kind, units in (("ep", _ENERGY), ("eq", _REACTIVE_ENERGY)):
        for told, name in (
            ("imp", "import"),
            ("exp", "export"),
            ("total", "total"),
            ("net", "net"),
        ):
            found[f"{kind}_{told}"] = (f"{kind}_{name}", units)
    for told, name in (("v", "u"), ("u", "u"), ("i", "i")):
        found[f"unbl_{told}"] = (f"{name}_unbalance", _PERCENT)
        found[f"thd_{told}avg"] = (f"thd_{name}_avg", _PERCENT)
        for n, letter in zip("123", "abc", strict=True):
            found[f"thd_{told}{n}"] = (f"thd_{name}{n}", _PERCENT)
            found[f"thd_{told}{letter}"] = (f"thd_{name}{n}", _PERCENT)
    return MappingProxyType(found)


KNOWN = _table()
"""By the parameter in small letters, without its unit."""

UNITS = frozenset(
    unit
    for units in (
        _POWER, _REACTIVE, _APPARENT, _VOLTS, _AMPERES, _HERTZ, _PERCENT, _ENERGY,
        _REACTIVE_ENERGY, _APPARENT_ENERGY,
    )
    for unit in units
    if unit
)  # fmt: skip
_BRACKETS = re.compile(r"\A(?P<name>[^\[\]()]+?)\s*[\[(](?P<unit>[^\[\]()]*)[\])]\s*\Z")


def named(param: str, unit: str = "") -> Named | str:
    """What a parameter is; else why it cannot be used. `unit` is what stands beside it, if any.

    A parameter that nobody knows keeps its name, and its value as it is, below `axm_`.
    """
    param, unit = param.strip(), unit.strip()
    if len(param) > 2 * MAX_NAME or len(unit) > MAX_NAME:
        return ODD_NAME
    if match := _BRACKETS.match(param):
        param, unit = match["name"], unit or match["unit"].strip()
    known = KNOWN.get(param.lower())
    if known is None:
        base, _, tail = param.rpartition("_")
        if tail in UNITS and (known := KNOWN.get(base.lower())) is not None:
            unit = unit or tail
    if known is None:
        return _unknown(param, unit)
    name, units = known
    factor = units.get(unit)
    if factor is None:
        return ODD_UNIT if unit else NO_UNIT
    return Named(name, factor)


def _unknown(param: str, unit: str) -> Named | str:
    words = f"{param}_{unit}" if unit and not param.endswith(f"_{unit}") else param
    name = snake(words.replace("%", "pct"))
    if not name or not name.isascii() or len(name) > MAX_NAME:
        return ODD_NAME
    return Named(f"axm_{name}", 1.0)
