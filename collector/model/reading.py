"""One asset's measurement at one time."""

from msgspec import Struct

from collector.model.kinds import Quality


class Reading(Struct, frozen=True, array_like=True, gc=False):
    """A value with its quality and the UTC millisecond of the tick in which it was last heard.

    `value` is None when the device has the quantity but no valid value for it now. States are
    floats too; counters hold the program's own total, not the register.
    """

    value: float | None
    quality: Quality
    at_ms: int


class Identity(Struct, frozen=True, kw_only=True):
    """What a device says it is. `serial` pins it: a GX's portal id, else the serial number."""

    serial: str
    maker: str = ""
    model: str = ""
    firmware: str = ""
