"""The rows beside a window: only where a gap at its end needs them."""

from collector.model.kinds import AssetKind
from collector.model.rollup import Counter, Rollup
from collector.reports.beside import with_neighbours
from collector.rollups import Subject
from collector.rollups.tables import packed
from collector.rollups.track import Closed

MINUTE = 60_000
HOUR = 60 * MINUTE


def stored(*minutes):
    """Rows of whole minutes, as a node has them, and how they are asked for."""
    subject = Subject("a", AssetKind.LOAD, "s")
    rows = [
        packed(
            Closed(
                subject,
                Rollup(
                    from_ms=minute * MINUTE,
                    to_ms=(minute + 1) * MINUTE,
                    counters={"load_energy_kwh": Counter(minute, minute + 1)},
                ),
            )
        )
        for minute in minutes
    ]

    async def ask(assets, from_ms, to_ms):
        assert list(assets) == ["a"]
        found = [row for row in rows if row.from_ms < to_ms and row.from_ms + MINUTE > from_ms]
        for at in range(0, len(found), 2):
            yield found[at : at + 2]

    return ask


async def minutes_of(rows, from_ms, to_ms):
    """The minutes of all rows that a job has, in order."""
    pieces = [piece async for piece in with_neighbours(rows, "a", from_ms, to_ms)]
    return [row.from_ms // MINUTE for piece in pieces for row in piece]


async def test_a_window_that_was_seen_at_both_ends_has_its_own_rows_only():
    """So the same job has the same bytes whatever came later."""
    assert await minutes_of(stored(*range(100)), 10 * MINUTE, 20 * MINUTE) == list(range(10, 20))


async def test_a_gap_at_the_beginning_has_the_row_before_it_up_to_a_day_ago():
    """The nearest, and only that."""
    rows = stored(1, 2, 30, 31)
    assert await minutes_of(rows, 20 * MINUTE, 32 * MINUTE) == [2, 30, 31]
    assert await minutes_of(stored(1, 2000), 1900 * MINUTE, 2001 * MINUTE) == [2000]


async def test_a_gap_at_the_end_has_what_follows_in_the_last_minute_alone():
    """What comes later was not known when the report was made."""
    rows = stored(10, 11, 14)
    assert await minutes_of(rows, 10 * MINUTE, 14 * MINUTE) == [10, 11]
    assert await minutes_of(stored(10, 11), 10 * MINUTE, 11 * MINUTE + 30_000) == [10, 11]


async def test_a_window_within_a_gap_has_the_row_before_it():
    """What rose over it is shared by time with those around it, if what follows is known."""
    assert await minutes_of(stored(10, 40), 20 * MINUTE, 30 * MINUTE) == [10]
    assert await minutes_of(stored(), 20 * MINUTE, 30 * MINUTE) == []
