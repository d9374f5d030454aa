"""One run with one HTTP device: who it is, and its polls."""

from typing import Any, NamedTuple

from collector.errors import BadDevice
from collector.model.assets import Device
from collector.model.reading import Identity
from collector.model.text import clean
from collector.pinning import Pin
from collector.profiles.items import Item
from collector.profiles.profile import Profile
from collector.profiles.program import Program
from collector.profiles.who import counts_of, identity_of
from collector.sources.base import DeviceImage
from collector.sources.http.client import HttpDevice
from collector.sources.http.document import find, usable
from collector.sources.modbus.clock import Clock
from collector.sources.profile.writer import Writer

CERTIFICATE = "certificate"
"""Under what a certificate's fingerprint is kept."""
AGAIN_S = 60.0
"""How long what is asked once holds: another device may have come to the address meanwhile."""


PLAIN = "Its login crosses the network unencrypted: set tls = true if the device offers it."


class Ask(NamedTuple):
    """One request of the profile, and whose values its answer holds."""

    path: str
    every_s: float
    optional: bool
    items: tuple[Item, ...]


class Reader:
    """Reads `device` by `profile`; `once` is one poll."""

    def __init__(
        self,
        device: Device,
        profile: Profile,
        image: DeviceImage,
        client: HttpDevice,
        pin: Pin,
        clock: Clock,
    ) -> None:
        self._profile = profile
        self._image = image
        self._client = client
        self._pin = pin
        self._mono = clock.mono
        self._writer = Writer(device, profile, image, {})
        self._program = Program(profile)
        self._asks = asks(self._program)
        self._due_s: dict[str, float] = {}
        self._documents: dict[str, Any] = {}
        self._missing: set[str] = set()
        self._identity: Identity | None = None

    async def once(self) -> bool:
        """One poll: everything that is due, all of it or nothing."""
        now = self._mono()
        due = [ask for ask in self._asks if now >= self._due_s.get(ask.path, now)]
        try:
            for ask in due:
                self._documents[ask.path] = await self._document(ask)
        except BaseException:
            self._due_s.clear()  # who answers next may be another: everything is asked anew
            raise
        fresh = frozenset(slot for ask in due for slot in self._take(ask))
        touched = self._program.run(fresh)
        if counts_of(self._program) != self._program.counts:
            touched = self._recount()
        if self._identity is None or identity_of(self._program) != self._identity:
            self._meet()
            touched = self._program.run()
        for ask in due:
            self._due_s[ask.path] = now + ask.every_s
        self._writer.write(touched)
        self._image.alive()
        return True

    async def _document(self, ask: Ask) -> Any:
        if ask.path in self._missing:
            return None
        document = await self._client.ask(ask.path, optional=ask.optional)
        if document is None and ask.optional:
            self._missing.add(ask.path)
            self._image.drop("not in this device", f"{self._client.where}{ask.path}")
        return document

    def _take(self, ask: Ask) -> list[int]:
        """Write what the document of a request says into the program; the slots that were."""
        document = self._documents.get(ask.path)
        for item in ask.items:
            told = find(document, item.pointer)
            raw = usable(told, item.point)
            if raw is None and told is not None and told != "":
                shown = clean(told, 60) if isinstance(told, str) else type(told).__name__
                self._image.drop("not a number", f"{item.name}: {shown}")
            self._program.raws[item.slot] = raw
        return [item.slot for item in ask.items]

    def _recount(self) -> tuple[int, ...]:
        """Repetitions have become more or fewer: the values are laid out anew."""
        self._program = Program(self._profile, counts_of(self._program))
        self._asks = asks(self._program)
        for ask in self._asks:
            self._take(ask)
        touched = self._program.run()
        if self._identity is not None:
            self._begin(self._identity)
        return touched

    def _meet(self) -> None:
        """Who answers? Before anything of it is used."""
        if all(self._program.value(step.name) is None for step in self._program.steps):
            raise BadDevice(
                f"{self._client.where} says nothing that the profile {self._profile.name} knows: "
                "check the profile's path and pointers."
            )
        identity = identity_of(self._program)
        self._image.identify(identity)
        self._identity = identity
        if self._pin.seen:
            self._image.pin(CERTIFICATE, self._pin.seen)
        self._begin(identity)
        self._image.note("", "tls", PLAIN if self._client.exposed else "")

    def _begin(self, identity: Identity) -> None:
        self._writer.begin(self._program, identity, range(len(self._program.steps)))


def asks(program: Program) -> tuple[Ask, ...]:
    """The requests of a program's profile."""
    table = program.profile.table
    requests = [
        (r.name, r.path, AGAIN_S if r.once else r.every_s or 0.0, r.optional) for r in table.request
    ]
    if not requests and table.http is not None and table.http.path is not None:
        requests = [("", table.http.path, 0.0, False)]
    first = requests[0][0] if requests else ""
    return tuple(
        Ask(
            path,
            every_s,
            optional,
            tuple(item for item in program.items if (item.point.request or first) == name),
        )
        for name, path, every_s, optional in requests
    )
