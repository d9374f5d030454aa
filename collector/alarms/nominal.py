"""What an asset's voltage and frequency should be: said by a person, else learned.

Learned from the first minute in which its phases stand near one of the usual voltages, and kept
from then on: judged against whatever it shows at the moment, a lost neutral at 277 V would be a
healthy 277 V system. Which phases are connected is learned the same way.
"""

from collections.abc import Mapping
from statistics import median

from msgspec import Struct

from collector.alarms.limits import good
from collector.model.nominal import DELTA_V, HERTZ, PAIRS, PHASES, STAR_V, near
from collector.model.reading import Reading

LEARN_S = 60.0
CONNECTED = 0.2
"""How near a phase must be to count as connected."""


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
    hertz = near(good(readings, "frequency_hz"), HERTZ)
    if not hertz and "frequency_hz" in readings:
        return None
    for names, usual in ((PHASES, STAR_V), (PAIRS, DELTA_V)):
        shown = {name: good(readings, f"voltage_v.{name}") for name in names}
        volts = {name: value for name, value in shown.items() if value}
        live = [value for value in volts.values() if value > 0.5 * max(volts.values())]
        nominal = near(median(live), usual) if live else 0.0
        if nominal:
            connected = (n for n, v in volts.items() if abs(v - nominal) <= CONNECTED * nominal)
            return Nominal(volts=nominal, hertz=hertz, phases=tuple(connected))
    return None


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
