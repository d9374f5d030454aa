"""A recording `DeviceImage` and `Cell`: what a source said, and nothing of what the site makes
of it. `freeze` does what a tick does."""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from collector.errors import WrongDevice
from collector.model.alarm import Notice
from collector.model.catalogue import CATALOGUE, KEYS
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.model.series import encode_series


class Register(NamedTuple):
    """The newest word about a counter."""

    raw: float | None
    path: str
    unit: str
    modulus: float | None


class Declared(NamedTuple):
    """The newest word about an asset."""

    kind: AssetKind
    name: str
    model: str
    serial: str


class RecordedCell:
    """One raw series: its value (None: cleared) and how often it was set."""

    def __init__(self, image: "RecordingImage", name: str, labels: dict[str, str]) -> None:
        self.name = name
        self.labels = labels
        self.value: float | None = None
        self.sets = 0
        self._image = image

    def set(self, value: float) -> None:
        if not math.isfinite(value):
            self._image.drop("not finite", f"{self.name} = {value}")
            return
        self.value = value
        self.sets += 1

    def clear(self) -> None:
        self.value = None


class RecordingImage:
    """`collector.sources.base.DeviceImage`; `pinned` is the identity that may answer."""

    def __init__(self, pinned: str = "") -> None:
        self.serial = pinned
        self.identities: list[Identity] = []
        self.assets: dict[str, Declared] = {}
        self.parts: dict[str, str] = {}
        self.readings: dict[str, dict[str, float | None]] = {}
        """By role, then by key."""
        self.puts = 0
        self.counters: dict[tuple[str, str], Register] = {}
        self.cells: dict[bytes, RecordedCell] = {}
        self.units: dict[str, str] = {}
        """Of raw series, as far as sources tell."""
        self.links: dict[tuple[str, str, str], frozenset[str]] = {}
        """By `same` or `behind`, role and other role."""
        self.rated: dict[str, tuple[float, float]] = {}
        self.lives = 0
        self.role_lives: Counter[str] = Counter()
        self.presence: dict[str, tuple[bool, str]] = {}
        self.limit_s = 10.0
        self.notes: dict[tuple[str, str], str] = {}
        self.remarks: dict[tuple[str, str], str] = {}
        self.complaints: list[tuple[Notice, ...]] = []
        """What it complained of, each time that changed."""
        self.messages = 0
        self.timings = 0
        self.pins: dict[str, str] = {}
        self.drops: Counter[str] = Counter()
        self.details: dict[str, str] = {}
        self.clocks: list[int] = []
        self.places: list[tuple[float, float]] = []
        self.resets = 0
        self.derive: Callable[[], None] | None = None

    # -- for tests -----------------------------------------------------------------------------

    def freeze(self) -> None:
        """What happens just before each tick."""
        if self.derive is not None:
            self.derive()

    def gone(self, role: str) -> bool:
        """Whether the device said that the asset is gone."""
        return not self.presence.get(role, (True, ""))[0]

    def raw(self) -> dict[str, float | None]:
        """The raw values by `name{label="…"}`, labels in the order of their names."""
        return {
            cell.name + "{" + ",".join(f"{k}={v}" for k, v in sorted(cell.labels.items())) + "}": (
                cell.value
            )
            for cell in self.cells.values()
        }

    # -- DeviceImage ---------------------------------------------------------------------------

    def identify(self, identity: Identity) -> None:
        if self.serial and identity.serial != self.serial:
            raise WrongDevice(f"{identity.serial} answers, expected {self.serial}")
        self.identities.append(identity)

    def expected(self) -> str:
        return self.serial

    def declare(
        self,
        role: str,
        kind: AssetKind,
        *,
        name: str = "",
        model: str = "",
        serial: str = "",
        part: str = "",
    ) -> AssetKind:
        self.assets[role] = Declared(kind, name, model, serial)
        self.parts[role] = part
        return kind

    def link_same(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        self._link("same", role, other_role, quantities)

    def link_behind(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        self._link("behind", role, other_role, quantities)

    def _link(self, verb: str, role: str, other: str, quantities: frozenset[str]) -> None:
        assert quantities <= set(CATALOGUE)
        self.links[verb, role, other] = quantities

    def put(self, role: str, key: str, value: float | None) -> None:
        assert role in self.assets, f"{role!r} was not declared"
        assert key in KEYS, f"{key} is not in the catalogue"
        assert KEYS[key].type != "counter", f"{key} is a counter"
        assert self.assets[role].kind in KEYS[key].kinds, f"a {self.assets[role].kind} has no {key}"
        assert value is None or math.isfinite(value)
        self.puts += 1
        self.readings.setdefault(role, {})[key] = value

    def put_counter(
        self,
        role: str,
        measurement: str,
        raw: float | None,
        *,
        path: str,
        unit: str = "",
        modulus: float | None = None,
    ) -> None:
        assert role in self.assets, f"{role!r} was not declared"
        assert CATALOGUE[measurement].type == "counter", f"{measurement} is no counter"
        assert self.assets[role].kind in CATALOGUE[measurement].kinds, measurement
        self.counters[role, measurement] = Register(raw, path, unit, modulus)

    def cell(self, name: str, labels: Mapping[str, str], unit: str = "") -> RecordedCell:
        series = encode_series(name, labels)
        self.units[name] = unit
        return self.cells.setdefault(series, RecordedCell(self, name, dict(labels)))

    def rate(self, role: str, *, ct_primary_a: float, nominal_v: float) -> None:
        assert role in self.assets, f"{role!r} was not declared"
        self.rated[role] = (ct_primary_a, nominal_v)

    def alive(self, role: str | None = None) -> None:
        if role is None:
            self.lives += 1
        else:
            self.role_lives[role] += 1

    def present(self, role: str, present: bool, reason: str = "") -> None:
        assert role in self.assets, f"{role!r} was not declared"
        self.presence[role] = (present, reason)

    def silence_limit(self, seconds: float) -> None:
        self.limit_s = seconds

    def note(self, role: str, topic: str, text: str) -> None:
        if text:
            self.notes[role, topic] = text
        else:
            self.notes.pop((role, topic), None)

    def remark(self, role: str, topic: str, text: str) -> None:
        if text:
            self.remarks[role, topic] = text
        else:
            self.remarks.pop((role, topic), None)

    def complains(self, notices: tuple[Notice, ...]) -> None:
        self.complaints.append(notices)

    def pin(self, fact: str, value: str) -> None:
        self.pins.setdefault(fact, value)

    def pinned(self, fact: str) -> str:
        return self.pins.get(fact, "")

    def timed(self) -> None:
        self.timings += 1

    def count(self, messages: int = 1, latency_ms: float | None = None) -> None:
        self.messages += messages

    def drop(self, reason: str, detail: str = "") -> None:
        self.drops[reason] += 1
        self.details.setdefault(reason, detail)

    def before_tick(self, derive: Callable[[], None] | None) -> None:
        self.derive = derive

    def clock(self, device_ms: int) -> None:
        self.clocks.append(device_ms)

    def position(self, latitude: float, longitude: float) -> None:
        self.places.append((latitude, longitude))

    def reset(self) -> None:
        self.resets += 1
        self.derive = None
        for cell in self.cells.values():
            cell.clear()
