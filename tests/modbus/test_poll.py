"""The polling loop on a clock that tests turn."""

import asyncio

import pytest
from structlog.testing import capture_logs

from collector.errors import BadDevice, NotConnected
from collector.log_words import in_words
from collector.sources.modbus.errors import NoAnswer
from collector.sources.modbus.poll import LEAD_S, LONGEST_SILENCE_S, Poller, silence_limit_s
from tests.modbus.live import Turned
from tests.support.sites import Clocked, device


class Polled:
    """What to poll: takes `seconds` each time, and fails as told."""

    def __init__(self, time: Turned, seconds: float = 0.1) -> None:
        self.time = time
        self.seconds = seconds
        self.at: list[float] = []
        self.outcomes: list[object] = []

    async def once(self) -> bool:
        self.at.append(self.time.now)
        self.time.now += self.seconds
        outcome = self.outcomes.pop(0) if self.outcomes else True
        if isinstance(outcome, Exception):
            raise outcome
        return bool(outcome)


def make(interval_s=1.0, seconds=0.1):
    """A poller, what it polls, and the site it writes into."""
    time = Turned()
    site = Clocked(device())
    polled = Polled(time, seconds)
    poller = Poller(site.image(), "", interval_s=interval_s, timeout_s=1.0, clock=time.clock)
    return poller, polled, site


async def reach(polled: Polled, count: int) -> None:
    """Return once it was polled `count` times in all."""
    while len(polled.at) < count:  # noqa: ASYNC110  the time is the test's own
        await asyncio.sleep(0)


async def polls(poller: Poller, polled: Polled, count: int) -> int:
    """Let it poll `count` times; how often it said that it is ready."""
    ready = []
    task = asyncio.create_task(poller.run(polled.once, lambda: ready.append(1)))
    await reach(polled, count)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return len(ready)


@pytest.mark.parametrize("interval", [1.0, 5.0])
async def test_polls_begin_on_the_interval(interval):
    """The first poll is at once; all others a little before whole multiples of the interval, so
    that their answers are in the snapshot of that second."""
    poller, polled, _ = make(interval)
    polled.time.now += 0.3
    await polls(poller, polled, 5)
    start = polled.at[0] - 0.3
    first = (start // interval + 1) * interval - LEAD_S
    assert polled.at[1:] == [first + n * interval for n in range(4)]


async def test_late_polls_are_skipped_not_piled_up():
    """A device of 1.4 s at a 1 s interval is asked every third second, with rest between, and each
    late poll is counted."""
    poller, polled, site = make(1.0, seconds=1.4)
    await polls(poller, polled, 5)
    gaps = [b - a for a, b in zip(polled.at, polled.at[1:], strict=False)]
    assert gaps[1:] == [3.0, 3.0, 3.0]
    assert site.image().drops["late"] == 5


async def test_a_slow_gateway_has_a_longer_limit():
    """Where each poll takes 6 s, because many share a slow gateway, silence is measured by that;
    and a device that answers fast again has its usual limit again."""
    poller, polled, site = make(1.0, seconds=6.0)
    assert site.image().silence_s == 4.0
    await polls(poller, polled, 4)
    gap = polled.at[-1] - polled.at[-2]
    assert gap == 8.0  # one interval of rest, then the next whole second
    assert site.image().silence_s == 2.5 * gap
    polled.seconds = 0.1
    polled.at.clear()
    await polls(poller, polled, 40)
    assert site.image().silence_s == 4.0


async def test_an_outage_is_no_slow_poll():
    """Time that passed with misses does not lengthen the limit, nor does anything beyond 30 s."""
    poller, polled, site = make(1.0, seconds=0.5)
    polled.outcomes = [True, NoAnswer("a"), NoAnswer("b"), True]
    await polls(poller, polled, 6)
    assert site.image().silence_s == 4.0
    polled.seconds = 100.0
    polled.at.clear()
    await polls(poller, polled, 3)
    assert site.image().silence_s == LONGEST_SILENCE_S


async def test_a_few_misses_are_counted_and_forgiven():
    """Two misses in a row are counted under their reason; a good poll starts over. The log says
    that polls were not answered: nothing that the device says was left out."""
    poller, polled, site = make()
    polled.outcomes = [True, NoAnswer("a"), NoAnswer("b"), True, NoAnswer("c"), NotConnected("d")]
    with capture_logs() as lines:
        await polls(poller, polled, 8)
    assert site.image().drops == {"no answer": 3, "not connected": 1}
    told = [in_words(line) for line in lines if "reason" in line]
    assert len(told) == 2
    assert all("did not answer a poll (" in text for text in told)


async def test_the_third_miss_in_a_row_is_raised():
    """Then the supervisor has to connect anew."""
    poller, polled, site = make()
    polled.outcomes = [NoAnswer("a"), NoAnswer("b"), NoAnswer("the last")]
    with pytest.raises(NoAnswer, match="the last"):
        await poller.run(polled.once, lambda: None)
    assert site.image().drops == {"no answer": 3}


async def test_a_wrong_device_is_raised_at_once():
    """What no repeat can mend is not repeated."""
    poller, polled, _ = make()
    polled.outcomes = [BadDevice("no meter")]
    with pytest.raises(BadDevice):
        await poller.run(polled.once, lambda: None)
    assert len(polled.at) == 1


async def test_only_good_polls_are_signs_of_life():
    """An answer that is not to be used neither makes the asset live nor the source ready."""
    poller, polled, site = make()
    polled.outcomes = [False, False]
    assert await polls(poller, polled, 2) == 0
    assert "" not in site.image().roles or site.image().roles[""].heard_s is None
    assert await polls(poller, polled, 5) >= 1
    assert site.image().roles[""].heard_s is not None
    assert site.image().messages >= 4


@pytest.mark.parametrize("step", [-1800.0, -2.0, 1800.0])
async def test_a_clock_that_is_set_does_not_stop_polling(step):
    """After the wall clock was set back or forward the next poll is at most an interval away."""
    poller, polled, _ = make()
    time = polled.time
    offset = 0.0
    poller._clock = time.clock._replace(wall=lambda: time.now + offset)
    polled.outcomes = [True] * 3
    task = asyncio.create_task(poller.run(polled.once, lambda: None))
    await reach(polled, 3)
    offset = step
    await reach(polled, 6)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gaps = [b - a for a, b in zip(polled.at, polled.at[1:], strict=False)]
    assert max(gaps) <= 3.0


async def test_waking_early_does_not_poll_twice():
    """A sleep that ends a moment too soon does not make two polls of one interval."""
    poller, polled, _ = make(1.0, seconds=0.001)
    time = polled.time

    async def short(seconds: float) -> None:
        await time.sleep(seconds - 0.005 if seconds > 0.5 else seconds)

    poller._clock = time.clock._replace(sleep=short)
    await polls(poller, polled, 6)
    gaps = [b - a for a, b in zip(polled.at, polled.at[1:], strict=False)]
    assert min(gaps[1:]) > 0.9


def test_silence_limits():
    """A lost device at the usual intervals is stale within 15 s."""
    assert silence_limit_s(1.0, 1.5) == 5.0
    assert silence_limit_s(1.0, 3.0) == 8.0
    assert silence_limit_s(4.0, 1.0) == 14.0
