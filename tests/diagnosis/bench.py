"""Testing a device with its true source, without a collector."""

from collections.abc import Mapping
from typing import Any

from collector.app.sources import Means, make_source
from collector.config.paths import find_home
from collector.diagnosis.desk import DiagnosisDesk, Nowhere
from collector.model.assets import Device
from collector.model.diagnosis import Diagnosis, Step
from collector.model.kinds import DeviceKind
from collector.site.identities import Pin
from collector.sources.modbus.gateway import Gateways

NOBODY = find_home("/nonexistent", {})


class Around(Nowhere):
    """A node that met some devices before."""

    def __init__(self, devices: tuple[Device, ...] = (), met: Mapping[str, str] | None = None):
        super().__init__(lambda device: make_source(device, Means(NOBODY, Gateways())), devices)
        self._met = met or {}

    def pins(self, device: str) -> Mapping[str, Pin]:
        return {key: Pin(serial, "") for key, serial in self._met.items()}


def device(port: int, kind: DeviceKind = DeviceKind.ACUVIM, **more: Any) -> Device:
    """A device on loopback, asked five times a second."""
    named: dict[str, Any] = {
        "id": "d1", "kind": kind, "host": "127.0.0.1", "port": port, "interval_s": 0.2,
        "timeout_s": 0.4,
    }  # fmt: skip
    return Device(**(named | more))


async def diagnosed(
    one: Device, *, devices: tuple[Device, ...] = (), met: Mapping[str, str] | None = None
) -> Diagnosis:
    """The test of one device; `devices` are the others of the registry, `met` the pins."""
    return await DiagnosisDesk(Around(devices, met)).test(one)


def step(found: Diagnosis, name: str) -> Step:
    """One of its steps."""
    return next(each for each in found.steps if each.name == name)


def states(found: Diagnosis) -> dict[str, str]:
    """The state of each step."""
    return {each.name: each.state for each in found.steps}


def fails_at(found: Diagnosis, name: str) -> Step:
    """The step that failed; all behind it were skipped, none before it failed."""
    order = [each.name for each in found.steps]
    at = order.index(name)  # type: ignore[arg-type]
    assert not found.ok
    assert [each.state for each in found.steps[at:]] == ["failed"] + ["skipped"] * (6 - at), found
    assert all(each.state != "failed" for each in found.steps[:at])
    return found.steps[at]
