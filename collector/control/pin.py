"""The PIN that commands take on a node, and who has given it lately.

It protects what an unattended terminal of somebody who may control would allow. It is kept in
`node.db` as scrypt with a salt. Whoever gives it gets a *grant*: a word that counts for commands of
that person until it was not used for IDLE_S, or a restart. Wrong PINs cost their person a growing
time in which none is looked at, be it right.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import structlog
from msgspec import Struct

from collector.control import table
from collector.errors import NotPossible, PinNeeded, PinWaits, WrongPin
from collector.store import NodeDb

IDLE_S = 600.0
"""A grant that was not used for so long counts no more."""
GRANTS = 64
PERSONS = 256
"""Whose wrong PINs are remembered; the longest quiet one is forgotten first."""
FREE = 3
"""From this many wrong ones on a person waits."""
FIRST_WAIT_S, LONGEST_WAIT_S = 5.0, 60.0
FORGET_S = 3600.0
SALT_BYTES = 16
NEEDED = "it takes the node's PIN, which was not given in the last ten minutes"
NOT_SET = "no PIN is set on this node: ovr control --set-pin sets one"

log = structlog.get_logger("control")


class Kept(NamedTuple):
    """A PIN as `node.db` keeps it."""

    salt: bytes
    hash: bytes


class _Grant(Struct):
    who: str
    until_s: float


class _Failures(Struct):
    count: int
    last_s: float
    until_s: float


class Pin:
    """The node's PIN, in `node.db`. `who` is a person with the transport over which they came.
    Methods that read or keep it raise StoreError."""

    def __init__(self, db: NodeDb, *, mono: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._mono = mono
        self._kept: Kept | None = None
        self._grants: OrderedDict[str, _Grant] = OrderedDict()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()
        self._one = asyncio.Lock()
        self.wrong = 0
        """Wrong PINs since the start."""

    async def open(self) -> None:
        """Read whether one is set."""
        found = await self._db.run("read the PIN", table.pin)
        self._kept = None if found is None else Kept(*found)

    @property
    def is_set(self) -> bool:
        """Whether commands take one."""
        return self._kept is not None

    async def put(self, pin: str | None, *, old: str | None, who: str, at_ms: int) -> None:
        """Another PIN, or none any more; all grants end. `old`: the one so far, which must be
        right; None where that is not asked for. Raises WrongPin, PinWaits."""
        if old is not None and self.is_set:
            await self._check(old, who)
        kept = None if pin is None else await asyncio.to_thread(_kept, pin)
        keep = partial(table.keep_pin, kept=kept, at_ms=at_ms, person=who)
        await self._db.run("keep the PIN", keep)
        self._kept = kept
        self._grants.clear()

    # -- unlocking ---------------------------------------------------------------------------

    def waits(self, who: str) -> None:
        """Raises PinWaits while no PIN of this person is looked at."""
        failures = self._failures.get(who)
        left_s = 0.0 if failures is None else failures.until_s - self._mono()
        if left_s > 0:
            raise PinWaits(f"too many wrong PINs: none is looked at for {left_s:.0f} s", left_s)

    async def unlock(self, pin: str, who: str) -> str:
        """A grant for whoever gives the right PIN. Raises WrongPin, PinWaits, NotPossible."""
        if not self.is_set:
            raise NotPossible(NOT_SET)
        await self._check(pin, who)
        grant = secrets.token_urlsafe(32)
        self._grants[grant] = _Grant(who, self._mono() + IDLE_S)
        while len(self._grants) > GRANTS:
            self._grants.popitem(last=False)
        return grant

    def use(self, grant: str, who: str) -> bool:
        """Whether `who` may command by this grant now; if so it counts for IDLE_S anew."""
        found = self._grants.get(grant)
        if found is None or found.who != who:
            return False
        now_s = self._mono()
        if now_s >= found.until_s:
            del self._grants[grant]
            return False
        found.until_s = now_s + IDLE_S
        self._grants.move_to_end(grant)
        return True

    def demand(self, grant: str, who: str) -> None:
        """Raises PinNeeded when a PIN is set and not given."""
        if self.is_set and not self.use(grant, who):
            raise PinNeeded(NEEDED)

    def lock(self, grant: str, who: str) -> None:
        """A grant ends; one that is over, or somebody else's, is left alone."""
        if self.use(grant, who):
            del self._grants[grant]

    # -- checking ----------------------------------------------------------------------------

    async def _check(self, pin: str, who: str) -> None:
        async with self._one:
            self.waits(who)
            kept = self._kept
            right = kept is None or await asyncio.to_thread(_right, kept, pin)
            if right and kept is self._kept:  # which is no other one meanwhile
                self._failures.pop(who, None)
                return
            wait_s = self._failed(who)
            more = f", and none is looked at for {wait_s:.0f} s" if wait_s else ""
            raise WrongPin(f"that is not the PIN{more}")

    def _failed(self, who: str) -> float:
        """Count a wrong PIN; for how long none of this person is looked at."""
        now_s = self._mono()
        failures = self._failures.pop(who, None)
        if failures is None or now_s - failures.last_s > FORGET_S:
            failures = _Failures(0, now_s, 0.0)
        failures.count += 1
        failures.last_s = now_s
        if failures.count >= FREE:
            longer = FIRST_WAIT_S * 2.0 ** min(failures.count - FREE, 10)
            failures.until_s = now_s + min(LONGEST_WAIT_S, longer)
        self._failures[who] = failures
        while len(self._failures) > PERSONS:
            self._failures.popitem(last=False)
        self.wrong += 1
        if failures.count == FREE:
            log.warning(
                "{person} gives wrong PINs, {wrong} since the start: is it who it should be?",
                person=who,
                wrong=self.wrong,
            )
        return max(0.0, failures.until_s - now_s)


def _kept(pin: str) -> Kept:
    salt = secrets.token_bytes(SALT_BYTES)
    return Kept(salt, _hash(pin, salt))


def _right(kept: Kept, pin: str) -> bool:
    return hmac.compare_digest(kept.hash, _hash(pin, kept.salt))


def _hash(pin: str, salt: bytes) -> bytes:
    """16 MiB and a twentieth of a second of an N100."""
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1)
