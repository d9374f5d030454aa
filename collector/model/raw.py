"""One raw series of a device at one moment: everything that it says, before it means anything."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct


class RawValue(Struct, frozen=True, kw_only=True):
    """The newest value of one raw series. `labels` tell it from others of that name (an instance,
    a module). `unit` is "" where the name tells it, or there is none. `age_s`: since the device
    last said it; None: not since the collector started. `quality` is stale once the device has
    ended the series or is silent, bad without a value."""

    name: str
    labels: Mapping[str, str] = {}
    value: float | None
    unit: str = ""
    age_s: float | None
    quality: Literal["good", "stale", "bad"]
