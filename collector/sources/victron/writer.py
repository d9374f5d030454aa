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
        self._counters: dict[tuple[str, str], tuple[float, str, str]] = {}
        self._declared: dict[str, tuple[AssetKind, str, str, str]] = {}
        self._absent: dict[str, str] = {}
        self._links: dict[tuple[str, str, str], frozenset[str]] = {}

    @property
    def roles(self) -> tuple[str, ...]:
        """What has been declared."""
        return tuple(self._declared)

    def declare(
        self, role: str, kind: AssetKind, *, name: str, model: str, serial: str, alive: bool
    ) -> None:
        """The asset is there; new to the image it is alive as its device is."""
        told = (kind, name, model, serial)
        new = role not in self._declared
        if self._declared.get(role) == told:
            return
        self._declared[role] = told
        self._image.declare(role, kind, name=name, model=model, serial=serial)
        if new and alive:
            self._image.alive(role)

    def absent(self, role: str, reason: str) -> None:
        """The asset is gone; empty `reason`: it is there."""
        if self._absent.get(role, "") == reason:
            return
        self._absent[role] = reason
        self._image.present(role, not reason, reason)
        self._forget(role)

    def _forget(self, role: str) -> None:
        for key in self._readings.get(role, {}):
            self._readings[role][key] = UNTOLD
        for register in [each for each in self._counters if each[0] == role]:
            del self._counters[register]

    def again(self) -> None:
        """Everything has been said again: say it all."""
        self._counters.clear()
        for role, told in self._readings.items():
            for key, value in told.items():
                if value is None or not math.isnan(value):
                    self._image.put(role, key, value)

    def write(self, role: str, derived: Derived, unit_of: Mapping[str, str]) -> None:
        """An asset's readings and counters. A quantity without a value is told only after it had
        one: a single-phase unit has no L2. `unit_of`: counter → serial of what counts."""
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
        for measurement, raw, path in derived.counters:
            told = (raw, path, unit_of[measurement])
            if self._counters.get((role, measurement)) != told:
                self._counters[role, measurement] = told
                self._image.put_counter(role, measurement, raw, path=path, unit=told[2])

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

    def has_delivered(self, role: str, quantity: str) -> bool:
        """Whether the asset ever had a value of `quantity` on this connection."""
        return quantity in self._readings.get(role, {})
