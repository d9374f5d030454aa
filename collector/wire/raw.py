"""What travels when somebody looks at everything that a device says."""

from msgspec import Struct

from collector.model.raw import RawValue
from collector.wire.base import SCHEMA


class RawAnswer(Struct, frozen=True, kw_only=True):
    """`GET /v1/assets/{asset}/raw`: all raw series of the asset's device, by name. `at_ms` is the
    tick that ages count from. `part` is which of the device's parts the asset is, where raw series
    tell several apart: `solarcharger/278`."""

    schema: int = SCHEMA
    asset: str
    device: str
    at_ms: int
    values: tuple[RawValue, ...]
    part: str = ""


__all__ = ["RawAnswer"]
