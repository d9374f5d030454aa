"""A site on which every flow that can be is measured twice, against the plant's own figures.

    python -m scripts.overlaps [--seconds 3600] [--seed 1]

A generator by its DSE controller and by the GX, another by a meter and by the GX; a feed by a meter
outside and by the GX' own inside; stages behind battery systems; a PV inverter over Modbus and seen
by a GX; battery systems over a GX and by profile. The collector's real sources and site in virtual
time. Exit status 1 when a total of power or energy is off by more than half a per cent.
"""

import argparse
import sys

import structlog
from msgspec import Struct

from collector.model.catalogue import ENERGIES, POWERS
from collector.simulator.blocks import GEN24_PLUS
from collector.simulator.by_profile import CONTROLLED, PLAIN
from collector.simulator.overlaps import OVERLAPS
from collector.simulator.virtual.loop import VirtualLoop, run
from scripts.bench.field import Field

SITE = (*OVERLAPS, GEN24_PLUS, CONTROLLED, PLAIN)
"""Every overlap, and what is read by profile."""
SETTLED_S = 30
SHARE = 0.005
COUNT_KWH = 0.1
"""The last digit of a register."""


class Line(Struct, frozen=True, kw_only=True):
    """One total: what the collector says, what is true, and what counts."""

    quantity: str
    told: float
    true: float
    counted: tuple[str, ...]
    slack: float

    @property
    def good(self) -> bool:
        """Whether it is within half a per cent, and the last digits of the registers."""
        return abs(self.told - self.true) <= SHARE * abs(self.true) + self.slack


def compare(seconds: int, seed: int) -> list[Line]:
    """The totals after so many seconds: powers at the end, energies since everything lived. Raises
    AssertionError when a total is partial."""

    async def go(loop: VirtualLoop) -> list[Line]:
        field = Field(loop, SITE, seed, ())
        began: dict[str, tuple[float, float]] = {}
        lines: list[Line] = []
        async for scene in field.scenes(seconds):
            truth = field.truth()
            if loop.now_s < SETTLED_S:
                continue
            lines = []
            for name in POWERS:
                total = scene.totals[name]
                if total.partial:
                    raise AssertionError(f"{name} is partial: {total.left_out}")
                lines.append(_line(name, total.value, truth.total_power[name], total.counted, 1.0))
            for name in ENERGIES:
                total, true = field.today[name], truth.total_energy[name]
                told = total.value or 0.0
                first = began.setdefault(name, (told, true))
                slack = COUNT_KWH * len(total.counted)
                lines.append(_line(name, told - first[0], true - first[1], total.counted, slack))
        return lines

    return run(go)


def _line(
    name: str, told: float | None, true: float, counted: tuple[str, ...], slack: float
) -> Line:
    return Line(quantity=name, told=told or 0.0, true=true, counted=counted, slack=slack)


def main() -> int:
    """The table; 1 when something is off."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=int, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    lines = compare(words.seconds, words.seed)
    for line in lines:
        off = 100 * (line.told / line.true - 1) if line.true else 0.0
        mark = " " if line.good else "!"
        print(f"{mark} {line.quantity:24}{line.told:14.3f}{line.true:14.3f}{off:8.3f} %")
        print(f"    {' '.join(line.counted)}")
    return 0 if all(line.good for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
