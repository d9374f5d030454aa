"""One run with one meter: who it is, what it says, and what becomes of it."""

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.sources.acuvim.by_sunspec import ACUREV_1300, SunSpecReader
from collector.sources.acuvim.channels import Channels, ChannelValues
from collector.sources.acuvim.decode import ENERGIES, EnergyMap, Values, readings
from collector.sources.acuvim.hints import Hints, Zeros
from collector.sources.acuvim.nominal import nominal_v
from collector.sources.acuvim.others import ACUDC, ACUREV, DC_ENERGIES, dc_readings
from collector.sources.acuvim.probe import Probed, Prober
from collector.sources.acuvim.raw import Raw
from collector.sources.acuvim.reader import Poll, Reader
from collector.sources.acuvim.registers import Family
from collector.sources.acuvim.settings import Settings
from collector.sources.base import DeviceImage
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.gateway import Gateway, Turn
from collector.sources.modbus.steady import Steady


class Meter:
    """Polled by `once`."""

    def __init__(
        self,
        device: Device,
        image: DeviceImage,
        gateway: Gateway,
        *,
        prober: Prober,
        hints: Hints,
        timeout_s: float,
        clock: Clock,
    ) -> None:
        self._device = device
        self._kind = device.asset_kind or AssetKind.LOAD
        self._image = image
        self._timeout_s = timeout_s
        self._clock = clock
        self._where = f"{gateway.where} unit {device.unit}"
        self._steady = Steady(gateway, self._check)
        self._prober = prober
        self._hints = hints
        self._zeros = Zeros()
        self._raw = Raw(image, device.unit)
        self._probed: Probed | None = None
        self._reader: Reader | SunSpecReader | None = None
        self._channels: Channels | None = None
        self._settings: Settings | None = None
        self._rated: tuple[int, float | None] = (0, None)

    async def once(self) -> bool:
        """One poll: everything the meter says now, all of it or nothing. False when it is not to
        be used."""
        poll, channels = await self._steady.run(self._read)
        values, settings = poll.values, poll.settings
        if self._zeros.take(self._clock.mono(), values):
            self._image.drop("null frame", f"{self._where}: all zero, energies too")
            return False
        self._heed(settings)
        family = self._family
        told = (
            dc_readings(self._kind, values)
            if family is ACUDC
            else readings(self._kind, settings.wiring, values)
        )
        for key, value in told:
            self._image.put("", key, value)
        self._write_counters(family, values, settings)
        self._raw.write(values)
        self._raw.write(poll.slow)
        self._write_channels(channels)
        if family is not ACUDC:
            self._rate(values, settings)
            self._hints.take(self._kind, values, settings, self._clock.mono(), self._note)
        return True

    # -- who it is, and how it is set --------------------------------------------------------

    @property
    def _family(self) -> Family:
        if self._reader is None:
            raise BadDevice(f"{self._where} was not probed")
        return self._reader.family

    def _note(self, topic: str, text: str) -> None:
        self._image.note("", topic, text)

    async def _check(self, turn: Turn) -> None:
        """Who answers on this connection? Before anything of it is used."""
        known = self._probed
        if self._reader is not None:
            self._reader.doubt()
        if known is not None:
            if known.identity is None:
                return  # it cannot say who it is
            if await self._prober.identity(turn, known.family) == known.identity:
                return
        probed = await self._prober.probe(turn)
        self._image.identify(probed.identity or Identity(serial=""))
        family = probed.family
        model = probed.identity.model if probed.identity else family.name
        serial = probed.identity.serial if probed.identity else ""
        self._measures(family, self._image.declare("", self._kind, model=model, serial=serial))
        if self._probed is None or self._probed.family is not family:
            self._reader = self._reader_of(family)
            rev = family is ACUREV
            self._channels = (
                Channels(self._device.unit, self._timeout_s, self._image) if rev else None
            )
        self._raw.of(model)
        self._probed = probed
        self._hints.about(
            f"{model} {serial} {self._kind}", self._energies()[0].register, self._note
        )

    def _reader_of(self, family: Family) -> Reader | SunSpecReader:
        unit, where, timeout_s = self._device.unit, self._where, self._timeout_s
        if family is ACUREV_1300:
            return SunSpecReader(unit, where, timeout_s)
        return Reader(unit, family, self._image, where, timeout_s, self._clock)

    def _measures(self, family: Family, kind: AssetKind) -> None:
        """What it measures in the end: the registry may give the asset another kind."""
        allowed = DC_ENERGIES if family is ACUDC else ENERGIES
        if kind not in allowed:
            words = "load, pv or bess" if family is ACUDC else "load, generator, grid or pv"
            raise BadDevice(
                f"An {family.name} measures no {kind.value}. Set the asset_kind of "
                f"{self._device.id} to {words}."
            )
        self._kind = kind

    def _energies(self) -> tuple[EnergyMap, ...]:
        return (DC_ENERGIES if self._family is ACUDC else ENERGIES)[self._kind]

    def _heed(self, settings: Settings) -> None:
        """Say how the meter is set, and what was changed."""
        before, self._settings = self._settings, settings
        if before is None or before.text != settings.text:
            self._image.remark("", "meter", f"Set to {settings.text}.")
        if before is not None and before.text != settings.text:
            self._note(
                "settings", f"The meter was set anew: {settings.text} (before: {before.text})."
            )
            self._hints.settled_anew(self._energies()[0].register)
        if before is None or before.ieee != settings.ieee:
            convention = "IEEE sign convention: the signs of var may be reversed." * settings.ieee
            self._note("convention", convention)

    def _rate(self, values: Values, settings: Settings) -> None:
        """What its CTs can see bounds what its energy can do, where nobody has said a rating."""
        ct, known_v = self._rated
        if settings.ct_primary_a == ct and known_v is not None:
            return
        volts = nominal_v(values, settings)
        self._rated = (settings.ct_primary_a, volts)
        if settings.ct_primary_a and volts is not None:
            self._image.rate("", ct_primary_a=settings.ct_primary_a, nominal_v=volts)

    # -- one poll ----------------------------------------------------------------------------

    async def _read(self, turn: Turn) -> tuple[Poll, list[ChannelValues]]:
        if self._reader is None:
            raise BadDevice(f"{self._where} was not probed")
        poll = await self._reader.poll(turn)
        return poll, await self._channels.read(turn) if self._channels else []

    def _write_counters(self, family: Family, values: Values, settings: Settings) -> None:
        roll, step = family.energy_roll, settings.kwh_per_count
        for measurement, register in self._energies():
            if register in values:
                self._image.put_counter(
                    "",
                    measurement,
                    values[register],
                    path=f"{family.name} {register}, {settings.text}",
                    modulus=roll * step if roll else None,
                )

    def _write_channels(self, channels: list[ChannelValues]) -> None:
        if self._channels is None:
            return
        self._channels.write(channels, behind=self._kind is AssetKind.LOAD)
        for place, values in enumerate(channels, 1):
            self._raw.write(values, str(place))
