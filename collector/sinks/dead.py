"""The store of refused samples for people: look, send again, give up.

`sinks` are the running sinks by their names. All functions raise JournalError.
"""

import asyncio
import struct
from collections import defaultdict
from collections.abc import Collection, Mapping
from math import isfinite

from collector.journal import Dead, Journal
from collector.model.dead import DeadEntry, Resent
from collector.model.series import decode_series
from collector.model.text import clean
from collector.sinks.deliver import Deliverer
from collector.sinks.remote_write import decode, read_sample, split

AT_ONCE = 1000
SERIES_CELLS = 400
WAIT_S = 10.0
DAMAGED = "a batch of the journal that was found damaged: no receiver could read it"
NO_SINK = "no sink of this name is in node.toml"

Sinks = Mapping[str, Deliverer]


async def list_dead(
    journal: Journal, sinks: Sinks, sink: str | None = None, *, after: int = 0, limit: int = 100
) -> list[DeadEntry]:
    """Entries with an id above `after`, oldest first; of one sink ("": damaged batches) or all."""
    found = await journal.dead(sink, after=after, limit=limit)
    return [_entry(one, sinks) for one in found]


async def resend_dead(
    journal: Journal,
    sinks: Sinks,
    ids: Collection[int] | None,
    sink: str | None = None,
    *,
    wait_s: float = WAIT_S,
) -> list[Resent]:
    """Send these entries once more, each to its own sink; None: all (of `sink`).

    Says what became of each as far as it is known after `wait_s` seconds; what waits then goes on
    by itself. An entry leaves the store when its receiver surely has it.
    """
    chosen = await _chosen(journal, ids, sink)
    unknown = set(ids or ()).difference(*chosen.values())
    out = [_impossible(number, "there is no such entry") for number in unknown]
    for name, numbers in chosen.items():
        if name not in sinks:
            out += [_impossible(number, _obstacle(name, sinks)) for number in numbers]
    wanted = [
        sinks[name].resends.want(numbers, wait_s=wait_s)
        for name, numbers in chosen.items()
        if name in sinks
    ]
    for done in await asyncio.gather(*wanted):
        out += done
    return sorted(out, key=lambda one: one.id)


async def forget_dead(
    journal: Journal, sinks: Sinks, ids: Collection[int] | None, sink: str | None = None
) -> int:
    """Give these entries up for good; None: all (of `sink`). How many there were."""
    chosen = await _chosen(journal, ids, sink)
    for name, numbers in chosen.items():
        if name in sinks:
            await sinks[name].forget_dead(numbers)
        else:
            await journal.forget_dead(tuple(numbers))
    return sum(map(len, chosen.values()))


async def _chosen(
    journal: Journal, ids: Collection[int] | None, sink: str | None
) -> dict[str, list[int]]:
    """The ids of entries that are there, by their sinks."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    if ids is not None:
        for number in sorted(set(ids)):
            for one in await journal.dead(sink, after=number - 1, limit=1):
                if one.id == number:
                    found[one.sink].append(number)
        return found
    after = 0
    while part := await journal.dead(sink, after=after, limit=AT_ONCE):
        for one in part:
            found[one.sink].append(one.id)
        after = part[-1].id
    return found


def _entry(dead: Dead, sinks: Sinks) -> DeadEntry:
    series, value, sample_ms = _sample(dead) if dead.sink else ("", None, None)
    running = sinks.get(dead.sink)
    return DeadEntry(
        id=dead.id,
        sink=dead.sink,
        first_seq=dead.first_seq,
        last_seq=dead.last_seq,
        at_ms=dead.at_ms,
        reason=dead.reason,
        samples=dead.samples,
        bytes=len(dead.body),
        series=series,
        sample_ms=sample_ms,
        value=value,
        state=running.resends.condition(dead.id) if running else "refused",
        obstacle=_obstacle(dead.sink, sinks),
    )


def _sample(dead: Dead) -> tuple[str, float | None, int | None]:
    """Series, value and time of the entry's first sample; of a stale marker no value."""
    try:
        first = decode(dead.body)[0]
        value, at_ms = read_sample(split(first.samples)[0])
        name, labels = decode_series(first.labels)
    except (IndexError, KeyError, ValueError, struct.error):
        return "", None, None  # nothing that the program wrote: shown without its content
    inner = ",".join(f'{key}="{text}"' for key, text in sorted(labels.items()))
    series = clean(f"{name}{{{inner}}}", SERIES_CELLS)
    return series, (value if isfinite(value) else None), at_ms


def _obstacle(sink: str, sinks: Sinks) -> str:
    if not sink:
        return DAMAGED
    return "" if sink in sinks else NO_SINK


def _impossible(number: int, why: str) -> Resent:
    return Resent(id=number, outcome="impossible", why=why)
