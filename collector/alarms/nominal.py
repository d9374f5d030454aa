"""What an asset's voltage and frequency should be: said by a person, else learned.

Learned from the first minute in which its phases stand near one of the usual voltages, and kept
from then on: judged against whatever it shows at the moment, a lost neutral at 277 V would be a
healthy 277 V system. Which phases are connected is learned the same way.
"""

import math
from collections.abc import Mapping
from statistics import median

from msgspec import Struct

from collector.alarms.limits import good
from collector.model.reading import Reading

LEARN_S = 60.0
NEAR = 0.08
"""How near the phases' median must be to a usual voltage or frequency."""
CONNECTED = 0.2
"""How near a phase must be to count as connected."""

PHASES = ("L1", "L2", "L3")
PAIRS = ("L12", "L23", "L31")
STAR_V = (120.0, 230.0, 277.0, 347.0)
"""Phase to neutral. 230 stands for 220 and 240, 120 for 127."""
DELTA_V = (208.0, 400.0, 480.0, 600.0)
"""Phase to phase, for meters that have no neutral."""
HERTZ = (50.0, 60.0)
ALSO_DELTA_V = (190.0, 215.0)
LEAST_DELTA_V = 360.0


class Nominal(Struct, frozen=True, kw_only=True):
    """What an asset should show: `volts` at `phases` (phase to neutral, or pairs of phases)."""

    volts: float
    hertz: float
    phases: tuple[str, ...]


class Trial(Struct, frozen=True, kw_only=True):
    """What seems to be nominal, since `since_s`."""

    seems: Nominal
    since_s: float


class Learned(Struct, frozen=True, kw_only=True):
    """By asset what is known, and what is being found out."""

    known: Mapping[str, Nominal] = {}
    trials: Mapping[str, Trial] = {}


def seems(readings: Mapping[str, Reading]) -> Nominal | None:
    """What the asset is, if what it shows now is nominal."""
    hertz = _near(good(readings, "frequency_hz"), HERTZ)
    if not hertz and "frequency_hz" in readings:
        return None
    for names, usual in ((PHASES, STAR_V), (PAIRS, DELTA_V)):
        shown = {name: good(readings, f"voltage_v.{name}") for name in names}
        volts = {name: value for name, value in shown.items() if value}
        live = [value for value in volts.values() if value > 0.5 * max(volts.values())]
        nominal = _near(median(live), usual) if live else 0.0
        if nominal:
            connected = (n for n, v in volts.items() if abs(v - nominal) <= CONNECTED * nominal)
            return Nominal(volts=nominal, hertz=hertz, phases=tuple(connected))
    return None


def _near(value: float | None, usual: tuple[float, ...]) -> float:
    if value is None or value <= 0:
        return 0.0
    nearest = min(usual, key=lambda each: abs(math.log(value / each)))
    return nearest if abs(value - nearest) <= NEAR * nearest else 0.0


def learn(learned: Learned, live: Mapping[str, Mapping[str, Reading]], now_s: float) -> Learned:
    """What is known after the readings of the assets that live now."""
    known = dict(learned.known)
    trials: dict[str, Trial] = {}
    for asset, readings in live.items():
        if asset in known:
            continue
        shown = seems(readings)
        if shown is None:
            continue
        trial = learned.trials.get(asset)
        if trial is None or trial.seems != shown:
            trial = Trial(seems=shown, since_s=now_s)
        if now_s - trial.since_s >= LEARN_S:
            known[asset] = shown
        else:
            trials[asset] = trial
    if not trials and not learned.trials:
        return learned
    return Learned(known=known, trials=trials)


def said_volts(nominal_v: float, phases: tuple[str, ...]) -> float:
    """What a person's `nominal_v` means at these phases: 400 is between phases and 230 to the
    neutral, whichever of the two the meter shows."""
    between = nominal_v >= LEAST_DELTA_V or ALSO_DELTA_V[0] <= nominal_v <= ALSO_DELTA_V[1]
    pairs = bool(phases) and phases[0] in PAIRS
    if between == pairs:
        return nominal_v
    return nominal_v / math.sqrt(3) if between else nominal_v * math.sqrt(3)
