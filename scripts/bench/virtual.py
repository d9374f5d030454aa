"""An event loop whose clock jumps to the next thing that is due: an hour in minutes.

Only for programs without sockets of their own. While a thread works for the loop (node.db), time
stands.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but threads; otherwise the time until the next timer passes at once."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; `timeout` passes on the loop's clock."""
        if self.loop.working and timeout != 0:
            return super().select(None)
        events = super().select(0)
        if not events and timeout is None:
            raise RuntimeError("nothing will ever happen again in this loop")
        if not events and timeout:
            self.loop.now_s += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """`now_s` is its clock, in seconds from 0."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.working = 0
        """Calls that threads have not finished."""
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.now_s

    def run_in_executor(  # type: ignore[override]  # no type variables for a bench
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """As always; time stands until it is done."""
        self.working += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self.working -= 1


def run(make: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """The result of `make(loop)`, run in a loop of its own."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(make(loop))
