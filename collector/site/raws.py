"""The newest raw values of a device, for people who look for the cause of something."""

import math
from collections.abc import Iterable, Mapping
from functools import lru_cache

from collector.model.raw import RawValue
from collector.model.series import decode_series
from collector.site.cells import RawCell
from collector.site.image import Image

ALWAYS = frozenset({"db", "node", "site", "device", "portal_id"})
"""Labels that all series of a device have alike."""
TOLD = 16_384
"""So many series' labels are kept taken apart: those of some devices that are looked at."""


def raw_of(images: Mapping[str, Image], asset: str, tick: int) -> tuple[RawValue, ...] | None:
    """The newest values of all raw series of an asset's device, by name and labels; None when there
    is no such asset. `tick` is the number of the newest tick; ticks are a second apart."""
    device, _, role = asset.partition(".")
    image = images.get(device)
    if image is None or role not in image.roles:
        return None
    return _values(image.raw.values(), tick)


def _values(cells: Iterable[RawCell], tick: int) -> tuple[RawValue, ...]:
    found = [(told(cell.series), cell) for cell in cells if cell.set_tick]
    found.sort(key=lambda pair: (pair[0][0], tuple(pair[0][1].items())))
    return tuple(_value(name, labels, cell, tick) for (name, labels), cell in found)


def _value(name: str, labels: Mapping[str, str], cell: RawCell, tick: int) -> RawValue:
    bad = math.isnan(cell.value)
    return RawValue(
        name=name,
        labels=labels,
        value=None if bad else cell.value,
        unit=cell.unit,
        age_s=float(tick - cell.set_tick),
        quality="bad" if bad else "stale" if cell.ended else "good",
    )


@lru_cache(TOLD)
def told(series: bytes) -> tuple[str, Mapping[str, str]]:
    """A series' name, and the labels that tell it from others of its device."""
    name, labels = decode_series(series)
    own = {key: value for key, value in labels.items() if key not in ALWAYS}
    return name, own
