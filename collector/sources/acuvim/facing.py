"""Which way the current transformers face, and on which conductor each sits.

The angle between a phase's voltage and current is atan2(Q, P). A CT that faces backwards turns it
by 180°; one on the conductor of another phase by 120° either way. Whatever set of such faults
brings the angles of all loaded phases back together, near that of a common load, is the fault.
"""

from collections.abc import Mapping
from itertools import combinations
from math import atan2, degrees
from typing import NamedTuple

from collector.model.kinds import AssetKind
from collector.sources.acuvim.check import FINE, Verdict, carries, loaded
from collector.sources.acuvim.decode import Values
from collector.sources.acuvim.registers import Wiring
from collector.sources.acuvim.settings import Settings

BACKWARDS_PART = 0.15
"""Of the apparent power: a negative power below it is reactive current, not a direction."""
LARGEST_ANGLE = 60.0
LARGEST_SPREAD = 40.0
USUAL = (-20.0, 45.0)
"""Angles of common loads and sources, capacitive to inductive; each degree beyond is a cost."""
ODDS = 15.0
"""Degrees by which a displaced CT must explain the angles better than a turned one."""


class Fault(NamedTuple):
    """A way to be wrong: by how many degrees each phase's angle is turned, and what to do."""

    turns: Mapping[int, float]
    odds: float
    text: str


def direction(kind: AssetKind, values: Values, settings: Settings) -> Verdict | None:
    """Whether power flows the wrong way. None: nothing can be said now."""
    total, size = values.get("p_total"), values.get("s_total")
    if kind is AssetKind.GRID:
        return FINE
    if total is None or not size or not loaded(values, settings):
        return None
    if settings.wiring is not Wiring.STAR:
        return _whole(kind, total) if total < -BACKWARDS_PART * abs(size) else FINE
    angles = phase_angles(values, settings)
    back = sorted(n for n in angles if _backwards(values, n))
    if not back:
        return FINE
    fault = diagnose(angles)
    if fault is None:
        names = _names(back)
        text = (
            f"{names} run{'s' * (len(back) == 1)} against what a {kind.value} does "
            f"({_kw(values, back)}). Check which way the CT of {names} faces, and that it sits on "
            "the conductor of its own phase."
        )
        return Verdict(f"odd {names}", text)
    turned = sorted(n for n, angle in fault.turns.items() if abs(angle) == 180.0)
    if turned and turned == sorted(angles):
        return _whole(kind, total)
    return Verdict(fault.text, f"{fault.text} Now: {_kw(values, back)}{_set(turned, settings)}.")


def phase_angles(values: Values, settings: Settings) -> dict[int, float]:
    """The angle of each loaded phase, in degrees; an inductive load is positive."""
    sign = -1.0 if settings.ieee else 1.0
    found = {}
    for n in (1, 2, 3):
        watts, var, amps = (values.get(f"{name}{n}") for name in "pqi")
        if watts is None or var is None or amps is None or not carries(amps, settings):
            continue
        if watts or var:
            found[n] = degrees(atan2(sign * var, watts))
    return found


def diagnose(angles: Mapping[int, float]) -> Fault | None:
    """The fault that explains the angles best; None when none does."""
    best: tuple[float, Fault] | None = None
    for fault in _faults(sorted(angles)):
        straight = [_wrap(angle - fault.turns.get(n, 0.0)) for n, angle in angles.items()]
        spread = max(straight) - min(straight)
        if spread > LARGEST_SPREAD or max(map(abs, straight)) > LARGEST_ANGLE:
            continue
        cost = spread + fault.odds + max(_unusual(angle) for angle in straight)
        if best is None or cost < best[0]:
            best = (cost, fault)
    return best[1] if best else None


def _faults(phases: list[int]) -> list[Fault]:
    found = [
        Fault(dict.fromkeys(chosen, 180.0), 0.0, _turned(chosen))
        for count in range(1, len(phases) + 1)
        for chosen in combinations(phases, count)
    ]
    found += [
        Fault({one: way, other: -way}, ODDS, _exchanged(one, other))
        for one, other in combinations(phases, 2)
        for way in (120.0, -120.0)
    ]
    if len(phases) == 3:
        found += [Fault(dict.fromkeys(phases, way), ODDS, _MOVED) for way in (120.0, -120.0)]
    return found


_MOVED = (
    "Each CT sits on the conductor of another phase. Move them on by one, so that CT and voltage "
    "lead of each phase are on one conductor."
)


def _turned(phases: tuple[int, ...]) -> str:
    names = _names(phases)
    if len(phases) == 1:
        return f"The CT of {names} faces backwards: turn it around, or swap its two wires."
    return f"The CTs of {names} face backwards: turn them around, or swap the two wires of each."


def _exchanged(one: int, other: int) -> str:
    return (
        f"The CTs of L{one} and L{other} are exchanged: each sits on the other's conductor. Swap "
        "the two CTs, or the two voltage leads."
    )


def _whole(kind: AssetKind, total: float) -> Verdict:
    return Verdict(
        "all",
        f"The power of this {kind.value} is negative ({total / 1000:.1f} kW): the CTs face "
        "backwards: turn all of them around; or it is not what the registry says. Its energy is in "
        "the export register.",
    )


def _backwards(values: Values, n: int) -> bool:
    watts, size = values.get(f"p{n}"), values.get(f"s{n}")
    return watts is not None and size is not None and watts < -BACKWARDS_PART * abs(size)


def _unusual(angle: float) -> float:
    low, high = USUAL
    return max(0.0, low - angle, angle - high)


def _wrap(angle: float) -> float:
    return (angle + 180.0) % 360.0 - 180.0


def _names(phases: tuple[int, ...] | list[int]) -> str:
    names = [f"L{n}" for n in phases]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _kw(values: Values, phases: list[int]) -> str:
    return ", ".join(f"L{n} {(values.get(f'p{n}') or 0.0) / 1000:.1f} kW" for n in phases)


def _set(turned: list[int], settings: Settings) -> str:
    already = [n for n in turned if settings.turned[n - 1]]
    if not already:
        return ""
    return f" (the meter itself is set to turn {_names(already)}: that may be what is wrong)"
