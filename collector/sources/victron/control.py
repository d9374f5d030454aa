"""The control port of a GX: what can be commanded, and the writes."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import aiomqtt

from collector.errors import NotConnected, NotPossible
from collector.model.control import ControlValue, Outcome, Plant, Point, Reply
from collector.sources.base import DeviceImage
from collector.sources.victron.control_effects import effect
from collector.sources.victron.control_points import Scene, plant, spots
from collector.sources.victron.control_spots import Services, Spot, word_of
from collector.sources.victron.control_system import unacknowledged
from collector.sources.victron.control_write import Timing, Watched, Wish, payload_of, write
from collector.sources.victron.derive.common import num
from collector.sources.victron.hold import Hold

SETPOINT = "grid-setpoint"
NEAR = 1e-6


class Client(Protocol):
    """The connection's way out."""

    async def say(self, topic: str, payload: str) -> None:
        """Publish, never retained. Raises MqttError."""

    def last_word(self, topic: str, payload: str) -> None:
        """Publish without waiting, as far as the connection still takes it."""


class Link(NamedTuple):
    """One connection to the GX, once it is known who answers. `doubt` says why its identity or
    its life is not certain now, "" when it is."""

    portal: str
    client: Client
    image: DeviceImage
    scene: Scene
    services: Services
    watched: Watched
    doubt: Callable[[], str]


