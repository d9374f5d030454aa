"""Two GX exchange their addresses: what either says is never booked under the other's name, whether
it happens while the collector runs or while it does not."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from math import isnan

import pytest

from collector import supervisor
from collector.model.series import decode_series
from tests.support.nodes import make_home, running
from tests.support.ports import free_port
from tests.support.waiting import running_beside
from tests.support.whole import LIVE, WRONG, statuses
from tests.victron.gx import fake_gx

PORTALS = {"bess-1": "b827eb000001", "bess-2": "b827eb000002"}
SOC = {"bess-1": 11.0, "bess-2": 99.0}
REGISTER = {"bess-1": 1000.0, "bess-2": 5000.0}
ALL = 1 << 40


def values(name):
    """What the GX of an asset says: figures that nobody else has."""
    return {
        "system/0/Serial": PORTALS[name],
        "system/0/Dc/Battery/Soc": SOC[name],
        "battery/512/ProductName": "Lynx BMS",
        "battery/512/Serial": f"HQ-{name}",
        "battery/512/Soc": SOC[name],
        "battery/512/History/ChargedEnergy": REGISTER[name],
        "vebus/276/ProductName": "Quattro",
        "vebus/276/Ac/Out/L1/P": SOC[name] * 100,
    }


async def beating(*made):
    """Both show that they live."""
    beat = 0
    while True:
        beat += 1
        for each in made:
            await each.beat(beat)
        await asyncio.sleep(0.5)


@asynccontextmanager
async def gxs(mosquitto, ports):
    """A GX for each name at its port, on brokers that end with it."""
    brokers = [mosquitto(port=ports[name]) for name in PORTALS]
    try:
        async with AsyncExitStack() as stack:
            made = [
                await stack.enter_async_context(
                    fake_gx(ports[name], PORTALS[name], values=values(name))
                )
                for name in PORTALS
            ]
            async with running_beside(beating(*made)):
                yield
    finally:
        for broker in brokers:
            broker.stop()


def registry(ports):
    """The entries; identities are pinned at first contact."""
    return [
        {"id": name, "kind": "gx", "host": "127.0.0.1", "port": port}
        for name, port in ports.items()
    ]


async def journaled(node):
    """Every sample so far: the name of its series, labels and value."""
    found = []
    journal = node.collector.parts.journal
    for batch in await journal.read(1, ALL, max_samples=ALL):
        for series, value in zip(batch.series, batch.values, strict=True):
            name, labels = decode_series(series)
            found.append((name, labels, value))
    return found


def check(samples):
    """No sample stands under the name of the other one."""
    raw = [s for s in samples if "portal_id" in s[1]]
    assert {labels["device"] for _, labels, _ in raw} == set(PORTALS)
    for _, labels, _ in raw:
        assert labels["portal_id"] == PORTALS[labels["device"]]
    for name, labels, value in samples:
        if name == "ovr_battery_soc_pct" and not isnan(value):
            assert value == SOC[labels["asset"]]


def live(node):
    """Both live, with their own figures."""
    return all(
        LIVE in statuses(node, name) and node.value(name, "battery_soc_pct") == SOC[name]
        for name in PORTALS
    )


@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "while it does not"])
async def test_addresses_exchanged(tmp_path, mosquitto, monkeypatch, restarted):
    """Both are wrong devices as soon as they are met, with the identity expected and the one that
    answers; no sample and no kWh of the other is booked; back in place both live on."""
    monkeypatch.setattr(supervisor, "_delay", lambda _error, _tries: 0.3)
    ports = {name: free_port() for name in PORTALS}
    crossed = dict(zip(ports, reversed(ports.values()), strict=True))
    home = make_home(tmp_path, registry(ports))
    async with AsyncExitStack() as stack:
        first = AsyncExitStack()
        await first.enter_async_context(gxs(mosquitto, ports))
        node = await stack.enter_async_context(running(home))
        await node.until(lambda: live(node), 30)
        await node.ticks(2)
        if restarted:
            await stack.aclose()
        await first.aclose()
        async with gxs(mosquitto, crossed):
            if restarted:
                node = await stack.enter_async_context(running(home))
            await node.until(lambda: all(statuses(node, n) == {WRONG} for n in PORTALS), 60)
            for source in node.snapshot.sources:
                other = next(n for n in PORTALS if n != source.device)
                assert PORTALS[other] in source.cause
                assert PORTALS[source.device] in source.cause
            await node.ticks(2)
            check(await journaled(node))
        if restarted:
            return
        async with gxs(mosquitto, ports):
            await node.until(lambda: live(node), 60)
            await node.ticks(2)
            check(await journaled(node))
            for name in PORTALS:
                assert node.value(name, "battery_charged_kwh") == 0.0
