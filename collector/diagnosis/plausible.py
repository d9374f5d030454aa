"""Can what the device says be true? Ranges of what is physically possible: pure.

Mains are 45 to 65 Hz, 80 to 360 V to neutral and 140 to 760 V between phases (100 V and 690 V
systems with 10 % to spare); a state of charge lies between 0 and 100 %.
"""

from collections.abc import Mapping
from typing import NamedTuple

from collector.model.catalogue import split_key, unit_of
from collector.model.kinds import Quality
from collector.model.rounding import digits
from collector.model.snapshot import AssetView
from collector.model.text import quantity

DEAD_V = 20.0
"""Below it there is no supply, which is nothing wrong."""


class Range(NamedTuple):
    """What a value must lie within, and what it means when it does not."""

    low: float
    high: float
    advice: str


FREQUENCY = Range(45.0, 65.0, "not a mains supply, or another model's register map")
STAR = Range(80.0, 360.0, "check the meter's PT settings and wiring mode")
DELTA = Range(140.0, 760.0, "check the meter's PT settings and wiring mode")
EITHER = Range(80.0, 760.0, "check the profile, or the meter's settings")
RANGES: Mapping[str, Range] = {
    "battery_soc_pct": Range(0.0, 100.0, "the battery monitor is not set up, or the profile"),
    "battery_voltage_v": Range(5.0, 1500.0, "check the battery monitor, or the profile"),
    "power_factor": Range(-1.0, 1.0, "check the profile, or the meter's map"),
    "fuel_level_pct": Range(0.0, 110.0, "the tank's sensor is not set up, or it is broken"),
}


def doubts(asset: AssetView) -> list[tuple[str, str]]:
    """What cannot be right at an asset, each with what to do."""
    found = []
    dead = _is_dead(asset)
    for key, reading in asset.readings.items():
        if reading.value is None or reading.quality is not Quality.GOOD:
            continue
        limits = _range(key, dead=dead)
        if limits is not None and not limits.low <= reading.value <= limits.high:
            what, value = in_words(key, reading.value)
            found.append((f"{name_of(asset)}: {what} is {value}", limits.advice))
    return found


def in_words(key: str, value: float) -> tuple[str, str]:
    """A measurement and its value as people read them: `battery SOC`, `46.5 %`."""
    name, phase = split_key(key)
    figure = digits(value, 2 if abs(value) < 1000 else 0).replace(",", " ")
    return f"{quantity(name)} {phase}".rstrip(), f"{figure} {unit_of(name)}".rstrip()


def name_of(asset: AssetView) -> str:
    """What people call it."""
    return asset.name or asset.id


def _range(key: str, *, dead: bool) -> Range | None:
    name, phase = split_key(key)
    if name == "voltage_v":
        return None if dead else {2: STAR, 3: DELTA}.get(len(phase), EITHER)
    if name == "frequency_hz":
        return None if dead else FREQUENCY
    return RANGES.get(name) if not phase else None


def _is_dead(asset: AssetView) -> bool:
    """Whether there is no voltage at all: an engine that stands still, a feed that is open."""
    volts = [
        reading.value
        for key, reading in asset.readings.items()
        if key.startswith("voltage_v") and reading.value is not None
    ]
    hertz = asset.readings.get("frequency_hz")
    still = hertz is not None and hertz.value == 0.0
    return (bool(volts) and max(volts) < DEAD_V) or (still and not volts)
