"""Usual voltages and frequencies, and what a person's nominal voltage means at a meter's phases."""

import math

PHASES = ("L1", "L2", "L3")
PAIRS = ("L12", "L23", "L31")
STAR_V = (120.0, 230.0, 277.0, 347.0)
"""Phase to neutral. 230 stands for 220 and 240, 120 for 127."""
DELTA_V = (208.0, 400.0, 480.0, 600.0)
"""Phase to phase, for meters that have no neutral."""
HERTZ = (50.0, 60.0)
NEAR = 0.08
"""How near a value must be to a usual voltage or frequency."""
ALSO_DELTA_V = (190.0, 215.0)
LEAST_DELTA_V = 360.0


def near(value: float | None, usual: tuple[float, ...]) -> float:
    """The usual value that `value` is near; 0 when it is near none."""
    if value is None or value <= 0:
        return 0.0
    nearest = min(usual, key=lambda each: abs(math.log(value / each)))
    return nearest if abs(value - nearest) <= NEAR * nearest else 0.0


def said_volts(nominal_v: float, phases: tuple[str, ...]) -> float:
    """What a person's `nominal_v` means at these phases: 400 is between phases and 230 to the
    neutral, whichever of the two the meter shows."""
    between = nominal_v >= LEAST_DELTA_V or ALSO_DELTA_V[0] <= nominal_v <= ALSO_DELTA_V[1]
    pairs = bool(phases) and phases[0] in PAIRS
    if between == pairs:
        return nominal_v
    return nominal_v / math.sqrt(3) if between else nominal_v * math.sqrt(3)
