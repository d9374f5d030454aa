"""The parts of the outage's measurement: the past that is written, and how looks are judged."""

import asyncio

import pytest

from collector.config.paths import find_home
from scripts.bench.recorded import all_batches, mark_of, opened
from scripts.outage.past import write
from scripts.outage.run import judge
from scripts.outage.watch import Look, Watch
from tests.support.batches import batch


def test_a_past_is_whole_batches_of_the_last_hours(tmp_path):
    """One batch a second up to now, each with its own number as its mark and the recorded samples
    in turn; a sink that is said to have them owes nothing."""
    home = find_home(str(tmp_path), {})
    home.ensure()
    recorded = [batch(seq, 12) for seq in (501, 502, 503)]
    assert write(home, recorded, 100, settled="local") == 100
    found = asyncio.run(all_batches(home.journal_db))
    assert [one.seq for one in found] == list(range(1, 101))
    times = [one.at_ms for one in found]
    assert times == list(range(times[0], times[0] + 100_000, 1000))
    assert [one.values[mark_of(one)] for one in found] == list(range(1, 101))
    assert list(found[4].values[1:]) == list(recorded[1].values[1:])

    async def sinks():
        journal = await opened(home.journal_db)
        try:
            return await journal.load_sinks()
        finally:
            await journal.close()

    assert asyncio.run(sinks())["local"].head == 100


def looks(*, speed=100, behind_s=1.0, grows_mb=0.0, late=0):
    """Two catch-ups of 200 s, looked at once a second; in the second one memory grows in all."""
    found = []
    for leg in (0, 1):
        for second in range(201):
            fresh = second >= late
            found.append(
                Look(
                    at_s=leg * 300.0 + second,
                    sent=(leg * 200 + second) * speed,
                    left_s=60.0,
                    behind_s=behind_s if fresh else 300.0,
                    rss_mb=100 + (grows_mb * second / 200 if leg else 0),
                    cpu_s=second * 0.5,
                    late_ms=5.0,
                    state="catching up",
                )
            )
    return found


def judged(tmp_path, **more):
    """What the rows say of such looks, in order: speed, newest sample, memory, ticks."""
    watch = Watch(find_home(str(tmp_path), {}), "full", "", lambda _: None, looks(**more))
    legs = ((watch.looks[0], watch.looks[200]), (watch.looks[201], watch.looks[401]))
    return [row.met for row in judge("full", watch, legs, live_is_own=True)]


@pytest.mark.parametrize(
    ("looked", "met"),
    [
        ({}, [True, True, True, None]),
        ({"speed": 49}, [False, True, True, None]),
        ({"behind_s": 5.5}, [True, False, True, None]),
        ({"late": 6}, [True, False, True, None]),
        ({"late": 3}, [True, True, True, None]),
        ({"grows_mb": 60.0}, [True, True, False, None]),
    ],
)
def test_what_is_too_slow_too_old_or_grows_is_not_met(tmp_path, looked, met):
    """Each target fails by itself, and by itself alone."""
    assert judged(tmp_path, **looked) == met
