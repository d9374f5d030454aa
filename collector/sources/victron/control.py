"""The control port of a GX: what can be commanded, and the writes."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

import aiomqtt
from msgspec import structs

from collector.errors import NotConnected, NotPossible
from collector.model.control import ControlValue, Outcome, Plant, Point, Reply
from collector.sources.base import DeviceImage
from collector.sources.victron.control_effects import effect
from collector.sources.victron.control_follow import GOALS, Follow
from collector.sources.victron.control_points import Scene, plant, spots
from collector.sources.victron.control_spots import Services, Spot
from collector.sources.victron.control_write import (
    Timing,
    Watched,
    look,
    release_of,
    value_of,
    wish_of,
    write,
)
from collector.sources.victron.derive.common import num
from collector.sources.victron.hold import Hold

SETPOINT = "grid-setpoint"
NOTE = "control"
"""The topic of the hint at an asset where a command did not come out."""


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
        self._pending: Spot | None = None
        """An override whose write is under way: when the connection ends it is taken back."""
        self._follow: dict[tuple[str, str], Follow] = {}

    # -- the connection ----------------------------------------------------------------------

    def attach(self, link: Link) -> None:
        """A connection stands, and who answers is known."""
        self._link = link

    def detach(self) -> None:
        """It ends: what is kept up is released with the last word."""
        if self._pending is not None:
            self._take_back(self._pending)
        self._end("the connection to the GX ended")
        for follow in self._follow.values():
            follow.later("the connection to the GX ended before that was seen")
        self._follow.clear()
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

    async def look(self, role: str, command: str) -> str:
        """Have the GX say how a command is set now."""
        link = self._link
        spot = None if link is None else spots(role, link.scene, link.services).get(command)
        if link is None or spot is None:
            return self.unready or f"the GX offers no {command} any more"
        try:
            heard = await look(link.client.say, link.watched, link.portal, spot, self._timing)
        except aiomqtt.MqttError as error:
            return f"the connection to the GX was lost ({error})"
        return "" if heard else f"the GX does not say how {spot.point.target} is set now"

    async def write(
        self,
        role: str,
        command: str,
        value: ControlValue,
        *,
        for_s: int | None,
        still: Callable[[], str],
        later: Callable[[str], None],
    ) -> Reply:
        """Write once, read back, compare."""
        link = self._link
        if link is None or self.unready:
            raise NotConnected(self.unready)
        try:
            return await self._write(link, role, command, value, for_s or 0, still, later)
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
        later: Callable[[str], None],
    ) -> Reply:
        spot = spots(role, link.scene, link.services).get(command)
        if spot is None:
            raise NotPossible(f"the GX offers no {command} any more")
        if spot.timer and value == "start":
            problem = await self._set_timer(link, spot, for_s) or still()
            if problem:
                effects = f"the engine was not started: {problem}"
                return Reply(outcome=Outcome.NO_REPLY, value=value_of(spot), effect=effects)
        link.image.note(role, NOTE, "")
        if command == SETPOINT:
            return await self._set_point(link, spot, role, value, for_s, still, later)
        began_s = self._clock()
        outcome = await self._written(link, spot, value)
        goal = GOALS.get((command, value))
        self._follow.pop((role, command), None)
        if goal is not None and outcome is Outcome.CONFIRMED and link is self._link:
            self._follow[role, command] = Follow(spot, goal, began_s, later)
        return Reply(outcome=outcome, value=value_of(spot), effect=effect(spot.effects))

    async def _written(self, link: Link, spot: Spot, value: ControlValue) -> Outcome:
        wish = wish_of(spot, value)
        return await write(link.client.say, link.watched, link.portal, wish, self._timing)

    async def _set_point(
        self,
        link: Link,
        spot: Spot,
        role: str,
        value: ControlValue,
        for_s: int,
        still: Callable[[], str],
        later: Callable[[str], None],
    ) -> Reply:
        """An override is kept up only when the GX has confirmed it; else it is taken back."""
        self._end("another setpoint was given", release=False)
        if value == "release":
            outcome = await self._written(link, spot, value)
            return Reply(outcome=outcome, value=value_of(spot), effect=effect(spot.effects))
        self._pending = spot
        try:
            outcome = await self._written(link, spot, value)
        finally:
            self._pending = None
        told = Reply(outcome=outcome, value=value_of(spot), effect=effect(spot.effects))
        problem = still() if link is self._link else "the connection was lost"
        if outcome is not Outcome.CONFIRMED or problem:
            link.client.last_word(*release_of(link.portal, spot))
            why = problem or "the GX did not confirm it"
            return structs.replace(told, effect=f"it was taken back: {why}")
        self._keep(link, spot, role, value, for_s, still, later)
        return told

    async def _set_timer(self, link: Link, spot: Spot, seconds: int) -> str:
        """Set how long the engine runs, before it starts; why that was not possible."""
        if not seconds and not num(spot.service.values, spot.timer):
            return ""
        timer = spot._replace(path=spot.timer, numbers={}, timer="")
        wish = wish_of(timer, float(seconds))
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
        """Keep up what is kept up, and see what comes of commands; called twice a second. Raises
        MqttError."""
        hold, link = self._hold, self._link
        if link is not None and self._follow:
            self._look_after(link)
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
        for_s: int,
        still: Callable[[], str],
        later: Callable[[str], None],
    ) -> None:
        wish, now = wish_of(spot, value), self._clock()
        self._hold = Hold(
            role=role,
            value=value,
            spot=spot,
            message=(f"W/{link.portal}/{wish.tail}", wish.payload),
            until_s=now + for_s,
            next_s=now + self._timing.resend,
            still=still,
            ended=later,
        )
        link.image.note(
            role, SETPOINT, f"grid setpoint {float(value):g} W by command, for {for_s} s"
        )

    def _end(self, why: str, *, release: bool = True) -> None:
        """What is kept up is over."""
        hold, self._hold = self._hold, None
        if hold is None:
            return
        if self._link is not None:
            if release:
                self._take_back(hold.spot)
            self._link.image.note(hold.role, SETPOINT, "")
        hold.ended(why)

    def _take_back(self, spot: Spot) -> None:
        """Release an override with a last word, whatever becomes of it."""
        if self._link is not None:
            self._link.client.last_word(*release_of(self._link.portal, spot))

    def _look_after(self, link: Link) -> None:
        """Tell what came of commands."""
        for key, follow in list(self._follow.items()):
            found = follow.look(link.services, self._clock())
            if found is not None:
                del self._follow[key]
                words, well = found
                if not well:
                    link.image.note(key[0], NOTE, f"{key[1]}: {words}")
                follow.later(words)
