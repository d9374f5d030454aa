"""The Solar API beside Modbus: who it says the device is, and on demand whether both agree.

Nothing of it becomes a reading: only raw series, and a hint when both differ for a while.
"""

import asyncio
from collections.abc import Callable, Mapping

from collector.errors import SourceError
from collector.model.assets import Device
from collector.sources.base import DeviceImage
from collector.sources.fronius.solar import answers, identity
from collector.sources.fronius.solar.host import SolarHost
from collector.sources.fronius.solar.means import number_of
from collector.sources.fronius.solar.meter import meters
from collector.sources.fronius.solar.raw import SolarRaw
from collector.sources.fronius.solar.run import COMMON, METERS
from collector.sources.modbus.clock import Clock

EVERY_S = 60.0
NEAR = 0.05
NEAR_W = 200.0
"""Both are asked at different moments: a cloud makes so much."""
TIMES = 5
"""So many comparisons in a row that differ are worth a hint."""
TOPIC = "solar api differs"
DIFFERS = (
    "Its Solar API says {there:.0f} W where Modbus says {here:.0f} W, for {minutes:.0f} min: look "
    "at the inverter's own page which is right."
)

Powers = Callable[[], Mapping[str, float | None]]
"""What Modbus said last, in watts, by the serial number of each unit ("" the main one)."""


class Beside:
    """One run of a device beside its Modbus."""

    def __init__(
        self,
        device: Device,
        image: DeviceImage,
        api: SolarHost,
        clock: Clock,
        limit_s: float,
        powers_w: Powers,
    ) -> None:
        self._unit = number_of(device.unit)
        self._image = image
        self._api = api
        self._clock = clock
        self._limit_s = limit_s
        self._powers_w = powers_w
        self._raw = SolarRaw(image)
        self._differed = 0

    async def forever(self, heard: asyncio.Event, *, check: bool) -> None:
        """Once Modbus has said who the device is (`heard`), keep who the API says it is; then
        compare every minute if `check`. Never ends by itself."""
        await heard.wait()
        await self._keep()
        while check:
            await self._clock.sleep(EVERY_S)
            await self._compare()
        await asyncio.Event().wait()

    async def _keep(self) -> None:
        try:
            await self._api.version(self._limit_s)
            told = await identity.ask(self._api, self._unit, self._limit_s)
        except SourceError:
            return  # it is off, as many are: not asked again in this run
        identity.keep(self._image, told)

    async def _compare(self) -> None:
        try:
            common = await self._api.get(COMMON.format(unit=self._unit), self._limit_s)
            metered = await self._api.get(METERS, self._limit_s)
        except SourceError as error:
            self._raw.clear()
            self._image.drop(getattr(error, "reason", "solar api"), str(error))
            return
        self._raw.write("inverter", self._unit, "", common)
        for meter in meters(metered):
            self._raw.write("meter", meter.number, meter.serial, meter.raw)
        told = answers.inverter(common, {}, None)
        self._judge(self._powers_w().get(""), told.values["W"])

    def _judge(self, here: float | None, there: float | None) -> None:
        if here is None or there is None:
            return
        apart = abs(here - there) > NEAR * max(abs(here), abs(there)) + NEAR_W
        self._differed = self._differed + 1 if apart else 0
        text = ""
        if self._differed >= TIMES:
            minutes = self._differed * EVERY_S / 60
            text = DIFFERS.format(there=there, here=here, minutes=minutes)
        self._image.note("", TOPIC, text)
