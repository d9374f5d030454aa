"""Tests one device after the other, a few at a time."""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from collector.diagnosis import reach, secure
from collector.diagnosis.judge import judge
from collector.diagnosis.running import Running, told, values
from collector.diagnosis.sheet import Failed, Sheet
from collector.diagnosis.trial import Outcome, quickened, tried
from collector.errors import NotPossible
from collector.model.assets import AssetSettings, Device
from collector.model.diagnosis import Diagnosis
from collector.model.reading import Identity
from collector.site.identities import Pin
from collector.sources.base import Source

AT_ONCE = 4
CERTIFICATE = "certificate"


class Surroundings(Protocol):
    """What a test needs to know of the node."""

    def source(self, device: Device) -> Source:
        """A source of its own for the device, through the connections that are shared."""

    def running(self, device: Device) -> Running | None:
        """What is read at the device's address now; None: nothing."""

    def pins(self, device: str) -> Mapping[str, Pin]:
        """What is known of a device from earlier contacts, as the site keeps it."""

    def settings(self) -> Mapping[str, AssetSettings]:
        """What the registry says of assets."""

    def elsewhere(self, device: Device, serial: str) -> str:
        """Which other device has this identity, in words; "" none."""


class Nowhere:
    """The surroundings where no collector runs: nothing is read, nobody was met."""

    def __init__(self, make: Callable[[Device], Source], devices: tuple[Device, ...] = ()) -> None:
        self.source = make
        self._devices = devices

    def running(self, device: Device) -> Running | None:
        """Nothing is read."""

    def pins(self, device: str) -> Mapping[str, Pin]:
        """Nobody was met."""
        return {}

    def settings(self) -> Mapping[str, AssetSettings]:
        """Nothing but what stands in the device's own table."""
        return {}

    def elsewhere(self, device: Device, serial: str) -> str:
        """Which other entry states this identity."""
        return stated(self._devices, device, serial, lambda other: other.portal_id or other.serial)


def stated(
    devices: "tuple[Device, ...]", device: Device, serial: str, of: Callable[[Device], str]
) -> str:
    """Which of `devices` beside `device` has the identity `serial`, in words."""
    for other in devices:
        if other.id != device.id and serial and of(other).lower() == serial.lower():
            return f"{other.id}, which the registry has at {other.host}:{other.port}"
    return ""


class DiagnosisDesk:
    """*Test connection* for devices that are saved or not."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._around = surroundings
        self._tests = 0

    async def test(self, device: Device, *, force: bool = False) -> Diagnosis:
        """Test a device. One that the collector reads now is told of by its source, unless `force`.

        Raises NotPossible when too many are tested at once.
        """
        running = None if force else self._around.running(device)
        if running is not None:
            return told(device, running)
        if self._tests >= AT_ONCE:
            raise NotPossible(f"{AT_ONCE} devices are being tested: wait until one has ended")
        self._tests += 1
        try:
            return await self._try(device)
        finally:
            self._tests -= 1

    async def _try(self, device: Device) -> Diagnosis:
        began = time.monotonic()
        sheet = Sheet()
        outcome: Outcome | None = None
        fingerprint = ""
        try:
            await reach.resolved(device, sheet)
            await reach.opened(device, sheet)
            pins = self._around.pins(device.id)
            kept = pins.get(f"{device.id} {CERTIFICATE}")
            pinned = device.fingerprint or (kept.serial if kept else "")
            fingerprint = await secure.shaken(device, pinned, sheet)
            await secure.logged_in(device, fingerprint, sheet)
            asked = quickened(device)
            outcome = await tried(
                asked,
                self._around.source(asked),
                pins=pins,
                settings=self._around.settings(),
            )
            elsewhere = ""
            if outcome.identity is not None:
                elsewhere = self._around.elsewhere(device, outcome.identity.serial)
            judge(device, outcome, elsewhere, sheet)
        except Failed:
            pass
        who = (outcome.identity if outcome else None) or Identity(serial="")
        return Diagnosis(
            device=device.id,
            kind=device.kind.value,
            address=f"{device.host}:{device.port}",
            ok=sheet.good,
            way="test",
            steps=sheet.whole(),
            serial=who.serial,
            model=who.model,
            firmware=who.firmware,
            fingerprint=fingerprint,
            readings=values(outcome.assets) if outcome else {},
            took_s=round(time.monotonic() - began, 2),
        )
