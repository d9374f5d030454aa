"""A Fronius device on a real server, its source, and the site it writes into."""

from contextlib import asynccontextmanager

from msgspec import structs

from collector.model.kinds import DeviceKind
from collector.sources.fronius import FroniusSource
from collector.sources.modbus.gateway import Gateways
from tests.modbus.live import Turned, running, values
from tests.support.sites import Clocked, device


class Bench:
    """The device `name` at a server. One source object for all its runs, as in the collector."""

    def __init__(self, server, name="d1", *, place=None, gateways=None, site=None, **more):
        more.setdefault("timeout_s", 0.3)
        entry = device(name, DeviceKind.FRONIUS, **more)
        self.device = structs.replace(entry, port=server.port)
        self.server = server
        self.time = Turned()
        self.site = site or Clocked(self.device)
        self.gateways = gateways or Gateways()
        self.source = FroniusSource(self.device, self.gateways, self.time.clock, lambda: place)

    @property
    def image(self):
        return self.site.image(self.device.id)

    def run(self):
        """The source at work."""
        return running(self.source, self.image)

    @asynccontextmanager
    async def live(self, *roles):
        """At work, with these roles heard."""
        async with self.run() as run:
            for role in roles or ("",):
                await run.until(lambda r=role: r in self.image.roles and self.heard(r))
            yield run

    def heard(self, role=""):
        return self.image.roles[role].heard_s is not None and bool(self.image.roles[role].cells)

    def values(self, role=""):
        return values(self.site, role, self.device.id)

    def counters(self, role=""):
        found = self.image.roles[role].counters
        return {name: (c.raw, c.path, c.unit, c.modulus) for name, c in found.items()}

    def asset(self, name="d1"):
        """An asset at a fresh tick."""
        self.site.tick()
        return self.site.asset(name)

    async def polls(self, run, count=1):
        """Wait for that many more answers of the device."""
        due = self.image.messages + count
        await run.until(lambda: self.image.messages >= due)
