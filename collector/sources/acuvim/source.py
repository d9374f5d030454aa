"""One ACUVIM meter: probed, scaled by its own settings, read once per interval."""

from collections.abc import Callable, Mapping

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.sources.acuvim.check import EnergyCheck, Hint, Zeros, direction, plausibility
from collector.sources.acuvim.decode import ENERGIES, Values, decode_block, readings
from collector.sources.acuvim.probe import Probed, forced_family, probe, read_identity
from collector.sources.acuvim.registers import ACUVIM_II, ENERGY_ROLL, Block
from collector.sources.acuvim.settings import Settings, decode_settings
from collector.sources.base import Cell, DeviceImage
from collector.sources.modbus.clock import SYSTEM, Clock
from collector.sources.modbus.errors import IllegalAddress, Refused
from collector.sources.modbus.gateway import Gateway, Gateways, Turn
from collector.sources.modbus.poll import Poller
from collector.sources.modbus.steady import Steady
from collector.sources.modbus.words import as_bytes

TIMEOUT_S = 1.5
"""Answers through a WEB module take 0.03–0.2 s; gateways to RS-485 need longer."""
SETTINGS_S = 300.0


class AcuvimSource:
    """Reads the meter that `device` names, through the shared `gateways`."""

    def __init__(self, device: Device, gateways: Gateways, clock: Clock = SYSTEM) -> None:
        self._device = device
        self._gateways = gateways
        self._clock = clock
        self._timeout_s = device.timeout_s or TIMEOUT_S

    async def run(self, image: DeviceImage, ready: Callable[[], None]) -> None:
        """See `collector.sources.base.Source`."""
        device = self._device
        image.reset()
        async with self._gateways.use(device.host, device.port, device.id) as gateway:
            meter = _Meter(device, image, gateway, self._timeout_s, self._clock)
            poller = Poller(
                image,
                "",
                interval_s=device.interval_s,
                timeout_s=self._timeout_s,
                clock=self._clock,
            )
            await poller.run(meter.once, ready)


