"""Where commands are given: each try is begun in the audit, decided, written once, concluded."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Protocol

import structlog
from msgspec import Struct, structs

from collector.audit import AuditBook
from collector.control.lockouts import Lockouts
from collector.control.offers import general, offer
from collector.control.pin import NEEDED, Pin
from collector.control.rules import EXPIRES_MS, Allowed, Refusal, Request, Situation, may, shown
from collector.control.tries import Done, Tries
from collector.errors import NotPossible, SourceError, StoreError
from collector.model.assets import Ratings
from collector.model.audit import AuditEntry, Deed
from collector.model.control import ControlValue, Lockout, Offer, Outcome, Plant
from collector.model.kinds import AssetStatus
from collector.model.snapshot import AssetView
from collector.sources.base import ControlPort

POWER_FACTOR = 800.0
"""W of each kVA of an inverter, where only its apparent power is known."""
END_S = 1.0
SETPOINT = "grid-setpoint"
LOCKED = Refusal("pin_needed", NEEDED, "unlock with the PIN, then ask again")

log = structlog.get_logger("control")


class Who(Struct, frozen=True, kw_only=True):
    """Who gives a command, and whether that is one of their rights. `locked`: the node's PIN is
    asked for, and was not given."""

    person: str
    transport: str
    address: str
    right: bool
    locked: bool = False


class Place(Struct, frozen=True, kw_only=True):
    """An asset as control sees it now: what it shows, its role at its device, whether the registry
    lets that be controlled, the port of its source (None: there is none) and the ratings of the
    system that commands act on."""

    view: AssetView
    role: str
    control: bool
    port: ControlPort | None
    ratings: Ratings


class Plants(Protocol):
    """Where assets are looked up, anew each time."""

    def place(self, asset: str) -> Place | None:
        """The asset; None when there is none of this id."""


class ControlDesk:
    """Gives commands, for `plants`. `now_ms` is the node's clock; `soc_low_pct` below which no
    battery is asked to carry loads alone. Methods raise StoreError when `node.db` keeps nothing:
    then nothing was done."""

    def __init__(
        self,
        plants: Plants,
        *,
        audit: AuditBook,
        tries: Tries,
        lockouts: Lockouts,
        pin: Pin,
        now_ms: Callable[[], int],
        soc_low_pct: float,
    ) -> None:
        self._plants = plants
        self._audit = audit
        self._tries = tries
        self._now_ms = now_ms
        self._soc_low_pct = soc_low_pct
        self._busy: set[str] = set()
        self._later = Later(audit)
        self.lockouts = lockouts
        self.pin = pin

    # -- what is possible --------------------------------------------------------------------

    def situation(self, place: Place, command: str, *, right: bool) -> Situation:
        """Everything that a decision about this command depends on, as it is now."""
        port = place.port
        return Situation(
            right=right,
            asset=place.view,
            control=place.control,
            unready="" if port is None else port.unready,
            lockout=self.lockouts.of(place.view.id),
            point=None if port is None else port.points(place.role).get(command),
            plant=Plant() if port is None else self._plant(port, place.ratings),
            busy=place.view.device in self._busy,
            now_ms=self._now_ms(),
        )

    def offers(self, place: Place, *, right: bool) -> tuple[str, list[Offer]]:
        """Why nothing is possible at the asset now ("" when something is), and what it offers."""
        refused = general(self.situation(place, "", right=right))
        found = []
        points = {} if place.port is None else place.port.points(place.role)
        for command in points:
            holds = place.port.holds(place.role) if place.port is not None else ""
            now = self.situation(place, command, right=right)
            one = offer(now, holds if command == SETPOINT else "")
            if one is not None:
                found.append(one)
        return "" if refused is None else refused.reason, found

    def _plant(self, port: ControlPort, ratings: Ratings) -> Plant:
        """What the device knows, and what people have said of it: the more careful counts."""
        told = port.plant()
        said = None if ratings.inverter_kva is None else ratings.inverter_kva * POWER_FACTOR
        known = [watts for watts in (told.inverter_w, said) if watts is not None]
        limit = max(self._soc_low_pct, told.soc_limit_pct or 0.0)
        return structs.replace(told, inverter_w=min(known) if known else None, soc_limit_pct=limit)

    def place(self, asset: str) -> Place | None:
        """An asset as it is now."""
        return self._plants.place(asset)

    async def lock(self, place: Place, *, name: str, reason: str, person: str) -> Lockout:
        """Lock an asset out; what is kept up there is released. Raises NotPossible."""
        done = await self.lockouts.lock(
            place.view.id, name=name, reason=reason, person=person, at_ms=self._now_ms()
        )
        if place.port is not None:
            place.port.release(place.role, f"locked out by {done.name}: {done.reason}")
        return done

    # -- doing it ----------------------------------------------------------------------------

    async def command(self, who: Who, asset: str, try_id: str, request: Request) -> Done:
        """Have it done, or say why not. The same `try_id` again gives the first answer."""
        fingerprint = f"{who.person} {asset} {request.command} {request.value} {request.for_s}"
        act = partial(self._try, who, asset, request)
        return await self._tries.once(try_id, fingerprint, self._now_ms(), act)

    async def _try(self, who: Who, asset: str, request: Request) -> Done:
        deed = Deed(
            person=who.person,
            transport=who.transport,
            address=who.address,
            action=f"control {request.command}",
            subject=asset,
            before=shown(request.seen),
            after=_wanted(request.value, request.for_s),
        )
        entry = await self._audit.begin(deed)
        try:
            done = await self._decided(who, asset, request)
        except BaseException as error:
            await self._conclude(entry, f"failed: {error or type(error).__name__}")
            raise
        await self._conclude(entry, _told(done))
        return done

    async def _decided(self, who: Who, asset: str, request: Request) -> Done:
        """Decide, have the device say how it is set now, decide again and write, without anybody
        else's turn between the two last."""
        place = self._plants.place(asset)
        if place is None:
            return _refused(Refusal("no_such_asset", f"no asset {asset}"))
        if who.right and who.locked:
            return _refused(LOCKED)
        verdict = may(request, self.situation(place, request.command, right=who.right))
        if isinstance(verdict, Refusal):
            return _refused(verdict)
        assert place.port is not None  # noqa: S101  without one `may` has refused
        with self._alone(place.view.device):
            silent = await place.port.look(place.role, request.command)
            if silent:
                return _refused(Refusal("no_answer", silent, "nothing was written"))
            return await self._again(who, asset, request)

    async def _again(self, who: Who, asset: str, request: Request) -> Done:
        place = self._plants.place(asset)
        if place is None or place.port is None:
            return _refused(Refusal("no_such_asset", f"no asset {asset} any more"))
        now = self.situation(place, request.command, right=who.right)
        verdict = may(request, structs.replace(now, busy=False))
        if isinstance(verdict, Refusal):
            return _refused(verdict)
        return await self._written(place.port, place, verdict, who, request.made_ms)

    async def _written(
        self, port: ControlPort, place: Place, allowed: Allowed, who: Who, made_ms: int
    ) -> Done:
        kept_up = allowed.command.id == SETPOINT
        expires_ms = None if kept_up else made_ms + EXPIRES_MS
        try:
            reply = await port.write(
                place.role,
                allowed.command.id,
                allowed.value,
                for_s=allowed.for_s,
                still=partial(self._forbidden, place.view.id, expires_ms),
                later=partial(self._later.told, who, place.view.id, allowed.command.id),
            )
        except (SourceError, NotPossible) as error:
            return Done(outcome=Outcome.NO_REPLY.value, reason=str(error))
        return Done(outcome=reply.outcome.value, value=reply.value, effect=reply.effect)

    def _forbidden(self, asset: str, expires_ms: int | None) -> str:
        """Why what was begun at an asset must not go on: asked before each further write."""
        if expires_ms is not None and self._now_ms() > expires_ms:
            return "the request has expired meanwhile"
        place = self._plants.place(asset)
        if place is None or not place.control:
            return "it is not to be controlled any more"
        lockout = self.lockouts.of(asset)
        if lockout is not None:
            return f"locked out by {lockout.name}: {lockout.reason}"
        return "" if place.view.status is AssetStatus.LIVE else f"the asset is {place.view.status}"

    @contextmanager
    def _alone(self, device: str) -> Iterator[None]:
        self._busy.add(device)
        try:
            yield
        finally:
            self._busy.discard(device)

    async def _conclude(self, entry: AuditEntry, outcome: str) -> None:
        try:
            await self._audit.end(entry, outcome)
        except StoreError as error:  # its line stands as begun
            log.warning("How a command ended is not in the audit", cause=str(error))

    # -- the end -----------------------------------------------------------------------------

    async def end(self) -> None:
        """The sources have ended: write down how everything under way ended."""
        await self._tries.end(END_S)
        await self._later.end()


