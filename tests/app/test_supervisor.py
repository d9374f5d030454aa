"""What fails is run again; the log tells the edges only."""

import asyncio

import structlog
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import NotConnected, Unauthorized, WrongDevice
from collector.supervisor import LONGEST_S, Watch, back_off, end, supervise

FAILED = "{task} does not work, it is tried again"


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_back_off_is_bounded(tries, draw):
    """A wait is between half a second and a minute, however often it failed."""
    assert 0.5 <= back_off(tries, lambda: draw) <= LONGEST_S


def test_back_off_doubles():
    """The ceiling doubles from a second to a minute."""
    assert [back_off(n, lambda: 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.slept = []
        monkeypatch.setattr("collector.supervisor.asyncio.sleep", self.sleep)

    async def sleep(self, seconds):
        """Note it and let others run."""
        self.slept.append(seconds)
        self.now += seconds
        if len(self.slept) >= 6:
            raise asyncio.CancelledError


async def runs(monkeypatch, run, watch=None):
    """Supervise `run` for six waits; its watch, clock and log."""
    clock = Clock(monkeypatch)
    watch = watch or Watch("t")
    with structlog.testing.capture_logs() as told:
        try:
            await supervise(watch, run, mono=lambda: clock.now)
        except asyncio.CancelledError:
            pass
    return watch, clock, told


async def test_log_tells_the_edges(monkeypatch):
    """Two failures and a recovery are two lines: the first failure, and the recovery."""
    tries = 0

    async def run(ready):
        nonlocal tries
        tries += 1
        if tries == 3:
            ready()
        raise NotConnected("no route to host")

    watch, _, told = await runs(monkeypatch, run)
    assert [line["event"] for line in told] == [
        FAILED,
        "{task} works again, after {after_s} s.",
        FAILED,
    ]
    assert (watch.state, watch.cause) == ("backoff", "no route to host")


async def test_a_failure_that_is_over_is_remembered(monkeypatch):
    """What failed last stays known, with its time, when it works again."""

    async def run(ready):
        if watched.failure:
            ready()
            assert (watched.cause, watched.failure) == ("", "no route to host")
            assert watched.failed_ms
        raise NotConnected("no route to host")

    watched = Watch("t")
    await runs(monkeypatch, run, watched)
    assert watched.failure == "no route to host"


async def test_refused_login_waits_long(monkeypatch):
    """A login that was refused is not hammered: a minute between tries."""

    async def run(_):
        raise Unauthorized("password refused")

    _, clock, _ = await runs(monkeypatch, run)
    assert set(clock.slept) == {LONGEST_S}


async def test_wrong_device_is_its_own_state(monkeypatch):
    """A wrong device is not merely unreachable."""

    async def run(_):
        raise WrongDevice("S9 answers")

    watch, clock, _ = await runs(monkeypatch, run)
    assert watch.state == "wrong device"
    assert min(clock.slept) >= 10


async def test_fault_of_ours_is_told_as_such(monkeypatch):
    """An unexpected exception, or a source that just returns, is a fault of ours and is retried."""
    outcomes = iter([KeyError("x")] * 3 + [None] * 3)

    async def run(_):
        outcome = next(outcomes)
        if outcome:
            raise outcome

    watch, clock, told = await runs(monkeypatch, run)
    assert len(clock.slept) == 6
    assert told[0]["event"] == "{task} has failed by a fault of ours and is tried again"
    assert "fault of ours" in watch.cause


async def test_cancellation_from_within_is_a_failure():
    """A library that lets a cancellation of its own escape does not end the supervision."""
    watch = Watch("t")
    tries = 0

    async def run(ready):
        nonlocal tries
        tries += 1
        if tries == 1:
            raise asyncio.CancelledError
        ready()
        await asyncio.Event().wait()

    task = asyncio.create_task(supervise(watch, run))
    async with asyncio.timeout(5):
        while watch.state != "running":  # noqa: ASYNC110  a plain attribute of the real thing
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert tries == 2


async def test_health_resets_the_wait(monkeypatch):
    """After more than a minute of health the waits begin anew."""
    clock = Clock(monkeypatch)
    watch = Watch("t")

    async def run(ready):
        ready()
        clock.now += 61
        raise NotConnected("gone")

    try:
        await supervise(watch, run, mono=lambda: clock.now)
    except asyncio.CancelledError:
        pass
    assert watch.tries == 1
    assert max(clock.slept) <= 1


async def test_cause_is_harmless_text(monkeypatch):
    """A failure that quotes a device is cleaned before anybody prints it."""

    async def run(_):
        raise WrongDevice("the GX \x1b]0;x\x07[red] answers")

    watch, *_ = await runs(monkeypatch, run)
    assert watch.cause == "the GX ·]0;x·[red] answers"


async def test_a_device_that_fails_at_the_end_is_no_fault():
    """What a device does in the moment of the end is nobody's business; a fault of ours is told."""

    async def stubborn(failure):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise failure from None

    tasks = [
        asyncio.create_task(stubborn(NotConnected("away")), name="gx"),
        asyncio.create_task(stubborn(KeyError("ours")), name="meter"),
    ]
    await asyncio.sleep(0)
    with structlog.testing.capture_logs() as told:
        await end(*tasks)
    assert [(line["event"], line["task"]) for line in told] == [
        ("{task} has ended badly.", "meter")
    ]
