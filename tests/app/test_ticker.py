"""Ticks follow a clock that tests turn."""

import asyncio
import itertools

import pytest
import structlog

from collector.app.ticker import Ticker, jump_in_words


class Clock:
    """Wall and steady clock; time passes only while the ticker sleeps."""

    def __init__(self, monkeypatch, wall=1_700_000_000.25):
        self.wall, self.mono = wall, 50.0
        self.ticker: Ticker
        self.asleep = lambda: None
        monkeypatch.setattr("collector.app.ticker._sleep_or", self.sleep)

    async def sleep(self, _, seconds):
        """Time passes."""
        self.asleep()
        self.wall += seconds
        self.mono += seconds
        await asyncio.sleep(0)


async def run(monkeypatch, ticks, *, last_ms=None, disturb=lambda *_: None, wall=None, **more):
    """The times of some ticks, and the ticker."""
    clock = Clock(monkeypatch, *([wall] if wall else []))
    stop = asyncio.Event()
    seen = []

    def on_tick(at_ms, _):
        seen.append(at_ms)
        disturb(clock, len(seen))
        if len(seen) == ticks:
            stop.set()

    ticker = Ticker(
        on_tick, last_ms=last_ms, wall=lambda: clock.wall, mono=lambda: clock.mono, **more
    )
    clock.ticker = ticker
    with structlog.testing.capture_logs() as told:
        await ticker.run(stop)
    return seen, ticker, clock, told


async def test_every_second(monkeypatch):
    """Undisturbed, there is a tick at each whole second."""
    seen, *_ = await run(monkeypatch, 4)
    assert seen == [1_700_000_001_000 + 1000 * n for n in range(4)]


async def test_stall(monkeypatch):
    """A stall of 3.5 s costs its ticks; the next is on time."""

    def disturb(clock, n):
        if n == 2:
            clock.wall += 3.5
            clock.mono += 3.5

    seen, *_ = await run(monkeypatch, 3, disturb=disturb)
    assert [b - a for a, b in itertools.pairwise(seen)] == [1000, 4000]


async def test_clock_set_back(monkeypatch):
    """Ten seconds back: ticks go on rising, slower than the wall clock, until they meet."""

    def disturb(clock, n):
        if n == 2:
            clock.wall -= 10

    seen, _, clock, _ = await run(monkeypatch, 130, disturb=disturb)
    assert all(b - a == 1000 for a, b in itertools.pairwise(seen))
    assert abs(seen[-1] - clock.wall * 1000) < 1100


async def test_jump_over_an_hour(monkeypatch):
    """A day forward is not followed, is told once, and over when the clock is right again."""

    def disturb(clock, n):
        if n == 2:
            clock.wall += 86400
        if n == 5:
            clock.wall -= 86400

    seen, ticker, _, told = await run(monkeypatch, 8, disturb=disturb)
    assert all(b - a == 1000 for a, b in itertools.pairwise(seen))
    assert ticker.stepped_ms == 0
    assert len(told) == 2


async def test_restart_goes_on_rising(monkeypatch):
    """After a restart with the clock a minute back, times rise from the last one journaled."""
    seen, *_ = await run(monkeypatch, 3, last_ms=1_700_000_060_000)
    assert seen == [1_700_000_061_000, 1_700_000_062_000, 1_700_000_063_000]


async def test_restart_after_a_night(monkeypatch):
    """The node was off for ten hours: that is no step of the clock, ticks are in the present."""
    seen, ticker, *_ = await run(monkeypatch, 2, last_ms=1_699_964_000_000)
    assert seen == [1_700_000_001_000, 1_700_000_002_000]
    assert ticker.stepped_ms == 0


@pytest.mark.parametrize(("behind_s", "hints"), [(300_000_000, 1), (1_500, 0)])
async def test_clock_set_right_after_the_start(monkeypatch, behind_s, hints):
    """A node starts with a clock of years or minutes ago: times rise from the last one journaled,
    and the right time is followed as soon as the clock has it."""

    def disturb(clock, n):
        if n == 3:
            clock.wall += behind_s + 100_000

    seen, ticker, _, told = await run(
        monkeypatch,
        5,
        last_ms=1_700_000_000_000,
        wall=1_700_000_000.25 - behind_s,
        disturb=disturb,
    )
    assert seen[:3] == [1_700_000_001_000, 1_700_000_002_000, 1_700_000_003_000]
    assert [at // 1000 for at in seen[3:]] == [1_700_100_004, 1_700_100_005]
    assert ticker.stepped_ms == 0
    assert sum("move journal.db away" in line["event"] for line in told) == hints


async def test_jump_after_a_followed_start(monkeypatch):
    """Once the clock was followed, a jump of hours waits for a person, also after a restart."""

    def disturb(clock, n):
        if n == 2:
            clock.wall += 86400

    seen, ticker, *_ = await run(monkeypatch, 5, last_ms=1_699_964_000_000, disturb=disturb)
    assert [b - a for a, b in itertools.pairwise(seen)] == [1000] * 4
    assert "restart" in jump_in_words(ticker.stepped_ms)


async def test_an_unconfirmed_clock_is_followed_wherever_it_goes(monkeypatch):
    """Until it is confirmed no step is refused, back or forward, by years; nobody is alarmed."""

    def disturb(clock, n):
        clock.wall += {2: 300_000_000, 4: -300_000_000}.get(n, 0)

    seen, ticker, _, told = await run(
        monkeypatch, 6, last_ms=1_900_000_000_000, confirmed=False, disturb=disturb
    )
    assert [at // 1000 - 1_700_000_000 for at in seen] == [
        1, 2, 300_000_003, 300_000_004, 5, 6,
    ]  # fmt: skip
    assert ticker.stepped_ms == 0
    assert told == []


async def test_once_confirmed_times_rise_from_the_newest_one(monkeypatch):
    """The confirmation comes while the next tick is waited for, whose second is taken already by
    the rounding of the ticks before it: the next one is above."""
    confirmed: list[int] = []

    def disturb(clock, n):
        def confirm():
            if n == 3 and not confirmed:
                confirmed.append(n)
                clock.ticker.confirm(1_700_000_004_000)

        clock.asleep = confirm

    seen, ticker, *_ = await run(monkeypatch, 6, confirmed=False, disturb=disturb)
    assert confirmed
    assert [at // 1000 - 1_700_000_000 for at in seen] == [1, 2, 3, 5, 6, 7]
    assert ticker.stepped_ms == 0


async def test_once_confirmed_a_jump_waits_for_a_person_again(monkeypatch):
    """After the confirmation the rules for steps hold."""

    def disturb(clock, n):
        if n == 2:
            clock.ticker.confirm(1_700_000_002_000)
        if n == 4:
            clock.wall += 86_400

    seen, ticker, *_ = await run(monkeypatch, 7, confirmed=False, disturb=disturb)
    assert [b - a for a, b in itertools.pairwise(seen)] == [1000] * 6
    assert ticker.stepped_ms > 86_000_000
