"""One run with one Modbus unit: who it is, what it has, and its polls."""

from collections.abc import Callable, Iterable, Mapping

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.model.reading import Identity
from collector.model.text import clean
from collector.profiles.items import GUARD, Chain, Item, Placed
from collector.profiles.plan import NOTHING, Learned, Request, plan
from collector.profiles.profile import Profile
from collector.profiles.program import Program
from collector.profiles.registers import Decoder, Reader, reader
from collector.profiles.who import connect_slots, counts_of, identity_of, identity_slots
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.errors import BadFrame, NoAnswer, Refused
from collector.sources.modbus.gateway import Gateway, Turn
from collector.sources.modbus.steady import Steady
from collector.sources.modbus.sunspec import MapShift, walk
from collector.sources.profile.learn import CONFIRM_S, Finds, as_text, confirm, from_text, search
from collector.sources.profile.writer import Writer

AGAIN_S = 300.0
"""How long what was read at connect holds for a device that is connected to for each poll."""
NAMED = 8


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
        self._unit = device.unit
        self._heard = heard
        self._profile = profile
        self._modbus = profile.table.modbus
        self._image = image
        self._timeout_s = timeout_s
        self._mono = clock.mono
        self._where = f"{gateway.where} unit {device.unit}"
        self._steady = Steady(gateway, self._check)
        labels = {"unit": str(device.unit)}
        self._writer = Writer(device, profile, image, labels)
        self._adopt(Program(profile))
        self._identity: Identity | None = None
        self._checked_s = float("-inf")
        self._learned = NOTHING
        self._lost: list[Request] = []
        self._confirm_s: float | None = None
        self._requests: tuple[Request, ...] = ()
        self._due_s: dict[Request, float] = {}
        self._active: tuple[bool, ...] = ()
        self._whole = True
        self._fresh: set[int] = set()
        """Slots that were read since the program last ran."""

    def _adopt(self, program: Program) -> None:
        self._program = program
        self._decoder = Decoder(program.items, self._modbus)
        self._readers: dict[Request, Reader] = {}
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
        return True

    async def _read(self, turn: Turn) -> None:
        """Read what is due."""
        now = self._mono()
        learned = self._learned
        for request in self._requests:
            if now < self._due_s.get(request, now):
                continue
            await turn.give_way()
            await self._learn(turn, request)
            self._fresh.update(part.slot for part in request.parts)
            self._due_s[request] = now + request.rhythm.every_s
        self._check_models()
        if self._confirm_s is not None and now >= self._confirm_s:
            await self._remember(turn)
        if self._learned != learned:
            self._replan()
        if self._modbus.exclusive:
            turn.hang_up()

    async def _take(self, turn: Turn, request: Request) -> None:
        """Ask, and take the answer apart."""
        told = self._readers.get(request)
        if told is None:
            told = reader(request, self._program.items, self._modbus)
            self._readers[request] = told
        registers = await self._ask(turn, request)
        if self._heard is not None:
            self._heard({(request.function, request.start + i): r for i, r in enumerate(registers)})
        self._decoder.take(told, registers, self._program.raws)

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
            if told is not None and told != _header(item, self._chain):
                self._steady.doubt()
                self._checked_s = float("-inf")
                raise MapShift(
                    f"{self._where}: {item.name[1:]} no longer stands where it did. Its settings "
                    "were changed; its map is read again."
                )

    # -- what it does not have ---------------------------------------------------------------

    async def _learn(self, turn: Turn, request: Request) -> None:
        """Read a request; what the device does not have is found out, and left out from now on."""
        try:
            await self._take(turn, request)
        except Refused as error:
            if not error.lasting or (request.exact and not request.optional):
                raise

            async def take(part: Request) -> None:
                await turn.give_way()
                await self._take(turn, part)

            finds = await search(request, error.code, take)
            self._miss(finds, error)

    def _miss(self, finds: Finds, error: Refused) -> None:
        self._learned = finds.learned(self._learned)
        self._lost += finds.lost
        self._confirm_s = self._mono() + CONFIRM_S
        slots = {part.slot for request in finds.lost for part in request.parts}
        for slot in slots:
            self._program.raws[slot] = None
        if finds.lost:
            self._image.drop("not in this device", str(error))
        lacking = [item for item in self._wanted() if self._learned.lacks(item)]
        if len(lacking) == len(self._wanted()):
            self._learned, self._lost = NOTHING, []
            raise BadDevice(
                f"{self._where} has no register of the profile {self._profile.name}. "
                "Check unit and profile: ovr read shows what it says."
            ) from error
        names = [item.name for item in lacking if not item.optional and not item.hidden]
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        text = f"The device does not have: {', '.join(names[:NAMED])}{more}." if names else ""
        self._image.note("", "registers", text)

    async def _remember(self, turn: Turn) -> None:
        """What was refused a minute ago is asked for once more: then it is kept, or tried again."""
        self._confirm_s = None

        async def take(request: Request) -> None:
            await self._take(turn, request)

        if await confirm(self._lost, take):
            self._image.pin(self._fact(), as_text(self._learned))
        else:
            self._learned = NOTHING
            self._image.note("", "registers", "")
        self._lost = []

    def _fact(self) -> str:
        """Under what the missing registers are kept: another firmware may have others."""
        firmware = self._identity.firmware if self._identity else ""
        return clean(f"registers {self._profile.name} {self._profile.revision[:12]} {firmware}")

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
        if before is not None and before != identity:
            self._learned, self._lost, self._confirm_s = NOTHING, [], None
        self._checked_s = self._mono()
        kept = from_text(self._image.pinned(self._fact()))
        self._learned = Learned(
            self._learned.missing | kept.missing, self._learned.cuts | kept.cuts
        )
        self._writer.begin(self._program, identity, self._shown())
        self._replan()
        self._due_s = {}
        self._whole = True

    async def _survey(self, turn: Turn) -> None:
        """Read what is read at connect only, and what the number of repetitions depends on."""
        self._chain = await self._walk(turn)
        counts: dict[str, int] = {}
        while True:
            self._adopt(Program(self._profile, counts, self._chain))
            await self._read_slots(turn, connect_slots(self._program))
            self._program.run()
            told = counts_of(self._program)
            if told == counts or not set(told) - set(counts):
                return
            counts = told

    async def _walk(self, turn: Turn) -> Chain:
        sunspec = self._profile.table.sunspec
        if sunspec is None:
            return {}
        base = self._modbus.address_base
        bases = [address - base for address in sunspec.base]
        models = await walk(turn, self._unit, timeout_s=self._timeout_s, bases=bases)
        chain: dict[int, Placed] = {}
        for model in models:
            chain.setdefault(model.id, Placed(model.address, model.length))
        if sunspec.models and not set(sunspec.models) & set(chain):
            named = ", ".join(map(str, sunspec.models))
            raise BadDevice(
                f"{self._where} has none of the SunSpec models {named}, which the profile "
                f"{self._profile.name} is for: check unit and profile."
            )
        return chain

    async def _read_slots(self, turn: Turn, slots: frozenset[int]) -> None:
        items = [item for item in self._program.items if item.slot in slots]
        for request in plan(items, self._modbus, self._profile.table.block, self._learned):
            await self._learn(turn, request)
        self._check_models()

    def _shown(self) -> Iterable[int]:
        """The slots that this device has: what is read, and everything that is computed."""
        items = self._program.items
        for step in self._program.steps:
            if step.slot >= len(items) or (items[step.slot].pieces and not items[step.slot].hidden):
                yield step.slot

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
        before = self._due_s
        self._requests = plan(items, self._modbus, self._profile.table.block, self._learned)
        self._due_s = {r: before[r] for r in self._requests if r in before}


def _header(item: Item, chain: Chain) -> int:
    """What a model's id and length are together."""
    model = item.point.model or 0
    return model << 16 | chain[model].length
