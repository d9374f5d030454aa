"""Who answers as a Solar API: is it the device that is expected?

SunSpec tells a serial number. The Solar API tells it of the devices that are awake
(GetActiveDeviceInfo), and an id of its own kind (GetInverterInfo), which is not the same number
for all of them. So the id is kept while Modbus says who the device is, and proves it later. Only a
number of SunSpec's form is compared with SunSpec's; an API that says nothing comparable proves
nothing, and makes nobody a wrong device.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from collector.sources.base import DeviceImage
from collector.sources.fronius.solar import answers
from collector.sources.fronius.solar.host import ApiError, SolarHost

SOLAR_ID = "solar_id"
"""The pinned fact: what the Solar API called the device while it was known who it is; with the
serial number that it had then behind it, "" where nobody knew one."""
INFO = "GetInverterInfo.cgi"
ACTIVE = "GetActiveDeviceInfo.cgi?DeviceClass=System"

_SERIAL = re.compile(r"\A[0-9]{8}\Z")
"""The form that the serial numbers of Fronius inverters have."""


class Proof(Enum):
    """What the identity of the API is worth."""

    PROVEN = "proven"
    OTHER = "other"
    SILENT = "silent"
    """It says nothing that could be compared."""


class Told(NamedTuple):
    """What an API says of one inverter: its serial number and its own id, "" where it does not."""

    serial: str
    unique: str
    gen24: bool

    @property
    def ids(self) -> frozenset[str]:
        """Everything by which it may be known."""
        return frozenset(each.casefold() for each in (self.serial, self.unique) if each)


def prove(told: Told, expected: str, kept: str) -> Proof:
    """Whether `told` is who is `expected` ("": nobody yet); `kept` is what the API called that
    one before ("": not known)."""
    if expected and expected.casefold() in told.ids:
        return Proof.PROVEN
    if kept:
        if kept.casefold() in told.ids:
            return Proof.PROVEN
        return Proof.OTHER if told.ids else Proof.SILENT
    if not expected:
        return Proof.PROVEN if told.ids else Proof.SILENT
    return Proof.OTHER if serial(told) and _SERIAL.match(expected) else Proof.SILENT


def serial(told: Told) -> str:
    """The serial number that SunSpec would tell; "" where the API does not know it."""
    candidates = (told.serial, told.unique if told.gen24 else "")
    return next((each for each in candidates if _SERIAL.match(each)), "")


async def ask(api: SolarHost, unit: str, limit_s: float, before: Told | None = None) -> Told:
    """Who the inverter `unit` is. What was told `before` stands as long as nothing contradicts it:
    the list of inverters is empty at night. Raises NoApi."""
    who = answers.who(await _or_nothing(api, INFO, limit_s), unit)
    if before is not None and (who is None or who.unique in ("", before.unique)):
        return before
    who = who or answers.Who()
    active = await _or_nothing(api, ACTIVE, limit_s)
    return Told(answers.serial_of(active, "Inverter", unit), who.unique, who.gen24)


async def _or_nothing(api: SolarHost, request: str, limit_s: float) -> Mapping[str, Any]:
    try:
        return await api.get(request, limit_s)
    except ApiError:
        return {}


def keep(image: DeviceImage, told: Told) -> None:
    """It is known who the device is: what the API calls it belongs to it."""
    name = told.unique or told.serial
    if name:
        image.pin(_fact(image), name)


def kept(image: DeviceImage) -> str:
    """What the API called the device that is expected; "" where that is not known."""
    return image.pinned(_fact(image))


def _fact(image: DeviceImage) -> str:
    return f"{SOLAR_ID}_{image.expected()}".rstrip("_")