class GxControl:
    """`collector.sources.base.ControlPort` of a GX. `clock` gives steady seconds.

    It outlives connections; what is kept up ends with the connection that it was begun on.
    """

    def __init__(self, clock: Callable[[], float], timing: Timing | None = None) -> None:
        self._clock = clock
        self._timing = timing or Timing()
        self._link: Link | None = None
        self._hold: Hold | None = None

    # -- the connection ----------------------------------------------------------------------

    def attach(self, link: Link) -> None:
        """A connection stands, and who answers is known."""
        self._link = link

    def detach(self) -> None:
        """It ends: what is kept up is released with the last word."""
        self._end("the connection to the GX ended")
        self._link = None

    # -- ControlPort -------------------------------------------------------------------------

    @property
    def unready(self) -> str:
        """Why nothing may be written now."""
        if self._link is None:
            return "the GX is not connected, or another one answers at its address"
        return self._link.doubt()

    def points(self, role: str) -> Mapping[str, Point]:
        """What the asset in `role` offers now."""
        link = self._link
        if link is None:
            return {}
        found = spots(role, link.scene, link.services)
        return {command: spot.point for command, spot in found.items()}

    def plant(self) -> Plant:
        """What is known of the system."""
        link = self._link
        return Plant() if link is None else plant(link.scene, link.services)

    async def write(
        self,
        role: str,
        command: str,
        value: ControlValue,
        *,
        for_s: int | None,
        still: Callable[[], str],
        ended: Callable[[str], None],
    ) -> Reply:
        """Write once, read back, compare."""
        link = self._link
        if link is None or self.unready:
            raise NotConnected(self.unready)
        try:
            return await self._write(link, role, command, value, for_s or 0, still, ended)
        except aiomqtt.MqttError as error:
            raise NotConnected(
                f"the connection to the GX was lost ({error}): look what the value is now"
            ) from error

    async def _write(
        self,
        link: Link,
        role: str,
        command: str,
        value: ControlValue,
        for_s: int,
        still: Callable[[], str],
        ended: Callable[[str], None],
    ) -> Reply:
        spot = spots(role, link.scene, link.services).get(command)
        if spot is None:
            raise NotPossible(f"the GX offers no {command} any more")
        if spot.timer and value == "start":
            problem = await self._set_timer(link, spot, for_s) or still()
            if problem:
                effects = f"the engine was not started: {problem}"
                return Reply(outcome=Outcome.NO_REPLY, value=_value(spot), effect=effects)
        if command == SETPOINT:
            self._end("another setpoint was given", release=False)
        outcome = await write(
            link.client.say, link.watched, link.portal, _wish(spot, value), self._timing
        )
        if command == SETPOINT and value != "release":
            self._keep(link, spot, role, value, outcome, for_s, still, ended)
        return Reply(outcome=outcome, value=_value(spot), effect=effect(spot.effects))

    async def _set_timer(self, link: Link, spot: Spot, seconds: int) -> str:
        """Set how long the engine runs, before it starts; why that was not possible."""
        if not seconds and not num(spot.service.values, spot.timer):
            return ""
        timer = spot._replace(path=spot.timer, numbers={}, timer="")
        wish = _wish(timer, float(seconds))
        outcome = await write(
            link.client.say, link.watched, link.portal, wish, self._timing._replace(settle=0)
        )
        return "" if outcome is Outcome.CONFIRMED else "the GX did not take the run time"

    # -- what is kept up ---------------------------------------------------------------------

    def holds(self, role: str) -> str:
        """What is kept up at the asset, in words."""
        hold = self._hold
        return hold.words(self._clock()) if hold is not None and hold.role == role else ""

    def release(self, role: str, why: str) -> None:
        """End what is kept up at the asset, at once."""
        if self._hold is not None and self._hold.role == role:
            self._end(why)

    async def tend(self) -> None:
        """Keep up what is kept up; called every second or so. Raises MqttError."""
        hold, link = self._hold, self._link
        if hold is None or link is None:
            return
        over = link.doubt() or hold.over(self._clock())
        if over:
            self._end(over, release=hold.ours)
        elif hold.due(self._clock()):
            hold.sent(self._clock() + self._timing.resend)
            await link.client.say(*hold.message)

    def _keep(
        self,
        link: Link,
        spot: Spot,
        role: str,
        value: ControlValue,
        outcome: Outcome,
        for_s: int,
        still: Callable[[], str],
        ended: Callable[[str], None],
    ) -> None:
        wish = _wish(spot, value)
        topic = f"W/{link.portal}/{wish.tail}"
        if outcome is not Outcome.CONFIRMED:
            link.client.last_word(topic, _wish(spot, "release").payload)
            return
        now = self._clock()
        self._hold = Hold(
            role=role,
            value=value,
            spot=spot,
            message=(topic, wish.payload),
            until_s=now + for_s,
            next_s=now + self._timing.resend,
            still=still,
            ended=ended,
        )
        link.image.note(role, SETPOINT, self._hold.words(now))

    def _end(self, why: str, *, release: bool = True) -> None:
        """What is kept up is over."""
        hold, self._hold = self._hold, None
        link = self._link
        if hold is None:
            return
        if link is not None:
            if release:
                link.client.last_word(hold.message[0], _wish(hold.spot, "release").payload)
            link.image.note(hold.role, SETPOINT, "")
        hold.ended(why)


def _wish(spot: Spot, value: ControlValue) -> Wish:
    service, path = spot.service, spot.path
    tail = f"{service.kind}/{service.instance}/{path}"
    payload = payload_of(value, spot.numbers, whole=spot.whole)
    if spot.point.command == "acknowledge":
        root = f"{service.kind}/{service.instance}"
        slots = tuple(f"{root}/{slot}" for slot in unacknowledged(service))
        return Wish(
            tail, payload, (f"{root}/Notifications",), slots, lambda: not unacknowledged(service)
        )
    wanted = spot.numbers[value] if isinstance(value, str) else value

    def met() -> bool:
        now = num(service.values, path)
        if wanted is None or now is None:
            return now is None and wanted is None
        return abs(now - wanted) <= NEAR * max(1.0, abs(wanted))

    shown = (f"{each.kind}/{each.instance}/{where}" for each, where in spot.effects)
    return Wish(tail, payload, (tail, *shown), (tail,), met)


def _value(spot: Spot) -> ControlValue | None:
    """How it is set now."""
    if spot.point.command == "acknowledge":
        return float(len(unacknowledged(spot.service)))
    return word_of(num(spot.service.values, spot.path), spot.numbers)
