"""Whether the profiles that a node's devices are read by can be used."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from collector.config.problems import Problem, in_order
from collector.model.assets import Device
from collector.profiles.check_meaning import fits
from collector.profiles.load import FOLDER, Shelf


def problems_of(config: Path, registry: Path, devices: Iterable[Device]) -> tuple[Problem, ...]:
    """What is wrong with the site's own profiles, and with what `devices` of `registry` are read
    by. A device that is not read (disabled) needs none."""
    shelf = Shelf(config)
    found: list[Problem] = []
    for file in sorted((config / FOLDER).glob("*.toml")):
        found.extend(shelf.find(file.stem)[1])
    return in_order((*found, *_of_all(shelf, registry, devices)))


def of_devices(config: Path, registry: Path, devices: Iterable[Device]) -> tuple[Problem, ...]:
    """The same of what these devices are read by alone."""
    return in_order(_of_all(Shelf(config), registry, devices))


def _of_all(shelf: Shelf, registry: Path, devices: Iterable[Device]) -> Iterator[Problem]:
    for device in devices:
        if device.enabled and device.profile:
            yield from _of_device(shelf, registry, device)


def _of_device(shelf: Shelf, registry: Path, device: Device) -> Iterator[Problem]:
    profile, problems = shelf.find(device.profile)
    yield from problems
    if profile is None:
        return
    transport = profile.table.transport
    if transport != device.kind.value:
        hint = f'kind = "{transport}", or another profile'
        yield _problem(registry, device, f"{profile.name} is a profile for {transport}", hint)
    kind = device.asset_kind
    if kind is not None and kind is not profile.table.kind and not fits(profile, kind):
        hint = f"{profile.name} describes a {profile.table.kind.value}"
        yield _problem(registry, device, f"its profile measures nothing of a {kind.value}", hint)


def _problem(registry: Path, device: Device, message: str, hint: str) -> Problem:
    return Problem(
        file=str(registry), line=0, path=f"device[{device.id}]", message=message, hint=hint
    )
