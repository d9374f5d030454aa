"""Whether an unreachable inverter may be taken for asleep, and where the sun stands."""

from datetime import UTC, datetime

import pytest

from collector.sources.fronius.rest import LONGEST_NIGHT_S, RECENT_S, Rest, at_rest
from collector.sources.fronius.sun import Place, elevation_deg

GREENWICH, BERLIN = Place(51.4779, 0.0), Place(52.52, 13.405)
INDIO, SYDNEY = Place(33.68, -116.24), Place(-33.87, 151.21)


@pytest.mark.parametrize(
    ("when", "place", "degrees"),
    [
        ("2026-06-21 12:02", GREENWICH, 61.96),  # noon: 90 - 51.48 + 23.44
        ("2026-12-21 11:58", GREENWICH, 15.09),
        ("2026-06-21 02:43", BERLIN, -0.83),  # sunrise by the almanac
        ("2026-04-13 02:14", INDIO, -0.83),  # sunset by the almanac
        ("2026-12-21 01:54", SYDNEY, 79.57),
        ("2026-03-21 00:07", GREENWICH, -38.4),  # midnight: declination 0.1 less 38.5
    ],
)
def test_the_sun(when, place, degrees):
    """Noon heights, sunrise and sunset of almanacs, to a fifth of a degree."""
    at = datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp()
    assert elevation_deg(at, place) == pytest.approx(degrees, abs=0.2)


@pytest.mark.parametrize(
    ("values", "rated_w", "rests"),
    [
        ({"St": 2, "W": None}, None, True),
        ({"St": 8, "W": -6.0}, None, True),
        ({"St": 6, "W": 40.0}, None, True),
        ({"St": 4, "W": 90.0}, 10_000.0, True),
        ({"St": 4, "W": 90.0}, None, False),
        ({"St": 4, "W": 5000.0}, 10_000.0, False),
        ({"St": 4, "W": None}, 10_000.0, False),
        ({"St": 5, "W": 0.0}, 10_000.0, False),  # throttled, not in the dark
        ({"St": 7, "W": 0.0}, 10_000.0, False),
        ({"St": 2, "W": 5000.0}, 10_000.0, False),
        ({"St": None, "W": 0.0}, 10_000.0, False),
    ],
)
def test_what_rest_is(values, rated_w, rests):
    """A state of rest without power, or next to no power for want of sun; never a fault, and not
    an inverter that something throttles."""
    assert at_rest(values, rated_w) is rests


HOUR = 3600.0


@pytest.mark.parametrize(
    ("resting", "silent_s", "sun_deg", "believed"),
    [
        (True, 10, None, True),
        (True, 10, 60.0, True),  # what it said a moment ago stands above the sun
        (False, 10, -40.0, False),  # the clock or the position may be wrong
        (False, RECENT_S + 1, -40.0, True),
        (False, RECENT_S + 1, 3.0, False),
        (False, RECENT_S + 1, None, False),
        (True, 9 * HOUR, 3.0, True),
        (True, 9 * HOUR, 20.0, False),
        (True, 9 * HOUR, None, True),
        (True, LONGEST_NIGHT_S + 1, None, False),
        (True, LONGEST_NIGHT_S + 1, -20.0, True),
    ],
)
def test_what_is_believed(resting, silent_s, sun_deg, believed):
    """The last word counts for an hour; then the sun where it is known, else the length of a
    night."""
    rest = Rest()
    rest.heard(100.0, resting=resting)
    assert rest.believed(100.0 + silent_s, sun_deg) is believed


@pytest.mark.parametrize(("sun_deg", "believed"), [(None, False), (5.0, False), (-5.0, True)])
def test_of_one_never_heard_only_the_dark_is_evidence(sun_deg, believed):
    """Of an inverter that has not answered since the start only the dark tells anything."""
    assert Rest().believed(1e6, sun_deg) is believed
