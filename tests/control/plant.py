"""Two simulated GX at real brokers, the site that reads them and the API that controls them, with
time in the test's hand. `writes` of each GX is everything that anybody published at `W/#`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from collector.app.fleet import Fleet
from collector.app.plants import SitePlants
from collector.app.sources import SOURCES, Means
from collector.config.load import LoadedRegistry
from collector.control.desk import ControlDesk
from collector.control.lockouts import Lockouts
from collector.control.pin import Pin
from collector.control.tries import Tries
from collector.model.assets import AssetSettings, Device, Link
from collector.model.control import Offer
from collector.model.kinds import AssetStatus, DeviceKind
from collector.model.snapshot import AssetView
from collector.serve.access import Transport
from collector.simulator.compose import compose
from collector.simulator.layout import Layout
from collector.simulator.physics.plant import Plant
from collector.site.memory import Memory
from collector.site.site import Site
from collector.sources.modbus.gateway import Gateways
from collector.sources.victron import VictronSource
from collector.sources.victron.control_write import Timing
from collector.wire import OffersAnswer
from tests.control.gxs import IDS, SimulatedGx, written
from tests.serve.desks import home_in
from tests.serve.support import Served, served
from tests.support.mosquitto import Mosquitto
from tests.support.snapshots import START_MS, HandFeed, snapshot

__all__ = ["SimulatedGx", "written"]

QUICK = Timing(reads=(0.0, 0.05, 0.2), answer=8.0, settle=0.1, look=8.0, resend=20.0)
"""For GX that answer, be the machine ever so busy."""
HASTY = QUICK._replace(answer=0.6, look=0.6)
"""For those that do not."""
OPERATOR, VIEWER, TLS = Transport.OPERATOR_SOCKET, Transport.VIEWER_SOCKET, Transport.TLS
LIMIT_S = 20.0


class Yard:
    """Everything together. `a` has a generator on a bus, `b` a grid and a PV inverter."""

    def __init__(self, api: Served, feed: HandFeed, folder: Path) -> None:
        self.api = api
        self.feed = feed
        self.now = 1000.0
        self.layout: Layout = compose(18, 5, lambda: 1_795_000_000 + self.now)
        self.physics = Plant(self.layout.parts, 5, 13.0)
        self.physics.step(30)
        self.folder = folder
        self.seq = 0
        self._clients: dict[tuple[Transport, str | None], httpx.AsyncClient] = {}
        self.devices: dict[str, Device] = {}
        self.settings: dict[str, AssetSettings] = {}
        self.links: tuple[Link, ...] = ()
        self.site = Site(
            node="n1",
            site="field",
            timezone="UTC",
            devices=(),
            settings={},
            links=(),
            memory=Memory({}, "", {}, {}),
            mono=lambda: self.now,
        )
        means = Means(home_in(folder), Gateways())
        self.fleet = Fleet(self.site, self._registry(), means)
        self.plants = SitePlants(self.site, self.fleet, lambda: self.feed.snapshot)
        self.a: SimulatedGx
        self.b: SimulatedGx
        self.desk = self.new_desk()

    def new_desk(self) -> ControlDesk:
        """A desk as a start of the collector makes one; `open` it."""
        self.desk = ControlDesk(
            self.plants,
            audit=self.feed.audit,
            tries=Tries(self.feed.db),
            lockouts=Lockouts(self.feed.db, self.plants.twins),
            pin=Pin(self.feed.db, mono=lambda: self.now),
            now_ms=self.feed.now_ms,
            soc_low_pct=20.0,
        )
        self.feed.control = self.desk
        return self.desk

    def _registry(self) -> LoadedRegistry:
        return LoadedRegistry(
            devices=tuple(self.devices.values()),
            settings=self.settings,
            links=self.links,
            notes=(),
            revision="",
        )

    async def apply(self, **changes: Mapping[str, object]) -> None:
        """Another registry: keys of devices by their ids."""
        for name, keys in changes.items():
            device = self.devices[name]
            self.devices[name] = msgspec.structs.replace(device, **keys)
        await self.fleet.apply(self._registry())

    # -- time --------------------------------------------------------------------------------

    async def pass_s(self, seconds: int, *, silent: bool = False) -> None:
        """Let seconds pass; `silent`: of no GX anything is heard meanwhile."""
        for number in range(1, seconds + 1):
            self.now += 1
            if not silent:
                self.physics.step(1.0)
                for each in (self.a, self.b):
                    each.tick()
            if number % 5 == 0:
                await (self._tend() if silent else self.caught_up())
        await self.tick()

    async def tick(self) -> None:
        """Freeze what is known."""
        self.seq += 1
        at_ms = START_MS + int(self.now * 1000)
        taken = self.site.take(at_ms)
        views = self.desk.lockouts.mark(taken.assets)
        await self.feed.push(snapshot(*views, seq=self.seq, at_ms=at_ms, sources=taken.sources))

    async def until(self, true: Callable[[], object]) -> None:
        """Let seconds pass until this holds."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            await self.pass_s(1)
            if true():
                return
            assert time.monotonic() < deadline, [
                (v.id, v.status, v.reason) for v in self.feed.snapshot.assets
            ]
            await asyncio.sleep(0.03)

    async def settled(self) -> None:
        """What the GX have said by now is known, and frozen."""
        await self.pass_s(1)
        await self.caught_up()
        await self.tick()

    async def caught_up(self) -> None:
        """Each source has read all that its GX has sent, and done what was due."""
        for name, gx in (("bess-a", self.a), ("bess-b", self.b)):
            await self._caught_up(name, gx)
        await self._tend()

    async def _tend(self) -> None:
        """What each source does twice a second."""
        for name in ("bess-a", "bess-b"):
            source = self.fleet.source(name)
            if isinstance(source, VictronSource):
                await source.control.tend()

    async def _caught_up(self, name: str, gx: SimulatedGx) -> None:
        """A mark comes behind all that a GX has said."""
        mark = float(next(IDS))
        gx.say("hub4/0", "Mark", mark)
        async with asyncio.timeout(LIMIT_S):
            while True:
                source = self.fleet.source(name)
                assert isinstance(source, VictronSource)
                link = source.control._link
                if link is None or not self.live(name):
                    return
                hub4 = link.services.get(("hub4", "0"))
                if hub4 is not None and hub4.values.get("Mark") == mark:
                    return
                await asyncio.sleep(0.005)

    def hurry(self, name: str) -> None:
        """Do not wait long for this GX."""
        source = self.fleet.source(name)
        assert isinstance(source, VictronSource)
        source.control._timing = HASTY

    # -- people ------------------------------------------------------------------------------

    def view(self, asset: str) -> AssetView:
        """An asset of the newest snapshot."""
        return next(each for each in self.feed.snapshot.assets if each.id == asset)

    def live(self, *assets: str) -> bool:
        """Whether all these are."""
        known = {view.id: view.status for view in self.feed.snapshot.assets}
        return all(known.get(each) is AssetStatus.LIVE for each in assets)

    async def offers(self, asset: str) -> OffersAnswer:
        """What an operator on the node is offered."""
        response = await self.client(OPERATOR).get(f"/v1/assets/{asset}/control")
        assert response.status_code == 200, response.text
        return msgspec.json.decode(response.content, type=OffersAnswer)

    def client(self, transport: Transport, token: str | None = None) -> httpx.AsyncClient:
        """Somebody's client; one for all their questions."""
        who = (transport, token)
        if who not in self._clients:
            self._clients[who] = self.api.client(transport, token)
        return self._clients[who]

    async def leave(self) -> None:
        """All people go home."""
        for client in self._clients.values():
            await client.aclose()

    async def offer(self, asset: str, command: str) -> Offer:
        """One of them."""
        return next(o for o in (await self.offers(asset)).offers if o.command == command)

    async def request(
        self, asset: str, command: str, value: object, **more: object
    ) -> dict[str, Any]:
        """The body of a sound request: what is seen, when, and the name typed."""
        told = await self.offers(asset)
        one = next((each for each in told.offers if each.command == command), None)
        body = {
            "id": f"request-{next(IDS)}",
            "command": command,
            "value": value,
            "seen": None if one is None else one.value,
            "made_ms": told.at_ms,
            "confirm": told.name,
        }
        return body | more

    async def post(
        self,
        asset: str,
        body: Mapping[str, Any],
        transport: Transport = OPERATOR,
        token: str | None = None,
        verb: str = "control",
    ) -> httpx.Response:
        """Ask for it."""
        where = f"/v1/assets/{asset}/{verb}"
        return await self.client(transport, token).post(where, json=dict(body))

    async def command(
        self, asset: str, command: str, value: object, **more: object
    ) -> httpx.Response:
        """A sound request by an operator on the node."""
        return await self.post(asset, await self.request(asset, command, value, **more))

    async def given(self, asset: str, command: str, value: object, **more: object) -> Any:
        """The answer to a command that is not refused."""
        response = await self.command(asset, command, value, **more)
        assert response.status_code == 200, response.text
        return response.json()


