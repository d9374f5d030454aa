"""AccuEnergy Acuvim II, Acuvim L and AcuRev: their register maps over metering points.

Addresses, types and units: vendor map of the Acuvim II (block 0x4000), manuals of the Acuvim L
(block 0x0600) and of the AcuRev (blocks 0x2000 and 0x2100). In *secondary* mode the Acuvim II gives
what its inputs see: the site's values divided by the PT and CT ratios.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from math import hypot

from msgspec import Struct

from collector.simulator.meters import sunspec
from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Block, Registers, floats, u16, u32
from collector.simulator.physics.flow import PHASES

ENERGY_MODULUS = 1_000_000_000
CHANNELS = 0x2100
_LOAD_INDUCTIVE = 76.0


class Setup(Struct, frozen=True, kw_only=True):
    """How the meter is wired and set. `pt` and `ct` are primary and secondary, in V and A.

    `serial` is only readable through an AXM-WEB2 module, which adds the SunSpec block at 50000.
    The last two are faults of commissioning.
    """

    primary: bool = True
    pt: tuple[float, float] = (120.0, 120.0)
    ct: tuple[int, int] = (400, 5)
    serial: str = ""
    model: str = "Acuvim IIR"
    turned: tuple[int, ...] = ()
    """Phases (0 to 2) whose CT faces backwards."""
    power_unit: float = 1.0
    """What the powers are divided by: 1000 where whatever passes them on says kW for W."""

    @property
    def u_ratio(self) -> float:
        """Voltages, site over what the float registers say."""
        return 1.0 if self.primary else self.pt[0] / self.pt[1]

    @property
    def i_ratio(self) -> float:
        """Currents, likewise."""
        return 1.0 if self.primary else self.ct[0] / self.ct[1]


def acuvim_ii(point: Point, setup: Setup, unit: int, wall: Callable[[], float]) -> Registers:
    """The map of an Acuvim II."""
    blocks = [
        Block(0x0FFD, 1, lambda: [1]),
        Block(0x1001, 0x45, lambda: _settings(point, setup, unit, wall())),
        Block(0x3000, 60, lambda: floats(_main(point, setup)[:30])),
        Block(0x4000, 98, lambda: _block_4000(point, setup)),
        Block(0x4600, 62, lambda: _per_phase(point, setup)),
    ]
    if setup.serial:
        blocks.append(sunspec.meter_block(50000, point, "Accuenergy", setup.model, setup.serial))
    return Registers(blocks)


def _powers(point: Point, setup: Setup) -> tuple[list[float], list[float]]:
    """W and var of the phases, as CTs that may be turned see them."""
    signs = [-s if k in setup.turned else s for k, s in enumerate(point.signs)]
    f = point.flow
    return (
        [sign * p for sign, p in zip(signs, f.p, strict=True)],
        [sign * q for sign, q in zip(signs, f.q, strict=True)],
    )


def _factors(p: list[float], q: list[float]) -> list[float]:
    """The power factors of the phases and of all, with the sign of the power."""
    pairs = [*zip(p, q, strict=True), (sum(p), sum(q))]
    return [w / size if (size := hypot(w, var)) else 1.0 for w, var in pairs]


def _main(point: Point, setup: Setup) -> list[float]:
    """The 36 floats of block 0x4000 in their order."""
    f = point.flow
    ur, ir = setup.u_ratio, setup.i_ratio
    pr = ur * ir * setup.power_unit
    u = [x / ur for x in f.bus.u]
    ll = [x / ur for x in point.line_to_line()]
    i = [f.amps(k) / ir for k in PHASES]
    va = [f.va(k) / pr for k in PHASES]
    p, q = _powers(point, setup)
    return [
        f.bus.hz, *u, sum(u) / 3, *ll, sum(ll) / 3, *i, sum(i) / 3, f.neutral_a / ir,
        *(x / pr for x in p), sum(p) / pr, *(x / pr for x in q), sum(q) / pr,
        *va, sum(va), *_factors(p, q),
        point.unbalance(f.bus.u), point.unbalance([f.amps(k) for k in PHASES]), _LOAD_INDUCTIVE,
        point.demand_w.value / pr, point.demand_var.value / pr,
        hypot(point.demand_w.value, point.demand_var.value) / pr,
    ]  # fmt: skip


def acurev(mains: Point, channels: Sequence[Point], setup: Setup) -> Registers:
    """The map of an AcuRev: its mains, and up to 18 channels on the first phase of each flow."""
    return Registers(
        [
            Block(0x2000, 60, lambda: floats(_main(mains, setup)[:30])),
            Block(CHANNELS, 12 * len(channels), lambda: _channels(channels)),
        ]
    )


def _channels(channels: Sequence[Point]) -> list[int]:
    words: list[int] = []
    for point in channels:
        f = point.flow
        told = (f.amps(0), f.p[0], f.q[0], f.va(0), f.power_factor(0), _LOAD_INDUCTIVE)
        words += floats(told)
    return words


def _block_4000(point: Point, setup: Setup) -> list[int]:
    e = point.energies()
    energies = [
        e["imp"], e["exp"], e["q_imp"], e["q_exp"], e["imp"] + e["exp"], e["imp"] - e["exp"],
        e["q_imp"] + e["q_exp"], e["q_imp"] - e["q_exp"], e["s"],
    ]  # fmt: skip
    regs = floats(_main(point, setup))
    for index, value in enumerate(energies):
        signed = index in (5, 7)
        regs += u32(value * 10, 1 << 32 if signed else ENERGY_MODULUS)
    thd_u = u16(point.flow.bus.thd_pct * 100)
    thd_i = [u16(t.value * 100) for t in point.thd_i]
    return [*regs, thd_u, thd_u, thd_u, thd_u, *thd_i, sum(thd_i) // 3]


def _per_phase(point: Point, setup: Setup) -> list[int]:
    """0x4600: current demand, then the energies of each phase."""
    f, e = point.flow, point.energies()
    regs = floats([f.amps(k) / setup.i_ratio for k in PHASES])
    regs += [0] * (0x4620 - 0x4600 - len(regs))
    for imported, exported in (("imp", "exp"), ("q_imp", "q_exp")):
        for k in PHASES:
            regs += u32(e[f"{imported}{k}"] * 10, ENERGY_MODULUS)
            regs += u32(e[f"{exported}{k}"] * 10, ENERGY_MODULUS)
    for k in PHASES:
        regs += u32(e[f"s{k}"] * 10, ENERGY_MODULUS)
    return regs


def _settings(point: Point, setup: Setup, unit: int, now: float) -> list[int]:
    """0x1001 to 0x1045: address, wiring, transformers, modes, run time, clock."""
    at = datetime.fromtimestamp(now, UTC)
    regs = [0] * 0x45
    run = u32(point.run_s / 36)
    values = {
        0x1001: unit, 0x1003: 0, 0x1004: 0, 0x1007: round(setup.pt[1] * 10), 0x1008: setup.ct[0],
        0x1009: setup.ct[1], 0x100D: 5, 0x1015: 0, 0x1019: 0, 0x101D: int(setup.primary),
        0x101F: 0, 0x1034: run[0], 0x1035: run[1], 0x103F: at.isoweekday() % 7, 0x1040: at.year,
        0x1041: at.month, 0x1042: at.day, 0x1043: at.hour, 0x1044: at.minute, 0x1045: at.second,
    }  # fmt: skip
    values[0x1005], values[0x1006] = u32(round(setup.pt[0] * 10))
    for address, value in values.items():
        regs[address - 0x1001] = value
    return regs


def acuvim_l(point: Point, setup: Setup, unit: int, wall: Callable[[], float]) -> Registers:
    """The map of an Acuvim L: always primary floats, no identity."""
    return Registers(
        [
            Block(0x0101, 0x18, lambda: _l_settings(setup, unit)),
            Block(0x0156, 34, lambda: _l_energies(point)),
            Block(0x0184, 7, lambda: _l_clock(wall())),
            Block(0x0400, 6, lambda: _l_thd(point)),
            Block(0x0600, 74, lambda: floats(_l_main(point, setup))),
        ]
    )


def _l_main(point: Point, setup: Setup) -> list[float]:
    """The 37 floats of block 0x0600: no averages, so the order is another one."""
    f = point.flow
    i = [f.amps(k) for k in PHASES]
    p, q = _powers(point, setup)
    demand = hypot(point.demand_w.value, point.demand_var.value)
    return [
        f.bus.hz, *f.bus.u, *point.line_to_line(), *i, f.neutral_a,
        *p, sum(p), *q, sum(q), f.total_va, *_factors(p, q),
        point.unbalance(f.bus.u), point.unbalance(i), _LOAD_INDUCTIVE,
        *(f.va(k) for k in PHASES), 0.0,
        point.demand_w.value, point.demand_var.value, demand, *i,
    ]  # fmt: skip


def _l_energies(point: Point) -> list[int]:
    e = point.energies()
    names = ["imp", "exp", "q_imp", "q_exp", "s"]
    names += [f"{n}{k}" for k in PHASES for n in ("imp", "exp")]
    names += [f"{n}{k}" for k in PHASES for n in ("q_imp", "q_exp")]
    return [word for n in names for word in u32(e[n] * 10, ENERGY_MODULUS)]


def _l_thd(point: Point) -> list[int]:
    thd_u = u16(point.flow.bus.thd_pct * 100)
    return [thd_u, thd_u, thd_u, *(u16(t.value * 100) for t in point.thd_i)]


def _l_settings(setup: Setup, unit: int) -> list[int]:
    """0x0101 to 0x0118: address, baud rate, wiring, transformers."""
    regs = [0] * 0x18
    regs[0], regs[1] = unit, 19200
    regs[4:8] = [*u32(round(setup.pt[0] * 10)), round(setup.pt[1] * 10), setup.ct[0]]
    regs[8] = setup.ct[1]
    return regs


def _l_clock(now: float) -> list[int]:
    at = datetime.fromtimestamp(now, UTC)
    return [at.year, at.month, at.day, at.hour, at.minute, at.second, at.isoweekday() % 7]
