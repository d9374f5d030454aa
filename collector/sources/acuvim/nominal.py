"""The nominal voltage of a supply, from what is measured on it."""

from math import sqrt

from collector.sources.acuvim.decode import Values
from collector.sources.acuvim.settings import Settings

USUAL_V = (100.0, 115.0, 120.0, 127.0, 220.0, 230.0, 240.0, 277.0, 347.0, 400.0)
"""Between phase and neutral."""
NEAR = 0.12


def nominal_v(values: Values, settings: Settings) -> float | None:
    """Phase to neutral; None while there is no supply. What is near no usual voltage (a medium
    voltage) is taken as measured."""
    volts = values.get("u1") if settings.wiring.has_neutral else None
    if volts is None:
        line = values.get("u12")
        volts = None if line is None else line / sqrt(3.0)
    if volts is None or volts < USUAL_V[0] * (1 - NEAR):
        return None
    nearest = min(USUAL_V, key=lambda usual: abs(usual - volts))
    return nearest if abs(nearest - volts) <= NEAR * nearest else volts
