"""Where a GX says that it stands."""

import pytest

from collector.sources.victron.derive.gps import Position, moved, position
from tests.victron.conftest import gx, running
from tests.victron.gx import SMALL, fake_gx


def receiver(latitude: object = 33.68, longitude: object = -116.24, fix: object = 1.0):
    """What a receiver says."""
    return {"Position/Latitude": latitude, "Position/Longitude": longitude, "Fix": fix}


@pytest.mark.parametrize(
    "values",
    [
        {},
        receiver(fix=0.0),
        receiver(latitude=None),
        receiver(0.0, 0.0),
        receiver(latitude=91.0),
        receiver(longitude=-180.5),
        receiver(latitude="33.68"),
    ],
)
def test_no_position(values):
    """Without a fix, with half a position, at 0° 0° or off the globe there is none."""
    assert position(values) is None


def test_positions_that_count():
    """A fix that is not told counts; so does the equator, and the first receiver with a fix."""
    assert position(receiver(fix=None)) == Position(33.68, -116.24)
    assert position(receiver(latitude=0.0)) == Position(0.0, -116.24)
    assert moved(None, [receiver(fix=0.0), receiver(1.0, 2.0)]) == Position(1.0, 2.0)


def test_doubt_is_no_move():
    """What a receiver wanders by while it stands is not told; a trailer that was moved is."""
    before = Position(33.68, -116.24)
    assert moved(before, [receiver(latitude=33.6805)]) is None
    assert moved(before, [receiver(latitude=33.69)]) == Position(33.69, -116.24)
    assert moved(before, []) is None


async def test_told_once(mosquitto):
    """The image is told once, and again when the GX has been moved."""
    broker = mosquitto()
    told = {f"gps/0/{path}": value for path, value in receiver().items()}
    async with fake_gx(broker.port, values=SMALL | told) as made, running(gx(broker.port)) as run:
        await run.until(lambda: run.image.places == [(33.68, -116.24)])
        await made.say("gps/0/Position/Latitude", 33.6801)
        await made.say("gps/0/Position/Longitude", -110.0)
        await run.until(lambda: len(run.image.places) == 2)
        assert run.image.places[1][1] == -110.0
