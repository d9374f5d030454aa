"""A point of a GX with what is needed to write it, and the parts that points are made of."""

from collections.abc import Mapping
from typing import NamedTuple

from collector.model.control import ControlValue, Point
from collector.sources.victron.control_effects import effect
from collector.sources.victron.derive.common import PHASES, Values, first, num, total
from collector.sources.victron.payload import read_limits
from collector.sources.victron.tree import Service

Services = Mapping[tuple[str, str], Service]
SWITCH = {"on": 1, "off": 0}


class Spot(NamedTuple):
    """A point, and how it is written: `numbers` are what its words mean on the bus, `whole` says
    that its numbers go out as integers, `timer` is written before it, `effects` are the paths
    that show what came of it."""

    point: Point
    service: Service
    path: str
    numbers: Mapping[str, int | None]
    whole: bool
    timer: str = ""
    effects: tuple[tuple[Service, str], ...] = ()


def choice(
    command: str,
    service: Service,
    path: str,
    numbers: Mapping[str, int],
    *,
    why: str = "",
    timer: str = "",
    effects: tuple[tuple[Service, str], ...] = (),
) -> Spot:
    """A point that takes one of the words of `numbers`."""
    point = Point(
        command=command,
        target=target(service, path),
        value=word_of(num(service.values, path), numbers),
        choices=tuple(numbers),
        lasting="may" if timer else "no",
        why_not=why,
        effect=effect(effects),
    )
    return Spot(point, service, path, numbers, whole=True, timer=timer, effects=effects)


def word_of(number: float | None, numbers: Mapping[str, int | None]) -> ControlValue | None:
    """The word for a number on the bus; the number itself when there is none."""
    if number is None:
        return next((word for word, each in numbers.items() if each is None), None)
    return next((word for word, each in numbers.items() if each == number), number)


def target(service: Service, path: str) -> str:
    """A path as topics have it, below the portal id."""
    return f"{service.kind}/{service.instance}/{path}"


def stated_range(service: Service, path: str, low: float, high: float) -> tuple[float, float]:
    """The limits that the device itself states beside the value, else these."""
    payload = next((slot.payload for slot in service.slots if slot.path == path), None)
    least, most = read_limits(payload or b"")
    return least if least is not None else low, most if most is not None else high


def rating(values: Values) -> float | None:
    """What an inverter carries for long by its own word, in W."""
    return first(
        num(values, "Ac/Out/NominalInverterPower"),
        total(num(values, f"Ac/Out/{phase}/NominalInverterPower") for phase in PHASES),
    )


def values_of(services: Services, kind: str) -> Values:
    """What the service of this kind says that there is one of."""
    service = services.get((kind, "0"))
    return service.values if service is not None and service.usable else {}
