"""The dated facts that a registry states, and what changes between two of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec
from msgspec import structs

from collector.model.assets import AssetSettings, Device, Link
from collector.model.assignment import NUMBER, OTHERS, SERIAL, About, Assignment, Fact, Word
from collector.model.ids import uuid7

PRINTED = ("accuracy_class", "certificate")
"""Ratings of a meter that are text."""


class Stated(Protocol):
    """What a registry says; `config.registry.Registry` and what `config.load` gives are such."""

    @property
    def devices(self) -> Sequence[Device]:
        """The devices."""

    @property
    def settings(self) -> Mapping[str, AssetSettings]:
        """What is said of assets, by id."""

    @property
    def links(self) -> Sequence[Link]:
        """The links of the registry."""


def facts_of(registry: Stated, serials: Mapping[str, str] | None = None) -> dict[About, str]:
    """Everything dated that a registry states now. `serials` are identities of devices that were
    met (device → serial), for those of which the registry states none.

    What it leaves out is not in it: it is *nothing*.
    """
    found: dict[About, str] = {}
    for device in registry.devices:
        found.update(_of_device(device, registry.settings.get(device.id), serials or {}))
    for asset, settings in registry.settings.items():
        found.update(_of_asset(asset, settings))
    for link in registry.links:
        found[About(link.asset, Fact.LINK, link.other)] = link.type.value
    return {about: value for about, value in found.items() if value}


def _of_device(
    device: Device, settings: AssetSettings | None, serials: Mapping[str, str]
) -> Iterator[tuple[About, str]]:
    system = device.system or device.id
    yield About(device.id, Fact.SYSTEM), system
    if settings is not None and settings.system not in ("", system):
        yield About(device.id, Fact.SYSTEM, OTHERS), system
    serial = device.portal_id or device.serial or serials.get(device.id, "")
    yield About(device.id, Fact.UNIT, SERIAL), serial
    if device.asset_kind is not None:
        yield About(device.id, Fact.ROLE), device.asset_kind.value


def _of_asset(asset: str, settings: AssetSettings) -> Iterator[tuple[About, str]]:
    if settings.system:
        yield About(asset, Fact.SYSTEM), settings.system
    if settings.kind is not None:
        yield About(asset, Fact.ROLE), settings.kind.value
    yield About(asset, Fact.UNIT, NUMBER), settings.unit_no
    yield About(asset, Fact.ACCOUNT), settings.account
    for name, value in structs.asdict(settings.ratings).items():
        if value is not None:
            yield About(asset, Fact.RATING, name), _number(value)
    for name in PRINTED:
        yield About(asset, Fact.RATING, name), getattr(settings, name)
    if settings.fuel_curve:
        curve = msgspec.json.encode(settings.fuel_curve).decode()
        yield About(asset, Fact.RATING, "fuel_curve"), curve


def _number(value: float) -> str:
    return f"{value:.12g}"


def changed(before: Mapping[About, str], after: Mapping[About, str]) -> dict[About, str]:
    """The facts that are others after than before; "" where there is nothing any more."""
    return {
        about: after.get(about, "")
        for about in sorted({*before, *after})
        if before.get(about, "") != after.get(about, "")
    }


def assignments_of(
    before: Stated,
    after: Stated,
    at_ms: int,
    *,
    person: str = "",
    reason: str = "",
    made_ms: int | None = None,
    new_id: Callable[[int], str] = uuid7,
) -> list[Assignment]:
    """What a change of the registry states: one assignment for each unit, system, role, link,
    rating and account that is another one `after` than `before`, from `at_ms` (UTC ms) on.

    A pure function: nothing is kept (`AssignmentBook.keep` does). A device or asset that is gone
    holds nothing any more (value ""). Names, addresses and logins are no dated facts. `made_ms` is
    when it was said, `at_ms` itself if left out: a change that is told late has another one.
    """
    word = Word(person, reason, at_ms if made_ms is None else made_ms)
    return [
        word.of(about, value, at_ms, new_id(word.made_ms))
        for about, value in changed(facts_of(before), facts_of(after)).items()
    ]
