"""The D-Bus of a GX as far as it was heard on this connection: services with their values.

The hot path: one dictionary look-up from topic to slot, decode, set the raw cell.
"""

from collections.abc import Callable
from typing import Final

from collector.model.series import BadSeries, snake
from collector.model.text import clean
from collector.sources.base import Cell, DeviceImage
from collector.sources.victron.faults import can_complain
from collector.sources.victron.payload import Composite, Unusable, read_value
from collector.sources.victron.topics import Address, is_noise, split

MAX_TOPICS = 20_000
MAX_SERVICES = 500
"""Far more than a GX serves; what follows from them is worked out for each pair."""
MAX_SERIES = 5_000
MAX_KEPT_BYTES = 512
MAX_KEPT_CHARS = 256
GRACE_S = 2.0
"""How long a new service may take to tell its serial number, before it is used without."""
SERIAL_S = 5.0
"""How long one that has the path but nothing at it yet may take."""

IDENTITY_PATHS = frozenset({
    "Connected", "DeviceInstance", "ProductId", "ProductName", "Mgmt/ProcessName",
    "Mgmt/Connection", "Serial",
})  # fmt: skip
"""Paths that a D-Bus service has while it exists: an empty payload on one means it is gone."""

DECISIVE = frozenset({"FluidType", "GensetInstance", "State", "VebusInstance"})
"""Numbers that say what a service is for, or (`State` of a start/stop logic) that it is in use."""

NUMBERS = frozenset({
    "Power", "Voltage", "Current", "Frequency", "Soc", "Level", "Remaining", "Forward", "Reverse",
    "P", "V", "I", "F", "S",
})  # fmt: skip
"""Last levels of paths at which nothing but a number (or nothing valid) makes sense."""

KEPT_COMPOSITES = frozenset({("system", "Batteries")})

Value = float | str | Composite | None


class Service:
    """One D-Bus service, such as `vebus/276`."""

    __slots__ = (
        "alarms", "changed", "gone", "instance", "kind", "missed", "published", "role", "said",
        "seen_s", "settled", "slots", "values",
    )  # fmt: skip

    def __init__(self, kind: str, instance: str, seen_s: float) -> None:
        self.kind = kind
        self.instance = instance
        self.seen_s = seen_s
        self.values: dict[str, Value] = {}
        self.slots: list[Slot] = []
        self.alarms: list[str] = []
        """The paths at which it says what is wrong with it."""
        self.published = 0
        """The full publish since whose request it was heard last."""
        self.missed = False
        """The last full publish said nothing of it."""
        self.said = 0
        """How many of its topics hold something."""
        self.gone = False
        self.settled = False
        """What identifies it has been heard, or will not be."""
        self.changed = False
        self.role: str | None = None
        """The role of the asset that it measures, once that is decided; it outlives its absence."""

    @property
    def off(self) -> bool:
        """The service stands, but says itself that its device does not answer."""
        return self.values.get("Connected") == 0.0 and self.kind != "system"

    @property
    def grace_s(self) -> float:
        """How long it may take to tell who it is."""
        nameless = not self.values.get("Serial")
        return SERIAL_S if nameless and any(s.path == "Serial" for s in self.slots) else GRACE_S

    @property
    def usable(self) -> bool:
        """Whether its values are of a device that is there."""
        return not self.gone and not self.off

    @property
    def absence(self) -> str:
        """In words why it is not usable."""
        if self.gone:
            return f"the GX lists {self.kind}/{self.instance} no more"
        return f"the GX says that {self.kind}/{self.instance} is not connected" if self.off else ""


class Slot:
    """One topic."""

    __slots__ = ("cell", "number", "path", "payload", "refused", "service")

    def __init__(self, service: Service, path: str) -> None:
        self.service = service
        self.path = path
        self.payload: bytes | None = None
        self.number: float | None = None
        self.cell: Cell | None = None
        self.refused = ""
        """Why it has no series."""


_IGNORED: Final = Slot(Service("", "", 0.0), "")


