"""SunSpec models as Fronius inverters and smart meters serve them, and the chain they stand in.

Offsets are from the model's start (id at 0, length at 1); lengths and points: SunSpec models 1,
103, 113, 120–124, 160, 203, 213. What a device does not have holds its type's sentinel.
"""

import math
from collections.abc import Mapping, Sequence

from collector.simulator.meters.point import Point
from collector.simulator.meters.registers import Block, floats, s16, string, u32
from collector.simulator.physics.flow import PHASES

SUNS = [0x5375, 0x6E53]
END = [0xFFFF, 0]
NO_S16, NO_U16 = 0x8000, 0xFFFF
ACC32 = 1 << 32

Points = Mapping[int, int | Sequence[int]]


def model(number: int, length: int, points: Points, fill: int = NO_U16) -> list[int]:
    """A model's registers, id and length included; `points` are words by offset."""
    regs = [number, length] + [fill] * length
    for offset, value in points.items():
        run = [value] if isinstance(value, int) else list(value)
        regs[offset : offset + len(run)] = run
    if len(regs) != length + 2:
        raise ValueError(f"model {number}: a point lies outside its {length} registers")
    return regs


def chain(models: Sequence[Sequence[int]]) -> list[int]:
    """`SunS`, the models, and the end marker."""
    return SUNS + [word for regs in models for word in regs] + END


def sf(exponent: int) -> int:
    """A scale factor as a word."""
    return exponent & 0xFFFF


def fitting_sf(value: float, most: int = 32000, finest: int = -2) -> int:
    """The finest scale factor with which `value` fits: devices change theirs as they go."""
    for exponent in range(finest, 4):
        if abs(value) / 10.0**exponent <= most:
            return exponent
    return 4


def common(
    maker: str, name: str, serial: str, unit: int, version: str, option: str = ""
) -> list[int]:
    """Model 1."""
    return model(1, 65, {
        2: string(maker, 16), 18: string(name, 16), 34: string(option, 8),
        42: string(version, 8), 50: string(serial, 16), 66: unit,
    }, fill=0)  # fmt: skip


def meter_203(point: Point) -> list[int]:
    """Three-phase wye meter, integers with scale factors; watts + = import."""
    f, e = point.flow, point.energies()
    amps = [f.amps(k) for k in PHASES]
    a_sf, w_sf = fitting_sf(sum(amps)), fitting_sf(max(abs(f.total_w), f.total_va), finest=-1)
    ll = point.line_to_line()

    def scaled(values: Sequence[float], exponent: int) -> list[int]:
        return [s16(v / 10.0**exponent) for v in values]

    def energy(name: str) -> list[int]:
        return [w for n in ("", "0", "1", "2") for w in u32(e[f"{name}{n}"] * 1000, ACC32)]

    return model(203, 105, {
        2: scaled([sum(amps), *amps], a_sf), 6: sf(a_sf),
        7: scaled([sum(f.bus.u) / 3, *f.bus.u], -1), 11: scaled([sum(ll) / 3, *ll], -1), 15: sf(-1),
        16: s16(f.bus.hz * 100), 17: sf(-2),
        18: scaled([f.total_w, *f.p], w_sf), 22: sf(w_sf),
        23: scaled([f.total_va, *(f.va(k) for k in PHASES)], w_sf), 27: sf(w_sf),
        28: scaled([f.total_var, *f.q], w_sf), 32: sf(w_sf),
        33: scaled([f.power_factor(), *(f.power_factor(k) for k in PHASES)], -2), 37: sf(-2),
        38: energy("exp"), 46: energy("imp"), 54: sf(0),
        55: [0] * 16, 71: NO_S16, 72: [0] * 32, 104: NO_S16, 105: [0, 0],
    })  # fmt: skip


def meter_213(point: Point) -> list[int]:
    """Three-phase wye meter, floats."""
    f, e = point.flow, point.energies()
    amps = [f.amps(k) for k in PHASES]
    ll = point.line_to_line()
    values = [
        sum(amps), *amps, sum(f.bus.u) / 3, *f.bus.u, sum(ll) / 3, *ll, f.bus.hz,
        f.total_w, *f.p, f.total_va, *(f.va(k) for k in PHASES), f.total_var, *f.q,
        f.power_factor(), *(f.power_factor(k) for k in PHASES),
        *(e[f"exp{n}"] * 1000 for n in ("", "0", "1", "2")),
        *(e[f"imp{n}"] * 1000 for n in ("", "0", "1", "2")),
    ]  # fmt: skip
    rest = [math.nan] * (61 - len(values))
    return model(213, 124, {2: floats([*values, *rest]), 124: [0, 0]})


def meter_block(base: int, point: Point, maker: str, name: str, serial: str) -> Block:
    """A meter's SunSpec chain as a block of registers at `base`."""

    def build() -> list[int]:
        return chain([common(maker, name, serial, 1, "3.61", "IIR"), meter_203(point)])

    return Block(base, len(build()), build)