class _Meter:
    """One run with one meter."""

    def __init__(
        self,
        device: Device,
        image: DeviceImage,
        gateway: Gateway,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self._device = device
        self._kind = device.asset_kind or AssetKind.LOAD
        self._forced = forced_family(device.model)
        self._unit = device.unit
        self._image = image
        self._timeout_s = timeout_s
        self._clock = clock
        self._where = f"{gateway.where} unit {device.unit}"
        self._steady = Steady(gateway, self._check)
        self._probed: Probed | None = None
        self._settings: Settings | None = None
        self._settings_due = 0.0
        self._map = ""
        self._blocks: list[Block] = []
        self._cells: dict[str, Cell] = {}
        self._cells_of = ""
        self._sizes, self._flow = Hint(), Hint()
        self._energy = EnergyCheck(AssetKind.LOAD)
        self._energy_shown = ""
        self._zeros = Zeros()

    async def once(self) -> bool:
        """One poll: everything the meter says now, all of it or nothing. False when it is not to
        be used."""
        values, settings = await self._steady.run(self._read)
        if self._zeros.take(self._clock.mono(), values):
            self._image.drop("null frame", f"{self._where}: all zero, energies too")
            return False
        for key, value in readings(self._kind, settings.wiring, values):
            self._image.put("", key, value)
        self._write_counters(values, settings)
        self._write_raw(values)
        self._hint(values, settings)
        return True

    # -- who it is, and how it is set --------------------------------------------------------

    async def _check(self, turn: Turn) -> None:
        """Who answers on this connection? Before anything of it is used."""
        self._settings_due = 0.0
        known = self._probed
        if known is not None:
            if known.identity is None:
                return  # it cannot say who it is
            if await read_identity(turn, self._unit, self._timeout_s) == known.identity:
                return
        probed = await probe(turn, self._unit, self._forced, self._timeout_s)
        self._image.identify(probed.identity or Identity(serial=""))
        family = probed.family
        model = probed.identity.model if probed.identity else family.name
        serial = probed.identity.serial if probed.identity else ""
        self._measures(self._image.declare("", self._kind, model=model, serial=serial))
        if self._probed is None or self._probed.family is not family:
            self._blocks = list(family.blocks or family.spare)
            self._map = family.name
        if self._cells_of != model:
            self._end_raw()
            self._cells_of = model
        self._probed = probed

    def _measures(self, kind: AssetKind) -> None:
        """What it measures in the end: the registry may give the asset another kind."""
        if kind not in ENERGIES:
            raise BadDevice(
                f"An ACUVIM measures no {kind.value}. Set the asset_kind of {self._device.id} to "
                "load, generator, grid or pv."
            )
        self._kind = kind
        self._energy = EnergyCheck(kind)

    async def _read_settings(self, turn: Turn, probed: Probed) -> Settings:
        address, count = probed.family.settings
        try:
            registers = await turn.read(self._unit, address, count, timeout_s=self._timeout_s)
        except Refused as error:
            if not error.lasting:
                raise
            raise BadDevice(
                f"{self._where} does not tell its PT/CT settings, without which its values may "
                f"be wrong by the ratio. {error} If it is the other family, set model to II or L."
            ) from None
        settings = decode_settings(probed.family, registers, self._where)
        before, self._settings = self._settings, settings
        if before is not None and before.text != settings.text:
            changed = f"The meter was set anew: {settings.text} (before: {before.text})."
            self._image.note("", "settings", changed)
            self._energy = EnergyCheck(self._kind)
        convention = "IEEE sign convention: the signs of var may be reversed." * settings.ieee
        self._image.note("", "convention", convention)
        self._settings_due = self._clock.mono() + SETTINGS_S
        return settings

    # -- one poll ----------------------------------------------------------------------------

    async def _read(self, turn: Turn) -> tuple[dict[str, float | None], Settings]:
        probed = self._probed
        if probed is None:
            raise BadDevice(f"{self._where} was not probed")
        settings = self._settings
        if settings is None or self._clock.mono() >= self._settings_due:
            settings = await self._read_settings(turn, probed)
        values: dict[str, float | None] = {}
        for block in tuple(self._blocks):
            try:
                values |= await self._read_block(turn, block, settings)
            except IllegalAddress as error:
                if not self._without(block):
                    raise
                self._image.drop("not in this meter", str(error))
                return await self._read(turn)
        return values, settings

    async def _read_block(
        self, turn: Turn, block: Block, settings: Settings
    ) -> dict[str, float | None]:
        registers = await turn.read(
            self._unit, block.address, block.size, timeout_s=self._timeout_s
        )
        return decode_block(block, as_bytes(registers), settings)

    def _without(self, block: Block) -> bool:
        """Go on without a block that this meter refuses; False when it cannot be done without."""
        if block in ACUVIM_II.blocks:
            self._blocks = list(ACUVIM_II.spare)
            return True
        if block.floats:
            return False
        self._blocks.remove(block)
        return True

    def _write_counters(self, values: Values, settings: Settings) -> None:
        for measurement, register in ENERGIES[self._kind]:
            if register in values:
                self._image.put_counter(
                    "",
                    measurement,
                    values[register],
                    path=f"{self._map} {register} x{settings.kwh_per_count:g}",
                    modulus=ENERGY_ROLL * settings.kwh_per_count,
                )

    def _write_raw(self, values: Values) -> None:
        labels: Mapping[str, str] = {"unit": str(self._unit), "model": self._cells_of}
        for name, value in values.items():
            cell = self._cells.get(name)
            if cell is None:
                cell = self._cells[name] = self._image.cell(f"acuvim_{name}", labels)
            if value is None:
                cell.clear()
            else:
                cell.set(value)

    def _end_raw(self) -> None:
        for cell in self._cells.values():
            cell.clear()
        self._cells = {}

    def _hint(self, values: Values, settings: Settings) -> None:
        if self._sizes.take(plausibility(values, settings)):
            self._image.note("", "plausibility", self._sizes.shown)
        if self._flow.take(direction(self._kind, values, settings)):
            self._image.note("", "direction", self._flow.shown)
        self._energy.take(self._clock.mono(), values, settings)
        if self._energy.text != self._energy_shown:
            self._energy_shown = self._energy.text
            self._image.note("", "energy", self._energy_shown)