class Tree:
    """All services of one GX. `take` never raises, whatever arrives."""

    def __init__(self, image: DeviceImage, portal: str, clock: Callable[[], float]) -> None:
        self.services: dict[tuple[str, str], Service] = {}
        self.changed: list[Service] = []
        self.shape_changed = False
        """Services came, went, or say otherwise what they are."""
        self._image = image
        self._portal = portal
        self._clock = clock
        self._slots: dict[str, Slot] = {}
        self._series = 0
        self._named: dict[tuple[str, str, str], Slot] = {}
        """By what a series is called the topic that has it."""
        self._publish = 0

    def take(self, topic: str, payload: bytes) -> None:
        """One message about a path."""
        slot = self._slots.get(topic)
        if slot is None:
            slot = self._open(topic, payload)
        if slot is _IGNORED:
            return
        service = slot.service
        service.published = self._publish
        if payload == slot.payload:
            if slot.number is not None and slot.cell is not None and not service.off:
                slot.cell.set(slot.number)
            return
        if not payload:
            self._empty(slot)
            return
        value = read_value(payload)
        if isinstance(value, Unusable):
            self._image.drop(value.reason, f"{topic}: {value.detail}")
            if not value.invalid:
                return
            value = None
        if not slot.payload:
            service.said += 1
        slot.payload = payload if len(payload) <= MAX_KEPT_BYTES else b" "
        if not service.changed:
            service.changed = True
            self.changed.append(service)
        if isinstance(value, float):
            self._number(slot, value)
        else:
            self._other(slot, value)

    def _number(self, slot: Slot, value: float) -> None:
        service = slot.service
        if service.gone:
            self._back(service)
        slot.number = value
        service.values[slot.path] = value
        if slot.path in DECISIVE:
            self.shape_changed = True
        if slot.path == "Connected":
            self._connected(slot)
        elif service.off:
            return
        if slot.cell is None:
            if slot.refused or not self._give_cell(slot):
                self._image.drop(slot.refused, f"{service.kind}/{slot.path}")
                return
            assert slot.cell is not None  # noqa: S101  _give_cell just set it
        slot.cell.set(value)

    def _other(self, slot: Slot, value: Value) -> None:
        service = slot.service
        wrong = slot.number is not None or slot.path.rpartition("/")[2] in NUMBERS
        if wrong and value is not None:
            said = f"{type(value).__name__} instead of a number"
            self._image.drop("wrong type", f"{service.kind}/{service.instance}/{slot.path}: {said}")
        if slot.number is not None:
            slot.number = None
            if slot.cell is not None:
                slot.cell.clear()
        if service.gone:
            if value is None:
                return
            self._back(service)
        self._decide(slot, value)
        if isinstance(value, str):
            value = value[:MAX_KEPT_CHARS]
        elif value is not None and (service.kind, slot.path) not in KEPT_COMPOSITES:
            value = None
        service.values[slot.path] = value
        if slot.path == "Connected":
            self._connected(slot)

    def _decide(self, slot: Slot, value: Value) -> None:
        """Where a text comes or goes, or a decisive number goes, what there is is decided anew."""
        texts = isinstance(value, str) or isinstance(slot.service.values.get(slot.path), str)
        if texts or slot.path in DECISIVE:
            self.shape_changed = True

    def _connected(self, slot: Slot) -> None:
        """`Connected` was said: hide the device's series, or show what they hold."""
        self.shape_changed = True
        service = slot.service
        for other in service.slots:
            if other is slot or other.cell is None or other.number is None:
                continue
            if service.off:
                other.cell.clear()
            else:
                other.cell.set(other.number)

    def _empty(self, slot: Slot) -> None:
        """An empty payload: the path is gone, and with an identifying path the whole service."""
        service = slot.service
        self._decide(slot, None)
        self._forget(slot)
        if not service.gone and (slot.path in IDENTITY_PATHS or service.said == 0):
            self._vanish(service)
        if not service.changed:
            service.changed = True
            self.changed.append(service)

    def _vanish(self, service: Service) -> None:
        service.gone = True
        self.shape_changed = True
        for other in service.slots:
            self._forget(other)

    def _forget(self, slot: Slot) -> None:
        if slot.payload:
            slot.service.said -= 1
        slot.payload = b""
        slot.number = None
        slot.service.values.pop(slot.path, None)
        if slot.cell is not None:
            slot.cell.clear()

    def _back(self, service: Service) -> None:
        service.gone = False
        service.settled = False
        service.seen_s = self._clock()
        self.shape_changed = True

    def drop(self, reason: str, service: Service) -> None:
        """A service is left out."""
        self._image.drop(reason, f"{service.kind}/{service.instance}")

    def asked(self) -> None:
        """A full publish is being asked for: what there is will be said until it has ended."""
        self._publish += 1

    def sweep(self) -> bool:
        """The full publish asked for last has ended: a service of which two in a row say not a
        word is gone, though the empty payloads that said so were lost (a GX drops what a slow
        reader does not take). Whether one more is needed to know."""
        doubt = False
        for service in self.services.values():
            missed, service.missed = service.missed, service.published != self._publish
            if service.missed and not service.gone:
                doubt = doubt or not missed
                if missed:
                    self._vanish(service)
        return doubt

    def settle(self, *, complete: bool = False) -> None:
        """Let new services be used once their time to tell who they are is over; `complete`: a
        full publish has ended, so everything that is known to the GX has been said."""
        now = self._clock()
        for service in self.services.values():
            if not service.settled and (complete or now - service.seen_s >= service.grace_s):
                service.settled = True
                self.shape_changed = True

    # -- new topics --------------------------------------------------------------------------

    def _open(self, topic: str, payload: bytes) -> Slot:
        address = split(topic)
        if address is None or address.portal != self._portal:
            self._image.drop("topic", topic[:120])
            return _IGNORED
        if len(self._slots) >= MAX_TOPICS:
            self._image.drop("too many topics", topic[:120])
            return _IGNORED
        if not payload:
            return _IGNORED
        slot = _IGNORED if is_noise(address.path) else self._new(address, topic)
        self._slots[topic] = slot
        return slot

    def _new(self, address: Address, topic: str) -> Slot:
        key = (address.service, address.instance)
        service = self.services.get(key)
        if service is None:
            if len(self.services) >= MAX_SERVICES:
                self._image.drop("too many services", topic[:120])
                return _IGNORED
            service = self.services[key] = Service(*key, self._clock())
            self.shape_changed = True
        slot = Slot(service, address.path)
        service.slots.append(slot)
        if can_complain(service.kind, slot.path):
            service.alarms.append(slot.path)
        return slot

    def _give_cell(self, slot: Slot) -> bool:
        if self._series >= MAX_SERIES:
            slot.refused = "too many series"
            return False
        service, name = slot.service, snake(slot.path)
        instance = clean(service.instance)
        if not name or self._named.setdefault((service.kind, instance, name), slot) is not slot:
            slot.refused = "no series of its own"
            return False
        try:
            slot.cell = self._image.cell(
                f"victron_{service.kind}_{name}",
                {"portal_id": self._portal, "instance": instance},
            )
        except BadSeries:
            slot.refused = "no series of its own"
            return False
        self._series += 1
        return True
