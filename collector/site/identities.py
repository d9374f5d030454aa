"""Who each device is: what is pinned, who answers, and what is done when that is another one.

An identity is pinned at first contact and asked for on every connect. What `registry.toml` states
stands above what was met.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import NamedTuple, Protocol

import structlog

from collector.errors import WrongDevice
from collector.model.assets import Asset, Device
from collector.model.reading import Identity

CHOICES = (
    "moved: ovr asset move {device} --seek; swapped for this one: ovr asset swap {device}; to pin "
    "whoever answers next: ovr asset forget {device}"
)

log = structlog.get_logger("site")


class Pin(NamedTuple):
    """What was stored at a device's first contact: its identity, or under another key a fact."""

    serial: str
    model: str


class Known(Protocol):
    """A device's image, as far as it matters here."""

    @property
    def device(self) -> Device:
        """Its entry in the registry."""

    @property
    def identity(self) -> Identity | None:
        """Who answers on the present connection; None: nobody who can say."""


class Identities:
    """The pins of all devices, by device, and with a word behind it each further fact of one.

    `images` are the devices that there are. `met` is told of each identity that is pinned at a
    first contact, by device, and of each unit behind a device, by asset. `unsaved`: a pin is
    another one than was saved.
    """

    def __init__(
        self, pins: MutableMapping[str, Pin], images: Callable[[], Mapping[str, Known]]
    ) -> None:
        self.pins = dict(pins)
        self.strangers: dict[str, Identity] = {}
        """Who answered last at devices where somebody else is expected."""
        self.met: Callable[[str, str], None] = lambda _device, _serial: None
        self.unsaved = False
        self._images = images
        self._parts: dict[str, str] = {}

    def expected(self, device: Device) -> str:
        """The identity that the registry states for a device, else the one met at first; or ""."""
        pin = self.pins.get(device.id)
        return device.portal_id or device.serial or (pin.serial if pin else "")

    def serials(self) -> dict[str, str]:
        """The identities that were met, by device."""
        return {name: pin.serial for name, pin in self.pins.items() if " " not in name}

    def admit(self, device: Device, identity: Identity) -> None:
        """Compare who answers with who is pinned; pin at first contact.

        Raises WrongDevice for another identity, and for one that a second entry reads already.
        """
        expected = self.expected(device)
        place = f"{device.host}:{device.port}"
        if not identity.serial:
            if device.id in self.pins:
                self.strangers[device.id] = identity
                raise WrongDevice(
                    f"what answers at {place} does not say who it is, expected {expected}, who "
                    f"did: look whether another device stands there now ("
                    f"{CHOICES.format(device=device.id)})"
                )
            return
        if expected and not same(expected, identity.serial):
            self.strangers[device.id] = identity
            raise WrongDevice(
                f"{identity.model or 'a device'} with the identity {identity.serial} answers at "
                f"{place}, expected {expected} ({CHOICES.format(device=device.id)})"
            )
        self._refuse_twin(device, identity, claimed=bool(expected))
        self.strangers.pop(device.id, None)
        self._keep(device.id, identity)

    def _keep(self, device: str, identity: Identity) -> None:
        """Pin who was admitted, also where the registry has named another one since the pin."""
        pin = self.pins.get(device)
        if pin is not None and same(pin.serial, identity.serial):
            return
        self.pins[device] = Pin(identity.serial, identity.model)
        self.unsaved = True
        self.met(device, identity.serial)
        log.info(
            "{device} is known from now on as {identity}.", device=device, identity=identity.serial
        )

    def _refuse_twin(self, device: Device, identity: Identity, *, claimed: bool) -> None:
        """Two entries must never read one thing: whoever reads it now goes first, and whose it is
        known to be (`claimed`) before an entry that meets it for the first time."""
        for other in self._images().values():
            if other.device.id == device.id or not other.device.enabled:
                continue
            if other.identity is not None and same(other.identity.serial, identity.serial):
                raise WrongDevice(
                    f"{identity.serial} is read already as {other.device.id}: "
                    f"two entries of the registry lead to one device; remove one"
                )
            if not claimed and same(self.expected(other.device), identity.serial):
                raise WrongDevice(
                    f"{identity.serial} is {other.device.id}, which is expected at "
                    f"{other.device.host}:{other.device.port}: correct that address, or remove "
                    f"one of the two entries from registry.toml"
                )

    def parts(self, assets: Iterable[Asset]) -> None:
        """What devices say of the units behind them (a GX of its generator): told to `met` when it
        is heard first, and when another one stands there."""
        for asset in assets:
            if asset.role and asset.serial and self._parts.get(asset.id) != asset.serial:
                self._parts[asset.id] = asset.serial
                self.met(asset.id, asset.serial)

    def seen_at(self, serial: str) -> str:
        """The device at whose address this identity answered last, where it is not expected; ""."""
        found = (name for name, one in self.strangers.items() if same(one.serial, serial))
        return next(found, "")

    def forget(self, device: str) -> None:
        """Nobody is pinned at a device any more, nor any further fact of it."""
        self.pins = {key: pin for key, pin in self.pins.items() if key.partition(" ")[0] != device}
        self.strangers.pop(device, None)
        self.unsaved = True

    def replace(self, device: str, serial: str, model: str = "") -> None:
        """Another unit stands at a device: `serial` is pinned there ("": whoever answers next)."""
        self.forget(device)
        if serial:
            self.pins[device] = Pin(serial, model)

    def put_back(self, pins: Mapping[str, Pin]) -> None:
        """What was done could not be done: these are the pins again."""
        self.pins = dict(pins)
        self.unsaved = True

    def pin(self, device: str, fact: str, value: str) -> None:
        """Keep a fact of a device over restarts, unless one is kept."""
        key = f"{device} {fact}"
        if value and key not in self.pins:
            self.pins[key] = Pin(value, "")
            self.unsaved = True
            log.debug(
                "{device}: its {fact} is {value}, and is looked for from now on.",
                device=device,
                fact=fact,
                value=value,
            )

    def pinned(self, device: str, fact: str) -> str:
        """What has been kept of a device."""
        pin = self.pins.get(f"{device} {fact}")
        return pin.serial if pin else ""


def same(one: str, other: str) -> bool:
    """Whether two serials are one."""
    return one.lower() == other.lower()
