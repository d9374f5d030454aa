"""Writes the smart meters of a Solar API, each as the asset that it is over Modbus too."""

from collector.errors import BadDevice
from collector.model.kinds import AssetKind
from collector.sources.fronius import readings as convert
from collector.sources.fronius.meters import METER
from collector.sources.fronius.solar.means import Means
from collector.sources.fronius.solar.meter import Meter
from collector.sources.fronius.solar.raw import SolarRaw
from collector.sources.fronius.writer import Writer

PRIMARY = "0"
GEN24_METERS, DATAMANAGER_METERS = 200, 240


class Metering:
    """The smart meters of one run."""

    def __init__(self, means: Means, raw: SolarRaw) -> None:
        self._means = means
        self._raw = raw
        self._writers: dict[str, Writer] = {}

    def role(self, meter: Meter, *, gen24: bool) -> str | None:
        """As Modbus has it: the primary one, and further ones by their unit. None where another
        device reads the meter, be it over Modbus, for several inverters share one API; and for one
        that has no number."""
        unit = _unit(meter, gen24=gen24)
        if unit is None:
            return None
        device, means = self._means.device, self._means
        if means.gateways.holder(device.host, device.port, unit) not in ("", device.id):
            return None
        if not means.api.claim(meter.serial or f"meter {meter.number}", device.id):
            return None
        return METER if meter.number == PRIMARY else f"{METER}-{unit}"

    def alone(self, meter: Meter) -> bool:
        """Whether it is the one that the entry's unit names."""
        unit = self._means.device.unit
        return meter.number in (str(unit - GEN24_METERS), str(unit - DATAMANAGER_METERS))

    def write(self, meter: Meter, role: str) -> None:
        """What it says now, as the asset of a role. Raises BadDevice."""
        image = self._means.image
        zero = meter.tells_volts and convert.null_frame(meter.values)
        if zero or convert.says_nothing(meter.values):
            image.drop("null frame", f"meter {meter.number} tells no volts and no power")
            return
        writer = self._writers.get(role)
        if writer is None or writer.serial != meter.serial:
            writer = self._writers[role] = self._declared(meter, role)
        if writer.kind is AssetKind.TANK:
            raise BadDevice(
                f"meter {meter.number}: a smart meter cannot be a tank in the registry."
            )
        writer.put(convert.meter(meter.model, writer.kind, meter.values), sparse=True)
        writer.count(meter.counters(writer.kind))
        self._raw.write("meter", meter.number, meter.serial, meter.raw)
        image.present(role, True)
        image.alive(role)

    def _declared(self, meter: Meter, role: str) -> Writer:
        device = self._means.device
        writer = Writer(self._means.image, role)
        writer.serial = meter.serial
        usual = AssetKind.GRID if meter.number == PRIMARY else AssetKind.LOAD
        said = device.asset_kind if not role else None
        name = f"{device.name or device.id} {role}" if role else ""
        writer.declare(said or meter.kind or usual, name=name, model=meter.name)
        return writer


def _unit(meter: Meter, *, gen24: bool) -> int | None:
    """The Modbus unit of a meter."""
    if not meter.number.isdecimal() or len(meter.number) > 2:
        return None
    return (GEN24_METERS if gen24 else DATAMANAGER_METERS) + int(meter.number)
