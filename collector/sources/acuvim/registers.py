"""The register maps of ACUVIM II and L as tables. Addresses are zero-based, for function 3.

Sources: AccuEnergy's register map of the ACUVIM II (basic parameters, demand, energy, power
quality, settings; wirings 5 and 6 and energy mode 2 are the IIW's) and the ACUVIM L manual; the L's
demands are in the order of its newer edition. Raw series are named `acuvim_<name>`. Left out of the
L: unbalance (ratio or percent is not documented), which is computed from its phases instead.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Literal, NamedTuple

Side = Literal["", "u", "i", "p"]
"""What a secondary value is multiplied with: nothing, PT, CT, or both."""


class Float(NamedTuple):
    """A float32 in a block: V, A, W, var, VA, Hz or a plain ratio."""

    name: str
    at: int
    side: Side
    factor: float = 1.0


class Energy(NamedTuple):
    """A 32-bit energy register: kWh, kvarh or kVAh by the meter's energy factor."""

    name: str
    at: int
    signed: bool = False


class Percent(NamedTuple):
    """A 16-bit register in hundredths of a percent."""

    name: str
    at: int


class Block(NamedTuple):
    """One request, and what stands in its answer."""

    address: int
    size: int
    floats: tuple[Float, ...] = ()
    energies: tuple[Energy, ...] = ()
    percents: tuple[Percent, ...] = ()


class Wiring(Enum):
    """How the meter is connected to the voltages. The numbers differ between the families."""

    STAR = "3LN"
    SINGLE = "1LN"
    OPEN_DELTA = "2LL"
    DELTA = "3LL"
    SPLIT = "1LL"
    NETWORK = "2LN"
    DC = "DC"

    @property
    def has_neutral(self) -> bool:
        """Whether voltages against neutral, and values of single phases, are real."""
        return self in (Wiring.STAR, Wiring.SINGLE, Wiring.NETWORK)


class Family(NamedTuple):
    """A register map."""

    name: str
    probe: int
    blocks: tuple[Block, ...]
    spare: tuple[Block, ...]
    """Smaller requests for meters that refuse the large one; the first must answer."""
    settings: tuple[int, int] | None
    """Address and count of the settings; None where values are primary and no setting is known."""
    wirings: Mapping[int, Wiring]
    slow: tuple[Block, ...] = ()
    """What is read once a minute, where the meter has it."""
    energy_roll: int | None = 1_000_000_000
    """Where its energy registers begin anew (from 999 999 999 to 0); None: nobody says."""


def floats(start: int, *parts: tuple[Side, float, str]) -> tuple[Float, ...]:
    """Names in the order of the registers; `-` is a place that nobody documents."""
    found = []
    at = start
    for side, factor, names in parts:
        for name in names.split():
            if name != "-":
                found.append(Float(name, at, side, factor))
            at += 2
    return tuple(found)


_WAYS = ("import", "export")
_PHASE_POWERS = "p1 p2 p3 p_total q1 q2 q3 q_total"

_II_FLOATS = floats(
    0,
    ("", 1, "frequency"),
    ("u", 1, "u1 u2 u3 u_ln_avg u12 u23 u31 u_ll_avg"),
    ("i", 1, "i1 i2 i3 i_avg i_n"),
    ("p", 1, f"{_PHASE_POWERS} s1 s2 s3 s_total"),
    ("", 1, "pf1 pf2 pf3 pf_total"),
    ("", 100, "u_unbalance i_unbalance"),
    ("", 1, "load_type"),
    ("p", 1, "p_demand q_demand s_demand"),
)


def _energies(start: int) -> tuple[Energy, ...]:
    names = (
        "ep_import", "ep_export", "eq_import", "eq_export",
        "ep_total", "ep_net", "eq_total", "eq_net", "es",
    )  # fmt: skip
    return tuple(Energy(n, start + 2 * i, n.endswith("net")) for i, n in enumerate(names))


def _phase_energies(start: int, apparent: bool) -> tuple[Energy, ...]:
    names = [f"{kind}{n}_{way}" for kind in ("ep", "eq") for n in "123" for way in _WAYS]
    names += [f"es{n}" for n in "123"] if apparent else []
    return tuple(Energy(name, start + 2 * i) for i, name in enumerate(names))


def _thd(start: int, names: str) -> tuple[Percent, ...]:
    return tuple(Percent(f"thd_{name}", start + i) for i, name in enumerate(names.split()))


_II_THD = "u1 u2 u3 u_avg i1 i2 i3 i_avg"

ACUVIM_II = Family(
    name="Acuvim II",
    probe=0x4000,
    blocks=(Block(0x4000, 98, _II_FLOATS, _energies(72), _thd(90, _II_THD)),),
    spare=(
        Block(0x4000, 72, floats=_II_FLOATS),
        Block(0x4048, 18, energies=_energies(0)),
        Block(0x405A, 8, percents=_thd(0, _II_THD)),
    ),
    settings=(0x1003, 27),
    wirings=MappingProxyType({
        0: Wiring.STAR, 1: Wiring.SINGLE, 2: Wiring.OPEN_DELTA, 3: Wiring.DELTA, 4: Wiring.SPLIT,
        5: Wiring.STAR, 6: Wiring.NETWORK,
    }),
    slow=(
        Block(0x4600, 6, floats=floats(0, ("i", 1, "i1_demand i2_demand i3_demand"))),
        Block(0x4620, 30, energies=_phase_energies(0, apparent=True)),
    ),
)  # fmt: skip

ACUVIM_L = Family(
    name="Acuvim L",
    probe=0x0600,
    blocks=(),
    spare=(
        Block(
            0x0600,
            74,
            floats=floats(
                0,
                ("", 1, "frequency"),
                ("u", 1, "u1 u2 u3 u12 u23 u31"),
                ("i", 1, "i1 i2 i3 i_n"),
                ("p", 1, f"{_PHASE_POWERS} s_total"),
                ("", 1, "pf1 pf2 pf3 pf_total - - -"),
                ("p", 1, "s1 s2 s3 - p_demand q_demand s_demand"),
                ("i", 1, "i1_demand i2_demand i3_demand"),
            ),
        ),
        Block(
            0x0156,
            10,
            energies=tuple(
                Energy(name, 2 * i)
                for i, name in enumerate(["ep_import", "ep_export", "eq_import", "eq_export", "es"])
            ),
        ),
        Block(0x0400, 6, percents=_thd(0, "u1 u2 u3 i1 i2 i3")),
    ),
    settings=(0x0103, 7),
    wirings=MappingProxyType({
        0: Wiring.STAR, 1: Wiring.DELTA, 2: Wiring.OPEN_DELTA, 3: Wiring.SINGLE, 4: Wiring.SPLIT,
    }),
    slow=(Block(0x0160, 24, energies=_phase_energies(0, apparent=False)),),
)  # fmt: skip

IDENTITY = (0xC350, 70)
"""The SunSpec common model, which a meter with a WEB module serves."""
EXTRA_SERIAL = (61504, 6)
"""The meter's own serial number, which firmware 3 of the II may give without a WEB module."""
ENERGY_ROLL = 1_000_000_000
"""No energy register of an ACUVIM shows as much."""
