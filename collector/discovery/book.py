"""What one search has found by now: each device once, marked and with its proposal: pure."""

from collections.abc import Sequence

from msgspec import structs

from collector.config.devices import GX_PORT
from collector.discovery.mark import Known, marked, one_gx
from collector.discovery.propose import proposed
from collector.model.discovery import Found
from collector.model.kinds import DeviceKind

MAX_FOUND = 500
ELSEWHERE = "it answers at {host} too"


class Book:
    """The results of one search, beside the devices that the registry has (`known`)."""

    def __init__(self, known: Sequence[Known] = ()) -> None:
        self._known = known
        self._found: list[Found] = []

    def know(self, known: Sequence[Known]) -> None:
        """The registry's devices, with the addresses that their names stand for."""
        self._known = known

    def add(self, found: Found) -> None:
        """One more sighting, of a device that is here already or of another one."""
        for place, one in enumerate(self._found):
            if same(one, found):
                self._found[place] = joined(one, found)
                return
        if len(self._found) < MAX_FOUND:
            self._found.append(found)

    def results(self) -> tuple[Found, ...]:
        """All devices in the order in which they were found."""
        taken = {one.device for one in self._known}
        told = []
        for one in self._found:
            ready = one if one.port else structs.replace(one, port=GX_PORT)
            ready = proposed(marked(ready, self._known), taken)
            if ready.standing == "new" and ready.id:
                taken.add(ready.id)
            told.append(ready)
        return tuple(told)


def same(one: Found, other: Found) -> bool:
    """Whether both are one device: one identity, or one that did not say it at the same place."""
    if one.kind is not other.kind:
        return False
    if one.serial and other.serial and one.serial.lower() == other.serial.lower():
        return True
    if one.host != other.host:
        return False
    if one.kind is DeviceKind.GX:
        return not (one.serial and other.serial) and one_gx(one.port, other.port)
    if one.kind is DeviceKind.FRONIUS and one.unit == other.unit:
        return "solar api" in {*one.ways} ^ {*other.ways}
    return False


def joined(one: Found, other: Found) -> Found:
    """Two sightings of one device as one; what the registry's own source says stands above, then
    what the device itself said of its name."""
    if "collector" in one.ways:
        return one
    if "collector" in other.ways:
        return other
    first, second = (one, other) if one.port else (other, one)
    hints = [*first.hints, *second.hints]
    if first.host != second.host:
        hints.append(ELSEWHERE.format(host=second.host))
    named = second if "mqtt" in second.ways and second.title else first
    return structs.replace(
        first,
        units=tuple(dict.fromkeys((*first.units, *second.units))),
        maker=first.maker or second.maker,
        model=first.model or second.model,
        serial=first.serial or second.serial,
        firmware=first.firmware or second.firmware,
        title=named.title or second.title,
        sure=first.sure or second.sure,
        ways=tuple(dict.fromkeys((*first.ways, *second.ways))),
        needs_password=first.needs_password or second.needs_password,
        asset_kind=first.asset_kind or second.asset_kind,
        hints=tuple(dict.fromkeys(hints)),
    )
