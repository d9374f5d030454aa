"""Alarms and the cloud's records, through the whole collector."""

import msgspec
import pytest

from collector.model.cloud import AlarmBody
from tests.modbus.acuvim_map import acuvim_ii
from tests.outbox.cloud import Cloud
from tests.support.http_answers import answering
from tests.support.nodes import make_home, running


async def test_a_silent_meter_alarms_once_commissioned(tmp_path, modbus):
    """A silent meter calls nobody until it is commissioned; then once. It is the same alarm after
    a restart, and the cloud has each change of it and the node's status."""
    unit = acuvim_ii("ACU1")
    server = await modbus({1: unit})
    cloud = Cloud()
    async with answering(cloud) as api:
        home = make_home(
            tmp_path,
            [meter("stage-a", server.port)],
            node={"cloud": {"url": api.url}, "alarms": {"stale_s": 1.0, "delay_s": 0.0}},
        )
        async with running(home) as node:
            await node.until(lambda: node.asset("stage-a").status == "live")
            unit.delay_s = 600.0
            await node.until(lambda: node.asset("stage-a").status != "live", 30)
            await node.ticks(3)
            assert [a for a in node.snapshot.alarms if a.asset] == []
            alarms = node.collector.parts.alarms
            await alarms.commission("stage-a", person="anna")
            await node.until(lambda: silent(node), 30)
            first = silent(node)
            await node.until(lambda: ("alarms", first.id) in cloud.newest, 30)
            await node.until(lambda: ("status", "n1") in cloud.newest, 30)
        async with running(home) as node:
            await node.until(lambda: silent(node), 10)
            assert silent(node).id == first.id
            await node.collector.parts.alarms.acknowledge(first.id, person="ben", note="on my way")
            await node.until(lambda: silent(node).state == "acknowledged", 10)
            unit.delay_s = 0.0
            await node.until(lambda: not silent(node), 60)
            history = await node.collector.parts.alarms.history(0, 1 << 50)
            assert [(a.id, a.state) for a in history if a.asset == "stage-a"] == [
                (first.id, "closed")
            ]
            await node.until(lambda: in_cloud(cloud, first.id).state == "closed", 30)


pytestmark = pytest.mark.timeout(180)


def meter(name, port):
    """A meter's entry in the registry."""
    return {
        "id": name,
        "kind": "acuvim",
        "host": "127.0.0.1",
        "port": port,
        "timeout_s": 1.0,
        "asset_kind": "load",
    }


def in_cloud(cloud, alarm):
    """An alarm as the cloud knows it."""
    return msgspec.json.decode(cloud.newest["alarms", alarm].body, type=AlarmBody).alarm


def silent(node):
    """The alarm of the meter that is shown, if any."""
    return next((a for a in node.snapshot.alarms if a.asset == "stage-a"), None)