class Later:
    """Lines in the audit about what came of a command after its answer."""

    def __init__(self, audit: AuditBook) -> None:
        self._audit = audit
        self._tasks: set[asyncio.Task[None]] = set()

    def told(self, who: Who, asset: str, command: str, words: str) -> None:
        """What came of a command that `who` gave."""
        task = asyncio.create_task(self._write(who, asset, command, words))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write(self, who: Who, asset: str, command: str, words: str) -> None:
        deed = Deed(
            person=who.person,
            transport=who.transport,
            address=who.address,
            action=f"control {command} later",
            subject=asset,
        )
        try:
            await self._audit.end(await self._audit.begin(deed), words)
        except StoreError as error:
            log.warning("The end of a command is not in the audit", cause=str(error))

    async def end(self) -> None:
        """Wait for the last lines."""
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _wanted(value: ControlValue, for_s: int | None) -> str:
    return shown(value) + ("" if for_s is None else f" for {for_s} s")


def _refused(refusal: Refusal) -> Done:
    return Done(outcome="refused", code=refusal.code, reason=refusal.reason, hint=refusal.hint)


def _told(done: Done) -> str:
    """How a try ended, as the audit has it."""
    if done.code:
        return f"refused: {done.reason}"
    words = done.outcome
    if done.outcome == Outcome.INSTEAD.value:
        words = f"device set {shown(done.value)} instead"
    return "; ".join(filter(None, (words, done.effect, done.reason)))