@asynccontextmanager
async def yard(
    folder: Path,
    mosquitto: Callable[..., Mosquitto],
    monkeypatch,
    transports: tuple[Transport, ...] = (OPERATOR,),
) -> AsyncIterator[Yard]:
    """Once both GX live."""
    feed = HandFeed(snapshot())
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(served(folder, feed, transports))
        found = Yard(api, feed, folder)
        make = lambda device, _: VictronSource(device, clock=lambda: found.now, timing=QUICK)  # noqa: E731
        monkeypatch.setitem(SOURCES, DeviceKind.GX, make)
        plans = [spot.plan for spot in found.layout.gxs]
        chosen = {
            "a": next(p for p in plans if p.genset_serial),
            "b": next(p for p in plans if p.grid_serial),
        }
        for name, plan in chosen.items():
            plan.bess.battery.soc_pct = 60.0
            gx = SimulatedGx(plan, mosquitto().port, lambda: found.now)
            gx.gx.services["vebus/276"].values["Ac/In/2/Type"] = 3  # a shore connection
            await gx.start(stack)
            setattr(found, name, gx)
            found.devices[f"bess-{name}"] = Device(
                id=f"bess-{name}",
                kind=DeviceKind.GX,
                host="127.0.0.1",
                port=gx.port,
                portal_id=plan.portal_id,
                name=f"BESS {name.upper()} Main stage",
                control=True,
            )
        await found.desk.lockouts.open()
        await found.apply()
        stack.push_async_callback(found.leave)
        stack.push_async_callback(found.desk.end)
        stack.push_async_callback(found.fleet.end)
        await found.until(lambda: found.live("bess-a", "bess-a.genset", "bess-b"))
        await found.settled()
        await found.settled()
        yield found
