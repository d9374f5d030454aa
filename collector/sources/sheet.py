"""An image of one device on paper: what its source says, kept by nobody.

For a single look at a device, beside or without a running collector: no site, no node.db.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping

from collector.errors import WrongDevice
from collector.model.alarm import Notice
from collector.model.kinds import AssetKind
from collector.model.reading import Identity
from collector.model.text import clean


class SheetCell:
    """One raw series: its value now."""

    def __init__(self) -> None:
        self.value: float | None = None

    def set(self, value: float) -> None:
        """The device said `value`."""
        self.value = value if math.isfinite(value) else None

    def clear(self) -> None:
        """It has no value."""
        self.value = None


class Sheet:
    """`collector.sources.base.DeviceImage`. `serial` is who has to answer ("" anybody); what was
    pinned before is not known here."""

    def __init__(self, serial: str = "", asset_kind: AssetKind | None = None) -> None:
        self.identity: Identity | None = None
        self.assets: dict[str, AssetKind] = {}
        self.names: dict[str, str] = {}
        self.readings: dict[tuple[str, str], float | None] = {}
        """By role and catalogue key."""
        self.counters: dict[tuple[str, str], float | None] = {}
        """Registers in the catalogue's unit, by role and measurement."""
        self.cells: dict[tuple[str, str], SheetCell] = {}
        """By name and labels."""
        self.notes: dict[tuple[str, str], str] = {}
        self.notices: tuple[Notice, ...] = ()
        self.drops: Counter[str] = Counter()
        self.details: dict[str, str] = {}
        self._serial = serial
        self._kind = asset_kind
        self._derive: Callable[[], None] | None = None
        self._pins: dict[str, str] = {}

    def freeze(self) -> None:
        """Work out what follows from what was heard, as each tick does."""
        if self._derive is not None:
            self._derive()

    def identify(self, identity: Identity) -> None:
        """Who answers."""
        self.identity = identity
        if self._serial and identity.serial.lower() != self._serial.lower():
            told = clean(identity.serial) or "a device that cannot say who it is"
            raise WrongDevice(f"{told} answers, the registry expects {clean(self._serial)}.")

    def expected(self) -> str:
        """Who has to answer."""
        return self._serial

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
        """An asset in `role`."""
        del part
        self.assets[role] = (self._kind if not role else None) or kind
        self.names[role] = clean(" ".join(filter(None, (name, model, serial))))
        return self.assets[role]

    def link_same(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        """Links are the site's business."""

    def link_behind(self, role: str, other_role: str, quantities: frozenset[str]) -> None:
        """Links are the site's business."""

    def put(self, role: str, key: str, value: float | None) -> None:
        """A gauge or state."""
        self.readings[role, key] = value

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
        """A counter's register."""
        self.counters[role, measurement] = raw

    def cell(self, name: str, labels: Mapping[str, str], unit: str = "") -> SheetCell:
        """A raw series; units are told of readings alone."""
        del unit
        shown = ",".join(f"{key}={clean(value)}" for key, value in sorted(labels.items()) if value)
        return self.cells.setdefault((name, shown), SheetCell())

    def rate(self, role: str, *, ct_primary_a: float, nominal_v: float) -> None:
        """Ratings are the site's business."""

    def alive(self, role: str | None = None) -> None:
        """It lives, or there would be nothing here."""

    def present(self, role: str, present: bool, reason: str = "") -> None:
        """An asset is gone."""
        if not present:
            self.notes[role, "present"] = clean(f"not there: {reason}")

    def silence_limit(self, seconds: float) -> None:
        """Nobody waits here."""

    def note(self, role: str, topic: str, text: str) -> None:
        """A hint for people."""
        if text:
            self.notes[role, topic] = clean(text, 240)
        else:
            self.notes.pop((role, topic), None)

    def remark(self, role: str, topic: str, text: str) -> None:
        """What the device says beside its readings."""
        self.note(role, topic, text)

    def complains(self, notices: tuple[Notice, ...]) -> None:
        """What it complains of."""
        self.notices = notices

    def pin(self, fact: str, value: str) -> None:
        """Kept for this look only."""
        self._pins.setdefault(fact, value)

    def pinned(self, fact: str) -> str:
        """What was kept in this look."""
        return self._pins.get(fact, "")

    def timed(self) -> None:
        """Nothing is timed."""

    def count(self, messages: int = 1, latency_ms: float | None = None) -> None:
        """Traffic is not counted."""

    def drop(self, reason: str, detail: str = "") -> None:
        """Something was left out."""
        self.drops[reason] += 1
        self.details.setdefault(reason, clean(detail, 240))

    def before_tick(self, derive: Callable[[], None] | None) -> None:
        """What `freeze` runs."""
        self._derive = derive

    def clock(self, device_ms: int) -> None:
        """The node's clock is not set by a look."""

    def position(self, latitude: float, longitude: float) -> None:
        """Nor is its place."""

    def reset(self) -> None:
        """A new connection."""
        self._derive = None
