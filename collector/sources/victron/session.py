"""One connection to one identified GX: messages in, image out."""

import asyncio
from collections.abc import Awaitable, Callable

from collector.errors import NotConnected, SourceError
from collector.model.reading import Identity
from collector.sources.base import DeviceImage
from collector.sources.victron.assets import Assets
from collector.sources.victron.client import Connection
from collector.sources.victron.control import Link
from collector.sources.victron.control_write import Watched
from collector.sources.victron.derive.common import text
from collector.sources.victron.derive.gps import Position, moved
from collector.sources.victron.flows import MAIN
from collector.sources.victron.keepalive import Keepalive
from collector.sources.victron.life import Life
from collector.sources.victron.notices import Complaints
from collector.sources.victron.payload import MAX_BYTES, read_echo, read_value
from collector.sources.victron.portal import wrong
from collector.sources.victron.remarks import Remarks
from collector.sources.victron.roles import Roles
from collector.sources.victron.topics import portal_of
from collector.sources.victron.tree import Tree
from collector.sources.victron.writer import Writer

MAKER = "Victron Energy"
STEP_S = 0.5
TIMED = 0x1F
"""One message in 32 is timed on its way into the snapshot."""
PLAUSIBLE_S = (1_600_000_000, 4_000_000_000)


class Session:
    """What belongs to one connection. `receive` and `derive` are called by client and image."""

    def __init__(
        self,
        *,
        image: DeviceImage,
        portal: str,
        proven: bool,
        place: str,
        keepalive: Keepalive,
        life: Life,
        roles: Roles,
        clock: Callable[[], float],
        ready: Callable[[], None],
    ) -> None:
        self._image = image
        self._portal = portal
        self._proven = proven
        self._place = place
        self._keepalive = keepalive
        self._life = life
        self._clock = clock
        self._ready = ready
        self._is_ready = False
        self._messages = self._counted = 0
        self._talked = False
        self._told = Identity(serial=portal, maker=MAKER)
        self._place_told: Position | None = None
        self.fingerprint_note = ""
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tree = Tree(image, portal, clock)
        self.writer = Writer(image)
        roles.memory = image
        self._assets = Assets(
            self.tree,
            self.writer,
            roles,
            portal,
            complaints=Complaints(self.tree, image),
            remarks=Remarks(image, roles.remarks),
        )
        self.watched = Watched()
        self._root = root = f"N/{portal}/"
        self._special: dict[str, Callable[[bytes], None]] = {
            f"{root}heartbeat": self._heartbeat,
            f"{root}full_publish_completed": self._completed,
            f"{root}keepalive": self._restarted,
        }

    # -- messages ----------------------------------------------------------------------------

    def receive(self, topic: str | None, payload: bytes, retained: bool) -> None:
        """One message of the GX. Whatever it holds, the connection goes on."""
        self._messages += 1
        if not self._messages & TIMED:
            self._image.timed()
        try:
            self._take(topic, payload, retained)
        except Exception as error:  # noqa: BLE001  one bad message must not end the connection
            self._image.drop("fault of ours", f"{topic}: {type(error).__name__}: {error}")

    def _take(self, topic: str | None, payload: bytes, retained: bool) -> None:
        if topic is None:
            self._image.drop("topic", "a topic that is not UTF-8")
            return
        special = self._special.get(topic)
        if special is not None:
            if not retained:
                self._talked = True
                special(payload)
            return
        if not topic.startswith(self._root):
            self._other(topic, payload)
            return
        if not retained:
            self._talked = True
        self.tree.take(topic, payload)
        if self.watched and payload and not retained:
            self.watched.said(topic)
        if not self._is_ready and not retained and payload:
            self._is_ready = True
            self._proven = True
            self._ready()

    def _other(self, topic: str, payload: bytes) -> None:
        """Another GX's message: a broker may serve several, but ours must have shown itself."""
        portal = portal_of(topic)
        if portal and payload and not self._proven:
            self.fail(wrong(self._portal, {portal}, self._place))

    def _heartbeat(self, payload: bytes) -> None:
        value = read_value(payload) if payload and len(payload) <= MAX_BYTES else None
        if not isinstance(value, float):
            self._image.drop("heartbeat", repr(payload[:80]))
            return
        self._keepalive.alive()
        if self._life.beat(value, self._clock()):
            self._image.alive()
            if PLAUSIBLE_S[0] < value < PLAUSIBLE_S[1]:
                self._image.clock(int(value * 1000))

    def _completed(self, payload: bytes) -> None:
        echo = read_echo(payload) if payload else None
        if not payload or not self._keepalive.completed(echo, self._clock()):
            return
        if echo is not None:  # else anybody's, of which only the end may have been heard
            self.tree.settle(complete=True)
        if self._keepalive.is_newest(echo) and self.tree.sweep():
            self._keepalive.restarted(self._clock())
        self.writer.again()

    def _restarted(self, payload: bytes) -> None:
        if payload:
            self._keepalive.restarted(self._clock())

    def fail(self, error: SourceError) -> None:
        """End the connection with `error`."""
        if not self._failure.done():
            self._failure.set_exception(error)

    # -- control -----------------------------------------------------------------------------

    def link(self, client: Connection) -> Link:
        """What control needs of this connection."""
        return Link(
            portal=self._portal,
            client=client,
            image=self._image,
            scene=self._assets,
            services=self.tree.services,
            watched=self.watched,
            doubt=self._doubt,
        )

    def _doubt(self) -> str:
        """Why nothing may be written on this connection now."""
        if not self._proven or not self._is_ready:
            return "the GX has not told yet on this connection who it is"
        if not self._life.alive(self._clock()):
            return "the GX shows no life: its heartbeat is not heard"
        return ""

    async def until_failed(self) -> None:
        """Wait for `fail`."""
        await self._failure

    # -- the tick ----------------------------------------------------------------------------

    def derive(self) -> None:
        """Bring the image up to date; called just before each freeze."""
        now = self._clock()
        self._image.count(self._messages - self._counted)
        self._counted = self._messages
        if self._talked:
            self._talked = False
            if self._life.talk(now):
                self._image.alive()
        self._assets.update(alive=self._life.alive(now))
        self._identify()
        self._locate()
        roles = self.writer.roles
        if self.fingerprint_note and roles:
            role = MAIN if MAIN in roles else roles[0]
            self._image.note(role, "tls", self.fingerprint_note)
            self.fingerprint_note = ""

    def _identify(self) -> None:
        """Tell the model once the GX has said it."""
        platform = self.tree.services.get(("platform", "0"))
        if platform is None:
            return
        told = Identity(
            serial=self._portal,
            maker=MAKER,
            model=text(platform.values, "Device/Model"),
            firmware=text(platform.values, "Firmware/Installed/Version"),
        )
        if told != self._told:
            self._told = told
            try:
                self._image.identify(told)
            except SourceError as error:
                self.fail(error)

    def _locate(self) -> None:
        """Tell where the GX stands, when it has moved by more than its receiver's doubt."""
        receivers = (s for s in self.tree.services.values() if s.kind == "gps" and s.usable)
        found = moved(self._place_told, (service.values for service in receivers))
        if found is not None:
            self._place_told = found
            self._image.position(*found)

    # -- keeping it talking ------------------------------------------------------------------

    async def drive(self, client: Connection, tend: Callable[[], Awaitable[None]]) -> None:
        """Send what is due, and what `tend` has to send, and watch for silence. Raises NotConnected
        when nothing is heard."""
        limit = None
        while True:
            now = self._clock()
            for request in self._keepalive.due(now):
                if request.full:
                    self.tree.asked()
                await client.say(request.topic, request.payload)
            await tend()
            if limit != (limit := self._life.limit_s(now)):
                self._image.silence_limit(limit)
            reason = self._life.lost(now)
            if reason:
                raise NotConnected(f"the GX {self._portal} at {self._place}: {reason}")
            await asyncio.sleep(STEP_S)
