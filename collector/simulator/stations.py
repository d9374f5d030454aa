"""What listens on a port: a GX with its broker, or a Modbus gateway."""

import asyncio
import logging
from collections.abc import Callable
from random import Random

from collector.simulator import broker, mqtt
from collector.simulator.gx import build
from collector.simulator.gx.unit import Gx
from collector.simulator.layout import Gateway, GxSpot
from collector.simulator.meters.fronius_solar import SolarApi
from collector.simulator.server_http import HttpServer
from collector.simulator.server_modbus import ModbusServer

_FIRST_SERVICES = ("settings/0", "platform/0", "system/0", "hub4/0", "logger/0")
_LAST_FOUND_S = 14.0
_log = logging.getLogger(__name__)


class GxStation:
    """One GX on its broker. `dropped` counts messages that the broker did not take."""

    def __init__(
        self,
        spot: GxSpot,
        kind: broker.Kind,
        random: Random,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        self.plan = spot.plan
        self.gx = Gx(
            spot.plan.portal_id,
            build.services(spot.plan, wall),
            gone=spot.plan.gone,
            send=self._send,
            clock=clock,
            wall=wall,
        )
        self.dropped = 0
        self.busy = asyncio.Lock()
        self._random = random
        self._broker = broker.make(kind)
        self._link = mqtt.Link(self._received)
        self._out: list[bytes] = []
        self._started = False

    @property
    def up(self) -> bool:
        """Whether it is on its broker."""
        return self._link.open

    async def start(self, port: int) -> None:
        """Bring the broker up on `port` and the GX onto it."""
        await self._broker.start(port)
        portal = self.plan.portal_id
        await self._link.start(port, f"gx-{portal}", (f"R/{portal}/#", f"W/{portal}/#"))
        self._started = True
        self._out.clear()
        self.gx.connected()
        self._flush()

    async def stop(self) -> None:
        """Take both down; clients see their connection close."""
        self._started = False
        await self._link.stop()
        await self._broker.stop()

    def reboot(self, speed: float) -> None:
        """What a reboot does inside the GX; most services are found one after the other."""
        late = [name for name in self.gx.services if name not in _FIRST_SERVICES]
        self.gx.reboot({name: self._random.uniform(1, _LAST_FOUND_S) / speed for name in late})

    def tick(self) -> None:
        """A second has passed."""
        if self.up:
            self.gx.tick()
            self._flush()
        elif self._started and not self.busy.locked():
            self._started = False
            _log.error("the broker of %s is gone: it serves nothing more", self.plan.device)

    def flush(self) -> None:
        """Send what a change from outside has caused."""
        self._flush()

    def _received(self, topic: str, payload: bytes) -> None:
        self.gx.received(topic, payload)
        self._flush()

    def _send(self, topic: str, payload: bytes, retain: bool) -> None:
        self._out.append(mqtt.publish(topic, payload, retain=retain))

    def _flush(self) -> None:
        if self._out:
            if not self._link.write(b"".join(self._out)):
                self.dropped += len(self._out)
            self._out.clear()


class ModbusStation:
    """Modbus units behind one port."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.busy = asyncio.Lock()
        self._server = ModbusServer({n: u.registers for n, u in gateway.units.items()})

    async def start(self, port: int) -> None:
        """Listen."""
        await self._server.start(port)

    async def stop(self) -> None:
        """Close every connection and listen no more."""
        await self._server.stop()


class SolarStation:
    """The Solar API of a device, at a port of its own."""

    def __init__(self, device: str, api: SolarApi) -> None:
        self.device = device
        self.api = api
        self.busy = asyncio.Lock()
        self._server = HttpServer(api.answer)

    async def start(self, port: int) -> None:
        """Listen."""
        await self._server.start(port)

    async def stop(self) -> None:
        """Close every connection and listen no more."""
        await self._server.stop()


Station = GxStation | ModbusStation | SolarStation


def beside(name: str) -> str:
    """The name of the Solar API's station beside the Modbus station `name`."""
    return f"{name}/http"


async def stop_all(stations: list[Station]) -> None:
    """Stop all of them, whatever happens to one; raises the first error afterwards."""
    results = await asyncio.gather(*(s.stop() for s in stations), return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
