"""Writes what a Fronius device says into its image, by whichever way it came."""

from collections.abc import Iterable

from collector.model.alarm import Notice
from collector.model.catalogue import CATALOGUE, KEYS
from collector.model.kinds import AssetKind
from collector.sources.base import DeviceImage
from collector.sources.fronius.readings import ASLEEP, Battery, Counter, Readings

BATTERY = "battery"
"""The role of a hybrid inverter's battery, an asset of its own."""


class Complaints:
    """What the device complains of, put together from its parts. One for each run."""

    def __init__(self, image: DeviceImage) -> None:
        self._image = image
        self._said: dict[str, tuple[Notice, ...]] = {}
        self._told: tuple[Notice, ...] | None = None

    def say(self, part: str, notices: tuple[Notice, ...]) -> None:
        """What one part of the device complains of now, instead of what it did before."""
        self._said[part] = notices
        told = tuple(notice for said in self._said.values() for notice in said)
        if told != self._told:
            self._told = told
            self._image.complains(told)


class Writer:
    """The asset of one role. `serial` is whose registers they are, "" when it cannot be proven."""

    def __init__(self, image: DeviceImage, role: str) -> None:
        self._image = image
        self.role = role
        self.kind = AssetKind.PV
        self.serial = ""
        self.told: set[str] = set()
        """The keys that were put."""

    def declare(self, kind: AssetKind, *, name: str = "", model: str = "") -> AssetKind:
        """The asset is there, of the kind that is returned."""
        self.kind = self._image.declare(self.role, kind, name=name, model=model, serial=self.serial)
        return self.kind

    def put(self, readings: Readings, *, sparse: bool = False) -> None:
        """Readings; what the asset's kind cannot have is left out. `sparse`: so is what has never
        had a value."""
        for key, value in readings.items():
            if sparse and value is None and key not in self.told:
                continue
            if self.kind in KEYS[key].kinds:
                self.told.add(key)
                self._image.put(self.role, key, value)

    def count(self, counters: Iterable[Counter]) -> None:
        """Registers of what `serial` names; what the asset's kind cannot have is left out."""
        for counter in counters:
            if self.kind in CATALOGUE[counter.measurement].kinds:
                self._image.put_counter(
                    self.role,
                    counter.measurement,
                    counter.kwh,
                    path=counter.path,
                    unit=self.serial,
                    modulus=counter.modulus,
                )

    def asleep(self) -> None:
        """Nothing is known but that it sleeps; what it has counted stays."""
        self.put({**dict.fromkeys(self.told), **ASLEEP})


class Storage:
    """The battery behind the inverter of a device: an asset of its own, or readings of the main
    one where the registry calls that a bess."""

    def __init__(self, image: DeviceImage, main: Writer, name: str) -> None:
        self._image = image
        self._main = main
        self._own = Writer(image, BATTERY)
        self._name = name
        self._is: tuple[str, str] | None = None
        self._seen = False

    @property
    def seen(self) -> bool:
        """Whether there was a battery."""
        return self._seen

    def write(self, battery: Battery | None, *, model: str = "", serial: str = "") -> None:
        """What it says now; None: the inverter says that there is none. `serial` is its own."""
        self._seen = self._seen or battery is not None
        if self._main.kind is AssetKind.BESS:
            if battery is not None:
                self._main.put(battery.readings)
                self._main.count(battery.counters)
            return
        if battery is None:
            if self._is is not None:
                self._image.present(BATTERY, False, "the inverter says that it has no battery")
            return
        own = self._own
        if self._is != (model, serial):
            self._is = (model, serial)
            own.serial = serial
            own.declare(AssetKind.BESS, name=f"{self._name} battery", model=model)
        own.serial = self._main.serial
        self._image.present(BATTERY, True)
        own.put(battery.readings)
        own.count(battery.counters)
        self._image.alive(BATTERY)
