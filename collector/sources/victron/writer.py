"""Writes what was derived into the image, each value when it changed."""

import math
from collections.abc import Mapping

from collector.model.kinds import AssetKind
from collector.sources.base import DeviceImage
from collector.sources.victron.derive.common import Derived

UNTOLD = math.nan
"""Had a value before the asset was gone; equal to nothing, so that it is told anew."""


class Writer:
    """What the image was told on this connection."""

    def __init__(self, image: DeviceImage) -> None:
        self._image = image
        self._readings: dict[str, dict[str, float | None]] = {}
        self._counters: dict[str, dict[str, tuple[float, str, str]]] = {}
        self._declared: dict[str, tuple[AssetKind, str, str, str, str]] = {}
        self._absent: dict[str, str] = {}
        self._links: dict[tuple[str, str, str], frozenset[str]] = {}

    @property
    def roles(self) -> tuple[str, ...]:
        """What has been declared."""
        return tuple(self._declared)

    def declare(
        self,
        role: str,
        kind: AssetKind,
        *,
        name: str,
        model: str,
        serial: str,
        alive: bool,
        part: str = "",
    ) -> None:
        """The asset is there; new to this connection it is alive as its device is, and present,
        whatever was said on an earlier one."""
        told = (kind, name, model, serial, part)
        new = role not in self._declared
        if self._declared.get(role) == told:
            return
        self._declared[role] = told
        self._image.declare(role, kind, name=name, model=model, serial=serial, part=part)
        if new:
            self._image.present(role, True)
            if alive:
                self._image.alive(role)

    def absent(self, role: str, reason: str) -> None:
        """The asset is gone; empty `reason`: it is there."""
        if self._absent.get(role, "") == reason:
            return
        self._absent[role] = reason
        self._image.present(role, not reason, reason)
        self._forget(role)

    def note(self, role: str, topic: str, text: str) -> None:
        """A hint for people; empty `text` takes it back, also one of an earlier connection."""
        self._image.note(role, topic, text)

    def _forget(self, role: str) -> None:
        for key in self._readings.get(role, {}):
            self._readings[role][key] = UNTOLD
        self._doubt_counters(role)

    def _doubt_counters(self, role: str) -> None:
        told = self._counters.get(role, {})
        for measurement, (_, path, unit) in told.items():
            told[measurement] = (UNTOLD, path, unit)

    def again(self) -> None:
        """Everything has been said again: say it all."""
        for role in self._counters:
            self._doubt_counters(role)
        for role, told in self._readings.items():
            for key, value in told.items():
                if value is None or not math.isnan(value):
                    self._image.put(role, key, value)

    def write(self, role: str, derived: Derived, unit_of: Mapping[str, str]) -> None:
        """An asset's readings and counters. A quantity without a value is told only after it had
        one: a single-phase unit has no L2; so is a register. `unit_of`: counter → serial of what
        counts."""
        before = self._readings.setdefault(role, {})
        for key, value in derived.readings.items():
            if value is None:
                if before.get(key) is None:
                    continue
            elif before.get(key) == value:
                continue
            before[key] = value
            self._image.put(role, key, value)
        for key, old in before.items():
            if old is not None and key not in derived.readings:
                before[key] = None
                self._image.put(role, key, None)
        self._write_counters(role, derived, unit_of)

    def _write_counters(self, role: str, derived: Derived, unit_of: Mapping[str, str]) -> None:
        known = self._counters.setdefault(role, {})
        for measurement, raw, path in derived.counters:
            told = (raw, path, unit_of[measurement])
            if known.get(measurement) != told:
                known[measurement] = told
                self._image.put_counter(role, measurement, raw, path=path, unit=told[2])
        if len(known) > len(derived.counters):
            for measurement in known.keys() - {each.measurement for each in derived.counters}:
                _, path, unit = known.pop(measurement)
                self._image.put_counter(role, measurement, None, path=path, unit=unit)

    def link(self, verb: str, role: str, other: str, quantities: frozenset[str]) -> None:
        """`verb` is `same` or `behind`; told when it changes."""
        key = (verb, role, other)
        if self._links.get(key, frozenset()) == quantities:
            return
        self._links[key] = quantities
        if verb == "same":
            self._image.link_same(role, other, quantities)
        else:
            self._image.link_behind(role, other, quantities)

    def delivers(self, role: str, quantity: str) -> bool:
        """Whether the asset has a value of `quantity` now."""
        if self._absent.get(role):
            return False
        return self._readings.get(role, {}).get(quantity) is not None
