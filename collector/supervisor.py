"""Runs what can fail, again and again, and knows how it is.

One failing task never harms another. Waits double from 1 to 60 s with full jitter and start over
after a minute of health. The first failure is logged, and the recovery; nothing in between.
"""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from collector.errors import OvrError, Unauthorized, WrongDevice
from collector.model.text import clean

FIRST_S = 1.0
LONGEST_S = 60.0
HEALTHY_S = 60.0
CANCEL_S = 1.0
CANCELS = 5
MAX_CAUSE = 600

Run = Callable[[Callable[[], None]], Coroutine[Any, Any, None]]
"""What can be supervised: `run(ready)` calls `ready` once it works."""

log = structlog.get_logger("supervisor")


class Watch:
    """The present state of one supervised task; read by the site, written here."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = "starting"
        self.since_ms = int(time.time() * 1000)
        self.cause = ""
        self.tries = 0
        self.retry_at_s: float | None = None
        self.failing_since_s: float | None = None
        self.failed_ms = 0
        self.failure = ""
        """How it failed last, over or not, and when; "" until it does."""

    def begin(self) -> None:
        """What is watched is started anew, by a person's wish."""
        self.turn("starting")
        self.cause = ""
        self.tries = 0
        self.retry_at_s = self.failing_since_s = None

    def turn(self, state: str) -> None:
        """Another state begins now."""
        if state != self.state:
            self.state = state
            self.since_ms = int(time.time() * 1000)

    def retry_in_s(self, now_s: float) -> float | None:
        """Seconds until the next try, while one is waited for."""
        return None if self.retry_at_s is None else max(0.0, self.retry_at_s - now_s)


def back_off(tries: int, draw: Callable[[], float] = random.random) -> float:
    """Seconds to wait after the `tries`-th failure in a row (from 1): full jitter below a ceiling
    that doubles to 60 s, never less than half a second."""
    ceiling = min(LONGEST_S, FIRST_S * 2.0 ** min(tries - 1, 10))
    return max(0.5, ceiling * draw())


def _delay(error: Exception, tries: int) -> float:
    if isinstance(error, Unauthorized):
        return LONGEST_S
    if isinstance(error, WrongDevice):
        return max(10.0, back_off(tries))
    return back_off(tries)


async def supervise(
    watch: Watch,
    run: Run,
    *,
    mono: Callable[[], float] = time.monotonic,
) -> None:
    """Run `run(ready)` for ever; it calls `ready` once it works. Ends only by cancellation."""
    while True:
        started = mono()

        def ready() -> None:
            watch.turn("running")
            watch.cause = ""
            if watch.failing_since_s is not None:
                log.info(
                    "{task} works again, after {after_s} s.",
                    task=watch.name,
                    after_s=round(mono() - watch.failing_since_s, 1),
                    tries=watch.tries,
                )
                watch.failing_since_s = None

        failure = await _attempt(run(ready), watch.name)
        now = mono()
        if watch.state == "running" and now - started > HEALTHY_S:
            watch.tries = 0
        watch.tries += 1
        _failed(watch, failure, now)
        delay = _delay(failure, watch.tries)
        watch.retry_at_s = now + delay
        await asyncio.sleep(delay)
        watch.retry_at_s = None


async def _attempt(run: Coroutine[Any, Any, None], name: str) -> Exception:
    """How a run failed. It has a task of its own, so that what cancels itself inside (time-outs
    of libraries) can never be taken for the end of the supervision."""
    task = asyncio.create_task(run, name=name)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        await end(task)
        raise
    if task.cancelled():
        return RuntimeError("it was cancelled from within")
    error = task.exception()
    if error is None:
        return OvrError("it ended by itself, which is a fault of ours")
    if isinstance(error, Exception):
        return error
    raise error


async def end(*tasks: "asyncio.Task[None]") -> None:
    """End tasks; one that overhears its cancellation (a library may swallow it) is told again."""
    pending = set(tasks)
    for _ in range(CANCELS):
        for task in pending:
            task.cancel()
        if not pending:
            return
        ended, pending = await asyncio.wait(pending, timeout=CANCEL_S)
        for task in ended:
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, OvrError):  # a device may fail just now
                log.error("{task} has ended badly.", task=task.get_name(), exc_info=error)
    if pending:
        log.error(
            "Parts of the collector do not end: {tasks}.",
            tasks=sorted(task.get_name() for task in pending),
        )


def _failed(watch: Watch, failure: Exception, now: float) -> None:
    expected = isinstance(failure, OvrError)
    cause = str(failure) or type(failure).__name__
    told = cause if expected else f"fault of ours: {type(failure).__name__}: {cause}"
    watch.cause = clean(told, MAX_CAUSE)  # parts of it may be a device's own words
    watch.failure, watch.failed_ms = watch.cause, int(time.time() * 1000)
    watch.turn("wrong device" if isinstance(failure, WrongDevice) else "backoff")
    if watch.failing_since_s is None:
        watch.failing_since_s = now
        if expected:
            log.warning(
                "{task} does not work, it is tried again", task=watch.name, cause=watch.cause
            )
        else:
            log.error(
                "{task} has failed by a fault of ours and is tried again",
                task=watch.name,
                exc_info=failure,
            )
