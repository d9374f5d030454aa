"""An ACUVIM source at work on a meter's register map, and what it has to say of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec import structs

from collector.sources.acuvim import AcuvimSource
from collector.sources.modbus.gateway import Gateways
from tests.modbus.acuvim_map import P, S, U
from tests.modbus.live import Running, Turned, running
from tests.support.sites import Clocked, device


class Bench:
    """A meter on a server, its source, and the site it writes into."""

    def __init__(self, server, **more):
        more.setdefault("timeout_s", 0.3)
        self.device = structs.replace(device(**more), port=server.port)
        self.server = server
        self.time = Turned()
        self.site = Clocked(self.device)
        self.gateways = Gateways()

    @property
    def image(self):
        return self.site.image()

    @property
    def notes(self):
        return self.image.roles[""].notes

    def source(self) -> AcuvimSource:
        return AcuvimSource(self.device, self.gateways, self.time.clock)

    @asynccontextmanager
    async def live(self) -> AsyncIterator[Running]:
        """Running, and polled at least once."""
        async with self.live_with(self.source()) as run:
            yield run

    @asynccontextmanager
    async def live_with(self, source: AcuvimSource) -> AsyncIterator[Running]:
        """A source of the test's own, running and polled at least once."""
        async with running(source, self.image) as run:
            await run.until(lambda: run.ready)
            yield run

    async def polls(self, run, count=1):
        """Wait for that many more polls."""
        due = self.image.messages + count
        await run.until(lambda: self.image.messages >= due)


def approx(value):
    """Equal as far as a float32 goes."""
    return pytest.approx(value, rel=1e-6)


TRUTH = {
    "load_power_w": sum(P), "load_power_w.L1": P[0], "load_power_w.L2": P[1],
    "load_power_w.L3": P[2], "apparent_power_va": sum(S), "apparent_power_va.L1": S[0],
    "reactive_power_var": 4500.0, "reactive_power_var.L3": -500.0, "power_factor": 0.973,
    "voltage_v.L1": U[0], "voltage_v.L2": U[1], "voltage_v.L3": U[2],
    "voltage_v.L12": 397.0, "voltage_v.L23": 395.0, "voltage_v.L31": 399.0,
    "current_a.L1": 62.0, "current_a.L2": 51.0, "current_a.L3": 41.0, "current_a.N": 18.3,
    "frequency_hz": 50.02,
}  # fmt: skip
