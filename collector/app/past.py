"""Past values: from memory as far as it reaches, before that from rollups."""

from collections.abc import Sequence

from msgspec import Struct

from collector.rollups import History, Rollups
from collector.site.site import Site

MINUTE_S = 60
MINUTE_MS = 60_000


class Past(Struct, frozen=True, kw_only=True):
    """Values over time, None for a gap. `least` and `greatest` are empty where no value stands
    for more than a second."""

    times: Sequence[int] = ()
    values: Sequence[float | None] = ()
    least: Sequence[float | None] = ()
    greatest: Sequence[float | None] = ()


async def past(
    site: Site, rollups: Rollups, asset: str, key: str, from_ms: int, to_ms: int, step_s: int
) -> Past | None:
    """A reading's values between two times, in steps of `step_s` seconds.

    Steps of a minute or more are whole minutes, rounded up, of rollups. Shorter ones reach back as
    far as memory does; what lies before comes in steps of a minute. None when there is no such
    reading. Raises StoreError.
    """
    recent = site.history(asset, key, from_ms, to_ms, step_s)
    if step_s < MINUTE_S:
        since_ms = to_ms if site.since_ms is None else site.since_ms
        if recent is not None and from_ms >= since_ms:
            return Past(times=recent[0], values=recent[1])
        # a minute that memory holds in part is memory's
        older = await rollups.history(
            asset, key, from_ms, min(to_ms, since_ms // MINUTE_MS * MINUTE_MS), MINUTE_S
        )
        return _joined(older, recent)
    whole_s = -(-step_s // MINUTE_S) * MINUTE_S
    found = await rollups.history(asset, key, from_ms, to_ms, whole_s)
    if found is None:
        return None if recent is None else Past(times=recent[0], values=recent[1])
    return Past(times=found.times, values=found.values, least=found.least, greatest=found.greatest)


def _joined(
    older: History | None, recent: tuple[list[int], list[float | None]] | None
) -> Past | None:
    if older is None and recent is None:
        return None
    times, values = recent or ([], [])
    if older is None or not older.times:
        return Past(times=times, values=values)
    return Past(
        times=[*older.times, *times],
        values=[*older.values, *values],
        least=[*older.least, *values],
        greatest=[*older.greatest, *values],
    )
