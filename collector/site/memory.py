"""What of the site outlives a restart."""

from collections.abc import Mapping
from typing import NamedTuple

from collector.model.refused import RefusedCount
from collector.site.counters import CounterState
from collector.site.energy import Key
from collector.site.identities import Pin
from collector.site.told import Key as ToldKey
from collector.site.told import Spans


class Memory(NamedTuple):
    """What outlives a restart."""

    counters: dict[Key, CounterState]
    day: str
    base: dict[Key, float]
    pins: dict[str, Pin]
    refused: tuple[RefusedCount, ...] = ()
    """What counters were not given: loaded, those that are open; saved, those that changed."""
    told: Mapping[ToldKey, Spans] = {}
    """What devices told of their assets: loaded, all of it; saved, what changed."""
