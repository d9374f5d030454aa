"""How fast a peer may ask."""

import contextlib

import pytest

from collector.serve.access import Transport
from collector.serve.answers import Refused
from collector.serve.link import Link
from collector.serve.pace import BURST, PAUSE_S, PEERS, RATE, Pace
from tests.serve.support import TOKENS, served


class Clock:
    """A clock that stands until it is turned."""

    def __init__(self):
        self.now = 5.0
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(seconds)


async def asked(pace, peer, times):
    """How many of so many requests were let in."""
    good = 0
    for _ in range(times):
        with contextlib.suppress(Refused):
            await pace.take(peer)
            good += 1
    return good


async def test_a_burst_then_a_steady_rate():
    """A peer may ask much at once, then steadily; one too many is answered late. Another peer is
    not concerned."""
    clock = Clock()
    pace = Pace(mono=lambda: clock.now, sleep=clock.sleep)
    assert await asked(pace, "a", int(BURST) + 10) == BURST
    assert clock.slept == [PAUSE_S] * 10
    assert await asked(pace, "b", 5) == 5
    clock.now += 1
    assert await asked(pace, "a", 1000) == RATE
    clock.now += 3600
    assert await asked(pace, "a", 1000) == BURST


async def test_peers_that_are_remembered_are_bounded():
    """However many peers ask, memory stays bounded."""
    clock = Clock()
    pace = Pace(mono=lambda: clock.now, sleep=clock.sleep)
    for number in range(PEERS + 100):
        await pace.take(str(number))
    assert len(pace._buckets) == PEERS


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"address": "10.0.0.1"}, {"address": "10.0.0.2"}, False),
        ({"address": "2001:db8::1"}, {"address": "2001:db8::2"}, True),
        ({"uid": 1000}, {"uid": 1001}, False),
        ({"uid": 1000}, {"uid": 1000}, True),
    ],
)
def test_who_is_one_peer(one, other, same):
    """A user on a socket, an IPv4 address, the /64 of an IPv6 one."""
    tcp = Transport.TCP
    assert (Link(transport=tcp, **one).peer == Link(transport=tcp, **other).peer) is same


async def test_over_the_wire(tmp_path, monkeypatch):
    """Viewers who do not wait are told to; operators on the node are never slowed."""
    monkeypatch.setattr("collector.serve.pace.BURST", 20.0)
    monkeypatch.setattr("collector.serve.pace.RATE", 0.001)
    monkeypatch.setattr("collector.serve.pace.PAUSE_S", 0.0)
    async with served(tmp_path) as api:
        for transport, token in ((Transport.VIEWER_SOCKET, None), (Transport.TCP, TOKENS["kiosk"])):
            async with api.client(transport, token) as client:
                answers = [await client.get("/v1/health") for _ in range(25)]
            assert [a.status_code for a in answers] == [200] * 20 + [429] * 5
            assert answers[-1].headers["retry-after"] == "1"
        async with api.client(Transport.OPERATOR_SOCKET) as client:
            answers = [await client.get("/v1/health") for _ in range(25)]
            assert [a.status_code for a in answers] == [200] * 25
