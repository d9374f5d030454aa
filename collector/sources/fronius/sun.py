"""Where the sun stands. Low-precision formulas of the Astronomical Almanac, right to 0.1°."""

from collections.abc import Callable
from math import asin, atan2, cos, degrees, radians, sin
from typing import NamedTuple

_J2000_DAYS = 10957.5
"""2000-01-01 12:00 UTC in days of Unix time."""


class Place(NamedTuple):
    """A position, WGS 84 degrees; north and east are positive."""

    latitude: float
    longitude: float


Where = Callable[[], Place | None]
"""Asked when a position is needed; None while it is not known."""


def nowhere() -> Place | None:
    """No position is known."""
    return None


def elevation_deg(utc_s: float, place: Place) -> float:
    """Degrees of the sun's centre above the horizon, refraction left out."""
    days = utc_s / 86400.0 - _J2000_DAYS
    anomaly = radians(357.529 + 0.98560028 * days)
    mean_deg = 280.459 + 0.98564736 * days
    ecliptic = radians(mean_deg + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    tilt = radians(23.439 - 3.6e-7 * days)
    ascension = atan2(cos(tilt) * sin(ecliptic), cos(ecliptic))
    declination = asin(sin(tilt) * sin(ecliptic))
    sidereal = radians(280.46062 + 360.98564737 * days + place.longitude)
    latitude = radians(place.latitude)
    height = sin(latitude) * sin(declination)
    height += cos(latitude) * cos(declination) * cos(sidereal - ascension)
    return degrees(asin(max(-1.0, min(1.0, height))))
