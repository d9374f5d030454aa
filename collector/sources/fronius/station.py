"""Reads one unit and writes it into the image as the asset of one role."""

from collections.abc import Collection, Mapping

from collector.errors import BadDevice, SourceError
from collector.model.assets import Device, asset_id
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.model.text import clean
from collector.sources.base import DeviceImage
from collector.sources.fronius import events, models
from collector.sources.fronius import readings as convert
from collector.sources.fronius.raw import RawSeries
from collector.sources.fronius.rest import at_rest
from collector.sources.fronius.unit import AnothersAnswer, Unit
from collector.sources.fronius.writer import Complaints, Storage, Writer
from collector.sources.modbus.clock import Clock
from collector.sources.modbus.errors import IllegalAddress
from collector.sources.modbus.gateway import Gateway, Turn
from collector.sources.modbus.steady import Steady
from collector.sources.modbus.sunspec import Decoded, MapShift, decode

SLOW_S = 60.0
OUT_OF_RANGE = 2.0
"""An inverter that tells more than this many times its rating tells nonsense."""
PRIMARY = "meter"


class Unreadable(SourceError):
    """A unit that was read before shows no SunSpec map now."""

    reason = "no map"


class NoValues(SourceError):
    """An inverter whose every value is *not available*: its gateway answers in its place."""

    reason = "no values"


