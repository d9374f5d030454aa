"""Where the node stands, when a GX knows it and nobody has written it down."""

import pytest

from collector.app.whereabouts import Whereabouts
from collector.config.node import NodeConfig
from collector.sources.fronius import Place
from tests.support.nodes import NODE, make_home, running
from tests.victron.gx import SMALL, fake_gx

GPS = {"gps/0/Fix": 1, "gps/0/Position/Latitude": 33.68123, "gps/0/Position/Longitude": -116.24}


def node(**more) -> NodeConfig:
    """A node."""
    return NodeConfig(id="n1", site="field", timezone="UTC", **more)


def test_what_is_written_counts():
    """A GX elsewhere changes nothing, and nothing is to be done."""
    where = Whereabouts(node(latitude=1.0, longitude=2.0), lambda: {"bess-1": (5.0, 6.0)})
    assert where.place() == Place(1.0, 2.0)
    assert where.hint() == ""


def test_what_a_gx_says_stands_in():
    """As soon as a GX tells a position it is used, and a person is told where to write it."""
    told: dict[str, tuple[float, float]] = {}
    where = Whereabouts(node(), lambda: told)
    assert where.place() is None
    assert where.hint() == ""
    told["bess-2"] = (33.68123, -116.24)
    assert where.place() == Place(33.68123, -116.24)
    assert "bess-2 stands at 33.68123, -116.24000" in where.hint()


@pytest.mark.parametrize("written", [False, True])
async def test_a_gx_with_a_receiver(tmp_path, mosquitto, written):
    """Through the collector: the position of a GX is what sources ask for and a hint among the
    problems, unless the node has one of its own."""
    broker = mosquitto()
    entry = {"id": "bess-1", "kind": "gx", "host": "127.0.0.1", "port": broker.port}
    table = {"node": NODE | {"latitude": 52.5, "longitude": 13.4}} if written else None
    home = make_home(tmp_path, [entry], node=table)
    async with fake_gx(broker.port, values=SMALL | GPS) as gx, running(home) as at:
        await at.until(lambda: at.collector.parts.site.positions())
        await gx.beat(1)
        await at.ticks(1)
        problems = [p for p in at.snapshot.health.problems if "33.68123, -116.24000" in p]
        assert bool(problems) is not written
        place = at.collector.parts.whereabouts.place()
        assert place == (Place(52.5, 13.4) if written else Place(33.68123, -116.24))
