"""A Victron GX (Venus OS) over MQTT as a source."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import aiomqtt

from collector.errors import NotConnected, SourceError, Unauthorized, WrongDevice
from collector.model.assets import Device
from collector.model.reading import Identity
from collector.pinning import Pin
from collector.sources.base import DeviceImage
from collector.sources.victron.client import Connect, Connection, connected
from collector.sources.victron.control import GxControl
from collector.sources.victron.control_write import Timing
from collector.sources.victron.keepalive import Keepalive
from collector.sources.victron.life import Life
from collector.sources.victron.portal import Ids, as_told, find_portal
from collector.sources.victron.roles import Roles
from collector.sources.victron.session import MAKER, Session
from collector.sources.victron.topics import filters

CERTIFICATE = "certificate"


class VictronSource:
    """Reads one GX; `collector.sources.base.Source`. `clock` gives steady seconds.

    What must outlive a connection stays here: the portal id, the heartbeat, the roles of devices.
    `timing` is that of writes; `connect` is the way to the broker.
    """

    def __init__(
        self,
        device: Device,
        *,
        clock: Callable[[], float] = time.monotonic,
        timing: Timing | None = None,
        connect: Connect = connected,
    ) -> None:
        self._device = device
        self._connect = connect
        self._clock = clock
        self._portal = as_told(device.portal_id)
        self._pin = Pin(device.fingerprint if device.tls else "")
        self._life = Life()
        self._roles = Roles()
        self.control = GxControl(clock, timing)

    @property
    def seen_fingerprint(self) -> str:
        """SHA-256 of the certificate seen last, 64 hex digits; empty without TLS."""
        return self._pin.seen

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """Connect, find out who answers, then write into `image` until cancelled.

        Raises NotConnected, Unauthorized, WrongDevice, BadDevice.
        """
        ids = Ids()
        if self._device.tls and not self._pin.expected:
            self._pin.expected = image.pinned(CERTIFICATE)
        async with self._connect(self._device, self._pin, ids.take) as client:
            try:
                await self._converse(client, ids, image, ready)
            except aiomqtt.MqttError as error:
                place = f"{self._device.host}:{self._device.port}"
                raise NotConnected(
                    f"the MQTT connection to {place} was lost ({error.__cause__ or error}): the GX "
                    f"restarts, its password or MQTT setting was changed, or the network is gone"
                ) from error

    async def _converse(
        self, client: Connection, ids: Ids, image: DeviceImage, ready: Callable[[], None]
    ) -> None:
        place = f"{self._device.host}:{self._device.port}"
        try:
            portal, proven = await find_portal(client, ids, self._portal, place)
        except WrongDevice:
            if len(ids.seen) == 1:  # it is remembered who answers here
                image.identify(Identity(serial=next(iter(ids.seen)), maker=MAKER, model="a GX"))
            raise
        image.reset()
        image.identify(Identity(serial=portal, maker=MAKER))
        self._portal = portal
        if self._device.tls:
            image.pin(CERTIFICATE, self._pin.seen)
        now = self._clock()
        self._life.start(now)
        session = Session(
            image=image,
            portal=portal,
            proven=proven,
            place=place,
            keepalive=Keepalive(portal, client.client_id, now),
            life=self._life,
            roles=self._roles,
            clock=self._clock,
            ready=ready,
        )
        if self._device.tls and not self._device.fingerprint:
            session.fingerprint_note = (
                f"certificate pinned at first contact: fingerprint = {self._pin.seen}"
            )
        client.receive = session.receive
        image.before_tick(session.derive)
        try:
            await _subscribe(client, image, portal, place)
            self.control.attach(session.link(client))
            await together(
                session.drive(client, self.control.tend),
                client.until_lost(),
                session.until_failed(),
            )
        finally:
            self.control.detach()
            image.before_tick(None)


async def _subscribe(client: Connection, image: DeviceImage, portal: str, place: str) -> None:
    wanted = filters(portal)
    refused = await client.listen(wanted)
    if len(refused) == len(wanted):
        raise Unauthorized(
            f"{place} lets this login read nothing: use a login that may read N/{portal}/#"
        )
    for each in refused:
        image.drop("subscription refused", each)


async def together(*parts: Coroutine[Any, Any, None]) -> None:
    """Run all parts; when one fails the others are cancelled and its error is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(part)
    except BaseExceptionGroup as several:
        causes = several.exceptions
        raise next((e for e in causes if isinstance(e, SourceError)), causes[0]) from None