class Station:
    """A unit and its role: "" for the device's main asset, else a smart meter's."""

    def __init__(
        self,
        image: DeviceImage,
        device: Device,
        role: str,
        gateway: Gateway,
        unit: Unit,
        clock: Clock,
        complaints: Complaints,
    ) -> None:
        self._image = image
        self._device = device
        self.role = role
        self._gateway = gateway
        self.unit = unit
        self._clock = clock
        self._complaints = complaints
        self._steady = Steady(gateway, self._check)
        self._writer = Writer(image, role)
        self._storage = Storage(image, self._writer, device.name or device.id)
        self._raw: RawSeries | None = None
        self._raw_key: tuple[str, int] | None = None
        self._slow_due = 0.0
        self._rated_w: float | None = None
        self._wide_energy = False
        self.resting = False
        """At the last good poll the inverter delivered nothing, or next to nothing."""
        self.power_w: float | None = None
        """What it said last."""
        self.heard = False
        """It said something that is used, and was not silent since."""

    @property
    def kind(self) -> AssetKind:
        """Of the asset, once it was declared."""
        return self._writer.kind

    @property
    def told(self) -> Collection[str]:
        """The keys of its readings."""
        return self._writer.told

    @property
    def hybrid(self) -> bool:
        """Whether a battery was seen behind it."""
        return self._storage.seen

    async def once(self) -> bool:
        """One poll; False when the unit said something that is not to be used. Raises NoValues,
        Unreadable, and what reading raises."""
        try:
            blocks = await self._steady.run(self._fetch)
        except (MapShift, IllegalAddress) as error:
            self._image.drop(error.reason, str(error))
            self.unit.forget()
            self._steady.doubt()
            blocks = await self._steady.run(self._fetch)
        except AnothersAnswer:
            self._steady.doubt()
            raise
        told, names = _decoded(blocks)
        main = told[self.unit.model]
        nameplate = told.get(models.NAMEPLATE)
        if nameplate is not None:
            self._rated_w = nameplate.values["WRtg"]
        if not self._usable(main):
            return False
        if self.unit.is_meter:
            self._write_meter(main)
        else:
            self._write_inverter(told, names)
        self.power_w, self.heard = main.values["W"], True
        if self._raw is not None:
            self._raw.write(told)
        return True

    def silent(self) -> None:
        """The unit is known to say nothing now: its raw series end, and it complains of nothing."""
        self.heard = False
        self.unit.forget()
        self._steady.doubt()
        self._complaints.say(self.role, ())
        if self._raw is not None:
            self._raw.clear()

    def asleep(self) -> None:
        """The inverter is known to sleep behind its gateway: it delivers nothing, and nothing else
        is known of it. What it has counted stays."""
        self.silent()
        self._writer.declare(self._asset_kind())
        self._writer.asleep()

    def claims(self) -> bool:
        """Whether the unit that was opened is read by this station and no other, by whatever unit
        id."""
        return self._holder() == self._name

    @property
    def _name(self) -> str:
        return asset_id(self._device.id, self.role)

    def _holder(self) -> str:
        thing = self.unit.who.serial or f"unit {self.unit.number}"
        return self._gateway.claim(thing, self._name)

    async def _fetch(self, turn: Turn) -> Mapping[int, bytes]:
        slow = self._clock.mono() >= self._slow_due
        blocks = await self.unit.fetch(turn, slow=slow)
        if slow:
            self._slow_due = self._clock.mono() + SLOW_S
        return blocks

    async def _check(self, turn: Turn) -> None:
        """Who answers on this connection? Before anything of it is used."""
        if self._raw is not None:
            if await self.unit.same(turn):
                return
            self.unit.forget()
        if self.unit.opened_on != turn.epoch:
            await self._open(turn)
        who = self.unit.who
        self._writer.serial = who.serial
        if not self.role:
            self._image.identify(
                Identity(serial=who.serial, maker=who.maker, model=who.model, firmware=who.version)
            )
        self._claim()
        name = "" if not self.role else f"{self._device.name or self._device.id} {self.role}"
        kind = self._writer.declare(
            self._asset_kind(), name=name, model=f"{who.maker} {who.model}".strip()
        )
        if kind is AssetKind.TANK and self.unit.is_meter:
            raise BadDevice(f"{self.unit.where} is a meter: in the registry it cannot be a tank.")
        self._slow_due = 0.0
        key = (who.serial, self.unit.number)
        if self._raw_key != key:
            self._wide_energy = False
            if self._raw is not None:
                self._raw.clear()
            self._raw_key = key
            self._raw = RawSeries(self._image, {"serial": key[0], "unit": str(key[1])})

    async def _open(self, turn: Turn) -> None:
        try:
            await self.unit.open(turn)
        except BadDevice as error:
            if self._raw is None:
                raise
            raise Unreadable(str(error)) from None

    def _asset_kind(self) -> AssetKind:
        if self.role:
            return AssetKind.GRID if self.role == PRIMARY else AssetKind.LOAD
        return self._device.asset_kind or (AssetKind.GRID if self.unit.is_meter else AssetKind.PV)

    def _claim(self) -> None:
        holder = self._holder()
        if holder != self._name:
            thing = clean(self.unit.who.serial) or f"unit {self.unit.number}"
            raise BadDevice(
                f"{self.unit.where} is {thing}, which device {holder} reads already. "
                "Remove one of the two from the registry."
            )

    def _usable(self, main: Decoded) -> bool:
        if convert.says_nothing(main.values):
            raise NoValues(f"{self.unit.where}: all its values are *not available*.")
        if convert.null_frame(main.values):
            self._image.drop("null frame", f"{self.unit.where}: all zero, volts and hertz too")
            return False
        power = main.values["W"]
        if self._rated_w and power is not None and abs(power) > OUT_OF_RANGE * self._rated_w:
            detail = f"{self.unit.where}: {power:.0f} W of a {self._rated_w:.0f} W inverter"
            self._image.drop("out of range", detail)
            return False
        return True

    def _write_inverter(self, told: Mapping[int, Decoded], names: list[str]) -> None:
        mppt = told.get(models.MPPT)
        battery = convert.battery(told.get(models.STORAGE), mppt, names)
        battery_w = battery.readings.get("battery_power_w") if battery is not None else None
        values = told[self.unit.model].values
        self._writer.put(convert.inverter(self.unit.model, values, battery_w))
        self.resting = at_rest(values, self._rated_w)
        self._count_energy(convert.ac_energy(told, self.unit.model))
        self._storage.write(battery)
        flags = () if mppt is None else [module["DCEvt"] for module in mppt.groups]
        self._complaints.say("", events.inverter("", self.unit.who.model, values, flags))

    def _count_energy(self, energy: convert.Counter | None) -> None:
        """A register that is missing from one answer does not make another one count."""
        if energy is None or (self._wide_energy and energy.path != convert.WIDE_ENERGY):
            return
        self._wide_energy = energy.path == convert.WIDE_ENERGY
        self._writer.count([energy])

    def _write_meter(self, told: Decoded) -> None:
        self._writer.put(convert.meter(self.unit.model, self.kind, told.values))
        self._writer.count(convert.meter_counters(self.unit.model, self.kind, told))
        self._complaints.say(self.role, events.meter(self.role, told.values))


def _decoded(blocks: Mapping[int, bytes]) -> tuple[dict[int, Decoded], list[str]]:
    """All models as numbers, and the names of the MPPT modules."""
    told: dict[int, Decoded] = {}
    names: list[str] = []
    for model, block in blocks.items():
        if model == models.MPPT:
            told[model], names = convert.mppt_modules(block)
        else:
            told[model] = decode(models.LAYOUTS[model], block)
    return told, names
