"""An event loop whose clock jumps to the next thing that is due: an hour in minutes.

Only for programs without sockets of their own. While a thread (node.db) or another process (a
report) works for the loop, time stands; not while a process waits to be told what to do.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
STDIN = 0


class _Selector(selectors.DefaultSelector):
    """Waits for nothing but threads and processes; otherwise the time until the next timer passes
    at once."""

    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready; `timeout` passes on the loop's clock."""
        if self.loop.working:
            return super().select(None if timeout != 0 else 0)
        if timeout is None:
            if self.loop.waiting:
                return super().select(None)
            raise RuntimeError("nothing will ever happen again in this loop")
        self.loop.now_s += timeout
        return super().select(0) if self.loop.waiting else []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`now_s` is its clock, in seconds from 0."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.working: set[object] = set()
        """Calls that threads, and programs that processes have not finished."""
        self.waiting: set[object] = set()
        """Programs whose stdin is open: they wait for a word of ours."""
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self.now_s

    def run_in_executor(  # type: ignore[override]  # no type variables here
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """As always; time stands until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self.working.add(future)
        future.add_done_callback(self.working.discard)
        return future

    async def subprocess_exec(  # type: ignore[override]  # passed on as it is
        self, protocol_factory: Callable[[], asyncio.SubprocessProtocol], *args: Any, **more: Any
    ) -> Any:
        """As always; time stands from when it has been told all until the program has ended and all
        that it said is read."""
        program = object()
        self.working.add(program)
        watched = partial(self._watched, protocol_factory, program)
        try:
            begun = await super().subprocess_exec(watched, *args, **more)
        except BaseException:
            self.working.discard(program)
            raise
        self._wait(begun[0], program)
        return begun

    def _wait(self, begun: asyncio.SubprocessTransport, program: object) -> None:
        """A program that can be told something works once it has been told all."""
        pipe = begun.get_pipe_transport(STDIN)
        if pipe is None:
            return
        close = pipe.close
        self.working.discard(program)
        self.waiting.add(program)

        def told() -> None:
            if program in self.waiting:
                self.waiting.discard(program)
                self.working.add(program)
            close()

        pipe.close = told  # type: ignore[method-assign]  # told beside its own

    async def shutdown_default_executor(self) -> None:
        """As always; its end is waited for."""
        end = object()
        self.working.add(end)
        try:
            await super().shutdown_default_executor()
        finally:
            self.working.discard(end)

    def _watched(
        self, make: Callable[[], asyncio.SubprocessProtocol], program: object
    ) -> asyncio.SubprocessProtocol:
        protocol = make()
        lost, pipe_lost = protocol.connection_lost, protocol.pipe_connection_lost
        closed: set[int] = set()

        def ended(exc: Exception | None) -> None:
            if STDIN not in closed:  # asyncio's streams lose the connection with stdin already
                self.working.discard(program)
                self.waiting.discard(program)
            lost(exc)

        def pipe_ended(fd: int, exc: Exception | None) -> None:
            closed.add(fd)
            pipe_lost(fd, exc)
            closed.discard(fd)

        protocol.connection_lost = ended  # type: ignore[method-assign]  # told beside its own
        protocol.pipe_connection_lost = pipe_ended  # type: ignore[method-assign]
        return protocol


def run(make: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """The result of `make(loop)`, run in a loop of its own."""
    loop = VirtualLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(make(loop))
