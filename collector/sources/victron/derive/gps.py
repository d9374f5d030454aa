"""Where the GX stands, by its GPS receiver (`gps/<n>`): WGS 84 degrees."""

from collections.abc import Iterable
from typing import NamedTuple

from collector.sources.victron.derive.common import Values, num

MOVED_DEG = 0.001
"""About 100 m: less is the receiver's own doubt."""


class Position(NamedTuple):
    """Degrees; north and east are positive."""

    latitude: float
    longitude: float


def position(values: Values) -> Position | None:
    """What a receiver says; None without a fix, and at 0° 0°, which stands for none."""
    if num(values, "Fix") == 0.0:
        return None
    latitude, longitude = num(values, "Position/Latitude"), num(values, "Position/Longitude")
    if latitude is None or longitude is None or (latitude == 0.0 and longitude == 0.0):
        return None
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Position(latitude, longitude)


def moved(before: Position | None, receivers: Iterable[Values]) -> Position | None:
    """The position that the first receiver with a fix says, where it is another than `before`."""
    now = next((found for each in receivers if (found := position(each))), None)
    if now is None or before is None:
        return now
    far = max(abs(now.latitude - before.latitude), abs(now.longitude - before.longitude))
    return now if far > MOVED_DEG else None
