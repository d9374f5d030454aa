"""Whether the node's clock has been confirmed since the boot, and what follows from it.

A node may start with any time: a battery-backed clock that ran off, none at all. Until NTP, a GX's
clock, a person or `trust_clock` of node.toml has confirmed it once, ticks are stamped with the
steady time of this boot, the journal holds them back, and no event may start.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import structlog

from collector.app import kernel
from collector.app.recorder import Stamp
from collector.errors import BadClock, JournalError
from collector.journal.store import Journal, wall_ms
from collector.model.text import clean
from collector.site.witness import NOT_BEFORE_MS, Witness, heard

LOOK_S = 1.0
SECOND = 1000
NAME_LENGTH = 80

log = structlog.get_logger("clock")


class Kernel(NamedTuple):
    """What is asked of the system; times in ms."""

    boot: str
    wall_ms: Callable[[], int]
    steady_ms: Callable[[], int]
    synchronised: Callable[[], bool]


def this_system() -> Kernel:
    """The machine that the program runs on."""
    return Kernel(kernel.boot_id(), wall_ms, kernel.steady_ms, kernel.synchronised)


class NodeClock:
    """The node's clock. `begin` it before the first tick, and `run` it.

    `trusted` names why the clock needs no confirmation ("trusted", "simulated"); empty: it does.
    `confirmed` turns true once and stays; `how` says what confirmed it. `told_ms` of
    `on_confirmed` is the time of the newest tick: later ones must be above it.
    """

    def __init__(
        self, journal: Journal, *, trusted: str = "", system: Kernel | None = None
    ) -> None:
        self._journal = journal
        self._trusted = trusted
        self._system = system or this_system()
        self._witnesses: dict[str, Witness] = {}
        self._cause = ""
        self._mono_ms = 0
        self._phase_ms = 0
        self.how = journal.confirmed_by(self._system.boot)
        self.on_confirmed: Callable[[int], None] = lambda _last_ms: None

    @property
    def confirmed(self) -> bool:
        """Whether samples may be sent, and events start."""
        return bool(self.how)

    @property
    def word(self) -> str:
        """How the clock is, for people."""
        if self.how in ("trusted", "simulated", ""):
            return self.how or "unconfirmed"
        return f"confirmed by {self.how}"

    # -- the tick

    def stamp(self, late_ms: float) -> Stamp | None:
        """What a tick of now carries, which comes `late_ms` late; None: its time is right."""
        if self.confirmed:
            return None
        due_ms = self._system.steady_ms() - late_ms
        whole_ms = max(round(due_ms / SECOND) * SECOND, self._mono_ms + SECOND)
        self._mono_ms = whole_ms
        self._phase_ms = round(whole_ms - due_ms)
        return Stamp(self._system.boot, whole_ms)

    # -- evidence

    def told(self, device: str, device_ms: int) -> None:
        """A device has told its UTC time."""
        if not self.confirmed:
            self._witnesses[device] = heard(
                self._witnesses.get(device),
                device_ms,
                self._system.wall_ms(),
                self._system.steady_ms(),
            )

    def _evidence(self) -> str:
        """What confirms the clock now; empty: nothing does."""
        now_ms = self._system.wall_ms()
        if now_ms < NOT_BEFORE_MS:
            return ""
        if self._trusted:
            return self._trusted
        if self._system.synchronised():
            return "NTP"
        if now_ms <= self._journal.last_ms:
            return ""  # samples are from later: two clocks that are wrong prove nothing
        steady_ms = self._system.steady_ms()
        agreeing = [name for name, one in self._witnesses.items() if one.agrees(steady_ms)]
        return f"GX {agreeing[0]}" if agreeing else ""

    # -- life

    async def begin(self) -> None:
        """Look before the first tick; what cannot be written is tried again by `run`.

        An earlier run of this boot may have stamped ticks: steady times rise from the last one.
        """
        newest = self._journal.newest
        for batch in await self._journal.read(newest, newest, max_samples=1, unconfirmed=True):
            if batch.boot == self._system.boot:
                self._mono_ms = batch.mono_ms
        await self._look()

    async def run(self) -> None:
        """Look once a second until the clock is confirmed."""
        while not self.confirmed:
            await asyncio.sleep(LOOK_S)
            await self._look()

    async def _look(self) -> None:
        evidence = "" if self.confirmed else self._evidence()
        if not evidence:
            return
        try:
            await self._confirm(evidence)
        except JournalError as error:
            if not self._cause:
                log.warning(
                    "The clock is right, but that cannot be kept; samples wait", cause=str(error)
                )
            self._cause = str(error)

    async def confirm(self, person: str) -> None:
        """A person says that the node's clock, as it is now, is right.

        Whoever calls this keeps who it was. Raises BadClock for a time that cannot be, and
        JournalError when it cannot be noted.
        """
        if self._system.wall_ms() < NOT_BEFORE_MS:
            raise BadClock("the clock was reset: set date and time of the node first")
        if not self.confirmed:
            await self._confirm(clean(person)[:NAME_LENGTH] or "a person")

    async def _confirm(self, how: str) -> None:
        system = self._system
        now_ms = system.wall_ms()
        exact_ms = now_ms - system.steady_ms() - self._phase_ms
        offset_ms = round(exact_ms / SECOND) * SECOND
        offset_ms = await self._journal.confirm(system.boot, offset_ms, how, now_ms=now_ms)
        if self.confirmed:
            return
        self.how = self._journal.confirmed_by(system.boot)
        self._witnesses.clear()
        self._cause = ""
        last_ms = self._mono_ms + offset_ms if self._mono_ms else 0
        log.info("The clock is confirmed by {by}.", by=self.how)
        self.on_confirmed(max(last_ms, self._journal.last_ms))

    # -- for people

    def problem(self) -> str:
        """What it means that the clock is not confirmed, and what to do; empty when it is."""
        if self.confirmed:
            return ""
        now = datetime.fromtimestamp(self._system.wall_ms() / 1000, UTC)
        steady_ms = self._system.steady_ms()
        differing = "".join(
            f"; {name}'s clock is {_span(one.ahead_ms)} it"
            for name, one in sorted(self._witnesses.items())
            if one.differs(steady_ms)
        )
        cannot = f"; it cannot be noted: {self._cause}" if self._cause else ""
        return (
            f"nobody has confirmed the clock since this node was switched on ({now:%Y-%m-%d %H:%M} "
            f"UTC{differing}{cannot}): samples are kept and not sent, events cannot start; connect "
            "it to NTP or a GX that knows the time, or set the clock and say `ovr clock confirm` "
            "(in the console: h, 4, C)"
        )


def _span(ahead_ms: int) -> str:
    seconds = abs(ahead_ms) // 1000
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    long = f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else ""
    text = long or (f"{minutes} min {rest % 60} s" if minutes else f"{seconds} s")
    return f"{text} {'ahead of' if ahead_ms > 0 else 'behind'}"
