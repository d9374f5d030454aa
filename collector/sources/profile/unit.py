"""One run with one Modbus unit: who it is, what it has, and its polls."""

from collections.abc import Callable, Iterable, Mapping

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.model.reading import Identity
from collector.profiles.items import GUARD, Item
from collector.profiles.plan import Request, plan
from collector.profiles.profile import Profile
from collector.profiles.program import Program
from collector.profiles.registers import Decoder, Reader, reader
from collector.profiles.who import connect_slots, counts_of, identity_of, identity_slots
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.errors import BadFrame, NoAnswer, Refused
from collector.sources.modbus.gateway import Gateway, Turn
from collector.sources.modbus.steady import Steady
from collector.sources.modbus.sunspec import MapShift
from collector.sources.profile.chain import chain_of, header
from collector.sources.profile.lacks import Lacks
from collector.sources.profile.learn import Finds, search
from collector.sources.profile.writer import Writer

AGAIN_S = 300.0
"""How long what was read at connect holds for a device that is connected to for each poll."""


Listen = Callable[[Mapping[tuple[int, int], int]], None]


class ModbusUnit:
    """Reads `device` by `profile`; `once` is one poll."""

    def __init__(
        self,
        device: Device,
        profile: Profile,
        image: DeviceImage,
        gateway: Gateway,
        timeout_s: float,
        clock: Clock,
        heard: Listen | None = None,
    ) -> None:
        """`heard` is told every register that is read, by function and address."""
        self.met = False
        """Whether it has ever been polled well."""
        self._unit = device.unit
        self._heard = heard
        self._profile = profile
        self._modbus = profile.table.modbus
        self._image = image
        self._timeout_s = timeout_s
        self._mono = clock.mono
        self._where = f"{gateway.where} unit {device.unit}"
        self._steady = Steady(gateway, self._check)
        self._writer = Writer(device, profile, image, {"unit": str(device.unit)})
        self._adopt(Program(profile))
        self._identity: Identity | None = None
        self._checked_s = float("-inf")
        self._lacks = Lacks(profile, image)
        self._active: tuple[bool, ...] = ()
        self._whole = True
        self._fresh: set[int] = set()
        """Slots that were read since the program last ran."""

    def _adopt(self, program: Program) -> None:
        self._program = program
        self._decoder = Decoder(program.items, self._modbus)
        self._jobs: list[_Job] = []
        self._guards = [item for item in program.items if item.name.startswith(GUARD)]

    @property
    def program(self) -> Program:
        """What it makes of what was read."""
        return self._program

    # -- one poll ----------------------------------------------------------------------------

    async def once(self) -> bool:
        """One poll: everything that is due, all of it or nothing."""
        await self._steady.run(self._read)
        program = self._program
        touched = program.run(None if self._whole else frozenset(self._fresh))
        self._whole = False
        self._fresh.clear()
        if counts_of(program) != program.counts:
            self._steady.doubt()
            self._checked_s = float("-inf")
        if self._conditions() != self._active:
            self._replan()
        self._writer.write(touched)
        self._image.alive()
        self.met = True
        return True

    async def _read(self, turn: Turn) -> None:
        """Read what is due."""
        now = self._mono()
        learned = self._lacks.learned
        for job in self._jobs:
            if now < job.due_s:
                continue
            await turn.give_way()
            await self._learn(turn, job)
            self._fresh.update(job.slots)
            job.due_s = now + job.request.rhythm.every_s
        self._check_models()
        await self._lacks.confirm(now, lambda request: self._take(turn, self._job(request)))
        if self._lacks.learned != learned:
            self._replan()
            self._show()
        if self._modbus.exclusive:
            turn.hang_up()

    def _job(self, request: Request) -> "_Job":
        return _Job(request, reader(request, self._program.items, self._modbus))

    async def _take(self, turn: Turn, job: "_Job") -> None:
        """Ask, and take the answer apart."""
        request = job.request
        registers = await self._ask(turn, request)
        if self._heard is not None:
            self._heard({(request.function, request.start + i): r for i, r in enumerate(registers)})
        self._decoder.take(job.reader, registers, self._program.raws)

    async def _ask(self, turn: Turn, request: Request) -> list[int]:
        left = self._modbus.retries
        while True:
            try:
                return await turn.read(
                    self._unit,
                    request.start,
                    request.size,
                    function=request.function,
                    timeout_s=self._timeout_s,
                )
            except Refused:
                if self._modbus.reconnect_on_error:
                    turn.hang_up()
                raise
            except (NoAnswer, BadFrame):
                if not left:
                    raise
                left -= 1

    def _check_models(self) -> None:
        for item in self._guards:
            told = self._program.raws[item.slot]
            if told is not None and told != header(item, self._chain):
                self._steady.doubt()
                self._checked_s = float("-inf")
                raise MapShift(
                    f"{self._where}: {item.name[1:]} no longer stands where it did. Its settings "
                    "were changed; its map is read again."
                )

    # -- what it does not have ---------------------------------------------------------------

    async def _learn(self, turn: Turn, job: "_Job") -> None:
        """Read a request; what the device does not have is found out, and left out from now on."""
        request = job.request
        try:
            await self._take(turn, job)
        except Refused as error:
            if not error.lasting:
                raise

            async def take(part: Request) -> None:
                await turn.give_way()
                await self._take(turn, self._job(part))

            self._miss(await search(request, error.code, take), error)

    def _miss(self, finds: Finds, error: Refused) -> None:
        for slot in {part.slot for request in finds.lost for part in request.parts}:
            self._program.raws[slot] = None
        if finds.lost:
            self._image.drop("not in this device", str(error))
        if not self._lacks.add(finds, self._wanted(), self._mono()):
            raise BadDevice(
                f"{self._where} has no register of the profile {self._profile.name}. "
                "Check unit and profile: ovr read shows what it says."
            ) from error

    def _wanted(self) -> list[Item]:
        return [item for item in self._program.items if item.pieces and not item.hidden]

    # -- who it is ---------------------------------------------------------------------------

    async def _check(self, turn: Turn) -> None:
        """Who answers on this connection, and what has it? Before anything of it is used."""
        if self._modbus.exclusive and self._mono() < self._checked_s + AGAIN_S:
            known = self._identity
            await self._read_slots(turn, identity_slots(self._program))
            self._program.run()
            if identity_of(self._program) == known:
                return
        await self._survey(turn)
        before, identity = self._identity, identity_of(self._program)
        self._image.identify(identity)
        self._identity = identity
        self._checked_s = self._mono()
        self._lacks.meet(before, identity)
        self._show()
        self._jobs = []
        self._replan()
        self._whole = True

    async def _survey(self, turn: Turn) -> None:
        """Read what is read at connect only, and what the number of repetitions depends on."""
        self._chain = await chain_of(turn, self._unit, self._profile, self._timeout_s)
        counts: dict[str, int] = {}
        while True:
            self._adopt(Program(self._profile, counts, self._chain))
            await self._read_connect(turn)
            told = counts_of(self._program)
            if told == counts or not set(told) - set(counts):
                return
            counts = told

    async def _read_connect(self, turn: Turn) -> None:
        """What is read at connect; what has a condition once that holds, and never otherwise: the
        other families of a profile have other registers."""
        program, read = self._program, frozenset[int]()
        while True:
            wanted = {s for s in connect_slots(program) if program.wanted(program.steps[s])}
            if wanted <= read:
                return
            await self._read_slots(turn, frozenset(wanted - read))
            program.run()
            read |= wanted

    async def _read_slots(self, turn: Turn, slots: frozenset[int]) -> None:
        items = [item for item in self._program.items if item.slot in slots]
        for request in self._plan(items):
            await self._learn(turn, self._job(request))
        self._check_models()

    def _show(self) -> None:
        """Tell the writer which slots this device has: what is read, and all that is computed."""
        if self._identity is None:
            return
        read = len(self._program.items)
        slots = [item.slot for item in self._wanted() if not self._lacks.learned.lacks(item)]
        computed = range(read, len(self._program.steps))
        self._writer.begin(self._program, self._identity, (*slots, *computed))

    # -- the plan ----------------------------------------------------------------------------

    def _conditions(self) -> tuple[bool, ...]:
        read = self._program.steps[: len(self._program.items)]
        return tuple(self._program.wanted(step) for step in read)

    def _replan(self) -> None:
        """The requests of a poll, for what is wanted as things stand now."""
        self._active = self._conditions()
        items = [
            item
            for item, wanted in zip(self._program.items, self._active, strict=True)
            if wanted and not item.rhythm.once
        ]
        known = {job.request: job for job in self._jobs}
        self._jobs = [known.get(r) or self._job(r) for r in self._plan(items)]

    def _plan(self, items: Iterable[Item]) -> tuple[Request, ...]:
        return plan(items, self._modbus, self._profile.table.block, self._lacks.learned)


class _Job:
    """A request of each poll, and when it is due again."""

    __slots__ = ("due_s", "reader", "request", "slots")

    def __init__(self, request: Request, told: Reader) -> None:
        self.request = request
        self.reader = told
        self.slots = frozenset(part.slot for part in request.parts)
        self.due_s = float("-inf")
